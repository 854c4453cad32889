"""Cameras as the sweep takes them, buildings as it takes them, and its rings as geometries."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo._columns import parse_column
from geo._sweep import CHORDS, RANGE, RESOLUTION, SPAN, START, TAU, Scene, X, Y, sweep
from geo.errors import Fault, LayerError, ParameterError
from geo.layers import contract_of
from geo.shapes import examine_shapes, system_faults

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Shapes = NDArray[np.object_]

# Places closer than this many steps of the last bit of the largest coordinate or range are one:
# interpolating along a wall and reprojecting move a point by a few.
_STEPS = 16
# Unions leave corners that differ by a few steps of theirs; a camera of long range has longer ones.
_ALMOST = 4096
# A thousand cameras that look 80 m all around take 200,000 chords at a centimetre; ten million take
# 160 MB: a range or a tolerance in the wrong unit is refused.
MAX_CHORDS = 10_000_000
_CAMERAS_AT_A_TIME = 32
_WIDEST_CHORD = math.pi / 4


class Solids(NamedTuple):
    """The footprints of all buildings, polygon by polygon.

    Attributes
    ----------
    parts
        The polygons, their ground to the left of their rings.
    building
        For each polygon the row of its building.
    tree
        Where they stand.
    scene
        Their walls.
    """

    parts: Shapes
    building: Ints
    tree: shapely.STRtree
    scene: Scene


def refuse(faults: list[Fault]) -> None:
    """Raise what is wrong with the layers, if anything is."""
    if faults:
        raise LayerError(faults)


def places_of(
    cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | gpd.GeoSeries
) -> tuple[gpd.GeoSeries, gpd.GeoSeries, list[Fault]]:
    """Return where cameras and buildings stand, and what is wrong with it."""
    points, faults = examine_shapes(cameras, ("Point",), source="cameras")
    solids, of_solids = examine_shapes(buildings, ("Polygon", "MultiPolygon"), source="buildings")
    of_systems = system_faults(points, solids, source="cameras", other_source="buildings")
    return points, solids, [*of_systems, *faults, *of_solids]


def view_faults(cameras: gpd.GeoDataFrame) -> list[Fault]:
    """Return what is wrong with the directions, widths and ranges of the cameras."""
    faults = []
    for column in contract_of("cameras").columns:
        if column.name not in {"azimuth_deg", "fov_deg", "range_m"}:
            continue
        if column.name not in cameras.columns:
            faults.append(Fault("cameras", "the column", "none of that name", field=column.name))
            continue
        rows = range(1, len(cameras) + 1)
        faults += parse_column(cameras[column.name], column, source="cameras", rows=rows)[1]
    return faults


def views_of(
    points: gpd.GeoSeries,
    azimuth_deg: ArrayLike,
    fov_deg: ArrayLike,
    range_m: ArrayLike,
    *,
    arc_tolerance_m: float,
) -> Floats:
    """Return the cameras as the sweep takes them."""
    views = np.empty((len(points), 7))
    views[:, [X, Y]] = shapely.get_coordinates(points.to_numpy())
    views[:, RANGE] = np.asarray(range_m, np.float64)
    span = np.broadcast_to(np.radians(np.asarray(fov_deg, np.float64)), len(points))
    # Azimuths run clockwise from north, the sweep anticlockwise from east.
    views[:, START] = math.pi / 2 - np.radians(np.asarray(azimuth_deg, np.float64)) - span / 2
    views[:, SPAN] = np.minimum(span, TAU)
    # The middle of a chord over an angle c lies range * (1 - cos(c / 2)) inside the arc.
    with np.errstate(divide="ignore", over="ignore"):
        sagitta = np.minimum(arc_tolerance_m / views[:, RANGE], 1.0)
        chord = np.minimum(4.0 * np.arcsin(np.sqrt(sagitta / 2.0)), _WIDEST_CHORD)
        views[:, CHORDS] = np.ceil(span / chord)
    refuse_chords(views[:, CHORDS])
    largest = np.abs(views[:, [X, Y, RANGE]]).max(axis=1, initial=0.0)
    views[:, RESOLUTION] = _STEPS * np.spacing(largest)
    return views


def refuse_chords(chords: Floats) -> None:
    """Raise that all arcs together take too many chords, if they do."""
    total = chords.sum()
    if total > MAX_CHORDS:
        raise ParameterError(
            f"Expected `arc_tolerance_m` and `range_m` that cut the range arcs into at most "
            f"{MAX_CHORDS} chords, got {total:.3g} chords."
        )


def solids_of(geometry: gpd.GeoSeries) -> Solids:
    """Return the polygons of the footprints, where they stand, and their walls."""
    shapes = geometry.to_numpy()
    if shapely.has_z(shapes).any():
        shapes = shapely.force_2d(shapes)
    parts, building = shapely.get_parts(shapes, return_index=True)
    corners, part = shapely.get_coordinates(parts, return_index=True)
    stays = (part[1:] == part[:-1]) & (corners[1:] == corners[:-1]).all(axis=1)
    repeating = np.unique(part[1:][stays])
    parts[repeating] = shapely.remove_repeated_points(parts[repeating])
    parts = shapely.orient_polygons(_without_cracks(parts))
    return Solids(parts, building, shapely.STRtree(parts), scene_of(parts))


def _without_cracks(parts: Shapes) -> Shapes:
    """Return polygons without courtyards that are narrower than coordinates can tell.

    A building that fills a courtyard to the last bit but one leaves such a crack in their union.
    """
    parts = parts.copy()
    for row in np.flatnonzero(shapely.get_num_interior_rings(parts) > 0):
        rings = shapely.get_rings(parts[row])
        width = _STEPS * np.spacing(np.abs(shapely.bounds(parts[row])).max())
        wide = shapely.area(shapely.polygons(rings)) > width * shapely.length(rings)
        if not wide[1:].all():
            parts[row] = shapely.Polygon(rings[0], rings[1:][wide[1:]])
    return parts


def scene_of(parts: Shapes) -> Scene:
    """Return the walls of the polygons."""
    rings, part = shapely.get_rings(parts, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    row = np.arange(ring.size)
    first = np.searchsorted(ring, ring)
    last = np.searchsorted(ring, ring, side="right") - 1
    # A ring ends with its first corner: the corner before that is the last but one.
    previous = np.where(row == first, last, row) - 1
    before = _apart(corners, previous)
    tail = row[row < last]
    walls = np.hstack([corners[before[tail]], corners[tail], corners[tail + 1]])
    starts = np.searchsorted(part[ring[tail]], np.arange(parts.size + 1))
    return Scene(walls, starts.astype(np.int64))


def _apart(corners: Floats, previous: Ints) -> Ints:
    """Return for each corner of a ring the nearest before it that is not almost the same place.

    A camera on a corner stands on those too, and its ground is where the walls go from there.
    """
    almost = _ALMOST * np.spacing(np.abs(corners).max(initial=0.0))
    before, row = previous, np.arange(len(corners))
    while (same := (np.hypot(*(corners[before] - corners).T) <= almost) & (before != row)).any():
        before = np.where(same, previous[before], before)
    return before


def near(views: Floats, solids: Solids) -> tuple[Ints, Ints]:
    """Return every pair of a camera and a polygon that may reach into its range.

    The pairs are in the order of the cameras.
    """
    x, y, reach = views[:, X], views[:, Y], views[:, RANGE]
    camera, part = solids.tree.query(shapely.box(x - reach, y - reach, x + reach, y + reach))
    return camera, part


def deep_inside(views: Floats, solids: Solids) -> tuple[Ints, Ints]:
    """Return each camera inside a polygon and not on one of its walls, with that polygon."""
    places = np.asarray(shapely.points(views[:, [X, Y]]), dtype=object)
    camera, part = solids.tree.query(places, predicate="within")
    depth = shapely.distance(places[camera], shapely.boundary(solids.parts[part]))
    # The sweep takes a camera within the whole resolution for one on the wall: half of it leaves no
    # camera between the two, however either distance is rounded.
    deep = depth > views[camera, RESOLUTION] / 2.0
    return camera[deep], part[deep]


def look(views: Floats, scene: Scene, camera: Ints, block: Ints) -> Shapes:
    """Return the field of view of each camera, none of which stands deep inside a building.

    Each camera looks among the polygons paired with it; the pairs are in the order of the cameras.
    """
    starts = np.searchsorted(camera, np.arange(len(views) + 1))
    points, ends, ring_ends = sweep(views, scene, block, starts)
    owner = np.searchsorted(ring_ends, np.arange(ends.size), side="right")
    rings = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, points, (np.append(0, ends), np.arange(ends.size + 1))
    )
    rings = shapely.remove_repeated_points(rings, views[owner, RESOLUTION] / 2.0)
    fields = np.full(len(views), shapely.Polygon(), dtype=object)
    fields[owner] = rings
    shared = np.bincount(owner, minlength=len(views)) > 1
    several = shared[owner]
    shapely.multipolygons(rings[several], indices=owner[several], out=fields)
    broken = np.flatnonzero(~shapely.is_valid(fields))
    fields[broken] = [mended(field) for field in fields[broken]]
    return fields


def mended(field: shapely.Geometry) -> shapely.Geometry:
    """Return a field whose outline rounding has made touch itself as valid polygons."""
    parts = shapely.get_parts(shapely.make_valid(field, method="structure"))
    parts = parts[shapely.area(parts) > 0.0]
    return shapely.union_all(parts) if parts.size > 0 else shapely.Polygon()


def look_in_turns(
    chosen: Ints, count: int, see: Callable[[Ints], Shapes], *, workers: int
) -> Shapes:
    """Return what each of so many cameras sees: nothing, but for the chosen ones.

    These look a few at a time, on several threads at once.
    """
    turns = [
        chosen[begin : begin + _CAMERAS_AT_A_TIME]
        for begin in range(0, chosen.size, _CAMERAS_AT_A_TIME)
    ]
    fields = np.full(count, shapely.Polygon(), dtype=object)
    with ThreadPoolExecutor(workers) as pool:
        for turn, seen in zip(turns, pool.map(see, turns), strict=True):
            fields[turn] = seen
    return fields
