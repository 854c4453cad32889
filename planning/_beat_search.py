"""The search behind `planning.beats`: beats from a first cut, recombined two by two.

A move takes two beats that meet, draws a random tree that spans the streets of both, and cuts it
once, so that both sides are contiguous whatever is cut: the recombination of DeFord, Duchin and
Solomon (2021), "Recombination: a family of Markov chains for redistricting", Harvard Data Science
Review 3 (1). As loads and moments add up along the tree, all cuts are weighed in one pass; one of
them, or none, is taken at random by what it costs, hot at first and cold in the end. Compactness is
the moment of inertia of Hess et al. (1965), "Nonpartisan political redistricting by computer",
Operations Research 13 (6), 998-1006.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array

from planning._beat_input import Town
from planning._beat_partition import Streets, begin, go_on
from planning._splitmix import Bits, chance

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Runs of annealing, moves in each and stages between looks at the clock: on the Old Town, twelve
# runs end nearer to even beats than three of four times the moves.
_RUNS, _MOVES, _STAGES = 12, 50_000, 100
# Temperatures, and what a deviation of one mean load costs beside compactness: it binds at the end.
_HOT, _COLD, _LENIENT, _STRICT = 1.0, 0.02, 10.0, 1e3
# Random trees of which the first cut is the evenest.
_TREES = 20


class Instance(NamedTuple):
    """The streets, as compiled code reads them.

    Attributes
    ----------
    start
        Where the neighbours of each street begin in `near`, shape (streets + 1,).
    near
        Streets that share a junction with it.
    sums
        What adds up over the streets of a beat, shape (streets, 5): load in mean loads, length,
        length times x, times y, and times squared distance from the middle of the town.
    tolerance
        Deviation from the mean load that costs nothing.
    spread
        What a beat of usual compactness has as its moment of inertia, > 0.
    """

    start: Integers
    near: Integers
    sums: Floats
    tolerance: float
    spread: float


@njit(cache=True)
def _inertia(sums: Floats) -> float:
    middle = sums[2] * sums[2] + sums[3] * sums[3]
    return max(float(sums[4] - middle / sums[1]), 0.0)


@njit(cache=True)
def _cost(instance: Instance, sums: Floats, strictness: float) -> float:
    excess = max(abs(float(sums[0]) - 1.0) - instance.tolerance, 0.0)
    return strictness * excess + _inertia(sums) / instance.spread


@njit(cache=True)
def _span(
    instance: Instance,
    owner: Integers,
    pair: tuple[int, int, int],
    state: Bits,
) -> tuple[Integers, Integers, Floats]:
    """Draw a random tree over the streets of two beats, and add up what hangs below each street.

    `pair` is the street it begins at and the two beats; the streets come in the order they joined,
    with the place in it of the one that each hangs on.
    """
    root, one, other = pair
    inside = (owner == one) | (owner == other)
    count = int(inside.sum())
    order, above = np.empty(count, np.int64), np.empty(count, np.int64)
    ways = 0
    for street in range(len(owner)):
        if inside[street]:
            ways += instance.start[street + 1] - instance.start[street]
    street_at, from_at = np.empty(ways + 1, np.int64), np.empty(ways + 1, np.int64)
    street_at[0], from_at[0] = root, -1
    front, joined = 1, 0
    while front:
        pick = int(chance(state) * front)
        street, hangs_on = street_at[pick], from_at[pick]
        front -= 1
        street_at[pick], from_at[pick] = street_at[front], from_at[front]
        if not inside[street]:
            continue
        inside[street] = False
        order[joined], above[joined] = street, hangs_on
        for at in range(instance.start[street], instance.start[street + 1]):
            if inside[instance.near[at]]:
                street_at[front], from_at[front] = instance.near[at], joined
                front += 1
        joined += 1
    order, above = order[:joined], above[:joined]
    below = instance.sums[order]
    for place in range(joined - 1, 0, -1):
        below[above[place]] += below[place]
    return order, above, below


@njit(cache=True)
def _hand_over(owner: Integers, order: Integers, above: Integers, cut: int, beat: int) -> None:
    """Give all that hangs below a street of the tree, and itself, to a beat."""
    hangs = np.zeros(len(order), np.bool_)
    hangs[cut] = True
    for place in range(cut, len(order)):
        if hangs[place] or (above[place] >= 0 and hangs[above[place]]):
            hangs[place] = True
            owner[order[place]] = beat


@njit(cache=True)
def _move(
    instance: Instance,
    owner: Integers,
    total: Floats,
    limits: tuple[float, float],
    state: Bits,
) -> bool:
    """Recombine two beats that meet at a random street; tell whether anything has changed."""
    heat, strictness = limits
    root = int(chance(state) * len(owner))
    one, other, seen = int(owner[root]), -1, 0
    for at in range(instance.start[root], instance.start[root + 1]):
        beat = int(owner[instance.near[at]])
        if beat != one:
            seen += 1
            if chance(state) * seen < 1.0:
                other = beat
    if other < 0:
        return False
    order, above, below = _span(instance, owner, (root, one, other), state)
    stay = _cost(instance, total[one], strictness) + _cost(instance, total[other], strictness)
    best, cut = stay + heat * np.log(-np.log(chance(state))), 0
    for place in range(1, len(order)):
        cost = _cost(instance, below[place], strictness)
        cost += _cost(instance, below[0] - below[place], strictness)
        cost += heat * np.log(-np.log(chance(state)))
        if cost < best:
            best, cut = cost, place
    if cut == 0:
        return False
    for street in order:
        owner[street] = one
    _hand_over(owner, order, above, cut, other)
    total[one], total[other] = below[0] - below[cut], below[cut]
    return True


@njit(cache=True)
def _rank(instance: Instance, total: Floats) -> tuple[float, float]:
    """Return the imbalance beyond the tolerance, and the moment of inertia of all beats."""
    worst, inertia = instance.tolerance, 0.0
    for beat in range(len(total)):
        worst = max(worst, abs(total[beat, 0] - 1.0))
        inertia += _inertia(total[beat])
    return worst, inertia


@njit(cache=True)
def _anneal(
    instance: Instance,
    owner: Integers,
    best: Integers,
    limits: Floats,
    state: Bits,
) -> None:
    """Make a move for each row of limits; `best` is changed where better beats are met."""
    beats = int(owner.max()) + 1
    total = _totals(instance, owner, beats)
    rank = _rank(instance, _totals(instance, best, beats))
    for step in range(len(limits)):
        if _move(instance, owner, total, (limits[step, 0], limits[step, 1]), state):
            found = _rank(instance, total)
            if found[0] < rank[0] - 1e-12 or (
                found[0] <= rank[0] and found[1] < rank[1] * (1.0 - 1e-12)
            ):
                rank = found
                best[:] = owner


@njit(cache=True)
def _totals(instance: Instance, owner: Integers, beats: int) -> Floats:
    total = np.zeros((beats, instance.sums.shape[1]))
    for street in range(len(owner)):
        total[owner[street]] += instance.sums[street]
    return total


def instance_of(town: Town, beats: int, *, tolerance: float) -> Instance:
    """Write streets down for compiled code.

    Parameters
    ----------
    town
        Streets to be shared out.
    beats
        Number of beats.
    tolerance
        Deviation from the mean load that costs nothing.

    Returns
    -------
    instance
        The same, as numbers.
    """
    middle = shapely.line_interpolate_point(town.graph.lines.array, 0.5, normalized=True)
    xy = shapely.get_coordinates(middle)
    xy -= np.average(xy, axis=0, weights=town.length)
    moments = np.column_stack([np.ones(len(xy)), xy, (xy**2).sum(axis=1)])
    sums = np.column_stack([town.load * beats, town.length[:, None] * moments])
    # Parts of equal area and shape have 1 / beats of the radius squared, and of the length.
    spread = max(float(sums[:, 4].sum()) / beats**2, np.finfo(np.float64).tiny)
    start = town.meets.indptr.astype(np.int64)
    near = town.meets.indices.astype(np.int64)
    return Instance(start, near, sums, float(tolerance), spread)


@cache
def compile_search() -> None:
    """Compile the search, so that the time this takes counts towards no limit."""
    meets = csr_array(np.array([[0.0, 1.0], [1.0, 0.0]]))
    start, near = meets.indptr.astype(np.int64), meets.indices.astype(np.int64)
    instance = Instance(start, near, np.ones((2, 5)), 0.0, 1.0)
    owner, state = np.array([0, 1]), np.array([1], dtype=np.uint64)
    _anneal(instance, owner, owner.copy(), np.ones((1, 2)), state)
    _span(instance, owner, (0, 0, 1), state)
    _hand_over(owner, np.array([0, 1]), np.array([-1, 0]), 1, 1)
    streets = Streets(start, near, np.ones(2))
    go_on(streets, begin(streets, 2), np.array([0.5, 1.5]), 1)


def search(
    town: Town,
    given: Sequence[int],
    *,
    tolerance: float,
    seed: int,
    keep_going: Callable[[], bool],
) -> NDArray[np.intp]:
    """Share streets out among contiguous beats.

    Parameters
    ----------
    town
        Streets to be shared out.
    given
        Number of beats of each loose piece.
    tolerance
        Imbalance that counts as none.
    seed
        Seed of the random trees.
    keep_going
        Asked between stages; once it says no, the search ends with what it has.

    Returns
    -------
    owner
        Beat of each street, from 0.
    """
    beats = sum(given)
    instance = instance_of(town, beats, tolerance=tolerance)
    state = np.random.default_rng(seed).integers(2**63, size=1).astype(np.uint64)
    best = _first_beats(instance, town, given, state)
    limits = np.geomspace((_HOT, _LENIENT), (_COLD, _STRICT), _MOVES)
    for _ in range(_RUNS if 1 < beats < len(town.load) else 0):
        owner = best.copy()
        for part in np.array_split(limits, _STAGES):
            if not keep_going():
                return best.astype(np.intp)
            _anneal(instance, owner, best, part, state)
    return best.astype(np.intp)


def inertia_of(town: Town, owner: NDArray[np.intp], beats: int) -> float:
    """Return the mean square distance of streets from the middle of their beat.

    Parameters
    ----------
    town
        Streets that were shared out.
    owner
        Beat of each street, from 0.
    beats
        Number of beats.

    Returns
    -------
    inertia
        Mean over all length, each street taken at its middle, in square metres.
    """
    instance = instance_of(town, beats, tolerance=0.0)
    return _rank(instance, _totals(instance, owner.astype(np.int64), beats))[1]


def _first_beats(instance: Instance, town: Town, given: Sequence[int], state: Bits) -> Integers:
    """Cut each piece in two again and again, as near to whole numbers of beats as trees allow."""
    owner = town.piece.astype(np.int64)
    to_cut = list(enumerate(given))
    free = len(given)
    while to_cut:
        part, own = to_cut.pop()
        if own == 1:
            continue
        cuts = [_cut(instance, owner, part, own, state) for _ in range(_TREES)]
        _, order, above, cut, below = min(cuts, key=lambda each: each.uneven)
        _hand_over(owner, order, above, cut, free)
        to_cut += [(part, own - below), (free, below)]
        free += 1
    return owner


class _Cut(NamedTuple):
    """A tree over the streets of a part, and where it is best cut in two.

    Attributes
    ----------
    uneven
        How far the shares of load are from those of beats.
    order
        Streets of the tree in the order they joined.
    above
        Place in it of the one that each hangs on.
    at
        Place of the cut.
    beats
        Beats of what hangs below.
    """

    uneven: float
    order: Integers
    above: Integers
    at: int
    beats: int


def _cut(instance: Instance, owner: Integers, part: int, own: int, state: Bits) -> _Cut:
    """Cut a random tree over the streets of a part that has so many beats, at least two."""
    root = int(np.flatnonzero(owner == part)[0])
    order, above, sums = _span(instance, owner, (root, part, part), state)
    size = np.ones(len(order), dtype=np.int64)
    for place in range(len(order) - 1, 0, -1):
        size[above[place]] += size[place]
    # Streets without any load are shared out by their number.
    amount = sums[:, 0] if sums[0, 0] > 0 else size.astype(np.float64)
    share = amount / amount[0]
    # Each side needs a street for each of its beats.
    least, most = np.maximum(1, own - (len(order) - size)), np.minimum(own - 1, size)
    beats = np.clip(np.rint(share * own), least, most)
    uneven = np.abs(share - beats / own)
    uneven[0] = np.inf
    at = int(uneven.argmin())
    return _Cut(float(uneven[at]), order, above, at, int(beats[at]))
