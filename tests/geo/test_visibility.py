"""Fields of view against CGAL, against lines of sight, and in cases worked out by hand."""

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo import _views
from geo.errors import LayerError, ParameterError
from geo.visibility import fields_of_view, inside_buildings
from tests.geo.shophouses import (
    CORNER,
    CRS,
    cgal_field,
    cgal_ground,
    random_cameras,
    shophouse_rows,
    wedge,
)


def one_camera(x=0.0, y=0.0, *, azimuth_deg=0.0, fov_deg=360.0, range_m=30.0):
    columns = {"azimuth_deg": [azimuth_deg], "fov_deg": [fov_deg], "range_m": [range_m]}
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy([x], [y]), crs=CRS)


def footprints(*shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=CRS)


def field_of(camera, *shapes, **options):
    field = fields_of_view(camera, footprints(*shapes), **options).iloc[0]
    assert field.is_valid
    assert field.geom_type in {"Polygon", "MultiPolygon"}
    return field


def errors_against_cgal(cameras, buildings):
    """Return for each camera the area on which both disagree, relative to CGAL's."""
    fields = fields_of_view(cameras, buildings)
    errors = []
    for camera, field in zip(cameras.itertuples(), fields, strict=True):
        ground = cgal_ground(camera.geometry, buildings, camera.range_m)
        expected = cgal_field(camera, ground)
        errors.append(expected.symmetric_difference(field).area / expected.area)
    return np.array(errors)


def wrong_points(cameras, buildings, *, points, seed):
    """Count the random points that a line of sight judges otherwise than the field of view.

    Points within a micrometre of the outline of the field are left out.
    """
    rng = np.random.default_rng(seed)
    solid = shapely.union_all(buildings.geometry.to_numpy())
    shapely.prepare(solid)
    fields = fields_of_view(cameras, buildings)
    wrong = judged = 0
    for camera, field in zip(cameras.itertuples(), fields, strict=True):
        x, y = camera.geometry.x, camera.geometry.y
        xy = np.array([x, y]) + rng.uniform(-camera.range_m, camera.range_m, (points, 2))
        spots = shapely.points(xy)
        sights = shapely.linestrings(np.stack([np.full((points, 2), (x, y)), xy], axis=1))
        clear = shapely.intersects(wedge(camera), spots) & ~shapely.intersects(solid, sights)
        sure = shapely.distance(field.boundary, spots) > 1e-6
        wrong += int((clear != shapely.intersects(field, spots))[sure].sum())
        judged += int(sure.sum())
    assert judged > 0.9 * points * len(cameras)
    return wrong


@pytest.fixture(scope="module")
def rows():
    return shophouse_rows(seed=1)


@pytest.fixture(scope="module")
def cameras(rows):
    return random_cameras(rows, 200, seed=2)


def test_agrees_with_cgal(rows, cameras):
    assert errors_against_cgal(cameras, rows).max() < 1e-9


def test_agrees_with_cgal_to_the_last_digits_near_the_origin():
    rows = shophouse_rows(seed=3, origin=(0.0, 0.0))
    assert errors_against_cgal(random_cameras(rows, 60, seed=4), rows).max() < 1e-12


@pytest.mark.parametrize("range_m", [10.0, 2000.0])
def test_agrees_with_cgal_at_short_and_long_range(rows, range_m):
    cameras = random_cameras(rows, 12, seed=5).assign(range_m=range_m)
    assert errors_against_cgal(cameras, rows).max() < 1e-9


def test_agrees_with_lines_of_sight(rows, cameras):
    assert wrong_points(cameras.iloc[:60], rows, points=400, seed=6) == 0


