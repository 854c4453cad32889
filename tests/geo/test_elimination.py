"""Elimination of nodes against Dijkstra's algorithm, wherever the nodes are said to be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo import _elimination
from geo._elimination import dissection_order, distances


def random_network(seed, *, nodes, arcs):
    """Return a network of random arcs, some without length, and places on a coarse grid."""
    rng = np.random.default_rng(seed)
    pairs = np.unique(rng.integers(nodes, size=(arcs, 2)), axis=0)
    length = rng.integers(0, 9, len(pairs)) / 4
    matrix = csr_array((length, (pairs[:, 0], pairs[:, 1])), shape=(nodes, nodes))
    return matrix, rng.integers(0, 4, (nodes, 2)).astype(float), rng


def grid_network(size):
    """Return a grid of streets that are open both ways, with a length of its own each."""
    number = np.arange(size * size).reshape(size, size)
    start = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    end = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    start, end = np.append(start, end), np.append(end, start)
    length = np.random.default_rng(0).uniform(1, 2, len(start))
    matrix = csr_array((length, (start, end)), shape=(size * size, size * size))
    return matrix, np.argwhere(number >= 0).astype(float)


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(0, 200))
def test_distances_are_those_of_dijkstra(seed, nodes, arcs):
    matrix, xy, rng = random_network(seed, nodes=nodes, arcs=arcs)
    origins, goals = rng.integers(nodes, size=5), rng.integers(nodes, size=7)
    expected = dijkstra(matrix, indices=origins)[:, goals]
    np.testing.assert_allclose(distances(matrix, xy, origins, goals), expected)


def test_an_order_that_skips_the_middle_is_still_right_but_not_short():
    """Places give a short climb; without them every node is climbed over."""
    matrix, xy = grid_network(24)
    some = np.arange(0, 576, 7)
    expected = dijkstra(matrix, indices=some)[:, some]
    depths = []
    for places in (xy, np.zeros_like(xy)):
        np.testing.assert_allclose(distances(matrix, places, some, some), expected)
        arcs = matrix.tocoo()
        order = dissection_order(arcs.row, arcs.col, places)
        assert sorted(order) == list(range(576))
        rank = np.argsort(order)
        columns = _elimination._eliminated(rank[arcs.row], rank[arcs.col], arcs.data, 576)
        depths.append(_elimination._tree(columns.first, columns.later).depth.max())
    assert depths[0] < depths[1] / 3


def test_ways_over_earlier_nodes_are_needed(monkeypatch):
    """The planted fault: later neighbours are joined but not brought nearer to each other."""
    matrix, xy = grid_network(6)
    some = np.arange(36)
    monkeypatch.setattr(_elimination, "_shorten", lambda *_: None)
    with pytest.raises(AssertionError, match="Mismatched elements"):
        np.testing.assert_allclose(
            distances(matrix, xy, some, some), dijkstra(matrix, indices=some)
        )
