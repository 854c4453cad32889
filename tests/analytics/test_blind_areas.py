"""Blind street surface against sampling, set operations and hand work."""

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely

from analytics import blind_areas as module
from analytics.blind_areas import DEFAULT_WIDTH_M, blind_areas
from geo.errors import LayerError, ParameterError
from geo.visibility import fields_of_view
from tests.analytics.quarters import (
    BOW,
    CRS,
    fields_of,
    random_quarter,
    streets_of,
    tangled_quarter,
)
from tests.geo.shophouses import CORNER, random_cameras, shophouse_rows

COLUMNS = ["rank", "name_th", "name_en", "area_m2", "geometry"]


def solids(*shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=CRS)


def assert_sampled(streets, fields, buildings, areas, *, seed):
    """Scatter points: blind is what is near a street, in no building and in no field."""
    low, high = streets.total_bounds.reshape(2, 2) + np.array([[-6.0], [6.0]])
    places = np.random.default_rng(seed).uniform(low, high, (20_000, 2))
    points = shapely.points(places)
    half_m = (streets["width_m"].fillna(6.0) / 2.0).to_numpy()
    away_m = shapely.distance(streets.geometry.to_numpy()[:, None], points[None, :])
    surface = (away_m < half_m[:, None]).any(axis=0)
    hidden = np.zeros(len(points), dtype=bool)
    for shape in [*buildings.geometry, *fields]:
        hidden |= shapely.intersects_xy(shape, places)
    found = np.zeros(len(points), dtype=bool)
    for area in areas.geometry:
        found |= shapely.intersects_xy(area, places)
    # The rounded ends are polygons within a circle, by less than a part in 800 of its radius.
    sure = ((away_m < 0.998 * half_m[:, None]).any(axis=0)) == surface
    assert (found == (surface & ~hidden))[sure].all()
    assert found.sum() > 300


@pytest.mark.parametrize("quarter", [random_quarter, tangled_quarter])
@pytest.mark.parametrize("seed", [1, 2])
def test_areas_agree_with_scattered_points(quarter, seed):
    streets, fields = quarter(seed)
    rng = np.random.default_rng(seed)
    streets["width_m"] = rng.choice([4.0, 9.5, math.nan], len(streets))
    corners = rng.uniform(0.0, 140.0, (30, 2))
    buildings = solids(*shapely.box(*corners.T, *(corners + rng.uniform(2.0, 15.0, (30, 2))).T))
    areas = blind_areas(streets, fields, buildings, min_area_m2=0.0)
    assert_sampled(streets, fields, buildings, areas, seed=seed)
    assert areas["area_m2"].is_monotonic_decreasing
    assert areas["rank"].tolist() == list(range(1, len(areas) + 1))
    np.testing.assert_allclose(areas["area_m2"], areas.area)
    assert areas.union_all().area == pytest.approx(areas["area_m2"].sum())


def test_scattered_points_catch_buildings_left_standing(monkeypatch):
    """The planted fault: nothing is taken out of the street surface."""
    streets, fields = random_quarter(1)
    streets["width_m"] = 8.0
    buildings = solids(shapely.box(20, 20, 70, 70))
    monkeypatch.setattr(module, "_union_near", lambda *_: shapely.Polygon())
    areas = blind_areas(streets, fields, buildings, min_area_m2=0.0)
    with pytest.raises(AssertionError):
        assert_sampled(streets, fields, buildings, areas, seed=1)


def test_blind_areas_and_fields_make_up_the_open_street_among_shophouses():
    buildings = shophouse_rows(seed=3)
    fields = fields_of_view(random_cameras(buildings, 40, seed=4), buildings)
    x, y = CORNER
    lines = [[(x, y - 8.0 + 48.0 * lane), (x + 380.0, y - 8.0 + 48.0 * lane)] for lane in range(5)]
    streets = streets_of(*lines, names=["One", "Two", "Three", "Four", "Five"])
    areas = blind_areas(streets, fields, buildings, min_area_m2=0.0)
    surface = shapely.union_all(shapely.buffer(streets.geometry.to_numpy(), 3.0, quad_segs=16))
    ground = surface.difference(buildings.union_all())
    seen = ground.intersection(fields.union_all()).area
    assert seen + areas["area_m2"].sum() == pytest.approx(ground.area, rel=1e-9)
    assert 0.0 < seen < ground.area
    # No two areas hang together by a hair along a wall.
    for area in areas.geometry[areas["area_m2"] > 10.0]:
        parts = shapely.get_parts(area.buffer(-1e-5))
        assert (shapely.area(parts) > 1.0).sum() == 1


