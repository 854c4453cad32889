"""Jobs of a store that was restored or moved: those that had not ended are run where they came to.

A running job was held by somebody who is not there: after the silence that takes a runner for dead
it is begun again, or told as given up where it was begun too often before.
"""

import datetime as dt
from contextlib import closing, contextmanager

import psycopg
import pytest

from api.jobs.orders import Terms
from api.jobs.queue_schema import queue_address
from api.jobs.service import JobService
from api.store import Store
from api.store.backup import restore_backup, write_backup
from api.store.job_runs import GIVEN_UP, MOST_ATTEMPTS
from api.store.moving import move_zone
from geo.errors import NotFoundError
from tests.api.jobs.pools import ended, now, running, submit
from tests.api.jobs.stand_in import ROOT, WORK
from tests.api.jobs.workers import queued, workers
from tests.api.postgres import copy_database

TAKEN = """
  WITH gone AS (INSERT INTO procrastinate_workers (last_heartbeat)
    VALUES (now() - interval '1 hour') RETURNING id)
  UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM gone)
    WHERE args->>'job' = %s
"""


@pytest.fixture
def new(postgres, tmp_path):
    """Return what makes a place for a store of a kind."""
    made = []

    def make(kind):
        if kind == "sqlite":
            return str(tmp_path / f"store-{len(made)}.sqlite")
        made.append(postgres.new())
        return made[-1]

    yield make
    for url in made:
        postgres.drop(url)


@contextmanager
def run_jobs(store, place):
    """Run the jobs of a store by who runs them: a worker, or the pool of a service."""
    if place.startswith("postgresql:"):
        with workers(place):
            yield
    else:
        with running(store, place, lapse_s=3.0):
            yield


def unfinished(store):
    """Submit a job that waits, one that runs, and one that was begun as often as may be."""
    waits, runs, last = (submit(store, steps=1) for _ in range(3))
    for _ in range(MOST_ATTEMPTS):
        store.jobs.runs.recover(now=now() + dt.timedelta(seconds=1), lapse_s=0)
        store.jobs.runs.claim("somebody", now=now(), job=last)
    store.jobs.runs.claim("somebody", now=now(), job=runs)
    return waits, runs, last


def assert_run_to_the_end(place, jobs):
    """Run the jobs of a store, and see that each ends or is reported."""
    with closing(Store(place)) as store:
        with run_jobs(store, place):
            waited, ran, last = (ended(store, job, within_s=60) for job in jobs)
        assert (waited.state, waited.attempts) == ("successful", 1)
        assert (ran.state, ran.attempts) == ("successful", 2)
        assert (last.state, last.message) == ("failed", GIVEN_UP)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "other"), [("postgres", "postgres"), ("sqlite", "postgres"), ("postgres", "sqlite")]
)
def test_jobs_of_a_backup_end_where_it_is_restored(new, tmp_path, kind, other):
    place, backup = new(other), tmp_path / "backup"
    with closing(Store(new(kind))) as store:
        jobs = unfinished(store)
        write_backup(store.engine, backup, made_at=now())
    with closing(Store(place)) as restored:
        restore_backup(restored.engine, backup)
    assert_run_to_the_end(place, jobs)


@pytest.mark.slow
def test_jobs_of_a_copied_database_end_there_whatever_their_queue_held(new):
    """Copy the database with its queue, in which a worker that is not there works on a job."""
    source, target = new("postgres"), new("postgres")
    with closing(Store(source)) as store:
        jobs = unfinished(store)
        service = JobService(store, Terms(source, ROOT / "data", WORK), slots=0)
        for job in jobs:
            service.submitted(job)
        service.stop()
        with psycopg.connect(queue_address(source)) as connection:
            connection.execute(TAKEN, (jobs[1],))
    assert sorted(queued(source)) == sorted(jobs)
    copy_database(source, target)
    assert_run_to_the_end(target, jobs)
    assert queued(target) == []


def test_a_zone_that_moves_leaves_its_unfinished_jobs_to_the_store_that_runs_them(new):
    """Those that ended go with it; else a job would be run in both stores."""
    with closing(Store(new("sqlite"))) as store, closing(Store(new("postgres"))) as other:
        jobs = unfinished(store)
        done = submit(store)
        store.jobs.dismiss(done, now=now())
        move_zone(store.engine, other.engine, "sample")
        assert other.jobs.job(done).state == "dismissed"
        for job in jobs:
            with pytest.raises(NotFoundError):
                other.jobs.job(job)
        assert {store.jobs.job(job).state for job in jobs} == {"accepted", "running"}
