"""Layers out of the store, through a map program, and in again: only what was edited changes."""

import json
import subprocess
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from api.store import Store
from api.store_files import export_zone, import_layer
from geo.formats import write_layer
from geo.layers import check_layer
from tests.api.small_zone import CRS, layers
from tests.api.store.conftest import NOW
from tests.conftest import missing

ZONE = "small"
EDITED = {
    "cameras": ("camera-1", "status", "down"),
    "incidents": ("incident-2", "category", "ทะเลาะวิวาท"),
    "buildings": ("block-3", "kind", "ศาลเจ้า"),
    "streets": ("edge-4", "name_th", "ถนนใหม่ “สายสอง”"),
}
SAVED = ("gpkg", "geojson", "shp", "wkt.csv", "xy.csv")
PYTHON = "/usr/bin/python3"  # which Debian's QGIS is made for


def town():
    """Give the small zone with columns of its own, and values that formats are bad at."""
    made = {Path(name).stem: layer for name, layer in layers().items()}
    cameras = made["cameras"].assign(
        place_th=["หน้าศาลเจ้า", "", "ซอย 1, “มุม”"],
        height_m=[4.5, None, 6.25],
        note=["grey\nbox", None, "7"],
        heads=[1, None, 3],
        leased=[True, False, None],
        parts=[["โดม", 1], None, []],
    )
    made["cameras"] = cameras.assign(heads=cameras["heads"].astype("Int64"))
    at = pd.Timestamp("2026-02-28T23:59:59.123Z")
    incidents = made["incidents"].iloc[:5]
    begun = [at, *incidents["occurred_at"].iloc[1:]]
    ended = [at + pd.Timedelta("1h"), *[pd.NaT] * 4]
    made["incidents"] = incidents.assign(occurred_at=begun, occurred_until=ended)
    blocks = made["buildings"].geometry.to_list()
    blocks[0] = blocks[0].difference(blocks[0].buffer(-20))  # with a yard in it
    made["buildings"] = made["buildings"].set_geometry(blocks, crs=CRS)
    return {name: check_layer(layer, name, source="made up") for name, layer in made.items()}


@pytest.fixture
def store(tmp_path):
    with closing(Store(tmp_path / "town.sqlite")) as store:
        provenance = {"created_at": NOW}
        for name, layer in town().items():
            store.put_layer(ZONE, name, layer, kind="layer", provenance=provenance)
        yield store


def content(store, layer):
    features = store.items(ZONE, layer, view="full", limit=999).features
    return {json.loads(text)["id"]: text for text in features}


def without(text, field):
    """Give all of a feature but one property."""
    feature = json.loads(text)
    return feature | {"properties": feature["properties"] | {field: None}}


def assert_only_the_edit_arrives(store, layer, file):
    """Import a file, of which the edit is to change one feature, in nothing but the one field."""
    feature_id, field, value = EDITED[layer]
    before = content(store, layer)
    dry = import_layer(store, ZONE, layer, file, crs=CRS, dry_run=True, now=NOW)
    assert content(store, layer) == before
    assert import_layer(store, ZONE, layer, file, crs=CRS, now=NOW) == dry
    assert tuple(dry.changes) == (0, 1, 0), file.name
    after = content(store, layer)
    assert {name for name in before if after[name] != before[name]} == {feature_id}
    assert json.loads(after[feature_id])["properties"][field] == value
    assert without(after[feature_id], field) == without(before[feature_id], field)


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "csv", "shp"])
@pytest.mark.parametrize("layer", EDITED)
def test_a_layer_comes_back_as_it_went_but_for_what_was_edited(store, tmp_path, layer, suffix):
    export_zone(store, ZONE, tmp_path / "town.gpkg", now=NOW)
    taken = gpd.read_file(tmp_path / "town.gpkg", layer=layer)
    feature_id, field, value = EDITED[layer]
    taken.loc[taken["id"] == feature_id, field] = value
    file = tmp_path / f"{layer}.{suffix}"
    write_layer(file, taken)
    assert_only_the_edit_arrives(store, layer, file)


@pytest.mark.parametrize("layer", EDITED)
def test_an_exported_folder_comes_back_as_it_went(store, tmp_path, layer):
    export_zone(store, ZONE, tmp_path / "town", now=NOW)
    before = content(store, layer)
    file = tmp_path / "town" / f"{layer}.geojson"
    assert tuple(import_layer(store, ZONE, layer, file, crs=CRS, now=NOW).changes) == (0, 0, 0)
    assert content(store, layer) == before


def test_features_may_come_and_go(store, tmp_path):
    export_zone(store, ZONE, tmp_path / "town.gpkg", now=NOW)
    cameras = gpd.read_file(tmp_path / "town.gpkg", layer="cameras")
    new = cameras.iloc[[1]].assign(id="กล้อง-9")
    moved = cameras.iloc[[2]].translate(3e-7, 0)  # three centimetres
    cameras = pd.concat([cameras.iloc[[1]], cameras.iloc[[2]].set_geometry(moved), new])
    write_layer(tmp_path / "cameras.csv", cameras)
    done = import_layer(store, ZONE, "cameras", tmp_path / "cameras.csv", crs=CRS, now=NOW)
    assert tuple(done.changes) == (1, 1, 1)
    assert list(content(store, "cameras")) == ["camera-2", "camera-3", "กล้อง-9"]


def test_a_rounded_place_would_be_found(store, tmp_path, monkeypatch):
    """Plant the fault that a place is taken from the file, which keeps it to a centimetre."""
    monkeypatch.setattr("api.store_files.same_place", lambda *_: False)
    monkeypatch.setattr("api.store.comparing.same_place", lambda *_: False)
    export_zone(store, ZONE, tmp_path / "town", now=NOW)
    file = tmp_path / "town" / "streets.geojson"
    done = import_layer(store, ZONE, "streets", file, crs=CRS, dry_run=True, now=NOW)
    assert done.changes.changed > 0


@pytest.mark.slow
@pytest.mark.parametrize("layer", EDITED)
def test_what_qgis_saves_comes_back_as_it_went_but_for_what_was_edited(store, tmp_path, layer):
    probe = [PYTHON, "-c", "import qgis.core"]
    there = Path(PYTHON).exists()
    if not there or subprocess.run(probe, check=False, capture_output=True).returncode:
        missing("QGIS")
    export_zone(store, ZONE, tmp_path / "town.gpkg", now=NOW)
    saved = tmp_path / "saved"
    saved.mkdir()
    writer = Path(__file__).with_name("qgis_writer.py")
    command = [PYTHON, writer, tmp_path / "town.gpkg", layer, saved, *EDITED[layer]]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    whole = store.frame(ZONE, layer)
    for suffix in SAVED if layer in {"cameras", "incidents"} else SAVED[:-1]:
        store.put_layer(ZONE, layer, whole, kind="layer", provenance={"created_at": NOW})
        assert_only_the_edit_arrives(store, layer, saved / f"{layer}.{suffix}")
