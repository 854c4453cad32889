"""The rest of a night, mended step by step after events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import geopandas as gpd
import numpy as np

from geo.zone import Zone
from planning._patrol_points import AT_POST
from planning._patrol_windows import due_windows
from planning._replan_board import Board, Visit, set_up
from planning._replan_calls import Answer, answer_incident, answer_sos
from planning._replan_crews import Cut, cut_tour
from planning._replan_demand import Wanted, after_events
from planning._replan_draft import Draft
from planning._replan_events import Event, Incident, Sos, UnitOut
from planning._replan_outcome import Rest, outcome
from planning._replan_shifts import Shifts, crews_of_new, left_alone, let_go
from planning._replan_staff import Staff, find_staff
from planning._replan_start import as_planned, visits_made
from planning._replan_windows import further, widen
from planning._tour_schedule import fill_tours
from planning.patrol_params import PatrolParams
from planning.patrol_plan import PatrolPlan, PatrolStop, PatrolTour
from planning.patrol_rules import PatrolRules
from planning.units import Unit


def mend_night(
    plan: PatrolPlan,
    zone: Zone,
    units: Sequence[Unit],
    demand: gpd.GeoDataFrame,
    *,
    events: Sequence[Event],
    now: datetime,
    params: PatrolParams,
    rules: PatrolRules,
    seed: int,
) -> Rest:
    """Change what the events break, and no more.

    Parameters
    ----------
    plan
        Plan of the night.
    zone
        Its zone.
    units
        Its units.
    demand
        Its points.
    events
        What has happened, checked.
    now
        When.
    params
        Limits of the plan.
    rules
        Rules of the zone.
    seed
        Seed of the moments at which new points are due.

    Returns
    -------
    rest
        The night, and what of it is broken.
    """
    wanted = after_events(demand, plan, events, now)
    tours = {tour.unit.id: tour for tour in plan.tours}
    staff = find_staff(plan, units, events, now=now, rules=rules)
    board = _board(zone, staff, wanted.demand, tours, params=params, rules=rules)
    draft, homeless = as_planned(board, wanted.demand)
    draft.touched |= set(range(len(staff.crews), len(board.crews)))
    # Before anybody is sent anywhere: no call takes the time of a break.
    draft.place(_new_rests(draft))
    now_s = board.seconds(now)
    shifts = Shifts()
    for event in events:
        if isinstance(event, UnitOut) and event.unit in staff.numbers:
            let_go(draft, event, staff.numbers[event.unit], tours[event.unit], shifts)
    answers = list(_answers(draft, wanted, events, now_s))
    left_alone(draft, answers, tours, shifts, now=now)
    cuts = _cuts(draft, plan, staff, shifts=shifts, answers=answers, now=now)
    begun = [stop for tour in plan.tours for stop in cut_tour(tour, cuts[tour.unit.id])[0]]
    made = visits_made(board, wanted.demand, begun)
    homeless += [*shifts.homeless, *(one for answer in answers for one in answer.homeless)]
    homeless += _orphans(draft, staff.orphans, wanted.demand, now_s)
    _rehome(draft, homeless, made, now_s=now_s)
    _offer_new(draft, wanted, made, now_s=now_s, seed=seed)
    _fill(draft, made, now_s=now_s)
    return outcome(draft, staff, wanted, shifts=shifts, answers=answers, old=plan, cuts=cuts)


def _board(
    zone: Zone,
    staff: Staff,
    demand: gpd.GeoDataFrame,
    tours: Mapping[str, PatrolTour],
    *,
    params: PatrolParams,
    rules: PatrolRules,
) -> Board:
    """Bring who is out and who comes on duty onto the streets."""
    crews, stays = list(staff.crews), []
    for row, unit in enumerate(staff.units):
        if unit.id not in tours:
            own, stay = crews_of_new(unit, zone, params=params, rules=rules)
            crews += own
            stays += [one._replace(unit=row) for one in stay]
    board = set_up(zone, staff.units, demand, crews, tours, params=params, rules=rules)
    return replace(board, night=replace(board.night, stays=tuple(stays)))


def _answers(
    draft: Draft, wanted: Wanted, events: Sequence[Event], now_s: float
) -> Iterator[Answer]:
    """Send somebody to each call: those in danger first."""
    calls = [event for event in events if isinstance(event, Incident | Sos)]
    found: dict[int, Answer] = {}
    for danger in (True, False):
        for row, event in enumerate(calls):
            point = wanted.demand.index.get_loc(wanted.calls[row])
            if isinstance(event, Sos) == danger:
                answer = answer_sos if danger else answer_incident
                found[row] = answer(draft, point, now_s=now_s)
    yield from (found[row] for row in range(len(calls)))


def _cuts(
    draft: Draft,
    plan: PatrolPlan,
    staff: Staff,
    *,
    shifts: Shifts,
    answers: Sequence[Answer],
    now: datetime,
) -> dict[str, Cut]:
    """Tell of each unit where its past ends."""
    cuts = {tour.unit.id: Cut(now) for tour in plan.tours}
    left = {crew for answer in answers for crew in answer.leaving}
    for crew, segment in enumerate(draft.segments):
        # Who has not set out yet may still be on the way there, which goes on.
        set_out = draft.board.crews[crew].left
        turned = set_out and segment.start == draft.board.spot(crew)
        for unit in segment.units:
            if turned:
                cuts[staff.units[unit].id] = Cut(now, interrupt=crew in left, arrive=False)
    return cuts | {staff.units[unit].id: cut for unit, cut in shifts.cuts.items()}


def _orphans(
    draft: Draft, stops: Sequence[PatrolStop], demand: gpd.GeoDataFrame, now_s: float
) -> list[int]:
    """Offer the visits of units that never come on duty."""
    numbers = []
    for stop in stops:
        if stop.kind == "visit" and stop.point in demand.index:
            point = demand.index.get_loc(stop.point)
            begins_s = max(draft.board.seconds(stop.arrives_at), now_s)
            weight = float(demand["weight"].iloc[point])
            visit = Visit(point, begins_s, begins_s, weight, planned_s=begins_s)
            numbers.append(draft.add(visit))
    return numbers


def _rehome(
    draft: Draft, homeless: Sequence[int], made: Mapping[int, Sequence[float]], *, now_s: float
) -> None:
    """Find other places for stops that have lost theirs."""
    homeless = [one for one in homeless if draft.visits[one].point < draft.board.count]
    paired = {one for group in draft.appointments() for one in group}
    # What counts nothing now is not looked for a place.
    alone = [one for one in homeless if one not in paired and draft.visits[one].weight > 0]
    draft.settle()
    draft.place(widen(draft, alone, made, now_s=now_s))
    draft.settle()


def _new_rests(draft: Draft) -> list[int]:
    """Offer the breaks that no tour has yet: those of units that come on duty."""
    points = draft.board.night.points.iloc[draft.board.first_break :]
    known = {visit.point for visit in draft.visits}
    numbers = []
    for point, row in zip(points.index, points.to_dict("records"), strict=True):
        if point not in known and row["segment"] != AT_POST:
            opens_s, closes_s = float(row["opens_s"]), float(row["closes_s"])
            numbers.append(draft.add(Visit(int(point), opens_s, closes_s, 0.0, must=True)))
    # Each stands for itself at any time: it may be taken elsewhere in its tour.
    draft.twins |= {number: number for number in numbers}
    return numbers


def _offer_new(
    draft: Draft,
    wanted: Wanted,
    made: Mapping[int, Sequence[float]],
    *,
    now_s: float,
    seed: int,
) -> None:
    """Find places for visits to points that are new or count more than before."""
    night = draft.board.night
    rng = np.random.default_rng(seed)
    offered = []
    planned = {draft.visits[one].point for tour in draft.tours for one in tour}
    for label in wanted.new:
        point = wanted.demand.index.get_loc(label)
        own = night.points.iloc[point]
        if point in planned or made.get(point) or own["needs_units"] > 1 or own["weight"] <= 0:
            continue
        windows = due_windows(
            (max(float(own["opens_s"]), now_s), min(float(own["closes_s"]), night.span_s)),
            revisit_s=float(own["revisit_s"]),
            least_gap_s=night.params.least_gap_s,
            draw=float(rng.random()),
        )
        offered += [draft.add(Visit(point, *window, float(own["weight"]))) for window in windows]
    draft.place(offered)


def _fill(draft: Draft, made: Mapping[int, Sequence[float]], *, now_s: float) -> None:
    """Fill the idle time of crews whose tours have changed anyway."""
    if not draft.tours:
        return
    known = len(draft.visits)
    draft.visits += further(draft, made, now_s=now_s)
    problem, first = draft.board.problem(draft.segments, draft.visits)
    allowed = problem.may_visit.copy()
    still = [crew for crew in range(len(draft.tours)) if crew not in draft.touched]
    allowed[still, first + known :] = False
    filled = fill_tours(
        replace(problem, allowed=allowed),
        [[first + one for one in tour] for tour in draft.tours],
        list(range(first + known, first + len(draft.visits))),
        deadline_s=np.inf,
    )
    draft.tours = [[stop - first for stop in tour] for tour in filled]
