"""The search behind `tours`: PyVRP in whole numbers, with prizes and penalties calibrated.

PyVRP minimises time + uncollected prizes, so the rate at which a prize is turned into time decides.
The price of time at the optimum is about prize / time of the whole, times a factor that differs
from case to case; a ladder of factors is tried and the best rung is climbed from. A rate ten times
too low collects little of what it could; a slow test plants it. The penalty of lateness begins near
the price of time, not at PyVRP's 50,000 a unit, which forbids for thousands of iterations the
detours through infeasible tours that make the search strong.
"""

import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyvrp
from numpy.typing import NDArray
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.IteratedLocalSearch import IteratedLocalSearch
from pyvrp.PenaltyManager import PenaltyManager, PenaltyParams
from pyvrp.search import OPERATORS, LocalSearch, compute_neighbours
from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria, NoImprovement, StoppingCriterion

from planning._tour_reach import horizon_s

if TYPE_CHECKING:
    from planning.tour_problem import TourProblem, Vehicle

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

# Rates of prize to time, as multiples of all time over all prizes; the last fills idle time.
LADDER = (2.0, 4.0, 8.0)
_FILLING = 1000.0
# Prizes of very different size need a higher one; beyond these, sums of costs leave 64 bits.
_LARGEST_FILLING = 1e6
_LARGEST_PRIZES = 2.0**60
_SHARES = {"rung": 0.15, "climb": 0.30, "fill": 0.25}
# Penalty of lateness at first, a unit of time, as a share of the rate.
_PENALTY = 0.75
_ITERATIONS_BETWEEN_UPDATES = 100
# Iterations without improvement after which a stage ends; those of 50 stops take about two seconds.
_FEWEST_IDLE_ITERATIONS = 500
_IDLE_ITERATIONS_PER_STOP = 200

# Whole numbers: the horizon stays below this, so that no sum of costs leaves 64 bits.
_LARGEST_HORIZON = 4e9
_FINEST_HORIZON = 1e7
_WHOLE = 1e-6
# Legs longer than the horizon are cut off at this multiple of it: further out, a way through
# infeasible tours past such a leg costs too much to be tried.
_BEYOND = 1.01


@dataclass(frozen=True)
class Limits:
    """When the search stops.

    Attributes
    ----------
    deadline_s
        Reading of `time.perf_counter` at which it stops in any case.
    iterations
        Iterations of all stages together, none for as many as there is time for.
    """

    deadline_s: float
    iterations: int | None


