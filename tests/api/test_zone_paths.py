"""Several zones in one service: the same routes for each, and nothing of one in another."""

import json
import shutil
from contextlib import closing
from http.client import HTTPConnection

import httpx
import pytest

from api.main import create_app
from api.store import Store, import_zone
from geo.zone import Zone
from tests.api.hanoi import write_van_mieu
from tests.api.sample import PROVENANCE, ZONE, fill, zone_layers
from tests.api.serving import serving
from tests.api.signing import (
    NOW,
    account_settings,
    add_everyone,
    bearer,
    guarded,
    signed_in,
    tokens_of,
)

OTHER = "other"


def two_zones(store):
    """Put two zones into a store whose features carry the zone's name."""
    fill(store)
    layers = {}
    for name, layer in zone_layers().items():
        named = layer.copy()
        named.index = [f"other-{feature}" for feature in layer.index]
        layers[name] = named
    store.put_layers(OTHER, layers, kind="layer", provenance=PROVENANCE)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    path = tmp_path_factory.mktemp("zones") / "store.sqlite"
    store = Store(path)
    two_zones(store)
    add_everyone(store, zones=frozenset({OTHER}))
    store.close()
    return path


@pytest.fixture(scope="module")
def both(place):
    with guarded(place, zones=(OTHER,), jobs=0) as client:
        yield client


def ids(client, path, headers=None):
    page = client.get(f"{path}/items", headers=headers or {}).json()
    return [feature["id"] for feature in page["features"]]


def links(document):
    """Return every address in a document."""
    if isinstance(document, dict):
        own = [document["href"]] if isinstance(document.get("href"), str) else []
        return own + [link for value in document.values() for link in links(value)]
    if isinstance(document, list):
        return [link for value in document for link in links(value)]
    return []


def test_a_path_names_its_zone_and_without_one_the_first_is_served(both):
    own = list(zone_layers()["streets"].index)
    others = [f"other-{name}" for name in own]
    assert ids(both, "/ogc/collections/streets") == own
    assert ids(both, f"/zones/{ZONE}/ogc/collections/streets") == own
    assert ids(both, f"/zones/{OTHER}/ogc/collections/streets") == others
    assert both.get(f"/zones/{OTHER}/auth/me").json()["zone"] == OTHER
    assert both.get(f"/zones/{OTHER}/readyz").json()["zone"] == OTHER
    assert both.get("/readyz").json()["zone"] == ZONE


@pytest.mark.parametrize(
    "path",
    [
        "/ogc",
        "/ogc/collections",
        "/ogc/collections/streets",
        "/ogc/collections/streets/items?limit=1",
        "/ogc/collections/streets/items/other-thalang-01",
    ],
)
def test_every_link_of_an_answer_stays_in_its_zone(both, path):
    document = both.get(f"/zones/{OTHER}{path}").json()
    root = f"{both.base_url}/zones/{OTHER}/"
    ours = [link for link in links(document) if link.startswith(str(both.base_url))]
    assert ours
    assert [link for link in ours if not link.startswith(root)] == []
    for link in ours:
        assert both.get(link).status_code in {200, 401}, link


def test_the_first_zones_answers_name_no_other(both):
    for path in ("/ogc", "/ogc/collections", "/ogc/collections/streets/items", "/openapi.json"):
        both.get(f"/zones/{OTHER}{path}")
        text = both.get(path).text
        assert OTHER not in text.replace("another", ""), path


@pytest.mark.parametrize(
    "zone",
    ["atlantis", "Sample", "sample ", "..", ".", "%2e%2e", "sample%00", "sample%2f..", "a" * 99],
)
@pytest.mark.parametrize("path", ["/ogc", "/console", "/readyz", "/auth/me"])
def test_what_is_no_zone_of_this_service_is_not_found(both, zone, path):
    # Another client would tidy the path before it asks.
    client = HTTPConnection(both.base_url.host, both.base_url.port, timeout=30)
    with closing(client):
        client.request("GET", f"/zones/{zone}{path}".replace(" ", "%20"))
        answer = client.getresponse()
        assert answer.status == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert "aaaa" * 17 not in json.loads(answer.read())["detail"].replace(path, "")


