"""The queue of a PostgreSQL store: procrastinate, in a schema of its own in the same database.

The store's table of jobs stays the record that is read; the queue only carries their ids to
whichever worker is free. It does not matter where an id is lost or comes twice: workers put back
what waits without being queued, and of those who take a job at once the store lets one have it.
"""

import logging
from typing import Final

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.schema import SchemaManager
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from geo.errors import SourceError

QUEUE: Final = "jobs"
TASK: Final = "smartzone.run_job"
_SCHEMA: Final = "procrastinate"
_LOCK = 0x4A4F4253  # "JOBS": the number of the lock under which the schema is made
_CONNECT_TIMEOUT_S = 10

_log = logging.getLogger(__name__)


class JobQueue:
    """Puts jobs into the queue. Threads may share it.

    Parameters
    ----------
    place
        Address of the store, "postgresql://...".

    Raises
    ------
    SourceError
        The server cannot be reached, or the queue cannot be made.
    """

    def __init__(self, place: str) -> None:
        conninfo = queue_address(place)
        make_queue(conninfo)
        connector = SyncPsycopgConnector(conninfo=conninfo, min_size=1, max_size=2)
        self._app = App(connector=connector)
        self._app.open()

    def put(self, job: str) -> None:
        """Put a job into the queue, unless it is there.

        Parameters
        ----------
        job
            Id of the job.
        """
        try:
            self._app.configure_task(TASK, queue=QUEUE, queueing_lock=job).defer(job=job)
        except AlreadyEnqueued:
            pass
        except ConnectorException as error:
            # It waits in the store, from where a worker puts it into the queue.
            _log.warning("Job %s could not be queued: %s", job, error)

    def close(self) -> None:
        """Close the connections."""
        self._app.close()


def queue_address(place: str) -> str:
    """Return the address by which the queue is reached, with its own schema.

    Parameters
    ----------
    place
        Address of the store, "postgresql://...".

    Returns
    -------
    conninfo
        How libpq is told of it.
    """
    told = conninfo_to_dict(place)
    options = f"{told.get('options') or ''} -c search_path={_SCHEMA}".strip()
    return make_conninfo(place, options=options, connect_timeout=_CONNECT_TIMEOUT_S)


def make_queue(conninfo: str) -> None:
    """Make the queue's schema where it is missing; of several who do so at once, one does.

    Parameters
    ----------
    conninfo
        Address of the queue.

    Raises
    ------
    SourceError
        The server cannot be reached, or does not allow it.
    """
    try:
        with psycopg.connect(conninfo) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
            made = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
            if made is None or made[0] is None:
                connection.execute(SchemaManager.get_schema())
    except psycopg.Error as error:
        told = " ".join(str(error).split())
        raise SourceError(f"Expected a queue of jobs beside the store: {told}") from error


def worker_app(conninfo: str, *, connections: int) -> App:
    """Return what a worker takes jobs from the queue by.

    Parameters
    ----------
    conninfo
        Address of the queue.
    connections
        Most connections to hold, at least 3: one listens.

    Returns
    -------
    app
        The application, not open yet.
    """
    return App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=connections))
