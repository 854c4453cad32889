"""Probabilities of being seen, against what can be worked out by hand, and as promised."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import norm

from analytics import sighting_odds
from analytics.blindspots import street_coverage
from analytics.sighting_odds import seen_probability
from geo.errors import LayerError, ParameterError
from geo.visibility import fields_of_view
from tests.geo.shophouses import CORNER, CRS, random_cameras, shophouse_rows

DRAWS = 4000
NO_BUILDINGS = gpd.GeoDataFrame(geometry=[], crs=CRS)
EXACT = {"position_sd_m": 0.0, "azimuth_sd_deg": 0.0}


def camera_at(x=0.0, y=0.0, **columns):
    view = {"azimuth_deg": 0.0, "fov_deg": 360.0, "range_m": 200.0} | columns
    values = {name: [value] for name, value in view.items()}
    return gpd.GeoDataFrame(values, geometry=gpd.points_from_xy([x], [y]), crs=CRS)


def spots(*xy):
    return gpd.GeoSeries(shapely.points(np.array(xy, dtype=float)), crs=CRS)


def deviations(odds, expected):
    """Return by how many standard errors of so many draws the odds differ from those expected."""
    error = np.sqrt(expected * (1.0 - expected) / DRAWS)
    return np.abs(odds["probability"].to_numpy() - expected) / error


def odds_across_an_edge(azimuth_sd_deg):
    """Return the odds of points on both sides of an edge of a wedge, and their bearings."""
    bearing = np.arange(-48.0, 49.0, 4.0)
    turn = np.radians(bearing)
    odds = seen_probability(
        spots(*(50.0 * np.column_stack([np.sin(turn), np.cos(turn)]))),
        camera_at(fov_deg=60.0),
        NO_BUILDINGS,
        position_sd_m=0.0,
        azimuth_sd_deg=azimuth_sd_deg,
        draws=DRAWS,
        seed=1,
    )
    return odds, bearing


def test_errors_of_direction_blur_the_edges_of_a_wedge():
    odds, bearing = odds_across_an_edge(8.0)
    expected = norm.cdf((30.0 - bearing) / 8.0) - norm.cdf((-30.0 - bearing) / 8.0)
    assert deviations(odds, expected).max() < 5.0
    share = odds["probability"]
    assert np.allclose(odds["standard_error"], np.sqrt(share * (1.0 - share) / DRAWS))


def test_the_comparison_catches_a_direction_that_errs_a_fifth_too_much():
    odds, bearing = odds_across_an_edge(9.6)
    expected = norm.cdf((30.0 - bearing) / 8.0) - norm.cdf((-30.0 - bearing) / 8.0)
    assert deviations(odds, expected).max() > 5.0


def test_errors_of_place_blur_the_shadow_of_a_wall():
    """A point is seen where the camera stands before the line from it past the wall's corner."""
    wall = gpd.GeoDataFrame(geometry=[shapely.box(-500.0, 30.0, 0.0, 32.0)], crs=CRS)
    points = np.array([[x, 60.0] for x in (-12.0, -6.0, -2.0, 0.0, 3.0, 8.0)])
    odds = seen_probability(
        spots(*points),
        camera_at(2.0, 0.0),
        wall,
        position_sd_m=3.0,
        azimuth_sd_deg=0.0,
        draws=DRAWS,
        seed=2,
    )
    # From west of the wall's end the far corner is in the way, from east of it the near one.
    corner = np.where(points[:, :1] < 0.0, [[0.0, 32.0]], [[0.0, 30.0]])
    past = corner - points
    ahead = (2.0 - points[:, 0]) * past[:, 1] - (0.0 - points[:, 1]) * past[:, 0]
    clear = -ahead / np.hypot(*past.T)
    assert deviations(odds, norm.cdf(clear / 3.0)).max() < 5.0


@pytest.mark.parametrize(("draws", "most"), [(200, 0), (3, 4096)])
def test_the_result_is_that_of_the_seed_alone(monkeypatch, draws, most):
    rows = shophouse_rows(seed=1, blocks=2)
    cameras = random_cameras(rows, 6, seed=2)
    points = gpd.GeoSeries(random_cameras(rows, 80, seed=3).geometry)
    options = {"position_sd_m": 2.0, "azimuth_sd_deg": 10.0, "draws": draws}
    odds = seen_probability(points, cameras, rows, **options, seed=7)
    assert 0.0 < odds["probability"].mean() < 1.0
    monkeypatch.setattr(sighting_odds, "_FIELDS_AT_A_TIME", most)
    assert odds.equals(seen_probability(points, cameras, rows, **options, seed=7, workers=2))
    assert not odds.equals(seen_probability(points, cameras, rows, **options, seed=8))


