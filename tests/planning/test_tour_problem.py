"""Problems of tours: every fault of theirs is named, and what is not read may be anything."""

import re
from math import inf, nan

import numpy as np
import pytest

from geo.errors import ParameterError
from planning.tours import Vehicle, solve_tours
from tests.planning.tour_cases import line_problem


def test_every_fault_is_named():
    with pytest.raises(ParameterError) as caught:
        line_problem(
            travel_s=-np.ones((3, 3)),
            prize=[0, 1, nan, 5],
            service_s=[0, -1, 1, 1],
            earliest_s=[0, 0],
            latest_s=[1, 1, 1],
        )
    for fault in (
        "Expected `travel_s` of shape (profiles, 4, 4), got (1, 3, 3).",
        "Expected `travel_s` >= 0 everywhere",
        "Expected `prize` without NaN, got one at 2.",
        "Expected `service_s` >= 0, got -1.0 at 1.",
        "Expected `earliest_s` of shape (4,), got (2,).",
        "Expected `latest_s` of shape (4,), got (3,).",
    ):
        assert fault in str(caught.value)


def test_every_fault_of_the_vehicles_is_named():
    with pytest.raises(ParameterError) as caught:
        line_problem(vehicles=[Vehicle(9, 3, 5, 1, -1, profile=2)])
    for fault in (
        "Expected `start` of vehicle 0 from 0 to 3, got 9.",
        "Expected prize 0 at the `end` of vehicle 0, got 5.0.",
        "Expected `profile` of vehicle 0 from 0 to 0, got 2.",
        "Expected `earliest_s` <= `latest_s` of vehicle 0, got 5 and 1.",
        "Expected `max_duration_s` >= 0 of vehicle 0, got -1.",
    ):
        assert fault in str(caught.value)


def test_windows_upside_down_and_limits_out_of_range():
    with pytest.raises(ParameterError, match=r"`earliest_s` <= `latest_s`, got 7.0 > 1.0 at 1"):
        line_problem(earliest_s=[0, 7, 0, 0], latest_s=[9, 1, 9, 9])
    with pytest.raises(ParameterError, match="Expected `time_limit_s` > 0, got 0"):
        solve_tours(line_problem(), time_limit_s=0, seed=0)
    with pytest.raises(ParameterError, match="Expected `iterations` >= 1, got 0"):
        solve_tours(line_problem(), time_limit_s=1, seed=0, iterations=0)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"vehicles": [Vehicle(0.0, 0, 0, 9, 9)]},
            "a whole number as `start` of vehicle 0, got 0.0",
        ),
        ({"vehicles": [Vehicle(0, 0.5, 0, 9, 9)]}, "a whole number as `end` of vehicle 0, got 0.5"),
        (
            {"vehicles": [Vehicle(0, 0, 0, 9, 9, profile=0.0)]},
            "a whole number as `profile` of vehicle 0, got 0.0",
        ),
        ({"vehicles": Vehicle(0, 0, 0, 9, 9)}, "`vehicles` to be a list of Vehicle, got Vehicle"),
        ({"vehicles": [(0, 0, 0, 9, 9)]}, "a Vehicle as vehicle 0, got (0, 0, 0, 9, 9)"),
        ({"prize": 3.0}, "`prize` of shape (n,), got ()"),
        ({"prize": list("abcd")}, "`prize` to be an array of numbers"),
        ({"service_s": None}, "`service_s` of shape (4,), got ()"),
        ({"travel_s": 3.0}, "`travel_s` of shape (profiles, 4, 4), got ()"),
        ({"travel_s": [[0, 1], [1]]}, "`travel_s` to be an array of numbers"),
        ({"allowed": [True] * 4}, "`allowed` of shape (1, 4), got (4,)"),
        ({"allowed": [[0, 1, 2, 1]]}, "`allowed` to be true or false everywhere"),
        ({"required": [[True]]}, "`required` of shape (4,), got (1, 1)"),
        ({"required": [1, 0, 0, 0]}, "the `start` of vehicle 0 not to be `required`, got 0"),
        ({"vehicles": [Vehicle(0, 0, -inf, 9, 9)]}, "a finite `earliest_s` of vehicle 0, got -inf"),
        ({"vehicles": [Vehicle(0, 0, 0, nan, 9)]}, "`earliest_s` <= `latest_s` of vehicle 0"),
    ],
)
def test_arguments_of_the_wrong_kind(changed, message):
    with pytest.raises(ParameterError, match=re.escape(f"Expected {message}")):
        line_problem(**changed)


def test_whole_numbers_of_numpy_are_whole_numbers():
    vehicle = Vehicle(np.int64(0), np.int32(0), np.float32(0), 100, 100, profile=np.int64(0))
    problem = line_problem(vehicles=[vehicle])
    assert solve_tours(problem, time_limit_s=5.0, seed=np.int64(0), iterations=50).prize == 7.0


@pytest.mark.parametrize("unread", [nan, -1.0, inf])
def test_windows_and_service_of_starts_and_ends_are_not_read(unread):
    problem = line_problem(
        service_s=[unread, 1, 1, 1], earliest_s=[5, 0, 0, 0], latest_s=[0, 100, 100, 100]
    )
    solution = solve_tours(problem, time_limit_s=5.0, seed=0, iterations=50)
    assert (solution.prize, solution.schedules[0].returns_s) == (7.0, 63.0)


def test_those_of_other_locations_are():
    with pytest.raises(ParameterError, match=r"`earliest_s` <= `latest_s`, got 5.0 > 0.0 at 1"):
        line_problem(prize=[0, 0, 1, 5], earliest_s=[5, 5, 0, 0], latest_s=[0, 0, 9, 9])


def test_the_arrays_of_a_problem_are_not_changed():
    given = np.zeros(4)
    problem = line_problem(prize=given)
    given[1] = 9.0
    assert problem.prize[1] == 0.0
    assert problem.travel_s.shape == (1, 4, 4)
    with pytest.raises(ValueError, match="read-only"):
        problem.travel_s[0, 1, 2] = 5.0
