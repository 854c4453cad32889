"""Jobs in real processes: their ends, limits, cancelling and stopping, and what is stored."""

import json
import os
import signal
import time
from contextlib import closing
from types import SimpleNamespace

import pytest

from api.jobs import runner
from api.jobs.child import UNEXPECTED
from api.store import Store
from geo.errors import NotFoundError, SourceError
from tests.api.jobs.pools import alive, ended, lines, now, running, submit, until
from tests.api.jobs.stand_in import DETAIL


def products(store, zone="sample"):
    return {record.name: record for record in store.layers(zone)}


def test_a_job_stores_products_with_their_provenance_and_its_document(store, place):
    job = submit(store, seed=7)
    with running(store, place) as pool:
        pool.submitted(job)
        told = ended(store, job)
    assert (told.state, told.done, told.attempts) == ("successful", 1, 1)
    assert json.loads(store.jobs.document(job)) == {"made": True}
    record = products(store)["patrol_stops"]
    assert record.kind == "product"
    provenance = {"inputs": {"a": "0" * 64}, "seed": 7, "process": "stand-in", "job": job}
    assert provenance.items() <= record.provenance.items()


def test_a_pool_runs_the_jobs_of_either_store(store_place):
    with closing(Store(store_place)) as store:
        job = submit(store)
        with running(store, store_place):
            assert ended(store, job).state == "successful"
        assert products(store)["patrol_stops"].count == 3


def test_a_job_that_the_store_hears_nothing_of_does_not_go_on(store, place, tmp_path, monkeypatch):
    """Let the store fall silent for longer than after which another may take the job."""

    def silent(*_, **__):
        raise SourceError("The store does not answer.")

    trace = tmp_path / "trace"
    job = submit(store, pause_s=60, trace=str(trace))
    with running(store, place, lapse_s=1.5):
        pid = int(until(lambda: lines(trace))[0].split()[-1])
        monkeypatch.setattr(store.jobs.runs, "holds", silent)
        monkeypatch.setattr(store.jobs.runs, "beat", silent)
        monkeypatch.setattr(store.jobs, "waiting", list)
        until(lambda: not alive(pid), within_s=10)
        until(lambda: store.jobs.job(job).state == "accepted")


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ("infeasible", "No plan obeys the rules."),
        ("bug", UNEXPECTED),
        ("memory", "The job needed more memory than the 600 MB it may take."),
        ("killed", "The job's process was ended by SIGKILL, as happens when memory runs out."),
    ],
)
def test_what_goes_wrong_is_one_message_and_stores_nothing(store, place, capfd, end, message):
    job = submit(store, end=end)
    with running(store, place, memory_mb=600):
        told = ended(store, job)
    assert (told.state, told.message) == ("failed", message)
    assert products(store) == {}
    assert store.jobs.document(job) is None
    log = capfd.readouterr().err
    assert DETAIL not in log
    if end == "bug":
        assert "KeyError" in log
        assert "stand_in.py" in log


def test_a_job_ends_with_its_time_and_all_it_started(store, place, tmp_path, monkeypatch):
    """Let the time pass at once when all have begun, which may take long where much else runs."""
    trace = tmp_path / "trace"
    job = submit(store, pause_s=60, children=True, trace=str(trace))
    with running(store, place, time_limit_s=600, lapse_s=3_600):
        until(lambda: len(lines(trace)) == 2)
        passed = time.monotonic() + 601
        monkeypatch.setattr(runner, "time", SimpleNamespace(monotonic=lambda: passed))
        told = ended(store, job)
    assert told.state == "failed"
    assert told.message == "The job took longer than the 600 s it may take."
    pids = [int(line.split()[-1]) for line in lines(trace)]
    until(lambda: not any(map(alive, pids)))


def test_progress_is_told_by_share_and_step(store, place):
    job = submit(store, steps=20, pause_s=0.1)
    seen = []

    def look():
        told = store.jobs.job(job)
        if told.state == "running" and told.step:
            seen.append((told.done, told.step))
        return told.state == "successful"

    with running(store, place):
        until(look)
    assert seen == sorted(seen)
    assert {step for _, step in seen} == {"cli.step_zone", "cli.step_patrol"}


@pytest.mark.parametrize("begun", [False, True])
def test_a_dismissed_job_ends_and_stores_nothing(store, place, tmp_path, begun):
    trace = tmp_path / "trace"
    job = submit(store, pause_s=60, trace=str(trace))
    if not begun:
        store.jobs.dismiss(job, now=now())
    with running(store, place):
        if begun:
            pid = int(until(lambda: lines(trace))[0].split()[-1])
            store.jobs.dismiss(job, now=now())
            until(lambda: not alive(pid))
        other = submit(store)
        assert ended(store, other).state == "successful"
    assert store.jobs.job(job).state == "dismissed"
    assert products(store)["patrol_stops"].provenance["job"] == other
    assert begun == bool(lines(trace))


def test_a_stopped_pool_gives_its_jobs_back_and_the_next_begins_them_again(store, place, tmp_path):
    trace = tmp_path / "trace"
    job = submit(store, steps=4, pause_s=0.5, trace=str(trace))
    with running(store, place):
        pid = int(until(lambda: lines(trace))[0].split()[-1])
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert not alive(pid)
    told = store.jobs.job(job)
    assert (told.state, told.attempts) == ("accepted", 0)
    with running(store, place):
        assert ended(store, job).state == "successful"


def test_some_run_at_a_time_and_the_others_wait(store, place, tmp_path):
    trace = tmp_path / "trace"
    first, second, third = [submit(store, pause_s=60, trace=str(trace)) for _ in range(3)]

    def begun():
        return {line.split()[1] for line in lines(trace)}

    with running(store, place, slots=2):
        until(lambda: begun() == {first, second})
        time.sleep(0.5)
        assert store.jobs.waiting() == [third]
        store.jobs.dismiss(first, now=now())
        until(lambda: third in begun())


def test_what_another_took_over_is_not_stored_by_the_first(store, place):
    """Let a store hand a running job to somebody else, as after a long silence."""
    job = submit(store, steps=1, pause_s=1.0)
    with running(store, place, beat_s=60, lapse_s=600):
        until(lambda: store.jobs.job(job).state == "running")
        with store.engine.writing() as session:
            session.run("UPDATE jobs SET runner = 'another' WHERE id = :job", job=job)
        time.sleep(3)
    assert store.jobs.job(job).state == "running"
    assert products(store) == {}
    with pytest.raises(NotFoundError):
        store.layer("sample", "patrol_stops")


def test_a_process_ends_with_whoever_watched_it(place, tmp_path):
    """Kill the watcher by a signal that it cannot see coming."""
    trace = tmp_path / "trace"
    store = Store(place)
    job = submit(store, pause_s=60, children=True, trace=str(trace))
    watcher = os.fork()
    if watcher == 0:
        with running(Store(place), place):
            time.sleep(60)
        os._exit(0)
    pids = until(lambda: len(lines(trace)) == 2 and [int(x.split()[-1]) for x in lines(trace)])
    os.kill(watcher, signal.SIGKILL)
    os.waitpid(watcher, 0)
    until(lambda: not any(map(alive, pids)))
    with running(store, place, lapse_s=0.5):
        until(lambda: store.jobs.job(job).attempts == 2)
    store.close()
