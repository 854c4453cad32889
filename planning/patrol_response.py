"""The response promise: how soon somebody free is anywhere, at every minute of a night.

Every officer on duty who takes no break can be called. At each instant the time to a point is that
of the nearest of them by the streets that its mode may use, one-way streets and turns included. Its
largest value over all points of all streets is found exactly (`planning._response_pieces`), and so
is the time within which a share of all street and time is reached: what Larson calls the
distribution of travel time (1972, "Urban Police Patrol Analysis", MIT Press), for a given night.
"""

from dataclasses import dataclass
from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import ParameterError
from geo.zone import Zone
from planning._arguments import is_above_zero, is_finite
from planning._response_night import Free, Night
from planning._response_pieces import Pieces
from planning.patrol_plan import PatrolPlan
from planning.travel_modes import TRAVEL_MODES

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True)
class ResponsePromise:
    """How soon somebody free is anywhere.

    Attributes
    ----------
    worst_s
        Longest time to any point of any street at any instant at which somebody is free, in
        seconds; infinite where some point cannot be reached, NaN where nobody is ever free.
    share_s
        Time in which the share of all street and time is reached, such as 95 %.
    share
        That share.
    minutes
        Points, one for each instant (UTC, the index): free (how many units), worst_s, share_s,
        street (label) and place of the worst. Without place and times where nobody is free.
    streets
        For each street (the index): worst_s, share_s, worst_at (UTC), over all instants at which
        somebody is free.
    """

    worst_s: float
    share_s: float
    share: float
    minutes: gpd.GeoDataFrame
    streets: pd.DataFrame

    @property
    def unattended(self) -> pd.DatetimeIndex:
        """List the instants at which nobody is free.

        Returns
        -------
        instants
            UTC, ascending.
        """
        return pd.DatetimeIndex(self.minutes.index[self.minutes["free"] == 0])

    def keeps(self, limit_s: float) -> bool:
        """Tell whether a limit holds everywhere at any time.

        Parameters
        ----------
        limit_s
            Longest time that is right, in seconds.

        Returns
        -------
        kept
            Whether somebody is free at every instant, and anywhere within the limit.
        """
        return self.unattended.empty and bool(self.worst_s <= limit_s)


def response_promise(
    plan: PatrolPlan,
    zone: Zone,
    *,
    among: pd.Index | None = None,
    step_s: float = 60.0,
    share: float = 0.95,
) -> ResponsePromise:
    """Find how soon somebody free is at any point of any street, all night.

    Memory grows with instants times streets times paces: 24 bytes for each of their products.

    Parameters
    ----------
    plan
        Plan of the night.
    zone
        Zone whose streets the units use.
    among
        Labels of the streets that are promised help; all streets where none are given.
    step_s
        Time between two instants, > 0.
    share
        Share of street and time, in (0, 1].

    Returns
    -------
    promise
        Worst time, time for the share, and both by instant and by street.

    Raises
    ------
    ParameterError
        A step or share is out of range, or a street is none of the zone's.
    """
    faults = (
        []
        if is_above_zero(step_s) and np.isfinite(step_s)
        else [f"Expected finite `step_s` > 0, got {step_s}."]
    )
    if not (is_finite(share) and 0 < share <= 1):
        faults.append(f"Expected `share` in (0, 1], got {share}.")
    among = zone.streets.index if among is None else among
    number = zone.streets.index.get_indexer(among)
    faults += [f"Expected a street of the zone, got {label!r}." for label in among[number < 0]]
    if faults:
        raise ParameterError("\n".join(faults))
    found = _look(plan, zone, _instants(plan, step_s))
    found = found.among(np.isin(found.pieces.street, number))
    return ResponsePromise(
        worst_s=float(found.longest_s.max(initial=0.0)) if len(found.instant) else np.nan,
        share_s=float(found.within(share, np.zeros(len(found.instant), dtype=np.intp), 1)[0]),
        share=share,
        minutes=_minutes(found, zone.streets, share),
        streets=_streets(found, among, number, share),
    )


