"""The zone of the repository in the store: everything arrives, private things stay withheld."""

import datetime as dt
from dataclasses import replace

import pytest

from api.store import ZONE_LAYERS, import_zone, missing_layers
from geo.zone import Zone

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def zone(root):
    return Zone.load(root / "data" / "old_town")


@pytest.fixture
def filled(empty_store, zone):
    assert missing_layers(empty_store, zone.name) == list(ZONE_LAYERS)
    assert import_zone(empty_store, zone, created_at=NOON) == list(ZONE_LAYERS)
    assert missing_layers(empty_store, zone.name) == []
    return empty_store


def test_every_layer_arrives_whole(filled, zone):
    for name in ZONE_LAYERS:
        record = filled.layer(zone.name, name)
        assert (record.kind, record.created_at) == ("layer", NOON)
        assert record.count == (1 if name == "boundary" else len(getattr(zone, name)))


def test_the_boundary_carries_the_zones_names(filled, zone):
    _, feature, _ = filled.item(zone.name, "boundary", zone.name)
    assert zone.name_th in feature
    assert zone.name_en in feature


def test_incidents_and_private_cameras_are_withheld(filled, zone):
    private = int((zone.cameras["owner_kind"] == "private").sum())
    cameras = filled.layer(zone.name, "cameras")
    assert private > 0
    assert cameras.public_count == len(zone.cameras) - private
    assert filled.layer(zone.name, "incidents").public_count == 0


def test_only_what_changed_is_told_and_written(filled, zone):
    assert import_zone(filled, zone, created_at=NOON) == []
    cameras = zone.cameras.copy()
    cameras.loc[cameras.index[0], "status"] = "down"
    changed = import_zone(filled, replace(zone, cameras=cameras), created_at=NOON)
    assert changed == ["cameras"]


def test_what_was_edited_or_imported_in_the_store_stays(filled, zone):
    lamp = zone.lamps.index[0]
    version = filled.item(zone.name, "lamps", lamp, view="full")[2]
    filled.delete_feature(zone.name, "lamps", lamp, if_version=version)
    told = {"created_at": NOON, "inputs": {"file": "places.csv"}}
    places = zone.places.iloc[:2]
    filled.put_layer(zone.name, "places", places, kind="layer", provenance=told)
    cameras = zone.cameras.iloc[1:]
    changed = import_zone(filled, replace(zone, cameras=cameras), created_at=NOON)
    assert changed == ["cameras"]
    assert filled.layer(zone.name, "lamps").count == len(zone.lamps) - 1
    assert filled.layer(zone.name, "places").count == 2


def test_a_zone_does_not_touch_another(filled, zone):
    other = replace(zone, name="elsewhere", lamps=zone.lamps.iloc[:0])
    import_zone(filled, other, created_at=NOON)
    assert filled.layer("elsewhere", "lamps").count == 0
    assert filled.layer(zone.name, "lamps").count == len(zone.lamps) > 0
