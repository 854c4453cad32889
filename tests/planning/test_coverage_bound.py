"""Bounds on what sites can cover against exhaustive search, HiGHS and planted faults."""

import itertools

import highspy
import numpy as np
import pytest
from scipy.sparse import csr_array, vstack
from scipy.spatial import cKDTree

from planning import _branch_and_bound, _primal_dual
from planning._branch_and_bound import prove
from planning._coverage_bound import Covering, lagrangian_bound
from planning._merged_points import merged, restricted
from planning._primal_dual import upper_bound

NEAR = 1e-9
SEEDS = range(80)


def small_covering(seed):
    """Return an instance small enough to try every subset, with any of costs, folds and groups."""
    rng = np.random.default_rng(seed)
    sites, points, groups = rng.integers(2, 9), rng.integers(2, 16), rng.choice([0, 1, 2])
    cover = rng.random((sites, points)) < rng.uniform(0.15, 0.6)
    cover[rng.integers(sites, size=points), np.arange(points)] = True
    demand = rng.integers(1, 20, points).astype(float)
    cost = rng.uniform(0.5, 2.0, sites) if rng.random() < 0.5 else np.ones(sites)
    budget = max(rng.uniform(1.0, 5.0), cost.max())
    folds = rng.choice([1, 1, 2, 3], points) if rng.random() < 0.6 else np.ones(points, dtype=int)
    members = (rng.random((groups, points)) < 0.4) * demand
    members = members[members.sum(axis=1) > 0]
    least = rng.uniform(0.1, 0.7) * members.sum(axis=1)
    return Covering(
        csr_array(cover.astype(float)),
        demand,
        cost,
        float(budget),
        folds.astype(np.int64),
        csr_array(members),
        least,
    )


def optimum(problem):
    """Try every subset; minus infinity where none obeys the rules."""
    cover, groups, best = problem.cover.toarray(), problem.groups.toarray(), -np.inf
    for chosen in itertools.product([False, True], repeat=len(problem.cost)):
        sites = np.array(chosen)
        if problem.cost[sites].sum() > problem.budget * (1 + 1e-12):
            continue
        counts = cover[sites].sum(axis=0) >= problem.folds
        if (groups @ counts >= problem.least - 1e-12 * problem.demand.sum()).all():
            best = max(best, problem.demand[counts].sum())
    return best


def town(seed, *, sites=300, points=1500, budget=12, folded=False, groups=0):
    """Return an instance that HiGHS's simplex method solves in a moment."""
    rng = np.random.default_rng(seed)
    xy, at = rng.random((points, 2)), rng.random((sites, 2))
    near = cKDTree(at).sparse_distance_matrix(cKDTree(xy), 0.08, output_type="coo_matrix")
    cover = csr_array((np.ones(near.nnz), (near.row, near.col)), shape=near.shape)
    seen = np.flatnonzero(np.bincount(cover.indices, minlength=points))
    demand = rng.integers(1, 50, len(seen)).astype(float)
    quarter = (xy[seen, 0] * 4).astype(int)
    members = np.array([demand * (quarter == number) for number in range(groups)])
    members = members.reshape(groups, len(seen))
    return Covering(
        csr_array(cover[:, seen]),
        demand,
        rng.uniform(0.5, 1.5, sites),
        float(budget),
        rng.choice([1, 2], len(seen)) if folded else np.ones(len(seen), dtype=np.int64),
        csr_array(members),
        0.15 * members.sum(axis=1),
    )


def linear_optimum(problem):
    """Solve the linear relaxation by HiGHS."""
    model = _branch_and_bound._model(problem, 1.0)
    model.integrality_ = []
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(model)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return -solver.getInfo().objective_function_value


def bound_of(problem, *, covered=0.0, keep_going=lambda: True):
    return upper_bound(problem, covered=covered, deadline_s=np.inf, keep_going=keep_going)


def covered(problem, chosen):
    if chosen is None:
        return 0.0
    return problem.demand[problem.cover.T @ chosen >= problem.folds].sum()


def proof_of(problem, start=None, **options):
    options = {"time_limit_s": 20.0, "keep_going": lambda: True} | options
    return prove(problem, start, **options)


def test_any_multipliers_bound_the_optimum():
    rng = np.random.default_rng(0)
    for seed in SEEDS:
        problem = small_covering(seed)
        best = optimum(problem)
        for size in (0.0, 0.3, 1.0, 3.0):
            paid = size * problem.demand * rng.random(len(problem.demand))
            prices = size * rng.random(len(problem.least))
            assert lagrangian_bound(problem, paid, prices) >= best - NEAR, seed


@pytest.mark.parametrize(
    "fault",
    [
        lambda problem: problem._replace(least=2 * problem.least),
        lambda problem: problem._replace(folds=problem.folds + 1),
        lambda problem: problem._replace(budget=0.7 * problem.budget),
    ],
    ids=["groups owe twice", "one fold too many", "less budget"],
)
def test_the_oracle_catches_a_bound_of_another_problem(fault):
    low = sum(
        bound_of(fault(small_covering(seed))) < optimum(small_covering(seed)) - NEAR
        for seed in SEEDS
    )
    assert low >= 5


