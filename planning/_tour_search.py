"""The search behind `tours`: ruin and recreate, with annealing, in compiled code.

Large neighbourhood search (Shaw 1998; Hammami, Rekik and Coelho 2020, "A hybrid adaptive large
neighborhood search heuristic for the team orienteering problem", Computers and Operations Research
123, 105034): some strings of stops are removed, what fits is inserted, tours are straightened and
what fits then is inserted again. The change is kept by what it collects and by a temperature that
falls from about one usual prize to a small part of it. Where that takes a small part of the limit,
it is done again and again, each time from tours that a search by other worths has led astray from
the best (noising, Charon and Hudry 1993, Operations Research Letters 14, 133-137): one search, hot
or long, ends in the same few tours. Nothing is rounded, and no rate between prize and time has to
be found.
"""

import time
from dataclasses import dataclass
from functools import cache

import numpy as np
from numba import njit

from planning._splitmix import Bits, chance
from planning._tour_desk import Desk, desk_for
from planning._tour_insertion import gather, insert_chain, insert_stops, powers
from planning._tour_removal import mark_strings, remove_marked
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
from planning.tour_problem import TourProblem, Vehicle

# Moves of one iteration, between two looks at the clock.
_MOVES = 20
# Temperature at first and in the end, in mean prizes; and from good tours on.
_HOT, _WARM, _COLD = 0.7, 0.2, 0.02
# Moves without improvement after which a small case is settled: so many times its stops squared,
# and after which one is whose prizes are all collected: so many times this share of its stops.
_SETTLED, _FULL = 1000, 0.2
# Brief searches: how many iterations a stop, and what the first of them may take of the limit.
# Between two of them, for a share of one, some stops are worth more or less.
_BRIEF, _FIRST, _STRAY = 1.0, 0.1, 0.2
# About how many stops, each with so many others, and by how much in the logarithm.
_MIDDLES, _WAYS = 3, ((0, 0.7), (15, 1.0), (25, 1.5))
# Most strings removed in a move, most tours changed at once, and rounds of straightening.
_STRINGS, _TOURS, _ROUNDS = 3, 8, 3
# What a mean prize is worth in legs to the nearest stop, and what such a leg takes at least.
_LEGS, _SOON_S = 3.0, 1e-3
# How often stops are inserted several at once, where that may help.
_CHAINS = 0.5

Heats = tuple[float, float]


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
    case: Case, tours: tuple[Tours, Tours, Tours], desk: Desk, heats: Heats, state: Bits
) -> bool:
    """Make the moves of one iteration; tell whether the best tours have become better.

    `tours` are those of the search, those it has found best, and room for what a move undoes;
    `heats` are the temperatures of what is collected and, once that is everything, of time.
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
            refused = gain < 0 or (longer > 0 and chance(state) >= np.exp(-longer / heats[1]))
        else:
            refused = gain < 0 and chance(state) >= np.exp(gain / heats[0])
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


def _usual_leg(case: Case) -> float:
    """Return how long it takes to the nearest stop, in the mean."""
    stops = case.stops[case.near[case.stops, 0] >= 0]
    legs = case.travel[0, stops, case.near[stops, 0]]
    legs = legs[np.isfinite(legs)]
    return max(float(legs.mean()), _SOON_S) if len(legs) else _SOON_S


class _Search:
    """One search: its tours, and how far it has come."""

    def __init__(self, case: Case, limits: Limits, seed: int, usual: float) -> None:
        self.case, self.limits, self.usual, self.leg_s = case, limits, usual, _usual_leg(case)
        self.now, self.best, self.aside, self.back = (idle_tours(case) for _ in range(4))
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

    def begin(self, start: list[list[int]]) -> None:
        """Begin from tours, with what fits into them besides."""
        self.write(self.case, self.now, start)
        _fill(self.case, self.now, self.desk)
        self.write(self.case, self.best, read_tours(self.now))

    def write(self, case: Case, tours: Tours, given: list[list[int]]) -> None:
        """Write tours in the place of others."""
        tours.path[:, 1], tours.size[:], tours.sums[:], tours.owner[:] = case.ends[:, 1], 0, 0.0, -1
        write_tours(case, tours, given)

    def cool(self, hot: float, past: float) -> None:
        """Make one iteration at a temperature between hot and cold."""
        heats = self.heats(hot * (_COLD / hot) ** past)
        better = _anneal(self.case, (self.now, self.best, self.back), self.desk, heats, self.state)
        self.idle, self.done = 0 if better else self.idle + 1, self.done + 1

    def heats(self, heat: float) -> Heats:
        """Return a temperature in prizes and in seconds."""
        return heat * self.usual, heat * _LEGS * self.leg_s

    def stray(self, iterations: int) -> None:
        """Go from the best tours to others that are good by other worths."""
        case, best = self.case._replace(worth=self.elsewhere()), read_tours(self.best)
        for tours in (self.now, self.aside):
            self.write(case, tours, best)
        heats = self.heats(float(np.sqrt(_WARM * _COLD)))
        for _ in range(iterations):
            if self.is_over():
                break
            _anneal(case, (self.now, self.aside, self.back), self.desk, heats, self.state)
            self.done += 1
        self.write(self.case, self.now, read_tours(self.now))

    def elsewhere(self) -> Floats:
        """Return what stops are worth, more or less: each by itself, or those about some."""
        worth = self.case.worth.copy()
        around, spread = _WAYS[self.rng.integers(len(_WAYS))]
        if not around:
            worth *= np.exp(self.rng.normal(0.0, spread, len(worth)))
        for middle in self.rng.choice(self.case.stops, _MIDDLES if around else 0):
            about = self.case.near[middle, :around]
            worth[about[about >= 0]] *= np.exp(self.rng.normal(0.0, spread))
        worth.setflags(write=False)
        return worth


def search(
    problem: TourProblem,
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
    one.begin(start)
    length, hot = max(1, round(_BRIEF * len(stops))), _WARM if any(start) else _HOT
    if limits.iterations is None or length < _FIRST * limits.iterations:
        _search_briefly(one, length, hot)
    while not one.is_over():
        one.cool(hot, one.past())
    return read_tours(one.best)


def _search_briefly(one: _Search, length: int, hot: float) -> None:
    """Search briefly, again and again, each time from tours astray of the best.

    Where the first of these takes long already, it is the beginning of a single long one.
    """
    while not one.is_over():
        for step in range(length):
            if one.is_over() or (one.done < length and one.past() > _FIRST):
                return
            one.cool(hot, step / length)
        hot = _WARM
        one.stray(max(1, round(_STRAY * length)))


@cache
def compile_search() -> None:
    """Compile the search, so that the time this takes counts towards no limit."""
    one = np.ones(3)
    prize, shift = np.array([0.0, 1.0, 1.0]), Vehicle(0, 0, 0.0, 9.0, 9.0)
    problem = TourProblem(np.ones((3, 3)), prize, one, 0 * one, 9 * one, [shift])
    search(problem, [1, 2], start=[[1]], limits=Limits(np.inf, 2), seed=0)
