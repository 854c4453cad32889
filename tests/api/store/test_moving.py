"""A zone from one store into another: everything arrives, and nothing by half."""

import pytest

from api.store import Box, Store, moving
from api.store.moving import OWN_TABLES, move_zone
from api.store.tables import read_tables
from geo.errors import ConflictError, NotFoundError, SourceError
from tests.api.sample import PROVENANCE, ZONE, fill
from tests.api.store.conftest import NOW
from tests.api.store.test_backup import everything
from tests.api.store.test_store import points


def test_everything_of_a_zone_arrives_on_the_other_database_and_comes_home(filled, other, tmp_path):
    done = filled.jobs.submit(ZONE, "plan-patrol", {"seed": 7}, subject="commander-1", now=NOW)
    filled.jobs.dismiss(done, now=NOW)
    filled.jobs.submit(ZONE, "plan-patrol", {"seed": 8}, subject="commander-1", now=NOW)
    for number in range(3):  # so that the numbers of the two stores differ
        other.put_layer(f"z{number}", "lamps", points(5, "o"), kind="layer", provenance=PROVENANCE)
        other.events.append("z1", "own", {}, at=NOW)
    moved = {one.name: one.rows for one in move_zone(filled.engine, other.engine, ZONE)}
    assert everything(other) == everything(filled)
    assert (moved["buildings"], moved["layers"], moved["events"], moved["jobs"]) == (12, 15, 1, 1)
    (event,) = other.events.after(0, 10, zone=ZONE)
    assert event.payload == {"ที่": "ถนนถลาง"}
    box = Box(-180, -90, 180, 90)
    assert other.items(ZONE, "lamps", bbox=box, limit=10).number_matched == 8
    home = Store(tmp_path / "home.sqlite")
    assert move_zone(other.engine, home.engine, ZONE) == move_zone_again(filled, tmp_path)
    assert everything(home) == everything(filled)
    home.close()


def move_zone_again(store, tmp_path):
    """Move the zone of a store into one more, and return what was moved."""
    one_more = Store(tmp_path / "one_more.sqlite")
    try:
        return move_zone(store.engine, one_more.engine, ZONE)
    finally:
        one_more.close()


def test_a_moved_zone_goes_on_paging_and_editing(filled, other):
    first = filled.items(ZONE, "buildings", limit=5)
    move_zone(filled.engine, other.engine, ZONE)
    rest = other.items(ZONE, "buildings", limit=50, after=first.next_after)
    assert len(first.features) + len(rest.features) == 12
    version = other.item(ZONE, "lamps", "l1", view="full")[2]
    other.delete_feature(ZONE, "lamps", "l1", if_version=version)
    assert filled.layer(ZONE, "lamps").count == 8
    assert other.layer(ZONE, "lamps").count == 7


def test_a_zone_that_is_missing_or_there_already_is_refused(filled, other):
    with pytest.raises(NotFoundError, match="'elsewhere'"):
        move_zone(filled.engine, other.engine, "elsewhere")
    other.events.append(ZONE, "own", {}, at=NOW)
    with pytest.raises(ConflictError, match="Expected nothing of zone 'sample'"):
        move_zone(filled.engine, other.engine, ZONE)
    with pytest.raises(ConflictError):
        move_zone(filled.engine, filled.engine, ZONE)
    assert other.layers(ZONE) == []


def test_what_changes_on_the_way_is_found_and_nothing_stays(filled, other, monkeypatch):
    insert = moving.insert_rows

    def careless(session, table, columns, rows):
        insert(session, table, columns, rows)
        session.run("UPDATE features SET feature = replace(feature, 'museum', 'mosque')")

    monkeypatch.setattr(moving, "insert_rows", careless)
    with pytest.raises(SourceError, match="Expected places unchanged"):
        move_zone(filled.engine, other.engine, ZONE)
    assert other.layers(ZONE) == []
    assert other.events.after(0, 10) == []


def test_every_table_is_either_moved_or_known_to_be_a_stores_own(filled):
    with filled.engine.reading() as session:
        tables = read_tables(session)
    moved = {table.name for table in tables if "zone" in table.columns} - OWN_TABLES
    assert {table.name for table in tables} == moved | OWN_TABLES | {"features"}
    assert {"layers", "events", "jobs"} <= moved


def test_two_zones_do_not_mix(filled, other):
    fill(other)
    before = everything(other)
    filled.put_layer("z9", "lamps", points(4, "n"), kind="layer", provenance=PROVENANCE)
    assert {one.name for one in move_zone(filled.engine, other.engine, "z9") if one.rows} == {
        "layers",
        "lamps",
    }
    assert everything(other) == before
    assert other.layer("z9", "lamps").count == 4