def test_the_relaxation_bounds_the_optimum():
    slack = []
    for seed in SEEDS:
        problem = small_covering(seed)
        best, bound = optimum(problem), bound_of(problem)
        assert bound >= best - NEAR, seed
        if best > 0:
            slack.append(bound / best - 1)
    assert len(slack) > 50
    assert np.median(slack) < 0.1


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("groups", [0, 4])
def test_the_relaxation_is_solved_nearly_to_its_optimum(folded, groups):
    for seed in range(3):
        problem = town(seed, folded=folded, groups=groups)
        best = linear_optimum(problem)
        assert -NEAR <= bound_of(problem) / best - 1 < 2e-4


def test_a_candidate_that_covers_nothing_changes_no_bound():
    problem = town(0)
    cover = csr_array(vstack([problem.cover, csr_array((1, len(problem.demand)))]))
    wider = problem._replace(cover=cover, cost=np.append(problem.cost, 1.0))
    assert bound_of(wider) == pytest.approx(bound_of(problem), rel=1e-9)


def test_multipliers_cut_short_still_bound():
    problem = town(1)
    best = linear_optimum(problem)
    for asks in (0, 1, 5):
        patience = itertools.chain(itertools.repeat(True, asks), itertools.repeat(False))
        bound = bound_of(problem, keep_going=lambda patience=patience: next(patience))
        assert best * (1 - NEAR) <= bound <= problem.demand.sum()


def test_a_bound_that_is_met_ends_the_search(monkeypatch):
    asked = []
    monkeypatch.setattr(_primal_dual, "_MOST_STEPS", 10_000)
    problem = town(2)
    best = linear_optimum(problem)
    bound = bound_of(problem, covered=1.5 * best, keep_going=lambda: asked.append(1) or True)
    assert best <= bound <= 1.5 * best
    assert len(asked) < 20


def test_same_bound_again():
    assert bound_of(town(3, groups=2)) == bound_of(town(3, groups=2))


def test_branch_and_bound_equals_exhaustive_search():
    for seed in SEEDS:
        problem = small_covering(seed)
        best, proof = optimum(problem), proof_of(problem)
        if best == -np.inf:
            assert (proof.status, proof.bound) == ("infeasible", -np.inf), seed
            continue
        assert proof.status == "optimal", seed
        assert best - NEAR <= proof.bound <= best + 1e-7 * problem.demand.sum(), seed
        counts = problem.cover.T @ proof.chosen >= problem.folds
        assert problem.demand[counts].sum() == pytest.approx(best), seed
        assert (problem.groups @ counts >= problem.least - 1e-6).all(), seed


def test_some_small_instances_are_infeasible():
    """Otherwise the test before would never see that status."""
    assert sum(optimum(small_covering(seed)) == -np.inf for seed in SEEDS) >= 3


def hard_town():
    """Return an instance that branch and bound does not solve in its first node."""
    return town(4, sites=160, points=500, budget=14, folded=True)


def test_branch_and_bound_stops_when_told():
    """What it says by then holds: no choice that it has seen is better than its bound."""
    patience = itertools.chain(itertools.repeat(True, 5), itertools.repeat(False))
    problem = hard_town()
    proof = proof_of(problem, time_limit_s=120.0, keep_going=lambda: next(patience))
    assert proof.status == "open"
    assert next(patience) is False
    assert proof.bound >= covered(problem, proof.chosen)


def test_branch_and_bound_stops_at_its_nodes():
    problem = hard_town()
    start = np.zeros(len(problem.cost), dtype=bool)
    first, again = (proof_of(problem, start, time_limit_s=120.0, most_nodes=1) for _ in range(2))
    assert (first.status, again.status) == ("open", "open")
    assert first.bound == again.bound
    assert (first.chosen == again.chosen).all()
    assert first.bound >= covered(problem, first.chosen)


def test_merging_points_changes_no_optimum():
    fewer = 0
    for seed in SEEDS:
        problem = small_covering(seed)
        small = merged(problem)
        assert small.demand.sum() == pytest.approx(problem.demand.sum())
        assert optimum(small) == pytest.approx(optimum(problem)), seed
        fewer += len(small.demand) < len(problem.demand)
    assert fewer > 10


def test_a_restriction_loses_only_the_other_sites():
    for seed in SEEDS:
        problem = small_covering(seed)
        sites = np.flatnonzero(np.random.default_rng(seed).random(len(problem.cost)) < 0.6)
        if not len(sites):
            continue
        barred = np.full(len(problem.cost), 2 * problem.budget)
        barred[sites] = problem.cost[sites]
        expected = optimum(problem._replace(cost=barred))
        part = restricted(problem, sites)
        assert len(part.cost) == len(sites)
        assert optimum(part) == pytest.approx(expected), seed
