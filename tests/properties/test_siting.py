"""What holds for every instance of maximal covering."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning.siting import maximal_coverage
from tests.planning.siting_cases import exhaustive_optimum, random_case, solve

cases = st.integers(0, 2**32 - 1).map(lambda seed: random_case(seed, most=8))


@settings(max_examples=60)
@given(cases)
def test_bound_optimum_and_recount_agree(case):
    result = solve(case)
    seen = case.cover.toarray()[result.chosen].any(axis=0)
    optimum = exhaustive_optimum(case)
    assert result.covered == pytest.approx(case.demand[seen].sum())
    assert result.covered <= optimum * (1 + 1e-12)
    assert result.upper_bound >= optimum
    assert set(case.fixed) <= set(result.chosen)
    assert result.spent <= case.budget * (1 + 1e-9)
    assert result.gap * result.upper_bound == pytest.approx(
        result.upper_bound - result.covered, abs=1e-9
    )


@settings(max_examples=30)
@given(cases, st.floats(0.0, 3.0))
def test_more_money_never_covers_less(case, more):
    assert solve(case, budget=case.budget + more).covered >= solve(case).covered - 1e-9


@settings(max_examples=30)
@given(cases, st.integers(0, 2**32 - 1))
def test_order_of_candidates_does_not_matter(case, seed):
    order = np.random.default_rng(seed).permutation(len(case.costs))
    place = np.argsort(order)
    shuffled = maximal_coverage(
        case.cover[order],
        case.demand,
        budget=case.budget,
        cost=None if case.cost is None else case.cost[order],
        fixed=place[case.fixed],
        time_limit_s=10.0,
        seed=0,
    )
    assert shuffled.covered == pytest.approx(solve(case).covered)
