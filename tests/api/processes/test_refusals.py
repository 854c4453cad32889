"""What the processes refuse: bad requests, what is not there, too much, what cannot be kept."""

import sqlite3
from contextlib import closing

import pytest

from api.processes.documents import NO_SUCH_JOB, NO_SUCH_PROCESS
from api.processes.router import MOST_UNFINISHED
from api.store.jobs import Jobs
from geo.errors import SourceError
from tests.api.processes.asking import accepted, ask


@pytest.mark.parametrize(
    ("process", "body", "named"),
    [
        ("plan-patrol", {"inputs": {"seed": -1, "evening": "tonight", "name": 1}}, 3),
        ("plan-patrol", {"inputs": {"seed": "7"}}, 1),
        ("plan-patrol", {"inputs": {"evening": 1_772_000_000}}, 1),
        ("plan-patrol", {"inputs": {"evening": "1899-12-31"}}, 1),
        ("site-cameras", {"inputs": {"budget": -1, "least_share": 2, "fixed": [1, ""]}}, 4),
        ("site-cameras", {"inputs": {"standard": "none"}, "response": "xml", "more": 1}, 3),
        ("compute-hotspots", {"inputs": {"cell_m": 1, "days": 0, "resamples": 10_000}}, 3),
        ("forecast", {"inputs": {"resamples": 99}}, 1),
        ("forecast", {"inputs": {}, "outputs": {"layers": {}}}, 1),
        ("forecast", {"inputs": {}, "outputs": {"document": {"transmissionMode": "reference"}}}, 1),
        ("forecast", {"inputs": []}, 1),
    ],
)
def test_all_that_is_wrong_with_a_request_is_named_at_once(
    asked_by_commander, jobs, process, body, named
):
    answer = asked_by_commander(process, **body)
    assert answer.status_code == 422
    faults = answer.json()["parameters"]
    assert len(faults) == named, faults
    assert all(fault["parameter"].partition(".")[0] in {*body, "more"} for fault in faults)
    assert jobs.waiting() == []


@pytest.mark.parametrize(
    "content", ["", "{", '{"inputs": {"budget": NaN}}', "[" * 100_000, "[]", "7" * 10_000]
)
def test_what_is_no_request_is_refused(service, signed, jobs, content):
    answer = service.post(
        "/ogc/processes/site-cameras/execution",
        content=content,
        headers=signed["commander"] | {"Content-Type": "application/json"},
    )
    assert answer.status_code in {400, 413, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert jobs.waiting() == []


def test_what_is_not_there_is_told_as_the_standard_has_it(service, signed):
    for method, path, kind in [
        ("GET", "/ogc/processes/none", NO_SUCH_PROCESS),
        ("POST", "/ogc/processes/none/execution", NO_SUCH_PROCESS),
        ("GET", "/ogc/jobs/none", NO_SUCH_JOB),
        ("GET", "/ogc/jobs/%00", NO_SUCH_JOB),
        ("GET", "/ogc/jobs/none/results", NO_SUCH_JOB),
        ("DELETE", "/ogc/jobs/none", NO_SUCH_JOB),
    ]:
        answer = service.request(method, path, headers=signed["commander"])
        assert (answer.status_code, answer.json()["type"]) == (404, kind)


def test_numbers_that_json_takes_for_whole_are_whole(service, signed, jobs):
    job = accepted(ask(service, signed["planner"], "forecast", inputs={"days": 3.0}))
    assert jobs.job(job).inputs == {"days": 3}


def test_jobs_of_an_unknown_process_are_none(service, signed, jobs):
    accepted(ask(service, signed["planner"], "forecast", inputs={}))
    for name in ("none", "%00"):
        listed = service.get(f"/ogc/jobs?processID={name}", headers=signed["planner"])
        assert (listed.status_code, listed.json()["jobs"]) == (200, [])


@pytest.mark.parametrize(
    "query", ["limit=0", "before=0", "status=lost", "type=other", f"before={2**63}"]
)
def test_a_query_that_cannot_be_is_refused(service, signed, query):
    assert service.get(f"/ogc/jobs?{query}", headers=signed["commander"]).status_code == 400


def test_one_account_may_not_fill_the_queue(service, signed, jobs):
    for _ in range(MOST_UNFINISHED):
        last = accepted(ask(service, signed["planner"], "forecast", inputs={}))
    refused = ask(service, signed["planner"], "forecast", inputs={})
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    accepted(ask(service, signed["operator"], "forecast", inputs={}))
    service.delete(f"/ogc/jobs/{last}", headers=signed["planner"])
    accepted(ask(service, signed["planner"], "forecast", inputs={}))


def test_what_the_audit_cannot_record_is_not_done(service, signed, jobs, place):
    kept = accepted(ask(service, signed["operator"], "forecast", inputs={}))
    full = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        connection.execute(full)
        refused = [
            ask(service, signed["operator"], "forecast", inputs={}),
            service.delete(f"/ogc/jobs/{kept}", headers=signed["operator"]),
        ]
        connection.execute("DROP TRIGGER full")
    assert [answer.status_code for answer in refused] == [503, 503]
    assert jobs.waiting() == [kept]


def test_the_store_that_fails_is_told_as_such(service, signed, monkeypatch):
    def broken(*_, **__):
        raise SourceError("The store does not answer.")

    monkeypatch.setattr(Jobs, "submit", broken)
    answer = ask(service, signed["commander"], "forecast", inputs={})
    assert answer.status_code == 503
