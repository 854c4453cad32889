"""What cameras see of a level plane below them, over buildings lower than they are.

With the camera at the origin of the ground plan, a prism over the footprint B hides of the plane
just the union of s B for s from 1 to k = (H - t) / (H - h), where H, t and h are the heights of
camera, plane and prism: a sight that passes over the prism's edge at the distance d meets the plane
at k d. That union is B together with what lies between each wall on B's far side and k times it.
"""

import math
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from geo._lenses import Lenses, seen_distances
from geo._sweep import RANGE, RESOLUTION, TAU, X, Y
from geo._views import (
    Flags,
    Floats,
    Ints,
    Shapes,
    Solids,
    look,
    mended,
    near,
    refuse_chords,
    views_of,
)
from geo.pixel_density import reach_m

_FEWEST_SIDES = 8


class Aims(NamedTuple):
    """Cameras that look at a plane below them.

    Attributes
    ----------
    views
        The cameras as the sweep takes them.
    height_m
        Heights of the cameras above the ground.
    drop_m
        How far the plane lies below each camera.
    dead_m
        Radius of the dead zone below each camera; not less than its range where it sees nothing.
    dead_sides
        Number of sides of the polygon around each dead zone.
    """

    views: Floats
    height_m: Floats
    drop_m: Floats
    dead_m: Floats
    dead_sides: Floats

    def chosen(self, rows: Ints) -> "Aims":
        """Return some of the cameras."""
        return Aims(*(column[rows] for column in self))


def aims_of(
    points: gpd.GeoSeries,
    lenses: Lenses,
    target_height_m: float,
    density: float,
    arc_tolerance_m: float,
) -> Aims:
    """Return cameras that look at the plane of their targets with so many pixels per metre."""
    drop_m = lenses.height_m - target_height_m
    dead_m, last_m = seen_distances(lenses, drop_m)
    sharp_m = reach_m(lenses.fov_deg, lenses.resolution_px, density)
    range_m = np.minimum.reduce([lenses.range_m, last_m, sharp_m])
    views = views_of(
        points, lenses.azimuth_deg, lenses.fov_deg, range_m, arc_tolerance_m=arc_tolerance_m
    )
    # The corners of a polygon of n sides around a circle lie radius * (1 / cos(pi / n) - 1) out.
    with np.errstate(divide="ignore", over="ignore"):
        excess = arc_tolerance_m / np.where(dead_m < range_m, dead_m, math.inf)
        sides = np.ceil(math.pi / np.arctan(np.sqrt(excess * (2.0 + excess))))
    sides = np.where(dead_m < range_m, np.maximum(sides, _FEWEST_SIDES), 0.0)
    refuse_chords(sides)
    return Aims(views, lenses.height_m, drop_m, dead_m, sides)


def look_down(aims: Aims, solids: Solids, part_height_m: Floats) -> Shapes:
    """Return what each camera sees of the plane; none stands deep inside a building of its height.

    A polygon of unknown height, not a number, hides all that stands behind it.
    """
    camera, part = near(aims.views, solids)
    gap_m = aims.height_m[camera] - part_height_m[part]
    tall = ~(gap_m > 0.0)
    fields = look(aims.views, solids.scene, camera[tall], part[tall])
    low = (gap_m > 0.0) & (gap_m < aims.drop_m[camera])
    camera, part = camera[low], part[low]
    stretch = aims.drop_m[camera] / gap_m[low]
    shadows, shadow_of = _shadows(aims.views[camera], solids.parts[part], stretch)
    hidden = np.concatenate([solids.parts[part], shadows])
    owner = np.concatenate([camera, camera[shadow_of]])
    shapely.prepare(fields)
    felt = shapely.intersects(fields[owner], hidden)
    hidden, owner = hidden[felt], owner[felt]
    order = np.argsort(owner, kind="stable")
    groups = np.split(hidden[order], np.searchsorted(owner[order], np.arange(1, len(fields))))
    for row, group in enumerate(groups):
        hiding = [*group, *_dead_zone(aims.views[row], aims.dead_m[row], aims.dead_sides[row])]
        if hiding:
            fields[row] = _without(fields[row], hiding, aims.views[row, RESOLUTION])
    return fields


def _without(
    field: shapely.Geometry, hidden: list[shapely.Geometry], width: float
) -> shapely.Geometry:
    """Return a field without what is hidden, nor slivers narrower than a width."""
    # The overlay divides by zero on its way, where lines are parallel, and recovers.
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = shapely.get_parts(shapely.difference(field, shapely.union_all(hidden)))
    parts = parts[shapely.area(parts) > width * shapely.length(parts)]
    return shapely.union_all(parts) if parts.size > 0 else shapely.Polygon()


