"""The budgets of the cost curve, and how the report's own choice stands on it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from api.sites.tables import curve_budgets, curve_with
from planning.siting import SitingResult


def problem(*costs, fixed_cost=0.0):
    return SimpleNamespace(candidates=pd.DataFrame({"cost": costs}), fixed_cost=fixed_cost)


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (5.0, range(1, 11)),
        (3.0, range(1, 11)),
        (8.0, range(2, 17, 2)),
        (60.0, range(12, 121, 12)),
        (0.0, range(11)),
        (2.5, [1, 2, 2.5, *range(3, 11)]),
    ],
)
def test_numbers_of_cameras_go_up_to_twice_the_budget_or_ten(budget, expected):
    assert curve_budgets(problem(1.0, 1.0), budget) == [float(each) for each in expected]


def test_costs_go_up_to_twice_the_budget_in_ten_steps():
    budgets = curve_budgets(problem(300.0, 500.0), 1000.0)
    assert budgets == pytest.approx([200.0 * part for part in range(1, 11)])
    assert max(curve_budgets(problem(300.0, 500.0), 0.0)) == 4000.0


def test_budgets_below_the_fixed_candidates_are_left_out():
    assert min(curve_budgets(problem(1.0, fixed_cost=4.0), 5.0)) == 4.0


def curve(*rows):
    table = pd.DataFrame(rows, columns=["budget", "sites", "covered_m", "upper_bound_m"])
    return table.assign(gap=1 - table["covered_m"] / table["upper_bound_m"])


def choice(sites, covered, bound):
    gap = (bound - covered) / bound if bound else 0.0
    return SitingResult(np.arange(sites), covered, bound, gap, float(sites))


def test_the_choice_of_the_report_stands_at_its_budget():
    told = curve_with(
        curve((1.0, 1, 10.0, 10.0), (2.0, 2, 15.0, 19.0), (3.0, 3, 24.0, 26.0)),
        choice(2, 18.0, 18.5),
        2.0,
    )
    assert told["covered_m"].tolist() == [10.0, 18.0, 24.0]
    assert told["upper_bound_m"].tolist() == [10.0, 18.5, 26.0]
    assert told["gap"].tolist() == pytest.approx([0.0, 0.5 / 18.5, 2 / 26])


def test_a_better_choice_stands_for_larger_budgets_and_a_lower_bound_for_smaller_ones():
    told = curve_with(
        curve((1.0, 1, 10.0, 30.0), (2.0, 2, 15.0, 19.0), (3.0, 3, 16.0, 26.0)),
        choice(2, 18.0, 18.5),
        2.0,
    )
    assert told["covered_m"].tolist() == [10.0, 18.0, 18.0]
    assert told["sites"].tolist() == [1, 2, 2]
    assert told["upper_bound_m"].tolist() == [18.5, 18.5, 26.0]


def test_a_budget_that_the_curve_lacks_is_put_in():
    told = curve_with(curve((1.0, 1, 10.0, 10.0)), choice(0, 0.0, 0.0), 0.0)
    assert told["budget"].tolist() == [0.0, 1.0]
    assert told["gap"].tolist() == [0.0, 0.0]
