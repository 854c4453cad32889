"""The queue's schema on a real PostgreSQL: made, brought up in order, and refused where newer."""

import threading

import psycopg
import pytest

from api.jobs import queue_schema
from api.jobs.orders import Terms
from api.jobs.queue import JobQueue
from api.jobs.queue_schema import make_queue, queue_address
from api.jobs.service import JobService
from geo.errors import SourceError
from tests.api.jobs.pools import submit
from tests.api.jobs.stand_in import ROOT, WORK

ALL = queue_schema._migrations()
FIRST = "00.00.00_01_initial.sql"
# The enum and the functions of this one are changed again by those that follow.
OLD = "02.05.00_01_add_periodic_job_priority.sql"
CATALOGUE = """
  SELECT 'function ' || proname || pg_get_function_identity_arguments(oid)
    || regexp_replace(prosrc, '\\s+', ' ', 'g')
    FROM pg_proc WHERE pronamespace = 'smartzone_queue'::regnamespace
  UNION ALL SELECT 'column ' || table_name || '.' || column_name || ' ' || udt_name
    FROM information_schema.columns WHERE table_schema = 'smartzone_queue'
  UNION ALL SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'smartzone_queue'
  UNION ALL SELECT 'value ' || typname || enumlabel
    FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid
    WHERE typnamespace = 'smartzone_queue'::regnamespace
"""


@pytest.fixture
def place(postgres):
    url = postgres.new()
    yield url
    postgres.drop(url)


def rows(place, sql):
    with psycopg.connect(queue_address(place)) as connection:
        return [row[0] for row in connection.execute(sql)]


def build(place, *, until):
    """Build the schema by procrastinate's migrations up to one of them, with their record."""
    names = list(ALL)[: list(ALL).index(until) + 1]
    with psycopg.connect(queue_address(place), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA smartzone_queue")
        connection.execute("CREATE TABLE migrations (name text PRIMARY KEY)")
        for name in names:
            connection.execute(ALL[name].encode())
            connection.execute("INSERT INTO migrations VALUES (%s)", (name,))


def put_old(place, job):
    """Queue a job as procrastinate 2 did."""
    with psycopg.connect(queue_address(place)) as connection:
        connection.execute(
            "SELECT procrastinate_defer_job('jobs', 'smartzone.run_job', 0, NULL, %s,"
            " jsonb_build_object('job', %s::text), NULL)",
            (job, job),
        )


def test_a_new_queue_has_seen_every_migration_of_the_package(place):
    make_queue(queue_address(place))
    assert rows(place, "SELECT name FROM migrations ORDER BY name") == list(ALL)
    make_queue(queue_address(place))


@pytest.mark.parametrize("until", [FIRST, OLD])
def test_an_older_queue_is_brought_to_what_the_package_would_make(place, postgres, until):
    build(place, until=until)
    if until == OLD:
        put_old(place, "job-1")
    make_queue(queue_address(place))
    assert rows(place, "SELECT name FROM migrations ORDER BY name") == list(ALL)
    fresh = postgres.new()
    make_queue(queue_address(fresh))
    assert sorted(rows(place, CATALOGUE)) == sorted(rows(fresh, CATALOGUE))
    postgres.drop(fresh)
    queue = JobQueue(place)
    queue.put("job-1")
    queue.put("job-2")
    queue.close()
    assert sorted(rows(place, "SELECT args->>'job' FROM procrastinate_jobs")) == ["job-1", "job-2"]


def test_a_migration_that_is_only_recorded_would_be_found(place, postgres, monkeypatch):
    build(place, until=OLD)
    known = {name: "SELECT 1" if name > OLD else text for name, text in ALL.items()}
    monkeypatch.setattr(queue_schema, "_migrations", lambda: known)
    make_queue(queue_address(place))
    fresh = postgres.new()
    make_queue(queue_address(fresh))
    assert rows(place, "SELECT name FROM migrations ORDER BY name") == list(ALL)
    assert sorted(rows(place, CATALOGUE)) != sorted(rows(fresh, CATALOGUE))
    postgres.drop(fresh)


def test_of_many_who_bring_it_up_one_does(place):
    build(place, until=OLD)
    failed, start = [], threading.Barrier(4)

    def bring_up():
        start.wait()
        try:
            make_queue(queue_address(place))
        except SourceError as error:
            failed.append(error)

    threads = [threading.Thread(target=bring_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert rows(place, "SELECT name FROM migrations ORDER BY name") == list(ALL)


def test_what_fails_midway_is_gone_on_with(place, monkeypatch):
    build(place, until=OLD)
    names = list(ALL)
    broken = names[names.index(OLD) + 3]
    spoilt = ALL | {broken: f"{ALL[broken]}; SELECT 1 / 0"}
    monkeypatch.setattr(queue_schema, "_migrations", lambda: spoilt)
    with pytest.raises(SourceError, match="division by zero"):
        make_queue(queue_address(place))
    before = names[: names.index(broken)]
    assert rows(place, "SELECT name FROM migrations ORDER BY name") == before
    monkeypatch.undo()
    make_queue(queue_address(place))
    assert rows(place, "SELECT name FROM migrations ORDER BY name") == names


def test_a_newer_queue_is_refused_and_the_job_waits_in_the_store(place, store, monkeypatch, caplog):
    later = "99.00.00_01_something_new.sql"
    with monkeypatch.context() as patched:
        patched.setattr(queue_schema, "_migrations", lambda: ALL | {later: "SELECT 1"})
        make_queue(queue_address(place))
    with pytest.raises(SourceError, match=f"or older, got one that has seen {later}: it was"):
        make_queue(queue_address(place))
    job = submit(store)
    service = JobService(store, Terms(place, ROOT / "data", WORK), slots=0)
    service.submitted(job)
    service.stop()
    assert "newer smartzone" in caplog.text
    assert store.jobs.waiting() == [job]


def test_a_queue_without_a_record_is_made_anew_and_another_programs_left_alone(place):
    with psycopg.connect(place) as connection:
        for name in ("smartzone_queue", "procrastinate"):
            connection.execute(f"CREATE SCHEMA {name}")
            connection.execute(f"CREATE TABLE {name}.procrastinate_jobs (old integer)")
    make_queue(queue_address(place))
    assert rows(place, "SELECT name FROM migrations ORDER BY name") == list(ALL)
    assert rows(place, "SELECT old FROM procrastinate.procrastinate_jobs") == []
