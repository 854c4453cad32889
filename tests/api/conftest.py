"""What the tests of the service share: a store with the sample zone in it."""

import pytest

from api.store import Store
from tests.api.sample import fill


@pytest.fixture
def empty_store(tmp_path):
    store = Store(tmp_path / "var" / "store.sqlite")
    yield store
    store.close()


@pytest.fixture
def store(empty_store):
    fill(empty_store)
    return empty_store
