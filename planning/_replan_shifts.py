"""Units that go off duty or come on duty in the night."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import geopandas as gpd
from shapely import Point

from geo.zone import Zone
from planning._patrol_teams import Stay, form_segments
from planning._patrol_ways import end_rows, find_ways
from planning._replan_calls import Answer
from planning._replan_crews import Crew, Cut, breaks_taken
from planning._replan_draft import Draft, Mended
from planning._replan_events import UnitOut
from planning.patrol_params import PatrolParams
from planning.patrol_plan import PatrolStop, PatrolTour, Team
from planning.patrol_rules import PatrolRules
from planning.units import Unit


@dataclass
class Shifts:
    """What becomes of shifts.

    Attributes
    ----------
    ends
        When and where the shift of a unit ends, by its number, where it is not as planned.
    cuts
        Where the past of a unit ends, by its number, where it ends neither now nor with a way.
    gone
        Crews that do no more than they have done.
    homeless
        Visits, by their numbers, that those who leave no longer make.
    """

    ends: dict[int, "End"] = field(default_factory=dict)
    cuts: dict[int, Cut] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    homeless: list[int] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class End:
    """When and where a shift ends.

    Attributes
    ----------
    at
        When.
    post
        Where; none for the post as planned.
    """

    at: datetime
    post: Point | None


def crews_of_new(
    unit: Unit, zone: Zone, *, params: PatrolParams, rules: PatrolRules
) -> tuple[list[Crew], list[Stay]]:
    """Return when a unit that comes on duty moves by itself, and when it stays.

    Parameters
    ----------
    unit
        The unit.
    zone
        Zone of the patrols.
    params
        Limits of the plan.
    rules
        Rules of the zone.

    Returns
    -------
    crews
        Its crews; it joins nobody else.
    stays
        Times that it spends at its post because of a rule.
    """
    nowhere = gpd.GeoDataFrame(geometry=[], crs=zone.crs)
    ways = find_ways(
        zone.streets,
        [unit],
        nowhere,
        snap_limit_m=params.snap_limit_m,
        forbidden=zone.forbidden_turns,
    )
    teams = form_segments([unit], rules, ways, unit.starts_at, ends=end_rows([unit], nowhere))
    posts = [unit.post, unit.end_post or unit.post]
    crews = []
    for segment in teams.segments:
        start, end = (posts[int(row != 0)] for row in (segment.start, segment.end))
        begins, ends = (
            unit.starts_at + timedelta(seconds=seconds)
            for seconds in (segment.earliest_s, segment.latest_s)
        )
        team = Team((unit.id,), start, end, begins, ends)
        crews.append(Crew(team, ends, start, begins, start, begins, ()))
    return crews, teams.stays


def let_go(draft: Draft, event: UnitOut, unit: int, tour: PatrolTour, shifts: Shifts) -> None:
    """Take a unit off duty: at its post by then, or wherever it is, after the stop under way.

    Who must not be left alone is seen back first: a crew of several goes to its end and parts.

    Parameters
    ----------
    draft
        Tours and visits; changed.
    event
        Who goes, and when.
    unit
        Its number.
    tour
        Its tour.
    shifts
        What becomes of shifts; changed.
    """
    from_s = draft.board.seconds(event.from_at)
    shifts.ends[unit] = End(event.from_at, _stands_at(tour, event.from_at))
    for number, crew in enumerate(draft.board.crews):
        if unit not in draft.segments[number].units or crew.team.ends_at <= event.from_at:
            continue
        if len(draft.segments[number].units) > 1:
            from_s = max(from_s, _home_s(draft, number))
        mended = _home_by(draft, number, from_s)
        if mended is not None:
            shifts.homeless += draft.take(number, mended)
            ends_at = draft.board.night.origin + timedelta(seconds=from_s)
            elsewhere = crew.team.end != (tour.unit.end_post or tour.unit.post)
            shifts.ends[unit] = End(ends_at, crew.team.end if elsewhere else None)
        else:
            out_at = _over_at(tour, event.from_at)
            shifts.ends[unit] = End(out_at, _stands_at(tour, out_at))
            shifts.cuts[unit] = Cut(out_at, arrive=False)
            _end(draft, number, shifts, before_s=draft.board.seconds(out_at))


def left_alone(
    draft: Draft,
    answers: Sequence[Answer],
    tours: Mapping[str, PatrolTour],
    shifts: Shifts,
    *,
    now: datetime,
) -> None:
    """Let who was to go off duty after a stop under way go at once if its company leaves the stop.

    Parameters
    ----------
    draft
        Who is in which crew.
    answers
        Who leaves the stop under way for a call.
    tours
        Tours by the ids of their units.
    shifts
        What becomes of shifts; changed.
    now
        When they leave.
    """
    for crew in {crew for answer in answers for crew in answer.leaving}:
        for unit in draft.segments[crew].units:
            if unit in shifts.cuts:
                tour = tours[draft.board.night.units[unit].id]
                shifts.cuts[unit] = Cut(now, interrupt=True, arrive=False)
                shifts.ends[unit] = End(now, _stands_at(tour, now))


def _stands_at(tour: PatrolTour, at: datetime) -> Point:
    """Return where a unit is at an instant; its post where it has not moved by then."""
    moved = any(leg.leaves_at < at for leg in tour.legs)
    return tour.position_at(at) if moved else tour.unit.post


def _over_at(tour: PatrolTour, at: datetime) -> datetime:
    """Return when the stop that is under way at an instant is over."""
    return max(
        (stop.leaves_at for stop in tour.stops if stop.arrives_at <= at < stop.leaves_at),
        default=at,
    )


def _home_s(draft: Draft, crew: int) -> float:
    """Return when a crew could be at its end if it went there at once."""
    segment = draft.turned(crew)
    return segment.earliest_s + draft.board.way_s(segment)


def _home_by(draft: Draft, crew: int, latest_s: float) -> Mended | None:
    """Return the most that a crew can do and be at its end by some time."""
    starts = [
        segment._replace(latest_s=min(segment.latest_s, latest_s))
        for segment in (draft.segments[crew], draft.turned(crew))
    ]
    starts = [segment for segment in starts if segment.earliest_s <= segment.latest_s + 1e-6]
    calls = [one for one in draft.tours[crew] if draft.visits[one].must]
    for must in (calls, []):
        mended = draft.mend(crew, draft.tours[crew], must, starts)
        if mended is not None:
            return mended
    return None


def _end(draft: Draft, crew: int, shifts: Shifts, *, before_s: float = -1.0) -> None:
    """Let a crew do no more; what it would have begun before some time it has done."""
    segment = draft.segments[crew]
    moment_s = segment.earliest_s
    shifts.gone.add(crew)
    shifts.homeless += [
        number for number in draft.tours[crew] if draft.visits[number].planned_s > before_s
    ]
    draft.tours[crew] = []
    draft.segments[crew] = segment._replace(end=segment.start, latest_s=moment_s)
    draft.touched.add(crew)


def units_after(
    units: Sequence[Unit], shifts: Shifts, stops: Sequence[Sequence[PatrolStop]] | None
) -> Iterator[Unit]:
    """Give the units as they are from now on.

    Parameters
    ----------
    units
        Units before.
    shifts
        What becomes of shifts.
    stops
        Stops of each unit, all night: who goes off duty has the breaks that it takes. Where none
        are given, all its breaks.

    Yields
    ------
    unit
        In their order.
    """
    for number, unit in enumerate(units):
        end = shifts.ends.get(number)
        if end is None:
            yield unit
            continue
        breaks = unit.breaks
        if stops is not None:
            breaks = tuple(breaks[one] for one in sorted(breaks_taken(unit, stops[number])))
        post = unit.end_post if end.post is None else end.post
        yield replace(unit, ends_at=end.at, end_post=post, breaks=breaks)
