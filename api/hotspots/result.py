"""The result of the hotspots command: layers, tables and figures, ready to be written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd
from geopandas import GeoDataFrame

from analytics.hotspot_claims import HotspotClaims
from api.zone_results import Ground, SeededResult

LAYERS: Final = ("hotspot_stretches", "hotspot_areas", "street_densities", "forecast_cells")
"""Layers of the result, as they are written. No place of an incident is among them."""

FINEST_M: Final = 50.0
"""Nothing is drawn finer than this, so that no address can be told from a map."""


@dataclass(frozen=True)
class HotspotsParams:
    """What the hotspots can be told to do differently.

    Attributes
    ----------
    days
        Days that the forecast is for, from 1 to 366.
    bandwidth_m
        Standard deviation of the kernel along a street, in metres, at least 1: that of the nightly
        plan.
    count
        Most stretches, and most areas, that are listed, at least 1.
    resamples
        How often the incidents are drawn anew for the intervals of the ranks, at least 1.
    level
        Part of the drawings that an interval holds, > 0 and < 1.
    simulations
        How often incidents are placed, and times permuted, by chance, at least 1.
    cell_m
        Side of the cells of the forecast, in metres, at least `FINEST_M`.
    origins
        How many past days the forecast is tried on, at least 1, each `days` after the one before.
    near_m
        How far from each other near repeats are, in metres, at least 1.
    near_days
        How many days apart they are at most, at least 1.
    near_least
        Fewest reported incidents of a category for which near repeats are tested, at least 2.
    boundary_tolerance_m
        Places count as the zone's as far as this beyond its boundary, which is approximate, in
        metres, at least 0.
    """

    days: int = 7
    bandwidth_m: float = 60.0
    count: int = 10
    resamples: int = 999
    level: float = 0.95
    simulations: int = 999
    cell_m: float = 50.0
    origins: int = 26
    near_m: float = 200.0
    near_days: float = 14.0
    near_least: int = 50
    boundary_tolerance_m: float = 20.0


@dataclass(frozen=True)
class IncidentFigures:
    """What the incidents on record come down to.

    Attributes
    ----------
    reported
        Incidents that people reported; they alone count.
    discovered
        Incidents that the police discovered, left out of everything.
    later
        Incidents on record after the start of the day of the report, left out too.
    outside
        Incidents before it that are on record outside the zone, left out too.
    windows
        Reported incidents of which only a window is known.
    first, last
        Days of the first and the last reported incident, on the zone's calendar; none where there
        is none.
    age_days
        Days from the last reported incident to the day of the report; 0 where there is none.
    street_m
        Length of all streets, in metres.
    """

    reported: int
    discovered: int
    later: int
    outside: int
    windows: int
    first: date | None
    last: date | None
    age_days: int
    street_m: float


@dataclass(frozen=True)
class Busiest:
    """When most incidents happen.

    Attributes
    ----------
    weekday
        Weekday with the most incidents, 0 for Monday; none where weekdays may not be told.
    weekday_share
        Its share of all reported incidents, in [0, 1]; none likewise.
    hour
        First of the hours in a row, on all days together, with the most incidents.
    hours
        How many hours that is: four, or six where only quarters of the day may be told.
    hours_share
        Their share of all reported incidents, in [0, 1].
    """

    weekday: int | None
    weekday_share: float | None
    hour: int
    hours: int
    hours_share: float


@dataclass(frozen=True)
class ForecastFigures:
    """What the forecast comes down to, and what it was worth in the past.

    Attributes
    ----------
    expected
        Incidents expected in the whole zone; not a number where so few were reported that nothing
        is forecast.
    lag_days
        How many days old the youngest incident was that each trial knew of: as many as on the day
        of the report.
    origins
        Past days that it was tried on.
    events
        Incidents that happened in the time those trials were for.
    reason
        Why nothing can be told of its worth; empty where it was measured.
    baseline
        The simple method that it is compared with: the one that did best in the same trials.
    """

    expected: float
    lag_days: int
    origins: int
    events: int
    reason: str
    baseline: str


@dataclass(frozen=True)
class AuditFigures:
    """What the comparison of patrols with incidents comes down to.

    Attributes
    ----------
    night
        Evening of the plan that was read, on the zone's calendar.
    minutes
        Patrol time of all units at their stops, in minutes.
    patrolled
        Streets that are stopped on at all.
    distance
        Part of the patrol time that would have to be spent on other streets for the shares to be
        those of the incidents, in [0, 1]; not a number where there are none of either.
    chance_distance
        The same to expect if as many incidents fell just as the patrols stand.
    """

    night: date
    minutes: float
    patrolled: int
    distance: float
    chance_distance: float


@dataclass(frozen=True)
class Tables:
    """What the report lists besides the stretches and areas.

    Attributes
    ----------
    categories
        A row a category, the most frequent first: category, reported, discovered.
    week
        Reported incidents, windows spread over their hours, as finely as their times may be told:
        a row a weekday from Monday and a column an hour; or one row, by hours or quarters of the
        day, each column labelled by its first hour. Empty where nothing may be told of times.
    near_repeats
        A row a category with enough incidents: category, incidents, pairs (near and soon),
        expected (by chance), ratio, p_value, q_value (for the number of categories).
    forecast
        A row a share of the area: area_share, hit_rate, low, high; baseline_rate, baseline_low,
        baseline_high; difference, difference_low, difference_high. Empty where nothing was
        measured.
    streets
        A row a street, as `analytics.patrol_audit.audit_patrols` gives it; without a plan nothing
        is known of patrols.
    """

    categories: pd.DataFrame
    week: pd.DataFrame
    near_repeats: pd.DataFrame
    forecast: pd.DataFrame
    streets: pd.DataFrame


@dataclass(frozen=True, eq=False)
class IncidentResult(SeededResult):
    """What was computed from the incidents of one zone.

    Attributes
    ----------
    day
        Day it is computed on, on the zone's calendar: what happened before it is known.
    params
        Parameters of the job.
    synthetic
        Whether the incidents, or anything else it was computed from, are synthetic.
    layers
        Layers by name, of `LAYERS`, in metres, indexed by `id`. Their densities and what their
        cells expect are rounded, and densities of a few incidents missing.
    figures
        What the incidents come down to.
    forecast
        What the forecast comes down to.
    """

    day: date
    params: HotspotsParams
    synthetic: bool
    layers: Mapping[str, GeoDataFrame]
    figures: IncidentFigures
    forecast: ForecastFigures


@dataclass(frozen=True)
class HotspotsResult(IncidentResult):
    """Hotspots of one zone, with what is known of their worth; its layers are all of `LAYERS`.

    Attributes
    ----------
    ground
        What the maps stand on.
    tables
        What the report lists besides.
    claims
        What so many incidents allow to say.
    any_p_value
        In what part of the placings by chance some street stands out as far as the one that stands
        out most; none where there is no incident.
    busiest
        When most incidents happen; none where there is none.
    audit
        What the comparison of patrols with incidents comes down to; none where no plan was read.
    """

    ground: Ground
    tables: Tables
    claims: HotspotClaims
    any_p_value: float | None
    busiest: Busiest | None
    audit: AuditFigures | None


@dataclass(frozen=True)
class ForecastResult(IncidentResult):
    """What to expect in one zone from its day on; its one layer is `forecast_cells`.

    Attributes
    ----------
    trials
        What it was worth, as `Tables.forecast`.
    """

    trials: pd.DataFrame
