"""Services that differ in private cameras alone: to the public they are alike, byte for byte."""

import re
from contextlib import contextmanager

import httpx
import pandas as pd
import pytest
from shapely.geometry import Point

from api.main import create_app
from api.ogc import router
from api.ogc.sights import Sight
from api.store import Store
from api.store.features import encode_features
from api.store.writing import write_feature
from tests.api.crawl import EXAMPLES, FIRST, templates
from tests.api.sample import PROVENANCE, ZONE, fill, frame, products, zone_layers
from tests.api.serving import serving, settings_for
from tests.api.signing import account_settings

CAMERAS = "/ogc/collections/cameras/items"
ASKED = (
    *("?limit=1", "?offset=1", "?limit=1&offset=1", "?f=html&lang=en", "?f=html&lang=th&limit=1"),
    "?bbox=98.37,7.87,98.4,7.9&limit=1",
    "?bbox=98.38122,7.88,98.3815,7.9",  # where the private camera stands
    "?filter=fov_deg%20%3E%201&limit=1",
    "?crs=http://www.opengis.net/def/crs/EPSG/0/3857&limit=1",
    "/cam-private",
    "/cam-private?f=html",
)
COLLECTIONS = ("streets", "cameras", "fields_of_view", "lamps", "incidents", "hotspots")
CHANGING = re.compile(rb'after=[0-9a-f]{32}|"timeStamp":"[^"]*"')
"""What no two answers have in common: marks, each under a secret of its store, and the time."""


def without_any(store):
    """Fill a store without private cameras and what they see."""
    fill(store)
    for name, layer in (("cameras", zone_layers()), ("fields_of_view", products())):
        public = layer[name][layer[name]["owner_kind"] != "private"]
        kind = "layer" if name == "cameras" else "product"
        store.put_layer(ZONE, name, public, kind=kind, provenance=PROVENANCE)


def more_of_them(store):
    """Fill a store with eight private cameras, of another file, one of them edited since."""
    layers = zone_layers()
    cameras = layers["cameras"]
    private = cameras[cameras["owner_kind"] == "private"]
    far = frame([{"id": f"cam-{n}", "geometry": Point(900 * n, 70)} for n in range(1, 8)])
    more = private.iloc[[0] * 7].set_axis(far.index).set_geometry(far.geometry)
    parts = [more.iloc[:3], cameras.iloc[:1], more.iloc[3:], cameras.iloc[1:]]
    told = PROVENANCE | {"inputs": {"file": "cameras.csv", "sha256": "0" * 64}}
    told |= {"folder": {"cameras.csv": "1" * 64}}
    fill(store)
    store.put_layer(ZONE, "cameras", pd.concat(parts), kind="layer", provenance=told)
    (row,) = encode_features("cameras", private.assign(azimuth_deg=1.0, status="down"))
    version = store.item(ZONE, "cameras", "cam-private", view="full")[2]
    with store.engine.writing() as session:
        write_feature(session, ZONE, "cameras", row, if_version=version)


@contextmanager
def served(place, change, *, mode):
    """Serve a store and yield the application and a client whose address tells no port."""
    store = Store(place)
    change(store)
    with store.engine.writing() as session:  # tags hang on it, and each store has its own
        session.run("UPDATE layers SET page_key = :key", key="0" * 64)
    store.close()
    settings = account_settings if mode == "accounts" else settings_for
    app = create_app(settings(place))
    told = {"Host": "127.0.0.1", "Accept-Encoding": "identity"}
    with serving(app) as address, httpx.Client(base_url=address, headers=told, timeout=30) as one:
        yield app, one


def paths_of(app):
    """Return every address that is read below /ogc, /public and /zones, of every collection."""
    paths = [
        path.format(**EXAMPLES, collection=collection, feature_id=FIRST.get(collection, "none"))
        for path, methods in sorted(templates(app).items())
        for collection in (COLLECTIONS if "{collection}" in path else COLLECTIONS[:1])
        if "GET" in methods and path.startswith(("/ogc", "/public", "/zones", "/readyz"))
    ]
    pages = [path for path in paths if path.endswith(("/cameras", "/collections", "/queryables"))]
    return [*paths, *(f"{path}?f=html" for path in pages), *(CAMERAS + query for query in ASKED)]


def answers_of(app, client):
    """Return what the public is told at each address, and where its links lead on."""
    told = {}
    asked = paths_of(app)
    while asked:
        path = asked.pop()
        answer = client.get(path)
        kept = {n: v for n, v in answer.headers.items() if n not in {"date", "x-request-id"}}
        name, body = (CHANGING.sub(b"", text) for text in (path.encode(), answer.content))
        told.setdefault(name, []).append((answer.status_code, sorted(kept.items()), body))
        asked += re.findall(r'"next","href":"http://127.0.0.1([^"]*)"', answer.text)
        if "etag" in answer.headers:
            known = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
            assert known.status_code == 304, path
    return told


@pytest.fixture(scope="module", params=["accounts", "demo"])
def plain(request, tmp_path_factory):
    """Return a mode and what the public is told by a service in it."""
    place = tmp_path_factory.mktemp("alike") / "store.sqlite"
    with served(place, fill, mode=request.param) as (app, client):
        return request.param, answers_of(app, client)


@pytest.mark.slow
@pytest.mark.parametrize("change", [without_any, more_of_them])
def test_the_public_is_told_the_same_whatever_is_withheld(plain, tmp_path, change):
    mode, expected = plain
    with served(tmp_path / "store.sqlite", change, mode=mode) as (app, client):
        found = answers_of(app, client)
    assert found.keys() == expected.keys()
    assert [name for name in found if found[name] != expected[name]] == []
    assert sum(told[0][0] == httpx.codes.OK for told in found.values()) > 40


FAULTS = {
    "told of files and edits": (router, "told_of", lambda _, record: record),
    "tagged by all of it": (Sight, "version", lambda _, record: record.version),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("plain", ["accounts"], indirect=True)
def test_a_service_that_tells_more_would_be_found(plain, tmp_path, monkeypatch, fault):
    _, expected = plain
    monkeypatch.setattr(*FAULTS[fault])
    with served(tmp_path / "store.sqlite", more_of_them, mode="accounts") as (app, client):
        found = answers_of(app, client)
    different = [name for name in found if found[name] != expected[name]]
    assert b"/ogc/collections/cameras" in different
