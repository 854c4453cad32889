"""What is left to decide of a siting once all that is settled is taken out."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from planning._coverage_bound import Covering
from planning._merged_points import merged
from planning._siting_input import ROUNDING, Matrix, Request

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Residual(NamedTuple):
    """What is left to decide.

    Attributes
    ----------
    problem
        The candidates that may still be chosen and the demand that they may still cover.
    candidates
        Which of all candidates they are.
    settled
        What the fixed sites cover is worth.
    """

    problem: Covering
    candidates: NDArray[np.intp]
    settled: float


def residual(request: Request, aim: Floats) -> Residual:
    """Take out what is settled: fixed sites, what they see, and what no money can buy.

    Parameters
    ----------
    request
        The siting as it was asked for.
    aim
        What covering each demand point is to be worth, shape (points,).

    Returns
    -------
    residual
        What is left; points that the same candidates see, that lack as many of them and that
        belong to the same shares are one.
    """
    matrix, costs = request.cover, request.costs
    lacking = request.folds - matrix.T.astype(np.int64) @ request.kept.astype(np.int64)
    covered = lacking <= 0
    groups, least = _groups(request, covered)
    left = request.budget - costs[request.kept].sum()
    usable = ~request.kept & ~request.barred & (costs <= left * (1 + ROUNDING))
    wanted = ~covered & ((aim > 0) | (groups.sum(axis=0) > 0))
    wanted[wanted] = _reachable(matrix[usable][:, wanted], costs[usable], left, lacking[wanted])
    useful = usable & (matrix.astype(np.int64) @ wanted.astype(np.int64) > 0)
    candidates = np.flatnonzero(useful)
    problem = merged(
        Covering(
            cover=csr_array(matrix[candidates][:, wanted]),
            demand=aim[wanted],
            cost=costs[candidates],
            budget=_spendable(left, costs[candidates]),
            folds=lacking[wanted],
            groups=csr_array(groups[:, wanted]),
            least=least,
        )
    )
    return Residual(problem, candidates, float(aim[covered].sum()))


def _groups(request: Request, covered: Flags) -> tuple[Floats, Floats]:
    """Return what each point counts for in each share still unmet, and what each still needs."""
    groups = request.members * request.weights
    total = groups.sum(axis=1)
    least = request.least * total - groups[:, covered].sum(axis=1)
    unmet = least > ROUNDING * total
    return groups[unmet], least[unmet]


def _spendable(left: float, costs: Floats) -> float:
    """Leave out, where all sites cost the same, the fraction that buys nothing."""
    if not len(costs) or (costs != costs[0]).any():
        return float(left)
    return float(np.floor(left / costs[0] * (1 + ROUNDING)) * costs[0])


def _reachable(part: Matrix, costs: Floats, left: float, lacking: Integers) -> Flags:
    """Tell which points as many candidates see as they lack, at a cost that is left."""
    columns = csc_array(part)
    seers = np.diff(columns.indptr)
    reachable: Flags = seers >= lacking
    for point in np.flatnonzero(reachable & (lacking > 1)):
        prices = costs[columns.indices[columns.indptr[point] : columns.indptr[point + 1]]]
        cheapest = np.sort(prices)[: lacking[point]].sum()
        reachable[point] = cheapest <= left * (1 + ROUNDING)
    return reachable
