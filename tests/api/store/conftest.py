"""What the tests of the store share: a filled store, and an empty one on the other database."""

import datetime as dt

import pytest

from api.store import Store
from tests.api.sample import ZONE, fill

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def other(store_place, tmp_path, request):
    """Return an empty store on the database that `store_place` is not."""
    if store_place == tmp_path / "store.sqlite":
        cluster = request.getfixturevalue("postgres")
        place = cluster.new()
        store = Store(place)
        yield store
        store.close()
        cluster.drop(place)
    else:
        store = Store(tmp_path / "other.sqlite")
        yield store
        store.close()


@pytest.fixture
def filled(store_place):
    store = Store(store_place)
    fill(store)
    store.events.append(ZONE, "sos", {"ที่": "ถนนถลาง"}, at=NOW)
    yield store
    store.close()
