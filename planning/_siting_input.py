"""What a siting is given, checked and in one form."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csc_array, csr_array

from geo.errors import ParameterError
from planning._arguments import faults_of_seed, is_above_zero, is_finite

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Matrix = csr_array[np.bool_, tuple[int, int]]

# What sums of the same costs may differ by.
ROUNDING = 1e-9
_NAMED = 5  # of many wrong values, so many are named
_MATRIX = 2  # dimensions


class Request(NamedTuple):
    """A siting as it was asked for.

    Attributes
    ----------
    cover
        Which candidate sees which demand point, in canonical form, shape (candidates, points).
    weights
        Weight of each demand point, shape (points,).
    costs
        Cost of each candidate, shape (candidates,).
    kept
        Whether each candidate is chosen in any case, shape (candidates,).
    budget
        Most that the chosen candidates may cost together.
    """

    cover: Matrix
    weights: Floats
    costs: Floats
    kept: Flags
    budget: float


def checked_request(
    cover: csr_array | csc_array | coo_array,
    demand: ArrayLike,
    *,
    budget: float,
    cost: ArrayLike | None,
    fixed: Iterable[int],
    time_limit_s: float,
    seed: int,
) -> Request:
    """Check the arguments of `maximal_coverage`.

    Parameters
    ----------
    cover
        Which candidate sees which demand point.
    demand
        Weight of each demand point.
    budget
        Most that the chosen candidates may cost together.
    cost
        Cost of each candidate, none where each costs 1.
    fixed
        Indices of candidates that are chosen in any case.
    time_limit_s
        Seconds after which the search stops.
    seed
        Seed of the random swaps.

    Returns
    -------
    request
        The arguments in one form.

    Raises
    ------
    ParameterError
        Arguments are out of range or do not fit each other; all of them are named.
    """
    matrix = _matrix(cover)
    candidates, points = matrix.shape
    weights, faults = _numbers("demand", demand, points, zero=True)
    costs, more = _numbers("cost", np.ones(candidates) if cost is None else cost, candidates)
    kept = _kept(fixed, candidates)
    faults += more
    if not (is_finite(budget) and budget >= 0):
        faults.append(f"Expected `budget` >= 0, got {budget}.")
    if not is_above_zero(time_limit_s):
        faults.append(f"Expected `time_limit_s` > 0, got {time_limit_s}.")
    faults += faults_of_seed(seed)
    if kept is None:
        faults.append(f"Expected `fixed` as indices from 0 to {candidates - 1}, got {fixed!r}.")
    if faults or kept is None:
        raise ParameterError("\n".join(faults))
    if costs[kept].sum() > budget * (1 + ROUNDING):
        raise ParameterError(
            f"Expected `fixed` to cost at most the budget of {budget}, got {costs[kept].sum()}."
        )
    return Request(matrix, weights, costs, kept, float(budget))


def _matrix(cover: csr_array | csc_array | coo_array) -> Matrix:
    """Return `cover` with each pair once, and only pairs that see each other."""
    try:
        given = csr_array(cover)
        unknown = bool(np.isnan(given.data).any())
    except (TypeError, ValueError) as error:
        found = type(cover).__name__
        raise ParameterError(f"Expected `cover` as a matrix of flags, got {found}.") from error
    if given.ndim != _MATRIX:
        raise ParameterError(
            f"Expected `cover` of shape (candidates, points), got shape {given.shape}."
        )
    if unknown:
        raise ParameterError("Expected `cover` without NaN, which is neither true nor false.")
    matrix: Matrix = given.astype(bool)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix


def _numbers(
    name: str, given: ArrayLike, count: int, *, zero: bool = False
) -> tuple[Floats, list[str]]:
    """Return finite numbers > 0, or >= 0 with `zero`, and what is wrong with them."""
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        return np.empty(0), [f"Expected `{name}` as {count} numbers, got {given!r:.60}."]
    faults = []
    if values.shape != (count,):
        faults.append(f"Expected `{name}` of shape ({count},), got {values.shape}.")
    right = np.isfinite(values) & ((values >= 0) if zero else (values > 0))
    faults += [
        f"Expected `{name}` {'>=' if zero else '>'} 0, got {values.flat[at]} at {at}."
        for at in np.flatnonzero(~right)[:_NAMED]
    ]
    return values, faults


def _kept(fixed: Iterable[int], candidates: int) -> Flags | None:
    """Return whether each candidate is fixed; none where `fixed` are no indices of candidates."""
    try:
        sites = np.asarray(list(fixed))
    except (TypeError, ValueError):
        return None
    kept = np.zeros(candidates, dtype=bool)
    if sites.size == 0:
        return kept
    if sites.ndim != 1 or not np.issubdtype(sites.dtype, np.integer):
        return None
    if ((sites < 0) | (sites >= candidates)).any():
        return None
    kept[sites] = True
    return kept
