"""What exact matching of a night's track costs beside the nearest street; each group holds both."""

import numpy as np
import pytest

from geo.map_matching import match_track
from geo.street_graph import StreetGraph
from geo.zone import Zone
from tests.geo.track_cases import made_tour, recorded

STOPS = 30  # with the ways between them, about eight hours
EVERY_S = (1.0, 15.0)


@pytest.fixture(scope="module")
def old_town(request):
    zone = Zone.load(request.config.rootpath / "data" / "old_town")
    return StreetGraph.from_streets(zone.streets)


def recorded_night(graph, every_s):
    rng = np.random.default_rng(0)
    tour = made_tour(graph, STOPS, rng=rng)
    return recorded(graph, tour, every_s=every_s, noise_m=8.0, rng=rng, memory_s=30.0)


@pytest.mark.parametrize("every_s", EVERY_S)
def test_likeliest_way(benchmark, old_town, every_s):
    benchmark.group = f"track of a night, each {every_s:g} s"
    track = recorded_night(old_town, every_s)
    match_track(old_town, track)  # compiled before it is timed
    match = benchmark(match_track, old_town, track)
    assert match.seen_s > 0


@pytest.mark.parametrize("every_s", EVERY_S)
def test_nearest_street(benchmark, old_town, every_s):
    benchmark.group = f"track of a night, each {every_s:g} s"
    track = recorded_night(old_town, every_s)
    places = benchmark(old_town.snap, track.geometry)
    assert len(places) == len(track)
