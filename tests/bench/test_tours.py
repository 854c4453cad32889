"""How long the tours of one night take."""

from planning.tours import solve_tours
from tests.planning.tour_cases import random_problem


def test_forty_stops_four_vehicles(benchmark):
    problem = random_problem(1, stops=40, vehicles=4)
    limits = {"time_limit_s": 30.0, "seed": 0, "iterations": 500}
    solution = benchmark.pedantic(solve_tours, args=(problem,), kwargs=limits, rounds=1)
    assert solution.feasible
