"""Points of a covering problem that no choice of sites can tell apart, merged into one."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from planning._coverage_bound import Covering

Integers = NDArray[np.int64]


def merged(problem: Covering) -> Covering:
    """Merge the points that the same candidates see, that need as many and share their groups.

    Parameters
    ----------
    problem
        The problem.

    Returns
    -------
    merged
        The same problem with fewer points; their demands are summed.
    """
    columns = csc_array(problem.cover)
    first, kind = _kinds(columns, problem)
    points = np.arange(len(kind))
    merge = csr_array((np.ones(len(kind)), (points, kind)), (len(kind), len(first)))
    demand = np.zeros(len(first))
    np.add.at(demand, kind, problem.demand)
    cover = csr_array(csr_array(columns[:, first]).astype(np.float64))
    cover.sort_indices()
    return problem._replace(
        cover=cover,
        demand=demand,
        folds=problem.folds[first],
        groups=csr_array(problem.groups @ merge),
    )


def restricted(problem: Covering, sites: NDArray[np.intp]) -> Covering:
    """Leave only some of the candidates, and the points that they can cover.

    Parameters
    ----------
    problem
        The problem.
    sites
        The candidates to leave.

    Returns
    -------
    restricted
        The smaller problem, its points merged.
    """
    cover = csr_array(problem.cover[sites])
    seers = np.bincount(cover.indices, minlength=cover.shape[1])
    left = np.flatnonzero(seers >= problem.folds)
    return merged(
        problem._replace(
            cover=csr_array(cover[:, left]),
            demand=problem.demand[left],
            cost=problem.cost[sites],
            folds=problem.folds[left],
            groups=csr_array(problem.groups[:, left]),
        )
    )


def _kinds(cover: csc_array, problem: Covering) -> tuple[Integers, Integers]:
    """Return the first point of each kind and the kind of each point."""
    cover.sort_indices()
    groups = csc_array(problem.groups)
    groups.sort_indices()
    known: dict[tuple[bytes, int, bytes], int] = {}
    first: list[int] = []
    kind = np.empty(len(problem.folds), dtype=np.int64)
    for point, folds in enumerate(problem.folds.tolist()):
        seers = cover.indices[cover.indptr[point] : cover.indptr[point + 1]]
        member = groups.indices[groups.indptr[point] : groups.indptr[point + 1]]
        kind[point] = known.setdefault((seers.tobytes(), folds, member.tobytes()), len(known))
        if kind[point] == len(first):
            first.append(point)
    return np.array(first, dtype=np.int64), kind
