"""How much of a Gaussian kernel lies within an area.

The area is cut into strips at the heights of all its vertices, none higher than a sixteenth of the
bandwidth. In a strip it is taken to be as wide as at the strip's middle, which is exact where its
sides are upright; the kernel is integrated over such rectangles exactly.
"""

import math
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.special import ndtr
from shapely import MultiPolygon, Polygon

from geo.errors import ParameterError

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

STRIPS_PER_BANDWIDTH = 16
# Beyond six standard deviations lies 2e-9 of a kernel.
REACH_BANDWIDTHS = 6.0
# A kernel of which less lies within the area is taken to have as much: its density is not raised
# further than that.
LEAST_MASS = 1e-6
# An area of a kilometre has so many where the bandwidth is 8 cm: less is a unit mistaken.
MAX_STRIPS = 200_000
_POINTS_AT_ONCE = 4096
_RECTANGLES_AT_ONCE = 4096


@dataclass(frozen=True)
class Strips:
    """An area as rectangles.

    Attributes
    ----------
    low
        Height at which each strip begins.
    high
        Height at which each strip ends.
    strip
        Strip of each rectangle, rising.
    left
        Where each rectangle begins.
    right
        Where each rectangle ends.
    bandwidth_m
        Standard deviation of the kernel.
    """

    low: Floats
    high: Floats
    strip: Ints
    left: Floats
    right: Floats
    bandwidth_m: float

    @classmethod
    def of_area(cls, area: Polygon | MultiPolygon, heights: Floats, bandwidth_m: float) -> Self:
        """Cut an area into strips.

        Parameters
        ----------
        area
            The area, valid and not empty.
        heights
            Heights at which kernels stand: what is out of reach of all of them is left out.
        bandwidth_m
            Standard deviation of the kernel, > 0.

        Returns
        -------
        strips
            The strips.

        Raises
        ------
        ParameterError
            If there would be more than `MAX_STRIPS`.
        """
        min_x, min_y, max_x, max_y = area.bounds
        reach = REACH_BANDWIDTHS * bandwidth_m
        begin = max(min_y, float(heights.min()) - reach)
        end = min(max_y, float(heights.max()) + reach)
        if begin >= end:
            none = np.empty(0)
            return cls(none, none, none.astype(np.int64), none, none, bandwidth_m)
        vertices = shapely.get_coordinates(area)[:, 1]
        needed = (end - begin) / bandwidth_m * STRIPS_PER_BANDWIDTH
        if needed > MAX_STRIPS:
            raise ParameterError(
                f"Expected `bandwidth_m` that cuts `within` into at most {MAX_STRIPS} strips,"
                f" {STRIPS_PER_BANDWIDTH} a bandwidth, got {bandwidth_m}."
            )
        pieces = math.ceil(needed)
        cuts = np.unique(np.concatenate([np.linspace(begin, end, pieces + 1), vertices]))
        cuts = cuts[(cuts >= begin) & (cuts <= end)]
        middle = (cuts[:-1] + cuts[1:]) / 2
        across = np.empty((len(middle), 2, 2))
        across[:, 0, 0], across[:, 1, 0] = min_x - bandwidth_m, max_x + bandwidth_m
        across[:, :, 1] = middle[:, None]
        shapely.prepare(area)
        parts, strip = shapely.get_parts(
            shapely.intersection(shapely.linestrings(across), area), return_index=True
        )
        bounds = shapely.bounds(parts)
        wide = bounds[:, 2] > bounds[:, 0]
        return cls(cuts[:-1], cuts[1:], strip[wide], bounds[wide, 0], bounds[wide, 2], bandwidth_m)

    def on_grid(self, x: Floats, y: Floats) -> Floats:
        """Tell how much of each kernel on a grid lies within the area.

        Parameters
        ----------
        x
            Columns of the grid.
        y
            Rows of the grid.

        Returns
        -------
        mass
            Mass within the area, 0 to 1, shape (rows, columns).
        """
        mass = np.zeros((len(y), len(x)))
        for begin in range(0, len(self.strip), _RECTANGLES_AT_ONCE):
            some = slice(begin, begin + _RECTANGLES_AT_ONCE)
            strip = self.strip[some]
            up = self._between(self.low[strip, None], self.high[strip, None], y)
            mass += up.T @ self._between(self.left[some, None], self.right[some, None], x)
        return mass

    def at_points(self, points: Floats) -> Floats:
        """Tell how much of the kernel of each point lies within the area.

        Parameters
        ----------
        points
            Coordinates, shape (n, 2).

        Returns
        -------
        mass
            Mass within the area, 0 to 1.
        """
        mass = np.zeros(len(points))
        reach = REACH_BANDWIDTHS * self.bandwidth_m
        order = np.argsort(points[:, 1], kind="stable")
        for begin in range(0, len(points), _POINTS_AT_ONCE):
            some = order[begin : begin + _POINTS_AT_ONCE]
            x, y = points[some].T
            near = (self.high[self.strip] >= y[0] - reach) & (self.low[self.strip] <= y[-1] + reach)
            for strip, left, right in zip(
                self.strip[near], self.left[near], self.right[near], strict=True
            ):
                up = self._between(self.low[strip], self.high[strip], y)
                mass[some] += up * self._between(left, right, x)
        return mass

    def _between(self, low: Floats, high: Floats, centre: Floats) -> Floats:
        """Return the mass of kernels between two limits on one axis."""
        above, below = ((limit - centre) / self.bandwidth_m for limit in (high, low))
        return np.asarray(ndtr(above) - ndtr(below))


def check_area(within: object) -> Polygon | MultiPolygon:
    """Make sure that an area is one.

    Parameters
    ----------
    within
        What was given for it.

    Returns
    -------
    area
        The same.

    Raises
    ------
    ParameterError
        If it is no valid polygon or empty.
    """
    if not isinstance(within, Polygon | MultiPolygon):
        raise ParameterError(
            f"Expected `within` as a Polygon or MultiPolygon, got {type(within).__name__}."
        )
    if within.is_empty or not within.is_valid:
        why = "an empty one" if within.is_empty else shapely.is_valid_reason(within)
        raise ParameterError(f"Expected `within` as a valid polygon, got {why}.")
    return within
