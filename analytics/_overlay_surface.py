"""The incident surface of the overlay: where in one closed window incidents were reported.

It is linear in the incidents and each counts at most 1 in all, at its address and not where it
happened: what one incident can add to the sums of all units is bounded, and with it the noise that
hides it (`_overlay_noise`).
"""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from analytics._overlay_units import StreetUnits
from analytics.network_density import network_density
from analytics.reported_incidents import reported_incidents
from geo.errors import Fault, LayerError
from geo.layers import column_of
from geo.shapes import examine_shapes, system_faults
from geo.zone import Zone

Floats = NDArray[np.float64]

SOURCE = "surface"
LIXEL_M = 50.0
# How far lengths and totals may be from what they must be, relative to it, and no closer than this.
ROUNDING = 1e-6


def surface_of(
    zone: Zone, incidents: gpd.GeoDataFrame, *, since: date, until: date, bandwidth_m: float
) -> gpd.GeoDataFrame:
    """Spread the incidents of a window along the streets, at most one an address.

    Parameters
    ----------
    zone
        The zone; its own incidents are not read.
    incidents
        Rows of the incidents layer.
    since
        First day of the window, on the calendar of the zone.
    until
        First day after it.
    bandwidth_m
        Standard deviation of the heat kernel along a street, > 0.

    Returns
    -------
    surface
        Lixels with `street`, `length_m`, `density`, `since`, `until` and `synthetic`.

    Raises
    ------
    LayerError
        If an incident or a building is faulty; names every fault.
    ParameterError
        If the bandwidth is out of its range.
    """
    counted = _counted(zone, incidents, since=since, until=until)
    footprints = zone.buildings.geometry.to_numpy()
    nearest = shapely.STRtree(footprints).query_nearest(counted, all_matches=False)[1]
    addresses = shapely.point_on_surface(footprints[np.unique(nearest)])
    events = gpd.GeoDataFrame(geometry=addresses, crs=zone.crs)
    lixels = network_density(zone.streets, events, bandwidth_m=bandwidth_m, lixel_m=LIXEL_M)
    # Of all incidents given, so that no real one decides on it.
    made_up = "synthetic" in incidents and bool(incidents["synthetic"].any())
    return lixels.assign(since=since.isoformat(), until=until.isoformat(), synthetic=made_up)


def unit_sums(
    surface: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, units: StreetUnits, *, window: list[date]
) -> Floats:
    """Add a surface up over units, once all that can be checked of it holds.

    Parameters
    ----------
    surface
        Lixels with `street`, `length_m`, `density`, `since` and `until`.
    streets
        The streets that it lies along.
    units
        The units.
    window
        First day of the window that it must be of, and first day after it.

    Returns
    -------
    sums
        Incidents in each unit, shape (units,).

    Raises
    ------
    LayerError
        If a column is missing, the window is another, the lixels do not make up the streets, a
        density is negative or no number, or their total is no whole number of incidents, as it is
        where each counts once; names every fault.
    """
    wanted = ("street", "length_m", "density", "since", "until")
    faults = [
        Fault(SOURCE, "the column, as incident_surface makes it", "none", field=name)
        for name in wanted
        if name not in surface.columns
    ]
    if faults:
        raise LayerError(faults)
    for name, day in zip(("since", "until"), window, strict=True):
        other = sorted({str(value) for value in surface[name]} - {day.isoformat()})
        if other:
            expected = f"the closed window, {name} {day.isoformat()}"
            faults.append(Fault(SOURCE, expected, ", ".join(other), field=name))
    faults += _lixel_faults(surface, streets)
    if faults:
        raise LayerError(faults)
    mass = (surface["density"] * surface["length_m"]).to_numpy(dtype=np.float64)
    total = float(mass.sum())
    if abs(total - round(total)) > ROUNDING * max(total, 1.0):
        expected = "a whole number of incidents in all, each counted once"
        raise LayerError([Fault(SOURCE, expected, f"{total:.6g}", field="density")])
    unit = units.of_street[surface["street"]].to_numpy()
    return np.bincount(unit, mass, minlength=len(units.lines)).astype(np.float64)


def _counted(
    zone: Zone, incidents: gpd.GeoDataFrame, *, since: date, until: date
) -> NDArray[np.object_]:
    """Return the places of the reported incidents that began in a window of whole days."""
    points, faults = examine_shapes(incidents, ("Point",), source="incidents")
    faults += system_faults(
        zone.streets.geometry, points, source="streets", other_source="incidents"
    )
    begun, unfit = column_of(incidents, "incidents", "occurred_at", source="incidents")
    faults += unfit
    try:
        kept = reported_incidents(incidents.reset_index(drop=True)).index
    except LayerError as error:
        faults += error.faults
    if not len(zone.buildings):
        faults.append(Fault("buildings", "at least one address", "none"))
    if faults:
        raise LayerError(faults)
    start, end = (pd.Timestamp(day, tz=zone.timezone) for day in (since, until))
    moment = pd.DatetimeIndex(pd.to_datetime(list(begun), utc=True))
    within = np.asarray((moment >= start) & (moment < end))[kept]
    return np.asarray(points.to_numpy()[kept][within])


def _lixel_faults(surface: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> list[Fault]:
    density = pd.to_numeric(surface["density"], errors="coerce").to_numpy(dtype=np.float64)
    length = pd.to_numeric(surface["length_m"], errors="coerce").to_numpy(dtype=np.float64)
    faults = [
        Fault(SOURCE, "a number >= 0", str(surface[name].iloc[row]), int(row) + 1, name)
        for name, values in (("density", density), ("length_m", length))
        for row in np.flatnonzero(~(np.isfinite(values) & (values >= 0.0)))
    ]
    known = surface["street"].isin(streets.index).to_numpy()
    faults += [
        Fault(SOURCE, "a street of the zone", repr(surface["street"].iloc[row]), row + 1, "street")
        for row in np.flatnonzero(~known).tolist()
    ]
    if not faults:
        covered = pd.Series(length).groupby(surface["street"].to_numpy()).sum()
        covered = covered.reindex(streets.index, fill_value=0.0)
        off = np.abs(covered.to_numpy() - streets.length.to_numpy())
        faults += [
            Fault(SOURCE, "lixels that make up every street", f"{covered[label]:.6g} m of {label}")
            for label in streets.index[off > ROUNDING * np.maximum(streets.length, 1.0)]
        ]
    return faults
