"""Geometries as computations take them: there, whole, of one type and in one metric system."""

from collections.abc import Collection
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from geo._positions import shape_faults
from geo.errors import Fault


def geometry_of(
    layer: gpd.GeoDataFrame | gpd.GeoSeries, *, source: str
) -> tuple[gpd.GeoSeries, list[Fault]]:
    """Return the geometries of a layer; a layer without rows needs no geometry column.

    Parameters
    ----------
    layer
        Rows with a geometry each.
    source
        Name of the layer, for the fault.

    Returns
    -------
    geometry
        Geometries, labelled as the rows are; none where there is no geometry column.
    faults
        One fault where there are rows but no geometry column.
    """
    # Choosing rows or columns of a GeoDataFrame that has no geometry makes a plain DataFrame of it.
    if isinstance(layer, gpd.GeoSeries) or getattr(layer, "active_geometry_name", None) is not None:
        return layer.geometry, []
    faults = []
    if len(layer) > 0:
        found = "only " + (", ".join(map(str, layer.columns)) or "an index")
        faults.append(Fault(source, "a geometry column", found, field="geometry"))
    return gpd.GeoSeries([], index=layer.index[:0]), faults


def examine_shapes(
    layer: gpd.GeoDataFrame | gpd.GeoSeries,
    wanted: Collection[str],
    *,
    source: str,
    may_be_empty: bool = False,
) -> tuple[gpd.GeoSeries, list[Fault]]:
    """Return the geometries of a layer and what is wrong with them.

    Parameters
    ----------
    layer
        Rows with a geometry each; without rows it needs no geometry column.
    wanted
        Allowed geometry types.
    source
        Name of the layer, for the faults.
    may_be_empty
        Whether a geometry of an allowed type may be empty.

    Returns
    -------
    geometry
        Geometries, labelled as the rows are.
    faults
        A fault for each geometry that is missing, broken or of another type, with its label.
    """
    geometry, faults = geometry_of(layer, source=source)
    shapes = geometry.to_numpy()
    sound = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    if may_be_empty:
        sound |= shapely.is_empty(shapes)
    sound &= np.isin(geometry.geom_type.to_numpy(dtype=object), list(wanted))
    sound &= shapely.is_valid(shapes)
    rows = np.flatnonzero(~sound)
    found = shape_faults(
        geometry.iloc[rows], wanted, source=source, rows=[int(row) + 1 for row in rows]
    )
    faults += [
        replace(fault, found=f"{fault.found} at {geometry.index[row]!r}")
        for row, fault in zip(rows, found, strict=True)
    ]
    return geometry, faults


def system_faults(
    geometry: gpd.GeoSeries, others: gpd.GeoSeries, *, source: str, other_source: str
) -> list[Fault]:
    """Return what is wrong with the coordinate reference systems of two layers.

    Parameters
    ----------
    geometry
        Geometries, projected where their system is known.
    others
        Geometries in the system of the first, if there are any.
    source
        Name of the first layer.
    other_source
        Name of the second layer.

    Returns
    -------
    faults
        At most one fault for each layer.
    """
    faults = []
    if geometry.crs is not None and not geometry.crs.is_projected:
        expected = "a projected coordinate reference system"
        faults.append(Fault(source, expected, geometry.crs.to_string(), field="geometry"))
    anywhere = len(geometry) == 0 and geometry.crs is None
    if len(others) > 0 and not anywhere and others.crs != geometry.crs:
        wanted, found = (
            "none" if crs is None else crs.to_string() for crs in (geometry.crs, others.crs)
        )
        expected = f"the coordinate reference system of the {source}, {wanted}"
        faults.append(Fault(other_source, expected, found, field="geometry"))
    return faults


def middle(shape: BaseGeometry) -> Point:
    """Give the middle of a line, or of the longest of several lines.

    Parameters
    ----------
    shape
        LineString or MultiLineString; a Point is its own middle.

    Returns
    -------
    Point
        The middle.
    """
    if isinstance(shape, Point):
        return shape
    longest = max(getattr(shape, "geoms", [shape]), key=lambda part: part.length)
    point: Point = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    return point
