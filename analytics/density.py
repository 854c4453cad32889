"""Planar density of events.

Events are binned linearly onto a fine grid of nodes and the nodes are then filtered by the
Gaussian kernel, evaluated at the centres of the cells asked for: Wand, M. P. (1994), "Fast
computation of multivariate kernel estimators", Journal of Computational and Graphical Statistics
3 (4), 433-445. The spacing of the nodes follows the bandwidth and not the cells, so a bandwidth
far below or far above the size of a cell is met with the same error; the nodes reach as far as
the events do, so an event outside the bounds counts and nothing wraps around.

Two corrections at the edge of an area: uniform, Diggle, P. (1985), "A kernel method for smoothing
point process data", Applied Statistics 34 (2), 138-147; and one that keeps the number of events,
Jones, M. C. (1993), "Simple boundary correction for kernel density estimation", Statistics and
Computing 3, 135-146, which point pattern software names after Diggle.
"""

import math
from typing import Literal, TypeAlias, get_args

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from shapely import MultiPolygon, Polygon

from analytics._binning import binned, linear_bins
from analytics._edge_correction import LEAST_MASS, Strips, check_area
from geo.errors import ParameterError

Floats: TypeAlias = NDArray[np.float64]
Correction: TypeAlias = Literal["uniform", "diggle", "none"]

# Binning widens the kernel of an event midway between nodes by a quarter of the squared spacing
# on each axis: its peak falls by 1 / (4 * 32 ** 2) = 0.02 %, and at eight standard deviations,
# where a cell much wider than the kernel may have its centre, the density rises by 0.8 %.
NODES_PER_BANDWIDTH = 32
# Beyond eight standard deviations the kernel is below 2e-14 of its peak.
REACH_BANDWIDTHS = 8.0
# A kernel that fills so much of its matrix reaches far across the grid: then the nodes are few,
# and dense products are several times as fast.
DENSE_FROM = 0.1
# One that reaches so great a part of the centres is worked out for all of them at once.
WHOLE_FROM = 0.5
# So many cells are five kilometres square by the metre, and each array of them takes 200 MB.
MAX_CELLS = 25_000_000
# The kernels of one axis hold some 500 numbers a cell: of so many cells, 0.8 GB.
MAX_SIDE = 100_000


def density_surface(
    xy: ArrayLike,
    *,
    bounds: tuple[float, float, float, float],
    shape: tuple[int, int],
    bandwidth_m: float,
    weights: ArrayLike | None = None,
    within: Polygon | MultiPolygon | None = None,
    correction: Correction = "uniform",
) -> Floats:
    """Estimate the density of events on a regular grid.

    Gaussian kernel estimate. Without an area it is not corrected at any edge: the integral over
    the whole plane is the number of events (or the sum of their weights), of which a part may fall
    outside the bounds. Within an area, outside of which nothing is known, the estimate would be
    too low along its edge, and is corrected.

    Binning errs by 0.02 % of the peak of a single event, and by less than 1 % of the density
    itself wherever that exceeds 2e-14 of such a peak.

    Parameters
    ----------
    xy
        Coordinates of the events, shape (n, 2), in a projected CRS; n may be 0.
    bounds
        Extent of the grid (min_x, min_y, max_x, max_y), in the unit of `xy`.
    shape
        Number of cells (ny, nx).
    bandwidth_m
        Standard deviation of the kernel, in the unit of `xy`, > 0.
    weights
        How much each event counts, shape (n,), >= 0; each counts 1 if none are given.
    within
        The area of which all events are known. Events outside do not count.
    correction
        How the edge of that area is corrected. "uniform" divides the density at each place by the
        part of a kernel there that lies within, so that events which are equally dense everywhere
        give that density up to the edge. "diggle" divides what each event counts by the part of
        its kernel that lies within, so that the integral over the area is the number of events.
        "none" leaves the density as it is.

    Returns
    -------
    density
        Events per square unit at the centres of the cells, shape (ny, nx); row 0 is the lowest
        y, column 0 the lowest x. With an area it is 0 in cells with their centre outside.

    Raises
    ------
    ParameterError
        If an argument is out of its range, a coordinate or weight is not finite, or there are more
        than `MAX_CELLS` cells, `MAX_SIDE` on a side or, within an area, `MAX_STRIPS` strips.

    Examples
    --------
    >>> density = density_surface([[5.0, 5.0]], bounds=(0, 0, 10, 10), shape=(5, 5), bandwidth_m=2)
    >>> density.shape, float(density[2, 2].round(4))
    ((5, 5), 0.0398)
    """
    points = _checked_points(xy)
    mass = _checked_weights(weights, len(points))
    bounds = _checked_bounds(bounds)
    x, y = _cell_centres(bounds, _checked_shape(shape))
    _check_bandwidth(bandwidth_m, bounds)
    if correction not in get_args(Correction):
        known = ", ".join(f'"{name}"' for name in get_args(Correction))
        raise ParameterError(f'Expected `correction` among {known}, got "{correction}".')
    if within is None:
        return _spread(points, mass, x, y, bandwidth_m)
    area = check_area(within)
    inside = shapely.intersects_xy(area, points[:, 0], points[:, 1])
    points, mass = points[inside], mass[inside]
    if correction == "diggle" and len(points):
        strips = Strips.of_area(area, points[:, 1], bandwidth_m)
        mass = mass / np.maximum(strips.at_points(points), LEAST_MASS)
    density = _spread(points, mass, x, y, bandwidth_m)
    if correction == "uniform":
        strips = Strips.of_area(area, y, bandwidth_m)
        density /= np.maximum(strips.on_grid(x, y), LEAST_MASS)
    return np.where(shapely.intersects_xy(area, *np.meshgrid(x, y)), density, 0.0)


