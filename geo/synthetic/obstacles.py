"""How far a lot may reach from its street before it meets something.

Rays are cast from the front of a lot into its block. Streets stop a ray half-way, so that the
row on the far side of the block finds as much room; lots that already stand stop it where they
begin.
"""

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely import Geometry, Polygon, STRtree

from geo.synthetic.frontage import width_m

# No wall stands nearer than this to the surface of any street, its own or another.
PAVEMENT_M = 1.0
# Room kept around a place point and between lots of different rows.
PLACE_ROOM_M = 3.0
LOT_ROOM_M = 0.8
# Blocks smaller than this are traffic islands and stay empty.
ISLAND_M2 = 2000.0
# Less than this is a shared wall in floating-point numbers.
OVERLAP_M2 = 1e-6


class Obstacles:
    """Everything a new lot must keep clear of.

    Parameters
    ----------
    streets
        Street edges, metric.
    boundary
        Area that is to be built up, metric.
    places
        Points that stay free, metric.
    """

    def __init__(self, streets: GeoDataFrame, boundary: Polygon, places: GeoDataFrame) -> None:
        lines = streets.geometry.to_numpy()
        pavements = shapely.buffer(lines, width_m(streets) / 2 + PAVEMENT_M)
        blocks = shapely.get_parts(shapely.polygonize(lines))
        islands = blocks[shapely.area(blocks) < ISLAND_M2]
        edge = [shapely.buffer(boundary.boundary, LOT_ROOM_M)]
        rooms = shapely.buffer(places.geometry.to_numpy(), PLACE_ROOM_M)
        self._boundary = boundary
        self._streets = STRtree(pavements)
        self._fixed: list[Geometry] = [*pavements, *islands, *edge, *rooms]
        self._lots: list[Polygon] = []
        self._solid = STRtree(self._fixed)

    def add(self, lots: NDArray[np.object_]) -> None:
        """Let lots stand, with some room around each.

        Parameters
        ----------
        lots
            Polygons of houses with their yards.
        """
        grown = shapely.buffer(lots, LOT_ROOM_M, join_style="mitre")
        self._lots.extend(grown)
        self._solid = STRtree([*self._fixed, *self._lots])

    def room_m(
        self, origins: NDArray[np.float64], normals: NDArray[np.float64], reach_m: float
    ) -> NDArray[np.float64]:
        """Measure the free depth from points into their block.

        Parameters
        ----------
        origins
            Points where lots would begin, shape (n, 2).
        normals
            Unit vectors into the block, shape (n, 2).
        reach_m
            Greatest depth of interest in metres.

        Returns
        -------
        rooms
            Free depth in metres, at most `reach_m`; 0 where the origin is not free.
        """
        to_solid = _first_hit(self._solid, origins, normals, reach_m)
        to_street = _first_hit(self._streets, origins, normals, 2 * reach_m) / 2
        room = np.minimum(to_solid, to_street)
        inside = shapely.contains_xy(self._boundary, origins[:, 0], origins[:, 1])
        return np.where(inside, room, 0.0)

    def clear(self, lots: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Tell which lots overlap nothing that stands, nor a lot before them in the list.

        Parameters
        ----------
        lots
            Polygons of one row; neighbours may share a wall.

        Returns
        -------
        clear
            One truth value a lot.
        """
        free = shapely.is_valid(lots) & shapely.contains(self._boundary, lots)
        free[self._solid.query(lots, predicate="intersects")[0]] = False
        second, first = STRtree(lots).query(lots, predicate="intersects")
        pairs = np.column_stack([second, first])[(first < second) & free[first] & free[second]]
        shared = shapely.area(shapely.intersection(lots[pairs[:, 0]], lots[pairs[:, 1]]))
        overlapping = pairs[shared > OVERLAP_M2]
        for later, earlier in overlapping[np.lexsort(overlapping.T[::-1])]:
            free[later] &= not free[earlier]
        return np.asarray(free)


def _first_hit(
    tree: STRtree, origins: NDArray[np.float64], normals: NDArray[np.float64], reach_m: float
) -> NDArray[np.float64]:
    """Measure how far rays run before they meet a geometry of a tree."""
    ends = np.stack([origins, origins + normals * reach_m], axis=1)
    rays = np.asarray(shapely.linestrings(ends), dtype=object)
    ray, solid = tree.query(rays, predicate="intersects")
    meeting = shapely.intersection(rays[ray], tree.geometries[solid])
    distance = shapely.distance(shapely.points(origins[ray]), meeting)
    hit = np.full(len(origins), reach_m)
    np.minimum.at(hit, ray, distance)
    return hit
