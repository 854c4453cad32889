"""What Prometheus reads: requests by route, the store's state, and who may read it."""

import datetime as dt
import secrets

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from api.identity import Principal
from api.main import create_app
from api.operations.answered import _BUCKETS_S, Answered
from api.operations.metrics import Metrics
from api.settings import Settings
from api.store import Store
from tests.api.operations.ports import served
from tests.api.sample import ZONE, fill

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
TOKEN = "t" * 40
MADE_UP = secrets.token_urlsafe(48)


def samples(text):
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def store(store_place):
    store = Store(store_place)
    yield store
    store.close()


def test_the_store_tells_its_jobs_layers_and_audit(store):
    fill(store)
    store.audit.append(NOW, Principal("officer-1", "officer"), "read", ZONE, "incidents")
    store.jobs.submit(ZONE, "plan-patrol", {}, subject="commander-1", now=NOW)
    found = samples(Metrics(store, [ZONE]).text().decode())
    assert found["smartzone_store_up",] == 1
    assert 0 < found["smartzone_store_seconds",] < 10
    assert found["smartzone_jobs", "accepted"] == 1
    assert found["smartzone_jobs", "running"] == 0
    assert found["smartzone_layer_age_seconds", *sorted((ZONE, "streets"))] > 0
    assert found["smartzone_audit_entries",] == 1
    assert found["smartzone_audit_unsigned_seconds",] > 0


def test_of_a_store_that_does_not_answer_only_that_is_told(store):
    with store.engine.writing() as session:
        session.run("ALTER TABLE jobs RENAME TO jobs_before")
    found = samples(Metrics(store, [ZONE]).text().decode())
    assert found == {("smartzone_store_up",): 0}


def test_requests_are_counted_by_the_template_of_their_route(tmp_path):
    settings = Settings(zone=ZONE, store=str(tmp_path / "store.sqlite"))
    with (
        served(create_app(settings), settings) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        for path in ("/healthz", "/healthz", "/ogc/collections/secret-1", "/nowhere/secret-2"):
            client.get(path)
        text = client.get("/metrics").text
    found = samples(text)
    assert found["smartzone_requests_total", *sorted(("/healthz", "GET", "2xx"))] == 2
    assert found["smartzone_requests_total", *sorted(("-", "GET", "4xx"))] == 1
    route = "/ogc/collections/{collection}"
    assert found["smartzone_requests_total", *sorted((route, "GET", "4xx"))] == 1
    assert found["smartzone_request_seconds_count", "/healthz"] == 2
    assert "secret" not in text


TIMES_S = st.one_of(st.sampled_from([0.001, 0.01, 10.0]), st.floats(0.0, 20.0))
ANSWERS = st.tuples(st.sampled_from("ab"), st.sampled_from([200, 204, 404]), TIMES_S)


@given(st.lists(ANSWERS, max_size=20))
def test_requests_are_counted_as_the_client_library_counts_them(answers):
    theirs, ours = CollectorRegistry(), CollectorRegistry()
    counter = Counter("smartzone_requests", "n", ("route", "method", "status"), registry=theirs)
    histogram = Histogram(
        "smartzone_request_seconds", "s", ("route",), buckets=_BUCKETS_S, registry=theirs
    )
    answered = Answered()
    ours.register(answered)
    for route, status, took_s in answers:
        answered.count(route, "GET", status, took_s)
        counter.labels(route, "GET", f"{status // 100}xx").inc()
        histogram.labels(route).observe(took_s)
    told, expected = (samples(generate_latest(registry).decode()) for registry in (ours, theirs))
    made = {key: value for key, value in expected.items() if not key[0].endswith("_created")}
    assert told == pytest.approx(made)


def test_outside_demo_mode_a_scraper_needs_its_token(tmp_path):
    settings = Settings(
        zone=ZONE,
        store=str(tmp_path / "store.sqlite"),
        mode="accounts",
        secret=MADE_UP,
        metrics_token=TOKEN,
    )
    with (
        served(create_app(settings), settings) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):

        def status(path="/metrics", **headers):
            return client.get(path, headers=headers).status_code

        assert status() == 401
        assert status(Authorization=f"Bearer {TOKEN}") == 200
        assert status(Authorization=f"Bearer {TOKEN}x") == 401
        assert status(Authorization=f"Bearer {TOKEN[1:]}") == 401
        assert status("/audit", Authorization=f"Bearer {TOKEN}") == 401
        assert status("/ogc/collections/incidents", Authorization=f"Bearer {TOKEN}") == 401
        told = client.get("/healthz").headers["strict-transport-security"]
        assert told == "max-age=31536000"
