"""The small town, what is gathered of it, and sites for it: made once for all tests."""

from dataclasses import replace

import pytest

from api.sites.job import SitesInputs, run_sites
from geo.zone import Zone
from planning.candidates import camera_candidates
from tests.api.sites.town import DAY, PARAMS, write_town


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return write_town(tmp_path_factory.mktemp("zones") / "small")


@pytest.fixture(scope="session")
def inputs(folder):
    """Gather the town with few places to choose from, so that searches are short."""
    zone = Zone.load(folder)
    few = camera_candidates(
        zone.streets, zone.buildings, kinds=("corner", "roadside"), spacing_m=60.0
    )
    return replace(SitesInputs.gather(zone, folder, day=DAY), candidates=few)


@pytest.fixture(scope="session")
def result(inputs):
    return run_sites(inputs, seed=1, params=PARAMS)
