"""What exact matching of a night's track costs beside the nearest street; each group holds both."""

import numpy as np
import pytest

from geo.map_matching import match_track
from geo.street_graph import StreetGraph
from geo.zone import Zone
from tests.geo.track_cases import made_tour, recorded

STOPS = 30  # with the ways between them, about eight hours


@pytest.fixture(scope="module")
def old_town(request):
    zone = Zone.load(request.config.rootpath / "data" / "old_town")
    return StreetGraph.from_streets(zone.streets)


@pytest.fixture(scope="module", params=[1.0, 15.0], ids=["each second", "each 15 s"])
def track(request, old_town):
    rng = np.random.default_rng(0)
    tour = made_tour(old_town, STOPS, rng=rng)
    return recorded(old_town, tour, every_s=request.param, noise_m=8.0, rng=rng, memory_s=30.0)


@pytest.mark.benchmark(group="track of a night on streets")
def test_likeliest_way(benchmark, old_town, track):
    match_track(old_town, track)
    match = benchmark(match_track, old_town, track)
    assert match.seen_s > 0


@pytest.mark.benchmark(group="track of a night on streets")
def test_nearest_street(benchmark, old_town, track):
    places = benchmark(old_town.snap, track.geometry)
    assert len(places) == len(track)
