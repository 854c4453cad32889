"""The queue of a PostgreSQL store: procrastinate, in the same database.

The store's table of jobs stays the record that is read; the queue only carries their ids to
whichever worker is free. It does not matter where an id is lost or comes twice: workers put back
what waits without being queued, and of those who take a job at once the store lets one have it.
"""

import logging
from typing import Final

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from api.jobs.queue_schema import make_queue, queue_address

QUEUE: Final = "jobs"
TASK: Final = "smartzone.run_job"

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
