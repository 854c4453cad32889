"""What holds in many quarters whose buildings touch, overlap and nest, with cameras on their walls.

Two thousand are drawn in all. In each, the footprints as drawn and their union give one field of
view, and it is what lines of sight reach.
"""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from geo.visibility import fields_of_view
from tests.geo.shophouses import wedge

whole = st.integers(-20, 20)
# Finer than a thousandth of a nanometre GEOS itself divides by zero.
fine = st.floats(-20.0, 20.0).map(lambda metres: round(metres, 12))
SURE_M = 1e-6  # points nearer to the outline of a field are not judged
POINTS = 24


def block(draw, coordinate):
    """Draw one box."""
    x, y, width, depth = (draw(coordinate) for _ in range(4))
    return shapely.box(x, y, x + abs(width) + 1, y + abs(depth) + 1)


def row(draw, coordinate):
    """Draw two shops wall to wall, the second of a depth of its own, with corners in its front."""
    shop = block(draw, coordinate)
    _, y, x, _ = shop.bounds
    front, depth = 1 + abs(draw(coordinate)), 1 + abs(draw(coordinate))
    beside = shapely.segmentize(shapely.box(x, y, x + front, y + depth), front / 2)
    return [shop, beside]


def nest(draw, coordinate):
    """Draw a block with a courtyard and a building in it, free, in its corner, or filling it."""
    outer = block(draw, coordinate).buffer(4.0, join_style="mitre")
    court = shapely.box(*outer.buffer(-1.0, join_style="mitre").bounds)
    low_x, low_y, high_x, high_y = court.bounds
    gap, part = draw(st.sampled_from([0.0, 0.5, 1.0])), draw(st.sampled_from([0.25, 0.5, 1.0]))
    inner = shapely.box(
        low_x + gap,
        low_y + gap,
        low_x + gap + part * (high_x - low_x - 2 * gap),
        low_y + gap + part * (high_y - low_y - 2 * gap),
    )
    ring = outer.difference(court)
    return [ring, inner, inner] if draw(st.booleans()) else [ring, inner]


def triangle(draw, coordinate):
    """Draw a triangle, often with a side along that of another."""
    corners = shapely.get_coordinates(block(draw, coordinate))[:3]
    corners[2, 0] += draw(coordinate)
    shape = shapely.Polygon(corners)
    assume(shape.is_valid and shape.area > 0.1)
    return [shape]


KINDS = {"block": lambda *drawn: [block(*drawn)], "row": row, "nest": nest, "triangle": triangle}


def place_for(draw, coordinate, buildings):
    """Draw a place: anywhere, on a corner, or in the middle of a wall."""
    where = draw(st.sampled_from(["anywhere", "corner", "wall"]))
    if where == "anywhere" or not buildings:
        return shapely.Point(draw(coordinate), draw(coordinate))
    corners = shapely.get_coordinates(draw(st.sampled_from(buildings)))
    first = draw(st.integers(0, len(corners) - 2))
    at = corners[first] if where == "corner" else (corners[first] + corners[first + 1]) / 2.0
    return shapely.Point(at)


@st.composite
def quarters(draw):
    """Draw buildings, or none, and a camera that stands inside none of them."""
    coordinate = draw(st.sampled_from([whole, fine]))
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), max_size=4))
    buildings = [shape for kind in kinds for shape in KINDS[kind](draw, coordinate)]
    place = place_for(draw, coordinate, buildings)
    corners = shapely.get_coordinates(buildings)
    away = np.hypot(*(corners - (place.x, place.y)).T)
    # A step of the last bit at a corner is a step times range over distance at the range.
    assume(((away < 1e-12) | (away > 1e-2)).all())
    assume(not shapely.union_all(buildings).contains(place))
    view = {
        "azimuth_deg": draw(st.integers(0, 360) | st.floats(0.0, 360.0)),
        "fov_deg": draw(st.just(360) | st.integers(1, 360) | st.floats(1.0, 360.0)),
        "range_m": draw(st.sampled_from([10.0, 25.0, 2000.0])),
    }
    return gpd.GeoDataFrame([view], geometry=[place]), buildings


def points_around(camera):
    """Return points spread evenly over the disc of its range, half of them within 40 m."""
    number = np.arange(POINTS)
    reach = np.where(number % 2 == 0, camera.range_m, min(camera.range_m, 40.0))
    reach = reach * np.sqrt((number + 0.37) / POINTS)
    turn = number * np.pi * (3.0 - np.sqrt(5.0)) + 0.123
    here = np.array([camera.geometry.x, camera.geometry.y])
    return here, here + reach[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])


def reached(camera, solid):
    """Return the points around a camera, and which of them a line of sight reaches."""
    here, xy = points_around(camera)
    spots = shapely.points(xy)
    sights = shapely.linestrings(np.stack([np.broadcast_to(here, xy.shape), xy], axis=1))
    if shapely.distance(camera.geometry, solid) > SURE_M:
        blocked = shapely.relate_pattern(sights, solid, "T********")
    else:
        # On a slanting wall it stands a step inside or outside.
        blocked = shapely.length(shapely.intersection(sights, solid)) > 1e-7
    return spots, shapely.intersects(wedge(camera), spots) & ~blocked


@pytest.mark.slow
@settings(max_examples=2000, suppress_health_check=[HealthCheck.filter_too_much])
@given(quarters())
def test_a_quarter_is_seen_as_lines_of_sight_reach_and_as_its_union_is(quarter):
    cameras, buildings = quarter
    camera = next(cameras.itertuples())
    solid = shapely.union_all(buildings)
    field = fields_of_view(cameras, gpd.GeoDataFrame(geometry=buildings)).iloc[0]
    assert field.is_valid
    among_union = fields_of_view(cameras, gpd.GeoDataFrame(geometry=[solid] if buildings else []))
    difference = field.symmetric_difference(among_union.iloc[0])
    assert difference.area < 1e-11 * camera.range_m**2
    spots, clear = reached(camera, solid)
    sure = ~(shapely.distance(field.boundary, spots) <= SURE_M)
    assert (clear == shapely.intersects(field, spots))[sure].all()