@pytest.mark.parametrize(
    ("labels", "order"),
    [
        (range(8), range(8)),
        (range(8), range(7, -1, -1)),
        (list("hgfedcba"), [3, 6, 0, 5, 1, 7, 4, 2]),
    ],
)
def test_one_camera_more_never_lowers_a_probability(labels, order):
    """Whichever there are already, and wherever in the layer it stands."""
    rows = shophouse_rows(seed=4, blocks=2)
    cameras = random_cameras(rows, 8, seed=5).set_axis(labels)
    points = gpd.GeoSeries(random_cameras(rows, 150, seed=6).geometry)
    options = {"position_sd_m": 3.0, "azimuth_sd_deg": 6.0, "draws": 25, "seed": 9}
    before = np.zeros(len(points))
    for count in range(len(cameras) + 1):
        there = cameras.iloc[sorted(order[:count])]
        odds = seen_probability(points, there, rows, **options)
        assert (odds["probability"] >= before).all()
        before = odds["probability"].to_numpy()
    assert before.sum() > 0.0


@pytest.mark.parametrize("labels", [["a", "b", "c"], ["a", "a", "b"], ["a", "a", "a"]])
def test_the_errors_of_a_camera_do_not_depend_on_those_before_it(labels):
    """The first two see no point: known exactly or not at all, they change nothing."""
    cameras = pd.concat([camera_at(9e3), camera_at(-9e3), camera_at(fov_deg=60.0)])
    cameras = cameras.set_axis(labels).assign(position_sd_m=4.0)
    turn = np.radians(np.arange(20.0, 41.0, 2.0))
    points = spots(*(50.0 * np.column_stack([np.sin(turn), np.cos(turn)])))
    options = {"position_sd_m": 1.0, "azimuth_sd_deg": 0.0, "draws": 100, "seed": 4}
    odds = seen_probability(points, cameras, NO_BUILDINGS, **options)
    assert odds["probability"].between(0.05, 0.95).sum() > 3
    for known in ([0], [1], [0, 1]):
        exact = cameras.assign(position_sd_m=[0.0 if row in known else 4.0 for row in range(3)])
        assert odds.equals(seen_probability(points, exact, NO_BUILDINGS, **options))
    left = seen_probability(points, cameras.iloc[1:], NO_BUILDINGS, **options)
    assert left.equals(odds) == (labels[0] != labels[2])


def odds_of_two_alike(points, *, one_error_for_all=False):
    """Draw the odds of points before two cameras that look east from one place, by bearings."""
    rng = np.random.default_rng(77)
    seen = np.zeros((200_000, len(points)), np.bool_)
    place, turn = rng.normal(0.0, 3.0, (200_000, 2)), rng.normal(0.0, 5.0, 200_000)
    for _ in range(2):
        if not one_error_for_all:
            place, turn = rng.normal(0.0, 3.0, (200_000, 2)), rng.normal(0.0, 5.0, 200_000)
        east, north = (points[None, :, axis] - place[:, None, axis] for axis in (0, 1))
        off = np.degrees(np.arctan2(east, north)) - 90.0 - turn[:, None]
        seen |= np.abs((off + 180.0) % 360.0 - 180.0) <= 30.0
    return seen.mean(axis=0)


def test_errors_of_both_coordinates_of_direction_and_of_cameras_are_independent():
    """Were place and direction to err together, they would cancel at one edge of the wedge."""
    bearing = np.radians([48.0, 52.0, 56.0, 64.0, 116.0, 124.0, 128.0, 132.0])
    points = 30.0 * np.column_stack([np.sin(bearing), np.cos(bearing)])
    odds = seen_probability(
        spots(*points),
        pd.concat([camera_at(azimuth_deg=90.0, fov_deg=60.0)] * 2, ignore_index=True),
        NO_BUILDINGS,
        position_sd_m=3.0,
        azimuth_sd_deg=5.0,
        draws=DRAWS,
        seed=5,
    )
    assert deviations(odds, odds_of_two_alike(points)).max() < 5.0
    together = odds_of_two_alike(points, one_error_for_all=True)
    assert deviations(odds, together).max() > 10.0


def test_without_errors_it_is_what_the_streets_count():
    rows = shophouse_rows(seed=4, blocks=2)
    cameras = random_cameras(rows, 8, seed=5)
    x, y = CORNER
    lines = [shapely.LineString([(x, y - 4.0 + 48.0 * n), (x + 190.0, y - 4.0)]) for n in range(3)]
    streets = gpd.GeoDataFrame(geometry=lines, crs=CRS)
    points = street_coverage(streets, fields_of_view(cameras, rows))
    odds = seen_probability(points, cameras, rows, **EXACT, seed=0)
    assert odds.index.equals(points.index)
    assert odds["probability"].tolist() == (points["seen_by"] > 0).astype(float).tolist()
    assert (odds["standard_error"] == 0.0).all()
    assert 0.0 < odds["probability"].mean() < 1.0


