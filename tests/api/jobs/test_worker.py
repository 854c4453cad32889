"""Real worker processes on one PostgreSQL: each job once, through deaths and stops of workers."""

import datetime as dt
import os
import signal
from pathlib import Path

import pytest

from api.jobs.orders import Terms
from api.jobs.queue import JobQueue
from api.jobs.service import JobService
from geo.errors import SourceError
from tests.api.jobs.pools import alive, ended, lines, now, submit, until
from tests.api.jobs.stand_in import ROOT, WORK
from tests.api.jobs.workers import TERMS, queued, workers

# What a busy machine may add to the seconds that are promised.
SLACK_S = 10


@pytest.fixture
def place(postgres):
    url = postgres.new()
    yield url
    postgres.drop(url)


@pytest.fixture
def service(store, place):
    service = JobService(store, Terms(place, ROOT / "data", WORK), slots=0)
    service.start()
    yield service
    service.stop()


def known(store):
    return {job.id for job in store.jobs.page("sample", limit=100).jobs}


def begun(trace):
    return [line.split()[1] for line in lines(trace) if line.startswith("begin")]


@pytest.mark.slow
def test_two_workers_share_the_jobs_and_none_is_run_twice(store, place, service, tmp_path):
    """Beside them stands one that was dismissed years ago, which a worker forgets."""
    trace = tmp_path / "trace"
    forgotten = submit(store)
    store.jobs.dismiss(forgotten, now=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    jobs = [submit(store, steps=1, pause_s=0.2, trace=str(trace)) for _ in range(4)]
    for job in jobs[:-1]:
        service.submitted(job)
        service.submitted(job)
    with workers(place, count=2):
        # The last was never queued, as where a service dies between the two.
        assert {ended(store, job, within_s=60).state for job in jobs} == {"successful"}
        until(lambda: forgotten not in known(store))
    assert known(store) == set(jobs)
    assert sorted(begun(trace)) == sorted(jobs)
    assert queued(place) == []


@pytest.mark.slow
def test_a_killed_workers_job_is_begun_again_by_another(store, place, service, tmp_path):
    """The other takes it at the first look after the silence that a runner is taken for dead by."""
    trace = tmp_path / "trace"
    job = submit(store, steps=1, pause_s=2, trace=str(trace))
    service.submitted(job)
    with workers(place, count=2) as two:
        pid = int(until(lambda: lines(trace))[0].split()[-1])
        (of,) = [worker for worker in two if _parent(pid) == worker.pid]
        os.kill(of.pid, signal.SIGKILL)
        killed = now()
        until(lambda: not alive(pid))
        told = ended(store, job, within_s=60)
    assert (told.state, told.attempts) == ("successful", 2)
    promised = dt.timedelta(seconds=TERMS["lapse_s"] + TERMS["beat_s"] + SLACK_S)
    assert told.started_at < killed + promised
    assert begun(trace) == [job, job]


@pytest.mark.slow
def test_a_stopped_worker_gives_its_job_back_to_the_queue(store, place, service, tmp_path):
    trace = tmp_path / "trace"
    job = submit(store, steps=1, pause_s=30, trace=str(trace))
    service.submitted(job)
    with workers(place):
        until(lambda: lines(trace))
    told = store.jobs.job(job)
    assert (told.state, told.attempts) == ("accepted", 0)
    assert queued(place) == [job]


def test_a_queue_that_cannot_be_reached_leaves_the_job_in_the_store(store, caplog):
    job = submit(store)
    nowhere = "postgresql://smartzone@127.0.0.1:1/none"
    JobService(store, Terms(nowhere, ROOT, WORK), slots=0).submitted(job)
    assert "could not be queued" in caplog.text
    assert store.jobs.waiting() == [job]
    with pytest.raises(SourceError, match="queue"):
        JobQueue(nowhere)


def _parent(pid):
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return int(stat.rpartition(")")[2].split()[1])
