"""Forbidden sites, folds, shares and cancelling, against exhaustive search and planted faults."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from geo.errors import InfeasiblePlanError, ParameterError
from planning import _siting_search, _siting_start, _swap_search, siting
from planning._siting_input import checked_request
from planning._siting_rules import broken_rules
from planning._swap_state import close_site, empty_state, open_site, state_of
from planning.siting import Share, maximal_coverage
from tests.planning.siting_cases import (
    exhaustive_optimum,
    instance_of_case,
    ruled_case,
    solve,
    tangled_case,
)

NEAR = 1e-9
ADD_SHARED = _swap_search._add_shared.py_func


@pytest.mark.parametrize("block", range(10))
def test_equals_exhaustive_search(block):
    proven = solved = 0
    for seed in range(30 * block, 30 * block + 30):
        case = ruled_case(seed)
        optimum = exhaustive_optimum(case)
        if optimum is None:
            with pytest.raises(InfeasiblePlanError, match=r"`shares\[\d\]` covered within"):
                solve(case, seed=seed)
            continue
        result = solve(case, seed=seed)
        assert result.covered <= optimum + NEAR, seed
        assert result.upper_bound >= optimum - NEAR, seed
        assert not set(result.chosen) & set(case.forbidden), seed
        if result.gap == 0.0:
            assert result.covered == pytest.approx(optimum, rel=NEAR, abs=NEAR), seed
        proven += result.gap == 0.0
        solved += 1
    assert solved >= 15
    assert proven == solved


def without_proof(monkeypatch):
    """Leave the search alone: no relaxation, no branch and bound, no merging by it."""
    monkeypatch.setattr(_siting_search, "_PROVABLE_ENTRIES", -1)
    monkeypatch.setattr(_siting_search, "_ROUNDS", 1)
    monkeypatch.setattr(_siting_search, "_MERGED_SITES", -1)
    monkeypatch.setattr(_siting_search, "_STEPS_PER_CANDIDATE", 100)
    monkeypatch.setattr(
        _siting_search, "upper_bound", lambda problem, **_: float(problem.demand.sum())
    )


def test_the_search_alone_meets_the_oracle(monkeypatch):
    """Swaps and prices find nearly all optima."""
    without_proof(monkeypatch)
    optima = {seed: exhaustive_optimum(ruled_case(seed)) for seed in range(100)}
    short = 0
    for seed, optimum in optima.items():
        if optimum is not None:
            short += solve(ruled_case(seed)).covered < optimum - NEAR
    assert short == 0


def folded_tangle(seed):
    folds = np.random.default_rng(seed).choice([1, 2, 2, 3], 40)
    return replace(tangled_case(seed), folds=folds, budget=5.0)


def short_of_the_optimum(seeds):
    cases = [folded_tangle(seed) for seed in seeds]
    return sum(solve(case).covered < exhaustive_optimum(case) - NEAR for case in cases)


def blind_to_folds(instance, state, site, shared):
    """Correct a swap for the points of both sites only where one site is enough."""
    worth = np.where(instance.folds == 1, instance.worth, 0.0)
    ADD_SHARED(instance._replace(worth=worth), state, site, shared)


@pytest.mark.parametrize(
    ("shared", "fewest", "most"),
    [(ADD_SHARED, 0, 7), (blind_to_folds, 10, 60)],
    ids=["right", "planted fault"],
)
def test_the_oracle_catches_swaps_that_are_blind_to_folds(monkeypatch, shared, fewest, most):
    """Annealing runs uncompiled here, so that the fault can be planted."""
    without_proof(monkeypatch)
    monkeypatch.setattr(_siting_search, "_ANNEALS", 1)
    monkeypatch.setattr(_siting_search, "anneal", _swap_search.anneal.py_func)
    monkeypatch.setattr(_siting_search, "improve", lambda *_: None)
    monkeypatch.setattr(_siting_start, "improve", lambda *_: None)
    exchange = _swap_search._cheapest_exchange.py_func
    monkeypatch.setattr(_swap_search, "_cheapest_exchange", exchange)
    monkeypatch.setattr(_swap_search, "_add_shared", shared)
    assert fewest <= short_of_the_optimum(range(60)) <= most


def worth_of(instance, seen, chosen):
    """Add up what a choice is worth, from the definition."""
    return instance.worth[seen[chosen].sum(axis=0) >= instance.folds].sum()


@pytest.mark.parametrize("seed", range(40))
def test_sums_of_a_state_are_what_they_say(seed):
    case = ruled_case(seed)
    instance, seen = instance_of_case(case), case.cover.toarray()
    rng = np.random.default_rng(seed)
    state = empty_state(instance)
    for site in rng.integers(len(case.costs), size=30):
        (close_site if state.chosen[site] else open_site)(instance, state, site)
    now = worth_of(instance, seen, state.chosen)
    assert state.total[0] == pytest.approx(now)
    assert state.total[1] == pytest.approx(case.costs[state.chosen].sum())
    for site in range(len(case.costs)):
        other = state.chosen.copy()
        other[site] = not other[site]
        change = worth_of(instance, seen, other) - now
        said = -state.loss[site] if state.chosen[site] else state.gain[site]
        assert said == pytest.approx(change, abs=NEAR), site


@pytest.mark.parametrize("seed", range(40))
def test_the_value_of_a_swap_is_what_it_changes(seed):
    case = replace(ruled_case(seed), budget=100.0)
    instance, seen = instance_of_case(case), case.cover.toarray()
    chosen = np.random.default_rng(seed).random(len(case.costs)) < 0.6
    state, shared = state_of(instance, chosen), np.zeros(len(chosen))
    opened = np.flatnonzero(chosen)
    for site in np.flatnonzero(~chosen):
        changes = []
        for other in opened:
            swapped = chosen.copy()
            swapped[[site, other]] = True, False
            changes.append(worth_of(instance, seen, swapped) - worth_of(instance, seen, chosen))
        place, loss = _swap_search._cheapest_exchange(instance, state, site, opened, shared)
        if len(opened):
            assert state.gain[site] - loss == pytest.approx(max(changes), abs=NEAR)
            assert changes[place] == pytest.approx(max(changes), abs=NEAR)
        assert not shared.any()


def test_two_sites_for_the_sos_points():
    """Each SOS point needs two cameras; the richest street has to wait."""
    cover = csr_array(np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1]], dtype=bool))
    sos = Share(points=[0], least=1.0)
    options = {"budget": 2, "folds": [2, 1, 1], "time_limit_s": 5.0, "seed": 0}
    assert maximal_coverage(cover, [1, 5, 5], **options).chosen.tolist() == [3]
    assert maximal_coverage(cover, [1, 5, 5], shares=[sos], **options).chosen.tolist() == [0, 1]


def test_fixed_sites_count_towards_folds_and_shares():
    cover = csr_array(np.array([[1, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=bool))
    result = maximal_coverage(
        cover,
        [1, 1, 1],
        budget=2,
        fixed=[0],
        folds=[2, 1, 1],
        shares=[Share([0, 1], 1.0)],
        time_limit_s=5.0,
        seed=0,
    )
    assert result.chosen.tolist() == [0, 1]
    assert (result.covered, result.gap) == (2.0, 0.0)


def test_shares_without_demand_are_met():
    cover = csr_array(np.eye(2, dtype=bool))
    shares = [Share([], 1.0), Share([1], 1.0), Share([0, 1], 0.0)]
    result = maximal_coverage(cover, [1, 0], budget=1, shares=shares, time_limit_s=5.0, seed=0)
    assert result.chosen.tolist() == [0]


def test_sites_that_add_nothing_are_given_up(monkeypatch):
    monkeypatch.setattr(
        siting, "search", lambda problem, **_: (np.ones(len(problem.cost), dtype=bool), 3.0)
    )
    cover = csr_array(np.array([[1, 0], [1, 1], [0, 1]], dtype=bool))
    result = maximal_coverage(
        cover, [1, 2], budget=9, cost=[1, 2.5, 1], time_limit_s=1.0, seed=0, folds=[1, 1]
    )
    assert result.chosen.tolist() == [0, 2]
    assert (result.covered, result.spent) == (3.0, 2.0)


def test_the_most_of_a_share_is_named():
    cover = csr_array(np.eye(4, dtype=bool))
    with pytest.raises(InfeasiblePlanError) as caught:
        maximal_coverage(
            cover,
            [1, 1, 1, 3],
            budget=2,
            shares=[Share([0], 1.0), Share([0, 1, 2], 0.9)],
            time_limit_s=5.0,
            seed=0,
        )
    assert str(caught.value) == (
        "Expected at least 0.9 of the demand of `shares[1]` covered within the budget of 2; "
        "no choice reaches more than 0.666667."
    )


def test_shares_that_exclude_each_other_are_named():
    cover = csr_array(np.eye(4, dtype=bool))
    with pytest.raises(InfeasiblePlanError) as caught:
        maximal_coverage(
            cover,
            [1, 1, 1, 1],
            budget=2,
            shares=[Share([0, 1], 0.5), Share([2, 3], 1.0)],
            time_limit_s=5.0,
            seed=0,
        )
    assert str(caught.value) == (
        "Expected at least 1 of the demand of `shares[1]` covered within the budget of 2; "
        "no choice that meets `shares[0]` reaches more than 0.5."
    )


def test_what_is_not_proven_is_not_called_proven(monkeypatch):
    """The search finds nothing and knows no bound: that is all that may be said."""
    without_proof(monkeypatch)
    monkeypatch.setattr(
        siting, "search", lambda problem, **_: (np.zeros(len(problem.cost), dtype=bool), np.inf)
    )
    cover = csr_array(np.eye(4, dtype=bool))
    with pytest.raises(InfeasiblePlanError) as caught:
        maximal_coverage(
            cover, np.ones(4), budget=2, shares=[Share([0, 1], 0.5)], time_limit_s=5.0, seed=0
        )
    assert "found no choice that meets every share" in str(caught.value)
    assert "the best one reaches 0. Whether there is one is not proven." in str(caught.value)


def test_a_search_that_breaks_the_rules_is_not_believed(monkeypatch):
    monkeypatch.setattr(
        siting, "search", lambda problem, **_: (np.ones(len(problem.cost), dtype=bool), 3.0)
    )
    cover = csr_array(np.eye(3, dtype=bool))
    with pytest.raises(InfeasiblePlanError, match=r"Expected sites for at most 1.0, got 3.0"):
        maximal_coverage(cover, np.ones(3), budget=1, time_limit_s=1.0, seed=0)


def test_every_broken_rule_is_found():
    request = checked_request(
        csr_array(np.eye(4, dtype=bool)),
        np.ones(4),
        budget=1,
        cost=None,
        fixed=[0],
        forbidden=[1],
        folds=[1, 1, 1, 2],
        shares=[Share([2], 1.0), Share([2, 3], 0.5)],
        time_limit_s=1.0,
        seed=0,
        keep_going=bool,
    )
    assert broken_rules(request, np.array([False, True, False, True])) == [
        "Expected sites for at most 1.0, got 2.0.",
        "Expected the fixed sites among the chosen, got none of [0].",
        "Expected no forbidden site among the chosen, got [1].",
        "Expected at least 1 of the demand of `shares[0]` covered within the budget of 1, got 0.",
        "Expected at least 0.5 of the demand of `shares[1]` covered within the budget of 1, got 0.",
    ]
    assert broken_rules(request._replace(least=np.zeros(2)), request.kept) == []


class Patience:
    """Says yes so many times, then no."""

    def __init__(self, asks):
        self.left = itertools.chain(itertools.repeat(True, asks), itertools.repeat(False))

    def __call__(self):
        return next(self.left)


@pytest.mark.parametrize("asks", [0, 1, 2, 5])
def test_a_search_that_is_stopped_says_what_it_has(asks):
    for seed in range(30):
        case = replace(ruled_case(seed), shares=())
        optimum = exhaustive_optimum(case)
        result = solve(case, keep_going=Patience(asks))
        assert result.covered <= optimum + NEAR
        assert result.upper_bound >= optimum - NEAR
        assert result.covered >= 0.4 * optimum


def test_stopping_stops(monkeypatch):
    """Once told to stop, it neither anneals nor proves."""
    for name in ("anneal", "prove"):
        monkeypatch.setattr(_siting_search, name, pytest.fail)
    case = tangled_case(5)
    result = solve(case, keep_going=lambda: False)
    assert 0 < result.covered <= exhaustive_optimum(case)


def test_a_stopped_search_for_shares_proves_nothing():
    rng = np.random.default_rng(0)
    cover = csr_array(rng.random((30, 90)) < 0.08)
    shares = [Share(range(at, at + 30), 0.5) for at in (0, 30, 60)]
    options = {"budget": 9, "shares": shares, "time_limit_s": 20.0, "seed": 0}
    try:
        result = maximal_coverage(cover, np.ones(90), keep_going=lambda: False, **options)
    except InfeasiblePlanError as error:
        assert "not proven" in str(error)  # noqa: PT017  # either outcome is right
    else:
        assert result.covered >= 45


def test_every_fault_of_the_constraints_is_named():
    with pytest.raises(ParameterError) as caught:
        maximal_coverage(
            csr_array(np.ones((3, 4), dtype=bool)),
            np.ones(4),
            budget=-1,
            fixed=[0, 1],
            forbidden=[1, 9],
            folds=[1, 0, 1.5, np.nan],
            shares=[Share([4], 0.5), Share([0], 1.5), Share([0.5], np.nan)],
            time_limit_s=1.0,
            seed=0,
            keep_going=None,
        )
    assert str(caught.value).splitlines() == [
        "Expected `budget` >= 0, got -1.",
        "Expected `forbidden` as indices from 0 to 2, got [9].",
        "Expected `folds` as whole numbers >= 1, got 0.0 at 1.",
        "Expected `folds` as whole numbers >= 1, got 1.5 at 2.",
        "Expected `folds` as whole numbers >= 1, got nan at 3.",
        "Expected `shares[0].points` as indices from 0 to 3, got [4].",
        "Expected `shares[1].least` from 0 to 1, got 1.5.",
        "Expected `shares[2].points` as indices from 0 to 3, got [0.5].",
        "Expected `shares[2].least` from 0 to 1, got nan.",
        "Expected `keep_going` as something to call, got None.",
    ]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"forbidden": [0], "fixed": [0]},
            r"no site both in `fixed` and in `forbidden`, got \[0\]",
        ),
        ({"forbidden": [-1]}, r"`forbidden` as indices from 0 to 1, got \[-1\]"),
        ({"forbidden": 1}, "`forbidden` as indices from 0 to 1, got 1"),
        ({"folds": [1, 1]}, r"`folds` of shape \(3,\), got \(2,\)"),
        ({"folds": 2}, r"`folds` of shape \(3,\), got \(\)"),
        ({"folds": ["a"] * 3}, "`folds` as 3 whole numbers, got"),
        ({"shares": Share([0], 0.5)}, "`shares` as a sequence of Share"),
        ({"shares": [([0], 0.5)]}, "`shares` as a sequence of Share"),
        ({"shares": [Share(None, 0.5)]}, r"`shares\[0\].points` as indices"),
        ({"shares": [Share([0], None)]}, r"`shares\[0\].least` from 0 to 1, got None"),
    ],
)
def test_one_fault_of_the_constraints(changed, message):
    arguments = {"demand": [1, 1, 1], "budget": 1, "time_limit_s": 1.0, "seed": 0} | changed
    with pytest.raises(ParameterError, match=message):
        maximal_coverage(csr_array(np.ones((2, 3), dtype=bool)), **arguments)
