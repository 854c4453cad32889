"""The budgets of the cost curve."""

from types import SimpleNamespace

import pandas as pd
import pytest

from api.sites.tables import curve_budgets


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
