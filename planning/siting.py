"""Where to stand: the choice of sites that covers most demand within a budget.

The maximal covering location problem of Church and ReVelle (1974), "The maximal covering location
problem", Papers of the Regional Science Association 32, 101-118. Points that the same candidates
see are merged; a greedy start (by gain and by gain per cost: Khuller, Moss and Naor 1999,
Information Processing Letters 70, 39-45) is improved by best swaps and annealing, a relaxation
bounds what any choice could cover, and branch and bound closes what is small enough.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csc_array, csr_array

from planning._coverage_bound import Covering, prove, upper_bound
from planning._siting_input import ROUNDING, Request, checked_request
from planning._swap_search import (
    Draws,
    Instance,
    State,
    anneal,
    empty_state,
    fill,
    improve,
    open_site,
)

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


@dataclass(frozen=True)
class SitingResult:
    """The sites to take and how near to the best they are.

    Attributes
    ----------
    chosen
        Indices of the chosen candidates, fixed ones included, ascending.
    covered
        Demand that at least one of them sees.
    upper_bound
        Demand that no choice within the budget can exceed.
    gap
        (upper_bound - covered) / upper_bound; 0 where the choice is proven best.
    spent
        Cost of the chosen candidates; their number where no costs were given.
    """

    chosen: NDArray[np.intp]
    covered: float
    upper_bound: float
    gap: float
    spent: float


def maximal_coverage(
    cover: csr_array | csc_array | coo_array,
    demand: ArrayLike,
    *,
    budget: float,
    cost: ArrayLike | None = None,
    fixed: Iterable[int] = (),
    time_limit_s: float,
    seed: int,
) -> SitingResult:
    """
    Choose the candidates that cover the most demand within a budget.

    The result depends on the seed alone as long as the search ends by itself; where the time limit
    cuts it short, a faster machine may find more. Compiling the search, once an installation, does
    not count towards the limit.

    Parameters
    ----------
    cover
        Which candidate sees which demand point, shape (candidates, points), boolean.
    demand
        Weight of each demand point, >= 0, shape (points,).
    budget
        Most that the chosen candidates may cost together, fixed ones included, >= 0.
    cost
        Cost of each candidate, > 0, shape (candidates,); 1 each by default, so that the budget is
        a number of sites.
    fixed
        Indices of candidates that are chosen in any case.
    time_limit_s
        Seconds after which the search stops with what it has, > 0.
    seed
        Seed of the random swaps, from 0 to 2**32 - 1.

    Returns
    -------
    result
        Chosen candidates, what they cover, and a bound on what any choice can cover.

    Raises
    ------
    ParameterError
        Arguments are out of range or do not fit each other; all of them are named.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> cover = csr_array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]])
    >>> result = maximal_coverage(cover, [5, 1, 1, 2], budget=2, time_limit_s=1.0, seed=0)
    >>> result.chosen.tolist(), result.covered, result.gap
    ([0, 2], 9.0, 0.0)
    """
    request = checked_request(
        cover, demand, budget=budget, cost=cost, fixed=fixed, time_limit_s=time_limit_s, seed=seed
    )
    _compile()
    start_s = time.perf_counter()
    problem, candidates, base = _residual(request)
    chosen, bound = request.kept.copy(), base
    if len(candidates):
        rng = np.random.default_rng(seed)
        found, most = _solve(problem, end_s=start_s + time_limit_s, rng=rng)
        chosen[candidates[found]] = True
        bound += most
    return _result(request, chosen, bound)


def _result(request: Request, chosen: Flags, bound: float) -> SitingResult:
    covered = float(request.weights[request.cover.T @ chosen].sum())
    bound = _tight(bound, covered, request.weights)
    return SitingResult(
        chosen=np.flatnonzero(chosen),
        covered=covered,
        upper_bound=bound,
        gap=(bound - covered) / bound if bound > 0 else 0.0,
        spent=float(request.costs[chosen].sum()),
    )


@cache
def _compile() -> None:
    cover = csr_array(np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]))
    instance = _instance(Covering(cover, np.ones(3), np.ones(2), 1.0))
    chosen, _ = _greedy(instance)
    _annealed(instance, chosen, steps=1, end_s=np.inf, rng=np.random.default_rng(0))


def _residual(request: Request) -> tuple[Covering, NDArray[np.intp], float]:
    """Take out what is settled: fixed sites, what they see, and what no money can buy."""
    matrix, weights, costs, kept, budget = request
    seen = matrix.T @ kept
    left = budget - costs[kept].sum()
    usable = ~kept & (costs <= left * (1 + ROUNDING))
    open_points = ~seen & (weights > 0)
    useful = usable & ((matrix @ open_points.astype(np.int64)) > 0)
    candidates = np.flatnonzero(useful)
    part = csc_array(matrix[candidates][:, np.flatnonzero(open_points)])
    cover, demand = _merged(part, weights[open_points])
    same_cost = len(candidates) and (costs[candidates] == costs[candidates[0]]).all()
    if same_cost:
        # A whole number of equal sites: the fraction left over buys nothing.
        price = costs[candidates[0]]
        left = float(np.floor(left / price * (1 + ROUNDING)) * price)
    problem = Covering(cover, demand, costs[candidates], left)
    return problem, candidates, float(weights[seen].sum())


def _merged(part: csc_array, weights: Floats) -> tuple[csr_array, Floats]:
    """Merge the points that the same candidates see; drop those that none sees."""
    part.sort_indices()
    start, index = part.indptr, part.indices
    groups: dict[bytes, int] = {}
    group = np.full(len(weights), -1, dtype=np.intp)
    for point in np.flatnonzero(np.diff(start)):
        key = index[start[point] : start[point + 1]].tobytes()
        group[point] = groups.setdefault(key, len(groups))
    seen = group >= 0
    demand = np.zeros(len(groups))
    np.add.at(demand, group[seen], weights[seen])
    _, first = np.unique(group[seen], return_index=True)
    cover = csr_array(part[:, np.flatnonzero(seen)[first]]).astype(np.float64)
    cover.sort_indices()
    return cover, demand


def _solve(problem: Covering, *, end_s: float, rng: np.random.Generator) -> tuple[Flags, float]:
    instance = _instance(problem)
    chosen, covered = _greedy(instance)
    start_s = time.perf_counter()
    bound = upper_bound(problem, covered=covered, deadline_s=start_s + 0.4 * (end_s - start_s))
    provable = problem.cover.nnz <= _PROVABLE_ENTRIES
    for turn in range(_ANNEALS):
        if _tight(bound, covered, problem.demand) <= covered:
            return chosen, bound
        now_s = time.perf_counter()
        stop_s = now_s + 0.3 * (end_s - now_s) if provable else end_s
        steps = _STEPS_PER_CANDIDATE * len(problem.cost) * 2**turn
        chosen, covered = _annealed(instance, chosen, steps=steps, end_s=stop_s, rng=rng)
    left_s = end_s - time.perf_counter()
    if not provable or left_s <= 0 or _tight(bound, covered, problem.demand) <= covered:
        return chosen, bound
    return _proven(problem, chosen, covered, bound, time_limit_s=left_s)


def _instance(problem: Covering) -> Instance:
    columns = csc_array(problem.cover)
    return Instance(
        problem.cover.indptr.astype(np.int64),
        problem.cover.indices.astype(np.int64),
        columns.indptr.astype(np.int64),
        columns.indices.astype(np.int64),
        problem.demand,
        problem.cost,
        problem.budget,
    )


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
    state = _state_of(instance, chosen)
    best = chosen.copy(), state.total[:1].copy()
    scale = float(state.total[0]) / max(int(chosen.sum()), 1)
    runs = max(1, round(steps / _STEPS_BETWEEN_CLOCKS))
    limits = scale * np.geomspace(_HOT, _COLD, runs + 1)
    for hot, cold in pairwise(limits.tolist()):
        if time.perf_counter() > end_s:
            break
        anneal(instance, state, best, _draws(instance, hot, cold, steps // runs, rng))
    state = _state_of(instance, best[0])
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


def _state_of(instance: Instance, chosen: Flags) -> State:
    state = empty_state(instance)
    for site in np.flatnonzero(chosen).tolist():
        open_site(instance, state, site)
    return state


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


def _tight(bound: float, covered: float, weights: Floats) -> float:
    """Widen a bound by what rounding may hide; whole demands make it a whole number."""
    bound *= 1 + ROUNDING
    if (weights == np.floor(weights)).all():
        bound = float(np.floor(bound))
    return covered if bound <= covered * (1 + 2 * ROUNDING) else bound
