"""Planar density against scikit-learn, a direct sum and what must hold of any density."""

import numpy as np
import pytest
from sklearn.neighbors import KernelDensity

from analytics import density as module
from analytics.density import density_surface
from geo.errors import ParameterError

BOUNDS = (100.0, 200.0, 400.0, 350.0)


def cell_centres(bounds, shape):
    min_x, min_y, max_x, max_y = bounds
    x = min_x + (max_x - min_x) * (np.arange(shape[1]) + 0.5) / shape[1]
    y = min_y + (max_y - min_y) * (np.arange(shape[0]) + 0.5) / shape[0]
    return np.stack(np.meshgrid(x, y), axis=-1)


def direct_sum(xy, *, bounds, shape, bandwidth_m, weights=None):
    weights = np.ones(len(xy)) if weights is None else weights
    total = np.zeros(shape)
    for event, weight in zip(xy, weights, strict=True):
        squared = ((cell_centres(bounds, shape) - event) ** 2).sum(axis=-1)
        total += weight * np.exp(-squared / (2 * bandwidth_m**2))
    return total / (2 * np.pi * bandwidth_m**2)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("bandwidth_m", [0.4, 3.0, 12.0, 60.0, 1000.0])
@pytest.mark.parametrize("shape", [(30, 60), (7, 45), (64, 1)])
def test_agrees_with_scikit_learn(seed, bandwidth_m, shape):
    rng = np.random.default_rng(seed)
    xy = rng.normal([250, 275], [60, 30], (300, 2))
    weights = rng.uniform(0, 2, 300)
    found = density_surface(
        xy, bounds=BOUNDS, shape=shape, bandwidth_m=bandwidth_m, weights=weights
    )
    oracle = KernelDensity(bandwidth=bandwidth_m).fit(xy, sample_weight=weights)
    centres = cell_centres(BOUNDS, shape).reshape(-1, 2)
    expected = np.exp(oracle.score_samples(centres)).reshape(shape) * weights.sum()
    assert np.abs(found - expected).max() <= 0.002 * expected.max()


@pytest.mark.parametrize("cells_per_bandwidth", [0.05, 0.2, 0.7, 1.0, 2.5, 40.0])
def test_sampled_kernel_is_right_for_any_bandwidth_and_non_square_cells(cells_per_bandwidth):
    rng = np.random.default_rng(1)
    shape = (20, 24)
    bandwidth_m = 300 / 24 * cells_per_bandwidth
    near = cell_centres(BOUNDS, shape)[9, 11] + bandwidth_m * rng.normal(size=(40, 2))
    found = density_surface(near, bounds=BOUNDS, shape=shape, bandwidth_m=bandwidth_m)
    expected = direct_sum(near, bounds=BOUNDS, shape=shape, bandwidth_m=bandwidth_m)
    assert expected.max() > 0
    assert np.abs(found - expected).max() <= 0.001 * expected.max()


def test_coarser_nodes_are_caught(monkeypatch):
    monkeypatch.setattr(module, "NODES_PER_BANDWIDTH", 2)
    xy = np.array([[250.3, 275.2]])
    arguments = {"bounds": BOUNDS, "shape": (300, 600), "bandwidth_m": 4.0}
    expected = direct_sum(xy, **arguments)
    assert np.abs(density_surface(xy, **arguments) - expected).max() > 0.01 * expected.max()


def test_rows_run_from_low_y_and_columns_from_low_x():
    density = density_surface([[395, 205]], bounds=BOUNDS, shape=(15, 30), bandwidth_m=4)
    assert np.unravel_index(density.argmax(), density.shape) == (0, 29)


def test_events_beyond_the_bounds_count_where_they_reach_and_nothing_wraps():
    xy = np.array([[95.0, 275.0]])
    arguments = {"bounds": BOUNDS, "shape": (15, 30), "bandwidth_m": 10.0}
    density = density_surface(xy, **arguments)
    expected = direct_sum(xy, **arguments)
    assert np.abs(density - expected).max() <= 0.001 * expected.max()
    assert density[:, 0].max() > 0.0005
    assert density[:, 15:].max() < 1e-50


