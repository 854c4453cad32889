"""The rest of a night on the streets: crews where they are, and what they have still to do."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.zone import Zone
from planning._patrol_night import with_skills
from planning._patrol_points import AT_POST, night_points
from planning._patrol_problem import Night, terminals, tour_problem
from planning._patrol_rests import with_rests
from planning._patrol_teams import Segment, Teams
from planning._patrol_ways import find_ways
from planning._replan_crews import Crew, breaks_taken
from planning.patrol_params import PatrolParams
from planning.patrol_plan import PatrolTour
from planning.patrol_rules import PatrolRules
from planning.tour_problem import TourProblem
from planning.units import Break, Unit

NEW = -1
# A stop that begins at most this much later counts as unchanged.
UNCHANGED_S = 300.0
# Rows of places that each crew adds: where it is, where its way leads, and where it ends.
_SPOTS = 3


class Visit(NamedTuple):
    """A stop that could be made.

    Attributes
    ----------
    point
        Row of the night's points.
    earliest_s
        First moment at which it may begin, in seconds from the night's beginning.
    latest_s
        Last moment.
    weight
        What it counts.
    must
        Whether nothing may take its place.
    crew
        Whose stop it was to be; `NEW` for a new one.
    planned_s
        When it was to begin; NaN for a new one.
    """

    point: int
    earliest_s: float
    latest_s: float
    weight: float
    must: bool = False
    crew: int = NEW
    planned_s: float = np.nan


@dataclass(frozen=True)
class Board:
    """Crews and points of the rest of a night.

    Attributes
    ----------
    night
        Units with the breaks they have still to take, the points of demand and one of no weight
        for each place at which a crew is, and the ways between.
    crews
        The crews, one a segment.
    count
        Number of points of demand.
    """

    night: Night
    crews: tuple[Crew, ...]
    count: int

    def seconds(self, instant: datetime) -> float:
        """Return an instant in seconds from the night's beginning.

        Parameters
        ----------
        instant
            The instant.

        Returns
        -------
        seconds
            Negative before it.
        """
        return (instant - self.night.origin).total_seconds()

    def segment(self, number: int, *, turns_off: bool = False) -> Segment:
        """Return the time that a crew has left.

        Parameters
        ----------
        number
            The crew.
        turns_off
            Whether it leaves its way under way for another at once.

        Returns
        -------
        segment
            From where it is, or from where its way leads.
        """
        crew = self.crews[number]
        at = crew.here_at if turns_off else crew.ahead_at
        row = self.spot(number) if turns_off else self.spot(number) + 1
        return self.night.segments[number]._replace(start=row, earliest_s=self.seconds(at))

    @property
    def first_break(self) -> int:
        """Row of the night's points from which on they are breaks.

        Returns
        -------
        row
            Behind the points of demand and the places of crews.
        """
        return self.count + _SPOTS * len(self.crews)

    def place(self, point: int) -> int:
        """Return the row of the ways' places at which a point is.

        Parameters
        ----------
        point
            Row of the night's points.

        Returns
        -------
        row
            Row of `night.ways.places`.
        """
        return len(self.night.units) + point

    def way_s(self, segment: Segment) -> float:
        """Return how long a segment's way from its start to its end takes.

        Parameters
        ----------
        segment
            Who moves.

        Returns
        -------
        time_s
            Seconds.
        """
        return float(self.night.travel_s[self.night.pace(segment)][segment.start, segment.end])

    def spot(self, number: int) -> int:
        """Return the row of the ways' places at which a crew is; its way leads to the next row.

        Parameters
        ----------
        number
            The crew.

        Returns
        -------
        row
            Row of `night.ways.places`.
        """
        return len(self.night.units) + self.count + _SPOTS * number

    def problem(self, segments: Sequence[Segment], visits: Sequence[Visit]) -> "Problem":
        """Return the tour problem of some visits.

        Parameters
        ----------
        segments
            The time that each crew has.
        visits
            The visits.

        Returns
        -------
        problem
            A vehicle a crew, of any duration, and the location of the first visit.
        """
        frame = pd.DataFrame(visits, columns=Visit._fields).assign(required=False)
        may = np.ones((len(segments), len(visits)), dtype=np.bool_)
        night = replace(self.night, segments=tuple(segments))
        found = tour_problem(night, frame, may=may)
        vehicles = [replace(vehicle, max_duration_s=np.inf) for vehicle in found.vehicles]
        return Problem(replace(found, vehicles=vehicles), len(terminals(segments)))


class Problem(NamedTuple):
    """A tour problem whose locations from `first` on are visits."""

    tours: TourProblem
    first: int


def set_up(
    zone: Zone,
    units: Sequence[Unit],
    demand: gpd.GeoDataFrame,
    crews: Sequence[Crew],
    tours: Mapping[str, PatrolTour],
    *,
    params: PatrolParams,
    rules: PatrolRules,
) -> Board:
    """Bring the rest of a night onto the streets.

    Parameters
    ----------
    zone
        Zone of the patrols.
    units
        All units of the night.
    demand
        Points of demand.
    crews
        Crews whose time is not over.
    tours
        Tours of units by their ids.
    params
        Limits of the plan.
    rules
        Rules of the zone.

    Returns
    -------
    board
        Crews, points and ways.
    """
    origin = min(unit.starts_at for unit in units)
    planned = {(stop.kind, stop.arrives_at) for crew in crews for stop in crew.stops}
    resting = [
        _with_breaks_left(with_rests(unit, rules), tours.get(unit.id), planned) for unit in units
    ]
    everywhere = _with_spots(demand, crews)
    segments = _segments(units, crews, first=len(units) + len(demand), origin=origin)
    ways = find_ways(
        zone.streets,
        resting,
        everywhere,
        snap_limit_m=params.snap_limit_m,
        forbidden=zone.forbidden_turns,
    )
    points = night_points(
        with_skills(zone, units, demand, rules),
        Teams([], [], []),
        ways,
        origin=origin,
        revisit_s=params.revisit_s,
    )
    rests = [
        _rest(pause, unit, segments, crews, origin)
        for unit, one in enumerate(resting)
        for pause in one.breaks
    ]
    night = Night(
        ways=ways,
        units=tuple(resting),
        demand=everywhere,
        points=_with_rests(points, rests, crews=len(crews)),
        segments=tuple(segments),
        stays=(),
        origin=origin,
        span_s=(max(unit.ends_at for unit in units) - origin).total_seconds(),
        params=params,
    )
    return Board(night, tuple(crews), len(demand))


def _with_breaks_left(
    unit: Unit, tour: PatrolTour | None, planned: Container[tuple[str, datetime]]
) -> Unit:
    """Return a unit with the breaks that it has still to take on its way.

    What it has missed is gone; a break that it takes while it stays at its post needs no crew.
    """
    if tour is None:
        return unit
    ahead = [stop for stop in tour.stops if (stop.kind, stop.arrives_at) in planned]
    taken = breaks_taken(unit, ahead)
    return replace(unit, breaks=tuple(unit.breaks[number] for number in sorted(taken)))


def _segments(
    units: Sequence[Unit], crews: Sequence[Crew], *, first: int, origin: datetime
) -> list[Segment]:
    """Return the time that each crew has left, from where its way leads.

    The places of crews begin at row `first` of the ways' places.
    """
    number = {unit.id: row for row, unit in enumerate(units)}
    return [
        Segment(
            tuple(number[one] for one in crew.team.units),
            first + _SPOTS * row + 1,
            first + _SPOTS * row + 2,
            (crew.ahead_at - origin).total_seconds(),
            (crew.due_at - origin).total_seconds(),
        )
        for row, crew in enumerate(crews)
    ]


def _with_rests(
    points: pd.DataFrame, rests: Sequence[Mapping[str, object]], *, crews: int
) -> pd.DataFrame:
    """Return the points of demand, those of no weight at which crews are, and their breaks."""
    idle: dict[str, object] = {
        "weight": 0.0,
        "dwell_s": 0.0,
        "opens_s": -np.inf,
        "closes_s": np.inf,
        "needs_units": 1,
        "skill": "",
        "revisit_s": np.inf,
        "segment": crews,
    }
    rows = [idle] * (_SPOTS * crews) + [{**idle, **rest} for rest in rests]
    more = pd.DataFrame(rows, columns=points.columns).astype(points.dtypes)
    return pd.concat([points, more], ignore_index=True)


def _with_spots(demand: gpd.GeoDataFrame, crews: Sequence[Crew]) -> gpd.GeoDataFrame:
    """Return the points of demand and, as more of them, the places of crews."""
    spots = [place for crew in crews for place in (crew.here, crew.ahead, crew.team.end)]
    texts = dict.fromkeys(("name_th", "name_en", "reason_th", "reason_en"), "")
    nowhere = texts | {"weight": 0.0, "dwell_s": 0.0}
    places = gpd.GeoDataFrame([nowhere] * len(spots), geometry=spots, crs=demand.crs)
    given = demand[places.columns]
    return gpd.GeoDataFrame(pd.concat([given, places]), geometry="geometry", crs=demand.crs)


def _rest(
    pause: Break,
    unit: int,
    segments: Sequence[Segment],
    crews: Sequence[Crew],
    origin: datetime,
) -> dict[str, float]:
    """Return a break as a point: when it may begin, and which crew takes it."""
    earliest_s, latest_s = (
        (instant - origin).total_seconds() for instant in (pause.earliest_at, pause.latest_at)
    )
    own = [number for number, segment in enumerate(segments) if unit in segment.units]
    windows = [
        (
            max(earliest_s, segments[number].earliest_s),
            min(latest_s, segments[number].latest_s - pause.duration_s),
            number,
        )
        for number in own
    ]
    planned = [
        window
        for window in windows
        if any(
            stop.kind == "break"
            and window[0] - 1.0 <= (stop.arrives_at - origin).total_seconds() <= window[1] + 1.0
            for stop in crews[window[2]].stops
        )
    ]
    if not windows:
        return {"dwell_s": pause.duration_s, "opens_s": earliest_s, "segment": AT_POST}
    opens_s, closes_s, crew = max(planned or windows, key=lambda window: window[1] - window[0])
    return {"dwell_s": pause.duration_s, "opens_s": opens_s, "closes_s": closes_s, "segment": crew}
