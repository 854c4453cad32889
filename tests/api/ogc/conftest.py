"""The service twice, by way of its short roads and past them, and what the lane answered."""

import pytest

from api.ogc.lane import FastLane
from tests.api.ogc.calling import Service
from tests.api.sample import fill


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """Return two services on one store: with its short roads, and without."""
    place = tmp_path_factory.mktemp("lane") / "store.sqlite"
    pair = (Service(place), Service(place, past=True))
    fill(pair[0].store)
    yield pair
    for service in pair:
        service.store.close()


@pytest.fixture
def taken(monkeypatch):
    """Return what the lane itself answered, as statuses."""
    answered = []
    original = FastLane._answer

    def spied(self, question):
        found = original(self, question)
        answered.append(None if found is None else found[0])
        return found

    monkeypatch.setattr(FastLane, "_answer", spied)
    return answered
