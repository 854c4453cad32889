"""What holds for every scene: footprints among drawn buildings of drawn heights."""

import math
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.visibility import fields_of_view, footprints
from tests.geo.sights import ARC_TOLERANCE_M, blocks, hidden, in_view, lens_camera
from tests.properties.test_visibility import fine, solids, whole

RANGE_M = 25.0
CLOSE = 1e-6
DENSITY = 12.5
some_heights = st.sampled_from([1.0, 2.0, 3.0, 3.5, 4.0, 6.0, math.nan]) | st.floats(0.5, 8.0)


@st.composite
def scenes(draw, coordinate):
    """Draw some buildings and a camera that may stand on, in or beside them."""
    shapes = draw(st.lists(solids(coordinate), min_size=1, max_size=6))
    heights = draw(st.lists(some_heights, min_size=len(shapes), max_size=len(shapes)))
    camera = lens_camera(
        draw(coordinate),
        draw(coordinate),
        azimuth_deg=draw(st.floats(0.0, 360.0)),
        fov_deg=draw(st.sampled_from([40.0, 90.0, 200.0, 360.0])),
        range_m=RANGE_M,
        height_m=draw(st.sampled_from([3.0, 4.0, 4.5])),
        tilt_deg=draw(st.sampled_from([0.0, 20.0, 45.0, 70.0])),
        vfov_deg=draw(st.sampled_from([30.0, 60.0, 120.0])),
        resolution_px=draw(st.sampled_from([640.0, 4000.0])),
    )
    return camera, blocks(*shapes, height_m=heights), draw(st.sampled_from([0.0, 1.0, 1.7]))


any_scene = scenes(whole) | scenes(fine)


def footprint_of(camera, buildings, target_height_m, *, task="monitor"):
    field = footprints(
        camera,
        buildings,
        task=task,
        target_height_m=target_height_m,
        arc_tolerance_m=ARC_TOLERANCE_M,
    ).iloc[0]
    assert field.is_valid
    assert field.geom_type in {"Polygon", "MultiPolygon"}
    return field


@given(any_scene)
def test_a_footprint_is_what_sights_through_space_reach(scene):
    camera, buildings, target_height_m = scene
    place = camera.geometry.iloc[0]
    # A sight that begins on a wall tells nothing of the side to which it leaves.
    assume(shapely.distance(buildings.boundary.to_numpy(), place).min() > CLOSE)
    field = footprint_of(camera, buildings, target_height_m)
    grid = np.stack(np.meshgrid(*[np.linspace(-24.3, 24.1, 15)] * 2), axis=-1).reshape(-1, 2)
    grid += (place.x, place.y)
    one = next(camera.itertuples())
    seen = in_view(one, grid, density=DENSITY, target_height_m=target_height_m)
    seen &= ~hidden(one, grid, buildings, target_height_m=target_height_m)
    spots = shapely.points(grid)
    sure = ~(shapely.distance(field.boundary, spots) <= 3.0 * ARC_TOLERANCE_M)
    # A sight along a wall, or past a corner to the last digit, may be judged either way.
    sights = shapely.linestrings(np.stack([np.full_like(grid, (place.x, place.y)), grid], axis=1))
    corners = shapely.points(shapely.get_coordinates(buildings.geometry.to_numpy()))
    sure &= shapely.distance(sights[:, None], corners).min(axis=1) > CLOSE
    assert (seen == shapely.intersects(field, spots))[sure].all()


@given(any_scene, st.integers(0, 5), st.floats(0.1, 5.0) | st.just(math.nan))
def test_raising_a_building_never_enlarges_a_footprint(scene, row, rise_m):
    camera, buildings, target_height_m = scene
    heights = buildings["height_m"].to_numpy().copy()
    heights[row % len(heights)] += rise_m
    raised = buildings.assign(height_m=heights)
    before = footprint_of(camera, buildings, target_height_m)
    after = footprint_of(camera, raised, target_height_m)
    assert after.difference(before).area < CLOSE


@given(any_scene, solids(whole), some_heights)
def test_a_further_building_never_enlarges_a_footprint(scene, further, height_m):
    camera, buildings, target_height_m = scene
    more = blocks(*buildings.geometry, further, height_m=[*buildings["height_m"], height_m])
    before = footprint_of(camera, buildings, target_height_m)
    assert footprint_of(camera, more, target_height_m).difference(before).area < CLOSE


@settings(max_examples=50)
@given(any_scene)
def test_a_finer_task_never_enlarges_a_footprint(scene):
    camera, buildings, target_height_m = scene
    fields = [
        footprint_of(camera, buildings, target_height_m, task=task)
        for task in ("monitor", "observe", "identify")
    ]
    # Each arc is cut into chords of its own, as near to it as the tolerance.
    room = ARC_TOLERANCE_M * 2.0 * math.pi * RANGE_M
    for coarse, fine_one in pairwise(fields):
        assert fine_one.difference(coarse).area < room


@settings(max_examples=50)
@given(any_scene)
def test_among_tall_buildings_a_footprint_lies_in_the_field_of_view(scene):
    camera, buildings, _ = scene
    tall = buildings.assign(height_m=9.0)
    field = fields_of_view(camera, tall, arc_tolerance_m=ARC_TOLERANCE_M).iloc[0]
    room = ARC_TOLERANCE_M * 2.0 * math.pi * RANGE_M
    assert footprint_of(camera, tall, 0.0).difference(field).area < room


@settings(max_examples=50)
@given(any_scene)
def test_buildings_up_to_the_target_hide_nothing(scene):
    camera, buildings, _ = scene
    low = buildings.assign(height_m=1.5)
    expected = footprint_of(camera, gpd.GeoDataFrame(), 1.5)
    assert footprint_of(camera, low, 1.5).equals_exact(expected, 0.0)


@settings(max_examples=50)
@given(any_scene)
def test_at_target_height_zero_no_ground_of_a_building_is_seen(scene):
    camera, buildings, _ = scene
    field = footprint_of(camera, buildings, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):  # on its way, and recovers
        within = shapely.intersection(field, buildings.geometry.to_numpy())
    assert (shapely.area(within) < CLOSE).all()
