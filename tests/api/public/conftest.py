"""A running service of the Old Town with its public overlay, for the tests of the public API."""

import datetime as dt
from contextlib import contextmanager

import httpx
import pytest

from api.main import create_app
from api.releasing import release_due
from api.settings import Settings
from api.store import Store, import_zone
from geo.zone import Zone
from tests.api.serving import serving

NOW = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


def fill(path, zone, *instants):
    """Put a zone and its releases into a store; return the place of the store."""
    store = Store(path)
    import_zone(store, zone, created_at=NOW)
    for now in instants:
        release_due(store, zone, now=now)
    store.close()
    return path


@contextmanager
def public_client(path, *, zone="old_town", rate="100000/minute"):
    """Serve a store and yield a client of its public API."""
    app = create_app(Settings(zone=zone, store=str(path), public_rate=rate))
    with (
        serving(app) as address,
        httpx.Client(base_url=f"{address}/public/v1", timeout=60) as client,
    ):
        yield client


@pytest.fixture(scope="session")
def old_town(root):
    return Zone.load(root / "data" / "old_town")


@pytest.fixture(scope="session")
def old_town_store(old_town, tmp_path_factory):
    return fill(tmp_path_factory.mktemp("public") / "store.sqlite", old_town, NOW, LATER)


@pytest.fixture(scope="session")
def public(old_town_store):
    """Return a client of the public API of the Old Town, which has two releases."""
    with public_client(old_town_store) as client:
        yield client
