"""The street surface that no camera sees, as areas."""

import math
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from analytics._coverage_input import examine_coverage, street_names
from analytics._street_segments import Shapes
from geo.errors import LayerError, ParameterError
from geo.layers import column_of
from geo.shapes import examine_shapes, system_faults

Texts = NDArray[np.object_]

DEFAULT_WIDTH_M: Final = 6.0
"""Width of a street that has none on record."""


def blind_areas(
    streets: gpd.GeoDataFrame,
    fields: gpd.GeoSeries,
    buildings: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    min_area_m2: float = 10.0,
) -> gpd.GeoDataFrame:
    """List the areas of street surface that no camera sees, the largest first.

    The surface is everything within half the width of a street, buildings left out; its rounded
    ends are drawn with 16 sides to a quarter circle.

    Parameters
    ----------
    streets
        Lines in a projected CRS, one an edge of a street; `width_m` where known, 6 m where not;
        `name_th` and `name_en` where it has a name.
    fields
        Polygons, one a camera, possibly empty, in the CRS of `streets`.
    buildings
        Polygons in the CRS of `streets`, overlapping or not.
    min_area_m2
        Smaller areas are left out; >= 0.

    Returns
    -------
    geopandas.GeoDataFrame
        A row per area: `rank` from 1; `name_th` and `name_en` of the street that holds most of it,
        empty where that has none; `area_m2`; and its geometry, a Polygon.

    Raises
    ------
    ParameterError
        If `min_area_m2` is out of its range.
    LayerError
        If a layer does not hold valid shapes of its kind, a width is not one that the
        streets layer takes, the CRS of the streets is not projected, or that of another layer
        differs.
    """
    if not (math.isfinite(min_area_m2) and min_area_m2 >= 0.0):
        raise ParameterError(f"Expected `min_area_m2` >= 0, got {min_area_m2}.")
    lines, seen, faults = examine_coverage(streets, fields)
    solid, of_solid = examine_shapes(buildings, ("Polygon", "MultiPolygon"), source="buildings")
    systems = system_faults(lines, solid, source="streets", other_source="buildings")
    faults += of_solid + [fault for fault in systems if fault.source == "buildings"]
    known, of_width = column_of(streets, "streets", "width_m", source="streets")
    faults += of_width
    if faults:
        raise LayerError(faults)
    width_m = np.nan_to_num(known.astype(np.float64), nan=DEFAULT_WIDTH_M)
    ribbons = shapely.buffer(lines.to_numpy(), width_m / 2.0, quad_segs=16)
    open_ground = shapely.difference(
        shapely.union_all(ribbons), _union_near(solid.to_numpy(), ribbons)
    )
    blind = shapely.difference(open_ground, _union_near(seen.to_numpy(), ribbons))
    areas = shapely.get_parts(blind)
    size = shapely.area(areas)
    kept = np.flatnonzero((size >= min_area_m2) & (size > 0.0))
    kept = kept[np.argsort(-size[kept], kind="stable")]
    names = _names_of_most(areas[kept], ribbons, street_names(streets))
    return gpd.GeoDataFrame(
        {
            "rank": np.arange(1, kept.size + 1),
            "name_th": pd.array(names[:, 0], dtype="str"),
            "name_en": pd.array(names[:, 1], dtype="str"),
            "area_m2": size[kept],
        },
        geometry=areas[kept],
        crs=lines.crs,
    )


def _union_near(shapes: Shapes, ribbons: Shapes) -> shapely.Geometry:
    """Return the union of the shapes that reach any ribbon."""
    near = np.unique(shapely.STRtree(ribbons).query(shapes, predicate="intersects")[0])
    return shapely.union_all(shapes[near])


def _names_of_most(areas: Shapes, ribbons: Shapes, names: Texts) -> Texts:
    """Return the names of the street that holds most of each area.

    The ribbons of a street's edges count once where they overlap; edges without a name are streets
    of their own.
    """
    unnamed = np.where((names == "").all(axis=1), np.arange(len(names)), -1)
    keys = pd.DataFrame({"th": names[:, 0], "en": names[:, 1], "edge": unnamed})
    street = np.asarray(keys.groupby(["th", "en", "edge"]).ngroup(), dtype=np.int64)
    first = np.unique(street, return_index=True)[1]
    surface = np.array([shapely.union_all(ribbons[street == number]) for number in street[first]])
    area, met = shapely.STRtree(surface).query(areas, predicate="intersects")
    shared = shapely.area(shapely.intersection(areas[area], surface[met]))
    # The last entry for each area is that of its greatest part; of equal ones, the first street's.
    order = np.lexsort((-first[met], shared, area))
    most = np.full(len(areas), -1)
    most[area[order]] = first[met[order]]
    return np.asarray(names[most], dtype=object)