def test_the_comparisons_catch_an_inverted_facing_test(rows, cameras, monkeypatch):
    """Walls that run the other way around are taken for seen from behind, and the reverse."""
    facing = _views.scene_of

    def inverted(parts):
        scene = facing(parts)
        return scene._replace(walls=scene.walls[:, [0, 1, 4, 5, 2, 3]].copy())

    monkeypatch.setattr(_views, "scene_of", inverted)
    assert errors_against_cgal(cameras.iloc[:40], rows).max() > 1e-2
    assert wrong_points(cameras.iloc[:20], rows, points=100, seed=6) > 0


def test_open_ground_is_the_wedge():
    for camera in (
        one_camera(),
        one_camera(azimuth_deg=350.0, fov_deg=60.0),
        one_camera(azimuth_deg=360.0, fov_deg=1e-3),
        one_camera(azimuth_deg=10.0, fov_deg=359.0),
    ):
        expected = wedge(next(camera.itertuples()))
        assert field_of(camera).symmetric_difference(expected).area < 1e-9 * expected.area


@pytest.mark.parametrize("arc_tolerance_m", [1e-5, 0.01, 0.5, 1e9])
def test_chords_stay_within_the_tolerance_of_the_arc(arc_tolerance_m):
    field = field_of(one_camera(range_m=30.0), arc_tolerance_m=arc_tolerance_m)
    ring = shapely.get_coordinates(field.exterior)
    assert np.hypot(*ring.T) == pytest.approx(np.full(len(ring), 30.0))
    middles = (ring[1:] + ring[:-1]) / 2.0
    assert (30.0 - np.hypot(*middles.T) <= arc_tolerance_m * (1 + 1e-6)).all()


def test_corners_of_a_wall_are_exact():
    field = field_of(one_camera(fov_deg=90.0), shapely.box(-3.0, 10.0, 4.0, 12.0))
    corners = {tuple(corner) for corner in shapely.get_coordinates(field)}
    assert {(0.0, 0.0), (-3.0, 10.0), (4.0, 10.0)} <= corners


def test_a_camera_in_a_courtyard_sees_the_courtyard():
    court = shapely.box(-10.0, -10.0, 10.0, 10.0).difference(shapely.box(-2.0, -3.0, 4.0, 5.0))
    yard = shapely.box(-2.0, -3.0, 4.0, 5.0)
    assert field_of(one_camera(), court).symmetric_difference(yard).area < 1e-12


def test_a_camera_inside_a_building_sees_nothing_and_is_named():
    cameras = gpd.GeoDataFrame(
        {"azimuth_deg": np.zeros(4), "fov_deg": 360.0, "range_m": 5.0},
        geometry=gpd.points_from_xy([5.0, 15.0, 0.0, 30.0], [5.0] * 4),
        index=["inside", "party wall", "facade", "street"],
        crs=CRS,
    )
    shops = footprints(shapely.box(0.0, 0.0, 15.0, 10.0), shapely.box(15.0, 0.0, 20.0, 10.0))
    fields = fields_of_view(cameras, shops)
    assert fields.is_empty.to_dict() == {
        "inside": True,
        "party wall": True,
        "facade": False,
        "street": False,
    }
    inside = inside_buildings(cameras, shops)
    assert inside.equals(fields.is_empty.rename("inside"))


HALF_DISC = wedge(next(one_camera(fov_deg=180.0).itertuples())).area
DISC = wedge(next(one_camera().itertuples())).area


@pytest.mark.parametrize("origin", [(0.0, 0.0), CORNER])
def test_a_camera_where_a_courtyard_touches_the_street_sees_both(origin):
    """The courtyard's corner lies on the front: on a corner of it, or in the middle of a wall."""
    court = [(0.0, 0.0), (-3.0, -6.0), (3.0, -6.0)]
    fronts = [(-9.0, 0.0), (-9.0, -9.0), (9.0, -9.0), (9.0, 0.0)]
    for outline in (fronts, [*fronts, (0.0, 0.0)]):
        shop = shapely.affinity.translate(shapely.Polygon(outline, [court]), *origin)
        field = field_of(one_camera(*origin), shop)
        assert field.area == pytest.approx(0.5 * DISC + 18.0, rel=2e-4)
        assert field.intersection(shop).area < 1e-6


