"""How the tests ask for jobs, and end them in place of whoever runs them."""

import datetime as dt

ROLES = ("commander", "planner", "operator", "officer", "partner", "auditor")
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DOCUMENT = '{"format": "smartzone-plan/1", "ชื่อ": "แผน"}'


def ask(service, headers, process="plan-patrol", **body):
    return service.post(f"/ogc/processes/{process}/execution", json=body, headers=headers)


def accepted(answer):
    assert answer.status_code == 201, answer.text
    return answer.json()["jobID"]


def finish(jobs, job, document=DOCUMENT):
    jobs.runs.claim("runner", now=NOW, job=job)
    with jobs._engine.writing() as session:
        jobs.runs.finish(session, job, "runner", document=document, now=NOW)
