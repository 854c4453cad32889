"""What cameras see on the ground plan, among solid buildings.

A field of view is exact but for its range arc: its other vertices are the camera, corners of
buildings, and points where a line of sight past a corner or an edge of the wedge meets a wall. The
sweep and its sources stand in `geo._sweep`.

A camera may stand on a wall or a corner; it then sees only the side away from the ground behind it.
"""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

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
