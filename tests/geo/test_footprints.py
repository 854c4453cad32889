"""Footprints against sights through space, against formulas, and in cases worked out by hand."""

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.affinity import rotate, translate

from geo import _shadows
from geo.pixel_density import STANDARDS, reach_m
from geo.visibility import fields_of_view, footprints
from geo.zone import Zone
from tests.geo.footprint_cases import FAR_WALL, NEAR, along, footprint
from tests.geo.shophouses import CORNER, random_cameras, shophouse_rows, wedge
from tests.geo.sights import ARC_TOLERANCE_M, blocks, lens_camera, wrong_points


@pytest.fixture(scope="module")
def rows():
    """Give shops of every height, some unknown, some just as high as cameras stand."""
    shops = shophouse_rows(seed=21)
    heights = np.random.default_rng(22).uniform(1.0, 9.0, len(shops))
    heights[::9], heights[1::9] = math.nan, 5.0
    return shops.assign(height_m=heights)


@pytest.fixture(scope="module")
def cameras(rows):
    """Give cameras with all sorts of lenses, a third of them on or in shops."""
    rng = np.random.default_rng(23)
    cameras = random_cameras(rows, 120, seed=24)
    indoors = rows.geometry.representative_point().to_numpy()
    cameras.loc[cameras.index[::3], "geometry"] = rng.choice(indoors, 40)
    tilt = np.where(rng.random(120) < 0.7, rng.uniform(0.0, 40.0, 120), rng.uniform(-20, 90, 120))
    return cameras.assign(
        height_m=rng.choice([3.0, 5.0, 8.0, 12.0], 120),
        tilt_deg=tilt,
        vfov_deg=rng.uniform(20.0, 120.0, 120),
        resolution_px=rng.choice([640.0, 1920.0, 8000.0], 120),
    )


@pytest.mark.parametrize("target_height_m", [0.0, 1.6, 2.9])
def test_agrees_with_sights_through_space(rows, cameras, target_height_m):
    options = {"target_height_m": target_height_m, "arc_tolerance_m": ARC_TOLERANCE_M}
    fields = footprints(cameras, rows, task="detect", **options)
    assert fields.is_valid.all()
    assert 20 < fields.is_empty.sum() < 60
    judged = {"density": 25.0, "points": 150, "seed": 25, "target_height_m": target_height_m}
    assert wrong_points(fields, cameras, rows, **judged) == 0


def test_fields_have_no_slivers(rows, cameras):
    """Where shadows meet walls and each other, rounding leaves no cracks and no spikes."""
    fields = footprints(cameras, rows, task="detect")
    fields = fields[~fields.is_empty].explode()
    assert (fields.area > 1e-6 * fields.length).all()
    shrunk = fields.buffer(-1e-7, join_style="mitre").buffer(1e-7, join_style="mitre")
    assert fields.symmetric_difference(shrunk).area.max() < 1e-8


@pytest.mark.parametrize(
    "fault",
    [lambda stretch: 1.0 / stretch, lambda stretch: 1.1 * stretch, lambda stretch: stretch - 0.1],
)
def test_the_sights_catch_a_wrong_shadow(rows, cameras, monkeypatch, fault):
    shadows = _shadows._shadows

    def planted(views, parts, stretch):
        return shadows(views, parts, fault(stretch))

    monkeypatch.setattr(_shadows, "_shadows", planted)
    few = cameras.iloc[:40]
    fields = footprints(few, rows, task="detect", arc_tolerance_m=ARC_TOLERANCE_M)
    assert wrong_points(fields, few, rows, density=25.0, points=150, seed=25) > 0


