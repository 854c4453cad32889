"""How long a night of a city takes: 20,000 stretches of street, 200 units, 2,500 points.

`extra_info` (in the file of --benchmark-json) holds what the plan is worth, the share of the visits
due that it makes, and the peak of memory. For districts of 24 and 10 units it holds a ratio
each: what a night is worth planned in parts to what it is worth planned as a whole, and what VROOM
collects of the visits to what we do. VROOM has no time limit and explores as little as it can here;
`vroom_cpu_s` is what that takes.
"""

import resource
import time

import numpy as np
import pytest

from planning import _patrol_parts, _patrol_rounds, _patrol_search
from planning._patrol_night import make_ready, value_of, visits_due
from planning._patrol_problem import tour_problem
from planning._patrol_rounds import plan_outings
from planning._tour_search import compile_search
from planning.patrol import PatrolParams, plan_patrol
from planning.patrol_rules import PatrolRules
from planning.tours import solve_tours
from tests.planning.made_up_city import city, city_demand, city_units
from tests.planning.patrol_cases import Streets, faults_of_tour, walked_legs
from tests.planning.tour_peers import whole

pytestmark = pytest.mark.benchmark(timer=time.process_time)
# Tours of the city that are walked again; each takes seconds.
_CHECKED = 12


@pytest.fixture(scope="module", autouse=True)
def warm():
    """Compile, so that no benchmark counts it."""
    compile_search()


def test_city(benchmark, monkeypatch):
    if benchmark.enabled:
        zone, params = city(97), PatrolParams(time_limit_s=600.0)
        units, points = city_units(zone, 200), city_demand(zone, hotspots=1200, presence=1300)
    else:
        cut_beyond(60, monkeypatch)
        zone, params = city(12), PatrolParams(time_limit_s=600.0, iterations=2)
        units, points = city_units(zone, 12), city_demand(zone, hotspots=40, presence=30)
    options = {"params": params, "seed": 1}
    plan = benchmark.pedantic(plan_patrol, (zone, units, points), options, rounds=1)
    streets = Streets(zone.streets)
    for tour in plan.tours[:: max(1, len(units) // _CHECKED)]:
        assert list(faults_of_tour(streets, tour, params, walked_legs(plan, tour))) == []
    benchmark.extra_info |= {
        "value": plan.value,
        "share_served": plan.share_served,
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
    }


def cut_beyond(visits, monkeypatch):
    for module in (_patrol_parts, _patrol_search, _patrol_rounds):
        monkeypatch.setattr(module, "LARGEST_WHOLE", visits)


def a_district(*, small, units=24):
    """Return a night and what is due in it, without meetings: VROOM has none like them."""
    zone = city(8 if small else round(7 * units**0.5))
    points = city_demand(
        zone, hotspots=15 if small else 6 * units, presence=10 if small else 6 * units
    )
    units = city_units(zone, 4 if small else units)
    params = PatrolParams(time_limit_s=600.0, iterations=5 if small else 300)
    night = make_ready(
        zone, units, points.assign(needs_units=1), params=params, rules=PatrolRules()
    )
    return night, visits_due(night, seed=1)


def test_district_in_parts(benchmark, monkeypatch):
    night, due = a_district(small=not benchmark.enabled)
    whole_night = value_of(night, plan_outings(night, due, seed=1))
    cut_beyond(450 if benchmark.enabled else 30, monkeypatch)
    outings = benchmark.pedantic(plan_outings, (night, due), {"seed": 1}, rounds=1)
    in_parts = value_of(night, outings)
    benchmark.extra_info |= {"in parts / whole": round(in_parts / whole_night, 4)}
    assert in_parts > 0


def test_district_beside_vroom(benchmark):
    night, due = a_district(small=not benchmark.enabled, units=10)
    may = np.ones((len(night.segments), len(due)), dtype=bool)
    problem = tour_problem(night, due.assign(required=False), may=may)
    params = night.params
    limits = {"time_limit_s": params.time_limit_s, "iterations": params.iterations, "seed": 1}
    solution = benchmark.pedantic(solve_tours, (problem,), limits, rounds=1)
    assert solution.feasible
    begun_s = time.process_time()
    peer = vroom_mixed(problem)
    benchmark.extra_info |= {
        "VROOM / ours": round(peer / solution.prize, 4),
        "vroom_cpu_s": round(time.process_time() - begun_s, 1),
    }


def vroom_mixed(problem):
    """Return what VROOM collects where each vehicle has a matrix of its own profile."""
    import vroom  # noqa: PLC0415

    case = vroom.Input()
    for profile, travel in enumerate(problem.travel_s):
        case.set_durations_matrix(str(profile), whole(travel).astype(np.uint32))
    for number, vehicle in enumerate(problem.vehicles):
        hours = [int(100 * vehicle.earliest_s), int(100 * vehicle.latest_s)]
        case.add_vehicle(
            vroom.Vehicle(
                number,
                start=vehicle.start,
                end=vehicle.end,
                profile=str(vehicle.profile),
                time_window=vroom.TimeWindow(*hours),
            )
        )
    scale = 100 / problem.prize.max()
    for stop in np.flatnonzero(problem.prize > 0).tolist():
        window = [int(100 * problem.earliest_s[stop]), int(100 * problem.latest_s[stop])]
        case.add_job(
            vroom.Job(
                stop,
                location=stop,
                default_service=int(100 * problem.service_s[stop]),
                priority=round(scale * problem.prize[stop]),
                time_windows=[vroom.TimeWindow(*window)],
            )
        )
    routes = case.solve(exploration_level=0, nb_threads=1).routes
    jobs = routes[routes["type"] == "job"]["id"].astype(int)
    return float(problem.prize[jobs.to_numpy()].sum())
