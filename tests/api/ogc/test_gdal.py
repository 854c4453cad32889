"""GDAL's own driver reads every public collection: all features once, as the store has them."""

import json
import subprocess
from shutil import which

import pytest
import shapely
from shapely.geometry import shape

from api.store import PUBLIC_LAYERS, Store
from tests.api.sample import ZONE, fill, products, zone_layers
from tests.api.serving import client_of
from tests.conftest import missing

STORED = zone_layers().keys() | products().keys()
PAGE_SIZE = 3  # smaller than most collections, so that paging is seen to work


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Return a client of a service and its store."""
    place = tmp_path_factory.mktemp("readers") / "store.sqlite"
    store = Store(place)
    fill(store)
    with client_of(place) as client:
        yield client, store
    store.close()


def stored_shapes(store, collection):
    """Return the shapes that the public may see of a collection, by id."""
    page = store.items(ZONE, collection, limit=10_000)
    features = [json.loads(text) for text in page.features]
    return {
        one["id"]: None if one["geometry"] is None else shape(one["geometry"]) for one in features
    }


def run(*command):
    if which(command[0]) is None:
        missing(command[0])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    return done.stdout


@pytest.mark.parametrize("collection", [name for name in PUBLIC_LAYERS if name in STORED])
def test_gdal_reads_all_features_once_as_they_are(service, collection):
    client, store = service
    source = f"OAPIF:{client.base_url}/ogc"
    options = ["-oo", f"PAGE_SIZE={PAGE_SIZE}", "-lco", "COORDINATE_PRECISION=9"]
    text = run("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", source, collection, *options)
    features = json.loads(text)["features"]
    matched = client.get(f"/ogc/collections/{collection}/items").json()["numberMatched"]
    expected = stored_shapes(store, collection)
    ids = [feature["properties"]["id"] for feature in features]
    assert len(ids) == len(set(ids)) == matched == len(expected)
    for feature in features:
        there = expected[feature["properties"]["id"]]
        found = feature["geometry"]
        assert (found is None) == (there is None)
        if found is not None and there is not None:
            # Rings may be turned by GDAL, never moved.
            assert shapely.equals(shape(found), there), feature["properties"]["id"]


def test_gdal_finds_what_the_service_lists(service):
    client, _ = service
    listed = [one["id"] for one in client.get("/ogc/collections").json()["collections"]]
    told = run("ogrinfo", "-ro", "-q", f"OAPIF:{client.base_url}/ogc")
    assert [line.split()[1] for line in told.splitlines() if ":" in line] == listed


def test_gdal_asks_for_a_box_by_the_service(service):
    client, store = service
    west, south, east, north = store.layer(ZONE, "buildings").bounds
    box = [str(west), str(south), str((west + east) / 2), str(north)]
    source = f"OAPIF:{client.base_url}/ogc"
    told = run("ogrinfo", "-ro", "-al", "-so", "-spat", *box, source, "buildings")
    expected = client.get("/ogc/collections/buildings/items", params={"bbox": ",".join(box)})
    assert f"Feature Count: {expected.json()['numberMatched']}" in told
    assert 0 < expected.json()["numberMatched"] < 12
