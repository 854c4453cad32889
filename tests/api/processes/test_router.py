"""The processes over HTTP: what each role may ask for and see, and whole jobs."""

import itertools
import json

import httpx
import jsonschema
import pytest

import api.processes.router
from api.processes.catalogue import PROCESSES
from api.processes.documents import NO_SUCH_JOB, NOT_READY
from api.rights import READERS, RIGHTS
from api.store import Store
from tests.api.processes.asking import DOCUMENT, NOW, ROLES, accepted, ask, finish
from tests.api.sample import ZONE
from tests.api.serving import client_of


@pytest.mark.parametrize(("role", "process"), list(itertools.product(ROLES, PROCESSES)))
def test_each_role_may_ask_for_what_the_table_says(service, signed, jobs, role, process):
    allowed = role in RIGHTS[PROCESSES[process].operation]
    assert ask(service, signed[role], process, inputs={}).status_code == (201 if allowed else 403)
    listed = service.get("/ogc/processes", headers=signed[role])
    if role not in RIGHTS["read_jobs"]:
        assert listed.status_code == 403
        return
    assert (process in {one["id"] for one in listed.json()["processes"]}) == allowed
    told = service.get(f"/ogc/processes/{process}", headers=signed[role])
    assert told.status_code == (200 if allowed else 404)
    assert len(jobs.waiting()) == allowed


def test_strangers_reach_nothing(service, jobs):
    job = jobs.submit(ZONE, "plan-patrol", {}, subject="commander-1", now=NOW)
    for method, path in [
        ("GET", "/ogc/processes"),
        ("GET", "/ogc/processes/forecast"),
        ("GET", "/ogc/jobs"),
        ("GET", f"/ogc/jobs/{job}"),
        ("GET", f"/ogc/jobs/{job}/results"),
        ("DELETE", f"/ogc/jobs/{job}"),
        *[("POST", f"/ogc/processes/{process}/execution") for process in (*PROCESSES, "none")],
    ]:
        answer = service.request(method, path, json={} if method == "POST" else None)
        assert answer.status_code == 401, path
        assert answer.headers["content-type"] == "application/problem+json"
    assert jobs.job(job).state == "accepted"


def test_in_demo_mode_strangers_compute_nothing_either(tmp_path):
    with client_of(tmp_path / "store.sqlite") as client:
        assert ask(client, {}, inputs={}).status_code == 401
        assert client.get("/ogc/jobs").status_code == 401


