"""How the tests of jobs run the stand-in in pools, and wait for it."""

import datetime as dt
import time
from contextlib import contextmanager
from pathlib import Path

from api.jobs.orders import Terms
from api.jobs.pool import JobPool
from tests.api.jobs.stand_in import ROOT, WORK

ENDED = ("successful", "failed", "dismissed")


def now():
    return dt.datetime.now(dt.UTC)


def submit(store, *, zone="sample", subject="commander-1", **inputs):
    return store.jobs.submit(zone, "stand-in", inputs, subject=subject, now=now())


def until(true, *, within_s=30):
    """Wait until something is true, and give it."""
    deadline = time.monotonic() + within_s
    while not (found := true()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)
    return found


def ended(store, job, *, within_s=30):
    """Wait until a job has ended, and give it."""

    def look():
        found = store.jobs.job(job)
        return found if found.state in ENDED else None

    return until(look, within_s=within_s)


def lines(trace):
    return trace.read_text(encoding="utf-8").splitlines() if trace.exists() else []


def alive(pid):
    """Tell whether a process runs; one that ended and was not asked for its status does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@contextmanager
def running(store, place, *, slots=1, **terms):
    """Run the jobs of a store in a pool."""
    given = {"beat_s": 0.2, "lapse_s": 5.0} | terms
    pool = JobPool(store, Terms(str(place), ROOT / "data", WORK, **given), slots=slots)
    pool.start()
    try:
        yield pool
    finally:
        pool.stop()