class Scaled:
    """A tour problem in whole numbers, without prizes.

    Parameters
    ----------
    problem
        Locations, travel times and vehicles in seconds.
    stops
        Locations worth visiting.
    """

    def __init__(self, problem: "TourProblem", stops: list[int]) -> None:
        self.problem = problem
        self.stops = stops
        self._origin_s = min(vehicle.earliest_s for vehicle in problem.vehicles)
        self._horizon_s = horizon_s(problem, stops) - self._origin_s
        self._per_second = _units_per_second(problem, stops, self._origin_s, self._horizon_s)
        # Vehicles of one kind share a type, and those that may visit the same stops a profile.
        keys = [
            (vehicle, problem.may_visit[number, stops].tobytes())
            for number, vehicle in enumerate(problem.vehicles)
        ]
        kinds = list(dict.fromkeys(keys))
        self.kind = [kinds.index(key) for key in keys]
        self.vehicles = [vehicle for vehicle, _ in kinds]
        profiles = list(dict.fromkeys((vehicle.profile, able) for vehicle, able in kinds))
        self.profile = [profiles.index((vehicle.profile, able)) for vehicle, able in kinds]
        self.matrices = [self._matrix(*each) for each in profiles]
        self.budget = sum(self._longest(vehicle) for vehicle in problem.vehicles)

    def data(self, rate: float) -> pyvrp.ProblemData:
        """Return the data of PyVRP with prizes at `rate` units of time each.

        Parameters
        ----------
        rate
            Time that one unit of prize is worth.

        Returns
        -------
        data
            The problem in whole numbers.
        """
        problem = self.problem
        depots = sorted(
            {place for vehicle in self.vehicles for place in (vehicle.start, vehicle.end)}
        )
        return pyvrp.ProblemData(
            locations=[pyvrp.Location(0, 0)] * len(problem.prize),
            clients=[self._client(stop, rate) for stop in self.stops],
            depots=[pyvrp.Depot(place) for place in depots],
            vehicle_types=[self._vehicle_type(kind, depots) for kind in range(len(self.vehicles))],
            # PyVRP annotates its matrices as arrays of `int`, which numpy's stubs cannot say.
            distance_matrices=cast("list[Any]", self.matrices),
            duration_matrices=cast("list[Any]", self.matrices),
        )

    def tours(self, solution: pyvrp.Solution) -> list[list[int]]:
        """Return the locations of a solution's routes, in the order of the problem's vehicles.

        Parameters
        ----------
        solution
            Routes of the data that `data` returned.

        Returns
        -------
        tours
            One a vehicle, empty where it stays.
        """
        free = list(range(len(self.problem.vehicles)))
        tours: list[list[int]] = [[] for _ in free]
        for route in solution.routes():
            number = next(n for n in free if self.kind[n] == route.vehicle_type())
            free.remove(number)
            tours[number] = [self.stops[step.idx] for step in route if step.is_client()]
        return tours

    def _matrix(self, profile: int, able: bytes) -> Times:
        """Return travel times; no leg leads to a stop that may not be visited."""
        times = np.minimum(self.problem.travel_s[profile], _BEYOND * self._horizon_s)
        barred = ~np.frombuffer(able, dtype=np.bool_)
        times[:, np.asarray(self.stops)[barred]] = _BEYOND * self._horizon_s
        matrix = self._up(times)
        np.fill_diagonal(matrix, 0)
        return matrix

    def _client(self, stop: int, rate: float) -> pyvrp.Client:
        problem = self.problem
        opens, closes = problem.earliest_s[stop], problem.latest_s[stop]
        window = np.clip([opens - self._origin_s, closes - self._origin_s], 0, self._horizon_s)
        early, late = int(self._up(window[0])), int(self._down(window[1]))
        return pyvrp.Client(
            stop,
            service_duration=int(self._up(problem.service_s[stop])),
            tw_early=early,
            # A window shorter than a unit must not turn inside out.
            tw_late=max(early, late),
            prize=round(rate * float(problem.worth[stop])),
            required=False,
        )

    def _vehicle_type(self, kind: int, depots: list[int]) -> pyvrp.VehicleType:
        vehicle = self.vehicles[kind]
        shift_s = np.array([vehicle.earliest_s, vehicle.latest_s]) - self._origin_s
        return pyvrp.VehicleType(
            self.kind.count(kind),
            start_depot=depots.index(vehicle.start),
            end_depot=depots.index(vehicle.end),
            tw_early=int(self._up(shift_s[0])),
            tw_late=int(self._down(min(shift_s[1], self._horizon_s))),
            shift_duration=self._longest(vehicle),
            unit_distance_cost=0,
            unit_duration_cost=1,
            profile=self.profile[kind],
        )

    def _longest(self, vehicle: "Vehicle") -> int:
        shift_s = min(vehicle.latest_s - vehicle.earliest_s, self._horizon_s)
        return int(self._down(min(vehicle.max_duration_s, shift_s)))

    def _up(self, seconds: Floats) -> Times:
        return np.ceil(seconds * self._per_second - _WHOLE).astype(np.int64)

    def _down(self, seconds: Floats | float) -> Times:
        return np.floor(np.asarray(seconds) * self._per_second + _WHOLE).astype(np.int64)


def search(
    problem: "TourProblem",
    stops: list[int],
    *,
    start: list[list[int]],
    limits: Limits,
    seed: int,
) -> list[list[list[int]]]:
    """Return the tours found on each rung, from the best rung on, and after filling idle time.

    Parameters
    ----------
    problem
        Locations, prizes and vehicles.
    stops
        Locations worth visiting.
    start
        Feasible tours to begin from beside new ones.
    limits
        When to stop.
    seed
        Seed of every stage.

    Returns
    -------
    candidates
        Tours of all vehicles, one list a stage.
    """
    span_s = limits.deadline_s - time.perf_counter()
    if span_s <= 0:
        return []
    scaled = Scaled(problem, stops)
    # Required stops are worth more than all others, whatever the rate.
    total = float(problem.prize[stops].sum()) or float(problem.worth[stops].sum())
    base = max(scaled.budget, 1) / total
    found: list[tuple[float, float, list[list[int]]]] = []

    def stage(rate: float, share: float, begin: list[list[int]] | None) -> bool:
        """Search at one rate; tell whether another search may find more."""
        left_s = limits.deadline_s - time.perf_counter()
        if left_s <= 0:
            return False
        iterations = None if limits.iterations is None else max(1, round(share * limits.iterations))
        stop = _stop(min(share * span_s, left_s), iterations, stops=len(stops))
        tours = _run(scaled, rate, base=base, stop=stop, begin=begin, seed=seed)
        found.append((_worth(problem, tours), rate, tours))
        return sum(map(len, tours)) < len(stops)

    if all(stage(rate, _SHARES["rung"], None) for rate in LADDER):
        worth, rate, tours = max(found, key=lambda entry: entry[0])
        if _worth(problem, start) > worth:
            tours = start
        if stage(rate, _SHARES["climb"], tours):
            filling = _filling_rate(problem.worth[stops], scaled.budget)
            stage(filling, _SHARES["fill"], max(found, key=lambda entry: entry[0])[2])
    return [tours for _, _, tours in found]


