"""What cameras see on the ground plan, among solid buildings.

A field of view is exact but for its range arc: its other vertices are the camera, corners of
buildings, and points where a line of sight past a corner or an edge of the wedge meets a wall. The
sweep and its sources stand in `geo._sweep`.

A camera may stand on a wall or a corner; it then sees only the side away from the ground behind it.
"""

import math
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

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
# A thousand cameras that look 80 m all around take 200,000 chords at a centimetre; ten million take
# 160 MB: a range or a tolerance in the wrong unit is refused.
MAX_CHORDS = 10_000_000
_CAMERAS_AT_A_TIME = 32
_WIDEST_CHORD = math.pi / 4


def fields_of_view(
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    arc_tolerance_m: float = 0.01,
    workers: int = 1,
) -> gpd.GeoSeries:
    """Trace what each camera sees on the ground plan.

    A camera sees every place of its wedge, within its range, that no building stands on or hides.
    The range arc is replaced by equal chords between points of the arc, so a field never reaches
    beyond the range.

    Parameters
    ----------
    cameras
        Points with `azimuth_deg` in [0, 360], clockwise from north, the middle of the wedge;
        `fov_deg` in (0, 360], its whole width; `range_m` > 0, in the unit of the coordinates.
    buildings
        Solid footprints, polygons with or without courtyards; they may touch, overlap and nest.
        There may be none, and then no geometry column either.
    arc_tolerance_m
        Largest distance between the range arc and its chords, > 0.
    workers
        Number of threads, at least 1.

    Returns
    -------
    geopandas.GeoSeries
        One valid Polygon or MultiPolygon a camera, with the index and CRS of `cameras`. It is empty
        where a camera stands inside a building: `inside_buildings` names those.

    Raises
    ------
    ParameterError
        If `arc_tolerance_m` or `workers` is out of its range, or the range arcs of all cameras
        would take more than ten million chords.
    LayerError
        If a layer is not as described above, with every fault of both.

    Examples
    --------
    >>> camera = gpd.GeoDataFrame(
    ...     {"azimuth_deg": [0.0], "fov_deg": [90.0], "range_m": [20.0]},
    ...     geometry=gpd.points_from_xy([0.0], [0.0]),
    ... )
    >>> wall = gpd.GeoDataFrame(geometry=[shapely.box(-50.0, 10.0, 50.0, 12.0)])
    >>> float(fields_of_view(camera, wall).area.round(6).iloc[0])
    100.0
    """
    if not (math.isfinite(arc_tolerance_m) and arc_tolerance_m > 0.0):
        raise ParameterError(f"Expected `arc_tolerance_m` > 0, got {arc_tolerance_m}.")
    if workers < 1:
        raise ParameterError(f"Expected `workers` >= 1, got {workers}.")
    points, solids, faults = _places(cameras, buildings)
    _refuse_faults([*faults, *_faults_of_views(cameras)])
    views = _views(points, cameras, arc_tolerance_m)
    parts = _parts(solids)
    tree = shapely.STRtree(parts)
    scene = _scene(parts)
    open_ground = np.flatnonzero(~_deep_inside(views, parts, tree))

    def look(chosen: Ints) -> Shapes:
        return _look(views[chosen], scene, tree)

    chunks = [
        open_ground[begin : begin + _CAMERAS_AT_A_TIME]
        for begin in range(0, open_ground.size, _CAMERAS_AT_A_TIME)
    ]
    fields = np.full(len(cameras), shapely.Polygon(), dtype=object)
    with ThreadPoolExecutor(workers) as pool:
        for chosen, seen in zip(chunks, pool.map(look, chunks), strict=True):
            fields[chosen] = seen
    return gpd.GeoSeries(fields, index=cameras.index, crs=points.crs)


