"""Shapes of one piece drawn on tiles, held to what a geometry library makes of them."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import vector_tiles
from geo._tile_drawing import LEFT_OVER, Frame, Outlines, _clipped, _is_sound, _Scratch, draw
from geo.tile_grid import tile_at
from tests.geo.test_vector_tiles import WORLD, decoded, layer_of, on_world, shape_of
from tests.geo.tile_figures import CENTRE, town

TILE = Frame(west=0.0, north=0.0, unit=1.0, low=-64.0, high=4160.0, tolerance=4.0)
FOLDED = [(0, 0), (40, 0), (40, 30), (20.4, 30), (20.2, 0.2), (20.0, 30), (0, 30)]

few = st.integers(0, 9)
small_rings = st.lists(st.tuples(few, few), min_size=3, max_size=8).filter(
    lambda xy: all(a != b for a, b in pairwise([*xy, xy[0]]))
)
anywhere = st.integers(-5_000, 9_000)
hulls = (
    st.lists(st.tuples(anywhere, anywhere), min_size=3, max_size=9, unique=True)
    .map(lambda xy: shapely.MultiPoint(xy).convex_hull)
    .filter(lambda hull: hull.geom_type == "Polygon")
)


def sizes(*shapes):
    """Return the bytes that each shape, given in a tile's coordinates with y southwards, takes."""
    mirrored = [shapely.transform(shape, lambda xy: xy * (1, -1)) for shape in shapes]
    rows = np.arange(len(shapes))
    outlines = Outlines.of(np.array([*mirrored, None], dtype=object)[:-1])
    return draw(outlines, rows, np.zeros(len(shapes), dtype=bool), TILE)[1].tolist()


@given(small_rings)
def test_a_ring_is_sound_where_it_is_valid(xy):
    assert _is_sound(np.array(xy, dtype=np.int64), len(xy)) == shapely.Polygon(xy).is_valid


@given(hulls)
def test_rings_are_cut_as_polygons_are(hull):
    corners = hull.exterior.coords
    scratch = _Scratch(
        np.empty((99, 2)),
        np.empty((99, 2)),
        np.empty((99, 2), dtype=np.int64),
        np.empty(99, dtype=bool),
        np.empty((99, 2), dtype=np.int64),
    )
    scratch.here[: len(corners)] = corners
    count = _clipped(scratch, len(corners), TILE.low, TILE.high)
    cut = shapely.Polygon(scratch.here[:count] if count > 3 else [])
    expected = hull & shapely.box(TILE.low, TILE.low, TILE.high, TILE.high)
    assert cut.area == pytest.approx(expected.area, abs=1e-3)
    assert (expected - cut).area == pytest.approx(0.0, abs=1e-3)


@given(st.lists(st.tuples(st.floats(10, 60), st.floats(10, 60)), min_size=3, max_size=12))
def test_whatever_ring_is_given_what_is_drawn_is_valid(xy):
    for one in decoded(layer_of(on_world(shapely.Polygon(xy))).tile(WORLD)):
        assert shape_of(one["geometry"]).is_valid


@pytest.mark.parametrize("zoom", [9, 13, 15, 17])
def test_a_town_is_drawn_as_the_library_draws_it(monkeypatch, zoom):
    shapes, properties = town(600)
    layer, address = layer_of(*shapes, properties=properties), tile_at(*CENTRE, zoom)
    ours = {one["id"]: one for one in decoded(layer.tile(address))}
    nothing = np.empty(0, dtype=np.uint8)
    monkeypatch.setattr(
        vector_tiles, "draw", lambda _, rows, *_more: (nothing, np.full(len(rows), LEFT_OVER))
    )
    theirs = {one["id"]: one for one in decoded(layer.tile(address))}
    assert list(ours) == list(theirs)
    assert len(ours) > 5
    for number, one in ours.items():
        pair = [shape_of(found["geometry"]) for found in (one, theirs[number])]
        assert one["properties"] == theirs[number]["properties"]
        assert shapely.hausdorff_distance(*pair) <= vector_tiles._TOLERANCE + 1


def test_what_needs_more_is_left_over():
    square = shapely.box(10, 10, 90, 90)
    several = shapely.MultiPolygon([square, shapely.box(100, 100, 110, 110)])
    wheel = shapely.Point(500, 500).buffer(400, quad_segs=300)
    assert sizes(shapely.Polygon(FOLDED), square - shapely.box(20, 20, 30, 30), several) == [-1] * 3
    assert sizes(shapely.Point(5, 300), shapely.LineString([(1, 1), (9, 1)]), square) == [4, 6, 15]
    assert 60 < sizes(wheel)[0] < 120


def test_a_ring_within_two_places_of_the_grid_is_nothing():
    assert sizes(shapely.box(10.1, 10.1, 10.3, 10.3), shapely.box(10.1, 10.1, 12.3, 10.3)) == [0, 0]
