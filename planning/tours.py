"""Tours: which stops each vehicle makes, in which order, for the largest prize in its time.

The team orienteering problem with time windows (Chao, Golden and Wasil 1996, European Journal of
Operational Research 88, 464-474; Vansteenwegen and Gunawan 2019, "Orienteering Problems"), solved
by the iterated local search of PyVRP (Wouda, Lan and Kool 2024, INFORMS Journal on Computing 36).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import ParameterError
from planning._tour_search import Limits, search
from planning.tour_problem import TourProblem, Vehicle, is_whole

__all__ = ["Schedule", "TourProblem", "TourSolution", "Vehicle", "schedule_tour", "solve_tours"]

Floats = NDArray[np.float64]

# What sums of floating point seconds may be off by.
_ROUNDING_S = 1e-6
_SEEDS = 2**32


@dataclass(frozen=True)
class Schedule:
    """The times of one tour.

    Attributes
    ----------
    leaves_s
        Time of leaving the start.
    begins_s
        Time at which service begins at each stop.
    returns_s
        Time of reaching the end.
    """

    leaves_s: float
    begins_s: tuple[float, ...]
    returns_s: float


@dataclass(frozen=True)
class TourSolution:
    """One tour a vehicle.

    Attributes
    ----------
    tours
        Locations each vehicle visits, in order, without its start and end; empty where it stays.
    prize
        Prize collected by all.
    feasible
        Whether every tour obeys its windows, shift and duration, and no location is visited twice.
    schedules
        Times of each tour; none where a tour breaks a rule.
    """

    tours: list[list[int]]
    prize: float
    feasible: bool
    schedules: list[Schedule | None]


def schedule_tour(problem: TourProblem, vehicle: Vehicle, tour: Sequence[int]) -> Schedule | None:
    """
    Find the times of a tour: back as early as possible, and leaving as late as that allows.

    Parameters
    ----------
    problem
        Locations and travel times.
    vehicle
        Who makes the tour.
    tour
        Locations visited in between, in order.

    Returns
    -------
    schedule
        The times, or none where the tour breaks a window, the shift or the longest duration.
    """
    if not tour:
        return Schedule(vehicle.earliest_s, (), vehicle.earliest_s)
    legs = problem.travel_s[vehicle.profile][[vehicle.start, *tour], [*tour, vehicle.end]]
    if not np.isfinite(legs).all():
        return None
    begins, returns = _run(problem, tour, legs, vehicle.earliest_s)
    leaves = returns - float(legs[-1])
    for stop, leg in zip(reversed(tour), legs[-2::-1], strict=True):
        leaves = min(leaves - problem.service_s[stop], problem.latest_s[stop]) - float(leg)
    leaves = max(leaves, vehicle.earliest_s)
    begins, returns = _run(problem, tour, legs, leaves)
    late = np.asarray(begins) > problem.latest_s[list(tour)] + _ROUNDING_S
    if late.any() or returns > vehicle.latest_s + _ROUNDING_S:
        return None
    if returns - leaves > vehicle.max_duration_s + _ROUNDING_S:
        return None
    return Schedule(leaves, tuple(begins), returns)


def _run(
    problem: TourProblem, tour: Sequence[int], legs: Floats, leaves_s: float
) -> tuple[list[float], float]:
    """Return when service begins at each stop, waiting for windows to open, and the end's time."""
    now = leaves_s
    begins = []
    for stop, leg in zip(tour, legs[:-1].tolist(), strict=True):
        begins.append(max(now + leg, float(problem.earliest_s[stop])))
        now = begins[-1] + float(problem.service_s[stop])
    return begins, now + float(legs[-1])


def solve_tours(
    problem: TourProblem, *, time_limit_s: float, seed: int, iterations: int | None = None
) -> TourSolution:
    """
    Plan tours that collect the largest prize; among equal prizes, in less time.

    Prizes and seconds meet in one objective of whole numbers, and the rate between them decides how
    good the tours are: too low, and stops are left out that there was time for; too high, and the
    search no longer shortens tours. A few rates are tried and the best is followed.

    Parameters
    ----------
    problem
        Locations, prizes and vehicles.
    time_limit_s
        Seconds after which the search stops with the best it has, > 0.
    seed
        Seed of the search, a whole number from 0 to 2**32 - 1.
    iterations
        Iterations after which the search stops, >= 1. With them, the result depends on the seed
        alone unless the time limit comes first; without, on the speed of the machine too.

    Returns
    -------
    solution
        Tours, in the order of the vehicles.

    Raises
    ------
    ParameterError
        A limit or the seed is out of range.
    """
    if not time_limit_s > 0:
        raise ParameterError(f"Expected `time_limit_s` > 0, got {time_limit_s}.")
    if iterations is not None and iterations < 1:
        raise ParameterError(f"Expected `iterations` >= 1, got {iterations}.")
    if not (is_whole(seed) and 0 <= seed < _SEEDS):
        raise ParameterError(f"Expected `seed` from 0 to 2**32 - 1, got {seed}.")
    stops = [
        location
        for location in np.flatnonzero(problem.prize > 0).tolist()
        if any(schedule_tour(problem, vehicle, [location]) for vehicle in problem.vehicles)
    ]
    tours: list[list[int]] = [[] for _ in problem.vehicles]
    if stops:
        limits = Limits(time.perf_counter() + time_limit_s, iterations)
        candidates = search(problem, stops, limits=limits, seed=int(seed))
        tours = max(candidates, key=lambda found: _merit(problem, found))
    return _solution(problem, tours)


def _solution(problem: TourProblem, tours: list[list[int]]) -> TourSolution:
    schedules = [
        schedule_tour(problem, vehicle, tour)
        for vehicle, tour in zip(problem.vehicles, tours, strict=True)
    ]
    visited = [location for tour in tours for location in tour]
    return TourSolution(
        tours=tours,
        prize=float(problem.prize[visited].sum()),
        feasible=None not in schedules and len(set(visited)) == len(visited),
        schedules=schedules,
    )


def _merit(problem: TourProblem, tours: list[list[int]]) -> tuple[bool, float, float]:
    solution = _solution(problem, tours)
    away_s = sum(times.returns_s - times.leaves_s for times in solution.schedules if times)
    return solution.feasible, solution.prize, -away_s
