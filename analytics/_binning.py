"""Events shared out among the nodes of a grid, compiled by numba."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A grid of at most so many nodes an event is filled whole: dense products are faster then.
DENSE_TO = 8


class Bins(NamedTuple):
    """What falls to which nodes along one axis.

    Attributes
    ----------
    node
        Position of each node that has a share in an event.
    below
        Node below each event; the next one is the node above it.
    above
        Share of the node above, 0 to 1.
    """

    node: Floats
    below: Ints
    above: Floats


def linear_bins(position: Floats, origin: float, spacing: float) -> Bins:
    """Share events out along an axis, each between its two nearest nodes.

    Parameters
    ----------
    position
        Position of each event, at least one.
    origin
        Position of one node.
    spacing
        Distance between nodes, > 0.

    Returns
    -------
    bins
        Nodes and shares.
    """
    steps = (position - origin) / spacing
    lower = np.floor(steps)
    first = lower.min()
    span = lower.max() - first + 2
    if span > DENSE_TO * len(position) + 1000:
        number, where = np.unique(np.stack([lower, lower + 1]), return_inverse=True)
        below = where.reshape(2, -1)[0].astype(np.int64)
    else:
        offset = (lower - first).astype(np.int64)
        taken = np.zeros(int(span), dtype=np.bool_)
        taken[offset] = True
        taken[offset + 1] = True
        below = (np.cumsum(taken) - 1)[offset]
        number = first + np.flatnonzero(taken)
    return Bins(origin + number * spacing, below, steps - lower)


def binned(along_y: Bins, along_x: Bins, mass: Floats) -> Floats | sparse.csr_array:
    """Share events out on the grid.

    Parameters
    ----------
    along_y
        Nodes and shares along y.
    along_x
        Nodes and shares along x.
    mass
        What each event counts.

    Returns
    -------
    mass
        Mass of each node, shape (nodes along y, nodes along x); sparse where most have none. The
        same node may stand in it several times.
    """
    shape = (len(along_y.node), len(along_x.node))
    if shape[0] * shape[1] <= DENSE_TO * len(mass):
        return _filled(along_y, along_x, mass)
    values, columns, starts = _rows(along_y, along_x, mass)
    return sparse.csr_array((values, columns, starts), shape=shape)


@njit(cache=True)
def _filled(along_y: Bins, along_x: Bins, mass: Floats) -> Floats:
    grid = np.zeros((len(along_y.node), len(along_x.node)))
    for event in range(len(mass)):
        row, column = along_y.below[event], along_x.below[event]
        right = along_x.above[event]
        upper = mass[event] * along_y.above[event]
        lower = mass[event] - upper
        grid[row, column] += lower * (1.0 - right)
        grid[row, column + 1] += lower * right
        grid[row + 1, column] += upper * (1.0 - right)
        grid[row + 1, column + 1] += upper * right
    return grid


@njit(cache=True)
def _rows(along_y: Bins, along_x: Bins, mass: Floats) -> tuple[Floats, Ints, Ints]:
    """Return the values, columns and starts of compressed rows, two entries an event and row."""
    starts = np.zeros(len(along_y.node) + 1, np.int64)
    for row in along_y.below:
        starts[row + 1] += 2
        starts[row + 2] += 2
    starts = np.cumsum(starts)
    free = starts[:-1].copy()
    values, columns = np.empty(starts[-1]), np.empty(starts[-1], np.int64)
    for event in range(len(mass)):
        column, right = along_x.below[event], along_x.above[event]
        upper = mass[event] * along_y.above[event]
        for step in range(2):
            row = along_y.below[event] + step
            part = upper if step else mass[event] - upper
            at = free[row]
            values[at], columns[at] = part * (1.0 - right), column
            values[at + 1], columns[at + 1] = part * right, column + 1
            free[row] += 2
    return values, columns, starts
