"""Densities within an area against closed forms, plain sums and what each correction is for."""

import numpy as np
import pytest
import shapely
from scipy.stats import norm
from shapely import LineString, MultiPolygon, Point, Polygon, box

from analytics import _edge_correction as edge_correction
from analytics import density as module
from analytics._edge_correction import Strips
from analytics.density import density_surface
from geo.errors import ParameterError

BOX = box(100, 200, 400, 350)
# A yard in the middle, a notch and a part that stands apart.
QUARTER = MultiPolygon(
    [
        Polygon(
            [(0, 0), (200, 30), (180, 140), (110, 90), (60, 190), (-20, 120)],
            [[(70, 50), (120, 50), (110, 80), (75, 85)]],
        ),
        Polygon([(220, 20), (260, 0), (270, 150)]),
    ]
)
BOUNDS = (-30.0, -10.0, 280.0, 200.0)
SHAPE = (105, 155)


def cell_centres():
    x = BOUNDS[0] + 2.0 * (np.arange(SHAPE[1]) + 0.5)
    y = BOUNDS[1] + 2.0 * (np.arange(SHAPE[0]) + 0.5)
    return x, y


def mass_by_cells(points, bandwidth_m, cell_m=0.5):
    """Return how much of each kernel lies within the quarter, by summing up small cells."""
    x, y = np.meshgrid(np.arange(-30, 280, cell_m), np.arange(-10, 200, cell_m))
    inside = shapely.contains_xy(QUARTER, x, y)
    cells = np.stack([x[inside], y[inside]], axis=1)
    squared = ((points[:, None] - cells) ** 2).sum(axis=2)
    kernel = np.exp(-squared / (2 * bandwidth_m**2)) / (2 * np.pi * bandwidth_m**2)
    return kernel.sum(axis=1) * cell_m**2


def events_in_quarter(rng, count):
    xy = rng.uniform(BOUNDS[:2], BOUNDS[2:], (20 * count, 2))
    return xy[shapely.contains_xy(QUARTER, xy[:, 0], xy[:, 1])][:count]


@pytest.mark.parametrize("bandwidth_m", [0.5, 10.0, 90.0, 2000.0])
def test_mass_within_a_rectangle_is_the_product_of_normal_integrals(bandwidth_m):
    rng = np.random.default_rng(0)
    points = rng.uniform((80, 180), (420, 370), (60, 2))
    across, up = (
        norm.cdf(high, points[:, axis], bandwidth_m) - norm.cdf(low, points[:, axis], bandwidth_m)
        for axis, (low, high) in enumerate([(100, 400), (200, 350)])
    )
    strips = Strips.of_area(BOX, points[:, 1], bandwidth_m)
    assert strips.at_points(points) == pytest.approx(across * up, abs=1e-8)


@pytest.mark.parametrize("bandwidth_m", [8.0, 25.0])
def test_mass_within_any_area_is_the_sum_over_its_cells(bandwidth_m):
    points = events_in_quarter(np.random.default_rng(1), 25)
    strips = Strips.of_area(QUARTER, points[:, 1], bandwidth_m)
    # The cells are half a metre wide and leave the outline ragged.
    assert strips.at_points(points) == pytest.approx(mass_by_cells(points, bandwidth_m), abs=8e-3)


def test_grid_and_points_agree():
    x, y = np.array([10.0, 55.0, 240.0]), np.array([-5.0, 40.0, 120.0, 170.0])
    strips = Strips.of_area(QUARTER, y, 20.0)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    assert strips.on_grid(x, y).ravel() == pytest.approx(strips.at_points(points), abs=1e-8)


@pytest.mark.parametrize("correction", ["uniform", "diggle"])
def test_agrees_with_the_plain_sum(correction):
    bandwidth_m = 15.0
    xy = events_in_quarter(np.random.default_rng(2), 40)
    weights = np.random.default_rng(3).uniform(0, 4, len(xy))
    found = density_surface(
        xy,
        bounds=BOUNDS,
        shape=SHAPE,
        bandwidth_m=bandwidth_m,
        weights=weights,
        within=QUARTER,
        correction=correction,
    )
    x, y = cell_centres()
    rows, columns = np.array([20, 30, 55, 70]), np.array([20, 40, 60, 80, 131])
    cells = np.stack(np.meshgrid(x[columns], y[rows]), axis=-1).reshape(-1, 2)
    squared = ((cells[:, None] - xy) ** 2).sum(axis=2)
    kernel = np.exp(-squared / (2 * bandwidth_m**2)) / (2 * np.pi * bandwidth_m**2)
    if correction == "uniform":
        expected = kernel @ weights / mass_by_cells(cells, bandwidth_m)
    else:
        expected = kernel @ (weights / mass_by_cells(xy, bandwidth_m))
    expected[~shapely.contains_xy(QUARTER, cells[:, 0], cells[:, 1])] = 0
    assert (expected == 0).any()
    assert found[np.ix_(rows, columns)].ravel() == pytest.approx(expected, rel=0.006)


