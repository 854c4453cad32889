"""What OGC 18-062r2 asks of execution, the lists, job status and exceptions, clause by clause."""

import datetime as dt

import jsonschema
import pytest

from api.processes.catalogue import PROCESSES
from api.processes.documents import NO_SUCH_JOB, NO_SUCH_PROCESS, NOT_READY
from tests.api.sample import ZONE

LINK = {"type": "object", "required": ["href"], "properties": {"href": {"type": "string"}}}
# Schemas of the standard, as far as they go (schemas.opengis.net/ogcapi/processes/part1/1.0).
STATUS = {
    "type": "object",
    "required": ["jobID", "status", "type"],
    "properties": {
        "processID": {"type": "string"},
        "type": {"enum": ["process"]},
        "jobID": {"type": "string"},
        "status": {"enum": ["accepted", "running", "successful", "failed", "dismissed"]},
        "message": {"type": "string"},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        **{
            name: {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
            for name in ("created", "started", "finished", "updated")
        },
        "links": {"type": "array", "items": LINK},
    },
}
JOBS = {
    "type": "object",
    "required": ["jobs", "links"],
    "properties": {
        "jobs": {"type": "array", "items": STATUS},
        "links": {"type": "array", "items": LINK},
    },
}
EXCEPTION = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


@pytest.fixture(scope="module")
def commander(service, signed):
    """Return what asks as the commander, by a path below /ogc or by an address."""

    def ask(method, path, *, more=(), **asked):
        address = path if path.startswith("http") else f"/ogc/{path}"
        told = [*signed["commander"].items(), *more]
        return service.request(method, address, headers=told, **asked)

    return ask


def ago(seconds):
    return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds)


def submitted(jobs, *, at=None, ago_s=0, ran_s=None, state="failed"):
    """Add a job that was submitted and begun so long ago, and ran so long."""
    at = at or ago(ago_s)
    job = jobs.submit(ZONE, "forecast", {}, subject="commander-1", now=at)
    if ran_s is not None or state == "running":
        jobs.runs.claim("runner", now=at, job=job)
    if ran_s is not None:
        jobs.runs.fail(job, "runner", "No.", now=at + dt.timedelta(seconds=ran_s))
    return job


def ids(answer):
    assert answer.status_code == 200, answer.text
    jsonschema.validate(answer.json(), JOBS)
    return [job["jobID"] for job in answer.json()["jobs"]]


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ([], False),
        (["respond-async"], True),
        (["wait=10, Respond-Async; foo=bar"], True),
        (["return=minimal", "respond-async"], True),
        (["no-respond-async"], False),
        (["respond-sync"], False),
        (["wait=respond-async"], False),
    ],
)
def test_a_process_that_only_runs_asynchronously_does_whatever_is_preferred(
    commander, jobs, prefer, applied
):
    more = [("Prefer", value) for value in prefer]
    answer = commander("POST", "processes/forecast/execution", json={"inputs": {}}, more=more)
    assert answer.status_code == 201
    jsonschema.validate(answer.json(), STATUS)
    told = answer.headers.get("preference-applied")
    assert told == ("respond-async" if applied else None)
    again = commander("GET", answer.headers["location"])
    assert again.json() == answer.json()
    assert jobs.waiting() == [answer.json()["jobID"]]


def test_processes_say_how_they_are_run_and_that_inputs_are_given_by_value(commander, jobs):
    for name in PROCESSES:
        told = commander("GET", f"processes/{name}").json()
        assert told["jobControlOptions"] == ["async-execute", "dismiss"]
        assert told["outputTransmission"] == ["value"]
        assert {str(one["valuePassing"]) for one in told["inputs"].values()} == {"['byValue']"}
    linked = {"inputs": {"days": {"href": "http://127.0.0.1:1/days", "type": "application/json"}}}
    answer = commander("POST", "processes/forecast/execution", json=linked)
    assert answer.status_code == 422
    assert answer.json()["parameters"][0]["parameter"] == "inputs.days"
    assert jobs.waiting() == []


def test_pages_of_processes_lead_to_one_another(commander):
    seen, address, pages = [], "processes?limit=3", 0
    while address:
        page = commander("GET", address).json()
        links = {link["rel"]: link["href"] for link in page["links"]}
        assert commander("GET", links["self"]).json() == page
        assert commander("GET", links["alternate"]).headers["content-type"].startswith("text/html")
        seen += [process["id"] for process in page["processes"]]
        address, pages = links.get("next"), pages + 1
    assert (seen, pages) == (list(PROCESSES), 2)
    assert commander("GET", "processes?limit=0").status_code == 400


def test_pages_of_jobs_lead_to_themselves_and_to_pages_for_people(commander, jobs):
    wanted = [submitted(jobs) for _ in range(3)]
    address, seen = "jobs?limit=2&type=process", []
    while address:
        answer = commander("GET", address)
        seen += ids(answer)
        links = {link["rel"]: link["href"] for link in answer.json()["links"]}
        assert ids(commander("GET", links["self"])) == ids(answer)
        assert commander("GET", links["alternate"]).headers["content-type"].startswith("text/html")
        address = links.get("next")
    assert seen == wanted[::-1]


