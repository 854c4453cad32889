"""The small zone, the plan of a night for it, a track of its unit, and the dosage: made once."""

import numpy as np
import pytest

from analytics.planned_passages import planned_passages
from api.bilingual import Phrases
from api.dosage.job import run_dosage
from api.dosage.plan import read_plan
from api.dosage.tracks import read_tracks
from api.words import Words
from geo.street_graph import StreetGraph
from geo.zone import Zone
from tests.api.dosage.sample import degrees, followed, gpx, write_plan
from tests.api.plan.sample import BANGKOK
from tests.api.small_zone import write_zone


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return write_zone(tmp_path_factory.mktemp("zones") / "small")


@pytest.fixture(scope="session")
def zone(folder):
    return Zone.load(folder)


@pytest.fixture(scope="session")
def planned(tmp_path_factory):
    return write_plan(tmp_path_factory.mktemp("planned"))


@pytest.fixture(scope="session")
def plan(planned, zone):
    return read_plan(planned, zone="small", crs=zone.crs)


@pytest.fixture(scope="session")
def walked(zone, plan):
    """Return positions (lon, lat) and times of an officer of foot-1, who went home early."""
    graph = StreetGraph.from_streets(zone.streets)
    own = planned_passages(graph, plan.tours, plan.stops)
    own = own[own["unit"] == "foot-1"].reset_index(drop=True)
    xy, at = followed(graph, own, rng=np.random.default_rng(5), late_s=60.0, until=0.7)
    return degrees(xy), at


@pytest.fixture(scope="session")
def track(tmp_path_factory, walked):
    path = tmp_path_factory.mktemp("tracks") / "tour-foot-1.gpx"
    path.write_text(gpx(*walked), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def result(zone, plan, track):
    return run_dosage(zone, plan, read_tracks([track], units=list(plan.units), crs=zone.crs))


@pytest.fixture(scope="session")
def phrases():
    return Phrases(Words.load(), BANGKOK)
