"""A store of the first schema is brought up to the newest, and its rows survive."""

import json
import re

import pytest
import shapely
from shapely.geometry import Point

from api.store import Box, Store, exposure, postgres_engine, sqlite_engine
from api.store.engine import migration_scripts
from api.store.features import fingerprint
from api.store.opening import open_engine
from geo.errors import NotFoundError
from tests.api.sample import PROVENANCE, ZONE, zone_layers

AT = "2026-03-01T12:00:00+00:00"
OLD = {"zone": ZONE, "kind": "layer", "version": "v1", "at": AT, "told": json.dumps(PROVENANCE)}


def feature(name, place, **properties):
    return {
        "type": "Feature",
        "id": name,
        "geometry": None if place is None else {"type": "Point", "coordinates": place},
        "properties": properties,
    }


CAMERAS = [
    feature("cam-1", [98.39, 7.88], owner_kind="municipal", place_th="ถนนถลาง"),
    feature("cam-2", [98.40, 7.88], owner_kind="private"),
    feature("cam-3", None, owner_kind="programme"),
]


def only_first(monkeypatch, count=1):
    def scripts(name):
        return migration_scripts(name)[:count]

    for module in (sqlite_engine, postgres_engine):
        monkeypatch.setattr(module, "migration_scripts", scripts)


def write_old(session, zone=ZONE):
    row = session.row(
        "INSERT INTO layers (zone, name, kind, version, created_at, provenance, count,"
        " public_count, west, south, east, north) VALUES (:zone, 'cameras', :kind, :version, :at,"
        " :told, 3, 2, 98.39, 7.88, 98.39, 7.88) RETURNING id",
        **OLD | {"zone": zone},
    )
    for position, camera in enumerate(CAMERAS):
        place = camera["geometry"] and Point(camera["geometry"]["coordinates"])
        west, south, east, north = place.bounds if place else (None,) * 4
        session.run(
            "INSERT INTO features (layer_id, position, feature_id, withheld, west, south, east,"
            " north, geometry, feature) VALUES (:layer, :position, :name, :withheld, :west,"
            " :south, :east, :north, :geometry, :feature)",
            layer=row["id"],
            position=position,
            name=camera["id"],
            withheld=int(camera["properties"]["owner_kind"] == "private"),
            west=west,
            south=south,
            east=east,
            north=north,
            geometry=place and shapely.to_wkb(shapely.set_srid(place, 4326), include_srid=True),
            feature=json.dumps(camera, ensure_ascii=False),
        )


@pytest.fixture
def migrated(store_place, monkeypatch):
    """Return a store that has rows of the first schema."""
    with monkeypatch.context() as older:
        only_first(older)
        engine = open_engine(store_place)
        with engine.writing() as session:
            write_old(session)
            write_old(session, zone="other")
        engine.close()
    store = Store(store_place)
    yield store
    store.close()


def read(store, **options):
    page = store.items(ZONE, "cameras", **({"limit": 10} | options))
    return [json.loads(text) for text in page.features], page


def test_the_rows_of_the_first_schema_survive(migrated):
    assert read(migrated, view="full")[0] == CAMERAS
    shown, page = read(migrated)
    assert shown == [CAMERAS[0], CAMERAS[2]]
    assert page.number_matched == 2
    record = page.layer
    assert (record.version, record.public_version, record.count) == ("v1", "v1", 3)
    with pytest.raises(NotFoundError):
        migrated.item(ZONE, "cameras", "cam-2")


def test_each_layer_gets_a_secret_of_its_own(migrated):
    keys = {migrated.layer(zone, "cameras").page_key for zone in (ZONE, "other")}
    assert len(keys) == 2
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)


def test_pages_and_boxes_are_found_in_them(migrated):
    first, page = read(migrated, view="full", limit=1)
    rest, last = read(migrated, view="full", limit=2, after=page.next_after)
    assert (first + rest, last.next_after) == (CAMERAS, None)
    assert read(migrated, view="full", bbox=Box(98.395, 7, 99, 8))[0] == CAMERAS[1:2]


def test_their_versions_are_those_of_their_texts_and_they_can_be_changed(migrated):
    text, version = migrated.item(ZONE, "cameras", "cam-1", view="full")[1:]
    assert version == fingerprint(text)
    moved = feature("cam-1", [98.41, 7.88], owner_kind="municipal")
    new = migrated.put_feature(ZONE, "cameras", moved, if_version=version)
    assert migrated.item(ZONE, "cameras", "cam-1", view="full")[2] == new.version
    assert migrated.put_layer(
        ZONE, "cameras", zone_layers()["cameras"], kind="layer", provenance=PROVENANCE
    ).bounds
    assert read(migrated, view="full")[1].number_matched == 3


def filled_before(schema, place, monkeypatch):
    """Fill a store of an older schema with cameras that tell what only the register may."""
    with monkeypatch.context() as older:
        only_first(older, schema)
        for name in ("REGISTER_ONLY", "PRIVATE_LAYERS"):
            older.setattr(exposure, name, frozenset())
        store = Store(place)
        cameras = zone_layers()["cameras"]
        told = cameras.assign(contact="office-7", audience="police", note='a "ถนน"', size=1.5)
        for layer, frame in (("cameras", told), ("register", told), ("lamps", told)):
            store.put_layer(ZONE, layer, frame, kind="layer", provenance=PROVENANCE)
        before = store.layer(ZONE, "cameras")
        store.close()
    return before


def texts_of(store):
    """Return what a store has of the cameras in each view."""
    views = ("full", "public")
    return [store.items(ZONE, "cameras", view=view, limit=9).features for view in views]


def test_what_only_the_register_may_hold_goes_with_the_eighth_schema(store_place, monkeypatch):
    before = filled_before(7, store_place, monkeypatch)
    store = Store(store_place)
    cameras = zone_layers()["cameras"].assign(note='a "ถนน"', size=1.5)
    record = store.layer(ZONE, "cameras")
    assert record.version != before.version
    assert record.public_version != before.public_version  # for `audience` was public
    found = texts_of(store)
    versions = [store.item(ZONE, "cameras", name, view="full")[2] for name in cameras.index]
    store.put_layer(ZONE, "cameras", cameras, kind="layer", provenance=PROVENANCE)
    assert texts_of(store) == found  # byte for byte what is written today
    assert [fingerprint(text) for text in found[0]] == versions
    assert {one.name for one in store.layers(ZONE)} == {"cameras", "lamps"}
    lamps = store.items(ZONE, "lamps", view="full", limit=9).features
    assert all('"contact":"office-7"' in text for text in lamps)  # a column of their own
    store.close()
