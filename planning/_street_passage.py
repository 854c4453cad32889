"""How much of each street some ways along streets pass."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point

Floats = NDArray[np.float64]

# What the vertices of a way may lie off the street it follows.
_ROUNDING_M = 0.01


def passed_shares(streets: gpd.GeoSeries, ways: Sequence[LineString]) -> Floats:
    """Measure the share of each street that some way passes; what several pass counts once.

    Every piece of a way between two of its vertices lies on one street: the intervals of a street's
    length that they take are united.

    Parameters
    ----------
    streets
        LineStrings.
    ways
        Lines that follow the streets, in their CRS.

    Returns
    -------
    shares
        From 0 to 1, one a street.
    """
    lines = np.asarray(streets.array)
    length_m = shapely.length(lines)
    starts, ends = _pieces(ways)
    shares = np.zeros(len(lines))
    if not len(starts) or not len(lines):
        return shares
    middles = shapely.points((starts + ends) / 2)
    tree = shapely.STRtree(lines)
    piece, street = tree.query(middles, predicate="dwithin", distance=_ROUNDING_M)
    offsets = []
    on_street = np.ones(len(piece), dtype=bool)
    for xy in (starts, ends):
        point = shapely.points(xy[piece])
        on_street &= shapely.dwithin(lines[street], point, _ROUNDING_M)
        offsets.append(shapely.line_locate_point(lines[street], point))
    low, high = np.minimum(*offsets)[on_street], np.maximum(*offsets)[on_street]
    street = street[on_street]
    order = np.lexsort((low, street))
    for number in np.unique(street).tolist():
        own = order[street[order] == number]
        shares[number] = _united_m(low[own], high[own]) / length_m[number]
    return np.minimum(shares, 1.0)


def stopped_on(streets: gpd.GeoSeries, places: Sequence[Point]) -> NDArray[np.bool_]:
    """Tell the streets with a stop on them; one at a junction is on none.

    Parameters
    ----------
    streets
        LineStrings.
    places
        Where somebody stops, on the streets.

    Returns
    -------
    stopped
        A flag for each street.
    """
    lines = np.asarray(streets.array)
    stopped = np.zeros(len(lines), dtype=bool)
    if not len(places) or not len(lines):
        return stopped
    points = np.asarray(places, dtype=object)
    place, street = shapely.STRtree(lines).query(points, predicate="dwithin", distance=_ROUNDING_M)
    offset = shapely.line_locate_point(lines[street], points[place])
    inside = (offset > _ROUNDING_M) & (offset < shapely.length(lines[street]) - _ROUNDING_M)
    stopped[street[inside]] = True
    return stopped


def _pieces(ways: Sequence[LineString]) -> tuple[Floats, Floats]:
    """Return the ends of all pieces of ways, each piece once."""
    if not ways:
        return np.empty((0, 2)), np.empty((0, 2))
    xy, way = shapely.get_coordinates(np.asarray(ways, dtype=object), return_index=True)
    same = way[1:] == way[:-1]
    pieces = np.unique(np.hstack([xy[:-1][same], xy[1:][same]]), axis=0)
    return pieces[:, :2], pieces[:, 2:]


def _united_m(low: Floats, high: Floats) -> float:
    """Return the length of intervals that are ordered by their lower ends, together."""
    reached = np.maximum.accumulate(np.append(-np.inf, high))[:-1]
    return float(np.maximum(high - np.maximum(low, reached), 0.0).sum())
