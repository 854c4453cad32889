"""Nothing that a client sends stands in the logs, wherever in a request it puts it."""

import json
import signal
from itertools import islice
from urllib.parse import quote

import pytest

from api.store import Store
from tests.api.operations.tried_service import tried_service
from tests.api.sample import fill

pytestmark = pytest.mark.slow

MARKS = (
    "hunter2-the-password",
    "98.38345,7.88321",
    "98.38345",
    "1-2345-67890-12-3",
    "1234567890123",
    "0812345678",
    "Somchai",
    "สมชาย",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln",
    "203.0.113.77",
    "somebody@example.org",
)
PATHS = (
    *("/{}", "/ogc/collections/{}", "/ogc/collections/streets/items/{}", "/zones/{}/ogc"),
    *("/console/{}", "/console/leaflet/{}", "/fail/{}", "/absent/{}", "/zones/sample/ogc/{}"),
    *("/ogc/collections/streets/items?bbox={}", "/ogc/collections/streets/items?{}=1"),
    *(
        "/ogc?f={}",
        "/readyz?token={}",
        "/metrics?{}",
        "/public/v1/walk?from={}&to=98.38345,7.88321",
    ),
    *("/ogc/jobs/{}", "/sign-in?next=/{}", "/audit?after={}"),
)


@pytest.fixture
def place(tmp_path):
    place = tmp_path / "store.sqlite"
    store = Store(place)
    fill(store)
    store.close()
    return place


def send_everything(client):
    """Send every mark in every place of a request; yield each status."""
    for mark in (" ".join(MARKS), "".join(filter(str.isascii, MARKS)), "98.38345,7.88321"):
        quoted = quote(mark)
        plain = mark.encode()
        ascii_mark = mark if mark.isascii() else "none"
        headers = {
            "Authorization": f"Bearer {ascii_mark}",
            "Cookie": f"session={ascii_mark}; smartzone={ascii_mark}",
            "User-Agent": ascii_mark,
            "X-Forwarded-For": "203.0.113.77",
            "X-Request-ID": ascii_mark,
            "If-None-Match": ascii_mark,
            "X-Mark": ascii_mark,
        }
        for path in PATHS:
            yield client.get(path.format(quoted)).status_code
        for name, value in headers.items():
            yield client.get("/ogc/collections", headers={name: value}).status_code
        yield client.get("/ogc", headers={"Host": ascii_mark}).status_code
        for path in ("/auth/token", "/auth/session", "/fail/x", "/body", f"/{quoted}"):
            form = {"grant_type": "password", "username": mark, "password": mark}
            yield client.post(path, data=form).status_code
            yield client.post(path, json={"username": mark, mark: mark}).status_code
            yield client.post(path, content=plain).status_code
            yield client.post(path, files={"file": (mark, plain)}).status_code
        for method in ("PUT", "PATCH", "DELETE"):
            at = f"/ogc/collections/places/items/{quoted}"
            yield client.request(method, at, content=plain).status_code


def leaks(log):
    text = log.read_text(encoding="utf-8")
    return {mark for mark in MARKS if mark in text or quote(mark) in text}


def run(place, log, *options, most=None):
    with tried_service(place, log, *options) as (process, client):
        statuses = list(islice(send_everything(client), most))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    return statuses


def test_nothing_of_a_request_stands_in_the_log(place, tmp_path):
    statuses = run(place, tmp_path / "log")
    assert {200, 401, 404, 500, 503} <= set(statuses)
    assert leaks(tmp_path / "log") == set()
    events = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    requests = [event for event in events if event["event"] == "request"]
    assert len(requests) >= len(statuses)
    assert all(
        set(event)
        == {
            *("at", "event", "level", "logger", "request", "method", "route", "status"),
            *("duration_ms", "role", "zone"),
        }
        for event in requests
    )
    routes = {event["route"] for event in requests}
    assert "/ogc/collections/{collection}/items/{feature_id}" in routes
    failures = [event for event in events if event["level"] == "error"]
    kinds = {error["kind"] for event in failures for error in event["error"]}
    assert {"KeyError", "ValueError", "SourceError"} <= kinds
    places = [place for event in failures for error in event["error"] for place in error["at"]]
    assert any(place.endswith(" fail") for place in places)
    known = {event["request"] for event in requests}
    unexpected = [event for event in failures if event["event"] == "unexpected error"]
    assert unexpected
    assert {event["request"] for event in unexpected} <= known


def test_a_log_that_tells_paths_would_be_caught(place, tmp_path):
    run(place, tmp_path / "log", "--leaky", most=len(PATHS))
    assert leaks(tmp_path / "log")
