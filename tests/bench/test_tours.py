"""How long the tours of one night take."""

from planning.tours import solve_tours
from tests.planning.tour_cases import faults_of, random_problem

# The most that 20,000 iterations find, by two seeds.
BEST_KNOWN = 516.0


def test_forty_stops_four_vehicles(benchmark):
    problem = random_problem(1, stops=40, vehicles=4)
    limits = {"time_limit_s": 30.0, "seed": 0, "iterations": 500}
    solution = benchmark.pedantic(solve_tours, args=(problem,), kwargs=limits, rounds=1)
    assert faults_of(problem, solution) == []
    assert solution.prize > 0.94 * BEST_KNOWN
