"""What holds for every scene: fields of view among drawn buildings."""

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate

from geo.visibility import fields_of_view, inside_buildings
from tests.geo.shophouses import cgal_field, cgal_ground, wedge

RANGE_M = 25.0
CLOSE = 1e-9

# Whole metres make walls touch, coincide and line up with the camera as often as not.
whole = st.integers(-20, 20)
# Finer than a thousandth of a nanometre GEOS itself divides by zero.
fine = st.floats(-20.0, 20.0).map(lambda metres: round(metres, 12))


@st.composite
def solids(draw, coordinate):
    """Draw one building: a box, a box with a courtyard, or a triangle."""
    x, y, width, depth = (draw(coordinate) for _ in range(4))
    box = shapely.box(x, y, x + abs(width) + 1, y + abs(depth) + 1)
    kind = draw(st.sampled_from(["box", "courtyard", "triangle"]))
    if kind == "courtyard":
        return box.difference(box.buffer(-0.4, join_style="mitre"))
    if kind == "triangle":
        corners = shapely.get_coordinates(box)[:3]
        corners[2, 0] += draw(coordinate)
        box = shapely.Polygon(corners)
        assume(box.is_valid and box.area > 0.1)
    return box


@st.composite
def scenes(draw, coordinate):
    """Draw some buildings and a camera that does not stand deep inside one."""
    buildings = draw(st.lists(solids(coordinate), min_size=1, max_size=7))
    place = shapely.Point(draw(coordinate), draw(coordinate))
    solid = shapely.union_all(buildings)
    assume(not solid.contains(place))
    cameras = gpd.GeoDataFrame(
        {
            "azimuth_deg": [draw(st.integers(0, 360) | st.floats(0.0, 360.0))],
            "fov_deg": [draw(st.integers(1, 360) | st.floats(1.0, 360.0))],
            "range_m": [RANGE_M],
        },
        geometry=[place],
    )
    return cameras, gpd.GeoDataFrame(geometry=buildings)


any_scene = scenes(whole) | scenes(fine)


def field_of(cameras, buildings):
    field = fields_of_view(cameras, buildings).iloc[0]
    assert field.is_valid
    return field


@given(any_scene)
def test_a_field_lies_in_the_wedge_and_within_range(scene):
    cameras, buildings = scene
    field = field_of(cameras, buildings)
    assert field.difference(wedge(next(cameras.itertuples()))).area < CLOSE
    corners = shapely.get_coordinates(field) - shapely.get_coordinates(cameras.geometry)
    assert (np.hypot(*corners.T) <= RANGE_M * (1.0 + 1e-12)).all()


@given(any_scene)
def test_a_field_holds_no_ground_of_a_building(scene):
    cameras, buildings = scene
    within = shapely.intersection(field_of(cameras, buildings), buildings.geometry.to_numpy())
    assert (shapely.area(within) < CLOSE).all()


@given(any_scene, solids(whole))
def test_a_further_building_never_enlarges_a_field(scene, further):
    cameras, buildings = scene
    more = gpd.GeoDataFrame(geometry=[*buildings.geometry, further])
    assert field_of(cameras, more).difference(field_of(cameras, buildings)).area < CLOSE


@given(scenes(fine), st.floats(0.0, 360.0))
def test_turning_the_scene_turns_the_field(scene, turn_deg):
    cameras, buildings = scene
    field = field_of(cameras, buildings)
    # A turn rounds, and what only just touches may then come apart.
    assume(
        shapely.dwithin(buildings.boundary.to_numpy(), cameras.geometry.iloc[0], 1e-6).sum() == 0
    )
    turned = cameras.assign(
        azimuth_deg=(cameras.azimuth_deg - turn_deg) % 360.0,
        geometry=cameras.geometry.rotate(turn_deg, origin=(0.0, 0.0)),
    )
    solid = buildings.assign(geometry=buildings.geometry.rotate(turn_deg, origin=(0.0, 0.0)))
    expected = rotate(field, turn_deg, origin=(0.0, 0.0))
    assert field_of(turned, solid).symmetric_difference(expected).area < 1e-6


@settings(max_examples=40)  # the quarters of the slow tests ask the same of 2,000
@given(any_scene)
def test_adjoining_and_overlapping_footprints_are_one_solid(scene):
    cameras, buildings = scene
    solid = gpd.GeoDataFrame(geometry=[shapely.union_all(buildings.geometry.to_numpy())])
    expected = field_of(cameras, solid)
    assert field_of(cameras, buildings).symmetric_difference(expected).area < CLOSE


@settings(max_examples=40)  # the quarters of the slow tests ask the same of 2,000
@given(any_scene)
def test_a_field_is_what_lines_of_sight_reach(scene):
    cameras, buildings = scene
    camera, field = next(cameras.itertuples()), field_of(cameras, buildings)
    solid = shapely.union_all(buildings.geometry.to_numpy())
    x, y = camera.geometry.x, camera.geometry.y
    grid = np.stack(np.meshgrid(*[np.linspace(-24.3, 24.1, 15)] * 2), axis=-1).reshape(-1, 2)
    grid += (x, y)
    spots = shapely.points(grid)
    sights = shapely.linestrings(np.stack([np.full_like(grid, (x, y)), grid], axis=1))
    blocked = shapely.length(shapely.intersection(sights, solid)) > 1e-7
    clear = shapely.intersects(wedge(camera), spots) & ~blocked
    sure = ~(shapely.distance(field.boundary, spots) <= 1e-6)
    assert (clear == shapely.intersects(field, spots))[sure].all()


@settings(max_examples=60)
@given(any_scene)
def test_a_field_is_what_cgal_sees(scene):
    cameras, buildings = scene
    camera = next(cameras.itertuples())
    # CGAL is asked about places on open ground only.
    assume(shapely.distance(camera.geometry, buildings.geometry.to_numpy()).min() > 1e-6)
    expected = cgal_field(camera, cgal_ground(camera.geometry, buildings, RANGE_M))
    assert field_of(cameras, buildings).symmetric_difference(expected).area < CLOSE


@given(any_scene)
def test_a_camera_inside_a_building_sees_nothing(scene):
    cameras, buildings = scene
    around = buildings.geometry.iloc[0]
    place = around.representative_point()
    cameras = cameras.set_geometry([place])
    assert field_of(cameras, buildings).is_empty
    assert inside_buildings(cameras, buildings).iloc[0]
