"""Who runs the jobs that the service accepts: a pool of its own, or the workers of a queue."""

import logging
import threading
from typing import TYPE_CHECKING

from api.jobs.orders import Terms
from api.jobs.pool import JobPool
from api.store import Store
from geo.errors import SourceError

if TYPE_CHECKING:
    from api.jobs.queue import JobQueue

_log = logging.getLogger(__name__)


class JobService:
    """Hands accepted jobs to who runs them.

    Parameters
    ----------
    store
        The store that holds the jobs.
    terms
        On which terms they are run.
    slots
        Most jobs that this process runs at a time. With 0, those of a PostgreSQL store go to its
        workers, and those of a file wait until a service runs them.
    """

    def __init__(self, store: Store, terms: Terms, *, slots: int) -> None:
        self._terms = terms
        self._pool = JobPool(store, terms, slots=slots) if slots else None
        self._queue: JobQueue | None = None
        self._opening = threading.Lock()

    def start(self) -> None:
        """Start to run jobs, where this process does."""
        if self._pool is not None:
            self._pool.start()

    def lives(self) -> bool:
        """Tell whether what runs jobs in this process lives.

        Returns
        -------
        lives
            Whether it does; true where workers elsewhere run them.
        """
        return self._pool is None or self._pool.lives()

    def submitted(self, job: str) -> None:
        """Hand over a job that was accepted.

        Parameters
        ----------
        job
            Id of the job.
        """
        if self._pool is not None:
            self._pool.submitted(job)
        elif self._terms.place.startswith(("postgresql://", "postgres://")):
            self._put(job)

    def stop(self) -> None:
        """Stop; jobs that this process runs are given back."""
        if self._pool is not None:
            self._pool.stop()
        if self._queue is not None:
            self._queue.close()

    def _put(self, job: str) -> None:
        from api.jobs.queue import JobQueue  # noqa: PLC0415  # only where there is one

        try:
            with self._opening:
                self._queue = self._queue or JobQueue(self._terms.place)
            self._queue.put(job)
        except SourceError as error:
            # It waits in the store, from where a worker puts it into the queue.
            _log.warning("Job %s could not be queued: %s", job, error)
