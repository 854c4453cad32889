"""Where to stand so that a patrol is seen in every street."""

from collections.abc import Hashable, Sequence

import geopandas as gpd
import numpy as np
import shapely
from shapely import Point

from geo.shapes import middle


def presence_spots(
    streets: gpd.GeoDataFrame, seen: Sequence[Point], *, radius_m: float
) -> list[tuple[Hashable, Point]]:
    """Choose few places from which every street is near that nothing else brings a patrol near.

    Of the middles of all such streets, that with the greatest length of street near it comes
    first, until no street is left out: the greedy rule for covering sets, whose number of places
    is at most 1 + ln n times the least (Chvátal, V. (1979), "A greedy heuristic for the
    set-covering problem", Mathematics of Operations Research 4 (3), 233-235).

    Parameters
    ----------
    streets
        LineStrings in metres.
    seen
        Where patrols come in any case.
    radius_m
        Greatest distance at which a street is near, >= 0.

    Returns
    -------
    spots
        Label of the street on whose middle each place lies, and the place.
    """
    lines = streets.geometry.to_numpy()
    if seen and len(lines):
        left = shapely.distance(shapely.multipoints(list(seen)), lines) > radius_m
        streets, lines = streets[left], lines[left]
    if not len(lines):
        return []
    places = np.array([middle(line) for line in lines])
    # Rounded middles may lie a hair beside their own lines.
    near = shapely.distance(places[:, None], lines[None, :]) <= radius_m
    np.fill_diagonal(near, val=True)
    length = shapely.length(lines)
    left_out = np.ones(len(lines), dtype=np.bool_)
    spots = []
    while left_out.any():
        best = int(np.argmax(near @ np.where(left_out, length, 0.0)))
        left_out &= ~near[best]
        spots.append((streets.index[best], places[best]))
    return spots
