"""How much faster than their oracles the densities are; each group holds the two to compare."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from sklearn.neighbors import KernelDensity

from analytics.density import density_surface
from analytics.network_density import network_density
from geo.street_graph import StreetGraph
from tests.analytics.dense_heat import matrix_exponential

XY = np.random.default_rng(0).uniform(0, 1000, (2000, 2))
SHAPE = (128, 128)
BANDWIDTH_M = 60.0


@pytest.mark.benchmark(group="surface of 2,000 events on 128 x 128 cells")
def test_density_surface(benchmark):
    density = benchmark(
        density_surface, XY, bounds=(0, 0, 1000, 1000), shape=SHAPE, bandwidth_m=BANDWIDTH_M
    )
    assert density.shape == SHAPE


@pytest.mark.benchmark(group="surface of 2,000 events on 128 x 128 cells")
def test_scikit_learn(benchmark):
    centres = (np.arange(128) + 0.5) * 1000 / 128
    cells = np.stack(np.meshgrid(centres, centres), axis=-1).reshape(-1, 2)
    oracle = KernelDensity(bandwidth=BANDWIDTH_M).fit(XY)
    scores = benchmark.pedantic(oracle.score_samples, (cells,), rounds=2)
    assert len(scores) == SHAPE[0] * SHAPE[1]


def grid_network(size):
    """Return a square grid of streets of 60 m, and ten events a junction."""
    rng = np.random.default_rng(0)
    lane = np.arange(size)
    xy = np.stack(np.meshgrid(lane, lane, indexing="ij"), axis=-1) * 60.0
    lines = np.concatenate(
        [
            np.stack([xy[:-1], xy[1:]], axis=2).reshape(-1, 2, 2),
            np.stack([xy[:, :-1], xy[:, 1:]], axis=2).reshape(-1, 2, 2),
        ]
    )
    events = shapely.points(rng.uniform(0, 60.0 * (size - 1), (10 * size**2, 2)))
    return gpd.GeoDataFrame(geometry=shapely.linestrings(lines)), gpd.GeoDataFrame(geometry=events)


@pytest.mark.benchmark(group="heat on 112 streets")
def test_network_density(benchmark):
    streets, events = grid_network(8)
    lixels = benchmark(network_density, streets, events, bandwidth_m=BANDWIDTH_M)
    assert (lixels["density"] * lixels["length_m"]).sum() == pytest.approx(len(events))


@pytest.mark.benchmark(group="heat on 112 streets")
def test_dense_matrix_exponential(benchmark):
    streets, events = grid_network(8)
    places = StreetGraph.from_streets(streets).snap(events.geometry)[["street", "fraction"]]
    spread = benchmark.pedantic(
        matrix_exponential,
        (streets, *[list(places.itertuples(index=False))] * 2, BANDWIDTH_M),
        rounds=2,
    )
    # Lixels of 10 m in two parts are the oracle's twelve cells a bandwidth: both cut alike.
    found = network_density(streets, events, bandwidth_m=BANDWIDTH_M, at=places)["density"]
    assert found.to_numpy() == pytest.approx(spread, rel=1e-9)


@pytest.mark.benchmark(group="heat on 7,080 streets")
def test_network_density_of_a_city(benchmark):
    streets, events = grid_network(60)
    lixels = benchmark.pedantic(
        network_density, (streets, events), {"bandwidth_m": BANDWIDTH_M}, rounds=2
    )
    assert (lixels["density"] * lixels["length_m"]).sum() == pytest.approx(len(events))
