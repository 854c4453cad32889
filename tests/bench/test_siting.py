"""How near a siting comes to its bound, and in what time, beside greedy choice and a MIP solver.

The benchmarks run at 10,000 candidates and 50,000 points; as plain tests they are small.
`extra_info` (in the file of --benchmark-json) holds the gap to the bound that the siting proves,
the CPU seconds, and for the relaxation how far its bound lies above the optimum that HiGHS finds.
"""

import heapq
import os
import time

import highspy
import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from planning import _branch_and_bound
from planning._coverage_bound import Covering
from planning._merged_points import merged
from planning._primal_dual import upper_bound
from planning.siting import maximal_coverage

LIMIT_S = 30.0


def cpu_s():
    """Return the CPU time of this process and of those that it began and that ended, in seconds."""
    return time.process_time() + sum(os.times()[2:4])


pytestmark = pytest.mark.benchmark(timer=cpu_s)


def square(rng, size):
    """Return places all over a square, and how many points each candidate sees."""
    sites, points = size
    radius = np.sqrt(65 / (np.pi * points))
    at, xy = rng.random((sites, 2)), rng.random((points, 2))
    return at, xy, radius


def town(rng, size):
    """Return places of which half crowd around centres: some candidates see ten times others'."""
    centre, spread = rng.random((40, 2)), rng.uniform(0.02, 0.1, 40)

    def places(count):
        near = rng.integers(40, size=count)
        crowd = centre[near] + rng.normal(size=(count, 2)) * spread[near, None]
        return np.where(rng.random((count, 1)) < 0.5, crowd, rng.random((count, 2)))

    sites, points = size
    at, xy = places(sites), places(points)
    near, tree = rng.choice(sites, 500), cKDTree(xy)
    distance = tree.query(at[near], 65)[0][:, -1]
    return at, xy, np.median(distance)


def varied_town(rng, size):
    """Return the town, where each candidate reaches as far as the nearest 30 to 100 points."""
    at, xy, _ = town(rng, size)
    return at, xy, rng.integers(30, 101, len(at))


INSTANCES = {"square": square, "town": town, "varied town": varied_town}


def instance(kind, size, *, seed=0):
    """Return which candidate sees which point, and the points' weights."""
    rng = np.random.default_rng(seed)
    at, xy, reach = INSTANCES[kind](rng, size)
    if np.ndim(reach):
        nearest = cKDTree(xy).query(at, 100)[1]
        seen = np.arange(100) < reach[:, None]
        column, count = nearest[seen], reach
    else:
        near = cKDTree(xy).query_ball_point(at, reach)
        column, count = np.concatenate(near).astype(int), [len(points) for points in near]
    row = np.repeat(np.arange(len(at)), count)
    cover = csr_array((np.ones(len(row), dtype=bool), (row, column)), shape=size)
    return cover, rng.integers(1, 100, size[1]).astype(float)


def size_of(benchmark):
    return (10_000, 50_000) if benchmark.enabled else (600, 3_000)


def timed(benchmark, work, *arguments, **options):
    """Run once; return the result and note the CPU seconds."""
    result = benchmark.pedantic(work, arguments, options, rounds=1)
    if benchmark.stats is not None:
        benchmark.extra_info["cpu_s"] = benchmark.stats.stats.min
    return result


def lazy_greedy(cover, demand, budget):
    """Take the candidate of the largest gain again and again, with a heap of stale gains."""
    open_demand, covered = demand.copy(), 0.0
    heap = [(-gain, site) for site, gain in enumerate((cover @ demand).tolist())]
    heapq.heapify(heap)
    for _ in range(budget):
        while True:
            _, site = heapq.heappop(heap)
            row = cover.indices[cover.indptr[site] : cover.indptr[site + 1]]
            gain = open_demand[row].sum()
            if not heap or gain >= -heap[0][0]:
                break
            heapq.heappush(heap, (-gain, site))
        open_demand[row] = 0.0
        covered += gain
    return covered


def covering(cover, demand, budget):
    points = np.flatnonzero(np.bincount(cover.indices, minlength=len(demand)))
    folds, groups = np.ones(len(points), dtype=np.int64), csr_array((0, len(points)))
    part = csr_array(cover[:, points])
    cost = np.ones(cover.shape[0])
    return merged(Covering(part, demand[points], cost, float(budget), folds, groups, np.empty(0)))