@dataclass(frozen=True)
class _Found:
    """Pieces of street at the instants of a night, and the longest time to each."""

    instants: pd.DatetimeIndex
    free: Integers
    pieces: Pieces
    instant: Integers
    longest_s: Floats
    at_m: Floats

    def among(self, kept: NDArray[np.bool_]) -> "_Found":
        return _Found(
            self.instants,
            self.free,
            self.pieces.at(kept),
            self.instant[kept],
            self.longest_s[kept],
            self.at_m[kept],
        )

    def worst(self, group: Integers, count: int) -> Integers:
        """Return the row of the worst piece of each group, -1 for a group without pieces."""
        rows = np.full(count, -1, dtype=np.intp)
        order = np.argsort(self.longest_s, kind="stable")
        rows[group[order]] = order
        return rows

    def within(self, share: float, group: Integers, count: int) -> Floats:
        return self.pieces.within(share, group, count)


def _instants(plan: PatrolPlan, step_s: float) -> pd.DatetimeIndex:
    begins = min(tour.unit.starts_at for tour in plan.tours)
    ends = max(tour.unit.ends_at for tour in plan.tours)
    count = int(np.ceil((ends - begins).total_seconds() / step_s))
    return pd.DatetimeIndex(
        [begins + timedelta(seconds=step_s * number) for number in range(count)], name="at"
    ).tz_convert("UTC")


def _look(plan: PatrolPlan, zone: Zone, instants: pd.DatetimeIndex) -> _Found:
    units = [tour.unit for tour in plan.tours]
    paces = list(dict.fromkeys((unit.mode, unit.speed_mps) for unit in units))
    way = np.array([paces.index((unit.mode, unit.speed_mps)) for unit in units])
    networks = [
        TRAVEL_MODES[mode].network(
            zone.streets, speed_mps=speed_mps, forbidden=zone.forbidden_turns
        )
        for mode, speed_mps in paces
    ]
    free = Free.find(plan.tours, instants.to_pydatetime().tolist())
    night = Night(zone.streets, networks, len(instants))
    pieces, instant = night.pieces(free, way[free.tour])
    longest_s, at_m = pieces.longest()
    number_free = np.bincount(free.instant, minlength=len(instants))
    return _Found(instants, number_free, pieces, instant, longest_s, at_m)


def _minutes(found: _Found, streets: gpd.GeoDataFrame, share: float) -> gpd.GeoDataFrame:
    count = len(found.instants)
    row = found.worst(found.instant, count)
    there = row >= 0
    street = found.pieces.street[row[there]]
    worst_s, label = np.full(count, np.nan), np.full(count, None, dtype=object)
    worst_s[there] = found.longest_s[row[there]]
    label[there] = streets.index.to_numpy()[street]
    place = np.full(count, None, dtype=object)
    lines = np.asarray(streets.geometry.array)[street]
    place[there] = shapely.line_interpolate_point(lines, found.at_m[row[there]])
    return gpd.GeoDataFrame(
        {
            "free": found.free,
            "worst_s": worst_s,
            "share_s": found.within(share, found.instant, count),
            "street": label,
        },
        geometry=place,
        index=found.instants,
        crs=streets.crs,
    )


def _streets(found: _Found, among: pd.Index, number: Integers, share: float) -> pd.DataFrame:
    order = np.full(int(number.max(initial=-1)) + 1, -1, dtype=np.intp)
    order[number] = np.arange(len(number))
    group = order[found.pieces.street]
    row = found.worst(group, len(among))
    there = row >= 0
    worst_s, worst_at = np.full(len(among), np.nan), np.full(len(among), pd.NaT, dtype=object)
    worst_s[there] = found.longest_s[row[there]]
    worst_at[there] = found.instants[found.instant[row[there]]]
    return pd.DataFrame(
        {
            "worst_s": worst_s,
            "share_s": found.within(share, group, len(among)),
            "worst_at": pd.to_datetime(worst_at, utc=True),
        },
        index=among,
    )
