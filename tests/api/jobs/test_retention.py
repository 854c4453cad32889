"""Old jobs are forgotten on both stores, some at a time, with an entry of the audit; products stay.

What is forgotten and what stays is held against a second reckoning, job by job.
"""

import datetime as dt
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.jobs import retention
from api.jobs.retention import Retention
from api.store import Store
from api.store import jobs as store_jobs
from geo.errors import NotFoundError, SourceError
from tests.api.jobs.pools import ended, running, submit, until

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
ENDS = ("successful", "failed", "dismissed", "accepted", "running")


@pytest.fixture
def store(store_place):
    with closing(Store(store_place)) as store:
        yield store


def make(store, days_ago, *, end="successful", zone="sample", process="forecast"):
    """Add a job that ended so many days ago, or has not."""
    at = NOW - days_ago * DAY
    job = store.jobs.submit(zone, process, {"seed": 7}, subject="commander-1", now=at)
    if end == "dismissed":
        store.jobs.dismiss(job, now=at)
    if end in {"successful", "failed", "running"}:
        store.jobs.runs.claim("runner", now=at, job=job)
    if end == "failed":
        store.jobs.runs.fail(job, "runner", "No.", now=at)
    if end == "successful":
        with store.engine.writing() as session:
            store.jobs.runs.finish(session, job, "runner", document=f'{{"d": {days_ago}}}', now=at)
    return job


def kept(store, jobs):
    def is_there(job):
        try:
            return store.jobs.job(job) is not None
        except NotFoundError:
            return False

    return [is_there(job) for job in jobs]


def entries(store):
    with store.engine.reading() as session:
        return [
            (row["zone"], row["target"], row["detail"])
            for row in session.rows("SELECT * FROM audit WHERE action = 'forget' ORDER BY seq")
        ]


def test_what_ended_long_ago_goes_and_the_last_that_ended_well_stays(store):
    jobs = [
        make(store, 400),
        make(store, 300),
        make(store, 91, end="failed"),
        make(store, 89, end="failed"),
        make(store, 91, end="dismissed"),
        make(store, 400, end="accepted"),
        make(store, 400, end="running"),
        make(store, 200, zone="elsewhere"),
        make(store, 200, process="plan-patrol", end="failed"),
    ]
    assert Retention(store, keep_days=90).tidy(now=NOW) == 4
    assert kept(store, jobs) == [False, True, False, True, False, True, True, True, False]
    assert store.jobs.latest("sample", "forecast") == '{"d": 300}'
    assert entries(store) == [("sample", "jobs", '{"count":4}')]


def test_forgetting_the_last_one_too_would_be_found(store, monkeypatch):
    """Plant a choice by age alone."""
    by_age = "SELECT number, zone FROM jobs WHERE finished_at < :before LIMIT :most"
    monkeypatch.setattr(store_jobs, "_SELECT_OLD", by_age)
    make(store, 300)
    assert Retention(store, keep_days=90).tidy(now=NOW) == 1
    assert store.jobs.latest("sample", "forecast") is None


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(ENDS), st.sampled_from(("forecast", "plan"))),
        max_size=8,
    )
)
def test_each_job_goes_or_stays_by_its_own_reckoning(store, told):
    with store.engine.writing() as session:
        session.run("DELETE FROM jobs")
    jobs = [make(store, days, end=end, process=process) for days, end, process in told]
    last = {}
    for number, (days, end, process) in enumerate(told):
        if end == "successful" and (process not in last or days <= told[last[process]][0]):
            last[process] = number
    stays = [
        end in {"accepted", "running"} or days <= 5 or last.get(process) == number
        for number, (days, end, process) in enumerate(told)
    ]
    Retention(store, keep_days=5).tidy(now=NOW)
    assert kept(store, jobs) == stays


def test_a_round_is_bounded_and_the_next_comes_at_once_while_there_are_more(store, monkeypatch):
    monkeypatch.setattr(retention, "MOST_A_ROUND", 3)
    jobs = [make(store, 100 - number, end="failed") for number in range(7)]
    keeper = Retention(store, keep_days=90)
    at = [NOW + dt.timedelta(seconds=2 * turn) for turn in range(4)]
    assert [keeper.tidy(now=now) for now in at] == [3, 3, 1, 0]
    assert not any(kept(store, jobs))
    late = make(store, 95, end="failed")
    assert keeper.tidy(now=NOW + dt.timedelta(minutes=59)) == 0
    assert keeper.tidy(now=NOW + dt.timedelta(minutes=61)) == 1
    assert kept(store, [late]) == [False]


def test_the_store_is_written_only_where_there_is_something_to_forget(store):
    make(store, 1)
    before = store.engine.revision()
    assert Retention(store, keep_days=90).tidy(now=NOW) == 0
    assert store.engine.revision() == before


def test_what_the_audit_cannot_record_is_not_forgotten(store, monkeypatch):
    job = make(store, 100, end="failed")

    def full(*_):
        raise SourceError("The disk is full.")

    monkeypatch.setattr(retention, "append_within", full)
    keeper = Retention(store, keep_days=90)
    with pytest.raises(SourceError):
        keeper.tidy(now=NOW)
    assert kept(store, [job]) == [True]
    monkeypatch.undo()
    assert keeper.tidy(now=NOW) == 1


def test_jobs_are_run_even_where_old_ones_cannot_be_forgotten(tmp_path, monkeypatch, caplog):
    def broken(*_, **__):
        raise SourceError("The store does not answer.")

    monkeypatch.setattr(Retention, "tidy", broken)
    with closing(Store(tmp_path / "store.sqlite")) as store:
        job = submit(store, steps=1)
        with running(store, tmp_path / "store.sqlite"):
            assert ended(store, job).state == "successful"
    assert "could not be forgotten" in caplog.text


@pytest.mark.slow
def test_whoever_runs_jobs_forgets_old_ones_and_their_products_keep_what_they_are_of(
    store, store_place
):
    job = submit(store)
    with running(store, store_place):
        ended(store, job)
    record = store.layer("sample", "patrol_stops")
    with store.engine.writing() as session:
        old = "2020-01-01T00:00:00.000000+00:00"
        session.run("UPDATE jobs SET finished_at = :old", old=old)
    last = submit(store, own_layer=True)
    with running(store, store_place):
        ended(store, last)
    with running(store, store_place):  # which looks for old ones as it starts
        until(lambda: kept(store, [job]) == [False])
    assert store.layer("sample", "patrol_stops").provenance == record.provenance
    assert record.provenance["inputs"] == {"a": "0" * 64}
    assert store.jobs.job(last).state == "successful"