def test_a_camera_with_errors_of_its_own_keeps_them():
    rows = shophouse_rows(seed=4, blocks=2)
    cameras = random_cameras(rows, 6, seed=5)
    points = gpd.GeoSeries(random_cameras(rows, 150, seed=6).geometry)
    wide = {"position_sd_m": 4.0, "azimuth_sd_deg": 20.0}
    surveyed = cameras.assign(position_sd_m=0.0, azimuth_sd_deg=0.0)
    exact = seen_probability(points, cameras, rows, **EXACT, seed=1)
    assert exact.equals(seen_probability(points, surveyed, rows, **wide, seed=1))
    unknown = cameras.assign(position_sd_m=math.nan, azimuth_sd_deg=None)
    blurred = seen_probability(points, unknown, rows, **wide, seed=1)
    assert blurred.equals(seen_probability(points, cameras, rows, **wide, seed=1))
    assert not blurred.equals(exact)
    mixed = cameras.assign(azimuth_sd_deg=[0.0, 1.0, math.nan, 0.0, 5.0, 2.0], position_sd_m=0.0)
    sure = seen_probability(points, cameras.iloc[[0, 3]], rows, **EXACT, seed=1)["probability"]
    among = seen_probability(points, mixed, rows, **wide, seed=1)["probability"]
    assert (among[sure == 1.0] == 1.0).all()


def test_a_draw_inside_a_building_is_drawn_again():
    """On a facade every other draw is inside; none is left that sees nothing."""
    shop = gpd.GeoDataFrame(geometry=[shapely.box(-300.0, -40.0, 300.0, 0.0)], crs=CRS)
    options = {"position_sd_m": 2.0, "azimuth_sd_deg": 0.0, "draws": 500, "seed": 3}
    odds = seen_probability(spots((0.0, 20.0), (0.0, -20.0)), camera_at(), shop, **options)
    assert odds["probability"].tolist() == [1.0, 0.0]


def test_a_camera_that_no_try_brings_outside_stands_as_surveyed():
    block = shapely.box(-900.0, -900.0, 900.0, 900.0)
    court = gpd.GeoDataFrame(geometry=[block.difference(shapely.box(-1, -1, 1, 1))], crs=CRS)
    options = {"position_sd_m": 90.0, "azimuth_sd_deg": 0.0, "draws": 50, "seed": 3}
    odds = seen_probability(spots((0.5, 0.5), (5.0, 5.0)), camera_at(), court, **options)
    assert odds["probability"].tolist() == [1.0, 0.0]
    inside = seen_probability(spots((4.0, 4.0)), camera_at(50.0, 50.0), court, **EXACT, seed=3)
    assert inside["probability"].tolist() == [0.0]


def test_nothing_to_see_and_nobody_to_look():
    options = {"position_sd_m": 1.0, "azimuth_sd_deg": 1.0, "seed": 0}
    assert seen_probability(spots((0, 1)).iloc[:0], camera_at(), NO_BUILDINGS, **options).empty
    alone = seen_probability(spots((0, 1)), camera_at().iloc[:0], NO_BUILDINGS, **options)
    assert alone["probability"].tolist() == [0.0]


def test_every_parameter_out_of_range_is_named():
    wrong = {
        "position_sd_m": -1.0,
        "azimuth_sd_deg": math.nan,
        "draws": 0,
        "seed": -1,
        "workers": 0,
    }
    with pytest.raises(ParameterError) as caught:
        seen_probability(spots((0, 1)), camera_at(), NO_BUILDINGS, **wrong)
    for name, value in wrong.items():
        assert f"Expected `{name}` >= " in str(caught.value)
        assert f"got {value}." in str(caught.value)


def test_every_fault_of_the_layers_is_named():
    cameras = camera_at(azimuth_deg=400.0, position_sd_m=-2.0, azimuth_sd_deg="about 3")
    points = gpd.GeoSeries([shapely.Point(0, 0), None, shapely.box(0, 0, 1, 1)], crs="EPSG:32648")
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    buildings = gpd.GeoDataFrame(geometry=[bow], crs=CRS)
    with pytest.raises(LayerError) as caught:
        seen_probability(points, cameras, buildings, **EXACT, seed=0)
    assert {(fault.source, fault.row, fault.field) for fault in caught.value.faults} == {
        ("points", 2, "geometry"),
        ("points", 3, "geometry"),
        ("cameras", None, "geometry"),
        ("cameras", 1, "azimuth_deg"),
        ("cameras", 1, "position_sd_m"),
        ("cameras", 1, "azimuth_sd_deg"),
        ("buildings", 1, "geometry"),
    }
    with pytest.raises(LayerError, match="a geometry column"):
        seen_probability(
            gpd.GeoDataFrame({"name": ["SOS"]}), camera_at(), NO_BUILDINGS, **EXACT, seed=0
        )


def test_standard_deviations_are_those_that_the_layer_takes():
    exact = {"buildings": NO_BUILDINGS, **EXACT, "draws": 20, "seed": 0}
    blank = camera_at(position_sd_m=" ", azimuth_sd_deg="")
    assert seen_probability(spots((0, 1)), blank, **exact).equals(
        seen_probability(spots((0, 1)), camera_at(), **exact)
    )
    wide = camera_at(position_sd_m=1001.0, azimuth_sd_deg=181.0)
    with pytest.raises(LayerError) as caught:
        seen_probability(spots((0, 1)), wide, **exact)
    assert [str(fault) for fault in caught.value.faults] == [
        "cameras, row 1, `position_sd_m`: expected a number >= 0 and <= 1000, got 1001",
        "cameras, row 1, `azimuth_sd_deg`: expected a number >= 0 and <= 180, got 181",
    ]
