"""Who goes when somebody is wanted at once, and how the rest of their tours is mended."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planning._patrol_teams import Segment
from planning._replan_board import Visit
from planning._replan_draft import Draft, Mended

# Pairs of crews tried for a call that needs two units, the soonest first.
_PAIRS = 12


@dataclass(frozen=True)
class Answer:
    """Who answers a call.

    Attributes
    ----------
    crews
        The crews; none where nobody can.
    homeless
        Visits of theirs, by their numbers, that they no longer make.
    leaving
        Crews that leave the stop under way: who answers, and who must not stay there alone.
    """

    crews: tuple[int, ...]
    homeless: tuple[int, ...] = ()
    leaving: tuple[int, ...] = ()


def answer_incident(draft: Draft, point: int, *, now_s: float) -> Answer:
    """Send the crew that is there first and can still keep its breaks and be back in time.

    Who is at a stop finishes it; who is on a way turns off it.

    Parameters
    ----------
    draft
        Tours and visits; changed where somebody goes.
    point
        Row of the night's points at which somebody is wanted.
    now_s
        When the call comes.

    Returns
    -------
    answer
        Who goes.
    """
    needed = int(draft.board.night.points["needs_units"].iloc[point])
    able = draft.board.night.may_stop[:, point]
    arrivals = sorted(_arrivals(draft, point, able, now_s=now_s, interrupts=False))
    size = [len(segment.units) for segment in draft.segments]
    alone = [(one,) for one in arrivals if size[one.crew] >= needed]
    pairs = [
        pair for pair in combinations(arrivals, 2) if needed > 1 and pair[0].crew != pair[1].crew
    ][:_PAIRS]
    weight = float(draft.board.night.points["weight"].iloc[point])
    for some in sorted([*alone, *pairs], key=lambda some: max(one.at_s for one in some)):
        begins_s = max(one.at_s for one in some) if len(some) > 1 else now_s
        latest_s = begins_s if len(some) > 1 else np.inf
        visit = Visit(point, begins_s, latest_s, weight, must=True)
        numbers = [draft.add(visit) for _ in some]
        mended = [
            _first(draft, one, number, draft.turned(one.crew))
            for one, number in zip(some, numbers, strict=True)
        ]
        found = [one for one in mended if one is not None]
        if len(found) == len(some):
            homeless = []
            for one, number, tour in zip(some, numbers, found, strict=True):
                homeless += draft.take(one.crew, tour)
                draft.fix(one.crew, number)
            return Answer(tuple(one.crew for one in some), tuple(homeless))
    return Answer(())


def answer_sos(draft: Draft, point: int, *, now_s: float) -> Answer:
    """Send the crew that is there first, whatever it does; who rests goes only if nobody else can.

    Parameters
    ----------
    draft
        Tours and visits; changed.
    point
        Row of the night's points at which somebody is wanted.
    now_s
        When the call comes.

    Returns
    -------
    answer
        Who goes; its segment may end after its shift where it cannot be back in time.
    """
    everybody = np.ones(len(draft.tours), dtype=np.bool_)
    rests = [crew.stop is not None and crew.stop.kind == "break" for crew in draft.board.crews]
    arrivals = sorted(
        _arrivals(draft, point, everybody, now_s=now_s, interrupts=True),
        key=lambda one: (rests[one.crew], one),
    )
    weight = float(draft.board.night.points["weight"].iloc[point])
    for arrival in arrivals:
        crew = arrival.crew
        number = draft.add(Visit(point, now_s, np.inf, weight, must=True))
        segment = _at_once(draft, crew, now_s=now_s)
        late = segment._replace(latest_s=np.inf)
        mended = _first(draft, arrival, number, segment) or _first(draft, arrival, number, late)
        if mended is None and arrival.after_calls:
            mended = Mended(late, [*_calls(draft, crew), number])
        if mended is not None:
            return _sent(draft, crew, number, mended, now_s=now_s)
    return Answer(())


def _sent(draft: Draft, crew: int, number: int, mended: Mended, *, now_s: float) -> Answer:
    """Let a crew go to somebody in danger, and all that depends on it give way."""
    homeless = draft.take(crew, mended)
    draft.fix(crew, number)
    if np.isinf(draft.segments[crew].latest_s):
        back_s = draft.outing(crew).times.returns_s
        draft.segments[crew] = draft.segments[crew]._replace(latest_s=back_s)
    homeless += _await(draft, crew)
    leaving = _together(draft, crew)
    for other in leaving[1:]:
        draft.segments[other] = _at_once(draft, other, now_s=now_s)
        draft.touched.add(other)
    return Answer((crew,), tuple(homeless), leaving)


def _await(draft: Draft, crew: int) -> list[int]:
    """Let crews that are joined by who is late begin later, and mend their tours."""
    back_s = draft.outing(crew).times.returns_s
    units = set(draft.segments[crew].units)
    homeless = []
    for other, segment in enumerate(draft.segments):
        later = segment.earliest_s >= draft.board.seconds(draft.board.crews[crew].team.ends_at)
        if other == crew or not (later and units & set(segment.units)):
            continue
        if segment.earliest_s < back_s:
            start = segment._replace(earliest_s=back_s, latest_s=max(segment.latest_s, back_s))
            must = [one for one in draft.tours[other] if draft.visits[one].must]
            mended = draft.mend(other, draft.tours[other], must, [start])
            homeless += draft.take(other, mended or Mended(start, []))
    return homeless


def _together(draft: Draft, crew: int) -> tuple[int, ...]:
    """Return the crews of the stop that one leaves, that one first: they came there to be two."""
    stop = draft.board.crews[crew].stop
    if stop is None:
        return ()
    others = [
        other
        for other, one in enumerate(draft.board.crews)
        if other != crew
        and one.stop is not None
        and (one.stop.point, one.stop.arrives_at) == (stop.point, stop.arrives_at)
        and set(one.team.units) & set(stop.with_units)
    ]
    return (crew, *others)


def _at_once(draft: Draft, crew: int, *, now_s: float) -> Segment:
    """Return the time of a crew that leaves even the stop under way."""
    begun = draft.board.seconds(draft.board.crews[crew].team.starts_at) <= now_s
    segment = draft.turned(crew)
    return segment._replace(earliest_s=now_s) if begun else segment


class _Arrival(NamedTuple):
    """When a crew could be there: at once, or after the calls that it is to answer already."""

    at_s: float
    crew: int
    after_calls: bool


def _arrivals(
    draft: Draft, point: int, able: NDArray[np.bool_], *, now_s: float, interrupts: bool
) -> Iterator[_Arrival]:
    """Give when each crew that may come would be there."""
    night, place = draft.board.night, draft.board.place(point)
    dwell_s = night.points["dwell_s"].to_numpy(np.float64)
    for crew in np.flatnonzero(able).tolist():
        segment = _at_once(draft, crew, now_s=now_s) if interrupts else draft.turned(crew)
        travel = night.travel_s[night.pace(segment)]
        here, free_s, calls = segment.start, segment.earliest_s, _calls(draft, crew)
        if np.isfinite(travel[here, place]):
            yield _Arrival(free_s + float(travel[here, place]), crew, not calls)
        for number in calls:
            there = draft.board.place(draft.visits[number].point)
            free_s = max(free_s + float(travel[here, there]), draft.visits[number].earliest_s)
            free_s += float(dwell_s[draft.visits[number].point])
            here = there
        if calls and np.isfinite(travel[here, place]):
            yield _Arrival(free_s + float(travel[here, place]), crew, after_calls=True)


def _calls(draft: Draft, crew: int) -> list[int]:
    """Return the calls that a crew is to answer already."""
    first = draft.board.first_break
    return [
        number
        for number in draft.tours[crew]
        if draft.visits[number].must and draft.visits[number].point < first
    ]


def _first(draft: Draft, arrival: _Arrival, number: int, segment: Segment) -> Mended | None:
    """Put a call before all else that a crew does, or behind the calls that it has already."""
    tour, calls = draft.tours[arrival.crew], _calls(draft, arrival.crew)
    must = [number, *(one for one in tour if draft.visits[one].must)]
    order = [number, *tour]
    if arrival.after_calls:
        order = [*calls, number, *(one for one in tour if one not in calls)]
    return draft.mend(arrival.crew, order, must, [segment])
