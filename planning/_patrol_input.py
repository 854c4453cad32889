"""What a patrol plan is given, checked."""

from collections.abc import Callable, Sequence
from datetime import datetime
from numbers import Real
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import Fault, LayerError
from geo.zone import Zone
from planning.units import Unit

_NAMES = ("name_th", "name_en")
_TEXTS = (*_NAMES, "reason_th", "reason_en")
# Who must come to a visit at one time.
_NEEDS = (1, 2)


def check_input(
    zone: Zone, units: Sequence[Unit], demand: gpd.GeoDataFrame, *, least_gap_s: float
) -> None:
    """Refuse units that share an id, and points of demand that break their rules.

    Parameters
    ----------
    zone
        Zone of the patrols.
    units
        Units of the night.
    demand
        Points worth a visit.
    least_gap_s
        Shortest time between the beginnings of two visits to a point.

    Raises
    ------
    LayerError
        Something is wrong; every fault is named.
    """
    names = [unit.id for unit in units]
    faults = [
        Fault("units", "a unique id", repr(name), row=row, field="id")
        for row, name in enumerate(names, 1)
        if name in names[: row - 1]
    ]
    faults += _faults_of_columns(demand)
    if demand.crs != zone.crs:
        faults.append(Fault("demand", f"the zone's CRS, {zone.crs.to_string()}", str(demand.crs)))
    if not demand.index.is_unique:
        again = demand.index[demand.index.duplicated()][0]
        faults.append(Fault("demand", "unique labels", f"{again!r} twice"))
    faults += _faults_of_points(demand) + _faults_of_names(demand) + _faults_of_numbers(demand)
    faults += _faults_of_hours(demand) + _faults_of_wishes(demand, least_gap_s)
    if faults:
        raise LayerError(faults)


def _faults_of_columns(demand: gpd.GeoDataFrame) -> list[Fault]:
    return [
        Fault("demand", f"a column `{name}`", "none")
        for name in (*_TEXTS, "weight", "dwell_s")
        if name not in demand
    ]


def _faults_of_points(demand: gpd.GeoDataFrame) -> list[Fault]:
    shapes = demand.geometry.to_numpy()
    right = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    right &= np.isfinite(shapely.bounds(shapes)).all(axis=1)
    return [
        Fault("demand", "a Point", str(shapes[row])[:60], row + 1, "geometry")
        for row in np.flatnonzero(~right).tolist()
    ]


def _faults_of_names(demand: gpd.GeoDataFrame) -> list[Fault]:
    return [
        Fault("demand", "a name", repr(value)[:60], row, name)
        for name in _NAMES
        if name in demand
        for row, value in enumerate(demand[name], 1)
        if not (isinstance(value, str) and value.strip())
    ]


def _faults_of_numbers(demand: gpd.GeoDataFrame) -> list[Fault]:
    faults = []
    for name, expected in (("weight", "a number >= 0"), ("dwell_s", "a number > 0")):
        if name in demand:
            values = pd.to_numeric(demand[name], errors="coerce").to_numpy(np.float64)
            right = np.isfinite(values) & ((values > 0) if name == "dwell_s" else (values >= 0))
            faults += [
                Fault("demand", expected, str(demand[name].iloc[row]), row + 1, name)
                for row in np.flatnonzero(~right).tolist()
            ]
    return faults


def _faults_of_hours(demand: gpd.GeoDataFrame) -> list[Fault]:
    """Find hours that are no instants with a timezone, or close before they open."""
    faults, hours = [], {}
    for name in ("opens_at", "closes_at"):
        given = demand[name] if name in demand else pd.Series(pd.NaT, index=demand.index)
        right = [value is pd.NaT or _is_instant(value) for value in given]
        hours[name] = [value if ok else pd.NaT for value, ok in zip(given, right, strict=True)]
        faults += [
            Fault("demand", "an instant with a timezone", str(given.iloc[row]), row + 1, name)
            for row in np.flatnonzero(~np.array(right, dtype=bool)).tolist()
        ]
    return faults + [
        Fault("demand", f"an instant >= `opens_at`, {opens}", str(closes), row, "closes_at")
        for row, (opens, closes) in enumerate(zip(*hours.values(), strict=True), 1)
        if opens is not pd.NaT and closes is not pd.NaT and closes < opens
    ]


def _is_instant(value: object) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def _faults_of_wishes(demand: gpd.GeoDataFrame, least_gap_s: float) -> list[Fault]:
    """Find numbers of units, skills and spans that are none."""
    rules: dict[str, tuple[str, Callable[[Any], bool]]] = {
        "needs_units": (
            "1 or 2",
            # True equals 1, but says that several are needed rather than that one is.
            lambda value: (
                not isinstance(value, bool) and isinstance(value, Real) and value in _NEEDS
            ),
        ),
        "skill": ("a text", lambda value: isinstance(value, str)),
        "revisit_s": (
            f"a number > `least_gap_s`, {least_gap_s:g}, or none",
            lambda value: (
                isinstance(value, Real) and (np.isnan(float(value)) or float(value) > least_gap_s)
            ),
        ),
    }
    return [
        Fault("demand", expected, str(value), row, name)
        for name, (expected, is_right) in rules.items()
        if name in demand
        for row, value in enumerate(demand[name], 1)
        if not is_right(value)
    ]