def test_jobs_are_listed_by_the_instant_of_their_submission(commander, jobs):
    long_ago, cut = ago(3_600), ago(60).isoformat()
    old, new = submitted(jobs, at=long_ago), submitted(jobs)

    def within(interval):
        return ids(commander("GET", "jobs", params={"datetime": interval, "limit": 1}))

    assert within(f"../{cut}") == [old]
    assert within(f"{cut}/..") == [new]
    assert within(f"{cut}/") == [new]
    assert within(long_ago.isoformat()) == [old]
    assert within(f"{cut}/{cut}") == []
    page = commander("GET", "jobs", params={"datetime": "2020-01-01/..", "limit": 1}).json()
    following = next(link["href"] for link in page["links"] if link["rel"] == "next")
    assert ids(commander("GET", following)) == [old]


def test_jobs_are_listed_by_how_long_they_ran(commander, jobs):
    brief, long = submitted(jobs, ran_s=2), submitted(jobs, ago_s=500, ran_s=400)
    going = submitted(jobs, ago_s=100, state="running")
    waiting = submitted(jobs, ago_s=1_000)

    def ran(**bounds):
        return set(ids(commander("GET", "jobs", params=bounds)))

    assert ran() == {brief, long, going, waiting}
    assert ran(minDuration=50) == {long, going}
    assert ran(maxDuration=2) == {brief}
    assert ran(minDuration=3, maxDuration=200) == {going}
    assert ran(minDuration=3, maxDuration=200, status="failed") == set()
    assert ran(minDuration=0) == {brief, long, going}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("datetime=x", "datetime"),
        ("datetime=../..", "datetime"),
        ("datetime=2026-03-02/2026-03-01", "datetime"),
        ("datetime=0001-01-01T00:00:00%2B07:00/..", "datetime"),
        ("datetime=", "datetime"),
        ("minDuration=-1", "minDuration"),
        ("maxDuration=1.5", "maxDuration"),
        (f"maxDuration={2**53}", "maxDuration"),
        ("minDuration=x&limit=0", "minDuration"),
    ],
)
def test_a_query_that_cannot_be_is_refused_by_name(commander, query, named):
    answer = commander("GET", f"jobs?{query}")
    assert answer.status_code == 400
    jsonschema.validate(answer.json(), EXCEPTION)
    parameters = [fault["parameter"] for fault in answer.json()["parameters"]]
    assert parameters[0] == named
    assert len(parameters) == query.count("&") + 1


def test_the_links_of_a_job_are_those_of_the_standard(commander, jobs):
    job = submitted(jobs, state="running")
    store_document(jobs, job)
    told = commander("GET", f"jobs/{job}").json()
    links = {link["rel"]: link["href"] for link in told["links"]}
    assert links["self"].endswith(f"/ogc/jobs/{job}")
    results = links["http://www.opengis.net/def/rel/ogc/1.0/results"]
    assert results.endswith(f"/ogc/jobs/{job}/results")
    assert commander("GET", results).json() == {"made": True}


def store_document(jobs, job):
    with jobs._engine.writing() as session:
        jobs.runs.finish(session, job, "runner", document='{"made": true}', now=ago(0))


def test_dismissing_tells_the_status_as_it_is_then(commander, jobs):
    for job in (submitted(jobs), submitted(jobs, state="running"), submitted(jobs, ran_s=1)):
        answer = commander("DELETE", f"jobs/{job}")
        assert answer.status_code == 200
        jsonschema.validate(answer.json(), STATUS)
        assert answer.json()["status"] == "dismissed"
        assert commander("GET", f"jobs/{job}").json() == answer.json()


def test_exceptions_are_of_the_standards_types(commander, jobs):
    waits, failed = submitted(jobs), submitted(jobs, ran_s=1)
    for method, path, status, kind in [
        ("GET", "processes/none", 404, NO_SUCH_PROCESS),
        ("POST", "processes/none/execution", 404, NO_SUCH_PROCESS),
        ("GET", "jobs/none", 404, NO_SUCH_JOB),
        ("GET", "jobs/none/results", 404, NO_SUCH_JOB),
        ("DELETE", "jobs/none", 404, NO_SUCH_JOB),
        ("GET", f"jobs/{waits}/results", 404, NOT_READY),
        ("GET", f"jobs/{failed}/results", 409, "about:blank"),
        ("POST", "processes/forecast/execution", 422, "about:blank"),
    ]:
        answer = commander(method, path)
        assert answer.status_code == status
        jsonschema.validate(answer.json(), EXCEPTION)
        assert answer.json()["type"] == kind
    assert NOT_READY == (
        "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/result-not-ready"
    )
