"""The search behind `planning.siting`: greedy start, best swaps, annealing, bound and proof.

Annealing starts again and again from the best choice so far, and the choices it ends with are
merged: each is best somewhere, and branch and bound puts the best parts together in a fraction of
the time of one run.
"""

import time
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from planning._branch_and_bound import Proof, prove
from planning._coverage_bound import Covering
from planning._merged_points import restricted
from planning._primal_dual import upper_bound
from planning._siting_input import ROUNDING
from planning._siting_start import first_choice, repriced
from planning._swap_search import Best, Draws, anneal, best_of, improve, keep_best
from planning._swap_state import Instance, instance_of, state_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Temperatures as shares of what one chosen site covers: measured on the reference instances.
_HOT, _COLD = 0.05, 0.003
# Folds and groups part good choices by deeper valleys.
_HOT_UNDER_RULES = 0.2
# Rounds of annealing, runs in a round, and steps in a run: fewer where there is more to each step.
_ROUNDS, _ANNEALS = 6, 6
_STEPS_PER_CANDIDATE, _MOST_STEPS, _STEPS_BY_ENTRIES = 200, 400_000, 1.5e11
_STEPS_BETWEEN_CLOCKS, _ENTRIES_BETWEEN_CLOCKS = 20_000, 6e9
# Prices of groups follow the choice at least so often in a run.
_REPRICINGS = 20
# Branch and bound is worth its time up to about this many entries of the coverage matrix.
_PROVABLE_ENTRIES = 30_000
# A choice is the best where the solver says so and its bound is as near, as a share of all demand.
_PROVEN = 1e-7
# What sums of a bound may have lost by rounding, as a share; whole numbers are exact below this.
_SUMMING, _EXACT = 1e-12, 2.0**53
# More than two choices are merged at once where so few sites differ; so many nodes are looked at.
_MERGED_SITES, _MERGING_NODES = 200, 500


class _Clock(NamedTuple):
    """When a search stops.

    Attributes
    ----------
    end_s
        Reading of `time.perf_counter` at which it does.
    keep_going
        Asked between steps; once it says no, the search stops.
    """

    end_s: float
    keep_going: Callable[[], bool]

    @property
    def left_s(self) -> float:
        """Seconds that are left; 0 once told to stop."""
        return max(self.end_s - time.perf_counter(), 0.0) if self.keep_going() else 0.0

    def cut(self, share: float) -> "_Clock":
        """Return a clock that stops after a share of the time left."""
        now_s = time.perf_counter()
        return self._replace(end_s=now_s + share * (self.end_s - now_s))


