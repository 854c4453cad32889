"""Upper bounds on what any affordable choice of sites can cover.

Two kinds of constraints are relaxed. "A point counts only where as many chosen sites see it as it
needs" takes a toll of what a point pays each of them; "a group is covered as far as it must be"
gives a price to the points of the group. What remains is a continuous knapsack that sorting solves,
and its value is a bound whatever the multipliers are (Galvão and ReVelle 1996, "A Lagrangean
heuristic for the maximal covering location problem", European Journal of Operational Research 88,
114-123). No tolerance of any solver enters it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]

# What the sums of a bound may have lost by rounding, as a share of what they add up.
_SUMMING = 1e-12


class Covering(NamedTuple):
    """A maximal covering problem without fixed sites.

    Attributes
    ----------
    cover
        Which candidate sees which demand point, shape (candidates, points), ones.
    demand
        Weight of each demand point, >= 0.
    cost
        Cost of each candidate, > 0 and at most the budget.
    budget
        Most that the chosen candidates may cost together.
    folds
        How many chosen candidates must see each demand point before it counts, >= 1.
    groups
        What each demand point counts for in each group, shape (groups, points), >= 0.
    least
        Demand that must be covered in each group, > 0.
    """

    cover: csr_array
    demand: Floats
    cost: Floats
    budget: float
    folds: NDArray[np.int64]
    groups: csr_array
    least: Floats


def lagrangian_bound(problem: Covering, paid: Floats, prices: Floats) -> float:
    """Return the bound that multipliers give.

    Parameters
    ----------
    problem
        The problem.
    paid
        What each demand point pays to every chosen candidate that sees it, >= 0.
    prices
        What a unit of covered demand is worth to each group beyond the demand itself, >= 0.

    Returns
    -------
    bound
        Demand that no affordable choice exceeds that covers each group as far as it must.
    """
    worth_more = problem.demand + problem.groups.T @ prices
    kept = float(np.maximum(worth_more - problem.folds * paid, 0.0).sum())
    worth = problem.cover @ paid
    order = np.argsort(-worth / problem.cost, kind="stable")
    cost = problem.cost[order]
    share = np.clip((problem.budget - (np.cumsum(cost) - cost)) / cost, 0.0, 1.0)
    bought, owed = float(worth[order] @ share), float(prices @ problem.least)
    return kept + bought - owed + _SUMMING * (kept + bought + owed)
