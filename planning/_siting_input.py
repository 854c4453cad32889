"""What a siting is given, checked and in one form."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csc_array, csr_array

from geo.errors import ParameterError
from planning._arguments import faults_of_seed, is_above_zero, is_finite

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Matrix = csr_array[np.bool_, tuple[int, int]]

# What sums of the same costs, or of the same demands, may differ by.
ROUNDING = 1e-9
_NAMED = 5  # of many wrong values, so many are named
_MATRIX = 2  # dimensions
_MOST_FOLDS = 2**31


@dataclass(frozen=True)
class Share:
    """A part of the demand of some points that has to be covered.

    Attributes
    ----------
    points
        Indices of the demand points, such as those of one community.
    least
        Share of their demand that has to be covered at least, from 0 to 1.
    """

    points: Iterable[int]
    least: float


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
    barred
        Whether each candidate is chosen in no case, shape (candidates,).
    budget
        Most that the chosen candidates may cost together.
    folds
        How many chosen candidates must see each demand point, shape (points,).
    members
        Whether each demand point belongs to each share, shape (shares, points).
    least
        Share of the demand of its points that has to be covered, shape (shares,).
    """

    cover: Matrix
    weights: Floats
    costs: Floats
    kept: Flags
    barred: Flags
    budget: float
    folds: Integers
    members: Flags
    least: Floats


def checked_request(
    cover: csr_array | csc_array | coo_array,
    demand: ArrayLike,
    *,
    budget: float,
    cost: ArrayLike | None,
    fixed: Iterable[int],
    forbidden: Iterable[int],
    folds: ArrayLike | None,
    shares: Sequence[Share],
    time_limit_s: float,
    seed: int,
    keep_going: object,
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
    forbidden
        Indices of candidates that are chosen in no case.
    folds
        How many chosen candidates must see each demand point, none where one is enough.
    shares
        Parts of the demand that have to be covered.
    time_limit_s
        Seconds after which the search stops.
    seed
        Seed of the random swaps.
    keep_going
        Asked whether to go on.

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
    faults += more
    if not (is_finite(budget) and budget >= 0):
        faults.append(f"Expected `budget` >= 0, got {budget}.")
    if not is_above_zero(time_limit_s):
        faults.append(f"Expected `time_limit_s` > 0, got {time_limit_s}.")
    faults += faults_of_seed(seed)
    kept, more = _marked("fixed", fixed, candidates)
    barred, even_more = _marked("forbidden", forbidden, candidates)
    needs, faults_of_folds = _folds(folds, points)
    members, least, faults_of_shares = _shares(shares, points)
    faults += more + even_more + faults_of_folds + faults_of_shares
    if not callable(keep_going):
        faults.append(f"Expected `keep_going` as something to call, got {keep_going!r:.60}.")
    if (kept & barred).any():
        both = np.flatnonzero(kept & barred)[:_NAMED].tolist()
        faults.append(f"Expected no site both in `fixed` and in `forbidden`, got {both}.")
    if not faults and costs[kept].sum() > budget * (1 + ROUNDING):
        faults.append(
            f"Expected `fixed` to cost at most the budget of {budget}, got {costs[kept].sum()}."
        )
    if faults:
        raise ParameterError("\n".join(faults))
    return Request(matrix, weights, costs, kept, barred, float(budget), needs, members, least)


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


def _marked(name: str, given: Iterable[int], count: int) -> tuple[Flags, list[str]]:
    """Return which of `count` things the indices name, and what is wrong with them."""
    marked = np.zeros(count, dtype=bool)
    try:
        indices = np.asarray(list(given))
    except (TypeError, ValueError):
        indices = np.full(1, np.nan)
    if indices.size == 0:
        return marked, []
    if indices.ndim != 1 or not np.issubdtype(indices.dtype, np.integer):
        return marked, [_wrong_indices(name, given, count)]
    outside = (indices < 0) | (indices >= count)
    if outside.any():
        return marked, [_wrong_indices(name, indices[outside][:_NAMED].tolist(), count)]
    marked[indices] = True
    return marked, []


def _wrong_indices(name: str, found: object, count: int) -> str:
    return f"Expected `{name}` as indices from 0 to {count - 1}, got {found!r:.60}."


def _folds(given: ArrayLike | None, points: int) -> tuple[Integers, list[str]]:
    """Return how many sites each point needs, and what is wrong with that."""
    ones = np.ones(points, dtype=np.int64)
    if given is None:
        return ones, []
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        return ones, [f"Expected `folds` as {points} whole numbers, got {given!r:.60}."]
    if values.shape != (points,):
        return ones, [f"Expected `folds` of shape ({points},), got {values.shape}."]
    right = (values >= 1) & (values == np.floor(values)) & np.isfinite(values)
    faults = [
        f"Expected `folds` as whole numbers >= 1, got {values[at]} at {at}."
        for at in np.flatnonzero(~right)[:_NAMED]
    ]
    # A point that needs more sites than anything can be is out of reach, however many more.
    return np.where(right, np.minimum(values, _MOST_FOLDS), 1).astype(np.int64), faults


def _shares(shares: object, points: int) -> tuple[Flags, Floats, list[str]]:
    """Return the members and the least part of each share, and what is wrong with them."""
    if not isinstance(shares, Sequence) or not all(isinstance(share, Share) for share in shares):
        fault = f"Expected `shares` as a sequence of Share, got {shares!r:.60}."
        return np.zeros((0, points), dtype=bool), np.empty(0), [fault]
    members = np.zeros((len(shares), points), dtype=bool)
    least, faults = np.zeros(len(shares)), []
    for at, share in enumerate(shares):
        members[at], wrong = _marked(f"shares[{at}].points", share.points, points)
        faults += wrong
        if is_finite(share.least) and 0 <= share.least <= 1:
            least[at] = share.least
        else:
            faults.append(f"Expected `shares[{at}].least` from 0 to 1, got {share.least!r:.60}.")
    return members, least, faults
