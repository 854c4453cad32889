"""Who goes when somebody is wanted at once, and how the rest of their tours is mended."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

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
    crews = [crew for _, crew in arrivals]
    size = {crew: len(draft.segments[crew].units) for crew in crews}
    alone = [(crew,) for crew in crews if size[crew] >= needed]
    pairs = [pair for pair in combinations(crews, needed) if needed > 1][:_PAIRS]
    at_s = {crew: arrival_s for arrival_s, crew in arrivals}
    for some in sorted([*alone, *pairs], key=lambda some: max(at_s[crew] for crew in some)):
        begins_s = max(at_s[crew] for crew in some) if len(some) > 1 else now_s
        latest_s = begins_s if len(some) > 1 else np.inf
        weight = float(draft.board.night.points["weight"].iloc[point])
        visit = Visit(point, begins_s, latest_s, weight, must=True)
        numbers = [draft.add(visit) for _ in some]
        mended = [
            _first(draft, crew, number, draft.turned(crew))
            for crew, number in zip(some, numbers, strict=True)
        ]
        found = [one for one in mended if one is not None]
        if len(found) == len(some):
            homeless = []
            for crew, number, one in zip(some, numbers, found, strict=True):
                homeless += draft.take(crew, one)
                draft.fix(crew, number)
            return Answer(some, tuple(homeless))
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
    arrivals = list(_arrivals(draft, point, everybody, now_s=now_s, interrupts=True))
    if not arrivals:
        return Answer(())
    rests = {
        crew: (stop := draft.board.crews[crew].stop) is not None and stop.kind == "break"
        for _, crew in arrivals
    }
    _, arrival = min((rests[crew], (at_s, crew)) for at_s, crew in arrivals)
    crew = arrival[1]
    weight = float(draft.board.night.points["weight"].iloc[point])
    number = draft.add(Visit(point, now_s, np.inf, weight, must=True))
    segment = _at_once(draft, crew, now_s=now_s)
    mended = _first(draft, crew, number, segment)
    if mended is None:
        late = segment._replace(latest_s=np.inf)
        mended = _first(draft, crew, number, late)
    if mended is None:
        mended = Mended(late, [*_calls(draft, crew), number])
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


def _arrivals(
    draft: Draft, point: int, able: NDArray[np.bool_], *, now_s: float, interrupts: bool
) -> Iterator[tuple[float, int]]:
    """Give when each crew that may come would be there, after calls that it answers already."""
    night, place = draft.board.night, draft.board.place(point)
    dwell_s = night.points["dwell_s"].to_numpy(np.float64)
    for crew in range(len(draft.tours)):
        if not able[crew]:
            continue
        segment = _at_once(draft, crew, now_s=now_s) if interrupts else draft.turned(crew)
        travel = night.travel_s[night.pace(segment)]
        here, free_s = segment.start, segment.earliest_s
        for number in _calls(draft, crew):
            there = draft.board.place(draft.visits[number].point)
            free_s = max(free_s + float(travel[here, there]), draft.visits[number].earliest_s)
            free_s += float(dwell_s[draft.visits[number].point])
            here = there
        arrival_s = free_s + float(travel[here, place])
        if np.isfinite(arrival_s):
            yield arrival_s, crew


def _calls(draft: Draft, crew: int) -> list[int]:
    """Return the calls that a crew is to answer already."""
    first = draft.board.first_break
    return [
        number
        for number in draft.tours[crew]
        if draft.visits[number].must and draft.visits[number].point < first
    ]


def _first(draft: Draft, crew: int, number: int, segment: Segment) -> Mended | None:
    """Put a call before all else that a crew does, but for calls before it."""
    calls = _calls(draft, crew)
    rest = [one for one in draft.tours[crew] if one not in calls]
    must = [*calls, number, *(one for one in rest if draft.visits[one].must)]
    return draft.mend(crew, [*calls, number, *rest], must, [segment])
