"""Travel times with turns between all places of a city, beside searches from every place.

`test_without_turns` is the same city as a graph of junctions: what turns cost to know.
`test_search_from_every_place` is SciPy's Dijkstra on the same turns.
"""

from time import process_time

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo import turn_ways
from geo.street_graph import StreetGraph
from planning.travel_modes import TRAVEL_MODES

GROUP = "travel between 3,200 places on 20,200 streets"
SPEED_MPS = 8.0


def city(*, places, size):
    """Return a bent grid of streets of about 100 m, one in five one-way, and places along it."""
    rng = np.random.default_rng(0)
    lane = np.arange(size)
    xy = np.stack(np.meshgrid(lane, lane), axis=-1) * 100.0
    xy += rng.uniform(-30, 30, xy.shape)
    rows = np.stack([xy[:, :-1], xy[:, 1:]], axis=2).reshape(-1, 2, 2)
    columns = np.stack([xy[:-1], xy[1:]], axis=2).reshape(-1, 2, 2)
    lines = shapely.linestrings(np.concatenate([rows, columns]))
    streets = gpd.GeoDataFrame(
        {"oneway": rng.random(len(lines)) < 0.2}, geometry=lines, crs="EPSG:32647"
    )
    points = shapely.points(rng.uniform(0, 100.0 * (size - 1), (places, 2)))
    return streets, StreetGraph.from_streets(streets).snap(gpd.GeoSeries(points, crs=streets.crs))


@pytest.fixture(scope="module")
def town(request):
    if request.config.getoption("--benchmark-enable"):
        return city(places=3200, size=101)
    return city(places=60, size=12)


def by_car(town):
    streets, places = town
    return TRAVEL_MODES["car"].network(streets, speed_mps=SPEED_MPS), places


@pytest.mark.benchmark(group=GROUP, timer=process_time)
def test_by_elimination(benchmark, town, monkeypatch):
    network, places = by_car(town)
    monkeypatch.setattr(turn_ways, "_MANY_CELLS", 0)
    network.travel_times(places.iloc[:2], places.iloc[:2])  # compiles
    time_s = benchmark.pedantic(network.travel_times, (places, places), rounds=1)
    monkeypatch.undo()
    some = places.iloc[:20]
    np.testing.assert_allclose(time_s[:20], network.travel_times(some, places))


@pytest.mark.benchmark(group=GROUP, timer=process_time)
def test_search_from_every_place(benchmark, town, monkeypatch):
    network, places = by_car(town)
    monkeypatch.setattr(turn_ways, "_MANY_CELLS", np.inf)

    def in_parts():
        """Hold the distances of a hundred origins at once."""
        parts = range(0, len(places), 100)
        return [network.travel_times(places.iloc[row : row + 100], places) for row in parts]

    assert np.isfinite(np.vstack(benchmark.pedantic(in_parts, rounds=1))).all()


@pytest.mark.benchmark(group=GROUP, timer=process_time)
def test_without_turns(benchmark, town):
    streets, places = town
    rules = {"speed_mps": SPEED_MPS, "respect_oneway": True}
    graph = StreetGraph.from_streets(streets)
    time_s = benchmark.pedantic(graph.travel_times, (places, places), rules, rounds=1)
    network, _ = by_car(town)
    some = places.iloc[:20]
    assert (network.travel_times(some, places) >= time_s[:20] - 1e-6).all()


@pytest.mark.benchmark(
    group="lines of 200 ways to near places on 20,200 streets", timer=process_time
)
@pytest.mark.parametrize("known", [True, False])
def test_lines_of_ways(benchmark, town, known):
    """With the time of each way known the search ends there."""
    network, places = by_car(town)
    rng = np.random.default_rng(0)
    origins = places.iloc[rng.integers(len(places), size=20)]
    time_s = network.travel_times(origins, places)
    near = np.argsort(time_s, axis=1)[:, 1:11]
    ways = network.between(origins, places)
    within_s = np.take_along_axis(time_s, near, axis=1).ravel() if known else None
    lines = benchmark.pedantic(
        ways.routes,
        (np.repeat(np.arange(20), 10), near.ravel()),
        {"within_s": within_s},
        rounds=1,
    )
    assert len(lines) == 200
