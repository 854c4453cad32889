"""What the tests of the store share: a filled store, an empty one, and one of no accounts."""

import datetime as dt

import pytest

from api.store import Store
from api.store.opening import open_engine
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


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def _shared_engine(request, tmp_path_factory):
    if request.param == "sqlite":
        place = tmp_path_factory.mktemp("accounts") / "store.sqlite"
    else:
        place = request.getfixturevalue("postgres").new()
    engine = open_engine(place)
    yield engine
    engine.close()


@pytest.fixture
def account_engine(_shared_engine):
    """Return a database without accounts, sessions and attempts, a file, then one on a server."""
    with _shared_engine.writing() as session:
        for table in ("accounts", "sessions", "sign_in_attempts"):
            session.run(f"DELETE FROM {table}")  # noqa: S608 - of the names above
    return _shared_engine
