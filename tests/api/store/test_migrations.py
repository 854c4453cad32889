"""A store of the first schema is brought up to the newest, and its rows survive."""

import json

import pytest
import shapely
from shapely.geometry import Point

from api.store import Box, Store, postgres_engine, sqlite_engine
from api.store.engine import migration_scripts, open_engine
from api.store.features import fingerprint
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


def only_first(monkeypatch):
    for module in (sqlite_engine, postgres_engine):
        monkeypatch.setattr(module, "migration_scripts", lambda name: migration_scripts(name)[:1])


def write_old(session):
    row = session.row(
        "INSERT INTO layers (zone, name, kind, version, created_at, provenance, count,"
        " public_count, west, south, east, north) VALUES (:zone, 'cameras', :kind, :version, :at,"
        " :told, 3, 2, 98.39, 7.88, 98.39, 7.88) RETURNING id",
        **OLD,
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
    assert migrated.item(ZONE, "cameras", "cam-1", view="full")[2] == new
    assert migrated.put_layer(
        ZONE, "cameras", zone_layers()["cameras"], kind="layer", provenance=PROVENANCE
    ).bounds
    assert read(migrated, view="full")[1].number_matched == 3
