"""Kill what accepts and runs jobs at random moments, and count what became of the jobs.

`python -m tests.api.jobs.kill_figures --times 100` kills by SIGKILL, on a SQLite file the service
that accepts and runs jobs, and on PostgreSQL one of a service and two workers, chosen at random.
Each is begun anew after its death. In the end everything that was acknowledged is looked for.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from api.store import Store
from api.store.job_runs import GIVEN_UP, MOST_ATTEMPTS
from tests.api.jobs.pools import ENDED, lines, until
from tests.api.jobs.stand_in import ROOT
from tests.api.postgres import postgres_cluster

TERMS = {"beat_s": 0.3, "lapse_s": 2.0}
ZONE = "sample"
_UNENDED = 2  # jobs that the service sees to
_MOST_WAIT_S = 240


@dataclass(frozen=True)
class Figures:
    """What became of the jobs.

    These must be 0: `lost`, acknowledged jobs that are not there; `unended`, jobs that did not end;
    `without_product`, jobs that ended well without their product; `without_job`, products of jobs
    that did not; `extra_runs`, jobs that were run more often than the attempts on record.
    """

    kills: int
    acknowledged: int
    successful: int
    begun_again: int
    given_up: int
    lost: int
    unended: int
    without_product: int
    without_job: int
    extra_runs: int

    @property
    def faults(self):
        return self.lost + self.unended + self.without_product + self.without_job + self.extra_runs


class Crew:
    """The processes that accept and run the jobs of a store."""

    def __init__(self, place, folder, *, queued):
        self.trace = folder / "trace"
        self.heard = folder / "heard"
        service = "tests.api.jobs.serve_here"
        self._slots = "0" if queued else "2"
        self._given = [service, place, self._slots, json.dumps(TERMS)]
        self._commands = [self._serving(_UNENDED)]
        if queued:
            worker = ["tests.api.jobs.work_here", place, "1", json.dumps(TERMS)]
            self._commands += [worker, worker]
        self._running = {}

    def _serving(self, unended):
        return [*self._given, str(unended), str(self.trace)]

    def begin(self):
        """Begin each process that does not run."""
        environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        for number, command in enumerate(self._commands):
            if number not in self._running:
                with self.heard.open("ab") as heard:
                    self._running[number] = subprocess.Popen(
                        [sys.executable, "-m", *command], cwd=ROOT, stdout=heard, env=environment
                    )

    def kill(self, rng):
        """Kill one of them, without a word."""
        self._end(rng.choice(sorted(self._running)))

    def submit_no_more(self):
        """Let the service that runs on accept nothing of its own."""
        self._end(0)
        self._commands[0] = self._serving(0)
        self.begin()

    def kill_all(self):
        for number in list(self._running):
            self._end(number)

    def _end(self, number):
        process = self._running.pop(number)
        process.kill()
        process.wait()

    def acknowledged(self):
        """Return the ids that were told to whoever submitted; a line cut short was not."""
        whole = self.heard.read_text(encoding="utf-8").rpartition("\n")[0]
        return whole.splitlines()


def figures(place, folder, *, queued, times, seed):
    """Kill so many times, let what is left end, and count."""
    rng = random.Random(seed)  # noqa: S311  # moments, not secrets
    Store(place).close()
    crew = Crew(place, folder, queued=queued)
    try:
        with closing(Store(place)) as store:
            crew.begin()
            until(lambda: len(_begun(crew)) >= 1, within_s=_MOST_WAIT_S)
            began = time.monotonic()
            until(lambda: store.jobs.page(ZONE, states=ENDED, limit=1).jobs, within_s=_MOST_WAIT_S)
            longest_s = 1.5 * (time.monotonic() - began)
            for _ in range(times):
                crew.kill(rng)
                before = len(_begun(crew))
                crew.begin()
                until(lambda before=before: len(_begun(crew)) > before, within_s=_MOST_WAIT_S)
                time.sleep(rng.uniform(0, longest_s))
            crew.submit_no_more()
            _wait(store)
    finally:
        crew.kill_all()
    with closing(Store(place)) as store:
        return _counted(store, crew, times)


def _wait(store):
    """Wait until every job has ended, or for long enough to say that some never will."""
    deadline = time.monotonic() + _MOST_WAIT_S
    while time.monotonic() < deadline:
        if not store.jobs.page(ZONE, states=("accepted", "running"), limit=1).jobs:
            return
        time.sleep(0.2)


def _begun(crew):
    return [line for line in lines(crew.trace) if line.startswith("begin")]


def _counted(store, crew, times):
    jobs = {job.id: job for job in store.jobs.page(ZONE, limit=100_000).jobs}
    products = {record.provenance["job"] for record in store.layers(ZONE)}
    well = {job.id for job in jobs.values() if job.state == "successful"}
    runs = Counter(line.split()[1] for line in _begun(crew))
    acknowledged = crew.acknowledged()
    return Figures(
        kills=times,
        acknowledged=len(acknowledged),
        successful=len(well),
        begun_again=sum(job.attempts == MOST_ATTEMPTS for job in jobs.values()),
        given_up=sum(job.message == GIVEN_UP for job in jobs.values()),
        lost=len(set(acknowledged) - set(jobs)),
        unended=sum(job.state not in ENDED for job in jobs.values()),
        without_product=len(well - products),
        without_job=len(products - well),
        extra_runs=sum(count > jobs[name].attempts for name, count in runs.items()),
    )


def measure(kind, *, times, seed):
    """Return the figures of one kind of store."""
    with tempfile.TemporaryDirectory(prefix="smartzone-kills-") as name:
        folder = Path(name)
        if kind == "sqlite":
            place = str(folder / "store.sqlite")
            return figures(place, folder, queued=False, times=times, seed=seed)
        with postgres_cluster(durable=True) as cluster:
            return figures(cluster.new(), folder, queued=True, times=times, seed=seed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=100, help="kills on each store")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found = {
        kind: measure(kind, times=asked.times, seed=asked.seed) for kind in ("sqlite", "postgres")
    }
    sys.stdout.write(f"{'':16}" + "".join(f"{kind:>10}" for kind in found) + "\n")
    for name in asdict(found["sqlite"]):
        row = "".join(f"{getattr(figures, name):>10,}" for figures in found.values())
        sys.stdout.write(f"{name.replace('_', ' '):16}{row}\n")
    return 1 if any(figures.faults for figures in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
