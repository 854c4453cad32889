"""Where to stand so that a patrol is seen in every street."""

import heapq
import math
from collections.abc import Hashable, Iterator, Mapping, Sequence

import geopandas as gpd
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
    places = [middle(line) for line in lines]
    place, street = shapely.STRtree(lines).query(places, predicate="dwithin", distance=radius_m)
    # Rounded middles may lie a hair beside their own lines.
    near = {number: {number} for number in range(len(lines))}
    for one, other in zip(place.tolist(), street.tolist(), strict=True):
        near[one].add(other)
    chosen = _greedy(near, shapely.length(lines).tolist())
    return [(streets.index[number], places[number]) for number in chosen]


def _greedy(near: Mapping[int, set[int]], length: Sequence[float]) -> Iterator[int]:
    """Choose sets until all is covered; what a set still adds never grows, so few are looked at."""
    left_out = set(range(len(length)))
    heap = [(-math.inf, number) for number in near]
    heapq.heapify(heap)
    while left_out:
        _, number = heapq.heappop(heap)
        adds = math.fsum(length[street] for street in near[number] & left_out)
        if heap and (-adds, number) > heap[0]:
            heapq.heappush(heap, (-adds, number))
            continue
        left_out -= near[number]
        yield number
