"""Tours: which stops each vehicle makes, in which order, for the largest prize in its time.

The team orienteering problem with time windows (Chao, Golden and Wasil 1996, European Journal of
Operational Research 88, 464-474; Vansteenwegen and Gunawan 2019, "Orienteering Problems"), solved
by a large neighbourhood search of our own. PyVRP (Wouda, Lan and Kool 2024, INFORMS Journal on
Computing 36, 943-955) is its peer in the benchmarks, and in the figures of 1,000 clients.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.errors import ParameterError
from planning._tour_reach import stops_in_reach
from planning._tour_schedule import Schedule, schedule_tour, what_fits
from planning._tour_search import Limits, compile_search, search
from planning.tour_problem import TourProblem, Vehicle, is_whole

__all__ = ["Schedule", "TourProblem", "TourSolution", "Vehicle", "schedule_tour", "solve_tours"]

_SEEDS = 2**32


@dataclass(frozen=True)
class TourSolution:
    """One tour a vehicle.

    Attributes
    ----------
    tours
        Locations each vehicle visits, in order, without its start and end; empty where it stays at
        its start, even if its end is elsewhere.
    prize
        Prize collected by all.
    feasible
        Whether every tour with stops obeys its windows, shift and duration and makes only visits
        that it may, no location is visited twice, and none that is required is left out. It says
        nothing of how an idle vehicle would get from its start to its end.
    schedules
        Times of each tour; none where a tour breaks a rule. A vehicle that stays has no stops, and
        leaves and returns at its `earliest_s`.
    """

    tours: list[list[int]]
    prize: float
    feasible: bool
    schedules: list[Schedule | None]


def solve_tours(
    problem: TourProblem,
    *,
    time_limit_s: float,
    seed: int,
    iterations: int | None = None,
    start: Sequence[Sequence[int]] | None = None,
) -> TourSolution:
    """Plan tours that collect the largest prize; among equal prizes, in less time.

    The search ends before its limit once it has collected every prize in reach, and in small cases
    once it has not improved for long. It cools down towards its limit in large ones, so that what a
    longer limit finds first is worse: the limit is what to change, not how often it is begun.

    Parameters
    ----------
    problem
        Locations, prizes and vehicles.
    time_limit_s
        Seconds after which the search stops with the best it has, > 0; it may stop earlier.
    seed
        Seed of the search, a whole number from 0 to 2**32 - 1.
    iterations
        Iterations of twenty moves each after which the search stops, >= 1. With them, the result
        depends on the seed alone unless the time limit comes first; without, on the speed of the
        machine too.
    start
        Tours to begin from, one a vehicle; what they collect is not lost. Stops that do not fit,
        or may not be made, are left out of them.

    Returns
    -------
    solution
        Tours, in the order of the vehicles.

    Raises
    ------
    ParameterError
        A limit or the seed is out of range, or `start` is not one tour of locations a vehicle.
    """
    if not time_limit_s > 0:
        raise ParameterError(f"Expected `time_limit_s` > 0, got {time_limit_s}.")
    if iterations is not None and iterations < 1:
        raise ParameterError(f"Expected `iterations` >= 1, got {iterations}.")
    if not (is_whole(seed) and 0 <= seed < _SEEDS):
        raise ParameterError(f"Expected `seed` from 0 to 2**32 - 1, got {seed}.")
    compile_search()
    deadline_s = time.perf_counter() + time_limit_s
    begin = what_fits(problem, _checked(problem, start))
    stops = stops_in_reach(problem)
    if not stops:
        return _solution(problem, begin)
    limits = Limits(deadline_s, iterations)
    found = search(problem, stops, start=begin, limits=limits, seed=int(seed))
    # Rounding has the last word in a schedule.
    return _solution(problem, what_fits(problem, found))


def _checked(problem: TourProblem, start: Sequence[Sequence[int]] | None) -> list[list[int]]:
    if start is None:
        return [[] for _ in problem.vehicles]
    tours = [list(tour) for tour in start]
    if len(tours) != len(problem.vehicles):
        raise ParameterError(
            f"Expected `start` of {len(problem.vehicles)} tours, one a vehicle, got {len(tours)}."
        )
    count = len(problem.prize)
    faults = [
        f"Expected locations from 0 to {count - 1} in tour {number} of `start`, got {stop!r}."
        for number, tour in enumerate(tours)
        for stop in tour
        if not (is_whole(stop) and 0 <= stop < count)
    ]
    if faults:
        raise ParameterError("\n".join(faults))
    return [[int(stop) for stop in tour] for tour in tours]


def _solution(problem: TourProblem, tours: list[list[int]]) -> TourSolution:
    schedules = [
        schedule_tour(problem, vehicle, tour)
        for vehicle, tour in zip(problem.vehicles, tours, strict=True)
    ]
    visited = [location for tour in tours for location in tour]
    return TourSolution(
        tours=tours,
        prize=float(problem.prize[visited].sum()),
        feasible=None not in schedules
        and len(set(visited)) == len(visited)
        and set(np.flatnonzero(problem.must_visit)) <= set(visited)
        and all(problem.may_visit[number, tour].all() for number, tour in enumerate(tours)),
        schedules=schedules,
    )