def budget_of(size):
    return size[0] * 3 // 100


@pytest.fixture(scope="module")
def warm():
    """Compile, so that no benchmark counts it."""
    maximal_coverage(csr_array(np.eye(3, dtype=bool)), np.ones(3), budget=1, time_limit_s=1, seed=0)


@pytest.mark.parametrize("kind", INSTANCES)
def test_siting(benchmark, warm, kind):
    benchmark.group = f"siting: {kind}"
    size = size_of(benchmark)
    cover, demand = instance(kind, size)
    limit_s = 10 * LIMIT_S if benchmark.enabled else 3.0
    options = {"budget": budget_of(size), "time_limit_s": limit_s, "seed": 0}
    result = timed(benchmark, maximal_coverage, cover, demand, **options)
    benchmark.extra_info["gap"] = result.gap
    assert lazy_greedy(cover, demand, budget_of(size)) <= result.covered <= result.upper_bound


@pytest.mark.parametrize("kind", INSTANCES)
def test_lazy_greedy(benchmark, warm, kind):
    """Greedy choice alone, measured by the bound of the siting."""
    benchmark.group = f"siting: {kind}"
    size = size_of(benchmark)
    cover, demand = instance(kind, size)
    greedy = timed(benchmark, lazy_greedy, cover, demand, budget_of(size))
    problem = covering(cover, demand, budget_of(size))
    bound = upper_bound(problem, covered=0.0, deadline_s=np.inf, keep_going=lambda: True)
    benchmark.extra_info["gap"] = 1 - greedy / bound
    assert 0.6 * bound <= greedy <= bound


@pytest.mark.slow
@pytest.mark.parametrize("kind", INSTANCES)
def test_mixed_integer_solver(benchmark, kind):
    """HiGHS from nothing, in the time that a siting is given."""
    benchmark.group = f"siting: {kind}"
    size = size_of(benchmark)
    cover, demand = instance(kind, size)
    problem = covering(cover, demand, budget_of(size))
    limit_s = LIMIT_S if benchmark.enabled else 2.0
    limits = {"time_limit_s": limit_s, "keep_going": lambda: True}
    proof = timed(benchmark, _branch_and_bound.prove, problem, None, **limits)
    found = proof.chosen if proof.chosen is not None else np.zeros(size[0], dtype=bool)
    covered = problem.demand[problem.cover.T @ found > 0].sum()
    benchmark.extra_info["gap"] = 1 - covered / proof.bound
    assert covered <= proof.bound


@pytest.mark.parametrize("kind", INSTANCES)
def test_relaxation(benchmark, warm, kind):
    benchmark.group = f"bound: {kind}"
    size = size_of(benchmark)
    problem = covering(*instance(kind, size), budget_of(size))
    limits = {"deadline_s": np.inf, "keep_going": lambda: True}
    bound = timed(benchmark, upper_bound, problem, covered=0.0, **limits)
    benchmark.extra_info["bound"] = bound
    assert 0 < bound <= problem.demand.sum()


@pytest.mark.slow
@pytest.mark.parametrize("kind", INSTANCES)
def test_interior_point_relaxation(benchmark, warm, kind):
    """HiGHS's interior point method, and how far our bound lies above its optimum."""
    benchmark.group = f"bound: {kind}"
    problem = covering(*instance(kind, size_of(benchmark)), budget_of(size_of(benchmark)))
    model = _branch_and_bound._model(problem, 1.0)
    model.integrality_ = []
    solver = highspy.Highs()
    for option, value in {
        "output_flag": False,
        "threads": 1,
        "solver": "ipm",
        "run_crossover": "off",
    }.items():
        solver.setOptionValue(option, value)
    solver.passModel(model)
    timed(benchmark, solver.run)
    optimum = -solver.getInfo().objective_function_value
    ours = upper_bound(problem, covered=0.0, deadline_s=np.inf, keep_going=lambda: True)
    benchmark.extra_info["ours_above"] = ours / optimum - 1
    assert -1e-6 <= ours / optimum - 1 < 2e-3