def inside_buildings(cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> pd.Series:
    """Tell which cameras stand inside a building, and so see nothing.

    Parameters
    ----------
    cameras
        Points.
    buildings
        Solid footprints; on their walls, and in their courtyards, a camera stands outside, but on a
        wall with ground on both sides it stands inside.

    Returns
    -------
    pandas.Series
        True or false for each camera, with the index of `cameras`.

    Raises
    ------
    LayerError
        If a layer does not hold valid points or polygons in one projected CRS, with every fault.
    """
    points, solids, faults = _places(cameras, buildings)
    _refuse_faults(faults)
    all_around = pd.DataFrame(
        {"azimuth_deg": 0.0, "fov_deg": 360.0, "range_m": 1.0}, index=cameras.index
    )
    views = _views(points, all_around, arc_tolerance_m=1.0)
    parts = _parts(solids)
    tree = shapely.STRtree(parts)
    inside = _deep_inside(views, parts, tree)
    inside[~inside] = shapely.is_empty(_look(views[~inside], _scene(parts), tree))
    return pd.Series(inside, index=cameras.index, name="inside")


def _refuse_faults(faults: list[Fault]) -> None:
    if faults:
        raise LayerError(faults)


def _places(
    cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> tuple[gpd.GeoSeries, gpd.GeoSeries, list[Fault]]:
    """Return where cameras and buildings stand, and what is wrong with it."""
    points, faults = examine_shapes(cameras, ("Point",), source="cameras")
    solids, of_solids = examine_shapes(buildings, ("Polygon", "MultiPolygon"), source="buildings")
    of_systems = system_faults(points, solids, source="cameras", other_source="buildings")
    return points, solids, [*of_systems, *faults, *of_solids]


def _faults_of_views(cameras: gpd.GeoDataFrame) -> list[Fault]:
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


def _views(points: gpd.GeoSeries, cameras: pd.DataFrame, arc_tolerance_m: float) -> Floats:
    """Return the cameras as the sweep takes them."""
    views = np.empty((len(points), 7))
    views[:, [X, Y]] = shapely.get_coordinates(points.to_numpy())
    range_m = cameras["range_m"].to_numpy(dtype=np.float64)
    span = np.radians(cameras["fov_deg"].to_numpy(dtype=np.float64))
    # Azimuths run clockwise from north, the sweep anticlockwise from east.
    views[:, START] = (
        math.pi / 2 - np.radians(cameras["azimuth_deg"].to_numpy(np.float64)) - span / 2
    )
    views[:, SPAN] = np.minimum(span, TAU)
    views[:, RANGE] = range_m
    # The middle of a chord over an angle c lies range * (1 - cos(c / 2)) inside the arc.
    sagitta = np.minimum(arc_tolerance_m / range_m, 1.0)
    chord = np.minimum(4.0 * np.arcsin(np.sqrt(sagitta / 2.0)), _WIDEST_CHORD)
    with np.errstate(divide="ignore"):
        views[:, CHORDS] = np.ceil(span / chord)
    chords = views[:, CHORDS].sum()
    if chords > MAX_CHORDS:
        raise ParameterError(
            f"Expected `arc_tolerance_m` and `range_m` that cut the range arcs into at most "
            f"{MAX_CHORDS} chords, got {chords:.3g} chords."
        )
    largest = np.abs(views[:, [X, Y, RANGE]]).max(axis=1, initial=0.0)
    views[:, RESOLUTION] = _STEPS * np.spacing(largest)
    return views


def _parts(solids: gpd.GeoSeries) -> Shapes:
    """Return each polygon of the footprints, its ground to the left of its rings."""
    parts = shapely.get_parts(shapely.force_2d(solids.to_numpy()))
    return shapely.orient_polygons(shapely.remove_repeated_points(parts))


def _scene(parts: Shapes) -> Scene:
    """Return the walls of the polygons."""
    rings, part = shapely.get_rings(parts, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    row = np.arange(ring.size)
    first = np.searchsorted(ring, ring)
    last = np.searchsorted(ring, ring, side="right") - 1
    # A ring ends with its first corner: the corner before that is the last but one.
    before = np.where(row == first, last, row) - 1
    tail = row[row < last]
    walls = np.hstack([corners[before[tail]], corners[tail], corners[tail + 1]])
    starts = np.searchsorted(part[ring[tail]], np.arange(parts.size + 1))
    return Scene(walls, starts.astype(np.int64))


def _deep_inside(views: Floats, parts: Shapes, tree: shapely.STRtree) -> Flags:
    """Tell which cameras stand inside a building, and not on one of its walls."""
    places = np.asarray(shapely.points(views[:, [X, Y]]), dtype=object)
    inside = np.zeros(places.size, dtype=np.bool_)
    camera, part = tree.query(places, predicate="within")
    depth = shapely.distance(places[camera], shapely.boundary(parts[part]))
    # The sweep takes a camera within the whole resolution for one on the wall: half of it leaves no
    # camera between the two, however either distance is rounded.
    inside[camera[depth > views[camera, RESOLUTION] / 2.0]] = True
    return inside


def _look(views: Floats, scene: Scene, tree: shapely.STRtree) -> Shapes:
    """Return the field of view of each camera, none of which stands deep inside a building."""
    x, y, reach = views[:, X], views[:, Y], views[:, RANGE]
    camera, block = tree.query(shapely.box(x - reach, y - reach, x + reach, y + reach))
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
    fields[broken] = [_mended(field) for field in fields[broken]]
    return fields


def _mended(field: shapely.Geometry) -> shapely.Geometry:
    """Return a field whose outline rounding has made touch itself as valid polygons."""
    parts = shapely.get_parts(shapely.make_valid(field, method="structure"))
    parts = parts[shapely.area(parts) > 0.0]
    return shapely.union_all(parts) if parts.size > 0 else shapely.Polygon()
