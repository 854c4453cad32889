"""The grid of web map tiles, beside morecantile's and by its own promises."""

import math

import morecantile
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from geo.errors import ParameterError
from geo.tile_grid import EDGE_M, MAX_ZOOM, TileAddress, grid_document, tile_at, to_mercator

PEER = morecantile.tms.get("WebMercatorQuad")
PLACES = st.tuples(st.floats(-179.9, 179.9), st.floats(-84.9, 84.9), st.integers(0, MAX_ZOOM))


@given(PLACES)
def test_places_fall_into_the_tiles_of_morecantile(place):
    x, y, _ = PEER.tile(*place)
    address = tile_at(*place)
    if (address.column, address.row) != (x, y):  # on an edge, where rounding decides
        assert abs(address.column - x) + abs(address.row - y) == 1
    peer = PEER.xy_bounds(address.column, address.row, address.zoom)
    assert address.bounds_m() == pytest.approx(
        (peer.left, peer.bottom, peer.right, peer.top), abs=1e-6
    )


@given(PLACES)
def test_metres_are_those_of_proj(place):
    projected = Transformer.from_crs(4326, 3857, always_xy=True).transform(*place[:2])
    np.testing.assert_allclose(to_mercator(np.array([place[:2]]))[0], projected, atol=1e-6)


def test_poles_count_as_on_the_edge():
    xy = to_mercator(np.array([[0.0, 90.0], [0.0, -90.0]]))
    np.testing.assert_allclose(np.abs(xy[:, 1]), EDGE_M)
    assert tile_at(180.0, -90.0, 3) == TileAddress(3, 7, 7)


def test_the_grid_describes_itself_as_the_standard_does():
    ours = grid_document()
    assert ours["uri"] == str(PEER.uri)
    assert len(ours["tileMatrices"]) == MAX_ZOOM + 1
    for matrix in ours["tileMatrices"]:
        peer = PEER.matrix(int(matrix["id"]))
        assert math.isclose(matrix["scaleDenominator"], peer.scaleDenominator, rel_tol=1e-9)
        assert math.isclose(matrix["cellSize"], peer.cellSize, rel_tol=1e-9)
        assert (matrix["matrixWidth"], matrix["tileWidth"]) == (peer.matrixWidth, peer.tileWidth)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((-1, 0, 0), ["zoom from 0 to 22, got -1"]),
        ((23, 0, 0), ["zoom from 0 to 22, got 23"]),
        ((2, 4, -1), ["`row` from 0 to 3 at zoom 2, got 4", "`column` from 0 to 3 at zoom 2"]),
    ],
)
def test_tiles_that_there_are_not_are_refused_with_every_fault(numbers, words):
    with pytest.raises(ParameterError) as refused:
        TileAddress.checked(*numbers)
    assert all(word in str(refused.value) for word in words)
