"""Peers of `solve_tours`: PyVRP as it comes, VROOM, and OR-Tools (run as a process of its own).

Each gets the same problem, with travel times in hundredths of a second, and a limit of CPU seconds
where it has one, and returns the prize it collects. OR-Tools and HiGHS never meet in one process:
`python -m tests.planning.tour_peers SECONDS < problem.pickle` is what `or_tools` starts.
"""

import pickle
import subprocess
import sys
import time
import warnings
from math import isfinite
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
_UNITS = 100
_FAR = 10**7


def whole(values):
    """Return times in whole units, rounded up; what is endless is far."""
    return np.ceil(np.minimum(np.asarray(values) * _UNITS, _FAR) - 1e-6).astype(np.int64)


def limits_of(vehicle):
    """Return when a vehicle leaves, is back and how long it may be away, in units."""
    back = vehicle.latest_s if isfinite(vehicle.latest_s) else _FAR / _UNITS
    longest = min(vehicle.max_duration_s, back - vehicle.earliest_s)
    return int(vehicle.earliest_s * _UNITS), int(back * _UNITS), int(longest * _UNITS)


class _CpuTime:
    """A stop of PyVRP's after CPU seconds, counted from its first iteration."""

    def __init__(self, seconds):
        self.seconds, self.begin_s = seconds, None

    def __call__(self, _best_cost):
        self.begin_s = time.process_time() if self.begin_s is None else self.begin_s
        return time.process_time() - self.begin_s >= self.seconds


def pyvrp_data(problem, rate):
    """Return a problem as PyVRP's, where a prize counts as much as so many of the longest legs."""
    from pyvrp import Client, Depot, Location, ProblemData, VehicleType  # noqa: PLC0415

    travel, first = whole(problem.travel_s[0]), problem.vehicles[0]
    ends = sorted({first.start, first.end})
    stops = np.flatnonzero(problem.prize > 0)
    rate *= float(travel[travel < _FAR].max())
    leaves, back, longest = limits_of(first)
    vehicles = VehicleType(
        len(problem.vehicles),
        start_depot=ends.index(first.start),
        end_depot=ends.index(first.end),
        tw_early=leaves,
        tw_late=back,
        shift_duration=longest,
    )
    clients = [
        Client(
            int(stop),
            service_duration=int(whole(problem.service_s[stop])),
            tw_early=int(problem.earliest_s[stop] * _UNITS),
            tw_late=int(min(problem.latest_s[stop] * _UNITS, _FAR)),
            prize=round(rate * problem.prize[stop]),
            required=False,
        )
        for stop in stops
    ]
    places, depots = [Location(0, 0) for _ in problem.prize], [Depot(place) for place in ends]
    return stops, ProblemData(places, clients, depots, [vehicles], [travel], [travel])


def plain_pyvrp(problem, *, seconds, seed, rate=1.0):
    """Return what PyVRP collects in CPU seconds with its own parameters; it is handed matrices."""
    from pyvrp import solve  # noqa: PLC0415
    from pyvrp.exceptions import PenaltyBoundWarning  # noqa: PLC0415

    stops, data = pyvrp_data(problem, rate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        found = solve(data, _CpuTime(seconds), seed=seed, collect_stats=False).best
    if not found.is_feasible():
        return 0.0
    done = {client.idx for route in found.routes() for client in route if client.is_client()}
    return float(problem.prize[stops[sorted(done)]].sum())


def vroom_prize(problem, *, threads=1, exploration=5):
    """Return what VROOM collects; its priorities, 0 to 100, stand for prizes."""
    import vroom  # noqa: PLC0415

    case = vroom.Input()
    case.set_durations_matrix("car", whole(problem.travel_s[0]).astype(np.uint32))
    scale = 100 / max(problem.prize.max(), 100)
    for number, vehicle in enumerate(problem.vehicles):
        leaves, back, longest = limits_of(vehicle)
        case.add_vehicle(
            vroom.Vehicle(
                number,
                start=vehicle.start,
                end=vehicle.end,
                time_window=vroom.TimeWindow(leaves, back),
                max_travel_time=longest,
            )
        )
    for stop in np.flatnonzero(problem.prize > 0).tolist():
        early, late = int(problem.earliest_s[stop] * _UNITS), problem.latest_s[stop] * _UNITS
        case.add_job(
            vroom.Job(
                stop,
                location=stop,
                default_service=int(whole(problem.service_s[stop])),
                priority=round(scale * problem.prize[stop]),
                time_windows=[vroom.TimeWindow(early, int(min(late, _FAR)))],
            )
        )
    routes = case.solve(exploration_level=exploration, nb_threads=threads).routes
    jobs = routes[routes["type"] == "job"]["id"].astype(int)
    return float(problem.prize[jobs.to_numpy()].sum())


def or_tools(problem, *, seconds):
    """Return what OR-Tools collects by guided local search, in a process of its own."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.planning.tour_peers", str(seconds)],
        input=pickle.dumps(problem),
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    return float(answer.stdout)


def _or_tools_prize(problem, seconds):
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2  # noqa: PLC0415

    fleet, travel = problem.vehicles, whole(problem.travel_s[0])
    manager = pywrapcp.RoutingIndexManager(
        len(problem.prize), len(fleet), [v.start for v in fleet], [v.end for v in fleet]
    )
    routing = pywrapcp.RoutingModel(manager)
    ends = {v.start for v in fleet} | {v.end for v in fleet}
    service = whole(problem.service_s)
    service[list(ends)] = 0

    def passing(here, there):
        one, other = manager.IndexToNode(here), manager.IndexToNode(there)
        return int(travel[one, other] + service[one])

    legs = routing.RegisterTransitCallback(passing)
    routing.SetArcCostEvaluatorOfAllVehicles(legs)
    routing.AddDimension(legs, _FAR, _FAR, False, "time")
    clock = routing.GetDimensionOrDie("time")
    for number, vehicle in enumerate(fleet):
        leaves, back, longest = limits_of(vehicle)
        clock.CumulVar(routing.Start(number)).SetRange(leaves, back)
        clock.CumulVar(routing.End(number)).SetRange(leaves, back)
        clock.SetSpanUpperBoundForVehicle(longest, number)
    for stop in set(range(len(problem.prize))) - ends:
        index = manager.NodeToIndex(stop)
        late = int(min(problem.latest_s[stop] * _UNITS, _FAR))
        clock.CumulVar(index).SetRange(int(problem.earliest_s[stop] * _UNITS), late)
        routing.AddDisjunction([index], round(1e4 * problem.prize[stop]))
    options = pywrapcp.DefaultRoutingSearchParameters()
    options.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    options.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    end_s = time.process_time() + seconds
    limit = routing.solver().CustomLimit(lambda: time.process_time() >= end_s)
    routing.AddSearchMonitor(limit)
    found = routing.SolveWithParameters(options)
    if found is None:
        return 0.0
    prize = 0.0
    for number in range(len(fleet)):
        index = routing.Start(number)
        while not routing.IsEnd(index):
            prize += float(problem.prize[manager.IndexToNode(index)])
            index = found.Value(routing.NextVar(index))
    return prize


if __name__ == "__main__":
    given = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by `or_tools` alone
    sys.stdout.write(f"{_or_tools_prize(given, float(sys.argv[1]))}\n")
