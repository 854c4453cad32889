"""What holds for every tour problem."""

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning.tours import TourProblem, solve_tours
from tests.planning.tour_cases import (
    faults_of,
    faults_of_schedules,
    random_problem,
    rough_problem,
)

problems = st.builds(
    random_problem,
    st.integers(0, 2**32 - 1),
    stops=st.integers(1, 15),
    vehicles=st.integers(1, 3),
) | st.builds(rough_problem, st.integers(0, 2**32 - 1), stops=st.integers(1, 15))


@settings(max_examples=40)
@given(problems, st.integers(0, 1000))
def test_solutions_obey_every_rule(problem, seed):
    solution = solve_tours(problem, time_limit_s=10.0, seed=seed, iterations=60)
    assert solution.feasible
    assert faults_of(problem, solution) == []
    assert faults_of_schedules(problem, solution) == []


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-3, 0.5, 60.0, 1e4]))
def test_the_unit_of_prizes_does_not_matter(seed, factor):
    problem = random_problem(seed, stops=5)
    scaled = TourProblem(
        problem.travel_s,
        factor * problem.prize,
        problem.service_s,
        problem.earliest_s,
        problem.latest_s,
        problem.vehicles,
    )
    limits = {"time_limit_s": 10.0, "seed": 1, "iterations": 200}
    prize = solve_tours(problem, **limits).prize
    assert solve_tours(scaled, **limits).prize == pytest.approx(factor * prize)


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e9, 1e12, 1e300]))
def test_a_huge_time_is_no_way(seed, huge):
    limits = {"time_limit_s": 10.0, "seed": 1, "iterations": 500}
    none, long = (rough_problem(seed, stops=4, far=[far]) for far in (inf, huge))
    assert solve_tours(long, **limits).prize == solve_tours(none, **limits).prize
