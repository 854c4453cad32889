"""The search behind `tours`: ruin and recreate, with annealing, in compiled code.

Large neighbourhood search (Shaw 1998; Hammami, Rekik and Coelho 2020, "A hybrid adaptive large
neighborhood search heuristic for the team orienteering problem", Computers and Operations Research
123, 105034): some strings of stops are removed, what fits is inserted, tours are straightened and
what fits then is inserted again. The change is kept by what it collects and by a temperature that
falls from about one usual prize to a small part of it. Nothing is rounded, and no rate between
prize and time has to be found.
"""

import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from planning._tour_moves import (
    Bits,
    Desk,
    chance,
    desk_for,
    gather,
    insert_chain,
    insert_stops,
    mark_strings,
    powers,
    remove_marked,
)
from planning._tour_state import (
    Case,
    Floats,
    Tours,
    case_of,
    copy_tour,
    idle_tours,
    read_tours,
    write_tours,
)
from planning._tour_straight import straighten

if TYPE_CHECKING:
    from planning.tour_problem import TourProblem

# Moves of one iteration, between two looks at the clock.
_MOVES = 20
# Temperature at first and in the end, in mean prizes; and from good tours on.
_HOT, _WARM, _COLD = 0.7, 0.3, 0.02
# Moves without improvement after which a small case is settled: so many times its stops squared,
# and after which one is whose prizes are all collected: so many times this share of its stops.
_SETTLED, _FULL = 1000, 0.05
# Brief searches from other tours at first, in iterations a stop; for what share of the limit, and
# what the first of them may take of it. What they begin from differs about some stops.
_BRIEF, _OFTEN, _FIRST = 1.5, 0.5, 0.1
_MIDDLES, _ABOUT = 3, 15
# Most strings removed in a move, most tours changed at once, and rounds of straightening.
_STRINGS, _TOURS, _ROUNDS = 3, 8, 3
# How often stops are inserted several at once, where that may help.
_CHAINS = 0.5


@dataclass(frozen=True)
class Limits:
    """When the search stops.

    Attributes
    ----------
    deadline_s
        Reading of `time.perf_counter` at which it stops in any case.
    iterations
        Iterations after which it stops, none for as many as there is time for.
    """

    deadline_s: float
    iterations: int | None


@njit(cache=True)
def _take_along(tours: Tours, desk: Desk, count: int, state: Bits) -> int:
    """Take other tours into a move: all of a small fleet, else one that is idle."""
    vehicles = len(tours.size)
    offset = int(chance(state) * vehicles)
    for step in range(vehicles):
        vehicle = (offset + step) % vehicles
        if vehicles > _TOURS and tours.size[vehicle]:
            continue
        if not (desk.taken[:count] == vehicle).any():
            desk.taken[count] = vehicle
            count += 1
            if vehicles > _TOURS:
                break
    return count


@njit(cache=True)
def _rebuild(case: Case, tours: Tours, back: Tours, desk: Desk, state: Bits) -> int:
    """Ruin and recreate; return how many tours have changed, which `back` keeps as they were."""
    seed = case.stops[int(chance(state) * len(case.stops))]
    about = (seed, 1 + int(chance(state) * _STRINGS))
    ruined = mark_strings(case, tours, desk, about, state)
    count = _take_along(tours, desk, ruined, state)
    for column in range(count):
        copy_tour(tours, back, desk.taken[column])
        if column < ruined:
            remove_marked(case, tours, desk.gone, desk.taken[column])
    stops, power = gather(case, tours, desk, seed, state), powers(state)
    desk.changed[:] = True
    if case.winding and chance(state) < _CHAINS:
        for column in range(count):
            stops = insert_chain(case, tours, desk, (stops, column), state)
    for _ in range(_ROUNDS):
        stops = insert_stops(case, tours, desk, (stops, count), power)
        shorter = False
        for column in range(count):
            if desk.changed[column]:
                vehicle = desk.taken[column]
                desk.changed[column] = straighten(case, tours, desk.line, vehicle)
                shorter |= desk.changed[column]
        if not shorter:
            break
    return count