def _dead_zone(view: Floats, radius: float, sides: float) -> list[shapely.Geometry]:
    """Return the dead zone of a camera, if it has one, as a polygon around its circle."""
    if radius <= view[RESOLUTION]:
        return []
    angles = np.linspace(0.0, TAU, int(sides), endpoint=False)
    outer = radius / math.cos(math.pi / sides)
    ring = np.column_stack([view[X] + outer * np.cos(angles), view[Y] + outer * np.sin(angles)])
    return [shapely.Polygon(ring)]


def _shadows(views: Floats, parts: Shapes, stretch: Floats) -> tuple[Shapes, Ints]:
    """Return the shadows of polygons, each seen by its own camera, and the row of each shadow."""
    rings, row = shapely.get_rings(parts, return_index=True)
    walls = np.asarray(shapely.get_num_coordinates(rings), np.int64) - 1
    corners = shapely.get_coordinates(rings)
    places = corners - np.repeat(views[row][:, [X, Y]], walls + 1, axis=0)
    # Going twice around a ring, every chain of its walls is found whole.
    step, ring = _count_up(2 * walls)
    corner = (np.cumsum(walls + 1) - walls - 1)[ring] + step % walls[ring]
    tail, head = places[corner], places[corner + 1]
    distance = _distance(tail, head)
    # Ground lies left of a wall: one that runs anticlockwise around the camera is on the far side.
    far = (_cross(tail, head) > 0.0) & (distance > views[row[ring], RESOLUTION])
    closest = np.full(len(parts), math.inf)
    np.minimum.at(closest, row[ring[far]], distance[far])
    # Beyond the range it does not matter how far a shadow reaches.
    stretch = np.minimum(stretch, 1.0 + 2.0 * views[:, RANGE] / closest)
    begins, ends = _chains(far, step, ring, walls)
    row = row[ring[begins]]
    shadows = _between(
        corners[corner],
        tail,
        (begins, ends),
        stretch=stretch[row],
        width=views[row, RESOLUTION],
    )
    broken = np.flatnonzero(~shapely.is_valid(shadows))
    shadows[broken] = [mended(shadow) for shadow in shadows[broken]]
    return shadows, row


def _chains(far: Flags, step: Ints, ring: Ints, walls: Ints) -> tuple[Ints, Ints]:
    """Return where each chain of far walls begins, and the first wall after it.

    A ring of nothing but far walls, around the camera, is cut into two chains.
    """
    count = walls[ring]
    around = np.bincount(ring, ~far, minlength=walls.size)[ring] == 0
    cut = around & ((step == 0) | (step == count // 2) | (step == count))
    follows = far & ~np.roll(far, 1) & (step > 0) & (step <= count)
    begins = np.flatnonzero(follows | (cut & (step < count)))
    breaks = np.flatnonzero(cut | ~far)
    return begins, breaks[np.searchsorted(breaks, begins, side="right")]


def _between(
    corners: Floats, places: Floats, chains: tuple[Ints, Ints], *, stretch: Floats, width: Floats
) -> Shapes:
    """Return the ground between each chain of walls and the chain stretched from the camera.

    The stretched chain is wider by `width` at both ends: where a neighbour's shadow begins at the
    same corner, rounding leaves no crack between them.
    """
    begins, ends = chains
    last = ends - begins
    spot, chain = _count_up(2 * last + 3)
    last = last[chain]
    outer = (spot > 0) & (spot <= last + 1)
    vertex = np.where(outer, spot - 1, np.where(spot == 0, 0, 2 * last + 2 - spot))
    which = begins[chain] + vertex
    place = places[which]
    side = np.where(vertex == last, 1.0, 0.0) - np.where(vertex == 0, 1.0, 0.0)
    sideways = np.column_stack([-place[:, 1], place[:, 0]]) / np.hypot(*place.T)[:, None]
    moved = (stretch[chain] - 1.0)[:, None] * place + (side * width[chain])[:, None] * sideways
    points = corners[which] + np.where(outer[:, None], moved, 0.0)
    bounds = np.append(0, np.cumsum(np.bincount(chain, minlength=begins.size)))
    return np.asarray(
        shapely.from_ragged_array(
            shapely.GeometryType.POLYGON, points, (bounds, np.arange(begins.size + 1))
        )
    )


def _count_up(counts: Ints) -> tuple[Ints, Ints]:
    """Return 0, 1, ... for each count, one after another, and which count each belongs to."""
    which = np.repeat(np.arange(counts.size), counts)
    return np.arange(which.size) - (np.cumsum(counts) - counts)[which], which


def _cross(tail: Floats, head: Floats) -> Floats:
    """Return a number that is positive where a wall runs anticlockwise around the origin."""
    return np.asarray(tail[:, 0] * head[:, 1] - tail[:, 1] * head[:, 0], np.float64)


def _distance(tail: Floats, head: Floats) -> Floats:
    """Return how far the origin lies from each wall."""
    run = head - tail
    along = np.clip(-(tail * run).sum(axis=1) / (run * run).sum(axis=1), 0.0, 1.0)
    return np.asarray(np.hypot(*(tail + along[:, None] * run).T), np.float64)
