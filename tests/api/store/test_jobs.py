"""Jobs in the store, on both engines: one runner each, resumed or given up, never ended twice."""

import datetime as dt
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.store import Store
from api.store.job_records import Lasting
from api.store.job_runs import GIVEN_UP, MOST_ATTEMPTS
from geo.errors import ConflictError, NotFoundError, ParameterError

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


def after(seconds):
    return NOW + dt.timedelta(seconds=seconds)


@pytest.fixture
def jobs(store_place):
    store = Store(store_place)
    yield store.jobs
    store.close()


def submitted(jobs, process="plan-patrol", *, zone="sample", subject="commander-1", at=0):
    return jobs.submit(zone, process, {"seed": 7, "ชื่อ": "ก"}, subject=subject, now=after(at))


def finish(jobs, job, runner, document="{}", at=1):
    with jobs._engine.writing() as session:
        jobs.runs.finish(session, job, runner, document=document, now=after(at))


def test_a_job_is_told_as_it_was_asked_for(jobs):
    job = jobs.job(submitted(jobs))
    assert (job.zone, job.process, job.subject) == ("sample", "plan-patrol", "commander-1")
    assert job.inputs == {"seed": 7, "ชื่อ": "ก"}
    assert (job.state, job.attempts, job.done, job.step, job.message) == ("accepted", 0, 0, "", "")
    assert (job.created_at, job.started_at, job.finished_at) == (NOW, None, None)


def test_the_one_that_waited_longest_is_claimed_first_and_only_once(jobs):
    first, second = submitted(jobs), submitted(jobs, at=1)
    assert jobs.waiting() == [first, second]
    assert jobs.runs.claim("a", now=after(2)).id == first
    assert jobs.runs.claim("b", now=after(2), job=first) is None
    assert jobs.runs.claim("b", now=after(2), job=second).id == second
    assert jobs.runs.claim("c", now=after(2)) is None
    assert jobs.job(first).state == "running"
    assert jobs.job(first).started_at == after(2)


def test_of_many_who_claim_at_once_each_job_goes_to_one(jobs):
    names = {submitted(jobs) for _ in range(6)}
    claimed, start = [], threading.Barrier(4)

    def claim(number):
        start.wait()
        while (job := jobs.runs.claim(f"runner-{number}", now=after(1))) is not None:
            claimed.append(job.id)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(names)
    assert set(claimed) == names


def test_a_beat_tells_how_far_it_is_and_whether_it_is_still_held(jobs):
    job = submitted(jobs)
    jobs.runs.claim("a", now=NOW)
    assert jobs.runs.beat(job, "a", now=after(5), done=0.25, step="cli.step_patrol")
    told = jobs.job(job)
    assert (told.done, told.step, told.updated_at) == (0.25, "cli.step_patrol", after(5))
    assert jobs.runs.holds(job, "a")
    assert not jobs.runs.beat(job, "b", now=after(6), done=0.5, step="")
    assert not jobs.runs.holds(job, "b")
    assert jobs.runs.beat(job, "a", now=after(7), done=1.5, step="")
    assert jobs.job(job).done == 1


def test_a_finished_job_keeps_its_document(jobs):
    job = submitted(jobs)
    jobs.runs.claim("a", now=NOW)
    finish(jobs, job, "a", '{"ก": 1}', at=9)
    told = jobs.job(job)
    assert (told.state, told.done, told.finished_at) == ("successful", 1, after(9))
    assert jobs.document(job) == '{"ก": 1}'
    assert jobs.latest("sample", "plan-patrol") == '{"ก": 1}'
    assert jobs.latest("elsewhere", "plan-patrol") is None
    assert not jobs.runs.holds(job, "a")


def test_who_does_not_hold_a_job_cannot_end_it(jobs):
    job = submitted(jobs)
    jobs.runs.claim("a", now=NOW)
    with pytest.raises(ConflictError, match="held"):
        finish(jobs, job, "b")
    assert not jobs.runs.fail(job, "b", "no", now=after(1))
    assert not jobs.runs.release(job, "b", now=after(1))
    assert jobs.job(job).state == "running"
    assert jobs.runs.fail(job, "a", "It went wrong.", now=after(1))
    assert (jobs.job(job).state, jobs.job(job).message) == ("failed", "It went wrong.")
    with pytest.raises(ConflictError):
        finish(jobs, job, "a")


def test_a_silent_job_is_begun_again_and_then_given_up(jobs):
    job = submitted(jobs)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        start = 100 * attempt
        assert jobs.runs.claim("a", now=after(start)).attempts == attempt
        jobs.runs.recover(now=after(start + 30), lapse_s=30)
        assert jobs.job(job).state == "running"
        jobs.runs.recover(now=after(start + 30.001), lapse_s=30)
    assert (jobs.job(job).state, jobs.job(job).message) == ("failed", GIVEN_UP)
    assert jobs.waiting() == []


