"""The search for the tours of one round of a night, part by part where the night is large."""

import time
from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InfeasiblePlanError
from planning._patrol_parts import LARGEST_WHOLE, Part, share_out
from planning._patrol_problem import Night, tour_problem
from planning._patrol_teams import Segment
from planning.tours import Schedule, solve_tours

# A part is given so much time in any case; within less its tours are not even filled.
_LEAST_S = 0.05


class Effort(NamedTuple):
    """How long a round is searched.

    Attributes
    ----------
    time_limit_s
        Seconds after which it stops in any case.
    iterations
        Iterations after which the search of a night stops that is not cut into parts; one that is
        cut gets as many for as many visits that are new.
    sweeps
        How often a night that is cut is cut and searched, in as many iterations together.
    """

    time_limit_s: float
    iterations: int
    sweeps: int


class _Limits(NamedTuple):
    """When the search of a part stops."""

    time_limit_s: float
    iterations: int

    @classmethod
    def of(cls, effort: Effort, new: int, *, left_s: float, left: int) -> Self:
        """Return the share of a part with some new visits; `left` are to be searched yet."""
        iterations = effort.iterations * new / LARGEST_WHOLE / effort.sweeps
        return cls(max(left_s / left, _LEAST_S), max(1, round(iterations)))


class Found(NamedTuple):
    """Visits offered, and what has been found of them.

    Attributes
    ----------
    visits
        The visits.
    tours
        Rows of the visits that each segment makes, in order.
    times
        Times of each tour.
    """

    visits: pd.DataFrame
    tours: list[list[int]]
    times: list[Schedule]


class _Offers(NamedTuple):
    """Visits offered, and whether each segment is offered each, shape (segments, visits)."""

    night: Night
    visits: pd.DataFrame
    may: NDArray[np.bool_]


def search_tours(
    night: Night,
    visits: pd.DataFrame,
    tours: Sequence[list[int]],
    *,
    may: NDArray[np.bool_],
    effort: Effort,
    seed: int,
    rng: np.random.Generator,
) -> Found:
    """Find tours of a round, beginning from some.

    Parameters
    ----------
    night
        Who is out, and what there is to stop for.
    visits
        Visits offered: point, earliest_s, latest_s, weight and required.
    tours
        Rows of the visits that each segment makes already.
    may
        Whether each segment is offered each visit, shape (segments, visits).
    effort
        How long to search.
    seed
        Seed of the searches.
    rng
        Source of the cuts.

    Returns
    -------
    found
        The tours, and when they run.

    Raises
    ------
    InfeasiblePlanError
        Breaks cannot be kept, or an end cannot be reached; their units are named.
    """
    offers = _Offers(night, visits, may)
    deadline_s = time.perf_counter() + effort.time_limit_s
    found = [list(tour) for tour in tours]
    times: list[Schedule | None] = [None] * len(found)
    is_new = np.ones(len(visits), dtype=np.bool_)
    is_new[[row for tour in tours for row in tour]] = False
    for sweep in range(effort.sweeps):
        parts = share_out(night, visits, found, may=may, rng=rng)
        for number, part in enumerate(parts):
            left_s = deadline_s - time.perf_counter()
            limits = _Limits(max(left_s, _LEAST_S), effort.iterations)
            if len(parts) > 1:
                left = (effort.sweeps - sweep) * len(parts) - number
                new = int(is_new[part.visits].sum())
                limits = _Limits.of(effort, new, left_s=left_s, left=left)
            solved = _solve(offers, part, found, limits=limits, seed=seed)
            for segment, (tour, schedule) in zip(part.segments.tolist(), solved, strict=True):
                found[segment] = tour
                times[segment] = schedule if tour else _moved(night, night.segments[segment])
        if len(parts) == 1:
            break
    missed = visits["required"].to_numpy(np.bool_).copy()
    missed[[row for tour in found for row in tour]] = False
    if missed.any():
        raise InfeasiblePlanError(_broken(night, visits["point"][missed]))
    return Found(visits, found, [one for one in times if one is not None])


def _solve(
    offers: _Offers, part: Part, tours: Sequence[list[int]], *, limits: _Limits, seed: int
) -> list[tuple[list[int], Schedule | None]]:
    """Return the tour of each segment of a part as rows of all visits, and its times."""
    night, visits, may = offers
    problem = tour_problem(
        night,
        visits.iloc[part.visits],
        may=may[np.ix_(part.segments, part.visits)],
        numbers=part.segments,
    )
    first = len(problem.prize) - len(part.visits)
    location = np.zeros(len(visits), dtype=np.intp)
    location[part.visits] = first + np.arange(len(part.visits))
    solution = solve_tours(
        problem,
        time_limit_s=limits.time_limit_s,
        seed=seed,
        iterations=limits.iterations,
        start=[location[tours[number]].tolist() for number in part.segments],
    )
    found = [part.visits[np.array(tour, np.intp) - first].tolist() for tour in solution.tours]
    return list(zip(found, solution.schedules, strict=True))


def _moved(night: Night, segment: Segment) -> Schedule:
    """Return when those who make no stop go from the start to the end: as late as they can."""
    if segment.start == segment.end:
        return Schedule(segment.earliest_s, (), segment.earliest_s)
    needed_s = float(night.travel_s[night.pace(segment)][segment.start, segment.end])
    if needed_s > segment.latest_s - segment.earliest_s:
        names = " and ".join(night.units[unit].id for unit in segment.units)
        raise InfeasiblePlanError(
            f"Expected {names} to reach the end within {segment.latest_s - segment.earliest_s:.0f} "
            f"s, got a way of {needed_s:.0f} s."
        )
    return Schedule(segment.latest_s - needed_s, (), segment.latest_s)


def _broken(night: Night, points: "pd.Series[int]") -> str:
    """Say whose breaks tours leave out."""
    segments = night.points["segment"].iloc[points]
    names = sorted({night.units[night.segments[one].units[0]].id for one in segments if one >= 0})
    return f"Expected time for every break, got none for that of {', '.join(names) or 'anybody'}."
