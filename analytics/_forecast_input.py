"""Incidents and cells as every forecast takes them: what is known at the origin, and where."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from analytics.reported_incidents import examine_reporting
from geo.errors import Fault, LayerError, ParameterError
from geo.shapes import examine_shapes, geometry_of, system_faults

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

SOURCE: Final = "incidents"
DAY: Final = pd.Timedelta(days=1)
# A cell so many times as large as the usual one is looked at in more than one place.
_LARGE_CELL: Final = 2.0
_LOOKS_PER_CELL: Final = 4096
# How a time of day in ISO 8601 ends that says its time zone.
_ZONE: Final = r":.*(?:Z|[+-]\d\d(?::?\d\d)?)$"


@dataclass(frozen=True)
class Past:
    """The reported incidents before an origin, the oldest first.

    Attributes
    ----------
    xy
        Position of each, shape (n, 2).
    age_days
        Days from each to the origin, > 0, falling.
    """

    xy: Floats
    age_days: Floats

    def __len__(self) -> int:
        """Return the number of incidents."""
        return len(self.age_days)

    @cached_property
    def span_days(self) -> float:
        """Days that the record reaches back: to the first incident, and the usual gap before it."""
        return float(self.age_days[0]) * (1 + 1 / len(self)) if len(self) else 0.0

    def within(self, days: float) -> "Past":
        """Return the incidents of the last days."""
        recent = self.age_days <= days
        return Past(self.xy[recent], self.age_days[recent])


@dataclass(frozen=True)
class Cells:
    """The cells that a forecast is for.

    Attributes
    ----------
    geometry
        Polygons.
    area
        Area of each, > 0.
    looks
        Places at which densities are read, shape (m, 2): the centroid of a cell of the usual
        size, more than one place in a far larger one.
    cell
        Cell of each place.
    """

    geometry: gpd.GeoSeries
    area: Floats
    looks: Floats
    cell: Ints

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.area)

    @cached_property
    def width(self) -> float:
        """Side of a square as large as the usual cell."""
        return float(np.sqrt(np.median(self.area)))

    @cached_property
    def centre(self) -> Floats:
        """Mean of the places of each cell, shape (n, 2)."""
        return np.stack([self.mean(self.looks[:, axis]) for axis in (0, 1)], axis=1)

    @cached_property
    def large(self) -> Flags:
        """Whether a cell is looked at in more than one place."""
        return np.bincount(self.cell, minlength=len(self)) > 1

    def mean(self, values: Floats) -> Floats:
        """Return the mean over each cell of what was read at the places."""
        looks = np.bincount(self.cell, minlength=len(self))
        return np.bincount(self.cell, values, minlength=len(self)) / looks

    def holding(self, xy: Floats) -> tuple[Ints, Ints]:
        """Return pairs of row and cell that holds it; one on a border is held by each side."""
        row, cell = self.geometry.sindex.query(shapely.points(xy), predicate="intersects")
        order = np.lexsort((cell, row))
        return row[order].astype(np.int64), cell[order].astype(np.int64)


def read_past(incidents: gpd.GeoDataFrame, origin: pd.Timestamp) -> Past:
    """Return the reported incidents before the origin.

    Of later rows nothing is read but that they are later; where incidents say how they became
    known (`reporting`), only the reported ones count.

    Parameters
    ----------
    incidents
        Points with `occurred_at`.
    origin
        Instant at which the forecast is made, with a time zone exactly where `occurred_at` has one.

    Returns
    -------
    past
        What had happened by then.

    Raises
    ------
    LayerError
        If an incident has no instant, or an earlier one no place or is police work; names every
        fault by the rows of the whole layer.
    ParameterError
        If only one of the two has a time zone.
    """
    known = reports_before(incidents, origin)
    age_days = np.asarray((origin - moments_of(known, origin)) / DAY, dtype=np.float64)
    points, _ = geometry_of(known, source=SOURCE)
    xy = shapely.get_coordinates(points.to_numpy())
    order = np.argsort(-age_days, kind="stable")
    return Past(xy[order], age_days[order])


def reports_before(incidents: gpd.GeoDataFrame, end: pd.Timestamp) -> gpd.GeoDataFrame:
    """Keep the reported incidents before an instant, or refuse all that is wrong with them at once.

    Of later rows nothing is read but that they are later.

    Parameters
    ----------
    incidents
        Points with `occurred_at`.
    end
        First instant after what is read, with a time zone exactly where `occurred_at` has one.

    Returns
    -------
    reported
        The rows that were reported, in their order.

    Raises
    ------
    LayerError
        If an incident has no instant, or an earlier one no place or is police work; names every
        fault by the rows of the whole layer.
    ParameterError
        If only one of the two has a time zone.
    """
    occurred_at, undated = _examined_moments(incidents, end)
    # What has no instant may be earlier: all that is wrong with it is told at once.
    read = ~(occurred_at >= end).to_numpy()
    earlier = incidents[read]
    _, unplaced = geometry_of(earlier, source=SOURCE)
    if not unplaced:
        _, unplaced = examine_shapes(earlier, {"Point"}, source=SOURCE)
    reported, unfit = examine_reporting(earlier, source=SOURCE)
    faults = undated + _renumbered([*unplaced, *unfit], np.flatnonzero(read))
    if faults:
        raise LayerError(sorted(faults, key=lambda fault: fault.row or 0))
    return earlier[reported]


def moments_of(incidents: gpd.GeoDataFrame, origin: pd.Timestamp) -> "pd.Series[pd.Timestamp]":
    """Return when each incident occurred, in the kind of time that the origin is in.

    Parameters
    ----------
    incidents
        Rows with `occurred_at`; without rows it needs no such column.
    origin
        Instant to compare them with.

    Returns
    -------
    occurred_at
        Instants, labelled as the rows are.

    Raises
    ------
    LayerError
        If an incident has no instant; names every such row.
    ParameterError
        If only one of the two has a time zone.
    """
    moments, faults = _examined_moments(incidents, origin)
    if faults:
        raise LayerError(faults)
    return moments


def _examined_moments(
    incidents: gpd.GeoDataFrame, origin: pd.Timestamp
) -> tuple["pd.Series[pd.Timestamp]", list[Fault]]:
    """Return when each incident occurred, and which of them have no instant."""
    if "occurred_at" not in incidents:
        faults = []
        if len(incidents):
            there = ", ".join(map(str, incidents.columns)) or "an index"
            faults = [Fault(SOURCE, "the column", f"only {there}", field="occurred_at")]
        none = pd.DatetimeIndex([pd.NaT] * len(incidents), tz=origin.tz)
        return pd.Series(none, index=incidents.index), faults
    column = incidents["occurred_at"]
    if pd.api.types.is_datetime64_any_dtype(column):
        moments, zoned = column, pd.Series(column.dt.tz is not None, index=column.index)
    else:
        # As in ISO 8601, one by one: some may have a time zone and others none.
        text = column.astype(str)
        zoned = text.str.contains(_ZONE)
        moments = pd.to_datetime(text, errors="coerce", format="ISO8601", utc=True)
        moments = moments if origin.tz else moments.dt.tz_localize(None)
    dated = moments.notna().to_numpy()
    others = np.flatnonzero(dated & (zoned.to_numpy() != (origin.tz is not None)))
    if len(others):
        here, there = ("with", "without") if origin.tz else ("without", "with")
        raise ParameterError(
            "Expected `origin` and `occurred_at` both with a time zone or both without one, got"
            f" `origin` {here} and `occurred_at` {there} one ({len(others)} rows, the first"
            f" is row {others[0] + 1})."
        )
    if not dated.any():
        # A column without an instant may come in either kind of time.
        moments = pd.Series(pd.DatetimeIndex([pd.NaT] * len(column), tz=origin.tz), column.index)
    found = column.tolist()
    return pd.Series(moments), [
        Fault(SOURCE, "an instant", repr(found[row]), int(row) + 1, "occurred_at")
        for row in np.flatnonzero(~dated)
    ]


def read_cells(grid: gpd.GeoDataFrame | gpd.GeoSeries, incidents: gpd.GeoDataFrame) -> Cells:
    """Return the cells of a grid.

    Parameters
    ----------
    grid
        Polygons that do not overlap; there may be none.
    incidents
        Points in the same coordinate reference system.

    Returns
    -------
    cells
        The cells in the order of the grid.

    Raises
    ------
    LayerError
        If a cell is no polygon with an area, or the systems differ; names every fault.
    """
    shapes, faults = examine_shapes(grid, {"Polygon", "MultiPolygon"}, source="grid")
    points, _ = geometry_of(incidents, source=SOURCE)
    faults += system_faults(shapes, points, source="grid", other_source=SOURCE)
    if faults:
        raise LayerError(faults)
    geometry = shapes.reset_index(drop=True)
    area = geometry.area.to_numpy(dtype=np.float64)
    looks = shapely.get_coordinates(shapely.centroid(geometry.to_numpy()))
    cell = np.arange(len(area))
    if len(area):
        usual = float(np.median(area))
        large = np.flatnonzero(area > _LARGE_CELL * usual)
        parts = [_looks_into(geometry.iloc[row], np.sqrt(usual)) for row in large]
        looks = np.concatenate([np.delete(looks, large, axis=0), *parts])
        counts = [len(part) for part in parts]
        cell = np.concatenate([np.delete(cell, large), np.repeat(large, counts)])
    return Cells(geometry, area, looks, cell.astype(np.int64))


def check_origin(origin: object) -> pd.Timestamp:
    """Return the origin of a forecast.

    Parameters
    ----------
    origin
        Instant at which the forecast is made.

    Returns
    -------
    origin
        The same instant.

    Raises
    ------
    ParameterError
        If it is no instant.
    """
    if isinstance(origin, datetime | np.datetime64):
        moment: object = pd.Timestamp(origin)
        if isinstance(moment, pd.Timestamp):
            return moment
    raise ParameterError(f"Expected `origin` to be a Timestamp, got {origin!r}.")


def check_horizon(horizon: object) -> pd.Timedelta:
    """Return the horizon of a forecast.

    Parameters
    ----------
    horizon
        Time that a forecast is for.

    Returns
    -------
    horizon
        The same time.

    Raises
    ------
    ParameterError
        If it is no time, or none at all.
    """
    if isinstance(horizon, timedelta | np.timedelta64):
        time: object = pd.Timedelta(horizon)
        if isinstance(time, pd.Timedelta) and time > pd.Timedelta(0):
            return time
    raise ParameterError(f"Expected `horizon` to be a Timedelta > 0, got {horizon!r}.")


def _renumbered(faults: list[Fault], rows: Ints) -> list[Fault]:
    """Return the faults of some rows of a layer with their numbers in the whole of it."""
    return [
        Fault(
            fault.source,
            fault.expected,
            fault.found,
            None if fault.row is None else int(rows[fault.row - 1]) + 1,
            fault.field,
        )
        for fault in faults
    ]


def _looks_into(shape: BaseGeometry, spacing: float) -> Floats:
    """Return a lattice of places within a shape, as fine as the spacing where that is not many."""
    min_x, min_y, max_x, max_y = shape.bounds
    spacing = max(spacing, np.sqrt((max_x - min_x) * (max_y - min_y) / _LOOKS_PER_CELL))
    nx, ny = (max(1, round(side / spacing)) for side in (max_x - min_x, max_y - min_y))
    x = min_x + (np.arange(nx) + 0.5) * (max_x - min_x) / nx
    y = min_y + (np.arange(ny) + 0.5) * (max_y - min_y) / ny
    lattice = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    inside = lattice[shapely.contains_xy(shape, lattice)]
    return inside if len(inside) else shapely.get_coordinates(shapely.point_on_surface(shape))
