"""The dosage of a night: what was planned, what was spent, and what nobody knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import pandas as pd
from geopandas import GeoDataFrame

from api.bilingual import Both
from api.zone_results import Ground, ZoneResult
from geo.map_matching import MatchParams

LEAST_MIN: Final = 1.0
"""Fewer minutes on a street or in a hotspot count as none."""

BANDS: Final = ("unplanned", "missed", "less", "as_planned", "more")
"""What became of a street: spent though not planned, less than half, less, as planned, more."""

_SHARES = (0.5, 0.8, 1.25)  # of the minutes planned, where one band ends and the next begins


@dataclass(frozen=True)
class DosageParams:
    """How tracks are read as dosage.

    Attributes
    ----------
    match
        How tracks are matched to streets.
    margin_s
        Positions count from so long before a tour begins until so long after its end.
    at_stop_m
        A unit is at a stop on street within this distance of it.
    bridge_s
        Longest absence that does not end a stay.
    tolerance_s
        Most by which a unit may be early or late at a stop.
    """

    match: MatchParams = field(default_factory=MatchParams)
    margin_s: float = 7200.0
    at_stop_m: float = 30.0
    bridge_s: float = 60.0
    tolerance_s: float = 1800.0


@dataclass(frozen=True, eq=False)
class Tables:
    """What the report lists.

    Attributes
    ----------
    streets
        A row per unit and street: unit, street, name_th, name_en, planned_min, spent_min.
    hotspots
        A row per unit and hotspot: unit, rank, name_th, name_en, near_th, near_en, planned_min,
        spent_min, and its stays of a minute or more by length: under_10, from_10_to_16, over_16.
    stops
        A row per visit, breaks and meetings left out: unit, order, name_th, name_en, planned_min,
        spent_min, verdict.
    units
        A row per unit with a track: unit, name_th, name_en, planned_min, spent_min, gap_min,
        away_min, outside_min (the track's time before and after the night), error_m.
    """

    streets: pd.DataFrame
    hotspots: pd.DataFrame
    stops: pd.DataFrame
    units: pd.DataFrame


@dataclass(frozen=True, eq=False)
class DosageResult(ZoneResult):
    """Minutes spent against minutes planned, of the units that have a track.

    Attributes
    ----------
    night
        Evening of the plan.
    synthetic
        Whether the plan rests on synthetic data.
    without_track
        Names of units of the plan that have no track, by their ids: they are not counted.
    params
        How the tracks were read.
    ground
        What the map stands on. Its streets, those near the zone, have planned_min, spent_min and
        band (of `BANDS`, "" for none).
    hotspots
        The hotspots of the plan: rank and their lines.
    tables
        What the report lists.
    """

    night: date
    synthetic: bool
    without_track: Mapping[str, Both]
    params: DosageParams
    ground: Ground
    hotspots: GeoDataFrame
    tables: Tables


def band_of(planned_min: float, spent_min: float) -> str:
    """Tell what became of the minutes planned.

    Parameters
    ----------
    planned_min
        Minutes planned.
    spent_min
        Minutes spent.

    Returns
    -------
    str
        One of `BANDS`; "" where neither is a minute.

    Examples
    --------
    >>> band_of(0.0, 5.0), band_of(10.0, 4.0), band_of(10.0, 9.0), band_of(0.5, 0.5)
    ('unplanned', 'missed', 'as_planned', '')
    """
    if planned_min < LEAST_MIN:
        return "unplanned" if spent_min >= LEAST_MIN else ""
    share = spent_min / planned_min
    return next(
        (band for band, most in zip(BANDS[1:], _SHARES, strict=False) if share < most), BANDS[-1]
    )
