"""The service as a whole: health, readiness, headers, and problems in one form."""

import sqlite3
from contextlib import closing

import pytest

from api.main import create_app
from api.store import ZONE_LAYERS, Store
from geo.errors import SourceError
from tests.api.sample import PROVENANCE, ZONE, fill, zone_layers
from tests.api.serving import client_of, settings_for


def test_the_process_lives_and_the_zone_is_ready(client):
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json()["status"] == "ready"


def test_the_sample_holds_what_a_zone_brings():
    assert set(zone_layers()) == set(ZONE_LAYERS)


def test_readiness_names_what_is_missing_and_the_command(empty_store, tmp_path):
    some = {name: zone_layers()[name] for name in ("streets", "boundary")}
    empty_store.put_layers(ZONE, some, kind="layer", provenance=PROVENANCE)
    with client_of(tmp_path / "var" / "store.sqlite") as client:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem["missing"]) == set(ZONE_LAYERS) - {"streets", "boundary"}
    assert problem["command"] == f"smartzone serve --zone {ZONE}"
    assert problem["command"] in problem["detail"]
    assert "cameras" in problem["detail"]


def test_readiness_fails_when_the_store_does_not_answer(tmp_path):
    path = tmp_path / "store.sqlite"
    store = Store(path)
    fill(store)
    store.close()
    with client_of(path) as client:
        assert client.get("/readyz").status_code == 200
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DROP TABLE layers")
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "does not answer" in answer.json()["detail"]


def test_a_store_that_cannot_be_opened_is_refused_before_serving(tmp_path):
    path = tmp_path / "store.sqlite"
    path.write_text("no database" * 99)
    with pytest.raises(SourceError):
        create_app(settings_for(path))


@pytest.mark.parametrize(
    "path", ["/", "/console", "/ogc", "/healthz", "/nowhere", "/console/leaflet/leaflet.css"]
)
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "microphone=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers
    assert headers["x-request-id"]


def test_the_front_door_leads_to_the_console(client):
    answer = client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/console")


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_pages_that_need_a_content_delivery_network_are_off(client, path):
    assert client.get(path).status_code == 404


def test_the_api_describes_itself(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert "/ogc/collections/{collection}/items" in paths
    assert "/readyz" in paths