def _worth(problem: "TourProblem", tours: list[list[int]]) -> float:
    return float(sum(problem.worth[tour].sum() for tour in tours))


def _filling_rate(prizes: Floats, budget: int) -> float:
    """Return a rate at which the smallest prize is worth all time, as far as 64 bits allow."""
    largest = min(_LARGEST_FILLING, _LARGEST_PRIZES / max(budget, 1))
    return float(min(max(_FILLING, 2 * prizes.sum() / prizes.min()), largest))


def _run(
    scaled: Scaled,
    rate: float,
    *,
    base: float,
    stop: MultipleCriteria,
    begin: list[list[int]] | None,
    seed: int,
) -> list[list[int]]:
    data = scaled.data(rate * base)
    rng = pyvrp.RandomNumberGenerator(seed=seed)
    local = LocalSearch(data, rng, compute_neighbours(data))
    for operator in OPERATORS:
        if operator.supports(data):
            local.add_operator(operator(data))
    updates = PenaltyParams(solutions_between_updates=_ITERATIONS_BETWEEN_UPDATES)
    penalties = PenaltyManager(([], _PENALTY * rate, _PENALTY * rate), updates)
    if begin is None:
        random = pyvrp.Solution.make_random(data, rng)
        first = local(random, penalties.max_cost_evaluator(), exhaustive=True)
    else:
        first = _rebuilt(scaled, data, begin)
    with warnings.catch_warnings():
        # Tours that cannot be made feasible are dropped: an idle vehicle is always feasible.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = IteratedLocalSearch(data, penalties, local, first).run(stop, collect_stats=False)
    found = result.best
    return scaled.tours(found) if found.is_feasible() else [[] for _ in scaled.problem.vehicles]


def _stop(time_limit_s: float, iterations: int | None, *, stops: int) -> MultipleCriteria:
    idle = max(_FEWEST_IDLE_ITERATIONS, _IDLE_ITERATIONS_PER_STOP * stops)
    criteria: list[StoppingCriterion] = [MaxRuntime(time_limit_s), NoImprovement(idle)]
    if iterations is not None:
        criteria.append(MaxIterations(iterations))
    return MultipleCriteria(criteria)


def _rebuilt(scaled: Scaled, data: pyvrp.ProblemData, tours: list[list[int]]) -> pyvrp.Solution:
    client = {stop: number for number, stop in enumerate(scaled.stops)}
    routes = [
        pyvrp.Route(data, [client[stop] for stop in tour], kind)
        for kind, tour in zip(scaled.kind, tours, strict=True)
        if tour
    ]
    return pyvrp.Solution(data, routes)


def _units_per_second(
    problem: "TourProblem", stops: list[int], origin_s: float, horizon_s: float
) -> float:
    """Choose a power of ten that loses nothing where it can, and else as little as it can."""
    fleet = problem.vehicles
    clock = [problem.earliest_s[stops], problem.latest_s[stops]]
    clock += [np.array([vehicle.earliest_s, vehicle.latest_s]) for vehicle in fleet]
    spans = [problem.service_s[stops], [vehicle.max_duration_s for vehicle in fleet]]
    values = np.concatenate([problem.travel_s.ravel(), *spans, np.concatenate(clock) - origin_s])
    # What lies beyond is cut off.
    values = values[(values >= 0) & (values <= horizon_s)]
    longest = max(horizon_s, 1e-3)
    finest = 10.0 ** np.floor(np.log10(_LARGEST_HORIZON / longest))
    units = 10.0 ** np.ceil(np.log10(_FINEST_HORIZON / longest))
    while units < finest and np.abs(values * units - np.rint(values * units)).max() > _WHOLE:
        units *= 10
    return float(units)
