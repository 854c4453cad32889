"""Writes: single features with optimistic locking, many writers, and all or nothing."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from api.store import Store, writing
from geo.errors import ConflictError, NotFoundError, ParameterError, SourceError
from tests.api.store.contract.features import PROVENANCE, dots, found, lamp, put


def version_of(store, zone, name):
    return store.item(zone, "lamps", name, view="full")[2]


def state(store, zone):
    return [
        (record, store.items(zone, record.name, view="full", limit=1_000).features)
        for record in store.layers(zone)
    ]


@pytest.fixture
def lamps(kept, zone):
    put(kept, zone, "lamps", dots(["a", "b", "c"], lit=True))
    return zone


def test_a_new_feature_goes_to_the_end(kept, lamps):
    before = kept.layer(lamps, "lamps")
    stored = kept.put_feature(lamps, "lamps", lamp("d", lit=False), if_version=None)
    assert stored.version == version_of(kept, lamps, "d")
    assert found(kept, lamps, "lamps") == ["a", "b", "c", "d"]
    after = kept.layer(lamps, "lamps")
    assert (after.count, after.public_count) == (4, 4)
    assert after.bounds == (0, 1, 98.39, 7.88)
    assert after.version != before.version
    assert (after.created_at, after.provenance) == (
        before.created_at,
        PROVENANCE | {"edited": True},
    )


def test_a_feature_is_replaced_where_it_stands(kept, lamps):
    old = version_of(kept, lamps, "b")
    new = kept.put_feature(lamps, "lamps", lamp("b", lit=False), if_version=old).version
    assert new != old
    assert found(kept, lamps, "lamps") == ["a", "b", "c"]
    assert json.loads(kept.item(lamps, "lamps", "b")[1]) == lamp("b", lit=False)
    again = kept.put_feature(lamps, "lamps", lamp("b", lit=False), if_version=new)
    assert again.version == new
    assert again.feature == kept.item(lamps, "lamps", "b", view="full")[1]


def test_what_is_written_beside_a_feature_is_written_with_it_or_not_at_all(kept, lamps):
    old = version_of(kept, lamps, "b")
    written = []

    def beside(session, *stored):
        session.run("DELETE FROM features WHERE feature_id = 'c'")
        written.append([row.version for row in stored])

    def fail(*_):
        raise SourceError("Expected a disk.")

    with pytest.raises(ConflictError):
        kept.put_feature(lamps, "lamps", lamp("a"), if_version=None, besides=beside)
    with pytest.raises(SourceError):
        kept.put_feature(lamps, "lamps", lamp("b", lit=False), if_version=old, besides=fail)
    with pytest.raises(SourceError):
        kept.delete_feature(lamps, "lamps", "b", if_version=old, besides=fail)
    assert (found(kept, lamps, "lamps"), version_of(kept, lamps, "b")) == (["a", "b", "c"], old)
    new = kept.put_feature(lamps, "lamps", lamp("b", n=1), if_version=old, besides=beside)
    assert (found(kept, lamps, "lamps"), written) == (["a", "b"], [[new.version]])
    kept.delete_feature(lamps, "lamps", "b", if_version=new.version, besides=beside)
    assert (found(kept, lamps, "lamps"), written[1:]) == (["a"], [[]])


def test_a_feature_is_deleted_and_its_place_not_given_again(kept, lamps):
    page = kept.items(lamps, "lamps", limit=2)
    kept.delete_feature(lamps, "lamps", "c", if_version=version_of(kept, lamps, "c"))
    assert kept.layer(lamps, "lamps").bounds == (0, 1, 0.01, 1)
    kept.put_feature(lamps, "lamps", lamp("c"), if_version=None)
    assert found(kept, lamps, "lamps", after=page.next_after + 1) == ["c"]


def test_who_comes_second_is_told_and_changes_nothing(kept, lamps):
    old = version_of(kept, lamps, "b")
    kept.put_feature(lamps, "lamps", lamp("b", lit=False), if_version=old)
    before = state(kept, lamps)
    with pytest.raises(ConflictError, match="changed meanwhile"):
        kept.put_feature(lamps, "lamps", lamp("b", lit=True), if_version=old)
    with pytest.raises(ConflictError, match="changed meanwhile"):
        kept.delete_feature(lamps, "lamps", "b", if_version=old)
    with pytest.raises(ConflictError, match="taken"):
        kept.put_feature(lamps, "lamps", lamp("b"), if_version=None)
    for name in ("x", "a\0b"):
        with pytest.raises(NotFoundError):
            kept.delete_feature(lamps, "lamps", name, if_version=old)
    with pytest.raises(NotFoundError):
        kept.put_feature(lamps, "lamps", lamp("x"), if_version=old)
    with pytest.raises(NotFoundError):
        kept.put_feature(lamps, "tunnels", lamp("x"), if_version=None)
    with pytest.raises(ParameterError):
        kept.put_feature(lamps, "lamps", lamp("x", (181, 0)), if_version=None)
    assert state(kept, lamps) == before


def test_a_camera_that_becomes_private_is_withheld_at_once(kept, zone):
    put(kept, zone, "cameras", dots(["a", "b"], owner_kind="municipal"))
    before = kept.layer(zone, "cameras")
    version = kept.item(zone, "cameras", "b", view="full")[2]
    private = lamp("b", (5, 5), owner_kind="private")
    kept.put_feature(zone, "cameras", private, if_version=version)
    record = kept.layer(zone, "cameras")
    assert (record.count, record.public_count, record.bounds) == (2, 1, (0, 1, 0, 1))
    assert record.public_version != before.public_version
    assert found(kept, zone, "cameras") == ["a"]
    with pytest.raises(NotFoundError):
        kept.item(zone, "cameras", "b")


def test_of_writers_at_once_each_wins_once(kept, lamps):
    """Each of many threads adds one to a number; none is lost."""

    def count_up(_):
        for _ in range(200):
            text, version = kept.item(lamps, "lamps", "a", view="full")[1:]
            number = json.loads(text)["properties"].get("number", 0)
            with suppress(ConflictError):
                kept.put_feature(lamps, "lamps", lamp("a", number=number + 1), if_version=version)
                return True
        return False

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(count_up, range(18)))
    assert json.loads(kept.item(lamps, "lamps", "a")[1])["properties"]["number"] == 18


def test_writers_of_two_stores_on_one_database_take_turns(kept, lamps, place):
    other = Store(place)

    def add(number):
        store = (kept, other)[number % 2]
        store.put_feature(lamps, "lamps", lamp(f"n{number}"), if_version=None)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(24)))
    other.close()
    assert set(found(kept, lamps, "lamps")) == {"a", "b", "c", *(f"n{n}" for n in range(24))}
    assert kept.layer(lamps, "lamps").count == 27


def failing(monkeypatch, name):
    """Let a statement of the store end in an error of the database, after all that came before."""
    monkeypatch.setattr(writing, name, "INSERT INTO nowhere VALUES (1)")


@pytest.mark.parametrize("statement", ["_UPDATE_LAYER", "_INSERT", "_DELETE", "_UPDATE"])
def test_a_write_that_fails_half_way_leaves_all_as_it_was(kept, lamps, monkeypatch, statement):
    put(kept, lamps, "streets", dots(["s"]))
    before, revision = state(kept, lamps), kept.engine.revision()
    frames = {
        "streets": dots(["s", "t"]),
        "places": dots(["p"]),
        "lamps": dots(["b", "d"], lit=False),
    }
    with monkeypatch.context() as broken:
        failing(broken, statement)
        with pytest.raises(SourceError, match="nowhere"):
            kept.put_layers(lamps, frames, kind="layer", provenance=PROVENANCE)
    assert state(kept, lamps) == before
    assert kept.engine.revision() == revision
    kept.put_layers(lamps, frames, kind="layer", provenance=PROVENANCE)
    assert found(kept, lamps, "lamps") == ["b", "d"]
    assert kept.engine.revision() != revision


def test_what_is_written_besides_is_written_with_it_or_not_at_all(kept, lamps):
    before = state(kept, lamps)

    def fail(session):
        session.run("DELETE FROM features")
        raise ConflictError

    with pytest.raises(ConflictError):
        kept.put_layers(
            lamps, {"lamps": dots(["z"])}, kind="layer", provenance=PROVENANCE, besides=fail
        )
    assert state(kept, lamps) == before
