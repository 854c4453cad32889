"""What cameras see on the ground plan, among solid buildings.

A field of view is exact but for its range arc: its other vertices are the camera, corners of
buildings, and points where a line of sight past a corner or an edge of the wedge meets a wall. The
sweep and its sources stand in `geo._sweep`.

A camera may stand on a wall or a corner; it then sees only the side away from the ground behind it.
"""

import math
from numbers import Integral, Real

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo._lenses import lenses_of, numbers_of
from geo._shadows import aims_of, look_down
from geo._sweep import RANGE
from geo._views import (
    Ints,
    Shapes,
    deep_inside,
    look,
    look_in_turns,
    near,
    places_of,
    refuse,
    solids_of,
    view_faults,
    views_of,
)
from geo.errors import ParameterError
from geo.pixel_density import px_per_m


def fields_of_view(
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | gpd.GeoSeries,
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
    _refuse_parameters(_wrong_tracing(arc_tolerance_m, workers))
    points, geometry, faults = places_of(cameras, buildings)
    refuse([*faults, *view_faults(cameras)])
    azimuth_deg, fov_deg, range_m = (
        cameras[name].to_numpy(np.float64) for name in ("azimuth_deg", "fov_deg", "range_m")
    )
    views = views_of(points, azimuth_deg, fov_deg, range_m, arc_tolerance_m=arc_tolerance_m)
    solids = solids_of(geometry)

    def see(chosen: Ints) -> Shapes:
        return look(views[chosen], solids.scene, *near(views[chosen], solids))

    outside = np.setdiff1d(np.arange(len(views)), deep_inside(views, solids)[0])
    fields = look_in_turns(outside, len(views), see, workers=workers)
    return gpd.GeoSeries(fields, index=cameras.index, crs=points.crs)


def footprints(
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    standard: str = "EN 62676-4:2015",
    task: str = "recognise",
    target_height_m: float = 0.0,
    arc_tolerance_m: float = 0.01,
    workers: int = 1,
) -> gpd.GeoSeries:
    """Trace where each camera sees well enough for a task, on the level of its targets.

    The result is a part of the level plane at `target_height_m`. A camera sees a point of it, at
    the distance d on the ground plan, where all of this holds:

    - the point lies in the camera's wedge and d is at most its range;
    - the sight to it falls by an angle within `vfov_deg` / 2 of `tilt_deg`, so that there is a dead
      zone near the camera, and nothing at all where it looks above the plane;
    - the image has the pixels per metre of the task at d: see `geo.pixel_density.reach_m`, which
      takes it for flat below a `fov_deg` of 180, as the standards do, and so reaches hardly beyond
      the camera just below 180, and metres from 180 on, where pixels are spread over the angle;
    - no building hides it. One as high as the camera, or of unknown height, hides all behind it; a
      wall of a lower one, at a distance w, hides what lies between w and
      w (H - target height) / (H - height of the building), where H is the height of the camera;
      one not higher than the target hides nothing.

    Chords stand for the arcs, on the side of less ground seen. Azimuths are those of the ground
    plan: what a camera tilted past straight down sees behind itself is left out.

    Parameters
    ----------
    cameras
        Points with `azimuth_deg` and `range_m` as `fields_of_view` takes them; `height_m` above the
        ground, greater than the target height; `tilt_deg` in [-90, 90], down from the horizon;
        `resolution_px`, the width of the image; `fov_deg` in (0, 360], or `focal_mm` and
        `sensor_width_mm` where it is missing; `vfov_deg` in (0, 180], or `focal_mm` and
        `sensor_height_mm`.
    buildings
        Solid footprints as `fields_of_view` takes them; `height_m`, above the same ground, may be
        missing.
    standard
        Name of a standard in `geo.pixel_density.STANDARDS`.
    task
        Name of a task of that standard.
    target_height_m
        Height of the targets above the ground, >= 0.
    arc_tolerance_m
        Largest distance between an arc and its chords, > 0.
    workers
        Number of threads, at least 1.

    Returns
    -------
    geopandas.GeoSeries
        One valid Polygon or MultiPolygon a camera, with the index and CRS of `cameras`. It is empty
        where a camera sees nothing of the plane, as inside a building that is not lower than it.

    Raises
    ------
    ParameterError
        If a parameter is out of its range, a standard or task is not known, or the arcs of all
        cameras would take more than ten million chords.
    LayerError
        If a layer is not as described above, with every fault of both: which camera lacks what.

    Examples
    --------
    >>> camera = gpd.GeoDataFrame(
    ...     {"azimuth_deg": [0.0], "fov_deg": [90.0], "range_m": [50.0], "height_m": [4.0],
    ...      "tilt_deg": [30.0], "vfov_deg": [60.0], "resolution_px": [3840.0]},
    ...     geometry=gpd.points_from_xy([0.0], [0.0]),
    ... )
    >>> wall = gpd.GeoDataFrame({"height_m": [2.0]}, geometry=[shapely.box(-50.0, 5.0, 50.0, 6.0)])
    >>> seen = footprints(camera, wall, task="recognise").iloc[0]
    >>> [bool(seen.intersects(shapely.Point(0.0, y))) for y in (2.0, 4.0, 11.0, 13.0, 16.0)]
    [False, True, False, True, False]
    """
    wrong = _wrong_tracing(arc_tolerance_m, workers)
    if not (_is_number(target_height_m) and target_height_m >= 0.0):
        wrong.append(f"Expected `target_height_m` >= 0, got {target_height_m}.")
    try:
        density = px_per_m(standard, task)
    except ParameterError as unknown:
        wrong.append(str(unknown))
    _refuse_parameters(wrong)
    points, geometry, faults = places_of(cameras, buildings)
    lenses, of_lenses = lenses_of(cameras, target_height_m=target_height_m)
    heights, of_heights = numbers_of(buildings, "height_m", source="buildings")
    refuse([*faults, *of_lenses, *of_heights])
    aims = aims_of(points, lenses, target_height_m, density, arc_tolerance_m)
    solids = solids_of(geometry)
    part_height_m = heights[solids.building]

    def see(chosen: Ints) -> Shapes:
        return look_down(aims.chosen(chosen), solids, part_height_m)

    camera, part = deep_inside(aims.views, solids)
    blind = camera[~(aims.height_m[camera] > part_height_m[part])]
    seeing = np.flatnonzero(aims.dead_m < aims.views[:, RANGE])
    seen = look_in_turns(np.setdiff1d(seeing, blind), len(points), see, workers=workers)
    return gpd.GeoSeries(seen, index=cameras.index, crs=points.crs)


def inside_buildings(
    cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | gpd.GeoSeries
) -> pd.Series:
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
    points, geometry, faults = places_of(cameras, buildings)
    refuse(faults)
    views = views_of(points, 0.0, 360.0, 1.0, arc_tolerance_m=1.0)
    solids = solids_of(geometry)
    inside = np.zeros(len(views), np.bool_)
    inside[deep_inside(views, solids)[0]] = True
    outside = views[~inside]
    fields = look(outside, solids.scene, *near(outside, solids))
    inside[~inside] = shapely.is_empty(fields)
    return pd.Series(inside, index=cameras.index, name="inside")


def _wrong_tracing(arc_tolerance_m: float, workers: int) -> list[str]:
    """Return what is wrong with the parameters of all tracing."""
    wrong = []
    if not (_is_number(arc_tolerance_m) and arc_tolerance_m > 0.0):
        wrong.append(f"Expected `arc_tolerance_m` > 0, got {arc_tolerance_m}.")
    if not (_is_whole(workers) and workers >= 1):
        wrong.append(f"Expected `workers` >= 1, got {workers}.")
    return wrong


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and math.isfinite(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral)


def _refuse_parameters(wrong: list[str]) -> None:
    if wrong:
        raise ParameterError(" ".join(wrong))
