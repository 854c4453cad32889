"""Streets and events as they must be for anything to be computed along a network."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from analytics._street_mesh import Floats, Ints
from geo.errors import Fault, LayerError, NotFoundError, ParameterError
from geo.shapes import geometry_of
from geo.street_graph import StreetGraph


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
    geometry, faults = geometry_of(streets, source="streets")
    if geometry.crs is not None and geometry.crs.is_geographic:
        raise ParameterError("Expected `streets` in a projected CRS, got longitude and latitude.")
    if faults:
        raise LayerError(faults)
    lines = np.asarray(geometry.array)
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
    faults = examine_events(events, streets, source="events")
    if faults:
        raise LayerError(faults)


def examine_events(
    events: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, *, source: str
) -> list[Fault]:
    """Tell which events have no place.

    Parameters
    ----------
    events
        Points in the CRS of the streets; there may be none.
    streets
        The network.
    source
        Name of the layer, for the faults.

    Returns
    -------
    faults
        What `check_events` would name.

    Raises
    ------
    ParameterError
        If events and streets differ in their CRS.
    """
    geometry, faults = geometry_of(events, source=source)
    crs = geometry.crs
    if crs is not None and streets.crs is not None and crs != streets.crs:
        raise ParameterError(
            f"Expected {source} in the CRS of the streets, {streets.crs.name}, got {crs.name}."
        )
    points = np.asarray(geometry.array)
    placed = (shapely.get_type_id(points) == shapely.GeometryType.POINT) & _finite(points)
    placed &= ~shapely.is_empty(points)
    return faults + _shape_faults(source, "a Point", points, ~placed)


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


def checked_weights(weights: ArrayLike | None, count: int) -> Floats:
    """Make sure that every event has a weight.

    Parameters
    ----------
    weights
        What each event counts, shape (events,) or (events, layers); 1 if none are given.
    count
        Number of events.

    Returns
    -------
    weights
        The same, shape (events, layers).

    Raises
    ------
    ParameterError
        If there are not as many as events, or one is not a number >= 0.
    """
    if weights is None:
        return np.ones((count, 1))
    try:
        mass = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError("Expected `weights` of numbers, got others.") from error
    if mass.ndim not in {1, 2} or len(mass) != count:
        raise ParameterError(
            f"Expected `weights` of shape ({count},) or ({count}, layers), got {mass.shape}."
        )
    if not (np.isfinite(mass) & (mass >= 0)).all():
        raise ParameterError("Expected `weights` >= 0 and finite, got another value.")
    return mass[:, None] if mass.ndim == 1 else mass


def located(graph: StreetGraph, places: pd.DataFrame, *, name: str) -> tuple[Ints, Floats]:
    """Find places given by street and fraction.

    Parameters
    ----------
    graph
        The streets.
    places
        Columns `street` (label) and `fraction`.
    name
        Name of the argument, for errors.

    Returns
    -------
    street
        Street of each place, by position.
    fraction
        How far along its street each place is, 0 to 1.

    Raises
    ------
    NotFoundError
        If a place lies on a street that does not exist.
    ParameterError
        If a column is absent or a fraction out of its range.
    """
    absent = [column for column in ("street", "fraction") if column not in places]
    if absent:
        raise ParameterError(
            f"Expected `{name}` with columns street and fraction, got no {absent[0]}."
        )
    street = graph.lines.index.get_indexer(pd.Index(places["street"])).astype(np.int64)
    if (street < 0).any():
        unknown = places["street"].to_numpy()[street < 0][0]
        raise NotFoundError(f"Expected `{name}` on streets of the network, got {unknown!r}.")
    fraction = pd.to_numeric(places["fraction"], errors="coerce").to_numpy(dtype=np.float64)
    if not ((fraction >= 0) & (fraction <= 1)).all():
        raise ParameterError(f"Expected `{name}` with fractions from 0 to 1, got another value.")
    return street, fraction
