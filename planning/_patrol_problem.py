"""A night's patrol as a tour problem: visits with windows, and travel times along streets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning._patrol_points import ANYBODY
from planning._patrol_teams import Segment, Stay
from planning._patrol_ways import Ways
from planning.patrol_params import PatrolParams
from planning.tour_problem import TourProblem, Vehicle
from planning.units import Unit

Floats = NDArray[Any]
Flags = NDArray[np.bool_]
Pace = tuple[float, str]


@dataclass(frozen=True)
class Night:
    """What is given of a night: who is out when, what there is to stop for, and the ways between.

    Attributes
    ----------
    ways
        Ways between posts and points.
    units
        Units of the night.
    demand
        Points of demand, with their names.
    points
        What the night stops for, as `night_points` lists it; the place of point `p` is row
        `len(units) + p` of the ways' places.
    segments
        Times in which units move.
    stays
        Times that units spend at their posts because of a rule.
    origin
        The night's beginning, from which seconds are counted.
    span_s
        Length of the night.
    params
        Limits of the plan.
    """

    ways: Ways
    units: Sequence[Unit]
    demand: gpd.GeoDataFrame
    points: pd.DataFrame
    segments: Sequence[Segment]
    stays: Sequence[Stay]
    origin: datetime
    span_s: float
    params: PatrolParams

    @cached_property
    def travel_s(self) -> dict[Pace, Floats]:
        """Travel times between all places, by the pace of those who move."""
        movers = {self.pace(segment): self.units[segment.units[0]] for segment in self.segments}
        return {pace: self.ways.travel_s(mover) for pace, mover in movers.items()}

    def pace(self, segment: Segment) -> Pace:
        """Return how a segment moves: as its leader does.

        Parameters
        ----------
        segment
            Who moves.

        Returns
        -------
        pace
            Speed in metres a second, and mode.
        """
        leader = self.units[segment.units[0]]
        return leader.speed_mps, leader.mode

    @cached_property
    def may_stop(self) -> Flags:
        """Whether each segment may stop at each point, shape (segments, points).

        A visit may ask for a skill, which one of those who move together has; a break belongs to
        one segment.
        """
        own = self.points["segment"].to_numpy(np.intp)
        may: Flags = (own == ANYBODY) | (own == np.arange(len(self.segments))[:, None])
        asked = self.points["skill"].to_numpy(dtype=object)
        for skill in set(asked) - {""}:
            able = [
                any(skill in self.units[one].skills for one in segment.units)
                for segment in self.segments
            ]
            may &= (asked != skill) | np.array(able, dtype=np.bool_)[:, None]
        return may

    @cached_property
    def lone_stops(self) -> tuple[Floats, Floats]:
        """First and last moment at which each segment could begin its only stop at each point.

        Two arrays of shape (segments, points): infinite where there is no way there, minus infinite
        where there is none back; the last is before the first where there is no time.
        """
        place = len(self.units) + np.arange(len(self.points))
        dwell_s = self.points["dwell_s"].to_numpy(np.float64)
        first = np.empty((len(self.segments), len(self.points)))
        last = np.empty_like(first)
        for number, segment in enumerate(self.segments):
            travel = self.travel_s[self.pace(segment)]
            first[number] = segment.earliest_s + travel[segment.start, place]
            last[number] = segment.latest_s - travel[place, segment.end] - dwell_s
        return first, last


def terminals(segments: Sequence[Segment]) -> list[int]:
    """Return the rows of `Ways.places` at which segments begin or end, each once.

    Parameters
    ----------
    segments
        Times in which units move.

    Returns
    -------
    rows
        The first locations of the tour problem of these segments, in its order.
    """
    return list(dict.fromkeys(row for each in segments for row in (each.start, each.end)))


def tour_problem(
    night: Night,
    visits: pd.DataFrame,
    *,
    may: Flags,
    numbers: NDArray[np.intp] | None = None,
) -> TourProblem:
    """Return the tour problem whose locations are the segments' terminals and then the visits.

    Parameters
    ----------
    night
        Who is out, and what there is to stop for.
    visits
        Visits offered: point, earliest_s, latest_s, what each counts, weight, and required.
    may
        Whether each segment that takes part is offered each visit, shape (segments, visits).
    numbers
        Numbers of the segments that take part; all of them where none are given.

    Returns
    -------
    problem
        Locations, prizes and a vehicle a segment that takes part.
    """
    point = visits["point"].to_numpy(dtype=np.intp)
    numbers = np.arange(len(night.segments)) if numbers is None else numbers
    segments = [night.segments[number] for number in numbers]
    ends = terminals(segments)
    row = {place: number for number, place in enumerate(ends)}
    place = np.concatenate([np.array(ends, dtype=np.intp), len(night.units) + point])
    paces = list(dict.fromkeys(night.pace(segment) for segment in segments))

    def after_ends(values: Floats) -> Floats:
        return np.concatenate([np.zeros(len(ends), dtype=values.dtype), values])

    anywhere = np.ones((len(segments), len(ends)), dtype=np.bool_)
    offered = night.may_stop[np.ix_(numbers, point)] & may
    return TourProblem(
        travel_s=np.stack([night.travel_s[pace][np.ix_(place, place)] for pace in paces]),
        prize=after_ends(visits["weight"].to_numpy(np.float64)),
        service_s=after_ends(night.points["dwell_s"].to_numpy(np.float64)[point]),
        earliest_s=after_ends(visits["earliest_s"].to_numpy(np.float64)),
        latest_s=after_ends(visits["latest_s"].to_numpy(np.float64)),
        vehicles=[
            Vehicle(
                start=row[segment.start],
                end=row[segment.end],
                earliest_s=segment.earliest_s,
                latest_s=segment.latest_s,
                max_duration_s=segment.latest_s - segment.earliest_s,
                profile=paces.index(night.pace(segment)),
            )
            for segment in segments
        ],
        allowed=np.hstack([anywhere, offered]),
        required=after_ends(visits["required"].to_numpy(np.bool_)),
    )