def test_uniform_keeps_an_even_density_even_up_to_the_edge():
    x, y = np.meshgrid(np.arange(101, 400, 2.0), np.arange(201, 350, 2.0))
    even = np.stack([x.ravel(), y.ravel()], axis=1)
    arguments = {"bounds": BOX.bounds, "shape": (50, 100), "bandwidth_m": 12.0}
    corrected = density_surface(even, within=BOX, **arguments)
    assert corrected == pytest.approx(np.full((50, 100), 1 / 4), rel=2e-3)
    plain = density_surface(even, within=BOX, correction="none", **arguments)
    assert plain[0, 0] < 0.35 * corrected[0, 0]
    assert plain == pytest.approx(density_surface(even, **arguments))


@pytest.mark.parametrize("bandwidth_m", [6.0, 30.0])
def test_diggle_keeps_the_number_of_events(bandwidth_m):
    xy = events_in_quarter(np.random.default_rng(4), 60)
    arguments = {"bounds": BOUNDS, "shape": (420, 620), "bandwidth_m": bandwidth_m}
    arguments["within"] = QUARTER
    density = density_surface(xy, correction="diggle", **arguments)
    assert density.sum() * 0.25 == pytest.approx(60, rel=2e-3)
    plain = density_surface(xy, correction="none", **arguments)
    assert plain.sum() * 0.25 < 55


def test_a_correction_that_does_nothing_is_caught(monkeypatch):
    monkeypatch.setattr(Strips, "at_points", lambda _, points: np.ones(len(points)))
    xy = events_in_quarter(np.random.default_rng(4), 60)
    density = density_surface(
        xy, bounds=BOUNDS, shape=(420, 620), bandwidth_m=30.0, within=QUARTER, correction="diggle"
    )
    assert abs(density.sum() * 0.25 - 60) > 5


@pytest.mark.parametrize("correction", ["uniform", "diggle", "none"])
def test_nothing_outside_the_area_counts_or_is_counted(correction):
    inside = np.array([[30.0, 60.0]])
    arguments = {
        "bounds": BOUNDS,
        "shape": SHAPE,
        "bandwidth_m": 20.0,
        "within": QUARTER,
        "correction": correction,
    }
    alone = density_surface(inside, **arguments)
    # In the yard, beyond the outline, and far away.
    more = np.vstack([inside, [[95, 65], [150, 150], [5000, 5000]]])
    assert np.array_equal(density_surface(more, **arguments), alone)
    x, y = cell_centres()
    outside = ~shapely.intersects_xy(QUARTER, *np.meshgrid(x, y))
    assert not alone[outside].any()
    assert alone.max() > 0
    assert not density_surface(more[1:], **arguments).any()


def test_a_grid_out_of_reach_of_the_area_is_zero():
    density = density_surface(
        [[150.0, 250.0]], bounds=(900, 900, 999, 999), shape=(4, 4), bandwidth_m=5.0, within=BOX
    )
    assert not density.any()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"within": Point(1, 1)}, "Expected `within` as a Polygon or MultiPolygon, got Point"),
        ({"within": LineString([(0, 0), (1, 1)])}, "Expected `within` as .*, got LineString"),
        ({"within": Polygon()}, "Expected `within` as a valid polygon, got an empty one"),
        (
            {"within": Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])},
            "Expected `within` as a valid polygon, got Self-intersection",
        ),
        ({"correction": "ripley"}, 'Expected `correction` among "uniform", .*, got "ripley"'),
    ],
)
def test_bad_areas_and_corrections_are_named(changed, message):
    arguments = {"bounds": BOUNDS, "shape": SHAPE, "bandwidth_m": 5.0, "within": BOX} | changed
    with pytest.raises(ParameterError, match=message):
        density_surface([[1.0, 1.0]], **arguments)


def test_a_kernel_almost_wholly_outside_is_not_raised_without_limit():
    needle = Polygon([(0, 0), (1e-4, 0), (0, 1e-4)])
    found = density_surface(
        [[0.0, 0.0]], bounds=(-1e-5, -1e-5, 1e-5, 1e-5), shape=(1, 1), bandwidth_m=50, within=needle
    )
    assert found[0, 0] == pytest.approx(1 / (2 * np.pi * 50**2) / module.LEAST_MASS, rel=1e-3)


@pytest.mark.parametrize("correction", ["uniform", "diggle"])
def test_a_bandwidth_of_too_many_strips_is_refused_at_once(monkeypatch, correction):
    monkeypatch.setattr(shapely, "linestrings", lambda _: pytest.fail("strips were cut"))
    with pytest.raises(ParameterError, match="`within` into at most 200000 strips, 16 a bandwidth"):
        density_surface(
            [[30.0, 60.0], [30.0, 90.0]],
            bounds=BOUNDS,
            shape=SHAPE,
            bandwidth_m=1e-6,
            within=QUARTER,
            correction=correction,
        )


def test_strips_taken_some_at_a_time_are_all_counted(monkeypatch):
    x, y = cell_centres()
    strips = Strips.of_area(QUARTER, y, 10.0)
    whole = strips.on_grid(x, y)
    monkeypatch.setattr(edge_correction, "_RECTANGLES_AT_ONCE", 7)
    assert strips.on_grid(x, y) == pytest.approx(whole, rel=1e-12)
