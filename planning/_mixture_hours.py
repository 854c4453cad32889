"""What can be learnt by watching a stop: in which clock hours of the night some unit is there.

A unit is at a stop within an hour if any part of its visit falls into the hour. Breaks and meetings
at posts are no visits, and who only walks past is not at the stop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from planning.patrol_plan import PatrolPlan
from planning.units import Unit

Flags = NDArray[np.bool_]
Numbers = NDArray[np.intp]
Floats = NDArray[np.float64]

HOUR_S = 3600.0
# Instants are kept in microseconds: a visit planned to end with an hour may seem to outlast it.
_ROUNDING_S = 1e-3
_SAME_PLACE_M = 0.1


@dataclass(frozen=True)
class NightHours:
    """The clock hours of a night.

    Attributes
    ----------
    origin
        When the first unit begins: the moment from which seconds count.
    edges_s
        When each hour begins, and at last when the last one ends, in seconds from the origin; the
        first is not after 0.
    """

    origin: datetime
    edges_s: Floats

    @classmethod
    def of_units(cls, units: Sequence[Unit], *, timezone: str) -> "NightHours":
        """Return the clock hours that the shifts touch.

        Parameters
        ----------
        units
            Units of the night, at least one.
        timezone
            Whose clock.

        Returns
        -------
        hours
            All hours from the first beginning of a shift to the last end.
        """
        origin = min(unit.starts_at for unit in units)
        span_s = (max(unit.ends_at for unit in units) - origin).total_seconds()
        local = origin.astimezone(ZoneInfo(timezone))
        first_s = -60.0 * local.minute - local.second - 1e-6 * local.microsecond
        return cls(origin, first_s + HOUR_S * np.arange(np.ceil((span_s - first_s) / HOUR_S) + 1))

    @property
    def count(self) -> int:
        """Number of hours.

        Returns
        -------
        count
            At least 1.
        """
        return len(self.edges_s) - 1

    def touched(self, arrives_at: datetime, leaves_at: datetime) -> slice:
        """Return the hours into which some part of a visit falls.

        Parameters
        ----------
        arrives_at
            When it begins.
        leaves_at
            When it ends, later.

        Returns
        -------
        touched
            Numbers of the hours; one that ends as an hour begins does not touch it.
        """
        arrives_s = (arrives_at - self.origin).total_seconds() + _ROUNDING_S
        leaves_s = (leaves_at - self.origin).total_seconds() - _ROUNDING_S
        first = int(np.searchsorted(self.edges_s, arrives_s, side="right")) - 1
        # What begins before the night touches its first hours.
        return slice(max(first, 0), int(np.searchsorted(self.edges_s, leaves_s, side="left")))


def places_of(points: gpd.GeoSeries) -> Numbers:
    """Return the places at which points lie: who watches a place sees the visits to all of them.

    Parameters
    ----------
    points
        Points in metres.

    Returns
    -------
    place
        Number of each point's place, from 0 in the order of the points; points within a decimetre
        share it.
    """
    cells = np.round(shapely.get_coordinates(points.array) / _SAME_PLACE_M)
    return pd.factorize(pd.MultiIndex.from_arrays(list(cells.T)))[0]


def presence(plan: PatrolPlan, place_of: Mapping[object, int], hours: NightHours) -> Flags:
    """Tell where some unit is in which hour.

    Parameters
    ----------
    plan
        A plan of the night.
    place_of
        Number of the place of each point, by its label.
    hours
        Hours of the night.

    Returns
    -------
    present
        Shape (places, hours).
    """
    present = np.zeros((max(place_of.values(), default=-1) + 1, hours.count), dtype=np.bool_)
    for tour in plan.tours:
        for stop in tour.stops:
            if stop.kind == "visit":
                touched = hours.touched(stop.arrives_at, stop.leaves_at)
                present[place_of[stop.point], touched] = True
    return present


def announced(
    demand: gpd.GeoDataFrame, place: Numbers, hours: NightHours, *, within_s: float
) -> Flags:
    """Tell the places and hours in which a visit is no secret.

    A school's way home is watched from three to four, and everybody knows it: no mixture can hide
    that, and it need not.

    Parameters
    ----------
    demand
        Points of demand; `opens_at` and `closes_at` where they are not open all night.
    place
        Number of the place of each point.
    hours
        Hours of the night.
    within_s
        Longest time from `opens_at` to `closes_at` that gives a visit away.

    Returns
    -------
    announced
        Shape (places, hours): the hours that a visit to such a point may fall into.
    """
    flags = np.zeros((int(place.max(initial=-1)) + 1, hours.count), dtype=np.bool_)
    if "opens_at" not in demand or "closes_at" not in demand:
        return flags
    opens, closes = (pd.to_datetime(demand[name], utc=True) for name in ("opens_at", "closes_at"))
    short = (closes - opens).dt.total_seconds() <= within_s
    ends = closes + pd.to_timedelta(demand["dwell_s"], unit="s")
    for number, begins_at, ends_at in zip(place[short], opens[short], ends[short], strict=True):
        flags[number, hours.touched(begins_at, ends_at)] = True
    return flags
