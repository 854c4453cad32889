"""What the tests of jobs share: a store, and a way for processes to find the stand-in."""

import pytest

from api.store import Store
from tests.api.jobs.stand_in import ROOT


@pytest.fixture(autouse=True)
def _found_by_children(monkeypatch):
    """Let the processes of jobs find the stand-in, which only the tests have."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(place):
    store = Store(place)
    yield store
    store.close()
