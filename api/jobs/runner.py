"""One job in a process of its own: started, watched, and ended when it must not go on."""

import datetime as dt
import logging
import threading
import time
from dataclasses import dataclass
from typing import Literal

from api.jobs.orders import Order, Terms
from api.jobs.process import JobProcess
from api.store import Store
from api.store.job_records import Job
from geo.errors import SourceError

_TICK_S = 0.5

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _End:
    """How the watch over a job ended.

    `told`: the process stored what came of the job. `failed`: it is to be told why. `stopped`: it
    is to be given back. `lost`: it is no longer this runner's.
    """

    kind: Literal["told", "failed", "stopped", "lost"]
    message: str = ""


class Runner:
    """Runs jobs that were claimed, each in a process of its own.

    Parameters
    ----------
    store
        The store that holds the jobs.
    terms
        On which terms they are run.
    """

    def __init__(self, store: Store, terms: Terms) -> None:
        self._store = store
        self._terms = terms

    def run(self, job: Job, token: str, stopping: threading.Event) -> None:
        """Run one job to its end, or until it is dismissed, takes too long, or all is to stop.

        Parameters
        ----------
        job
            The job, held by `token`.
        token
            Token by which it is held.
        stopping
            Set where the job is to be given back at once.
        """
        with JobProcess(self._order(job, token)) as child:
            end = self._watched(child, job, token, stopping)
        try:
            if end.kind == "failed":
                self._store.jobs.runs.fail(job.id, token, end.message, now=_now())
            elif end.kind == "stopped":
                self._store.jobs.runs.release(job.id, token, now=_now())
        except SourceError as error:
            _log.error("Job %s could not be told as %s: %s", job.id, end.kind, error)

    def _order(self, job: Job, token: str) -> Order:
        terms = self._terms
        return Order(
            job=job.id,
            runner=token,
            zone=job.zone,
            process=job.process,
            inputs=job.inputs,
            store=terms.place,
            data_dir=str(terms.data_dir),
            work=terms.work,
            workers=terms.workers,
            memory_mb=terms.memory_mb,
        )

    def _watched(self, child: JobProcess, job: Job, token: str, stopping: threading.Event) -> _End:
        """Carry on what the process says until it ends or must not go on."""
        began = time.monotonic()
        pulse = _Pulse(self._store, job.id, token, self._terms)
        while True:
            for said in child.said(_TICK_S):
                if "failed" in said:
                    return _End("failed", said["failed"])
                if "finished" in said:
                    return _End("told")
                pulse.done, pulse.step = said["done"], said["step"]
            if child.ended:
                return _End("failed", child.ending())
            if stopping.is_set() or pulse.lapsing:
                return _End("stopped")
            if time.monotonic() - began > self._terms.time_limit_s:
                limit = f"{self._terms.time_limit_s:,.0f}"
                return _End("failed", f"The job took longer than the {limit} s it may take.")
            if not pulse.beat():
                return _End("lost")


class _Pulse:
    """Says that a job lives, where it advanced or long enough has passed."""

    def __init__(self, store: Store, job: str, token: str, terms: Terms) -> None:
        self.done, self.step = 0.0, ""
        self._store, self._terms = store, terms
        self._held = (job, token)
        self._heard = time.monotonic()
        self._told = (0.0, "")

    @property
    def lapsing(self) -> bool:
        """Whether the store has not heard of the job for so long that it may soon go to another."""
        return time.monotonic() - self._heard > self._terms.lapse_s * 2 / 3

    def beat(self) -> bool:
        """Say that the job lives, and tell whether it is still held."""
        advanced = (self.done, self.step) != self._told
        try:
            if not advanced and time.monotonic() - self._heard < self._terms.beat_s:
                return self._store.jobs.runs.holds(*self._held)
            held = self._store.jobs.runs.beat(
                *self._held, now=_now(), done=self.done, step=self.step
            )
        except SourceError as error:
            _log.warning("Job %s could not be told of: %s", self._held[0], error)
            return True
        self._heard, self._told = time.monotonic(), (self.done, self.step)
        return held


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
