"""Processes and jobs as pages: what each says, for whom, and nothing of what was sent as markup."""

import pytest

from api.processes.catalogue import PROCESSES
from api.words import LANGUAGES, Words
from tests.api.page_reading import ACCEPT, HOSTILE, read_page
from tests.api.processes.asking import NOW
from tests.api.sample import ZONE
from tests.api.signing import signed_in

WORDS = Words.load()


@pytest.fixture(scope="module")
def commander(signed):
    return signed["commander"]


def submitted(jobs, process="plan-patrol", inputs=None, subject="operator-1"):
    return jobs.submit(ZONE, process, inputs or {}, subject=subject, now=NOW)


def opened(service, path, headers, language="en"):
    return read_page(
        service.get(path, headers=ACCEPT | {"Accept-Language": language} | headers), language
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_processes_are_told_in_words_with_what_they_take(service, commander, language):
    listed = opened(service, "/ogc/processes", commander, language)
    for process in PROCESSES.values():
        key = f"process.{process.id.replace('-', '_')}"
        assert WORDS.text(f"{key}_about", language) in listed.text
        assert f"/ogc/processes/{process.id}?f=html&lang={language}" in listed.links
        page = opened(service, f"/ogc/processes/{process.id}", commander, language)
        assert WORDS.text(key, language) in page.text
        for name in process.inputs.model_fields:
            assert WORDS.text(f"input.{name}", language) in page.text
            assert name in page.words


def test_a_process_tells_what_is_taken_and_what_is_meant_if_nothing_is_given(service, commander):
    page = opened(service, "/ogc/processes/site-cameras", commander)
    for told in (
        *("number: 0 to 10,000", "whole number: 1 to 100", "number: above 0, up to 600"),
        *("EN 62676-4:2015, EN 62676-4:2025", "list of ids", "yes or no (true, false)", "1.6"),
    ):
        assert told in page.words, told
    page = opened(service, "/ogc/processes/plan-patrol", commander)
    for told in ("day, such as 2026-03-01", "whole number, 0 or more", "one that nobody can guess"):
        assert told in page.words, told


def test_no_jobs_are_told_in_words(service, commander):
    for language in LANGUAGES:
        page = opened(service, "/ogc/jobs", commander, language)
        assert WORDS.text("page.no_jobs", language) in page.text
        assert page.of("table") == []


def test_a_job_is_followed_from_its_list_to_what_came_of_it(service, commander, jobs):
    job = submitted(jobs, inputs={"evening": "2026-03-01", "seed": 7})
    path = f"/ogc/jobs/{job}"
    assert f"{path}?f=html&lang=en" in opened(service, "/ogc/jobs", commander).links
    waiting = opened(service, path, commander)
    assert {"Waiting", "2026-03-01 12:00:00 UTC", "2026-03-01", "7"} <= set(waiting.words)
    assert waiting.of("progress")[0]["value"] == "0"
    jobs.runs.claim("runner", now=NOW, job=job)
    jobs.runs.beat(job, "runner", now=NOW, done=0.427, step="cli.step_zone")
    running = opened(service, path, commander)
    assert running.of("progress")[0]["value"] == "42"
    assert f"{path}?f=html&lang=en" in running.links
    with jobs._engine.writing() as session:
        jobs.runs.finish(session, job, "runner", document="{}", now=NOW)
    done = opened(service, path, commander)
    assert done.of("progress") == []
    assert f"{path}/results" in done.links
    assert "/ogc/collections/patrol_tours/items?f=html&lang=en" in done.links


def test_a_job_leads_to_no_layer_that_the_asker_may_not_read(service, jobs):
    job = submitted(jobs, "site-cameras", subject="planner-1")
    jobs.runs.claim("runner", now=NOW, job=job)
    with jobs._engine.writing() as session:
        jobs.runs.finish(session, job, "runner", document="{}", now=NOW)
    planner = signed_in(service, "planner-1")
    assert (
        "/ogc/collections/camera_sites/items?f=html&lang=en"
        in opened(service, f"/ogc/jobs/{job}", planner).links
    )
    operator = signed_in(service, "operator-1")
    answer = service.get(f"/ogc/jobs/{job}", headers=ACCEPT | operator)
    read_page(answer, "th", 404)


def test_older_jobs_are_a_link_away_and_keep_what_was_chosen(service, commander, jobs):
    for _ in range(3):
        submitted(jobs)
    page = opened(service, "/ogc/jobs?limit=2&status=accepted", commander)
    [older] = [link for link in page.links if "before=" in link]
    assert {"limit=2", "status=accepted"} <= set(older.partition("?")[2].split("&"))
    last = read_page(service.get(older, headers=ACCEPT | commander), "en")
    assert len([link for link in last.links if "/ogc/jobs/" in link]) == 1


def test_what_jobs_were_asked_with_and_failed_by_is_no_markup(service, commander, jobs):
    for text in HOSTILE:
        job = submitted(jobs, "site-cameras", {"fixed": [text]})
        jobs.runs.claim("runner", now=NOW, job=job)
        jobs.runs.fail(job, "runner", text, now=NOW)
        for path in (f"/ogc/jobs/{job}", "/ogc/jobs"):
            page = opened(service, path, commander)
            assert text in page.text
            assert not any(tag in {"script", "img", "svg", "b"} for tag, _ in page.shape)


@pytest.mark.parametrize("path", ["/ogc/processes", "/ogc/processes/forecast", "/ogc/jobs"])
def test_programs_get_json_as_before(service, commander, path):
    for accept in ("*/*", "application/json", "application/json, text/html;q=0.5"):
        answer = service.get(path, headers=commander | {"Accept": accept})
        assert answer.headers["content-type"] == "application/json"
        assert {"Accept", "Accept-Language", "Cookie"} <= set(answer.headers["vary"].split(", "))
    assert service.get(path, params={"f": "xml"}, headers=commander).status_code == 400
    assert service.get(path, params={"lang": "fr"}, headers=commander).status_code == 400


def test_jobs_of_one_account_are_pages_of_that_account_alone(service, jobs):
    job = submitted(jobs, subject="operator-1")
    planner = signed_in(service, "planner-1")
    read_page(service.get(f"/ogc/jobs/{job}", headers=ACCEPT | planner), "th", 404)
    operator = signed_in(service, "operator-1")
    assert job in opened(service, f"/ogc/jobs/{job}", operator).text