@pytest.mark.parametrize(
    ("height_m", "target_height_m", "expected"),
    [
        (2.0, 0.0, [0.0, 6.0, 14.0, 30.0]),  # 7 m * 4 / (4 - 2)
        (1.0, 0.0, [0.0, 6.0, 28.0 / 3.0, 30.0]),
        (2.0, 1.0, [0.0, 6.0, 10.5, 30.0]),  # 7 m * (4 - 1) / (4 - 2)
        (2.0, 2.0, [0.0, 30.0]),  # as high as the wall
        (2.0, 3.0, [0.0, 30.0]),
        (3.2, 0.0, [0.0, 6.0]),  # to 35 m, beyond the range
        (4.0, 0.0, [0.0, 6.0]),
        (4.0 - 1e-12, 0.0, [0.0, 6.0]),
        (9.0, 0.0, [0.0, 6.0]),
        (math.nan, 0.0, [0.0, 6.0]),
    ],
)
@pytest.mark.parametrize("origin", [(0.0, 0.0), CORNER])
def test_a_wall_hides_as_far_as_its_height_says(origin, height_m, target_height_m, expected):
    wall = blocks(translate(FAR_WALL, *origin), height_m=height_m)
    field = footprint(lens_camera(*origin), wall, target_height_m=target_height_m)
    assert along(field, origin=origin) == NEAR(expected)
    assert along(field, 180.0, origin=origin) == NEAR([0.0, 30.0])


def test_the_shadow_of_a_wall_is_exact():
    """It is what lies between the wall and the wall twice as large."""
    field = footprint(lens_camera(range_m=60.0), blocks(FAR_WALL, height_m=2.0))
    disc = wedge(next(lens_camera(range_m=60.0).itertuples()), ARC_TOLERANCE_M)
    shadow = shapely.Polygon(
        [(-20.0, 6.0), (20.0, 6.0), (40.0, 12.0), (40.0, 14.0), (-40.0, 14.0), (-40.0, 12.0)]
    )
    assert field.symmetric_difference(disc.difference(shadow)).area < 1e-3


def test_one_wall_behind_another():
    """A low one adds its shadow, a high one ends it all, behind a high one nothing matters."""
    first = shapely.box(-90.0, 6.0, 90.0, 7.0)
    second, high = translate(first, 0.0, 6.0), translate(first, 0.0, 16.0)
    both = blocks(first, second, height_m=[2.0, 1.0])
    assert along(footprint(lens_camera(), both)) == NEAR([0.0, 6.0, 52.0 / 3.0, 30.0])
    all_three = blocks(first, second, high, height_m=[2.0, 1.0, 8.0])
    assert along(footprint(lens_camera(), all_three)) == NEAR([0.0, 6.0, 52.0 / 3.0, 22.0])
    behind = blocks(first, second, height_m=[5.0, 2.0])
    alone = footprint(lens_camera(), behind.iloc[:1])
    assert footprint(lens_camera(), behind).equals_exact(alone, 0.0)


@pytest.mark.parametrize("heights", [(2.0, 2.0), (2.0, 3.0), (3.0, 2.0), (3.0, math.nan)])
def test_neighbours_that_touch_leave_no_crack(heights):
    """Turned, so that no coordinate is round."""
    shops = [shapely.box(-9.0, 5.0, 1.1, 7.0), shapely.box(1.1, 5.0, 9.0, 7.0)]
    turned = [translate(rotate(shop, 33.0, origin=(0, 0)), *CORNER) for shop in shops]
    field = footprint(lens_camera(*CORNER), blocks(*turned, height_m=heights))
    open_ground = field.buffer(-1e-7).buffer(1e-7, join_style="mitre")
    assert field.symmetric_difference(open_ground).area < 1e-4
    crack = math.degrees(math.atan2(1.1, 5.0)) - 33.0
    assert len(along(field, crack, origin=CORNER)) <= 4


