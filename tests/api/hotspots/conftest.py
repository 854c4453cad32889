"""The small town, what is gathered of it with a plan, and its hotspots: made once for all tests."""

import pytest

from api.bilingual import Phrases
from api.hotspots.job import HotspotsInputs, run_hotspots
from api.words import Words
from geo.zone import Zone
from tests.api.hotspots.town import DAY, PARAMS, write_plan, write_town
from tests.api.plan.sample import BANGKOK


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return write_town(tmp_path_factory.mktemp("zones") / "small")


@pytest.fixture(scope="session")
def planned(tmp_path_factory):
    return write_plan(tmp_path_factory.mktemp("planned"))


@pytest.fixture(scope="session")
def inputs(folder, planned):
    return HotspotsInputs.gather(Zone.load(folder), folder, day=DAY, planned=planned)


@pytest.fixture(scope="session")
def result(inputs):
    return run_hotspots(inputs, seed=1, params=PARAMS)


@pytest.fixture(scope="session")
def phrases():
    return Phrases(Words.load(), BANGKOK)
