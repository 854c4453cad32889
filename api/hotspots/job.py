"""The hotspots: from a zone's folder to what the commander is told, step by step.

The steps are pure and nothing is written on the way, so that stopping them leaves nothing behind.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd
from geopandas import GeoDataFrame

from analytics.evaluation import AREA_SHARES
from analytics.hotspot_claims import hotspot_claims
from analytics.patrol_audit import audit_patrols, minutes_of_stops
from analytics.time_profiles import weekday_hour_profile
from api.hotspots.foresight import foresee
from api.hotspots.patrols import Patrols, read_patrols
from api.hotspots.places import find_places
from api.hotspots.record import look_up
from api.hotspots.result import (
    FINEST_M,
    LAYERS,
    AuditFigures,
    ForecastResult,
    HotspotsParams,
    HotspotsResult,
    Tables,
)
from api.hotspots.telling import Telling
from api.hotspots.times import (
    busiest_times,
    by_category,
    coarsened,
    repeats_by_category,
)
from api.inputs import NOTHING_STORED, digests_of
from api.plan_files import PLAN_FILE
from api.zone_results import Ground, facts_of
from geo.errors import ParameterError
from geo.zone import Zone

STEPS: Final = ("hotspots", "stability", "times", "forecast", "trials", "audit")
"""Names of the steps of `run_hotspots`, in order."""

FORECAST_STEPS: Final = ("forecast", "trials")
"""Names of the steps of `run_forecast`, in order."""

_MOST_DAYS = 366
_DECIMALS = 3  # of incidents to expect in a cell


@dataclass(frozen=True, eq=False)
class HotspotsInputs:
    """What the hotspots are found from.

    Attributes
    ----------
    zone
        The zone with its layers.
    day
        Day of the report, on the zone's calendar: only what happened before it counts.
    patrols
        The patrols of the night's plan; none where there is no plan.
    digests
        SHA-256 of each file that was read, by name, and the version of each layer of the store.
    """

    zone: Zone
    day: date
    patrols: Patrols | None
    digests: Mapping[str, str]

    @classmethod
    def gather(
        cls,
        zone: Zone,
        folder: Path,
        *,
        day: date,
        planned: Path | None,
        stored: Mapping[str, str] = NOTHING_STORED,
    ) -> "HotspotsInputs":
        """Gather what the hotspots need besides the zone.

        Parameters
        ----------
        zone
            The zone.
        folder
            Folder the zone was loaded from.
        day
            Day of the report, on the zone's calendar.
        planned
            Folder in which the plan of a night may stand; none where no patrols are looked at.
        stored
            Version of each layer that was read from the store in place of the folder, by its name.

        Returns
        -------
        HotspotsInputs
            Zone, patrols and digests.

        Raises
        ------
        SourceError
            A file cannot be read, or the plan is of another zone.
        """
        digests = digests_of(folder, stored=stored)
        if planned is None:
            return cls(zone, day, None, digests)
        path = planned / PLAN_FILE
        patrols = read_patrols(path, zone=zone.name, crs=zone.crs)
        if patrols is not None:
            digests[PLAN_FILE] = hashlib.sha256(path.read_bytes()).hexdigest()
        return cls(zone, day, patrols, digests)


def run_hotspots(
    inputs: HotspotsInputs,
    *,
    seed: int,
    params: HotspotsParams | None = None,
    progress: Callable[[str], None] = lambda _: None,
    advance: Callable[[int, int], None] = lambda _done, _of: None,
) -> HotspotsResult:
    """Find where and when incidents are reported, how sure that is, and what to expect.

    Parameters
    ----------
    inputs
        What it is made from.
    seed
        Seed of every random choice, 0 or greater.
    params
        Parameters of the job; the defaults where none.
    progress
        Called with the name of each of `STEPS` as it begins.
    advance
        Called within a long step with how many of how many parts are done.

    Returns
    -------
    HotspotsResult
        The hotspots.

    Raises
    ------
    ZoneError
        A step cannot be done with these inputs.
    """
    params = params or HotspotsParams()
    _check(params, inputs.zone)
    zone, record = inputs.zone, look_up(inputs.zone, inputs.day, params)
    claims = hotspot_claims(
        len(record.reported), network_m=record.figures.street_m, bandwidth_m=params.bandwidth_m
    )
    tell = Telling(progress, advance)
    places = find_places(zone, record.reported, claims, params=params, seed=seed, tell=tell)

    tell.begin("times")
    week = coarsened(weekday_hour_profile(record.reported, timezone=zone.timezone), claims.times)
    repeats = repeats_by_category(record.reported, params=params, seed=seed)

    foreseen = foresee(zone, record.known, start=record.start, params=params, seed=seed, tell=tell)

    tell.begin("audit")
    streets, audit = _audited(zone, record.reported, inputs.patrols)
    return HotspotsResult(
        **facts_of(zone),
        crs=zone.crs,
        day=inputs.day,
        seed=seed,
        params=params,
        inputs=inputs.digests,
        synthetic=_is_synthetic(zone, inputs.patrols),
        layers=_marked({**places.layers, "forecast_cells": _told(foreseen.cells)}, zone),
        ground=Ground(zone.boundary, zone.streets, zone.buildings),
        tables=Tables(by_category(record.known), week, repeats, foreseen.table, streets),
        figures=record.figures,
        claims=claims,
        any_p_value=places.any_p_value,
        busiest=busiest_times(week),
        forecast=foreseen.figures,
        audit=audit,
    )


def run_forecast(
    inputs: HotspotsInputs,
    *,
    seed: int,
    params: HotspotsParams | None = None,
    progress: Callable[[str], None] = lambda _: None,
    advance: Callable[[int, int], None] = lambda _done, _of: None,
) -> ForecastResult:
    """Tell what to expect, and what such forecasts were worth: that part of the hotspots alone.

    Parameters
    ----------
    inputs
        What it is made from; patrols are not looked at.
    seed
        Seed of every random choice, 0 or greater.
    params
        Parameters of the job; the defaults where none.
    progress
        Called with the name of each of `FORECAST_STEPS` as it begins.
    advance
        Called within a long step with how many of how many parts are done.

    Returns
    -------
    ForecastResult
        The forecast.

    Raises
    ------
    ZoneError
        A step cannot be done with these inputs.
    """
    params = params or HotspotsParams()
    _check(params, inputs.zone)
    zone, record = inputs.zone, look_up(inputs.zone, inputs.day, params)
    tell = Telling(progress, advance)
    foreseen = foresee(zone, record.known, start=record.start, params=params, seed=seed, tell=tell)
    return ForecastResult(
        **facts_of(zone),
        crs=zone.crs,
        day=inputs.day,
        seed=seed,
        params=params,
        inputs=inputs.digests,
        synthetic=bool(zone.incidents["synthetic"].any()),
        layers=_marked({"forecast_cells": _told(foreseen.cells)}, zone),
        trials=foreseen.table,
        figures=record.figures,
        forecast=foreseen.figures,
    )


def _check(params: HotspotsParams, zone: Zone) -> None:
    given = asdict(params)
    least = {
        **dict.fromkeys(("bandwidth_m", "count", "resamples", "simulations", "origins"), 1),
        **dict.fromkeys(("near_m", "near_days"), 1),
        "near_least": 2,
        "cell_m": FINEST_M,
        "boundary_tolerance_m": 0,
    }
    faults = [
        f"Expected `{name}` >= {low:g}, got {given[name]!r}."
        for name, low in least.items()
        if not low <= given[name] < math.inf
    ]
    widest = max(FINEST_M, math.sqrt(max(AREA_SHARES) * zone.boundary.area))
    if widest < params.cell_m < math.inf:
        faults.append(
            f"Expected `cell_m` <= {widest:.0f} (a cell of {max(AREA_SHARES):.0%} of the zone), "
            f"got {params.cell_m!r}."
        )
    if not 1 <= params.days <= _MOST_DAYS:
        faults.append(f"Expected `days` from 1 to {_MOST_DAYS}, got {params.days!r}.")
    if not 0 < params.level < 1:
        faults.append(f"Expected `level` > 0 and < 1, got {params.level!r}.")
    if faults:
        raise ParameterError("\n".join(faults))


def _audited(
    zone: Zone, reported: GeoDataFrame, patrols: Patrols | None
) -> tuple[pd.DataFrame, AuditFigures | None]:
    """Compare patrol time with incidents, street by street; one name is one street."""
    names = zone.streets["name_th"] + "|" + zone.streets["name_en"]
    unnamed = names == "|"
    streets = zone.streets.assign(named=names.mask(unnamed, zone.streets.index.to_series()))
    minutes = pd.Series(dtype="float64")
    if patrols is not None:
        minutes = minutes_of_stops(streets, patrols.stops)
    audit = audit_patrols(streets, minutes, reported, by="named")
    table = audit.streets.assign(length_m=streets.length.groupby(streets["named"]).sum())
    table.index = pd.RangeIndex(len(table))
    if patrols is None:
        return table, None
    patrolled = int(table["minutes"].gt(0).sum())
    return table, AuditFigures(
        patrols.night, audit.minutes, patrolled, audit.distance, audit.chance_distance
    )


def _is_synthetic(zone: Zone, patrols: Patrols | None) -> bool:
    drawn = [zone.incidents, zone.buildings]
    return any(bool(layer["synthetic"].any()) for layer in drawn) or (
        patrols is not None and patrols.synthetic
    )


def _told(cells: GeoDataFrame) -> GeoDataFrame:
    """Round what each cell is told to expect: all its digits would tell what it came from."""
    return cells.assign(expected=cells["expected"].round(_DECIMALS))


def _marked(layers: Mapping[str, GeoDataFrame], zone: Zone) -> dict[str, GeoDataFrame]:
    """Give every layer an index "id" and say whether it rests on synthetic incidents."""
    synthetic = bool(zone.incidents["synthetic"].any())
    marked = {}
    for name in [name for name in LAYERS if name in layers]:
        layer = layers[name].assign(synthetic=synthetic)
        if layer.index.name != "id":
            labels = [f"{name}-{row + 1:03d}" for row in range(len(layer))]
            layer.index = pd.Index(labels, name="id", dtype="str")
        marked[name] = layer
    return marked
