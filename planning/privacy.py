"""What new cameras must not see: grounds masked in the picture, and grounds no camera may cover.

A mask covers a part of the picture: it hides the ground under it and nothing else. What stands
behind the masked ground is still seen, and so is nothing of the masked ground itself, wherever the
camera stands. Masks are flat: they follow the ground plan, so what is hidden of a house is its
yard, not its windows; those are for whoever draws the masks on the mounted camera.
"""

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Shapes = NDArray[np.object_]

FORBIDDEN_TOLERANCE_M2: Final = 1.0
"""Forbidden ground that a field of view may cover for all that: what surveys are off by."""


def masked_fields(fields: gpd.GeoSeries, grounds: gpd.GeoSeries) -> tuple[gpd.GeoSeries, Floats]:
    """Cut masked grounds out of fields of view.

    Parameters
    ----------
    fields
        Polygons, one a camera, possibly empty.
    grounds
        Polygons to mask, in the same metric CRS; they may overlap.

    Returns
    -------
    fields
        What is left of each field, labelled as before.
    masked_m2
        Area cut out of each.
    """
    shapes: Shapes = fields.to_numpy().copy()
    before_m2 = shapely.area(shapes)
    field, part, parts = _meeting(shapes, grounds)
    if field.size:
        touched, group = np.unique(field, return_inverse=True)
        masks = shapely.multipolygons(parts[part], indices=group)
        shapes[touched] = shapely.difference(shapes[touched], masks)
    left = gpd.GeoSeries(shapes, index=fields.index, crs=fields.crs)
    return left, np.maximum(before_m2 - shapely.area(shapes), 0.0)


def covered_m2(fields: gpd.GeoSeries, grounds: gpd.GeoSeries) -> Floats:
    """Measure how much of some grounds each field of view covers.

    Parameters
    ----------
    fields
        Polygons, one a camera, possibly empty.
    grounds
        Polygons in the same metric CRS; where they overlap, the ground counts once.

    Returns
    -------
    covered_m2
        Area that each field covers.
    """
    shapes: Shapes = fields.to_numpy()
    field, part, parts = _meeting(shapes, grounds)
    common_m2 = shapely.area(shapely.intersection(shapes[field], parts[part]))
    total_m2: Floats = np.bincount(field, weights=common_m2, minlength=len(shapes)).astype(float)
    return total_m2


def _meeting(shapes: Shapes, grounds: gpd.GeoSeries) -> tuple[Ints, Ints, Shapes]:
    """Return pairs of fields and parts of the grounds that meet, and those parts, disjoint."""
    parts = shapely.get_parts(shapely.union_all(shapely.force_2d(grounds.to_numpy())))
    field, part = shapely.STRtree(parts).query(shapes, predicate="intersects")
    order = np.lexsort((part, field))
    return field[order], part[order], parts