@pytest.mark.parametrize("step", [1e-123, 1e-15, 1e-14])
@pytest.mark.parametrize("first", range(5))
def test_a_camera_on_two_corners_a_hair_apart_stands_on_one(step, first):
    """Unions leave such corners; the ground behind them is where the long walls go."""
    ring = [(0.0, 0.0), (50.0, 0.0), (50.0, -50.0), (-step, -50.0), (-step, 0.0)]
    shop = shapely.Polygon(ring[first:] + ring[:first])
    assert field_of(one_camera(), shop).area == pytest.approx(0.75 * DISC, rel=2e-4)


@pytest.mark.parametrize("origin", [(0.0, 0.0), CORNER])
@pytest.mark.parametrize(
    ("shapes", "area"),
    [
        ([(-50.0, -9.0, 50.0, 0.0)], HALF_DISC),  # in the middle of a wall
        ([(-50.0, -9.0, 0.0, 0.0), (0.0, -9.0, 50.0, 0.0)], HALF_DISC),  # where two shops meet
        ([(-50.0, -50.0, 0.0, 0.0)], 0.75 * DISC),  # on a corner
        ([(-50.0, -50.0, 0.0, 0.0), (0.0, 0.0, 50.0, 50.0)], 0.5 * DISC),  # corner to corner
        ([(-50.0, -50.0, 50.0, 0.0), (0.0, 0.0, 50.0, 50.0)], 0.25 * DISC),  # in a nook
        ([(-50.0, -50.0, 50.0, 0.0), (-50.0, 0.0, 50.0, 50.0)], 0.0),  # ground on both sides
        (
            [(-50.0, -50.0, 50.0, 0.0), (-20.0, -20.0, 10.0, 10.0)],
            0.0,
        ),  # on a wall, in another shop
    ],
)
def test_a_camera_on_a_wall_sees_the_open_side(origin, shapes, area):
    x, y = origin
    solids = [shapely.box(x + a, y + b, x + c, y + d) for a, b, c, d in shapes]
    field = field_of(one_camera(x, y), *solids)
    assert field.area == pytest.approx(area, rel=2e-4, abs=1e-9)
    assert field.intersection(shapely.union_all(solids)).area < 1e-6


def test_a_camera_placed_along_a_slanting_wall_stands_on_it():
    """Interpolating leaves it a rounding error inside or outside."""
    shop = shapely.affinity.rotate(shapely.box(0.0, 0.0, 60.0, 20.0), 33.0, origin=(0.0, 0.0))
    shop = shapely.affinity.translate(shop, *CORNER)
    spots = shapely.line_interpolate_point(shop.exterior, np.linspace(1.0, 59.0, 50))
    cameras = gpd.GeoDataFrame(
        {"azimuth_deg": np.zeros(50), "fov_deg": 360.0, "range_m": 1.0}, geometry=spots, crs=CRS
    )
    fields = fields_of_view(cameras, footprints(shop))
    assert fields.is_valid.all()
    assert fields.area.to_numpy() == pytest.approx(np.full(50, math.pi / 2.0), rel=0.02)
    assert not inside_buildings(cameras, footprints(shop)).any()


def test_a_camera_hardly_inside_a_wall_stands_on_it_or_inside():
    """Between the two it would see out through the building's far walls."""
    low_x = 429998.5999999981
    shop = shapely.box(low_x, 870999.9000000007, 429998.69999999815, 871000.8000000007)
    steps, y = np.meshgrid(np.arange(80), np.linspace(871000.1, 871000.5, 9), indexing="ij")
    x = low_x + steps.ravel() * np.spacing(low_x)
    cameras = gpd.GeoDataFrame(
        {"azimuth_deg": np.zeros(x.size), "fov_deg": 360.0, "range_m": 25.0},
        geometry=gpd.points_from_xy(x, y.ravel()),
        crs=CRS,
    )
    fields = fields_of_view(cameras, footprints(shop))
    assert fields.intersection(shop).area.max() < 1e-6
    assert fields.is_empty.iloc[[0, -1]].tolist() == [False, True]
    assert inside_buildings(cameras, footprints(shop)).equals(fields.is_empty.rename("inside"))


