"""What holds for every instance of maximal covering."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InfeasiblePlanError
from planning.siting import Share, maximal_coverage
from tests.planning.siting_cases import exhaustive_optimum, random_case, ruled_case, solve

cases = st.integers(0, 2**32 - 1).map(lambda seed: random_case(seed, most=8))
ruled_cases = st.integers(0, 2**32 - 1).map(lambda seed: ruled_case(seed, most=8))


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


def best_of(case):
    """Return what is covered at the optimum; below 0 where no choice obeys the rules."""
    try:
        result = solve(case)
    except InfeasiblePlanError:
        return -1.0
    assert result.gap == 0.0
    return result.covered


@settings(max_examples=30)
@given(ruled_cases, st.integers(0, 2**32 - 1))
def test_more_folds_never_cover_more(case, seed):
    folds = np.ones(len(case.demand), dtype=int) if case.folds is None else case.folds
    more = folds + np.random.default_rng(seed).integers(0, 2, len(folds))
    assert best_of(replace(case, folds=more)) <= best_of(case) + 1e-9


@settings(max_examples=30)
@given(ruled_cases)
def test_dropping_a_rule_never_covers_less(case):
    for eased in ({"forbidden": ()}, {"folds": None}, {"shares": case.shares[1:]}):
        assert best_of(replace(case, **eased)) >= best_of(case) - 1e-9


@settings(max_examples=30)
@given(ruled_cases)
def test_forbidding_what_is_not_chosen_changes_nothing(case):
    try:
        chosen = solve(case).chosen
    except InfeasiblePlanError:
        return
    unused = tuple(np.setdiff1d(np.arange(len(case.costs)), chosen).tolist())
    assert best_of(replace(case, forbidden=unused)) == pytest.approx(best_of(case))


@settings(max_examples=30)
@given(ruled_cases)
def test_a_share_that_the_optimum_reaches_costs_nothing(case):
    case = replace(case, shares=())
    result = solve(case)
    whole = case.demand.sum()
    reached = Share(range(len(case.demand)), result.covered / whole * (1 - 1e-12) if whole else 1.0)
    assert best_of(replace(case, shares=(reached,))) == pytest.approx(result.covered)