@njit(cache=True)
def _undo(tours: Tours, back: Tours, desk: Desk, count: int) -> None:
    for vehicle in desk.taken[:count]:
        for stop in tours.path[vehicle, 1 : tours.size[vehicle] + 1]:
            tours.owner[stop] = -1
    for vehicle in desk.taken[:count]:
        copy_tour(back, tours, vehicle)
        for stop in tours.path[vehicle, 1 : tours.size[vehicle] + 1]:
            tours.owner[stop] = vehicle


@njit(cache=True)
def _anneal(
    case: Case, tours: tuple[Tours, Tours, Tours], desk: Desk, heat: float, state: Bits
) -> bool:
    """Make the moves of one iteration; tell whether the best tours have become better.

    `tours` are those of the search, those it has found best, and room for what a move undoes.
    """
    now, best, back = tours
    worth, lasts = now.sums[:, 0].sum(), now.sums[:, 1].sum()
    most, least = best.sums[:, 0].sum(), best.sums[:, 1].sum()
    every, better = case.worth.sum() * (1.0 - 1e-12), False
    for _ in range(_MOVES):
        count = _rebuild(case, now, back, desk, state)
        gain, longer = 0.0, 0.0
        for vehicle in desk.taken[:count]:
            gain += now.sums[vehicle, 0] - back.sums[vehicle, 0]
            longer += now.sums[vehicle, 1] - back.sums[vehicle, 1]
        # Once everything is collected, less time is all that there is to find.
        if worth >= every:
            refused = gain < 0 or longer > 0
        else:
            refused = gain < 0 and chance(state) >= np.exp(gain / heat)
        if refused:
            _undo(now, back, desk, count)
            continue
        worth, lasts = worth + gain, lasts + longer
        rounding = 1e-12 * most
        if worth > most + rounding or (worth >= most - rounding and lasts < least - 1e-6):
            most, least, better = worth, lasts, True
            for vehicle in range(len(now.size)):
                copy_tour(now, best, vehicle)
            best.owner[:] = now.owner
    return better


@njit(cache=True)
def _fill(case: Case, tours: Tours, desk: Desk) -> None:
    """Insert what fits into one tour after another, the most worth for added time first."""
    for vehicle in range(len(tours.size)):
        count = 0
        for stop in case.stops:
            if tours.owner[stop] < 0:
                desk.stops[count], desk.counts[count] = stop, case.worth[stop]
                count += 1
        desk.taken[0], desk.changed[0] = vehicle, True
        insert_stops(case, tours, desk, (count, 1), 1.0)


