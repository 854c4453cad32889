"""The linear relaxation of covering, solved approximately, for multipliers that bound well.

The primal-dual hybrid gradient method of Chambolle and Pock (2011), "A first-order primal-dual
algorithm for convex problems with applications to imaging", Journal of Mathematical Imaging and
Vision 40, 120-145, with diagonal steps (Pock and Chambolle 2011, "Diagonal preconditioning for
first order primal-dual algorithms in convex optimization", ICCV, 1762-1769), averages and a weight
between both sides that follows the distance travelled (Applegate et al. 2021, "Practical
large-scale linear programming using primal-dual hybrid gradient", NeurIPS 34). A step costs two
passes over the coverage matrix, so that instances too large for an interior point method are
bounded to a hundredth of a per cent in seconds; the bound itself is that of the multipliers.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array

from planning._coverage_bound import Covering, lagrangian_bound

Floats = NDArray[np.float64]

# Steps between two looks at the bound, and at most; large instances look and end after so many
# entries.
_STEPS_BETWEEN_LOOKS, _MOST_STEPS = 50, 4000
_ENTRIES_BETWEEN_LOOKS, _MOST_ENTRIES = 4e7, 8e8
# The relaxation is solved where primal and dual values are as near as this.
_NEAR = 1e-6
# Averages start anew each time the gap between both values has shrunk to this share.
_RESTART = 0.4
# The weight between both sides stays within these.
_LIGHTEST, _HEAVIEST = 1e-2, 1e2
_NEWTON_STEPS, _PROJECTED = 60, 1e-10


class _Sparse(NamedTuple):
    """A matrix in compressed rows.

    Attributes
    ----------
    start
        Where each row begins in `column` and `value`, shape (rows + 1,).
    column
        Column of each entry.
    value
        Value of each entry.
    """

    start: NDArray[np.int64]
    column: NDArray[np.int32]
    value: Floats


class _Relaxation(NamedTuple):
    """The relaxation, in units of the mean demand.

    Attributes
    ----------
    cover
        Which candidate sees which demand point.
    seers
        The same, transposed.
    groups
        What each demand point counts for in each group.
    members
        The same, transposed.
    demand
        Weight of each demand point.
    folds
        How many sites must see each demand point before it counts.
    least
        Demand that must be covered in each group.
    cost
        Cost of each candidate.
    budget
        Most that the candidates may cost together.
    """

    cover: _Sparse
    seers: _Sparse
    groups: _Sparse
    members: _Sparse
    demand: Floats
    folds: Floats
    least: Floats
    cost: Floats
    budget: float


class _Iterate(NamedTuple):
    """A pair of solutions, primal and dual, changed in place.

    Attributes
    ----------
    share
        Share of each candidate, from 0 to 1.
    counted
        Share of each demand point that counts, from 0 to 1.
    paid
        What each demand point pays to every site that sees it.
    prices
        What a unit of covered demand is worth to each group beyond the demand itself.
    seen
        Shares of the candidates that see each demand point, summed.
    """

    share: Floats
    counted: Floats
    paid: Floats
    prices: Floats
    seen: Floats


def upper_bound(
    problem: Covering, *, covered: float, deadline_s: float, keep_going: Callable[[], bool]
) -> float:
    """Return the best bound of the relaxation that is found in time.

    Parameters
    ----------
    problem
        The problem.
    covered
        Demand that the best known choice covers; a bound that meets it ends the search.
    deadline_s
        Reading of `time.perf_counter` at which the search for a bound stops.
    keep_going
        Asked between steps; once it says no, the search stops.

    Returns
    -------
    bound
        Demand that no affordable choice exceeds; at most all demand.
    """
    best, entries = float(problem.demand.sum()), max(problem.cover.nnz, 1)
    if best <= covered or time.perf_counter() > deadline_s:
        return best
    unit = float(problem.demand.mean()) or 1.0
    relaxation = _relaxation(problem, unit)
    now = _start(relaxation)
    anchor, total, steps, weight = _copy(now), _zero(now), 0, 1.0
    before = np.inf
    most = min(_MOST_STEPS, int(_MOST_ENTRIES / entries))
    between = min(_STEPS_BETWEEN_LOOKS, max(int(_ENTRIES_BETWEEN_LOOKS / entries), 1))
    for _ in range(0, max(most, 1), between):
        _advance(relaxation, now, total, weight, between)
        steps += between
        mean = _Iterate(*(part / steps for part in total))
        bounds = [lagrangian_bound(problem, at.paid * unit, at.prices) for at in (now, mean)]
        gaps = [
            bound / unit - _value(relaxation, at)
            for bound, at in zip(bounds, (now, mean), strict=True)
        ]
        best = min(best, *bounds)
        if best <= covered or min(gaps) <= _NEAR * best / unit:
            break
        if time.perf_counter() > deadline_s or not keep_going():
            break
        if min(gaps) <= _RESTART * before:
            before = min(gaps)
            now = now if gaps[0] <= gaps[1] else mean
            weight = _rebalanced(relaxation, anchor, now, weight)
            anchor, total, steps = _copy(now), _zero(now), 0
    return best


def _relaxation(problem: Covering, unit: float) -> _Relaxation:
    groups = csr_array(problem.groups / unit)
    return _Relaxation(
        cover=_sparse(problem.cover),
        seers=_sparse(csr_array(problem.cover.T)),
        groups=_sparse(groups),
        members=_sparse(csr_array(groups.T)),
        demand=problem.demand / unit,
        folds=problem.folds.astype(np.float64),
        least=problem.least / unit,
        cost=problem.cost,
        budget=problem.budget,
    )


def _sparse(matrix: csr_array) -> _Sparse:
    return _Sparse(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
        matrix.data.astype(np.float64),
    )


def _start(relaxation: _Relaxation) -> _Iterate:
    """Start where every point pays half of what it can, and nothing is chosen."""
    points = len(relaxation.demand)
    return _Iterate(
        share=np.zeros(len(relaxation.cost)),
        counted=np.zeros(points),
        paid=relaxation.demand / relaxation.folds / 2,
        prices=np.zeros(len(relaxation.least)),
        seen=np.zeros(points),
    )


def _copy(iterate: _Iterate) -> _Iterate:
    return _Iterate(*(part.copy() for part in iterate))


def _zero(iterate: _Iterate) -> _Iterate:
    return _Iterate(*(np.zeros_like(part) for part in iterate))


def _value(relaxation: _Relaxation, at: _Iterate) -> float:
    """Return what the shares of an iterate cover, less what its groups miss at their prices."""
    counted = np.minimum(at.seen / relaxation.folds, 1.0)
    reached = np.zeros(len(relaxation.least))
    _multiply(relaxation.groups, counted, reached)
    missing = np.maximum(relaxation.least - reached, 0.0)
    return float(relaxation.demand @ counted - at.prices @ missing)


def _rebalanced(relaxation: _Relaxation, old: _Iterate, new: _Iterate, weight: float) -> float:
    """Move the weight half the way to what both sides have travelled, in their own steps."""
    sees = np.diff(relaxation.cover.start)
    seers = np.diff(relaxation.seers.start) + relaxation.folds
    primal = np.sqrt((sees * (new.share - old.share) ** 2).sum())
    dual = np.sqrt((seers * (new.paid - old.paid) ** 2).sum())
    if not (primal > 0 and dual > 0):
        return weight
    return float(np.clip(np.sqrt(weight * dual / primal), _LIGHTEST, _HEAVIEST))


@njit(cache=True)
def _multiply(matrix: _Sparse, vector: Floats, product: Floats) -> None:
    start, column, value = matrix.start, matrix.column, matrix.value
    for row in range(len(product)):
        total = 0.0
        for at in range(start[row], start[row + 1]):
            total += value[at] * vector[column[at]]
        product[row] = total


@njit(cache=True)
def _project(wish: Floats, step: Floats, cost: Floats, budget: float, share: Floats) -> None:
    """Set `share` to what comes nearest to the wish, in lengths of steps, and can be paid for.

    That is the wish less a price for cost, between 0 and 1; Newton's method finds the price.
    """
    low, high, price = 0.0, np.inf, 0.0
    for _ in range(_NEWTON_STEPS):
        spent, slope = 0.0, 0.0
        for site in range(len(wish)):
            part = wish[site] - price * cost[site] * step[site]
            share[site] = min(max(part, 0.0), 1.0)
            spent += cost[site] * share[site]
            if 0.0 < part < 1.0:
                slope += cost[site] * cost[site] * step[site]
        excess = spent - budget
        if abs(excess) <= _PROJECTED * budget or (excess < 0.0 and price == 0.0):
            return
        if excess > 0.0:
            low = price
        else:
            high = price
        price = price + excess / slope if slope > 0.0 else np.inf
        if not low < price < high:
            price = (low + high) / 2 if high < np.inf else 2.0 * low + 1.0


@njit(cache=True)
def _advance(
    relaxation: _Relaxation, now: _Iterate, total: _Iterate, weight: float, steps: int
) -> None:
    """Make some steps from an iterate, in place, and add up the iterates passed."""
    cover, seers, groups, members = relaxation[0], relaxation[1], relaxation[2], relaxation[3]
    demand, folds, least, cost = relaxation[4], relaxation[5], relaxation[6], relaxation[7]
    share, counted, paid, prices, seen = now
    site_step = 1.0 / (weight * np.maximum(np.diff(cover.start), 1))
    point_degree = np.diff(seers.start) + folds
    worth, wish = np.empty(len(cost)), np.empty(len(cost))
    fresh, extra = np.empty(len(demand)), np.zeros(len(demand))
    ahead, reached = np.empty(len(demand)), np.empty(len(least))
    for _ in range(steps):
        _multiply(cover, paid, worth)
        wish[:] = share + site_step * worth
        _project(wish, site_step, cost, relaxation.budget, share)
        _multiply(seers, share, fresh)
        if len(least):
            _multiply(members, prices, extra)
        for point in range(len(demand)):
            slope = demand[point] + extra[point] - folds[point] * paid[point]
            grown = counted[point] + slope / (weight * (folds[point] + len(least)))
            grown = min(max(grown, 0.0), 1.0)
            ahead[point] = 2.0 * grown - counted[point]
            lacking = folds[point] * ahead[point] - (2.0 * fresh[point] - seen[point])
            paid[point] = max(paid[point] + weight * lacking / point_degree[point], 0.0)
            counted[point], seen[point] = grown, fresh[point]
        _multiply(groups, ahead, reached)
        for group in range(len(least)):
            size = groups.value[groups.start[group] : groups.start[group + 1]].sum()
            # The price of a group without points may rise as fast as it likes.
            price = prices[group] + weight * (least[group] - reached[group]) / (size or 1.0)
            prices[group] = max(price, 0.0)
        total.share[:] += share
        total.counted[:] += counted
        total.paid[:] += paid
        total.prices[:] += prices
        total.seen[:] += seen
