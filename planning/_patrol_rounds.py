"""A night in rounds: first the visits that are due, then more of them in the time that is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import InfeasiblePlanError
from planning._patrol_problem import Shift, Ways, tour_problem
from planning.tours import Schedule, TourProblem, solve_tours
from planning.units import Unit

# Rounds after the first: for the free time of every unit, then for whoever is still without a stop.
_SHARES_OF_TIME = (0.6, 0.25, 0.15)
_SHARES_OF_ITERATIONS = (1.0, 0.5, 0.5)


@dataclass(frozen=True)
class Outing:
    """Where a unit stops, and when.

    Attributes
    ----------
    points
        Rows of the demand in the order of the visits.
    times
        When it leaves its post, begins each visit and is back.
    """

    points: tuple[int, ...]
    times: Schedule


@dataclass(frozen=True)
class Night:
    """What all rounds of a night share.

    Attributes
    ----------
    ways
        Ways between posts and points.
    units
        Units of the night.
    demand
        Points with weight and dwell_s.
    shifts
        Shift of each unit.
    revisit_s
        Span in which a point is due once.
    least_gap_s
        Shortest time between the beginnings of two visits to a point.
    time_limit_s
        Seconds for all rounds.
    iterations
        Iterations of the first round.
    seed
        Seed of the searches.
    """

    ways: Ways
    units: Sequence[Unit]
    demand: gpd.GeoDataFrame
    shifts: Sequence[Shift]
    revisit_s: float
    least_gap_s: float
    time_limit_s: float
    iterations: int
    seed: int

    def problem(self, visits: pd.DataFrame, shifts: Sequence[Shift]) -> TourProblem:
        """Return the tour problem of some visits and shifts.

        Parameters
        ----------
        visits
            Visits offered: point, earliest_s, latest_s, weight.
        shifts
            Who is free, and when.

        Returns
        -------
        problem
            Its vehicles are the shifts.
        """
        return tour_problem(self.ways, self.units, self.demand, visits, shifts)

    def outings(self, due: pd.DataFrame) -> list[Outing]:
        """Plan the visits that are due, and then more of them in the time that is left.

        Parameters
        ----------
        due
            Visits that are due.

        Returns
        -------
        outings
            One a unit, in the order of the units; without points where it stays.
        """
        done = [
            Outing((), Schedule(shift.earliest_s, (), shift.earliest_s)) for shift in self.shifts
        ]
        done = self._round(done, due, self.shifts, number=0)
        done = self._round(done, self._more(done), self._free(done), number=1)
        idle = [shift for shift in self._free(done) if not done[shift.unit].points]
        return self._round(done, self._more(done), idle, number=2)

    def _round(
        self,
        done: list[Outing],
        visits: pd.DataFrame,
        shifts: Sequence[Shift],
        *,
        number: int,
    ) -> list[Outing]:
        """Add to what is done what the given shifts can do of the visits."""
        if not shifts:
            return done
        solution = solve_tours(
            self.problem(visits, shifts),
            time_limit_s=_SHARES_OF_TIME[number] * self.time_limit_s,
            seed=self.seed,
            iterations=max(1, round(_SHARES_OF_ITERATIONS[number] * self.iterations)),
        )
        point = visits["point"].to_list()
        parts: list[list[Outing]] = [[outing] if outing.points else [] for outing in done]
        for shift, tour, times in zip(shifts, solution.tours, solution.schedules, strict=True):
            if times is None:
                name = self.units[shift.unit].id
                raise InfeasiblePlanError(f"Expected a tour of {name} within its shift, got none.")
            if tour:
                rows = tuple(point[stop - len(self.units)] for stop in tour)
                parts[shift.unit].append(Outing(rows, times))
        return [_joined(some) if some else idle for some, idle in zip(parts, done, strict=True)]

    def _free(self, done: list[Outing]) -> list[Shift]:
        """Return the time of each unit before and after what it does."""
        free = []
        for shift, outing in zip(self.shifts, done, strict=True):
            if outing.points:
                free += [
                    shift._replace(latest_s=outing.times.leaves_s),
                    shift._replace(earliest_s=outing.times.returns_s),
                ]
            else:
                free.append(shift)
        return [shift for shift in free if shift.latest_s > shift.earliest_s]

    def _more(self, done: list[Outing]) -> pd.DataFrame:
        """Offer further visits between those made; each visit made makes the next count less."""
        begun: list[list[float]] = [[] for _ in range(len(self.demand))]
        for outing in done:
            for point, begin_s in zip(outing.points, outing.times.begins_s, strict=True):
                begun[point].append(begin_s)
        weight = self.demand["weight"].to_numpy(np.float64)
        end_s = max(shift.latest_s for shift in self.shifts)
        rows = [
            (point, *window, weight[point] / (1 + len(times)))
            for point, times in enumerate(begun)
            for window in further_windows(
                sorted(times),
                end_s=end_s,
                revisit_s=self.revisit_s,
                least_gap_s=self.least_gap_s,
            )
        ]
        return pd.DataFrame(rows, columns=["point", "earliest_s", "latest_s", "weight"])


def further_windows(
    times: Sequence[float], *, end_s: float, revisit_s: float, least_gap_s: float
) -> list[tuple[float, float]]:
    """Return when further visits to a point may begin.

    Parameters
    ----------
    times
        When the visits made begin, ascending.
    end_s
        When the night ends.
    revisit_s
        Span in which a point is due once: longer times without a visit get several windows.
    least_gap_s
        Shortest time between the beginnings of two visits.

    Returns
    -------
    windows
        First and last moment of each, ascending.
    """
    opens = [0.0, *(time_s + least_gap_s for time_s in times)]
    closes = [*(time_s - least_gap_s for time_s in times), end_s]
    windows = []
    for start_s, stop_s in zip(opens, closes, strict=True):
        if start_s >= stop_s:
            continue
        count = max(1, int((stop_s - start_s + least_gap_s) // revisit_s))
        open_s = (stop_s - start_s - (count - 1) * least_gap_s) / count
        begins = start_s + (open_s + least_gap_s) * np.arange(count)
        windows += [(begin_s, begin_s + open_s) for begin_s in begins.tolist()]
    return windows


def _joined(parts: list[Outing]) -> Outing:
    """Return one outing of several that follow each other."""
    parts = sorted(parts, key=lambda outing: outing.times.leaves_s)
    return Outing(
        tuple(chain.from_iterable(outing.points for outing in parts)),
        Schedule(
            parts[0].times.leaves_s,
            tuple(chain.from_iterable(outing.times.begins_s for outing in parts)),
            parts[-1].times.returns_s,
        ),
    )
