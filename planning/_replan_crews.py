"""Where everybody is at an instant of a plan, and what they have still before them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shapely import LineString, Point
from shapely.ops import substring

from planning.patrol_plan import Leg, PatrolPlan, PatrolStop, PatrolTour, Team
from planning.units import Unit

# What instants in microseconds may be off by.
_SLACK = timedelta(milliseconds=10)


@dataclass(frozen=True)
class Crew:
    """Those who move together, from an instant on.

    Attributes
    ----------
    team
        Who, from where to where, and within which time.
    due_at
        When they are to be back: that of the team, or later where they are late already.
    here
        Where they are, or will be once the stop under way is over.
    here_at
        When they can go on from there.
    ahead
        Where the way under way leads; `here` where they are on none.
    ahead_at
        When they arrive there.
    stops
        Stops that they have before them, in order.
    stop
        The stop under way; none where there is none.
    leg
        The way under way; none where there is none.
    left
        Whether they have left the start of their team: then they do not wait before they go on.
    """

    team: Team
    due_at: datetime
    here: Point
    here_at: datetime
    ahead: Point
    ahead_at: datetime
    stops: tuple[PatrolStop, ...]
    stop: PatrolStop | None = None
    leg: Leg | None = None
    left: bool = False


def find_crews(plan: PatrolPlan, now: datetime) -> list[Crew]:
    """Return the crews of a plan whose time is not over.

    Parameters
    ----------
    plan
        The plan.
    now
        The instant.

    Returns
    -------
    crews
        In the order of the plan's teams.
    """
    tours = {tour.unit.id: tour for tour in plan.tours}
    last = {unit: team for team in plan.teams for unit in team.units}
    due = []
    for team in plan.teams:
        ends = [tours[unit].ends_at for unit in team.units if last[unit] is team]
        # Who was called to help may be late.
        due.append(max([team.ends_at, *ends]))
    return [
        _crew(team, tours[team.units[0]], now, due_at)
        for team, due_at in zip(plan.teams, due, strict=True)
        if due_at > now
    ]


def _crew(team: Team, tour: PatrolTour, now: datetime, due_at: datetime) -> Crew:
    own = [
        stop
        for stop in tour.stops
        if team.starts_at <= stop.arrives_at < due_at and stop.kind != "meeting"
    ]
    ahead = tuple(stop for stop in own if stop.arrives_at > now)
    if team.starts_at > now:
        return Crew(team, due_at, team.start, team.starts_at, team.start, team.starts_at, ahead)
    made = [stop for stop in own if stop.arrives_at <= now]
    legs = [leg for leg in tour.legs if team.starts_at - _SLACK <= leg.leaves_at < now]
    goal = ahead[0].geometry if ahead else team.end
    if made and made[-1].leaves_at > now:
        last = made[-1]
        place, free_at = last.geometry, last.leaves_at
        return Crew(team, due_at, place, free_at, place, free_at, ahead, stop=last, left=True)
    if legs and legs[-1].arrives_at > now:
        here, leg = tour.position_at(now), legs[-1]
        return Crew(team, due_at, here, now, goal, leg.arrives_at, ahead, leg=leg, left=True)
    if legs and not (made and made[-1].arrives_at >= legs[-1].arrives_at - _SLACK):
        # They stand where the next stop will begin, or are back already and may go out again.
        onward = (leg.leaves_at for leg in tour.legs if leg.leaves_at >= now)
        if ahead and next(onward, due_at) < ahead[0].arrives_at - _SLACK:
            goal = tour.position_at(now)
        return Crew(team, due_at, goal, now, goal, now, ahead, left=True)
    place = made[-1].geometry if made else team.start
    return Crew(team, due_at, place, now, place, now, ahead, left=bool(made))


@dataclass(frozen=True)
class Cut:
    """Where the past of a unit ends.

    Attributes
    ----------
    at
        The instant.
    interrupt
        Whether it leaves the stop under way at once; otherwise that is finished.
    arrive
        Whether it goes its way under way to the end; otherwise that ends where it is.
    """

    at: datetime
    interrupt: bool = False
    arrive: bool = True


def cut_tour(tour: PatrolTour, cut: Cut) -> tuple[tuple[PatrolStop, ...], tuple[Leg, ...]]:
    """Return what a unit has done by an instant.

    Parameters
    ----------
    tour
        Its tour.
    cut
        The instant, and what becomes of what is under way then.

    Returns
    -------
    stops
        Stops begun, without a meeting that is not over; one that is left too early is of the kind
        "interrupted".
    legs
        Movements begun.
    """
    stops = tuple(
        replace(stop, leaves_at=cut.at, kind="interrupted")
        if cut.interrupt and stop.leaves_at > cut.at
        else stop
        for stop in tour.stops
        if stop.arrives_at <= cut.at and not (stop.kind == "meeting" and stop.leaves_at > cut.at)
    )
    legs = [leg for leg in tour.legs if leg.leaves_at < cut.at]
    if legs and legs[-1].arrives_at > cut.at and not cut.arrive:
        leg = legs[-1]
        gone = (cut.at - leg.leaves_at) / (leg.arrives_at - leg.leaves_at)
        done = LineString(substring(leg.line, 0.0, gone, normalized=True).coords)
        legs[-1] = Leg(leg.leaves_at, cut.at, done)
    return stops, tuple(legs)


def breaks_taken(unit: Unit, stops: Sequence[PatrolStop]) -> dict[int, PatrolStop]:
    """Match breaks of a unit with the stops at which it takes them.

    Parameters
    ----------
    unit
        The unit.
    stops
        Its stops; only those of the kind "break" count.

    Returns
    -------
    taken
        The stop of each break by the number of the break.
    """
    left = [stop for stop in stops if stop.kind == "break"]
    taken = {}
    for number, pause in enumerate(unit.breaks):
        for stop in left:
            lasts_s = (stop.leaves_at - stop.arrives_at).total_seconds()
            begins = pause.earliest_at - _SLACK <= stop.arrives_at <= pause.latest_at + _SLACK
            at_place = stop.geometry == (pause.at or unit.post)
            if begins and at_place and abs(lasts_s - pause.duration_s) < 1.0:
                taken[number] = stop
                left.remove(stop)
                break
    return taken
