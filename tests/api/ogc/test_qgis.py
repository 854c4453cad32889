"""QGIS' own provider reads every public collection: all features once, as the store has them."""

import json
import subprocess
from pathlib import Path

import pytest
import shapely

from tests.api.ogc.test_gdal import PAGE_SIZE, service, stored_shapes
from tests.conftest import missing

__all__ = ["service"]  # a fixture, which pytest looks for here

pytestmark = pytest.mark.slow
READER = Path(__file__).with_name("qgis_reader.py")
PYTHON = "/usr/bin/python3"  # which Debian's QGIS is made for


@pytest.fixture(scope="module")
def read(service):
    """Return what QGIS reads of every collection that the service lists."""
    probe = [PYTHON, "-c", "import qgis.core"]
    if (
        not Path(PYTHON).exists()
        or subprocess.run(probe, check=False, capture_output=True).returncode
    ):
        missing("QGIS")
    client, _ = service
    listed = [one["id"] for one in client.get("/ogc/collections").json()["collections"]]
    command = [PYTHON, READER, f"{client.base_url}/ogc", str(PAGE_SIZE), *listed]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found) == set(listed)
    return found


def test_qgis_reads_all_features_once_as_they_are(service, read):
    client, store = service
    for collection, told in read.items():
        assert "error" not in told, (collection, told)
        matched = client.get(f"/ogc/collections/{collection}/items").json()["numberMatched"]
        expected = stored_shapes(store, collection)
        ids = [feature["id"] for feature in told["features"]]
        assert told["count"] == len(ids) == len(set(ids)) == matched == len(expected)
        for feature in told["features"]:
            there, found = expected[feature["id"]], feature["geometry"]
            assert (found is None) == (there is None)
            if found is not None:
                shape = shapely.from_wkb(bytes.fromhex(found))
                assert shapely.equals(shape, there), (collection, feature["id"])


def test_pages_were_smaller_than_what_was_read(read):
    assert max(told["count"] for told in read.values()) > 3 * PAGE_SIZE