def _cell_centres(
    bounds: tuple[float, float, float, float], shape: tuple[int, int]
) -> tuple[Floats, Floats]:
    min_x, min_y, max_x, max_y = bounds
    ny, nx = shape
    return (
        min_x + (max_x - min_x) * (np.arange(nx) + 0.5) / nx,
        min_y + (max_y - min_y) * (np.arange(ny) + 0.5) / ny,
    )


def _spread(points: Floats, mass: Floats, x: Floats, y: Floats, bandwidth_m: float) -> Floats:
    """Return the density of the events at the centres of cells."""
    reach = REACH_BANDWIDTHS * bandwidth_m * (1 + 1 / NODES_PER_BANDWIDTH)
    near = mass > 0
    places = np.ascontiguousarray(points.T)
    for position, centres in zip(places, (x, y), strict=True):
        near &= (position >= centres[0] - reach) & (position <= centres[-1] + reach)
    if not near.any():
        return np.zeros((len(y), len(x)))
    if not near.all():
        places, mass = places[:, near], mass[near]
    spacing = bandwidth_m / NODES_PER_BANDWIDTH
    along_x = linear_bins(places[0], x[0], spacing)
    along_y = linear_bins(places[1], y[0], spacing)
    grid = binned(along_y, along_x, mass)
    kernel_y = _gaussian(along_y.node, y, bandwidth_m)
    kernel_x = _gaussian(along_x.node, x, bandwidth_m)
    return _filtered(grid, kernel_y, kernel_x)


def _gaussian(nodes: Floats, centres: Floats, bandwidth_m: float) -> Floats | sparse.csr_array:
    """Return the kernel from each node (row) to the cell centres (columns) within its reach.

    Where most centres are, to all of them.
    """
    count = len(centres)
    cell = centres[1] - centres[0] if count > 1 else math.inf
    reach = REACH_BANDWIDTHS * bandwidth_m
    width = count if cell * count <= 2 * reach else min(count, math.ceil(2 * reach / cell) + 1)
    if width > WHOLE_FROM * count:
        return _bell(centres - nodes[:, None], bandwidth_m)
    begin = np.ceil((nodes - reach - centres[0]) / cell)
    first = np.clip(begin, 0, count - width).astype(np.int64)
    columns = first[:, None] + np.arange(width)
    values = _bell(centres[columns] - nodes[:, None], bandwidth_m)
    starts = np.arange(len(nodes) + 1) * width
    return sparse.csr_array((values.ravel(), columns.ravel(), starts), shape=(len(nodes), count))


