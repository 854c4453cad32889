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

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csc_array, csr_array

from planning._coverage_bound import Covering
from planning._siting_input import ROUNDING, Request, checked_request
from planning._siting_search import compile_search, search, tight

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


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
    compile_search()
    start_s = time.perf_counter()
    problem, candidates, base = _residual(request)
    chosen, bound = request.kept.copy(), base
    if len(candidates):
        rng = np.random.default_rng(seed)
        found, most = search(
            problem, end_s=start_s + time_limit_s, rng=rng, keep_going=lambda: True
        )
        chosen[candidates[found]] = True
        bound += most
    return _result(request, chosen, bound)


def _result(request: Request, chosen: Flags, bound: float) -> SitingResult:
    covered = float(request.weights[request.cover.T @ chosen].sum())
    bound = tight(bound, covered, request.weights)
    return SitingResult(
        chosen=np.flatnonzero(chosen),
        covered=covered,
        upper_bound=bound,
        gap=(bound - covered) / bound if bound > 0 else 0.0,
        spent=float(request.costs[chosen].sum()),
    )


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
    folds, groups = np.ones(len(demand), dtype=np.int64), csr_array((0, len(demand)))
    problem = Covering(cover, demand, costs[candidates], left, folds, groups, np.empty(0))
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