@cache
def compile_search() -> None:
    """Compile the search, so that the time this takes counts towards no limit."""
    cover = csr_array(np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]))
    folds, groups = np.array([1, 1, 2]), csr_array(np.ones((1, 3)))
    problem = Covering(cover, np.ones(3), np.ones(2), 1.0, folds, groups, np.array([2.0]))
    instance = instance_of(problem)
    instance, best = first_choice(instance, lambda: False)
    clock = _Clock(np.inf, lambda: True)
    _anneal(instance, best, steps=1, clock=clock, rng=np.random.default_rng(0))
    upper_bound(problem, covered=0.0, deadline_s=np.inf, keep_going=lambda: False)


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
        Demand that no affordable choice exceeds; minus infinity where it is proven that none covers
        the groups as far as it must.
    """
    clock = _Clock(end_s, keep_going)
    instance, first = first_choice(instance_of(problem), keep_going)
    provable = problem.cover.nnz <= _PROVABLE_ENTRIES
    bound = upper_bound(
        problem, covered=first.covered, deadline_s=clock.cut(0.4).end_s, keep_going=keep_going
    )
    best, until = first, clock.cut(0.3) if provable else clock
    for turn in range(1 if provable else _ROUNDS):
        # What grew from one choice alone stays near it: every other round begins anew.
        start, ends = best if turn % 2 else first, []
        for _ in range(_ANNEALS):
            if _settled(problem, best, bound) or not until.left_s:
                break
            instance, end = _anneal(instance, start, steps=_steps(problem), clock=until, rng=rng)
            ends.append(end)
        best = min([best, *ends], key=_order)
        if not provable:
            best = _merged(problem, best, ends, clock)
    left_s = clock.left_s
    if not provable or not left_s or _settled(problem, best, bound):
        return best.chosen, bound
    return _proven(problem, best, bound, clock)


def _settled(problem: Covering, best: Best, bound: float) -> bool:
    return tight(bound, best.covered, problem.demand) <= best.covered


def _order(best: Best) -> tuple[float, float]:
    """Sort by what the groups miss, then by what is covered."""
    return float(best.rank[0]), -float(best.rank[1])


def _copy(best: Best) -> Best:
    return Best(best.chosen.copy(), best.rank.copy())


def _steps(problem: Covering) -> int:
    most = min(_MOST_STEPS, int(_STEPS_BY_ENTRIES / max(problem.cover.nnz, 1)))
    return min(_STEPS_PER_CANDIDATE * len(problem.cost), most)


def _anneal(
    instance: Instance, start: Best, *, steps: int, clock: _Clock, rng: np.random.Generator
) -> tuple[Instance, Best]:
    """Anneal from a choice; return the problem at the last prices, and the best of the cold half.

    What came before is forgotten: an end that is its own start would have nothing to be merged.
    """
    state = state_of(instance, start.chosen)
    best = best_of(state)
    scale = float(state.total[0]) / max(int(start.chosen.sum()), 1)
    if not scale:
        scale = float(instance.worth.max())
    between = min(_STEPS_BETWEEN_CLOCKS, int(_ENTRIES_BETWEEN_CLOCKS / max(len(instance.row), 1)))
    runs = max(_REPRICINGS if instance.groups else 1, round(steps / max(between, 1)))
    hottest = _HOT_UNDER_RULES if instance.groups or instance.folded else _HOT
    limits = scale * np.geomspace(hottest, _COLD, runs + 1)
    for run, (hot, cold) in enumerate(pairwise(limits.tolist())):
        if not clock.left_s:
            break
        if 2 * run < runs:
            best = best_of(state)
        anneal(instance, state, best, _draws(instance, hot, cold, steps // runs, rng))
        instance, state = repriced(instance, state)
    state = state_of(instance, best.chosen)
    improve(instance, state)
    keep_best(state, best)
    return instance, best


def _draws(
    instance: Instance, hot: float, cold: float, steps: int, rng: np.random.Generator
) -> Draws:
    """Draw random swaps; what loses as much as the temperature is made with probability 1/e."""
    return Draws(
        rng.integers(len(instance.cost), size=steps),
        np.geomspace(hot, cold, steps) * rng.exponential(size=steps),
        rng.random(steps),
    )


def _merged(problem: Covering, best: Best, ends: Sequence[Best], clock: _Clock) -> Best:
    """Choose anew among the sites of good choices: their best parts are rarely all in one.

    An optimal recombination in the sense of Aggarwal, Orlin and Tai (1997), "Optimized crossover
    for the independent set problem", Operations Research 45, 226-234, by branch and bound.
    """
    left = sorted((end for end in ends if not end.rank[0]), key=_order)
    while left and not best.rank[0] and clock.left_s:
        union, common = best.chosen | left[0].chosen, best.chosen & left[0].chosen
        taken = 1
        for end in left[1:]:
            if np.count_nonzero((union | end.chosen) & ~(common & end.chosen)) > _MERGED_SITES:
                break
            union, common, taken = union | end.chosen, common & end.chosen, taken + 1
        left = left[taken:]
        if (union != common).any():
            best = _best_among(problem, best, np.flatnonzero(union), clock)
    return best


def _best_among(problem: Covering, best: Best, sites: NDArray[np.intp], clock: _Clock) -> Best:
    proof = prove(
        restricted(problem, sites),
        best.chosen[sites],
        time_limit_s=clock.left_s,
        keep_going=clock.keep_going,
        most_nodes=_MERGING_NODES,
    )
    return _better(problem, best, sites, proof)


def _better(problem: Covering, best: Best, sites: NDArray[np.intp], proof: Proof) -> Best:
    """Take what branch and bound has chosen among some sites, where it is better in truth."""
    if proof.chosen is None:
        return best
    chosen = np.zeros_like(best.chosen)
    chosen[sites] = proof.chosen
    better = _copy(best)
    if problem.cost[chosen].sum() <= problem.budget * (1 + ROUNDING):
        keep_best(state_of(instance_of(problem), chosen), better)
    return better


def _proven(problem: Covering, best: Best, bound: float, clock: _Clock) -> tuple[Flags, float]:
    """Close the gap by branch and bound, as far as time allows."""
    start = None if best.rank[0] else best.chosen
    proof = prove(problem, start, time_limit_s=clock.left_s, keep_going=clock.keep_going)
    best = _better(problem, best, np.arange(len(best.chosen)), proof)
    optimal = proof.status == "optimal" and not best.rank[0]
    # Whole demands differ by 1 at least: there `tight` tells, and nothing is near.
    near = best.covered + _PROVEN * float(problem.demand.sum())
    if optimal and not _whole(problem.demand) and proof.bound <= near:
        return best.chosen, best.covered
    return best.chosen, min(bound, proof.bound)


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
        A bound that holds, at most all demand. Of whole demands it is what is covered only where
        no choice covers 1 more; of others where nothing but rounding lies between.
    """
    bound = min(bound * (1 + _SUMMING), float(weights.sum()))
    if _whole(weights):
        return max(float(np.floor(bound)), covered)
    return covered if bound <= covered * (1 + 2 * ROUNDING) else bound


def _whole(weights: Floats) -> bool:
    """Tell whether sums of the weights are whole, and exact in floating point."""
    return bool((weights == np.floor(weights)).all()) and float(weights.sum()) < _EXACT
