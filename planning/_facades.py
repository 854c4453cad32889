"""Places on the walls that face a street."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from planning._candidate_spots import FACINGS, SIDES, Place, Roads, Spot

Floats = NDArray[np.float64]

FACADE_HEIGHT_M = 4.0
# A wall farther from the edge of the street than this stands behind a yard.
_FARTHEST_WALL_M = 8.0


def facades(roads: Roads, buildings: gpd.GeoDataFrame, spacing_m: float) -> Iterator[Spot]:
    """Yield the first walls to both sides of each street, facing along it both ways.

    Walls of buildings known to be lower than the camera are left out.
    """
    rays = [
        (street, place, side, side_deg)
        for street in range(len(roads.lines))
        for place in roads.places(street, spacing_m)
        for side, side_deg in SIDES
    ]
    if not rays or buildings.empty:
        return
    starts = np.array([(place.x, place.y) for _, place, _, _ in rays])
    bearing = np.radians([place.azimuth_deg + side_deg for _, place, _, side_deg in rays])
    aside = np.column_stack([np.sin(bearing), np.cos(bearing)])
    reach_m = roads.half_m[[street for street, *_ in rays]] + _FARTHEST_WALL_M
    walls_m = _first_walls(starts, starts + reach_m[:, None] * aside, buildings)
    points = starts + walls_m[:, None] * aside
    for (street, place, side, _), point in zip(rays, points, strict=True):
        if np.isfinite(point).all():
            key = f"facade-{roads.labels[street]}-{place.number}-{side}"
            yield from _facing(key, street, place, point, on_right=side == "right")


def _facing(
    key: str, street: int, place: Place, point: Floats, *, on_right: bool
) -> Iterator[Spot]:
    for facing, turn_deg in FACINGS:
        yield Spot(
            f"{key}-{facing}",
            "facade",
            street,
            place.cross,
            float(point[0]),
            float(point[1]),
            (place.azimuth_deg + turn_deg) % 360,
            # On the right of the street looking ahead, and on its left looking back, the street
            # lies to the left.
            inward=-1 if on_right == (facing == "ahead") else 1,
            highest_m=FACADE_HEIGHT_M,
        )


def _first_walls(starts: Floats, ends: Floats, buildings: gpd.GeoDataFrame) -> Floats:
    """Return how far along each ray its first wall stands; NaN where there is none to use."""
    rays = np.asarray(shapely.linestrings(np.stack([starts, ends], axis=1)), dtype=object)
    blocks = buildings.geometry.to_numpy()
    ray, block = shapely.STRtree(blocks).query(rays, predicate="intersects")
    on_ray = np.asarray(shapely.intersection(rays[ray], blocks[block]), dtype=object)
    first = np.asarray(shapely.distance(shapely.points(starts[ray]), on_ray))
    order = np.lexsort((block, first, ray))
    ray, block, first = ray[order], block[order], first[order]
    nearest = np.unique(ray, return_index=True)[1]
    height_m = buildings.reindex(columns=["height_m"])["height_m"].to_numpy(np.float64)
    # A street that runs through a building has no wall there.
    usable = (first[nearest] > 0) & ~(height_m[block[nearest]] < FACADE_HEIGHT_M)
    walls_m = np.full(len(starts), np.nan)
    walls_m[ray[nearest[usable]]] = first[nearest[usable]]
    return walls_m
