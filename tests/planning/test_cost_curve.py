"""A choice that is known already stands on the cost curve, and orders what stands beside it."""

from types import SimpleNamespace

import numpy as np
import pytest

from planning.sites import cost_curve
from planning.siting import SitingResult


def choice(sites, covered, bound):
    gap = (bound - covered) / bound if bound else 0.0
    return SitingResult(np.arange(sites), covered, bound, gap, float(sites))


def curve(found, known, **options):
    """Draw the curve of a problem whose searches end as told."""
    problem = SimpleNamespace(fixed_cost=0.0, solve=lambda *, budget, **_: found[budget])
    budgets = [*found, *known]
    return cost_curve(problem, budgets, seed=0, time_limit_s=1.0, known=known, **options)


SMALL, MIDDLE, LARGE = choice(1, 10.0, 10.0), choice(2, 15.0, 19.0), choice(3, 24.0, 26.0)


def test_what_is_known_of_a_budget_stands_and_is_not_searched_again():
    told = curve({1.0: SMALL, 2.0: MIDDLE, 3.0: LARGE}, {2.0: choice(2, 18.0, 18.5)})
    assert told["budget"].tolist() == [1.0, 2.0, 3.0]
    assert told["covered_m"].tolist() == [10.0, 18.0, 24.0]
    assert told["upper_bound_m"].tolist() == [10.0, 18.5, 26.0]
    assert told["gap"].tolist() == pytest.approx([0.0, 0.5 / 18.5, 2 / 26])


def test_a_better_choice_stands_for_larger_budgets_and_a_lower_bound_for_smaller_ones():
    found = {1.0: choice(1, 10.0, 30.0), 3.0: choice(3, 16.0, 26.0)}
    told = curve(found, {2.0: choice(2, 18.0, 18.5)})
    assert told["covered_m"].tolist() == [10.0, 18.0, 18.0]
    assert told["sites"].tolist() == [1, 2, 2]
    assert told["upper_bound_m"].tolist() == [18.5, 18.5, 26.0]


def test_a_known_choice_of_nothing_stands_without_a_gap():
    told = curve({1.0: SMALL}, {0.0: choice(0, 0.0, 0.0)})
    assert told["budget"].tolist() == [0.0, 1.0]
    assert told["gap"].tolist() == [0.0, 0.0]


def test_what_is_known_stands_where_the_search_is_stopped():
    told = curve({1.0: SMALL, 3.0: LARGE}, {2.0: MIDDLE}, keep_going=lambda: False)
    assert told["budget"].tolist() == [2.0]