def test_shadows_that_begin_at_one_corner_leave_no_crack():
    """Two blocks touch at a corner alone; rounding parts their shadows in every other turn."""
    west = shapely.Polygon([(1.1, 6.0), (-1.9, 7.5), (-4.9, 6.0), (-1.9, 5.0)])
    east = shapely.Polygon([(1.1, 6.0), (4.1, 5.0), (7.1, 6.0), (4.1, 7.5)])
    for turn in range(0, 360, 24):
        turned = [translate(rotate(one, turn, origin=(0, 0)), *CORNER) for one in (west, east)]
        field = footprint(lens_camera(*CORNER), blocks(*turned, height_m=[1.3, 2.7]))
        open_ground = field.buffer(-1e-7).buffer(1e-7, join_style="mitre")
        assert field.length == pytest.approx(open_ground.length, abs=0.1)


@pytest.mark.parametrize("short_m", [1e-9, 1e-12, 1e-15])
def test_what_is_hardly_lower_than_the_camera_hides_what_is_as_high_does(rows, short_m):
    """Its shadow would reach farther than coordinates can tell."""
    cameras = random_cameras(rows, 30, seed=24).assign(
        height_m=5.0, tilt_deg=45.0, vfov_deg=90.0, resolution_px=1e6
    )
    hiding = footprints(cameras, rows.assign(height_m=5.0), task="monitor")
    low = rows.assign(height_m=min(5.0 - short_m, math.nextafter(5.0, 0.0)))
    fields = footprints(cameras, low, task="monitor")
    assert fields.symmetric_difference(hiding).area.max() < 1e-6


def test_nested_and_repeated_footprints_are_as_high_as_the_highest():
    tower = shapely.box(-2.0, 6.2, 2.0, 6.8)
    nested = blocks(FAR_WALL, FAR_WALL, tower, height_m=[1.0, 2.0, 3.0])
    field = footprint(lens_camera(), nested)
    assert along(field) == NEAR([0.0, 6.0, 6.8 * 4.0, 30.0])
    assert along(field, 45.0) == NEAR([x * math.sqrt(2.0) for x in (0.0, 6.0, 14.0)] + [30.0])


def test_over_a_low_house_into_its_courtyard():
    """The near wing hides the court to 8 m * 4 / (4 - 1), the far wing what lies behind it."""
    house = shapely.box(-9.0, 6.0, 9.0, 14.0).difference(shapely.box(-7.0, 8.0, 7.0, 12.0))
    field = footprint(lens_camera(), blocks(house, height_m=1.0))
    assert along(field) == NEAR([0.0, 6.0, 32.0 / 3.0, 12.0, 56.0 / 3.0, 30.0])


def test_a_camera_on_a_roof_sees_over_its_edges():
    roof = shapely.box(-3.0, -5.0, 4.0, 6.0)
    field = footprint(lens_camera(), blocks(roof, height_m=2.0))
    hidden = shapely.box(-6.0, -10.0, 8.0, 12.0)
    disc = wedge(next(lens_camera().itertuples()), ARC_TOLERANCE_M)
    assert field.symmetric_difference(disc.difference(hidden)).area < 1e-2
    assert along(field, 90.0) == NEAR([8.0, 30.0])
    court = roof.difference(shapely.box(-1.0, -1.0, 1.0, 1.0))
    assert along(footprint(lens_camera(), blocks(court, height_m=2.0))) == NEAR(
        [0.0, 1.0, 12.0, 30.0]
    )


@pytest.mark.parametrize("height_m", [4.0, 7.0, math.nan])
def test_a_camera_inside_a_building_no_lower_than_it_sees_nothing(height_m):
    house = blocks(shapely.box(-3.0, -5.0, 4.0, 6.0), height_m=height_m)
    assert footprint(lens_camera(), house).is_empty


@pytest.mark.parametrize("height_m", [2.0, 7.0])
def test_a_camera_on_a_facade_sees_the_street_before_it(height_m):
    """Over a low house it sees the far side too, past the shadow of the far facade."""
    house = blocks(shapely.box(-90.0, -8.0, 90.0, 0.0), height_m=height_m)
    field = footprint(lens_camera(3.0, 0.0), house)
    assert along(field, origin=(3.0, 0.0)) == NEAR([0.0, 30.0])
    behind = along(field, 180.0, origin=(3.0, 0.0))
    assert behind == NEAR([16.0, 30.0] if height_m < 4.0 else [])