def test_a_process_describes_its_inputs_by_schemas_in_both_languages(service, signed):
    told = service.get("/ogc/processes/site-cameras", headers=signed["planner"]).json()
    assert told["title"] == "Site cameras · เลือกตำแหน่งกล้อง"
    assert told["jobControlOptions"] == ["async-execute", "dismiss"]
    assert set(told["inputs"]) == set(PROCESSES["site-cameras"].inputs.model_fields)
    for name, given in told["inputs"].items():
        jsonschema.Draft202012Validator.check_schema(given["schema"])
        assert " · " in given["title"], name
        if given["schema"].get("type") in {"number", "integer"}:
            assert set(given["schema"]) & {"minimum", "exclusiveMinimum"}, name
    jsonschema.validate(3.0, told["inputs"]["budget"]["schema"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(-1.0, told["inputs"]["budget"]["schema"])
    execute = told["links"][1]
    assert execute["href"].endswith("/ogc/processes/site-cameras/execution")


def test_the_landing_page_leads_to_processes_and_jobs(service, signed):
    landing = service.get("/ogc", headers=signed["planner"]).json()
    relations = {link["rel"].rpartition("/")[2]: link["href"] for link in landing["links"]}
    for relation in ("processes", "job-list"):
        assert service.get(relations[relation], headers=signed["planner"]).status_code == 200
    conforms = service.get("/ogc/conformance", headers=signed["planner"]).json()["conformsTo"]
    assert any("ogcapi-processes-1/1.0/conf/dismiss" in name for name in conforms)


def test_a_job_goes_from_accepted_to_its_result(service, signed, jobs):
    asked = ask(
        service,
        signed["commander"] | {"Prefer": "respond-async"},
        inputs={"seed": 3, "evening": "2026-03-01"},
    )
    job = accepted(asked)
    assert asked.headers["preference-applied"] == "respond-async"
    assert asked.headers["location"].endswith(f"/ogc/jobs/{job}")
    status = asked.json()
    assert (status["status"], status["progress"], status["type"]) == ("accepted", 0, "process")
    assert status["message"] == "Waiting · รอคิว"
    assert jobs.job(job).inputs == {"seed": 3, "evening": "2026-03-01"}

    jobs.runs.claim("runner", now=NOW, job=job)
    jobs.runs.beat(job, "runner", now=NOW, done=0.456, step="cli.step_patrol")
    status = service.get(asked.headers["location"], headers=signed["commander"]).json()
    assert (status["status"], status["progress"]) == ("running", 45)
    assert status["message"] == "Patrol tours · วางเส้นทางสายตรวจ"
    early = service.get(f"/ogc/jobs/{job}/results", headers=signed["commander"])
    assert (early.status_code, early.json()["type"]) == (404, NOT_READY)

    with jobs._engine.writing() as session:
        jobs.runs.finish(session, job, "runner", document=DOCUMENT, now=NOW)
    status = service.get(f"/ogc/jobs/{job}", headers=signed["commander"]).json()
    assert (status["status"], status["progress"]) == ("successful", 100)
    (results,) = [link for link in status["links"] if link["rel"].endswith("/results")]
    answer = service.get(results["href"], headers=signed["commander"])
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(DOCUMENT)
    related = [link["href"] for link in status["links"] if link["rel"] == "related"]
    assert len(related) == len(PROCESSES["plan-patrol"].layers)


def test_links_lead_only_to_layers_that_the_asker_may_read(service, signed, jobs):
    job = accepted(ask(service, signed["operator"], inputs={}))
    finish(jobs, job)
    status = service.get(f"/ogc/jobs/{job}", headers=signed["operator"]).json()
    shown = {link["href"].split("/")[-2] for link in status["links"] if link["rel"] == "related"}
    layers = PROCESSES["plan-patrol"].layers
    assert shown == {name for name in layers if "operator" in READERS[name]}


def test_the_document_may_be_wanted_within_a_list_of_outputs(service, signed, jobs):
    job = accepted(ask(service, signed["commander"], inputs={}, response="document"))
    finish(jobs, job)
    told = service.get(f"/ogc/jobs/{job}/results", headers=signed["commander"]).json()
    assert told == {"document": {"mediaType": "application/json", "value": json.loads(DOCUMENT)}}


def test_a_failed_job_gives_its_one_message(service, signed, jobs):
    job = accepted(ask(service, signed["commander"], inputs={}))
    jobs.runs.claim("runner", now=NOW, job=job)
    jobs.runs.fail(job, "runner", "No plan obeys the rules.", now=NOW)
    status = service.get(f"/ogc/jobs/{job}", headers=signed["commander"]).json()
    assert (status["status"], status["message"]) == ("failed", "No plan obeys the rules.")
    answer = service.get(f"/ogc/jobs/{job}/results", headers=signed["commander"])
    assert (answer.status_code, answer.json()["detail"]) == (409, "No plan obeys the rules.")


def test_a_job_can_be_dismissed_before_and_after_its_end(service, signed, jobs):
    job = accepted(ask(service, signed["commander"], inputs={}))
    answer = service.delete(f"/ogc/jobs/{job}", headers=signed["commander"])
    assert (answer.status_code, answer.json()["status"]) == (200, "dismissed")
    assert jobs.waiting() == []
    other = accepted(ask(service, signed["commander"], inputs={}))
    finish(jobs, other)
    assert service.delete(f"/ogc/jobs/{other}", headers=signed["commander"]).status_code == 200
    gone = service.get(f"/ogc/jobs/{other}/results", headers=signed["commander"])
    assert (gone.status_code, gone.json()["type"]) == (404, NOT_READY)


def test_jobs_of_others_are_not_there_but_for_a_commander(service, signed, jobs):
    mine = accepted(ask(service, signed["operator"], inputs={}))
    theirs = accepted(ask(service, signed["planner"], "site-cameras", inputs={}))
    elsewhere = jobs.submit("elsewhere", "forecast", {}, subject="commander-1", now=NOW)

    def seen(role):
        listed = service.get("/ogc/jobs", headers=signed[role]).json()["jobs"]
        return {job["jobID"] for job in listed}

    assert seen("operator") == {mine}
    assert seen("planner") == {theirs}
    assert seen("commander") == {mine, theirs}
    for role, job in [("operator", theirs), ("planner", mine), ("commander", elsewhere)]:
        for method, path in [("GET", ""), ("GET", "/results"), ("DELETE", "")]:
            answer = service.request(method, f"/ogc/jobs/{job}{path}", headers=signed[role])
            assert (answer.status_code, answer.json()["type"]) == (404, NO_SUCH_JOB)
    assert {jobs.job(job).state for job in (mine, theirs, elsewhere)} == {"accepted"}
    assert service.get(f"/ogc/jobs/{mine}", headers=signed["commander"]).status_code == 200


def test_the_rights_are_what_keeps_jobs_apart(service, signed, jobs, monkeypatch):
    """Plant the fault that everybody may read every job."""
    theirs = accepted(ask(service, signed["planner"], "site-cameras", inputs={}))
    monkeypatch.setattr(api.processes.router, "may", lambda *_: True)
    assert service.get(f"/ogc/jobs/{theirs}", headers=signed["operator"]).status_code == 200


def test_pages_of_jobs_lead_to_one_another(service, signed, jobs):
    wanted = [
        jobs.submit(ZONE, name, {}, subject="commander-1", now=NOW)
        for _ in range(4)
        for name in ("forecast", "plan-patrol")
    ][::2]
    address = "/ogc/jobs?limit=3&processID=forecast&status=accepted&status=running&type=process"
    seen = []
    while address:
        page = service.get(address, headers=signed["commander"]).json()
        seen += [job["jobID"] for job in page["jobs"]]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert seen == wanted[::-1]


def test_who_ran_and_read_and_dismissed_stands_in_the_audit(service, signed, jobs, place):
    job = accepted(ask(service, signed["operator"], "forecast", inputs={}))
    finish(jobs, job)
    service.get(f"/ogc/jobs/{job}/results", headers=signed["operator"])
    service.delete(f"/ogc/jobs/{job}", headers=signed["operator"])
    store = Store(place)
    with store.engine.reading() as session:
        rows = session.rows(
            "SELECT action, target FROM audit WHERE subject = 'operator-1' ORDER BY seq DESC"
            " LIMIT 3"
        )
    store.close()
    told = [(row["action"], row["target"]) for row in rows]
    assert told == [
        ("dismiss", f"jobs/{job}"),
        ("read", f"jobs/{job}"),
        ("run", "processes/forecast"),
    ]


def test_a_planner_is_not_told_where_patrols_stop(service, signed, jobs):
    street = {"name_th": "ถนน", "name_en": "Road", "incidents": 7, "incident_share": 1.0}
    patrolled = street | {"minutes": 12.5, "patrol_share": 1.0, "verdict": "over", "ratio": 1.0}
    document = {"format": "smartzone-hotspots/1", "audit": {"minutes": 12.5}, "seed": 1}
    told = json.dumps(document | {"streets": [patrolled]}, ensure_ascii=False)
    shown = {}
    for role in ("planner", "operator"):
        job = accepted(ask(service, signed[role], "compute-hotspots", inputs={}))
        finish(jobs, job, told)
        shown[role] = service.get(f"/ogc/jobs/{job}/results", headers=signed[role]).json()
    assert shown["operator"] == json.loads(told)
    assert shown["planner"] == document | {"audit": None, "streets": [street]}


def test_whoever_lost_a_role_lost_what_it_had_computed(service, signed, jobs):
    job = jobs.submit(ZONE, "plan-patrol", {}, subject="planner-1", now=NOW)
    kept = jobs.submit(ZONE, "forecast", {}, subject="planner-1", now=NOW)
    finish(jobs, job)
    for path in (f"/ogc/jobs/{job}", f"/ogc/jobs/{job}/results"):
        assert service.get(path, headers=signed["planner"]).status_code == 404
    assert service.delete(f"/ogc/jobs/{job}", headers=signed["planner"]).status_code == 404
    for query in ("", "?processID=plan-patrol&processID=forecast"):
        listed = service.get(f"/ogc/jobs{query}", headers=signed["planner"]).json()["jobs"]
        assert [one["jobID"] for one in listed] == [kept]
    assert service.get(f"/ogc/jobs/{job}", headers=signed["commander"]).status_code == 200


def test_addresses_keep_the_zone_of_the_path(service, signed, jobs):
    answer = service.post(
        f"/zones/{ZONE}/ogc/processes/forecast/execution",
        json={"inputs": {}},
        headers=signed["commander"],
    )
    where = httpx.URL(answer.headers["location"]).path
    assert where == f"/zones/{ZONE}/ogc/jobs/{accepted(answer)}"
    assert service.get(where, headers=signed["commander"]).status_code == 200