def test_a_job_taken_over_is_no_longer_its_first_runners(jobs):
    job = submitted(jobs)
    jobs.runs.claim("a", now=NOW)
    jobs.runs.recover(now=after(60), lapse_s=30)
    jobs.runs.claim("b", now=after(61))
    assert not jobs.runs.beat(job, "a", now=after(62), done=0.9, step="")
    with pytest.raises(ConflictError):
        finish(jobs, job, "a")
    finish(jobs, job, "b", at=63)
    assert jobs.job(job).state == "successful"


def test_an_attempt_given_back_does_not_count(jobs):
    job = submitted(jobs)
    for _ in range(MOST_ATTEMPTS + 1):
        assert jobs.runs.claim("a", now=NOW).attempts == 1
        assert jobs.runs.release(job, "a", now=after(1))
    assert jobs.job(job).state == "accepted"


@pytest.mark.parametrize("state", ["accepted", "running", "successful", "failed"])
def test_any_job_can_be_dismissed(jobs, state):
    job = submitted(jobs)
    if state != "accepted":
        jobs.runs.claim("a", now=NOW)
    if state == "successful":
        finish(jobs, job, "a")
    if state == "failed":
        jobs.runs.fail(job, "a", "no", now=NOW)
    assert jobs.dismiss(job, now=after(5)).state == "dismissed"
    assert not jobs.runs.holds(job, "a")
    assert jobs.document(job) is None
    assert jobs.runs.claim("b", now=after(6)) is None
    assert jobs.dismiss(job, now=after(7)).updated_at == after(5)


def test_what_is_not_there_is_not_found(jobs):
    for ask in (jobs.job, lambda job: jobs.dismiss(job, now=NOW)):
        with pytest.raises(NotFoundError):
            ask("none")
    assert jobs.document("none") is None
    with pytest.raises(ParameterError, match="limit"):
        jobs.page("sample", limit=0)
    with pytest.raises(ParameterError, match="aware"):
        jobs.submit("sample", "p", {}, subject="s", now=NOW.replace(tzinfo=None))


def test_pages_are_of_one_zone_and_person_and_state(jobs):
    mine = [submitted(jobs, at=number) for number in range(5)]
    submitted(jobs, subject="operator-1")
    submitted(jobs, zone="elsewhere")
    other = submitted(jobs, "forecast")
    first = jobs.page("sample", subject="commander-1", processes=("plan-patrol",), limit=3)
    assert [job.id for job in first.jobs] == [mine[4], mine[3], mine[2]]
    rest = jobs.page(
        "sample",
        subject="commander-1",
        processes=("plan-patrol",),
        limit=3,
        before=first.before,
    )
    assert [job.id for job in rest.jobs] == [mine[1], mine[0]]
    assert rest.before is None
    jobs.runs.claim("a", now=NOW, job=other)
    assert [job.id for job in jobs.page("sample", states=("running",), limit=9).jobs] == [other]
    assert len(jobs.page("sample", limit=9).jobs) == 7


@given(pages=st.lists(st.integers(1, 4), min_size=9, max_size=9))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_paging_misses_none_while_jobs_come_in(jobs, pages):
    zone = f"zone-{len(jobs.waiting())}"
    before = {submitted(jobs, zone=zone) for _ in range(9)}
    seen, start = [], None
    for size in pages:
        page = jobs.page(zone, limit=size, before=start)
        seen += [job.id for job in page.jobs]
        submitted(jobs, zone=zone)
        if page.before is None:
            break
        start = page.before
    assert len(seen) == len(set(seen))
    assert set(seen) == before


def listed(jobs, **asked):
    return [job.id for job in jobs.page("sample", limit=100, **asked).jobs]


def test_jobs_are_chosen_by_the_instant_of_their_submission(jobs):
    at = [submitted(jobs, at=seconds) for seconds in (0, 10, 20)]
    assert listed(jobs, created=(after(0), after(10))) == [at[1], at[0]]
    assert listed(jobs, created=(after(0.000001), after(19.999999))) == [at[1]]
    assert listed(jobs, created=(after(21), after(30))) == []


def test_jobs_are_chosen_by_how_long_they_ran_or_have_run(jobs):
    waiting, going, failed, dismissed, done = (submitted(jobs) for _ in range(5))
    jobs.runs.claim("going", now=after(1), job=going)
    jobs.runs.claim("failed", now=after(2), job=failed)
    jobs.runs.fail(failed, "failed", "no", now=after(7.25))
    jobs.runs.claim("done", now=after(3), job=done)
    finish(jobs, done, "done", at=63)
    jobs.dismiss(dismissed, now=after(90))  # which was never begun

    def ran(least_s, most_s, now=100):
        return listed(jobs, lasting=Lasting(least_s, most_s, after(now)))

    assert ran(0, 1_000) == [done, failed, going]
    assert ran(5.25, 60) == [done, failed]
    assert ran(5.251, 59.999) == []
    assert ran(99, 99) == [going]
    assert ran(0, 98.999) == [done, failed]
    assert ran(0, 10, now=11) == [failed, going]
    assert waiting in listed(jobs)
