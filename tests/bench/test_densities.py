"""How much faster than their peers the densities are; each group holds those to compare.

`extra_info` (in the file of --benchmark-json) holds the CPU seconds of spatstat, measured within R
in the same run, and how many times less ours are; and the error of planar densities as a part of
their peak. What compiling and the start of R take does not count.
"""

from time import process_time

import geopandas as gpd
import numpy as np
import pytest
import shapely
from KDEpy import FFTKDE
from sklearn.neighbors import KernelDensity

from analytics.density import density_surface
from analytics.network_density import network_density
from geo.street_graph import StreetGraph
from tests.analytics.dense_heat import matrix_exponential
from tests.analytics.networks import chicago_crimes
from tests.bench.spatstat_peer import require_spatstat, spatstat_figures

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


@pytest.mark.parametrize(
    ("size", "method", "kernel"),
    [
        (60, "heat", "gaussian"),
        (60, "continuous", "epanechnikov"),
        (224, "heat", "gaussian"),
        (224, "continuous", "epanechnikov"),
    ],
)
@pytest.mark.benchmark(group="7,080 and 99,904 streets, ten events a junction", timer=process_time)
def test_network_density_of_a_city(benchmark, size, method, kernel):
    if benchmark.disabled:
        size = 20
    streets, events = grid_network(size)
    half_width = BANDWIDTH_M * (1 if kernel == "gaussian" else 5**0.5)
    rule = {"bandwidth_m": half_width, "method": method, "kernel": kernel}
    warm = grid_network(2)
    network_density(*warm, **rule)
    lixels = benchmark.pedantic(network_density, (streets, events), rule, rounds=1)
    assert (lixels["density"] * lixels["length_m"]).sum() == pytest.approx(len(events))


@pytest.mark.parametrize("method", ["heat", "continuous", "discontinuous"])
@pytest.mark.benchmark(group="503 streets of Chicago, beside spatstat", timer=process_time)
def test_network_density_of_chicago(benchmark, reference, method):
    streets, events, _ = chicago_crimes(reference)
    kernel, scale = ("gaussian", 1) if method == "heat" else ("epanechnikov", 5**0.5)
    rule = {"bandwidth_m": BANDWIDTH_M * scale, "method": method, "kernel": kernel}
    # Pixels of spatstat's picture are about as wide as these lixels are long.
    lixels = benchmark.pedantic(
        network_density, (streets, events), rule | {"lixel_m": 10.0}, rounds=10, warmup_rounds=1
    )
    require_spatstat()
    if benchmark.disabled:
        assert len(lixels) > len(streets)
        return
    peer = spatstat_figures(reference / "crime", 2)
    # Both are at the same work: the peaks agree to what spatstat's pixels and steps allow.
    assert lixels["density"].max() == pytest.approx(peer[method]["peak"], rel=0.06)
    ours = benchmark.stats.stats.median
    benchmark.extra_info |= {
        "spatstat_cpu_s": peer[method]["cpu_s"],
        "times_less_than_the_same_by_spatstat": peer[method]["cpu_s"] / ours,
        "times_less_than_densityHeat": peer["heat"]["cpu_s"] / ours,
    }


def fft_surface(xy, bandwidth_m, cells):
    """Return KDEpy's density at the centres of square cells of a square of 1,000 m."""
    centres = (np.arange(-1, cells + 1) + 0.5) * 1000 / cells
    nodes = np.stack(np.meshgrid(centres, centres, indexing="ij"), axis=-1).reshape(-1, 2)
    found = FFTKDE(kernel="gaussian", bw=bandwidth_m).fit(xy).evaluate(nodes)
    return found.reshape(cells + 2, cells + 2).T[1:-1, 1:-1] * len(xy)


def direct_surface(xy, bandwidth_m, cells):
    centres = (np.arange(cells) + 0.5) * 1000 / cells
    up, across = (
        np.exp(-(((centres - xy[:, axis, None]) / bandwidth_m) ** 2) / 2) for axis in (1, 0)
    )
    return up.T @ across / (2 * np.pi * bandwidth_m**2)


def our_surface(xy, bandwidth_m, cells):
    return density_surface(
        xy, bounds=(0, 0, 1000, 1000), shape=(cells, cells), bandwidth_m=bandwidth_m
    )


@pytest.mark.parametrize("surface", [our_surface, fft_surface], ids=["smartzone", "KDEpy FFTKDE"])
@pytest.mark.parametrize("events", [2000, 50_000])
@pytest.mark.parametrize("cells", [128, 256])
@pytest.mark.benchmark(group="surface, beside FFTKDE at 1 % of the peak", timer=process_time)
def test_surface_beside_fft(benchmark, surface, events, cells):
    xy = np.random.default_rng(0).uniform(0, 1000, (events, 2))
    found = benchmark.pedantic(surface, (xy, BANDWIDTH_M, cells), rounds=10, warmup_rounds=1)
    expected = direct_surface(xy, BANDWIDTH_M, cells)
    error = np.abs(found - expected).max() / expected.max()
    benchmark.extra_info["error_of_peak"] = error
    assert error <= 0.01
