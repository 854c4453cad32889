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
from planning._siting_start import first_choice, repriced
from planning._swap_search import Best, Draws, anneal, improve, keep_best
from planning._swap_state import Instance, instance_of, state_of

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
    folds, groups = np.array([1, 1, 2]), csr_array(np.ones((1, 3)))
    problem = Covering(cover, np.ones(3), np.ones(2), 1.0, folds, groups, np.array([2.0]))
    instance = instance_of(problem)
    instance, best = first_choice(instance, lambda: False)
    _anneal(instance, best, steps=1, end_s=np.inf, rng=np.random.default_rng(0))


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
    instance, best = first_choice(instance_of(problem), keep_going)
    start_s = time.perf_counter()
    deadline_s = start_s + 0.4 * (end_s - start_s)
    bound = upper_bound(problem, covered=best.covered, deadline_s=deadline_s)
    provable = problem.cover.nnz <= _PROVABLE_ENTRIES
    for turn in range(_ANNEALS):
        if tight(bound, best.covered, problem.demand) <= best.covered or not keep_going():
            return best.chosen, bound
        now_s = time.perf_counter()
        stop_s = now_s + 0.3 * (end_s - now_s) if provable else end_s
        steps = _STEPS_PER_CANDIDATE * len(problem.cost) * 2**turn
        _anneal(instance, best, steps=steps, end_s=stop_s, rng=rng)
    left_s = end_s - time.perf_counter()
    if not provable or left_s <= 0 or tight(bound, best.covered, problem.demand) <= best.covered:
        return best.chosen, bound
    return _proven(problem, best, bound, time_limit_s=left_s)


def _anneal(
    instance: Instance, best: Best, *, steps: int, end_s: float, rng: np.random.Generator
) -> None:
    """Anneal from the best choice so far and keep what is better."""
    state = state_of(instance, best.chosen)
    scale = float(state.total[0]) / max(int(best.chosen.sum()), 1)
    if not scale:
        scale = float(instance.worth.max())
    runs = max(1, round(steps / _STEPS_BETWEEN_CLOCKS))
    limits = scale * np.geomspace(_HOT, _COLD, runs + 1)
    for hot, cold in pairwise(limits.tolist()):
        if time.perf_counter() > end_s:
            break
        anneal(instance, state, best, _draws(instance, hot, cold, steps // runs, rng))
        instance, state = repriced(instance, state)
    state = state_of(instance, best.chosen)
    improve(instance, state)
    keep_best(state, best)


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
    problem: Covering, best: Best, bound: float, *, time_limit_s: float
) -> tuple[Flags, float]:
    found, proven_bound, proven = prove(problem, best.chosen, time_limit_s=time_limit_s)
    if problem.cost[found].sum() <= problem.budget * (1 + ROUNDING):
        keep_best(state_of(instance_of(problem), found), best)
    if proven and proven_bound <= best.covered * (1 + 1e-7):
        return best.chosen, best.covered
    return best.chosen, min(bound, max(proven_bound, best.covered) * (1 + ROUNDING))


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
