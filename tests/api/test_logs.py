"""Logs: a line of JSON or text an event, without values, whatever is logged by whom."""

import io
import json
import logging
import sqlite3

import pytest

from api.logs import configure_logs, error_chain, log_facts, without_values


@pytest.fixture
def logged(monkeypatch):
    """Return a function that logs by another and returns what was written."""
    root = logging.getLogger()
    before = (root.handlers, root.level)
    stream = io.StringIO()

    def call(log, **options):
        configure_logs(**{"style": "json", "stream": stream} | options)
        log()
        return stream.getvalue()

    yield call
    root.handlers, root.level = before


def test_a_line_is_json_with_its_facts_and_no_others(logged):
    facts = {"route": "/x", "status": 200, "name": "x", "position": "98.38,7.88"}
    del facts["name"]  # logging keeps this name for itself
    text = logged(lambda: logging.getLogger("api.x").info("request", extra=facts))
    line = json.loads(text)
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "api.x",
        "route": "/x",
        "status": 200,
    }


@pytest.mark.parametrize("style", ["json", "text"])
def test_the_short_way_writes_what_the_long_one_does(logged, style):
    logger, facts = logging.getLogger("api.x"), {"route": "/ถนน/{x}", "status": 200}
    long = logged(lambda: logger.info("request", extra=facts), style=style)
    both = logged(lambda: log_facts(logger, "request", facts), style=style)
    one, other = both.splitlines()
    if style == "json":
        one, other = json.loads(one), json.loads(other)
        assert one.pop("at")[:10] == other.pop("at")[:10]
        assert one == other
    else:
        assert len(one.split()) == len(other.split())
    assert long in both


def test_a_line_for_people_has_the_same(logged):
    log = logging.getLogger("api.x")
    text = logged(lambda: log.info("request", extra={"status": 200}), style="text")
    assert "request" in text
    assert "status=200" in text
    assert not text.startswith("{")


def test_levels_hold_and_libraries_are_quiet(logged):
    def log():
        logging.getLogger("api.x").info("heard not")
        logging.getLogger("uvicorn.error").info("nor this")
        logging.getLogger("api.x").warning("heard")

    assert [json.loads(line)["event"] for line in logged(log, level="warning").splitlines()] == [
        "heard"
    ]


def test_of_an_error_the_kinds_codes_and_places_are_told(logged):
    def log():
        try:
            try:
                sqlite3.connect(":memory:").execute("SELECT 'Somchai' FROM nowhere")
            except sqlite3.Error as error:
                raise ValueError("98.3834,7.8838") from error
        except ValueError:
            logging.getLogger("api.x").exception("it failed for %s", "Somchai")

    text = logged(log)
    line = json.loads(text)
    assert "Somchai" not in text
    assert "98.38" not in text
    assert line["event"] == "it failed for …"
    assert [error["kind"] for error in line["error"]] == ["ValueError", "OperationalError"]
    assert line["error"][1]["code"] == "SQLITE_ERROR"
    assert line["error"][0]["at"][-1].startswith("tests/api/test_logs.py:")
    assert line["error"][0]["at"][-1].endswith(" log")


def test_values_in_a_text_are_numbers_ids_of_jobs_and_kinds_of_errors(logged):
    job = "0b0e9f3a-4c0e-4f0e-9f3a-4c0e4f0e9f3a"

    def log():
        logger = logging.getLogger("api.jobs.x")
        logger.warning("job %s of %s: %s in %d s", job, "Somchai", OSError(28, "x"), 3)

    assert json.loads(logged(log))["event"] == f"job {job} of …: OSError 28 in 3 s"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain words", "plain words"),
        ("GET /ogc/secret failed", "GET … failed"),
        ("at 98.3834, 7.8838", "at …, …"),
        ("id 1-2345-67890-12-3", "id …"),
        ("mail a@b.example", "mail …"),
        ("see https://host/secret now", "see … now"),
        ("column `x` of \"y\" and 'z'", "column … of … and …"),
        ("ชื่อ secret", "… secret"),
        ("first\nsecond", "first"),
    ],
)
def test_what_may_be_a_value_is_taken_out(text, kept):
    assert without_values(text) == kept


def test_a_chain_that_leads_back_to_itself_ends():
    one, two = ValueError(), KeyError()
    one.__cause__, two.__cause__ = two, one
    assert [told["kind"] for told in error_chain(one)] == ["ValueError", "KeyError"]
