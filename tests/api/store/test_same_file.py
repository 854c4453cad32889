"""A store whose file was replaced or removed says so, and takes nothing that would be lost."""

import threading
from contextlib import closing

import pytest

from api.store import Store, same_file
from geo.errors import SourceError
from tests.api.ogc.calling import Service
from tests.api.sample import PROVENANCE, ZONE, fill, zone_layers

LAMPS = "/ogc/collections/lamps/items"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(same_file, "_EVERY_S", 0.0)
    with closing(Store(tmp_path / "store.sqlite")) as store:
        fill(store)
    with closing(Store(tmp_path / "other.sqlite")) as store:
        fill(store)
        fewer = zone_layers()["lamps"].iloc[:2]
        store.put_layer(ZONE, "lamps", fewer, kind="layer", provenance=PROVENANCE)
    return tmp_path / "store.sqlite"


def put_aside(place):
    place.rename(place.with_name("aside.sqlite"))


def replace(place):
    place.with_name("other.sqlite").replace(place)


@pytest.mark.parametrize("change", [put_aside, replace])
def test_a_store_is_not_written_or_read_once_its_file_is_another(place, change):
    with closing(Store(place)) as store:
        lamps = zone_layers()["lamps"]
        change(place)
        for ask in (
            lambda: store.layers(ZONE),
            lambda: store.put_layer(ZONE, "lamps", lamps, kind="layer", provenance=PROVENANCE),
            store.engine.revision,
        ):
            with pytest.raises(SourceError, match="stay the file that was opened"):
                ask()


def test_a_file_that_is_put_back_goes_on(place):
    with closing(Store(place)) as store:
        put_aside(place)
        with pytest.raises(SourceError):
            store.layers(ZONE)
        place.with_name("aside.sqlite").rename(place)
        assert store.layer(ZONE, "lamps").count == 8


def test_nothing_remembered_is_told_of_a_file_that_was_replaced(place):
    service = Service(place)
    known = {"if_none_match": service.get(LAMPS)[1][b"etag"].decode()}
    assert [service.get(LAMPS, **known)[0] for _ in range(3)] == [304] * 3
    replace(place)
    status, headers, _ = service.get(LAMPS, **known)
    assert (status, headers[b"content-type"]) == (503, b"application/problem+json")
    service.store.close()


def test_without_the_look_two_files_would_be_read_as_one(place, monkeypatch):
    """Plant the fault: of two readers at once, the second opens what stands there now."""
    monkeypatch.setattr(same_file.SameFile, "check", lambda _: None)
    with closing(Store(place)) as store:
        store.layers(ZONE)
        replace(place)
        counts = [store.layer(ZONE, "lamps").count]
        with store.engine.reading():
            thread = threading.Thread(
                target=lambda: counts.append(store.layer(ZONE, "lamps").count)
            )
            thread.start()
            thread.join()
    assert counts == [8, 2]
