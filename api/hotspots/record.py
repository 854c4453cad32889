"""The record of incidents as it is known on the day of a report, and what it comes down to."""

from dataclasses import dataclass
from datetime import date

import pandas as pd
from geopandas import GeoDataFrame

from analytics.reported_incidents import reported_incidents
from api.hotspots.result import HotspotsParams, IncidentFigures
from api.hotspots.times import start_of_day
from geo.zone import Zone


@dataclass(frozen=True, eq=False)
class Record:
    """What is on record of a zone's incidents when the day of a report begins.

    Attributes
    ----------
    start
        Instant at which the day begins.
    known
        Incidents before it that count as the zone's.
    reported
        Those of them that people reported.
    figures
        What they come down to.
    """

    start: pd.Timestamp
    known: GeoDataFrame
    reported: GeoDataFrame
    figures: IncidentFigures


def look_up(zone: Zone, day: date, params: HotspotsParams) -> Record:
    """Look up what is on record of a zone when a day begins.

    Parameters
    ----------
    zone
        The zone.
    day
        The day, on the zone's calendar.
    params
        Parameters of the job.

    Returns
    -------
    Record
        The incidents that count, and what they come down to.
    """
    start = start_of_day(day, zone.timezone)
    before = zone.incidents[zone.incidents["occurred_at"] < start]
    # From beyond, they would be counted on whichever street leads out to them.
    known = before[before.dwithin(zone.boundary, params.boundary_tolerance_m)]
    reported = reported_incidents(known)
    return Record(start, known, reported, _figures(zone, before, known, reported, day))


def _figures(
    zone: Zone, before: GeoDataFrame, known: GeoDataFrame, reported: GeoDataFrame, day: date
) -> IncidentFigures:
    local = reported["occurred_at"].dt.tz_convert(zone.timezone)
    first, last = (None, None) if reported.empty else (local.min().date(), local.max().date())
    return IncidentFigures(
        reported=len(reported),
        discovered=len(known) - len(reported),
        later=len(zone.incidents) - len(before),
        outside=len(before) - len(known),
        windows=int(reported["occurred_until"].notna().sum()),
        first=first,
        last=last,
        age_days=0 if last is None else (day - last).days,
        street_m=float(zone.streets.length.sum()),
    )
