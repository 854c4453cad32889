"""Where to stand: the choice of sites that covers most demand within a budget.

The maximal covering location problem of Church and ReVelle (1974), "The maximal covering location
problem", Papers of the Regional Science Association 32, 101-118. Points that the same candidates
see are merged; a greedy start (by gain and by gain per cost: Khuller, Moss and Naor 1999,
Information Processing Letters 70, 39-45) is improved by best swaps and annealing, a relaxation
bounds what any choice could cover, and branch and bound closes what is small enough.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csc_array, csr_array

from geo.errors import InfeasiblePlanError
from planning._siting_input import ROUNDING, Request, Share, checked_request
from planning._siting_residual import residual
from planning._siting_rules import (
    Limits,
    broken_rules,
    covered_points,
    reason,
    unmet_shares,
    without_idle,
)
from planning._siting_search import compile_search, search, tight

__all__ = ["Share", "SitingResult", "maximal_coverage"]

Flags = NDArray[np.bool_]

# Share of the time limit for the search itself where there are shares to meet.
_SEARCHING = 0.8


@dataclass(frozen=True)
class SitingResult:
    """The sites to take and how near to the best they are.

    Attributes
    ----------
    chosen
        Indices of the chosen candidates, fixed ones included, ascending.
    covered
        Demand of the points that as many of them see as the point needs.
    upper_bound
        Demand that no choice within the budget can exceed; at most all demand.
    gap
        (upper_bound - covered) / upper_bound; 0 where the choice is proven best: of whole demands
        exactly, of others up to 1e-7 of all demand, the arithmetic of the solver.
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
    forbidden: Iterable[int] = (),
    folds: ArrayLike | None = None,
    shares: Sequence[Share] = (),
    time_limit_s: float,
    seed: int,
    keep_going: Callable[[], bool] = lambda: True,
) -> SitingResult:
    """Choose the candidates that cover the most demand within a budget.

    The result depends on the seed alone as long as the search ends by itself; where the time limit
    cuts it short, a faster machine may find more. Compiling the search, once an installation, does
    not count towards the limit. Whatever the limit, the input is read and sites are opened one by
    one and swapped while that gains: about a second where sites and points have millions of pairs.

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
    forbidden
        Indices of candidates that are chosen in no case.
    folds
        How many chosen candidates must see each demand point before it counts as covered, whole
        numbers >= 1, shape (points,); 1 each by default.
    shares
        Parts of the demand that have to be covered, whatever that costs the rest.
    time_limit_s
        Seconds after which the search stops with what it has, > 0.
    seed
        Seed of the random swaps, from 0 to 2**32 - 1.
    keep_going
        Asked between the steps of the search; once it says no, the search stops with what it has.

    Returns
    -------
    result
        Chosen candidates, what they cover, and a bound on what any choice can cover.

    Raises
    ------
    ParameterError
        Arguments are out of range or do not fit each other; all of them are named.
    InfeasiblePlanError
        No choice meets the shares, or none was found in time; the share is named with the most of
        it that can be reached.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> cover = csr_array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]])
    >>> result = maximal_coverage(cover, [5, 1, 1, 2], budget=2, time_limit_s=1.0, seed=0)
    >>> result.chosen.tolist(), result.covered, result.gap
    ([0, 2], 9.0, 0.0)

    The third point is to be seen by two sites, at least once it is asked for:

    >>> options = {"budget": 2, "folds": [1, 1, 2, 1], "time_limit_s": 1.0, "seed": 0}
    >>> maximal_coverage(cover, [5, 1, 1, 2], **options).chosen.tolist()
    [0, 2]
    >>> watched = Share(points=[2], least=1.0)
    >>> maximal_coverage(cover, [5, 1, 1, 2], shares=[watched], **options).chosen.tolist()
    [1, 2]
    """
    request = checked_request(
        cover,
        demand,
        budget=budget,
        cost=cost,
        fixed=fixed,
        forbidden=forbidden,
        folds=folds,
        shares=shares,
        time_limit_s=time_limit_s,
        seed=seed,
        keep_going=keep_going,
    )
    compile_search()
    start_s = time.perf_counter()
    problem, candidates, bound = residual(request, request.weights)
    chosen = request.kept.copy()
    if len(candidates):
        # Where no choice meets the shares, some time is kept for saying why.
        share_s = time_limit_s * (_SEARCHING if shares else 1.0)
        rng = np.random.default_rng(seed)
        found, most = search(problem, end_s=start_s + share_s, rng=rng, keep_going=keep_going)
        chosen[candidates[found]] = True
        bound += most
    if unmet_shares(request, chosen):
        limits = Limits(start_s + time_limit_s, seed, keep_going)
        raise InfeasiblePlanError(reason(request, chosen, limits))
    return _result(request, _filled(request, without_idle(request, chosen)), bound)


def _filled(request: Request, chosen: Flags) -> Flags:
    """Open the site of the largest gain that is affordable until none gains, however little.

    The search passes over what rounding may feign in its running sums; here gains are counted anew.
    """
    filled = chosen.copy()
    seen_by = request.cover.T.astype(np.int64) @ filled.astype(np.int64)
    while True:
        left = request.budget * (1 + ROUNDING) - float(request.costs[filled].sum())
        open_to = ~filled & ~request.barred & (request.costs <= left)
        if not open_to.any():
            return filled
        gains = request.cover @ np.where(seen_by == request.folds - 1, request.weights, 0.0)
        site = int(np.argmax(np.where(open_to, gains, 0.0)))
        if not (open_to[site] and gains[site] > 0):
            return filled
        filled[site] = True
        seen_by[request.cover.indices[slice(*request.cover.indptr[site : site + 2])]] += 1


def _result(request: Request, chosen: Flags, bound: float) -> SitingResult:
    broken = broken_rules(request, chosen)
    if broken:
        raise InfeasiblePlanError("\n".join(broken))
    covered = float(request.weights[covered_points(request, chosen)].sum())
    bound = tight(bound, covered, request.weights)
    return SitingResult(
        chosen=np.flatnonzero(chosen),
        covered=covered,
        upper_bound=bound,
        gap=(bound - covered) / bound if bound > 0 else 0.0,
        spent=float(request.costs[chosen].sum()),
    )
