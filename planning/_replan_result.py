"""A replanned night: what is done, what is to come, and what has changed."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta

import geopandas as gpd
import pandas as pd

from planning._patrol_night import share_served, value_of, visits_due
from planning._patrol_rounds import Outing
from planning._patrol_tours import patrol_tours, route_of
from planning._patrol_unserved import unserved_points
from planning._replan_board import UNCHANGED_S, Board
from planning._replan_crews import Cut, breaks_taken, cut_tour
from planning.patrol_plan import Leg, PatrolPlan, PatrolStop, PatrolTour, Team
from planning.tours import Schedule
from planning.units import Unit

_KEPT = timedelta(seconds=UNCHANGED_S, milliseconds=10)
_CHANGED = ("unit", "code", "point", "name_th", "name_en", "was_at", "is_at", "why_th", "why_en")
# By code: in Thai and in English.
_WHY = {
    "dropped": ("ยกเลิกเพราะเหตุการณ์", "given up because of what happened"),
    "moved": ("มอบให้หน่วยอื่น", "handed to another unit"),
    "later": ("เลื่อนให้ช้าลง", "put off"),
    "earlier": ("เลื่อนให้เร็วขึ้น", "brought forward"),
    "interrupted": ("หยุดกลางคันเพื่อไปช่วยเหลือ", "left early to help"),
    "added": ("จุดแวะใหม่", "a new stop"),
}


def spliced(
    board: Board,
    outings: Sequence[Outing],
    units: Sequence[Unit],
    *,
    old: Mapping[str, PatrolTour],
    cuts: Mapping[str, Cut],
    touched: AbstractSet[str],
) -> list[PatrolTour]:
    """Join what units have done and what they are to do.

    Parameters
    ----------
    board
        Crews and points, with the segments that the outings are of.
    outings
        One a crew.
    units
        The units as they are from now on.
    old
        Tours by the ids of their units.
    cuts
        Where the past of each unit ends.
    touched
        Ids of units that have another tour than planned.

    Returns
    -------
    tours
        One a unit; that of a unit that does as planned is the old one.
    """
    coming = patrol_tours(board.night, outings)
    joined = []
    for number, unit in enumerate(units):
        tour = old.get(unit.id)
        own = [crew for crew, some in enumerate(board.night.segments) if number in some.units]
        if tour is None:
            joined.append(replace(coming[number], unit=unit))
        elif tour.unit == unit and unit.id not in touched:
            joined.append(tour)
        else:
            stops, legs = cut_tour(tour, cuts[unit.id])
            rests = [
                stop
                for stop in _at_post(board, own, unit, tour)
                if stop.arrives_at > cuts[unit.id].at
            ]
            ahead = sorted(
                [*_ahead(board, own, coming[number]), *rests], key=lambda stop: stop.arrives_at
            )
            # A meeting that is over at this very instant may go on.
            met = {stop.arrives_at for stop in ahead if stop.kind == "meeting"}
            done = [one for one in stops if not (one.kind == "meeting" and one.arrives_at in met)]
            stops = (*done, *ahead)
            joined.append(_tour(unit, stops, (*legs, *coming[number].legs), [tour, coming[number]]))
    return joined


def _ahead(board: Board, own: Sequence[int], coming: PatrolTour) -> Iterator[PatrolStop]:
    """Give the stops to come; crews that have met already do not meet again."""
    begun = {
        board.night.origin + timedelta(seconds=board.night.segments[crew].earliest_s): crew
        for crew in own
    }
    for stop in coming.stops:
        crew = begun.get(stop.arrives_at) if stop.kind == "meeting" else None
        if crew is None:
            yield stop
        elif not board.crews[crew].left:
            begins_at = board.crews[crew].team.starts_at
            late = board.night.segments[crew].earliest_s > board.seconds(board.crews[crew].ahead_at)
            yield stop if late else replace(stop, arrives_at=begins_at)


def _at_post(board: Board, own: Sequence[int], unit: Unit, old: PatrolTour) -> Iterator[PatrolStop]:
    """Give the breaks that a unit takes while it stays at its post: they are part of no outing.

    A break of a team that there is no more is none of them: it was to be taken on its way.
    """
    teams = [board.crews[crew].team for crew in own]
    for stop in breaks_taken(old.unit, old.stops).values():
        out = any(team.starts_at <= stop.arrives_at < team.ends_at for team in teams)
        if not (out or stop.with_units) and stop.leaves_at <= unit.ends_at:
            yield stop


def _tour(
    unit: Unit,
    stops: tuple[PatrolStop, ...],
    legs: tuple[Leg, ...],
    noted: Sequence[PatrolTour],
) -> PatrolTour:
    """Return a tour; why it stays is said by the tour before, or else by that of what is left."""
    begins = [leg.leaves_at for leg in legs[:1]] + [stop.arrives_at for stop in stops[:1]]
    ends = [leg.arrives_at for leg in legs[-1:]] + [stop.leaves_at for stop in stops[-1:]]
    visits, visited = (
        any(stop.kind == "visit" for stop in some) for some in (stops, noted[0].stops)
    )
    said = noted[0] if visits == visited else noted[1]
    quiet = visits and not visited
    return PatrolTour(
        unit=unit,
        stops=stops,
        legs=legs,
        starts_at=min(begins, default=unit.starts_at),
        ends_at=max(ends, default=unit.starts_at),
        route=route_of(unit, legs) if legs or stops else None,
        note_th="" if quiet else said.note_th,
        note_en="" if quiet else said.note_en,
    )


def plan_again(
    board: Board,
    demand: gpd.GeoDataFrame,
    tours: Sequence[PatrolTour],
    teams: Sequence[Team],
    old: PatrolPlan,
) -> PatrolPlan:
    """Return the plan that tours make.

    Parameters
    ----------
    board
        Crews and points.
    demand
        Points of demand.
    tours
        One a unit.
    teams
        Who moves with whom, all night.
    old
        The plan before.

    Returns
    -------
    plan
        Tours, what they are worth, and what is left unserved.
    """
    last = max(tour.unit.ends_at for tour in tours)
    night = replace(
        board.night,
        demand=demand,
        points=board.night.points.iloc[: len(demand)],
        span_s=board.seconds(last),
    )
    row = {label: number for number, label in enumerate(demand.index)}
    outings = []
    for tour in tours:
        made = [stop for stop in tour.stops if stop.kind == "visit"]
        begins = tuple(board.seconds(stop.arrives_at) for stop in made)
        outings.append(Outing(tuple(row[stop.point] for stop in made), Schedule(0.0, begins, 0.0)))
    # Outings are asked here for their visits alone, one a unit and not one a segment.
    due = visits_due(night, seed=old.seed)
    return replace(
        old,
        tours=tuple(tours),
        unserved=unserved_points(night, outings),
        value=value_of(night, outings),
        share_served=share_served(night, due, outings),
        teams=tuple(teams),
    )


def changes_between(
    old: Sequence[PatrolTour], new: Sequence[PatrolTour], now: datetime
) -> pd.DataFrame:
    """List the stops that are other than planned.

    Parameters
    ----------
    old
        Tours before.
    new
        Tours after.
    now
        The instant from which they differ.

    Returns
    -------
    changes
        A row a stop: unit (whose it was, or now is), code (dropped, moved, later, earlier,
        interrupted, added), point (label), name_th, name_en, was_at, is_at, why_th, why_en. A
        stop that begins within five minutes of the time planned has not changed.
    """
    rows = list(_changes(old, new, now))
    frame = pd.DataFrame(rows, columns=_CHANGED[:-2])
    for column, language in (("why_th", 0), ("why_en", 1)):
        frame[column] = [_WHY[code][language] for code in frame["code"]]
    for column in ("was_at", "is_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    return frame.sort_values(["was_at", "is_at", "unit"], ignore_index=True)


def _changes(
    old: Sequence[PatrolTour], new: Sequence[PatrolTour], now: datetime
) -> Iterator[tuple[object, ...]]:
    left = {tour.unit.id: _planned(tour, now) for tour in new}
    waiting = [(tour.unit.id, stop) for tour in old for stop in _planned(tour, now)]
    kept = [(unit, stop) for unit, stop in waiting if _taken(stop, left.get(unit, []), _KEPT)]
    shifted: list[tuple[str, PatrolStop, PatrolStop]] = []
    homeless: list[tuple[str, PatrolStop]] = []
    for unit, stop in waiting:
        if (unit, stop) not in kept:
            same = _taken(stop, left.get(unit, []), None)
            if same is None:
                homeless.append((unit, stop))
            else:
                shifted.append((unit, stop, same))
    for tour in old:
        yield from _interrupted(tour, new, now)
    for unit, stop, same in shifted:
        code = "later" if same.arrives_at > stop.arrives_at else "earlier"
        yield unit, code, *_told(stop), stop.arrives_at, same.arrives_at
    for unit, stop in homeless:
        others = [(taker, one) for taker, stops in left.items() for one in stops]
        near = _nearest(stop, [one for _, one in others])
        if near is None:
            yield unit, "dropped", *_told(stop), stop.arrives_at, pd.NaT
        else:
            taker = next(taker for taker, one in others if one is near)
            left[taker].remove(near)
            yield unit, "moved", *_told(stop), stop.arrives_at, near.arrives_at
    for unit, stops in left.items():
        for stop in stops:
            yield unit, "added", *_told(stop), pd.NaT, stop.arrives_at


def _taken(
    stop: PatrolStop, stops: list[PatrolStop], within: timedelta | None
) -> PatrolStop | None:
    """Take from some stops that of the same place that begins nearest in time, if it does so."""
    same = _nearest(stop, stops)
    if same is None or (within is not None and abs(same.arrives_at - stop.arrives_at) > within):
        return None
    stops.remove(same)
    return same


def _interrupted(
    tour: PatrolTour, new: Sequence[PatrolTour], now: datetime
) -> Iterator[tuple[object, ...]]:
    after = next((one.stops for one in new if one.unit.id == tour.unit.id), ())
    for stop in tour.stops:
        broken = any(
            one.kind == "interrupted" and one.arrives_at == stop.arrives_at for one in after
        )
        if broken and stop.kind != "interrupted":
            yield tour.unit.id, "interrupted", *_told(stop), stop.arrives_at, now


def _planned(tour: PatrolTour, now: datetime) -> list[PatrolStop]:
    return [
        stop for stop in tour.stops if stop.arrives_at > now and stop.kind in {"visit", "break"}
    ]


def _nearest(stop: PatrolStop, stops: Sequence[PatrolStop]) -> PatrolStop | None:
    """Return the stop of the same place that begins nearest in time."""
    same = [
        one
        for one in stops
        if (one.kind, one.point, one.geometry) == (stop.kind, stop.point, stop.geometry)
    ]
    return min(same, key=lambda one: abs(one.arrives_at - stop.arrives_at), default=None)


def _told(stop: PatrolStop) -> tuple[object, str, str]:
    return stop.point, stop.name_th, stop.name_en
