"""A pool that runs the jobs of a store on this machine, some at a time."""

import datetime as dt
import logging
import threading
import uuid

from api.jobs.orders import Terms
from api.jobs.retention import Retention
from api.jobs.runner import Runner
from api.store import Store
from api.store.job_records import Job
from geo.errors import SourceError

_POLL_S = 2.0
_JOIN_S = 30.0

_log = logging.getLogger(__name__)


class JobPool:
    """Runs jobs as they are accepted, and those whose runner fell silent.

    Each slot is a thread that watches one job's process at a time.

    Parameters
    ----------
    store
        The store that holds the jobs.
    terms
        On which terms they are run.
    slots
        Most jobs to run at a time, at least 1.
    """

    def __init__(self, store: Store, terms: Terms, *, slots: int) -> None:
        self._store = store
        self._terms = terms
        self._runner = Runner(store, terms)
        self._retention = Retention(store, keep_days=terms.keep_days)
        self._stopping = threading.Event()
        self._news = threading.Semaphore(0)
        self._threads = [
            threading.Thread(target=self._work, name=f"jobs-{number}", daemon=True)
            for number in range(slots)
        ]

    def start(self) -> None:
        """Start to run jobs."""
        for thread in self._threads:
            thread.start()

    def lives(self) -> bool:
        """Tell whether every slot still looks for jobs.

        Returns
        -------
        lives
            Whether it does.
        """
        return all(thread.is_alive() for thread in self._threads)

    def submitted(self, _: str) -> None:
        """Let a free slot look for jobs at once.

        Parameters
        ----------
        _
            Id of the job that was accepted; the one that has waited longest is run.
        """
        self._news.release()

    def stop(self) -> None:
        """Stop: what runs is ended and given back, to be begun again by whoever runs jobs next."""
        self._stopping.set()
        self._news.release(len(self._threads))
        for thread in self._threads:
            thread.join(_JOIN_S)

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._tidy()
            token = uuid.uuid4().hex
            job = self._next(token)
            if job is not None:
                self._runner.run(job, token, self._stopping)
            else:
                self._news.acquire(timeout=_POLL_S)

    def _next(self, token: str) -> Job | None:
        now = dt.datetime.now(dt.UTC)
        try:
            self._store.jobs.runs.recover(now=now, lapse_s=self._terms.lapse_s)
            waiting = self._store.jobs.waiting()
            return self._store.jobs.runs.claim(token, now=now) if waiting else None
        except SourceError as error:
            _log.warning("Jobs could not be looked for: %s", error)
            return None

    def _tidy(self) -> None:
        try:
            self._retention.tidy(now=dt.datetime.now(dt.UTC))
        except SourceError as error:
            _log.warning("Old jobs could not be forgotten: %s", error)