def _bell(away: Floats, bandwidth_m: float) -> Floats:
    """Return the kernel so far away, in place of the distances."""
    away /= bandwidth_m
    np.square(away, out=away)
    away *= -0.5
    np.exp(away, out=away)
    away /= bandwidth_m * math.sqrt(2 * math.pi)
    return away


def _filtered(
    mass: Floats | sparse.csr_array,
    kernel_y: Floats | sparse.csr_array,
    kernel_x: Floats | sparse.csr_array,
) -> Floats:
    """Return kernel_y.T @ mass @ kernel_x."""
    if isinstance(mass, np.ndarray):
        return np.asarray(_whole(kernel_y).T @ mass @ _whole(kernel_x))
    if min(_filled_part(kernel_y), _filled_part(kernel_x)) < DENSE_FROM:
        return np.asarray(
            (sparse.csr_array(kernel_y).T @ mass @ sparse.csr_array(kernel_x)).toarray()
        )
    return np.asarray((mass.T @ _whole(kernel_y)).T @ _whole(kernel_x))


def _filled_part(kernel: Floats | sparse.csr_array) -> float:
    return 1.0 if isinstance(kernel, np.ndarray) else kernel.nnz / math.prod(kernel.shape)


def _whole(kernel: Floats | sparse.csr_array) -> Floats:
    return kernel if isinstance(kernel, np.ndarray) else np.asarray(kernel.toarray())


def _check_bandwidth(bandwidth_m: float, bounds: tuple[float, float, float, float]) -> None:
    if not (math.isfinite(bandwidth_m) and bandwidth_m > 0):
        raise ParameterError(f"Expected `bandwidth_m` > 0, got {bandwidth_m}.")
    # Nodes that lie closer than neighbouring numbers do would be one.
    least = NODES_PER_BANDWIDTH * float(np.spacing(np.abs(bounds).max()))
    if bandwidth_m < least:
        raise ParameterError(
            f"Expected `bandwidth_m` of at least {least:.2g}, which coordinates such as those of"
            f" `bounds` can tell apart, got {bandwidth_m}."
        )


def _numbers(name: str, given: ArrayLike) -> Floats:
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(f"Expected `{name}` of numbers, got others.") from None


def _checked_points(xy: ArrayLike) -> Floats:
    points = _numbers("xy", xy)
    if points.size == 0:
        return np.empty((0, 2))
    if points.shape[1:] != (2,):
        raise ParameterError(f"Expected `xy` of shape (n, 2), got {points.shape}.")
    finite = np.isfinite(points)
    if not finite.all():
        faulty = np.flatnonzero(~finite.all(axis=1))
        raise ParameterError(
            f"Expected finite `xy`, got {points[faulty[0]].tolist()} in row {faulty[0]}"
            f" ({len(faulty)} such rows)."
        )
    return points


def _checked_weights(weights: ArrayLike | None, count: int) -> Floats:
    if weights is None:
        return np.ones(count)
    mass = _numbers("weights", weights)
    if mass.shape != (count,):
        raise ParameterError(f"Expected `weights` of shape ({count},), got {mass.shape}.")
    if not (np.isfinite(mass) & (mass >= 0)).all():
        raise ParameterError("Expected `weights` >= 0 and finite, got another value.")
    return mass


def _checked_bounds(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    numbers = _numbers("bounds", bounds)
    if numbers.shape == (4,) and np.isfinite(numbers).all():
        min_x, min_y, max_x, max_y = (float(number) for number in numbers)
        if min_x < max_x and min_y < max_y:
            return min_x, min_y, max_x, max_y
    raise ParameterError(
        f"Expected finite `bounds` (min_x, min_y, max_x, max_y) with min < max, got {bounds}."
    )


def _checked_shape(shape: tuple[int, int]) -> tuple[int, int]:
    cells = _numbers("shape", shape)
    whole = np.isfinite(cells) & (cells == np.floor(cells)) & (cells >= 1)
    if not (cells.shape == (2,) and whole.all()):
        raise ParameterError(f"Expected `shape` (ny, nx) of whole numbers >= 1, got {shape}.")
    if cells.prod() > MAX_CELLS or cells.max() > MAX_SIDE:
        raise ParameterError(
            f"Expected `shape` of at most {MAX_CELLS} cells, {MAX_SIDE} on a side, got {shape}."
        )
    return int(cells[0]), int(cells[1])
