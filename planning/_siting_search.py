"""The search behind `planning.siting`: greedy start, best swaps, annealing, bound and proof."""

import time
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from planning._coverage_bound import Covering, prove, upper_bound
from planning._siting_input import ROUNDING
from planning._swap_search import Draws, anneal, best_of, fill, improve
from planning._swap_state import Instance, empty_state, instance_of, state_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Temperatures as shares of what one chosen site covers: measured on the reference instances.
_HOT, _COLD = 0.1, 0.002
# Annealing runs, each twice as long as the one before.
_ANNEALS = 4
_STEPS_PER_CANDIDATE = 100
_STEPS_BETWEEN_CLOCKS = 20_000
# Branch and bound is worth its time up to about this many entries of the coverage matrix.
_PROVABLE_ENTRIES = 30_000


@cache
def compile_search() -> None:
    """Compile the search, so that the time this takes counts towards no limit."""
    cover = csr_array(np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]))
    folds, groups = np.ones(3, dtype=np.int64), csr_array((0, 3))
    problem = Covering(cover, np.ones(3), np.ones(2), 1.0, folds, groups, np.empty(0))
    instance = instance_of(problem)
    chosen, _ = _greedy(instance)
    _annealed(instance, chosen, steps=1, end_s=np.inf, rng=np.random.default_rng(0))


def search(
    problem: Covering, *, end_s: float, rng: np.random.Generator, keep_going: Callable[[], bool]
) -> tuple[Flags, float]:
    """Choose candidates and bound what any choice can cover.

    Parameters
    ----------
    problem
        The problem.
    end_s
        Reading of `time.perf_counter` at which the search stops.
    rng
        Source of the random swaps.
    keep_going
        Asked between steps; once it says no, the search stops with what it has.

    Returns
    -------
    chosen
        Whether each candidate is chosen.
    bound
        Demand that no affordable choice exceeds.
    """
    instance = instance_of(problem)
    chosen, covered = _greedy(instance)
    start_s = time.perf_counter()
    bound = upper_bound(problem, covered=covered, deadline_s=start_s + 0.4 * (end_s - start_s))
    provable = problem.cover.nnz <= _PROVABLE_ENTRIES
    for turn in range(_ANNEALS):
        if tight(bound, covered, problem.demand) <= covered or not keep_going():
            return chosen, bound
        now_s = time.perf_counter()
        stop_s = now_s + 0.3 * (end_s - now_s) if provable else end_s
        steps = _STEPS_PER_CANDIDATE * len(problem.cost) * 2**turn
        chosen, covered = _annealed(instance, chosen, steps=steps, end_s=stop_s, rng=rng)
    left_s = end_s - time.perf_counter()
    if not provable or left_s <= 0 or tight(bound, covered, problem.demand) <= covered:
        return chosen, bound
    return _proven(problem, chosen, covered, bound, time_limit_s=left_s)


def _greedy(instance: Instance) -> tuple[Flags, float]:
    best, covered = np.zeros(len(instance.cost), dtype=bool), -1.0
    for power in (1.0, 0.0):
        state = empty_state(instance)
        fill(instance, state, power)
        improve(instance, state)
        if state.total[0] > covered:
            best, covered = state.chosen, float(state.total[0])
    return best, covered


def _annealed(
    instance: Instance, chosen: Flags, *, steps: int, end_s: float, rng: np.random.Generator
) -> tuple[Flags, float]:
    state = state_of(instance, chosen)
    best = best_of(state)
    scale = float(state.total[0]) / max(int(chosen.sum()), 1)
    runs = max(1, round(steps / _STEPS_BETWEEN_CLOCKS))
    limits = scale * np.geomspace(_HOT, _COLD, runs + 1)
    for hot, cold in pairwise(limits.tolist()):
        if time.perf_counter() > end_s:
            break
        anneal(instance, state, best, _draws(instance, hot, cold, steps // runs, rng))
    state = state_of(instance, best.chosen)
    improve(instance, state)
    return state.chosen, float(state.total[0])


def _draws(
    instance: Instance, hot: float, cold: float, steps: int, rng: np.random.Generator
) -> Draws:
    """Draw random swaps; what loses as much as the temperature is made with probability 1/e."""
    return Draws(
        rng.integers(len(instance.cost), size=steps),
        np.geomspace(hot, cold, steps) * rng.exponential(size=steps),
        rng.random(steps),
    )


def _proven(
    problem: Covering, chosen: Flags, covered: float, bound: float, *, time_limit_s: float
) -> tuple[Flags, float]:
    found, proven_bound, proven = prove(problem, chosen, time_limit_s=time_limit_s)
    affordable = problem.cost[found].sum() <= problem.budget * (1 + ROUNDING)
    value = float(problem.demand[problem.cover.T @ found > 0].sum())
    if affordable and value > covered:
        chosen, covered = found, value
    if proven and proven_bound <= covered * (1 + 1e-7):
        return chosen, covered
    return chosen, min(bound, max(proven_bound, covered) * (1 + ROUNDING))


def tight(bound: float, covered: float, weights: Floats) -> float:
    """Widen a bound by what rounding may hide; whole demands make it a whole number.

    Parameters
    ----------
    bound
        Bound as it was computed.
    covered
        Demand that the best known choice covers.
    weights
        Weight of each demand point.

    Returns
    -------
    bound
        A bound that holds; what is covered where nothing but rounding lies between.
    """
    bound *= 1 + ROUNDING
    if (weights == np.floor(weights)).all():
        bound = float(np.floor(bound))
    return covered if bound <= covered * (1 + 2 * ROUNDING) else bound
