"""What a night stops for: the points of demand, and the breaks of its units."""

from datetime import datetime
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import InfeasiblePlanError
from planning._patrol_teams import Teams
from planning._patrol_ways import Ways
from planning.units import Break

# Who stops at a point: whoever may; nobody who is out, but a unit that stays at its post.
ANYBODY = -1
AT_POST = -2
_Moments = tuple[float, float, int]
# What a point asks for where it does not say so itself.
USUAL: dict[str, Any] = {
    "opens_at": pd.NaT,
    "closes_at": pd.NaT,
    "needs_units": 1,
    "skill": "",
    "revisit_s": np.nan,
}


def night_points(
    demand: gpd.GeoDataFrame, teams: Teams, ways: Ways, *, origin: datetime, revisit_s: float
) -> pd.DataFrame:
    """List what a night stops for: first the points of demand, then the breaks.

    Parameters
    ----------
    demand
        Points of demand, checked.
    teams
        Units with their breaks, when they move and when they stay.
    ways
        Ways between posts, points of demand and the places of breaks, in this order.
    origin
        The night's beginning.
    revisit_s
        Span in which a point is due once, where it has none of its own.

    Returns
    -------
    points
        A row a point: weight, dwell_s, opens_s and closes_s (first and last moment at which a stop
        may begin, in seconds from the night's beginning; infinite where all night), needs_units,
        skill, revisit_s, and segment: which one must stop there, `ANYBODY` for a visit, `AT_POST`
        for a break that a unit takes while it stays at its post anyway.

    Raises
    ------
    InfeasiblePlanError
        Breaks fit into no time in which their units are at hand; each is named.
    """
    visits = pd.DataFrame(
        {
            "weight": demand["weight"].astype(np.float64),
            "dwell_s": demand["dwell_s"].astype(np.float64),
            "opens_s": _seconds(_given(demand, "opens_at"), origin, otherwise=-np.inf),
            "closes_s": _seconds(_given(demand, "closes_at"), origin, otherwise=np.inf),
            "needs_units": _given(demand, "needs_units").astype(np.intp),
            "skill": _given(demand, "skill").astype(object),
            "revisit_s": _given(demand, "revisit_s").astype(np.float64).fillna(revisit_s),
            "segment": ANYBODY,
        }
    )
    breaks = pd.DataFrame(_breaks(len(demand), _Times(teams, ways, origin)), columns=visits.columns)
    if not len(breaks):
        return visits.reset_index(drop=True)
    return pd.concat([visits, breaks.astype(visits.dtypes)], ignore_index=True)


def _given(demand: gpd.GeoDataFrame, name: str) -> "pd.Series[Any]":
    return demand[name] if name in demand else pd.Series(USUAL[name], index=demand.index)


def _seconds(
    instants: "pd.Series[Any]", origin: datetime, *, otherwise: float
) -> "pd.Series[float]":
    moments = pd.to_datetime(instants, utc=True)
    return (moments - pd.Timestamp(origin)).dt.total_seconds().fillna(otherwise)


def _breaks(points: int, times: "_Times") -> list[dict[str, Any]]:
    """Return the breaks of all units as rows, in their order."""
    units = times.teams.units
    rows: list[dict[str, Any]] = []
    homeless: list[str] = []
    for number, unit in enumerate(units):
        rested_s = -np.inf
        for pause in unit.breaks:
            place = len(units) + points + len(rows) + len(homeless)
            moments = times.at_post(pause, number, after_s=rested_s)
            if moments:
                rested_s = moments[0] + pause.duration_s
            else:
                moments = times.on_patrol(pause, number, place)
            if moments is None:
                homeless.append(f"{unit.id} from {pause.earliest_at} to {pause.latest_at}")
                continue
            opens_s, closes_s, segment = moments
            rows.append(
                {
                    "weight": 0.0,
                    "dwell_s": pause.duration_s,
                    "opens_s": opens_s,
                    "closes_s": closes_s,
                    "needs_units": 1,
                    "skill": "",
                    "revisit_s": np.inf,
                    "segment": segment,
                }
            )
    if homeless:
        raise InfeasiblePlanError(
            f"Expected time for every break while its unit is at hand, got none for that of "
            f"{', '.join(homeless)}."
        )
    return rows


class _Times(NamedTuple):
    """When units are where, for their breaks: first and last moment of beginning, and segment."""

    teams: Teams
    ways: Ways
    origin: datetime

    def at_post(self, pause: Break, unit: int, *, after_s: float) -> _Moments | None:
        """Return when a unit that stays at its post takes a break there: as soon as it may."""
        earliest_s, latest_s = self._window(pause)
        for stay in self.teams.stays:
            begins_s = max(earliest_s, stay.earliest_s, after_s)
            fits = begins_s <= min(latest_s, stay.latest_s - pause.duration_s)
            if stay.unit == unit and pause.at is None and fits:
                return begins_s, begins_s, AT_POST
        return None

    def on_patrol(self, pause: Break, unit: int, place: int) -> _Moments | None:
        """Return when a break may begin in the segment of its unit that leaves it most choice."""
        earliest_s, latest_s = self._window(pause)
        best, longest_s = None, 0.0
        for number, segment in enumerate(self.teams.segments):
            if unit in segment.units:
                travel = self.ways.travel_s(self.teams.units[segment.units[0]])
                there_s = segment.earliest_s + float(travel[segment.start, place])
                left_s = segment.latest_s - pause.duration_s - float(travel[place, segment.end])
                opens_s, closes_s = max(earliest_s, there_s), min(latest_s, left_s)
                if closes_s - opens_s >= longest_s:
                    best, longest_s = (opens_s, closes_s, number), closes_s - opens_s
        return best

    def _window(self, pause: Break) -> tuple[float, float]:
        opens, closes = pause.earliest_at - self.origin, pause.latest_at - self.origin
        return opens.total_seconds(), closes.total_seconds()