def test_zones_do_not_nest(both):
    assert both.get(f"/zones/{ZONE}/zones/{OTHER}/ogc").status_code == 404


def test_a_token_for_one_zone_is_the_public_in_the_other(both):
    header = signed_in(both, "commander-1")
    inside = both.get(f"/zones/{OTHER}/auth/me", headers=header).json()
    outside = both.get("/auth/me", headers=header).json()
    assert (inside["role"], outside["role"]) == ("commander", "public")
    assert inside["subject"] == outside["subject"] == "commander-1"
    assert ids(both, f"/zones/{OTHER}/ogc/collections/incidents", header) == ["other-i1"]
    assert both.get("/ogc/collections/incidents/items", headers=header).status_code == 404
    assert "other-cam-private" in ids(both, f"/zones/{OTHER}/ogc/collections/cameras", header)
    assert ids(both, "/ogc/collections/cameras", header) == ["cam-programme", "cam-municipal"]
    auditor = bearer(tokens_of(both, "auditor-1")["access_token"])
    assert both.get("/audit", headers=auditor).status_code == 403
    assert both.get("/audit").status_code == 401
    edit = both.post("/ogc/collections/lamps/items", headers=header, json={})
    assert edit.status_code == 403
    assert both.get(f"/zones/{OTHER}/audit", headers=auditor).status_code == 200


def test_the_pilot_zones_are_listed_with_those_served_here(both):
    zones = both.get("/zones").json()["zones"]
    stations = [zone for zone in zones if "station_en" in zone]
    assert len(stations) == 15
    assert {zone["id"]: zone["loaded"] for zone in zones if zone["served"]} == {
        ZONE: True,
        OTHER: True,
    }
    other = next(zone for zone in zones if zone["id"] == OTHER)
    assert (other["name_th"], other["name_en"]) == ("ย่านตัวอย่าง", "Sample Quarter")
    for link in other["links"]:
        assert both.get(link["href"]).status_code == 200, link
    assert both.get(f"/zones/{OTHER}/zones").json()["zones"][-1]["links"] == other["links"]
    assert both.get(f"/zones/{OTHER}").json() == other
    assert both.get("/zones/atlantis").status_code == 404
    assert both.get("/zones/old_town").status_code == 404


@pytest.fixture(scope="module")
def van_mieu(reference, tmp_path_factory):
    """Return a zone's folder made from an extract of Hanoi, its boundary around its streets."""
    folder = write_van_mieu(tmp_path_factory.mktemp("van_mieu") / "van_mieu", reference)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
def test_old_town_and_a_quarter_of_hanoi_are_served_side_by_side(van_mieu, root, tmp_path):
    store = Store(tmp_path / "store.sqlite")
    for folder in (root / "data" / "old_town", van_mieu):
        import_zone(store, Zone.load(folder), created_at=NOW)
    store.close()
    settings = account_settings(
        tmp_path / "store.sqlite", zone="old_town", zones=("van_mieu",), jobs=0
    )
    with serving(create_app(settings)) as address, httpx.Client(base_url=address) as client:
        boxes = {}
        for zone in settings.served_zones:
            assert client.get(f"/zones/{zone}/readyz").status_code == 200
            layer = client.get(f"/zones/{zone}/ogc/collections/streets").json()
            boxes[zone] = layer["extent"]["spatial"]["bbox"][0]
            page = client.get(f"/zones/{zone}/ogc/collections/streets/items?limit=1").json()
            assert page["numberMatched"] > 50
        told = {zone["id"]: zone["loaded"] for zone in client.get("/zones").json()["zones"]}
    assert 98 < boxes["old_town"][0] < 99
    assert 105 < boxes["van_mieu"][0] < 106
    assert told["old_town"]
    assert told["van_mieu"]