class _Search:
    """One search: its tours, and how far it has come."""

    def __init__(self, case: Case, limits: Limits, seed: int, usual: float) -> None:
        self.case, self.limits, self.usual = case, limits, usual
        self.now, self.best, self.back = (idle_tours(case) for _ in range(3))
        self.desk = desk_for(case, self.now, _TOURS + 1)
        self.rng = np.random.default_rng(seed)
        self.state = self.rng.integers(2**63, size=1).astype(np.uint64)
        self.begin_s = time.perf_counter()
        self.idle = self.done = 0

    def past(self) -> float:
        """Return the share of the limit that is used up."""
        now_s = time.perf_counter()
        if now_s >= self.limits.deadline_s:
            return 1.0
        if self.limits.iterations is not None:
            return self.done / self.limits.iterations
        return (now_s - self.begin_s) / (self.limits.deadline_s - self.begin_s)

    def is_over(self) -> bool:
        """Tell whether more of it is out of time, or of no use."""
        moves, stops = self.idle * _MOVES, self.case.stops
        full = bool((self.best.owner[stops] >= 0).all())
        settled = _SETTLED * (_FULL * len(stops) + 1 if full else len(stops) ** 2)
        return moves >= settled or self.past() >= 1.0

    def begin(self, start: list[list[int]], worth: Floats) -> None:
        """Begin from tours, with what fits into them besides, by what the stops are said to be."""
        for vehicle in range(len(self.now.size)):
            self.now.path[vehicle, 1] = self.case.ends[vehicle, 1]
        self.now.size[:], self.now.owner[:] = 0, -1
        write_tours(self.case, self.now, start)
        _fill(self.case._replace(worth=worth), self.now, self.desk)
        # Their sums are those of the worth that they were filled by.
        self.write(self.now, read_tours(self.now))
        if self.now.sums[:, 0].sum() > self.best.sums[:, 0].sum():
            self.write(self.best, read_tours(self.now))

    def write(self, tours: Tours, given: list[list[int]]) -> None:
        """Write tours in the place of others."""
        tours.owner[:] = -1
        write_tours(self.case, tours, given)

    def cool(self, hot: float, past: float) -> None:
        """Make one iteration at a temperature between hot and cold."""
        heat = self.usual * hot * (_COLD / hot) ** past
        better = _anneal(self.case, (self.now, self.best, self.back), self.desk, heat, self.state)
        self.idle, self.done = 0 if better else self.idle + 1, self.done + 1

    def elsewhere(self) -> Floats:
        """Return what stops are worth, more or less about a few of them: tours for that differ."""
        near = self.case.near
        worth = self.case.worth.copy()
        for middle in self.rng.choice(self.case.stops, _MIDDLES):
            about = near[middle, :_ABOUT]
            worth[about[about >= 0]] *= np.exp(self.rng.normal())
        worth.setflags(write=False)
        return worth


def search(
    problem: "TourProblem",
    stops: list[int],
    *,
    start: list[list[int]],
    limits: Limits,
    seed: int,
) -> list[list[int]]:
    """Return the best tours found.

    Parameters
    ----------
    problem
        Locations, prizes and vehicles.
    stops
        Locations worth visiting, at least one.
    start
        Feasible tours to begin from.
    limits
        When to stop.
    seed
        Seed of the search.

    Returns
    -------
    tours
        Stops of each vehicle.
    """
    usual = float(problem.prize[stops].mean()) or float(problem.worth[stops].mean())
    one = _Search(case_of(problem, stops), limits, seed, usual)
    one.begin(start, one.case.worth)
    length = max(1, round(_BRIEF * len(stops)))
    hot, begins = _WARM if any(start) else _HOT, one.past()
    if limits.iterations is None or length < _FIRST * limits.iterations:
        hot, begins = _begin_often(one, length, hot)
    while not one.is_over():
        one.cool(hot, (one.past() - begins) / (1.0 - begins))
    return read_tours(one.best)


def _begin_often(one: _Search, length: int, hot: float) -> tuple[float, float]:
    """Search briefly from many tours; return from which temperature, and since when, to go on.

    Where the first of these takes long already, it is the beginning of a single long one.
    """
    while not one.is_over() and one.past() < _OFTEN:
        for step in range(length):
            if one.is_over() or (one.done < length and one.past() > _FIRST):
                break
            one.cool(hot, step / length)
        if one.done < length:
            return hot, 0.0
        hot = _HOT
        one.begin([[] for _ in one.now.size], one.elsewhere())
    one.write(one.now, read_tours(one.best))
    return _WARM, one.past()


@cache
def compile_search() -> None:
    """Compile the search, so that the time this takes counts towards no limit."""
    from planning.tour_problem import TourProblem, Vehicle  # noqa: PLC0415

    one = np.ones(3)
    prize, shift = np.array([0.0, 1.0, 1.0]), Vehicle(0, 0, 0.0, 9.0, 9.0)
    problem = TourProblem(np.ones((3, 3)), prize, one, 0 * one, 9 * one, [shift])
    search(problem, [1, 2], start=[[1]], limits=Limits(np.inf, 2), seed=0)
