"""When incidents happen, and whether one is soon followed by another nearby."""

from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from scipy.stats import false_discovery_control

from analytics.hotspot_claims import TimeStatement
from analytics.near_repeats import near_repeats
from api.hotspots.result import Busiest, HotspotsParams

HOURS_IN_A_ROW: Final = 4
"""Length of the busiest part of the day that is told, in hours, where hours may be told."""

_HOURS = 24
_QUARTER = 6  # hours of a quarter of the day


def start_of_day(day: date, timezone: str) -> pd.Timestamp:
    """Give the instant at which a day begins.

    Parameters
    ----------
    day
        Day on the zone's calendar.
    timezone
        Name of the zone's time zone.

    Returns
    -------
    Timestamp
        First instant of the day, in UTC.
    """
    # Where the clock skips midnight, the day begins with its first hour.
    local = pd.Timestamp(day).tz_localize(timezone, nonexistent="shift_forward", ambiguous=True)
    return local.tz_convert("UTC")


def by_category(incidents: GeoDataFrame) -> pd.DataFrame:
    """Count the incidents of each category by how they became known.

    Parameters
    ----------
    incidents
        Incidents with `category` and `reporting`.

    Returns
    -------
    DataFrame
        A row a category, that with the most reported incidents first: category, reported,
        discovered.
    """
    ways = ("reported", "discovered")
    told = incidents[["category"]].assign(
        **{way: incidents["reporting"].eq(way).astype(np.int64) for way in ways}
    )
    known = told.groupby("category", as_index=False)[list(ways)].sum()
    order = ["reported", "category"]
    return pd.DataFrame(known.sort_values(order, ascending=[False, True], ignore_index=True))


def coarsened(week: pd.DataFrame, times: TimeStatement) -> pd.DataFrame:
    """Give the week as finely as so many incidents allow to tell it.

    Parameters
    ----------
    week
        A row a weekday from Monday, a column an hour.
    times
        What may be told of times.

    Returns
    -------
    DataFrame
        The same incidents: by weekday and hour; or in one row, by hours or quarters of the day,
        each column labelled by its first hour; or nothing.
    """
    if times == "none":
        return week.iloc[:0]
    if times == "weekday_hours":
        return week
    together = week.sum(axis=0).to_frame().T
    if times == "hours":
        return together
    first = together.columns // _QUARTER * _QUARTER
    return together.T.groupby(first).sum().T


def busiest_times(week: pd.DataFrame) -> Busiest | None:
    """Tell on which weekday, and in which hours of the day, most incidents happen.

    Parameters
    ----------
    week
        Incidents, as `coarsened` gives them.

    Returns
    -------
    Busiest or None
        The busiest times, the weekday where there are weekdays; none where there is no incident.
    """
    total = float(week.to_numpy().sum())
    if not total:
        return None
    by_weekday, by_part = week.sum(axis=1).to_numpy(), week.sum(axis=0).to_numpy()
    part_h = _HOURS // len(by_part)
    hours = max(HOURS_IN_A_ROW, part_h)
    in_a_row = np.sum([np.roll(by_part, -later) for later in range(hours // part_h)], axis=0)
    part, weekday = int(np.argmax(in_a_row)), int(np.argmax(by_weekday))
    weekdays = len(by_weekday) > 1
    return Busiest(
        weekday=weekday if weekdays else None,
        weekday_share=float(by_weekday[weekday] / total) if weekdays else None,
        hour=part * part_h,
        hours=hours,
        hours_share=float(in_a_row[part] / total),
    )


def repeats_by_category(
    incidents: GeoDataFrame, *, params: HotspotsParams, seed: int
) -> pd.DataFrame:
    """Test for each category with enough incidents whether they are followed by others nearby.

    Parameters
    ----------
    incidents
        Reported incidents with `category`, `occurred_at` and `occurred_until`.
    params
        What is near and soon, and how many incidents are enough.
    seed
        Seed of the permutations.

    Returns
    -------
    DataFrame
        A row a category by name: category, incidents, pairs, expected, ratio, p_value, and
        q_value, which is adjusted for the number of categories (Benjamini and Hochberg).
    """
    found = []
    for category, own in incidents.groupby("category"):
        if len(own) < params.near_least:
            continue
        tested = near_repeats(
            own,
            seed=seed,
            distances_m=[params.near_m],
            days=[params.near_days],
            permutations=params.simulations,
        )
        cells = tested.table[["pairs", "expected", "ratio", "p_value"]]
        found.append(cells.assign(category=category, incidents=tested.incidents))
    columns = ["category", "incidents", "pairs", "expected", "ratio", "p_value", "q_value"]
    if not found:
        return pd.DataFrame(columns=columns)
    table = pd.concat(found, ignore_index=True)
    return table.assign(q_value=false_discovery_control(table["p_value"]))[columns]