def test_buildings_of_no_known_height_are_as_in_the_plan(rows, cameras):
    """Then a footprint is the field of view without the dead zone, cut to its reach."""
    few = cameras.iloc[:60].assign(vfov_deg=150.0, tilt_deg=0.0, resolution_px=8000.0)
    seen = footprints(few, rows.drop(columns="height_m"), task="detect", arc_tolerance_m=1e-4)
    reach = np.minimum(few.range_m, reach_m(few.fov_deg, few.resolution_px, 25.0))
    fields = fields_of_view(few.assign(range_m=reach), rows, arc_tolerance_m=1e-4)
    dead = few.buffer(few.height_m / math.tan(math.radians(75.0)), quad_segs=500)
    off = seen.symmetric_difference(fields.difference(dead)).area
    assert (off < 1e-3).all()
    assert (seen.area > 1.0).sum() > 30


def test_keeps_index_and_crs_and_counts_threads_out(rows, cameras):
    named = cameras.set_index(cameras.index.map("camera-{}".format))
    fields = footprints(named, rows, task="detect", workers=2)
    assert fields.index.equals(named.index)
    assert fields.crs == named.crs
    assert fields.to_wkb().tolist() == footprints(cameras, rows, task="detect").to_wkb().tolist()


def test_no_cameras_and_no_buildings():
    nothing = gpd.GeoDataFrame()
    assert footprints(lens_camera().iloc[:0], blocks(FAR_WALL, height_m=2.0)).empty
    assert footprints(lens_camera(), nothing, task="monitor").area.iloc[0] > 2800.0
    assert footprints(lens_camera().iloc[:0], nothing).empty


def test_heights_and_corners_given_twice_change_nothing(rows, cameras):
    """Some buildings have them, some do not."""
    shapes = rows.geometry.to_numpy().copy()
    for row in range(0, len(shapes), 3):
        rings = [np.repeat(ring.coords, 2, axis=0) for ring in shapely.get_rings(shapes[row])]
        shapes[row] = shapely.Polygon(rings[0], rings[1:])
    twice = rows.set_geometry(shapes.copy())
    shapes[::2] = shapely.force_3d(shapes[::2], 7.0)
    with_heights = rows.set_geometry(shapes)
    assert set(with_heights.has_z) == {True, False}
    few = cameras.iloc[:40]
    expected = footprints(few, rows, task="detect").to_wkb().tolist()
    assert footprints(few, twice, task="detect").to_wkb().tolist() == expected
    assert footprints(few, with_heights, task="detect").to_wkb().tolist() == expected
    assert fields_of_view(few, with_heights).to_wkb().tolist() == (
        fields_of_view(few, rows).to_wkb().tolist()
    )


def test_footprints_without_columns_are_of_no_known_height(rows, cameras):
    bare = rows.drop(columns="height_m")
    few = cameras.iloc[:20]
    fields = footprints(few, bare.geometry, task="detect")
    assert fields.to_wkb().tolist() == footprints(few, bare, task="detect").to_wkb().tolist()


def test_every_camera_of_the_zone_for_every_task(root):
    zone = Zone.load(root / "data" / "old_town")
    wide = fields_of_view(zone.cameras, zone.buildings)
    for standard, tasks in STANDARDS.items():
        coarser = None
        for task in tasks:
            fields = footprints(
                zone.cameras, zone.buildings, standard=standard, task=task, arc_tolerance_m=1e-3
            )
            assert fields.is_valid.all()
            assert fields.geom_type.isin({"Polygon", "MultiPolygon"}).all()
            if coarser is None:
                assert 0.3 * wide.area.sum() < fields.area.sum() < wide.area.sum()
            else:
                # The arcs are cut into chords of their own: a millimetre of difference.
                assert (fields.difference(coarser).area < 1e-3 * fields.length + 1e-9).all()
            coarser = fields
