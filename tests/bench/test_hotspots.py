"""How much faster than the plain way the tests of hotspots are; each group holds the two."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from analytics.hotspot_stability import rank_stability
from analytics.hotspots import find_hotspots
from analytics.near_repeats import near_repeats
from analytics.network_density import network_density
from analytics.time_profiles import weekday_hour_profile
from geo.zone import Zone
from tests.analytics.test_near_repeats import incident_frame
from tests.analytics.test_time_profiles import minute_by_minute

DISTANCES_M = np.array([0.0, 100.0, 200.0, 300.0, 400.0])
DAYS = np.array([7.0, 14.0, 21.0, 28.0])
PERMUTATIONS = 99
RESAMPLES = 64


def city(count=7000):
    """Return incidents of four years in a city of 8 km."""
    rng = np.random.default_rng(0)
    return np.round(rng.uniform(0, 8_000, (count, 2)) / 50) * 50, rng.integers(0, 1500, count)


@pytest.fixture(scope="module")
def old_town(request):
    zone = Zone.load(request.config.rootpath / "data" / "old_town")
    reported = zone.incidents[zone.incidents["reporting"] == "reported"]
    return zone, reported


def knox_with_numpy(xy, days):
    """Count pairs near in space by the tree, and permute times with numpy alone."""
    pairs = cKDTree(xy).query_pairs(DISTANCES_M[-1], output_type="ndarray")
    away = np.searchsorted(DISTANCES_M, np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T))
    rng = np.random.default_rng(0)
    tables = []
    for _ in range(PERMUTATIONS):
        when = days[rng.permutation(len(days))]
        apart = np.searchsorted(DAYS, np.abs(when[pairs[:, 0]] - when[pairs[:, 1]]))
        cells = np.bincount(away * (len(DAYS) + 1) + apart, minlength=(len(DAYS) + 1) * 6)
        tables.append(cells.reshape(6, -1)[:5, :4])
    return tables


@pytest.mark.benchmark(group=f"Knox test of 7,000 incidents, {PERMUTATIONS} permutations")
def test_near_repeats(benchmark):
    incidents = incident_frame(*city())
    options = {"distances_m": DISTANCES_M, "days": DAYS, "permutations": PERMUTATIONS, "seed": 0}
    found = benchmark.pedantic(near_repeats, (incidents,), options, rounds=3, warmup_rounds=1)
    assert found.permutations == PERMUTATIONS


@pytest.mark.benchmark(group=f"Knox test of 7,000 incidents, {PERMUTATIONS} permutations")
def test_near_repeats_with_numpy(benchmark):
    tables = benchmark.pedantic(knox_with_numpy, city(), rounds=3)
    assert len(tables) == PERMUTATIONS


@pytest.mark.benchmark(group=f"{RESAMPLES} resamples of the zone's hotspots")
def test_rank_stability(benchmark, old_town):
    zone, reported = old_town
    hotspots = find_hotspots(zone.streets, reported)
    options = {"seed": 0, "resamples": RESAMPLES}
    found = benchmark.pedantic(rank_stability, (hotspots,), options, rounds=3)
    assert found.resamples == RESAMPLES


@pytest.mark.benchmark(group=f"{RESAMPLES} resamples of the zone's hotspots")
def test_density_of_each_resample(benchmark, old_town):
    zone, reported = old_town
    rng = np.random.default_rng(0)

    def one_by_one():
        drawn = [rng.integers(0, len(reported), len(reported)) for _ in range(RESAMPLES)]
        return [
            network_density(zone.streets, reported.iloc[rows], bandwidth_m=60.0) for rows in drawn
        ]

    assert len(benchmark.pedantic(one_by_one, rounds=1)) == RESAMPLES


@pytest.mark.benchmark(group="hours of 200 of the zone's incidents")
def test_weekday_hour_profile(benchmark, old_town):
    zone, reported = old_town
    profile = benchmark(weekday_hour_profile, reported.iloc[:200], timezone=zone.timezone)
    assert profile.to_numpy().sum() == pytest.approx(200)


@pytest.mark.benchmark(group="hours of 200 of the zone's incidents")
def test_minute_by_minute(benchmark, old_town):
    zone, reported = old_town
    cells = benchmark.pedantic(minute_by_minute, (reported.iloc[:200], zone.timezone), rounds=1)
    assert cells.sum() == pytest.approx(200)