def test_a_crack_of_a_rounding_error_lets_no_sight_through():
    """The neighbour's corner lies on the long wall only as near as coordinates can tell."""
    long = shapely.Polygon([(0.0, 10.0), (30.0, 13.7), (30.0, 40.0), (0.0, 40.0)])
    touching = long.exterior.interpolate(17.3)
    crack = shapely.Polygon([touching, (30.0, 13.7), (30.0, 1.0), (16.0, 2.0)])
    shapes = [shapely.affinity.translate(one, *CORNER) for one in (long, crack)]
    field = field_of(one_camera(CORNER[0] + 2.0, CORNER[1], range_m=100.0), *shapes)
    assert field.intersection(shapes[1].buffer(-1e-6)).area < 1e-9


@pytest.mark.parametrize(
    ("outline", "area"),
    [
        ([(0, 0), (4, 0), (4, 3), (0, 3), (0, 1), (-1e-10, 1.5)], 12.0),
        ([(0, 0), (4, 4), (4, 0), (0, 4)], 8.0),  # touches itself in one point
        ([(0, 0), (4, 0), (4, 4), (4, 0), (8, 0), (8, -1)], 4.0),  # a spike
        ([(0, 0), (4, 0), (2, 0)], 0.0),  # no area
    ],
)
def test_an_outline_that_touches_itself_is_mended(outline, area):
    """No scene is known that needs it; results are valid even so."""
    field = _views.mended(shapely.Polygon(outline))
    assert field.is_valid
    assert field.geom_type in {"Polygon", "MultiPolygon"}
    assert field.area == pytest.approx(area)


def test_touching_overlapping_and_repeated_footprints_are_one_solid():
    shapes = [
        shapely.box(5.0, -5.0, 9.0, 5.0),
        shapely.box(5.0, -5.0, 9.0, 5.0),
        shapely.box(6.0, -8.0, 12.0, -2.0),
        shapely.box(9.0, -1.0, 11.0, 1.0),
        shapely.box(7.0, -1.0, 8.0, 1.0),
        shapely.Polygon([(-6.0, -6.0), (6.5, 6.0), (-6.0, 6.0)]),
        shapely.box(9.0, 5.0, 12.0, 9.0),
    ]
    camera = one_camera(2.0, -3.0)
    together = field_of(camera, shapely.union_all(shapes))
    assert field_of(camera, *shapes).symmetric_difference(together).area < 1e-9


def test_keeps_index_and_crs_and_counts_threads_out(rows, cameras):
    named = cameras.set_index(cameras.index.map("camera-{}".format))
    fields = fields_of_view(named, rows, workers=2)
    assert fields.index.equals(named.index)
    assert fields.crs == named.crs
    assert fields.to_wkb().tolist() == fields_of_view(cameras, rows).to_wkb().tolist()


def test_no_cameras_and_no_buildings():
    nothing = gpd.GeoDataFrame(geometry=[])
    assert fields_of_view(one_camera().iloc[:0], footprints(shapely.box(0, 0, 1, 1))).empty
    assert fields_of_view(one_camera(), nothing).area.iloc[0] == pytest.approx(DISC)
    assert not inside_buildings(one_camera(), nothing).any()
    no_column = gpd.GeoDataFrame()
    assert fields_of_view(one_camera(), no_column).area.iloc[0] == pytest.approx(DISC)
    assert not inside_buildings(one_camera(), no_column).any()
    no_cameras = gpd.GeoDataFrame({"azimuth_deg": [], "fov_deg": [], "range_m": []})
    assert fields_of_view(no_cameras, footprints(shapely.box(0, 0, 1, 1))).empty
    assert inside_buildings(no_cameras, no_column).empty


