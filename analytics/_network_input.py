"""Streets and events as they must be for anything to be computed along a network."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Fault, LayerError, ParameterError
from geo.shapes import geometry_of


def check_streets(streets: gpd.GeoDataFrame) -> None:
    """Make sure that streets form a network.

    Parameters
    ----------
    streets
        LineStrings of positive length with labels of their own, in a projected CRS.

    Raises
    ------
    LayerError
        If they do not; names every fault.
    ParameterError
        If the coordinates are longitudes and latitudes.
    """
    if streets.crs is not None and streets.crs.is_geographic:
        raise ParameterError("Expected `streets` in a projected CRS, got longitude and latitude.")
    lines = np.asarray(streets.geometry.array)
    line = shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING
    finite = _finite(lines)
    with np.errstate(invalid="ignore"):
        point = line & finite & ~(shapely.length(lines) > 0)
    faults = _shape_faults("streets", "a LineString", lines, ~line)
    faults += _shape_faults("streets", "finite coordinates", lines, line & ~finite)
    faults += _shape_faults("streets", "a length > 0", lines, point)
    faults += [
        Fault("streets", "an index label of its own", repr(streets.index[row]), int(row) + 1)
        for row in np.flatnonzero(streets.index.duplicated())
    ]
    if not len(streets):
        faults.append(Fault("streets", "at least one street", "none"))
    if faults:
        raise LayerError(faults)


def check_events(events: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> None:
    """Make sure that every event has a place.

    Parameters
    ----------
    events
        Points in the CRS of the streets; there may be none.
    streets
        The network.

    Raises
    ------
    LayerError
        If an event is not a finite point; names every such row. Or if there are events but no
        geometry column.
    ParameterError
        If events and streets differ in their CRS.
    """
    geometry, faults = geometry_of(events, source="events")
    crs = geometry.crs
    if crs is not None and streets.crs is not None and crs != streets.crs:
        raise ParameterError(
            f"Expected events in the CRS of the streets, {streets.crs.name}, got {crs.name}."
        )
    points = np.asarray(geometry.array)
    placed = (shapely.get_type_id(points) == shapely.GeometryType.POINT) & _finite(points)
    placed &= ~shapely.is_empty(points)
    faults += _shape_faults("events", "a Point", points, ~placed)
    if faults:
        raise LayerError(faults)


def _finite(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    return ~np.isin(np.arange(len(shapes)), owner[~np.isfinite(xy).all(axis=1)])


def _shape_faults(
    layer: str, expected: str, shapes: NDArray[np.object_], faulty: NDArray[np.bool_]
) -> list[Fault]:
    return [
        Fault(layer, expected, str(shapes[row]), int(row) + 1, "geometry")
        for row in np.flatnonzero(faulty)
    ]
