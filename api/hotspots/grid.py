"""The cells of a forecast: squares over a zone, cut to it."""

import math

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from pyproj import CRS
from shapely import Polygon
from shapely.geometry.base import BaseGeometry


def forecast_grid(area: Polygon, *, cell_m: float, crs: CRS) -> GeoDataFrame:
    """Lay squares over an area and cut them to it.

    Parameters
    ----------
    area
        The area, in metres.
    cell_m
        Side of the squares, > 0. They lie at whole multiples of it, so that the same ground has the
        same cells whatever is cut out of it.
    crs
        Coordinate system of the area.

    Returns
    -------
    GeoDataFrame
        A cell a row, from south to north and west to east, indexed by `id`: its column and row;
        `area_m2`; Polygon or MultiPolygon. The cells cover the area and do not overlap.
    """
    west, south, east, north = area.bounds
    columns = np.arange(math.floor(west / cell_m), math.ceil(east / cell_m))
    lines = np.arange(math.floor(south / cell_m), math.ceil(north / cell_m))
    column, line = (half.ravel() for half in np.meshgrid(columns, lines))
    squares = shapely.box(
        column * cell_m, line * cell_m, (column + 1) * cell_m, (line + 1) * cell_m
    )
    cells = shapely.intersection(squares, area)
    kept = shapely.area(cells) > 0
    # Where a square only touches the area on its way through it, lines hang on the polygons.
    shapes = [_areal(cell) for cell in cells[kept]]
    labels = [f"{x}:{y}" for x, y in zip(column[kept], line[kept], strict=True)]
    return GeoDataFrame(
        {"area_m2": shapely.area(shapes)},
        geometry=shapes,
        index=pd.Index(labels, name="id", dtype="str"),
        crs=crs,
    )


def _areal(shape: BaseGeometry) -> BaseGeometry:
    if shape.geom_type != "GeometryCollection":
        return shape
    return shapely.union_all([part for part in shapely.get_parts(shape) if shapely.area(part) > 0])