def test_rows_without_a_geometry_column_are_refused():
    cameras = gpd.GeoDataFrame({"azimuth_deg": [0.0], "fov_deg": [90.0], "range_m": [9.0]})
    with pytest.raises(LayerError) as caught:
        fields_of_view(cameras, gpd.GeoDataFrame({"kind": ["shop"]}))
    assert [(fault.source, fault.row, fault.expected) for fault in caught.value.faults] == [
        ("cameras", None, "a geometry column"),
        ("buildings", None, "a geometry column"),
    ]


def test_every_fault_is_reported_at_once():
    cameras = gpd.GeoDataFrame(
        {
            "azimuth_deg": [0.0, 400.0, math.nan, 0.0],
            "fov_deg": [0.0, 90.0, 361.0, 90.0],
            "range_m": [10.0, math.inf, -1.0, 10.0],
        },
        geometry=[None, shapely.Point(0, 0), shapely.box(0, 0, 1, 1), shapely.Point(math.nan, 0)],
        crs=CRS,
    )
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    buildings = gpd.GeoDataFrame(geometry=[bow], index=["house-7"], crs="EPSG:32648")
    with pytest.raises(LayerError) as caught:
        fields_of_view(cameras, buildings)
    places = {(fault.source, fault.row, fault.field) for fault in caught.value.faults}
    assert places == {
        ("buildings", None, "geometry"),
        ("buildings", 1, "geometry"),
        *(("cameras", row, "geometry") for row in (1, 3, 4)),
        *(("cameras", row, "azimuth_deg") for row in (2, 3)),
        *(("cameras", row, "fov_deg") for row in (1, 3)),
        *(("cameras", row, "range_m") for row in (2, 3)),
    }
    assert "Self-intersection[1 1] at 'house-7'" in str(caught.value)


def test_degrees_and_missing_columns_are_refused():
    cameras = one_camera().to_crs("EPSG:4326").drop(columns="range_m")
    with pytest.raises(LayerError, match="projected") as caught:
        fields_of_view(cameras, gpd.GeoDataFrame(geometry=[]))
    assert [fault.field for fault in caught.value.faults] == ["geometry", "range_m"]


@pytest.mark.parametrize(
    "options", [{"arc_tolerance_m": 0.0}, {"arc_tolerance_m": math.nan}, {"workers": 0}]
)
def test_parameters_out_of_range_are_refused(options):
    with pytest.raises(ParameterError, match=f"Expected `{next(iter(options))}`"):
        fields_of_view(one_camera(), footprints(), **options)


@pytest.mark.parametrize(
    ("range_m", "arc_tolerance_m"), [(1e300, 0.01), (30.0, 1e-15), (1e308, 1e-20)]
)
def test_arcs_of_too_many_chords_are_refused(range_m, arc_tolerance_m):
    cameras = one_camera(range_m=range_m)
    with pytest.raises(ParameterError, match="at most 10000000 chords, got"):
        fields_of_view(cameras, footprints(), arc_tolerance_m=arc_tolerance_m)


def test_a_crack_in_a_filled_courtyard_is_no_ground():
    """The filling ends two steps of the last bit beside the court: the union keeps a hair of it."""
    east = -4.134769205890999
    hole = [(east, 20.0), (-21.9, 20.0), (-21.9, -2.0), (east, -2.0)]
    ring = shapely.Polygon(shapely.box(-22.9, -3.0, -3.0, 21.0).exterior, [hole])
    filling = shapely.box(-21.9, -2.0, east - 2.0 * np.spacing(-east), 20.0)
    union = shapely.union_all([ring, filling])
    assert len(union.interiors) == 1
    for place in ((east, -2.0), (filling.bounds[2], 20.0)):
        assert field_of(one_camera(*place), union).is_empty
        assert field_of(one_camera(*place), ring, filling).is_empty