def test_a_seen_middle_leaves_two_areas_with_names_and_holes():
    streets = streets_of([(0, 0), (100, 0)], names=["Krabi"], index=["krabi-01"])
    streets["width_m"] = 10.0
    kiosk = solids(shapely.box(10, -1, 12, 1))
    areas = blind_areas(streets, fields_of(shapely.box(30, -9, 90, 9)), kiosk)
    assert areas.columns.tolist() == COLUMNS
    assert areas["name_en"].tolist() == ["Krabi"] * 2
    assert areas["name_th"].tolist() == ["ถนนKrabi"] * 2
    cap = math.pi * 5.0**2 / 2.0
    assert areas["area_m2"].tolist() == pytest.approx([300.0 - 4.0 + cap, 100.0 + cap], rel=1e-3)
    assert len(areas.geometry.iloc[0].interiors) == 1
    assert areas.crs == CRS
    large = blind_areas(streets, fields_of(shapely.box(30, -9, 90, 9)), kiosk, min_area_m2=200.0)
    assert large["rank"].tolist() == [1]


def test_a_street_without_a_width_is_six_metres_wide():
    streets = streets_of([(0, 0), (50, 0)])
    plain = blind_areas(streets, fields_of(), solids())
    for width_m in (None, math.nan, DEFAULT_WIDTH_M):
        known = streets.assign(width_m=[width_m])
        assert blind_areas(known, fields_of(), solids()).geom_equals(plain).all()
    assert plain["area_m2"].tolist() == [pytest.approx(300.0 + math.pi * 9.0, rel=1e-3)]


def test_the_name_is_that_of_the_street_with_most_of_the_area():
    crossing = streets_of(
        [(0, 0), (30, 0)], [(30, 0), (50, 0)], [(30, 0), (30, 40)], names=["A", "A", "B"]
    )
    assert blind_areas(crossing, fields_of(), solids())["name_en"].tolist() == ["A"]
    seen = fields_of(shapely.box(-9, -9, 20, 9))
    assert blind_areas(crossing, seen, solids())["name_en"].tolist() == ["B"]
    unnamed = streets_of([(0, 0), (60, 0)], [(30, 0), (30, 40)], names=["", "B"])
    assert blind_areas(unnamed, fields_of(), solids())["name_en"].tolist() == [""]
    parted = streets_of([(0, 0), (30, 0)], [(30, 0), (60, 0)], [(30, 0), (30, 40)])
    parted["name_en"] = ["", "", "B"]
    assert blind_areas(parted, fields_of(), solids())["name_en"].tolist() == ["B"]


@pytest.mark.parametrize("names", [["A", "B"], ["B", "A"], ["B", "A", "B"]])
def test_of_two_streets_with_as_much_of_an_area_the_first_gives_the_name(names):
    streets = streets_of(*[[(0, 0), (40, 0)]] * len(names), names=names)
    assert blind_areas(streets, fields_of(), solids())["name_en"].tolist() == names[:1]


def test_nothing_to_see_and_nothing_to_see_with():
    streets = streets_of([(0, 0), (10, 0)])
    for fields in (fields_of(), fields_of(shapely.Polygon()), gpd.GeoSeries([])):
        assert len(blind_areas(streets, fields, gpd.GeoDataFrame())) == 1
    all_seen = fields_of(shapely.box(-9, -9, 19, 9))
    for none in (streets.iloc[:0], gpd.GeoDataFrame(), streets):
        areas = blind_areas(none, all_seen, solids(shapely.box(0, 0, 1, 1)))
        assert areas.empty
        assert areas.columns.tolist() == COLUMNS


def test_every_fault_is_reported_at_once():
    streets = streets_of([(0, 0), (10, 0)], [(0, 5), (10, 5)], [(0, 9), (10, 9)])
    streets["width_m"] = [0.0, math.inf, "4.0"]
    buildings = gpd.GeoDataFrame(geometry=[None], crs="EPSG:24047")
    with pytest.raises(LayerError) as caught:
        blind_areas(streets, fields_of(BOW), buildings)
    assert [(fault.source, fault.row, fault.field) for fault in caught.value.faults] == [
        ("fields_of_view", 1, "geometry"),
        ("buildings", 1, "geometry"),
        ("buildings", None, "geometry"),
        ("streets", 1, "width_m"),
        ("streets", 2, "width_m"),
    ]


def test_widths_are_those_that_the_layer_takes():
    streets = streets_of([(0, 0), (100, 0)])
    nobody = fields_of()
    wide = blind_areas(streets.assign(width_m=["8"]), nobody, solids())
    assert wide["area_m2"].tolist() == pytest.approx([100 * 8 + math.pi * 16], rel=2e-3)
    blank = blind_areas(streets.assign(width_m=[" "]), nobody, solids())
    assert blank["area_m2"].equals(blind_areas(streets, nobody, solids())["area_m2"])
    with pytest.raises(LayerError, match="row 1, `width_m`: expected a number > 0 and <= 200, got"):
        blind_areas(streets.assign(width_m=[250.0]), nobody, solids())


@pytest.mark.parametrize("least", [-1.0, math.nan, math.inf])
def test_a_least_area_out_of_range_is_refused(least):
    with pytest.raises(ParameterError, match="Expected `min_area_m2` >= 0"):
        blind_areas(streets_of([(0, 0), (10, 0)]), fields_of(), solids(), min_area_m2=least)
