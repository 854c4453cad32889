"""How the tests of jobs run real worker processes, and look into their queue."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager

import psycopg

from tests.api.jobs.stand_in import ROOT

TERMS = {"beat_s": 0.5, "lapse_s": 3.0}


@contextmanager
def workers(place, *, count=1, slots=1, **terms):
    """Run real workers; those that still run at the end are asked to stop, and must."""
    command = [sys.executable, "-m", "tests.api.jobs.work_here", place, str(slots)]
    given = json.dumps(TERMS | terms)
    begun = [subprocess.Popen([*command, given], cwd=ROOT) for _ in range(count)]
    try:
        yield begun
        for worker in begun:
            if worker.poll() is None:
                worker.send_signal(signal.SIGTERM)
                assert worker.wait(20) == 0
    finally:
        for worker in begun:
            if worker.poll() is None:
                worker.kill()
            worker.wait()


def queued(place):
    """Return the ids of the jobs in the queue of a store."""
    with psycopg.connect(place) as connection:
        rows = connection.execute("SELECT args->>'job' FROM smartzone_queue.procrastinate_jobs")
        return [job for (job,) in rows]
