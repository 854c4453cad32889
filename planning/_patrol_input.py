"""What a patrol plan is given, checked."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import Fault, LayerError
from geo.zone import Zone
from planning.units import Unit

_TEXTS = ("name_th", "name_en", "reason_th", "reason_en")


def check_input(zone: Zone, units: Sequence[Unit], demand: gpd.GeoDataFrame) -> None:
    """Refuse units that share an id, and points of demand that break their rules.

    Parameters
    ----------
    zone
        Zone of the patrols.
    units
        Units of the night.
    demand
        Points worth a visit.

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
    faults += _faults_of_points(demand) + _faults_of_numbers(demand)
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
