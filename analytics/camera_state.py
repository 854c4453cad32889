"""What the cameras see now: those that are down see nothing, and at night most need light.

The layers of a zone say what cameras could see. Whether a camera works, whether it sees in the dark
and which lamps are lit makes of that what they do see tonight.
"""

import math
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from analytics._coverage_input import FIELDS, repeated_labels
from geo.errors import Fault, LayerError, ParameterError
from geo.layers import column_of
from geo.shapes import examine_shapes, system_faults

Shapes = NDArray[np.object_]

# The disc of light is a polygon whose sides stay within this of it, as the arcs of fields of view.
ARC_TOLERANCE_M: Final = 0.01


def fields_now(
    cameras: gpd.GeoDataFrame,
    fields: gpd.GeoSeries,
    *,
    lamps: gpd.GeoDataFrame,
    night: bool,
    lamp_reach_m: float = 15.0,
) -> gpd.GeoSeries:
    """Cut the fields of view to what the cameras see in their present state.

    Parameters
    ----------
    cameras
        Rows of the cameras layer: `status`, "up" or "down", and `night_vision`; up and able to see
        at night where the layer does not say.
    fields
        What each camera sees when it works and has light: Polygons, possibly empty, labelled as the
        cameras are, in any order.
    lamps
        Points in the CRS of the fields, with `lit`; lit where the layer does not say.
    night
        Whether it is night.
    lamp_reach_m
        How far from a lit lamp a camera without night vision still sees, in metres, > 0. Walls
        between the lamp and the place are not considered, only those before the camera.

    Returns
    -------
    geopandas.GeoSeries
        What each camera sees, labelled and ordered as `fields`: empty where the camera is down; at
        night, without night vision, only what lies within `lamp_reach_m` of a lit lamp.

    Raises
    ------
    ParameterError
        If `lamp_reach_m` is out of its range.
    LayerError
        If a camera has no field or a field no camera, or a layer does not hold valid values or
        shapes; names every fault.
    """
    if not (math.isfinite(lamp_reach_m) and lamp_reach_m > 0.0):
        raise ParameterError(f"Expected `lamp_reach_m` > 0, got {lamp_reach_m}.")
    areas, faults = examine_shapes(
        fields, ("Polygon", "MultiPolygon"), source=FIELDS, may_be_empty=True
    )
    lights, of_lights = examine_shapes(lamps, ("Point",), source="lamps")
    status, of_status = column_of(cameras, "cameras", "status", source="cameras")
    vision, of_vision = column_of(cameras, "cameras", "night_vision", source="cameras")
    lit, of_lit = column_of(lamps, "lamps", "lit", source="lamps")
    faults += of_lights + system_faults(areas, lights, source=FIELDS, other_source="lamps")
    faults += _unmatched(cameras.index, areas.index) + of_status + of_vision + of_lit
    if faults:
        raise LayerError(faults)
    camera = cameras.index.get_indexer(areas.index)
    up, night_vision = (status == "up")[camera], vision.astype(np.bool_)[camera]
    shapes = areas.to_numpy().copy()
    shapes[~up] = shapely.Polygon()
    if night:
        dark = up & ~night_vision
        burning = lights.to_numpy()[lit.astype(np.bool_)]
        shapes[dark] = _lit_parts(shapes[dark], burning, lamp_reach_m)
    return gpd.GeoSeries(shapes, index=areas.index, crs=areas.crs, name=areas.name)


def _lit_parts(fields: Shapes, lamps: Shapes, reach_m: float) -> Shapes:
    """Return what of each field lies within reach of a lamp."""
    quarter = math.pi / 4.0 / math.acos(max(1.0 - ARC_TOLERANCE_M / reach_m, 0.0))
    discs = shapely.buffer(lamps, reach_m, quad_segs=math.ceil(quarter))
    light = shapely.union_all(discs)
    parts, field = shapely.get_parts(shapely.intersection(fields, light), return_index=True)
    # Where a field only touches the light, the intersection also holds lines and points.
    area = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    lit = np.full(fields.size, shapely.Polygon(), dtype=object)
    shapely.multipolygons(parts[area], indices=field[area], out=lit)
    return lit


def _unmatched(cameras: pd.Index, fields: pd.Index) -> list[Fault]:
    """Return a fault for each camera without a field, field without a camera, repeated label."""
    faults = repeated_labels(cameras, source="cameras") + repeated_labels(fields, source=FIELDS)
    for labels, others, source, expected in (
        (cameras, fields, "cameras", "a camera with a field of view"),
        (fields, cameras, FIELDS, "the label of a camera"),
    ):
        faults += [
            Fault(source, expected, repr(labels[row]), row + 1)
            for row in np.flatnonzero(~labels.isin(others)).tolist()
        ]
    return faults
