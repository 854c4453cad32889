"""Releases: each window once, never changed, on both engines."""

import datetime as dt
import threading
from dataclasses import replace

import pytest

from api.store import Store
from api.store.releases import Calendar, KeptRelease
from geo.errors import NotFoundError, ZoneError

CALENDAR = Calendar(bytes(range(32)), dt.date(2024, 1, 1), 91, 0.25, 40)
FIRST = KeptRelease(
    number=0,
    since=dt.date(2026, 1, 1),
    until=dt.date(2026, 4, 2),
    shown_until=dt.date(2026, 7, 2),
    design="d",
    sums=(1.25, -0.5),
    areas='{"type":"FeatureCollection","features":[],"note":"ถนน"}',
)
SECOND = replace(FIRST, since=FIRST.until, until=FIRST.shown_until, sums=(0.0, 3.0))


@pytest.fixture
def store(store_place):
    store = Store(store_place)
    store.releases.calendar("here", CALENDAR)
    yield store
    store.close()


def test_what_is_released_is_read_again(store):
    assert store.releases.append("here", FIRST)
    assert store.releases.append("here", SECOND)
    first, second = store.releases.all("here")
    assert (first, second) == (replace(FIRST, number=1), replace(SECOND, number=2))
    assert store.releases.read("here") == second
    assert store.releases.read("here", 1) == first


def test_a_window_is_released_once(store):
    store.releases.append("here", FIRST)
    assert not store.releases.append("here", replace(FIRST, sums=(9.0, 9.0)))
    assert store.releases.all("here") == [replace(FIRST, number=1)]


def test_many_who_release_at_once_release_once(store):
    kept, start = [], threading.Barrier(6)

    def release(number):
        start.wait()
        kept.append(store.releases.append("here", replace(FIRST, sums=(float(number),))))

    threads = [threading.Thread(target=release, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == [False] * 5 + [True]
    assert len(store.releases.all("here")) == 1


def test_who_asks_first_chooses_the_secret(store):
    other = replace(CALENDAR, secret=b"another secret of the zone", budget=0.1)
    assert store.releases.calendar("here", other) == CALENDAR
    assert store.releases.calendar("there", other) == other
    assert "another secret" not in repr(other)


@pytest.mark.parametrize("table", ["releases", "overlay_secrets"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET zone = 'there'"])
def test_the_database_refuses_to_change_or_delete(store, table, change):
    store.releases.append("here", FIRST)
    with pytest.raises(ZoneError), store.engine.writing() as session:
        session.run(change.format(table))
    assert store.releases.all("here") == [replace(FIRST, number=1)]
    assert store.releases.calendar("here", replace(CALENDAR, budget=0.1)) == CALENDAR


def test_what_was_not_released_is_not_found(store):
    with pytest.raises(NotFoundError, match="a release of zone 'here'"):
        store.releases.read("here")
    with pytest.raises(NotFoundError, match="release 7"):
        store.releases.read("here", 7)
    assert store.releases.all("nowhere") == []