def test_sums_to_the_weight_of_the_events_inside():
    xy = np.array([[250.0, 275.0], [240.0, 260.0]])
    density = density_surface(
        xy, bounds=BOUNDS, shape=(150, 300), bandwidth_m=6, weights=[1.0, 2.5]
    )
    assert density.sum() == pytest.approx(3.5, rel=1e-9)


@pytest.mark.parametrize("xy", [[], np.empty((0, 2)), [[1e9, -1e9]]])
def test_no_event_within_reach_gives_zeros(xy):
    density = density_surface(xy, bounds=BOUNDS, shape=(3, 4), bandwidth_m=5)
    assert density.shape == (3, 4)
    assert not density.any()


def test_weights_of_zero_give_zeros():
    density = density_surface(
        [[200, 300]], bounds=BOUNDS, shape=(3, 4), bandwidth_m=5, weights=[0.0]
    )
    assert not density.any()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"xy": [[1.0, 2.0, 3.0]]}, "Expected `xy` of shape"),
        ({"xy": [1.0, 2.0]}, "Expected `xy` of shape"),
        ({"xy": [[1.0, 2.0], [np.nan, 3.0]]}, "in row 1"),
        ({"xy": [["a", "b"]]}, "Expected `xy` of numbers"),
        ({"xy": [[1.0, 2.0], [3.0]]}, "Expected `xy` of numbers"),
        ({"weights": ["a", "b"]}, "Expected `weights` of numbers"),
        ({"bounds": (0, 0, 10)}, "Expected finite `bounds`"),
        ({"bounds": (0, 0, 10, "ten")}, "Expected `bounds` of numbers"),
        ({"bounds": None}, "Expected finite `bounds`"),
        ({"shape": (5,)}, "Expected `shape` (ny, nx"),
        ({"shape": (5, "a")}, "Expected `shape` of numbers"),
        ({"shape": 5}, "Expected `shape` (ny, nx"),
        ({"shape": (10**9, 10**9)}, "Expected `shape` of at most 25000000 cells, 100000 on a side"),
        ({"shape": (1, 10**6)}, "Expected `shape` of at most 25000000 cells, 100000 on a side"),
        ({"bandwidth_m": 1e-300}, "which coordinates such as those of `bounds` can tell apart"),
        ({"bandwidth_m": 0.0}, "Expected `bandwidth_m` > 0, got 0.0"),
        ({"bandwidth_m": -3.0}, "Expected `bandwidth_m` > 0, got -3.0"),
        ({"bandwidth_m": np.inf}, "Expected `bandwidth_m` > 0"),
        ({"bandwidth_m": np.nan}, "Expected `bandwidth_m` > 0"),
        ({"bounds": (0, 0, 0, 10)}, "Expected finite `bounds`"),
        ({"bounds": (0, 20, 10, 10)}, "Expected finite `bounds`"),
        ({"bounds": (0, 0, np.inf, 10)}, "Expected finite `bounds`"),
        ({"shape": (0, 5)}, "Expected `shape`"),
        ({"shape": (2.5, 5)}, "Expected `shape`"),
        ({"shape": (np.nan, 5)}, "Expected `shape`"),
        ({"shape": (5, np.inf)}, "Expected `shape`"),
        ({"weights": [1.0]}, "Expected `weights` of shape"),
        ({"weights": [1.0, -1.0]}, "Expected `weights` >= 0"),
        ({"weights": [1.0, np.nan]}, "Expected `weights` >= 0"),
    ],
)
def test_bad_input_is_named(changed, message):
    arguments = {
        "xy": [[1.0, 2.0], [3.0, 4.0]],
        "bounds": (0.0, 0.0, 10.0, 10.0),
        "shape": (5, 5),
        "bandwidth_m": 2.0,
    } | changed
    with pytest.raises(ParameterError, match=message.replace("(", r"\(")):
        density_surface(arguments.pop("xy"), **arguments)
