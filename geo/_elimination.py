"""Shortest paths between many nodes of a large network, by eliminating its nodes one by one.

A node is eliminated by joining those of its neighbours that come later in the order, as in
Gaussian elimination but with (min, +) for (+, *): afterwards every shortest path climbs the order
and comes down again, and what it may climb over from a node is a chain of ancestors. Two nodes are
as far apart as over the best ancestor that they share (Dibbelt, Strasser and Wagner 2016,
"Customizable contraction hierarchies", ACM Journal of Experimental Algorithmics 21, 1.5). The order
dissects the plane: what crosses the middle goes last, then each side on its own (George 1973,
"Nested dissection of a regular finite element mesh", SIAM Journal on Numerical Analysis 10,
345-363), which keeps the chains short on streets.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Digit of a node's place in the order: 0 on this side of the middle, 1 beyond it, or across it.
_ACROSS = 2
_FEW = 8


class _Columns(NamedTuple):
    """For each node its neighbours that come later, ascending, and the ways to and from them."""

    first: Integers
    later: Integers
    up: Floats
    down: Floats


class _Tree(NamedTuple):
    """For each node the next one that it climbs to, none -1, and how many it may climb over.

    Numbered children before parents, whatever lies below a node has the numbers from `lowest` to
    `number`.
    """

    parent: Integers
    depth: Integers
    number: Integers
    lowest: Integers


def distances(matrix: csr_array, xy: Floats, origins: Integers, goals: Integers) -> Floats:
    """Return shortest distances between some nodes.

    Parameters
    ----------
    matrix
        Lengths of the arcs, >= 0, shape (nodes, nodes).
    xy
        Where the nodes are, shape (nodes, 2). Any places give right distances; those that are near
        where nodes are joined give them soon.
    origins
        Nodes to begin at.
    goals
        Nodes to end at.

    Returns
    -------
    distance
        Shape (origins, goals), infinite where there is no way.
    """
    arcs = matrix.tocoo()
    leave, enter = arcs.row.astype(np.int64), arcs.col.astype(np.int64)
    order = dissection_order(leave, enter, xy)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    columns = _eliminated(rank[leave], rank[enter], arcs.data, len(order))
    tree = _tree(columns.first, columns.later)
    below = np.argsort(tree.number[rank[goals]], kind="stable")
    start, end = rank[origins], rank[goals][below]
    climb = _labels(start, tree, columns.first, columns.later, columns.up)
    descend = _labels(end, tree, columns.first, columns.later, columns.down)
    best = np.empty((len(origins), len(goals)))
    best[:, below] = _joined(start, end, tree, climb, np.ascontiguousarray(descend.T))
    return best


def dissection_order(start: Integers, end: Integers, xy: Floats) -> Integers:
    """Return the nodes in the order in which to eliminate them, by halving sets again and again.

    The nodes in which arcs across the middle of a set end come after both of its halves.
    """
    count = len(xy)
    key = np.zeros(count, dtype=np.int64)
    part = np.zeros(count, dtype=np.int64)  # -1 for those that are placed
    for _ in range(max(1, int(np.ceil(np.log2(max(2, count) / _FEW))))):
        side = _sides(part, xy)
        inside = (part[start] == part[end]) & (part[start] >= 0)
        start, end = start[inside], end[inside]
        digit = side.astype(np.int64)
        digit[end[side[start] != side[end]]] = _ACROSS
        open_ = part >= 0
        key = 3 * key + np.where(open_, digit, 0)
        part = np.where(open_ & (digit != _ACROSS), 2 * part + digit, -1)
        part[part >= 0] = np.unique(part[part >= 0], return_inverse=True)[1]
    return np.argsort(key, kind="stable")


def _sides(part: Integers, xy: Floats) -> NDArray[np.bool_]:
    """Return for each node of each part whether it lies beyond the middle of its longer side."""
    side = np.zeros(len(part), dtype=bool)
    members = np.flatnonzero(part >= 0)
    if not members.size:
        return side
    members = members[np.argsort(part[members], kind="stable")]
    first = np.flatnonzero(np.diff(part[members], prepend=-1))
    size = np.diff(first, append=len(members))
    low, high = np.minimum.reduceat(xy[members], first), np.maximum.reduceat(xy[members], first)
    along = np.repeat(np.argmax(high - low, axis=1), size)
    value = xy[members, along]
    by_value = np.lexsort((value, part[members]))
    middle = value[by_value][first + size // 2]
    side[members] = value > np.repeat(middle, size)
    return side


def _eliminated(start: Integers, end: Integers, length: Floats, count: int) -> _Columns:
    """Eliminate all nodes, given the arcs between their places in the order."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    pairs = np.unique(low[low < high] * count + high[low < high])
    begin = np.searchsorted(pairs // count, np.arange(count + 1))
    first, later = _pattern(begin, pairs % count)
    up, down = np.full(len(later), np.inf), np.full(len(later), np.inf)
    column = np.repeat(np.arange(count), np.diff(first))
    place = np.searchsorted(column * count + later, low * count + high)
    climbs, falls = start < end, start > end
    up[place[climbs]] = length[climbs]
    down[place[falls]] = length[falls]
    entry = np.argsort(later, kind="stable")
    rows = np.searchsorted(later, np.arange(count + 1), sorter=entry)
    _shorten(_Columns(first, later, up, down), rows, entry, first[column[entry] + 1])
    return _Columns(first, later, up, down)


@njit(cache=True)
def _pattern(begin: Integers, near: Integers) -> tuple[Integers, Integers]:
    """Return which later neighbours each node has once those before it are eliminated."""
    count = len(begin) - 1
    first = np.zeros(count + 1, np.int64)
    later = np.empty(4 * len(near) + count, np.int64)
    mark = np.full(count, -1, np.int64)
    child, sibling = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    for node in range(count):
        size = first[node]
        if size + count > len(later):
            longer = np.empty(2 * len(later) + count, np.int64)
            longer[:size] = later[:size]
            later = longer
        mark[node] = node
        for place in range(begin[node], begin[node + 1]):
            mark[near[place]] = node
            later[size] = near[place]
            size += 1
        below = child[node]
        while below >= 0:
            for place in range(first[below], first[below + 1]):
                if mark[later[place]] != node:
                    mark[later[place]] = node
                    later[size] = later[place]
                    size += 1
            below = sibling[below]
        later[first[node] : size].sort()
        first[node + 1] = size
        if size > first[node]:
            above = later[first[node]]
            sibling[node], child[above] = child[above], node
    return first, later[: first[count]].copy()


@njit(cache=True)
def _shorten(columns: _Columns, rows: Integers, entry: Integers, stop: Integers) -> None:
    """Shorten the ways from each node to its later neighbours by those over earlier ones.

    Row by row, `entry` tells where each node stands among the later neighbours of others, and
    `stop` where these end.
    """
    first, later, up, down = columns
    count = len(first) - 1
    place_of = np.empty(count, np.int64)
    for node in range(count):
        for place in range(first[node], first[node + 1]):
            place_of[later[place]] = place
        for row in range(rows[node], rows[node + 1]):
            to_node, from_node = up[entry[row]], down[entry[row]]
            for place in range(entry[row] + 1, stop[row]):
                there = place_of[later[place]]
                up[there] = min(up[there], from_node + up[place])
                down[there] = min(down[there], down[place] + to_node)


@njit(cache=True)
def _tree(first: Integers, later: Integers) -> _Tree:
    count = len(first) - 1
    parent, depth = np.full(count, -1, np.int64), np.zeros(count, np.int64)
    size = np.ones(count, np.int64)
    for node in range(count):
        if first[node + 1] > first[node]:
            parent[node] = later[first[node]]
            size[parent[node]] += size[node]
    number, free = np.empty(count, np.int64), np.empty(count, np.int64)
    top = count - 1
    for node in range(count - 1, -1, -1):
        above = parent[node]
        if above >= 0:
            depth[node] = depth[above] + 1
            number[node] = free[above]
            free[above] -= size[node]
        else:
            number[node] = top
            top -= size[node]
        free[node] = number[node] - 1
    return _Tree(parent, depth, number, number - size + 1)


@njit(cache=True)
def _labels(nodes: Integers, tree: _Tree, first: Integers, later: Integers, way: Floats) -> Floats:
    """Return how far each node is from those that it may climb over, shape (nodes, depths).

    Whoever climbs over a node climbs on as from there: each is done once, from the top down.
    """
    row = np.full(len(tree.parent), -1, np.int64)
    count = 0
    for start in nodes:
        node = start
        while node >= 0 and row[node] < 0:
            row[node] = count
            count += 1
            node = tree.parent[node]
    labels = np.full((count, tree.depth.max() + 1), np.inf)
    for node in range(len(row) - 1, -1, -1):
        if row[node] >= 0:
            own = labels[row[node]]
            own[tree.depth[node]] = 0.0
            for place in range(first[node], first[node + 1]):
                above = later[place]
                far, other = way[place], labels[row[above]]
                for depth in range(tree.depth[above] + 1):
                    own[depth] = min(own[depth], far + other[depth])
    return labels[row[nodes]]


@njit(cache=True)
def _joined(
    origins: Integers, goals: Integers, tree: _Tree, climb: Floats, descend: Floats
) -> Floats:
    """Return distances over the best node that origin and goal may both climb over.

    Goals are in the order of their numbers, and `descend` has a row a depth.
    """
    best = np.full((len(origins), len(goals)), np.inf)
    numbers = tree.number[goals]
    begins = np.searchsorted(numbers, tree.lowest)
    ends = np.searchsorted(numbers, tree.number + 1)
    for row, start in enumerate(origins):
        node = start
        while node >= 0:
            depth, begin, end = tree.depth[node], begins[node], ends[node]
            own = best[row, begin:end]
            above = tree.parent[node]
            # Nodes of one cut lie above the same goals: two of them are passed at a time.
            if above >= 0 and begins[above] == begin and ends[above] == end:
                far, other = climb[row, depth], descend[depth, begin:end]
                beyond, another = climb[row, depth - 1], descend[depth - 1, begin:end]
                for column in range(end - begin):
                    own[column] = min(own[column], far + other[column], beyond + another[column])
                node = tree.parent[above]
            else:
                far, other = climb[row, depth], descend[depth, begin:end]
                for column in range(end - begin):
                    own[column] = min(own[column], far + other[column])
                node = above
    return best
