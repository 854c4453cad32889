"""Maximal coverage against exhaustive search, published instances and bad input."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from geo.errors import ParameterError
from planning import _siting_search, _siting_start
from planning._swap_search import best_of
from planning._swap_state import state_of
from planning.siting import maximal_coverage
from tests.planning.siting_cases import (
    exhaustive_optimum,
    random_case,
    reference_case,
    solve,
    tangled_case,
)

BEST_KNOWN = {("NewYork", 400, 50): 1153640, ("Bronx", 600, 70): 1348232}


@pytest.mark.parametrize("block", range(10))
def test_equals_exhaustive_search(block):
    for seed in range(25 * block, 25 * block + 25):
        case = random_case(seed) if seed % 5 else tangled_case(seed)
        optimum = exhaustive_optimum(case)
        result = solve(case, seed=seed)
        assert result.covered == pytest.approx(optimum, rel=1e-12), seed
        assert result.upper_bound >= optimum, seed
        assert result.gap == 0.0, seed


def test_the_oracle_catches_a_search_that_never_swaps(monkeypatch):
    """Greedy alone, and no proof, must fall short somewhere; or the oracle proves nothing."""
    monkeypatch.setattr(_siting_start, "improve", lambda *_: None)
    monkeypatch.setattr(_siting_search, "_PROVABLE_ENTRIES", -1)
    monkeypatch.setattr(_siting_search, "_ANNEALS", 0)
    short = sum(
        solve(tangled_case(seed)).covered < exhaustive_optimum(tangled_case(seed))
        for seed in range(0, 250, 5)
    )
    assert short >= 3


def test_fixed_sites_are_kept_and_paid_for():
    cover = csr_array(np.eye(4, dtype=bool))
    result = maximal_coverage(cover, [1, 2, 3, 4], budget=2, fixed=[0], time_limit_s=1.0, seed=0)
    assert result.chosen.tolist() == [0, 3]
    assert (result.covered, result.spent, result.gap) == (5.0, 2.0, 0.0)


def test_one_dear_site_beats_cheap_ones():
    """Gain per cost alone takes the crumbs and cannot afford the loaf any more."""
    cover = csr_array(np.eye(2, dtype=bool))
    result = maximal_coverage(
        cover, [2.0, 50.0], budget=10, cost=[0.1, 10.0], time_limit_s=1.0, seed=0
    )
    assert result.chosen.tolist() == [1]


def test_annealing_closes_several_for_one(monkeypatch):
    """Three small sites hold the budget of a better one; no single swap leads there."""
    monkeypatch.setattr(_siting_search, "_PROVABLE_ENTRIES", -1)
    small = np.array([True, True, True, False])
    monkeypatch.setattr(
        _siting_search, "first_choice", lambda given, _: (given, best_of(state_of(given, small)))
    )
    cover = csr_array(np.eye(4, dtype=bool))
    result = maximal_coverage(
        cover, [3, 3, 3, 10], budget=3, cost=[1, 1, 1, 3], time_limit_s=5.0, seed=0
    )
    assert result.chosen.tolist() == [3]


def test_no_demand_is_a_clear_empty_answer():
    result = maximal_coverage(
        csr_array(np.ones((3, 2), dtype=bool)), [0, 0], budget=2, time_limit_s=1.0, seed=0
    )
    assert result.chosen.size == 0
    assert (result.covered, result.upper_bound, result.gap) == (0.0, 0.0, 0.0)


def test_stored_zeros_see_nothing():
    cover = csr_array((np.array([False, True]), ([0, 1], [0, 0])), shape=(2, 1))
    result = maximal_coverage(cover, [1], budget=1, time_limit_s=1.0, seed=0)
    assert result.chosen.tolist() == [1]


def test_same_seed_same_choice():
    rng = np.random.default_rng(3)
    cover, demand = csr_array(rng.random((60, 150)) < 0.06), rng.random(150)
    first, second = (
        maximal_coverage(cover, demand, budget=8, time_limit_s=30.0, seed=5) for _ in range(2)
    )
    assert first.chosen.tolist() == second.chosen.tolist()
    assert first.upper_bound == second.upper_bound


def test_every_fault_is_named():
    cover = csr_array(np.ones((2, 3), dtype=bool))
    with pytest.raises(ParameterError) as caught:
        maximal_coverage(
            cover,
            [1.0, -2.0, np.nan],
            budget=-1,
            cost=[0.0, np.inf],
            fixed=[7],
            time_limit_s=0,
            seed=-1,
        )
    for fault in (
        "Expected `demand` >= 0, got -2.0 at 1.",
        "Expected `demand` >= 0, got nan at 2.",
        "Expected `cost` > 0, got 0.0 at 0.",
        "Expected `cost` > 0, got inf at 1.",
        "Expected `budget` >= 0, got -1.",
        "Expected `fixed` as indices from 0 to 1, got [7].",
        "Expected `time_limit_s` > 0, got 0.",
        "Expected `seed` from 0 to 2**32 - 1, got -1.",
    ):
        assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"demand": [1.0]}, r"Expected `demand` of shape \(3,\), got \(1,\)"),
        ({"cost": [1.0]}, r"Expected `cost` of shape \(2,\), got \(1,\)"),
        ({"budget": 1, "fixed": [0, 1]}, "at most the budget of 1, got 2.0"),
        ({"budget": float("nan")}, "Expected `budget` >= 0, got nan"),
        ({"budget": None}, "Expected `budget` >= 0, got None"),
        ({"time_limit_s": None}, "Expected `time_limit_s` > 0, got None"),
        ({"seed": 2**32}, "Expected `seed` from 0 to .*, got 4294967296"),
        ({"seed": None}, "Expected `seed` from 0 to .*, got None"),
        ({"demand": ["a", "b", "c"]}, "Expected `demand` as 3 numbers, got"),
        ({"demand": [[1], [1, 2], 3]}, "Expected `demand` as 3 numbers, got"),
        ({"fixed": [0.5]}, "Expected `fixed` as indices"),
        ({"fixed": None}, "Expected `fixed` as indices"),
        ({"fixed": [[0], [0, 1]]}, "Expected `fixed` as indices"),
        ({"fixed": [True, False]}, "Expected `fixed` as indices"),
    ],
)
def test_one_fault(changed, message):
    arguments = {"demand": [1, 1, 1], "budget": 1, "time_limit_s": 1.0, "seed": 0} | changed
    with pytest.raises(ParameterError, match=message):
        maximal_coverage(csr_array(np.ones((2, 3), dtype=bool)), **arguments)


@pytest.mark.parametrize(
    ("cover", "message"),
    [
        (np.ones(3), r"`cover` of shape \(candidates, points\), got shape \(3,\)"),
        (csr_array(np.array([[1.0, np.nan, 0.0]])), "`cover` without NaN"),
        (None, "`cover` as a matrix of flags, got NoneType"),
        ([["a", "b", "c"]], "`cover` as a matrix of flags, got list"),
    ],
)
def test_a_cover_that_is_none(cover, message):
    with pytest.raises(ParameterError, match=message):
        maximal_coverage(cover, [1, 1, 1], budget=1, time_limit_s=1.0, seed=0)


@pytest.mark.parametrize("fixed", [{1}, (1,), np.array([1]), range(1, 2)])
def test_fixed_sites_in_any_collection(fixed):
    cover = csr_array(np.eye(3, dtype=bool))
    result = maximal_coverage(cover, [1, 2, 3], budget=2, fixed=fixed, time_limit_s=1.0, seed=0)
    assert result.chosen.tolist() == [1, 2]


@pytest.mark.parametrize("magnitude", [1e7, 1e8, 1e10, 1e12])
def test_little_demand_beside_much_is_not_left(magnitude):
    cover = csr_array(np.eye(4, dtype=bool))
    demand = [magnitude, 1, 2, 3]
    result = maximal_coverage(cover, demand, budget=2, time_limit_s=5.0, seed=0)
    assert result.chosen.tolist() == [0, 3]
    assert result.covered == magnitude + 3
    assert magnitude + 3 <= result.upper_bound <= magnitude + 6


def test_little_fractions_beside_much_are_not_left():
    cover = csr_array(np.eye(4, dtype=bool))
    result = maximal_coverage(cover, [1e9, 0.1, 0.2, 0.3], budget=3, time_limit_s=5.0, seed=0)
    assert result.chosen.tolist() == [0, 2, 3]


@pytest.mark.parametrize("bound", [1e10 + 4, 1e10 + 100])
def test_a_bound_of_whole_demands_is_not_rounded_down_to_what_is_covered(bound):
    weights = np.array([1e10, 1, 2, 3, 97])
    assert _siting_search.tight(bound, 1e10 + 3, weights) >= bound
    assert _siting_search.tight(1e10 + 3.9, 1e10 + 3, weights) == 1e10 + 3


@pytest.mark.parametrize("time_limit_s", [0.01, 0.5])
@pytest.mark.parametrize("density", [0.02, 0.3])
def test_no_bound_exceeds_all_demand(density, time_limit_s):
    rng = np.random.default_rng(0)
    cover, demand = csr_array(rng.random((500, 1000)) < density), rng.random(1000)
    result = maximal_coverage(cover, demand, budget=8, time_limit_s=time_limit_s, seed=0)
    assert result.covered <= result.upper_bound <= demand.sum()


def test_all_seen_by_all_is_proven_at_once():
    cover = csr_array(np.ones((500, 1000), dtype=bool))
    result = maximal_coverage(cover, np.ones(1000), budget=3, time_limit_s=0.01, seed=0)
    assert (result.covered, result.upper_bound, result.gap) == (1000.0, 1000.0, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "radius_m", "sites"), BEST_KNOWN)
def test_near_the_best_known(reference, name, radius_m, sites):
    case = reference_case(reference, name, radius_m=radius_m, sites=sites)
    best = BEST_KNOWN[name, radius_m, sites]
    result = solve(case)
    assert result.covered >= 0.999 * best
    assert result.upper_bound >= best
    assert result.covered == case.demand[case.cover[result.chosen].sum(axis=0) > 0].sum()
    assert len(result.chosen) == sites
