"""When a tour runs, and what still fits into it, in exact seconds."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planning.tour_problem import TourProblem, Vehicle

Floats = NDArray[np.float64]

# What sums of floating point seconds may be off by.
ROUNDING_S = 1e-6


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
        Time of reaching the end; that of leaving for a vehicle without stops, which stays at its
        start even where its end is elsewhere.
    """

    leaves_s: float
    begins_s: tuple[float, ...]
    returns_s: float


def schedule_tour(problem: TourProblem, vehicle: Vehicle, tour: Sequence[int]) -> Schedule | None:
    """Find the times of a tour: back as early as possible, and leaving as late as that allows.

    Parameters
    ----------
    problem
        Locations and travel times.
    vehicle
        Who makes the tour.
    tour
        Locations visited in between, in order; none for a vehicle that stays at its start.

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
    late = np.asarray(begins) > problem.latest_s[list(tour)] + ROUNDING_S
    if late.any() or returns > vehicle.latest_s + ROUNDING_S:
        return None
    if returns - leaves > vehicle.max_duration_s + ROUNDING_S:
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


def what_fits(problem: TourProblem, tours: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return tours without the stops that break a rule, each in the order it is given in.

    Parameters
    ----------
    problem
        Locations and travel times.
    tours
        One a vehicle; a stop may be out of time, not allowed, or in two tours.

    Returns
    -------
    kept
        Feasible tours of stops with a prize or required.
    """
    done: set[int] = set()
    able, counts = problem.may_visit, problem.worth > 0
    kept = []
    for number, (vehicle, given) in enumerate(zip(problem.vehicles, tours, strict=True)):
        wanted = [
            stop
            for stop in dict.fromkeys(given)
            if stop not in done and counts[stop] and able[number, stop]
        ]
        if not schedule_tour(problem, vehicle, wanted):
            fits: list[int] = []
            for stop in wanted:
                if schedule_tour(problem, vehicle, [*fits, stop]):
                    fits.append(stop)
            wanted = fits
        done.update(wanted)
        kept.append(wanted)
    return kept


def fill_tours(
    problem: TourProblem, tours: list[list[int]], stops: Sequence[int], *, deadline_s: float
) -> list[list[int]]:
    """Insert the stops that still fit, one after another, the most prize for added time first.

    Parameters
    ----------
    problem
        Locations and travel times.
    tours
        One feasible tour a vehicle.
    stops
        Locations worth visiting.
    deadline_s
        Reading of `time.perf_counter` after which no more are inserted.

    Returns
    -------
    filled
        The tours with what fits.
    """
    filled, may_visit = [], problem.may_visit
    left = np.setdiff1d(stops, [stop for tour in tours for stop in tour]).astype(np.intp)
    for number, tour in enumerate(tours):
        while len(left) and time.perf_counter() < deadline_s:
            able = left[may_visit[number, left]]
            longer = _with_one_more(problem, problem.vehicles[number], tour, able)
            if longer is None:
                break
            tour = longer  # noqa: PLW2901 - it grows
            left = left[~np.isin(left, tour)]
        filled.append(tour)
    return filled


def _with_one_more(
    problem: TourProblem, vehicle: Vehicle, tour: list[int], left: NDArray[np.intp]
) -> list[int] | None:
    """Return the tour with the best stop that fits at its best position."""
    travel = problem.travel_s[vehicle.profile]
    heads, tails = np.array([vehicle.start, *tour]), np.array([*tour, vehicle.end])
    legs = travel[heads, tails]
    ready, due = _slack(problem, vehicle, tour, legs)
    out, back = travel[heads[:, None], left], travel[left, tails[:, None]]
    service = problem.service_s[left]
    begins = np.maximum(ready[:, None] + out, problem.earliest_s[left])
    fits = begins <= problem.latest_s[left] + ROUNDING_S
    fits &= begins + service + back <= due[:, None] + ROUNDING_S
    direct = legs if tour else np.zeros(1)
    added = out + service + back - direct[:, None]
    spent = direct.sum() + problem.service_s[tour].sum()
    fits &= spent + added <= vehicle.max_duration_s + ROUNDING_S
    positions, columns = np.nonzero(fits)
    worth = problem.worth[left][columns] / np.maximum(added[fits], ROUNDING_S)
    for choice in np.argsort(-worth, kind="stable"):
        at, stop = positions[choice], int(left[columns[choice]])
        longer = [*tour[:at], stop, *tour[at:]]
        # Only the duration is left to break: waiting counts, and leaving later may save it.
        if schedule_tour(problem, vehicle, longer):
            return longer
    return None


def _slack(
    problem: TourProblem, vehicle: Vehicle, tour: list[int], legs: Floats
) -> tuple[Floats, Floats]:
    """Return when each leg may begin at the earliest and must be over at the latest."""
    begins, _ = _run(problem, tour, legs, vehicle.earliest_s)
    ready = np.array([vehicle.earliest_s, *(np.array(begins) + problem.service_s[tour])])
    due = np.full(len(legs), vehicle.latest_s)
    for at in range(len(tour) - 1, -1, -1):
        stop = tour[at]
        due[at] = min(problem.latest_s[stop], due[at + 1] - legs[at + 1] - problem.service_s[stop])
    return ready, due
