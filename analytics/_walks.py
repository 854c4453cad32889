"""Every way out of an event along streets, compiled by numba.

An event spreads over all walks that begin at it. A walk knows on which dart it is (a street in one
of its two directions), how far it has come and what part of the event it carries. Walks are
followed street by street until none of the kernel is left, all of the same number of streets at a
time; those that stand at the start of the same dart equally far from their event are one from
there on. Ways around the same blocks in another order are such walks, and most of the many that a
wide kernel has on short streets are: on a lattice their number grows with the square of the reach
and no longer exponentially.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics._kernels import height, tail

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Walks whose lengths differ by less than this part of the reach are equally long.
SAME = 1e-9
# Walks of one street that stand side by side fill memory: these, with what follows them, 1.4 GB.
MAX_ABREAST = 5_000_000
_ROOM = 64
# Multiplier of Fibonacci hashing: 2**64 divided by the golden ratio, as a signed number.
_HASH = -7046029254386353131


class Darts(NamedTuple):
    """Streets in both directions: dart 2 e runs along street e, dart 2 e + 1 against it.

    Attributes
    ----------
    length_m
        Length of each street.
    goal
        Junction at which each dart ends.
    first
        Where the darts that leave each junction begin in `leaving`, shape (junctions + 1,).
    leaving
        Darts that leave each junction.
    """

    length_m: Floats
    goal: Ints
    first: Ints
    leaving: Ints


class Marks(NamedTuple):
    """Where densities are wanted.

    Attributes
    ----------
    first
        Where the marks of each street begin in `offset_m`, shape (streets + 1,).
    offset_m
        Distance of each mark from the start of its street, rising along it.
    ends
        Whether marks are the ends of pieces of street, at which mass is summed up, or places, at
        which the density is wanted.
    """

    first: Ints
    offset_m: Floats
    ends: bool


class Kernel(NamedTuple):
    """A kernel and the rule by which it passes junctions.

    Attributes
    ----------
    shape
        Number of the kernel.
    reach_m
        Distance from which on it is 0.
    continuous
        Whether a junction also turns back a part of what arrives.
    """

    shape: int
    reach_m: float
    continuous: bool


class Field(NamedTuple):
    """What walks go along, what they leave there and how.

    Attributes
    ----------
    darts
        The streets.
    marks
        Where densities are wanted.
    kernel
        The kernel, and how it passes junctions.
    total
        What was left at each mark; at places it is density. At ends of pieces it falls from each
        to the next along a street by the mass in between.
    """

    darts: Darts
    marks: Marks
    kernel: Kernel
    total: Floats


class Walks(NamedTuple):
    """Walks that are about to go along a dart.

    Attributes
    ----------
    dart
        The dart of each.
    gone_m
        How far each has come.
    carried
        What part of the event each carries.
    """

    dart: Ints
    gone_m: Floats
    carried: Floats


class Sources(NamedTuple):
    """Events by where they are.

    Attributes
    ----------
    street
        Each street with an event between its ends, or the junction of `first` from there on.
    junctions
        Whether `street` holds junctions, at which all events are.
    first
        Where the events of each begin, shape (sources + 1,).
    offset_m
        Distance of each event from the start of its street.
    weight
        What each event counts.
    """

    street: Ints
    junctions: bool
    first: Ints
    offset_m: Floats
    weight: Floats


@njit(cache=True)
def _emit(dart: int, gone_m: float, carried: float, field: Field) -> None:
    """Add what one walk of one event leaves on the dart it is about to go along."""
    marks, kernel, total = field.marks, field.kernel, field.total
    street = dart >> 1
    begin, end = marks.first[street], marks.first[street + 1]
    if not dart & 1:
        for mark in range(begin, end):
            scaled = (gone_m + marks.offset_m[mark]) / kernel.reach_m
            if scaled >= 1.0:
                return
            if marks.ends:
                total[mark] += carried * tail(kernel.shape, scaled)
            else:
                total[mark] += carried * height(kernel.shape, scaled) / kernel.reach_m
        return
    whole_m = gone_m + field.darts.length_m[street]
    for mark in range(end - 1, begin - 1, -1):
        scaled = (whole_m - marks.offset_m[mark]) / kernel.reach_m
        if scaled >= 1.0:
            return
        if marks.ends:
            total[mark] -= carried * tail(kernel.shape, scaled)
        else:
            total[mark] += carried * height(kernel.shape, scaled) / kernel.reach_m


@njit(cache=True)
def _emit_at_home(street: int, offset_m: float, weight: float, field: Field) -> None:
    """Add what an event leaves on its own street before it meets a junction."""
    marks, kernel, total = field.marks, field.kernel, field.total
    for mark in range(marks.first[street], marks.first[street + 1]):
        away_m = marks.offset_m[mark] - offset_m
        scaled = min(abs(away_m) / kernel.reach_m, 1.0)
        if not marks.ends:
            if scaled < 1.0:
                total[mark] += weight * height(kernel.shape, scaled) / kernel.reach_m
        elif away_m >= 0:
            total[mark] += weight * tail(kernel.shape, scaled)
        else:
            total[mark] += weight * (1.0 - tail(kernel.shape, scaled))


@njit(cache=True)
def _slot(table: Ints, keys: Ints, key: int) -> int:
    """Find where a key stands in a table of positions in `keys`, or may be put."""
    mask = len(table) - 1
    mixed = key * _HASH
    slot = (mixed ^ (mixed >> 32)) & mask
    while table[slot] >= 0 and keys[table[slot]] != key:
        slot = (slot + 1) & mask
    return slot


@njit(cache=True)
def _grown(table: Ints, keys: Ints, count: int) -> Ints:
    """Return a table of twice the size with the same keys."""
    larger = np.full(2 * len(table), -1, np.int64)
    for position in range(count):
        larger[_slot(larger, keys, keys[position])] = position
    return larger


@njit(cache=True)
def _longer(walks: Walks, count: int) -> Walks:
    """Return room for twice as many walks, with the first of them in it."""
    dart = np.empty(2 * count, np.int64)
    gone_m, carried = np.empty(2 * count), np.empty(2 * count)
    dart[:count], gone_m[:count] = walks.dart[:count], walks.gone_m[:count]
    carried[:count] = walks.carried[:count]
    return Walks(dart, gone_m, carried)


@njit(cache=True)
def _next_walks(walks: Walks, field: Field, left_m: float) -> Walks:
    """Take each walk to the end of its dart and over the junction there."""
    darts, kernel = field.darts, field.kernel
    beyond = Walks(np.empty(_ROOM, np.int64), np.empty(_ROOM), np.empty(_ROOM))
    keys, table = np.empty(_ROOM, np.int64), np.full(2 * _ROOM, -1, np.int64)
    count, levels = 0, int(1.0 / SAME) + 1
    for walk in range(len(walks.dart)):
        at_m = walks.gone_m[walk] + darts.length_m[walks.dart[walk] >> 1]
        if at_m >= left_m:
            continue
        level = int(at_m / (SAME * kernel.reach_m))
        junction = darts.goal[walks.dart[walk]]
        begin, end = darts.first[junction], darts.first[junction + 1]
        for way in darts.leaving[begin:end]:
            back = way == walks.dart[walk] ^ 1
            part = walks.carried[walk] * share(end - begin, back, kernel.continuous)
            if part == 0.0:
                continue
            key = way * levels + level
            slot = _slot(table, keys, key)
            if table[slot] >= 0:
                beyond.carried[table[slot]] += part
                continue
            if count == len(keys):
                beyond, keys = _longer(beyond, count), np.append(keys, keys)
                table = _grown(table, keys, count)
                slot = _slot(table, keys, key)
            table[slot], keys[count] = count, key
            beyond.dart[count], beyond.gone_m[count], beyond.carried[count] = way, at_m, part
            count += 1
    return Walks(beyond.dart[:count], beyond.gone_m[:count], beyond.carried[:count])


@njit(cache=True)
def share(ends: int, back: bool, continuous: bool) -> float:  # noqa: FBT001 - numba takes no keywords
    """Tell what part of a walk goes on along one dart from a junction.

    Parameters
    ----------
    ends
        Number of street ends that meet there.
    back
        Whether the dart leads back along the street that the walk came by.
    continuous
        Whether a junction also turns back a part of what arrives.

    Returns
    -------
    part
        Its part of what arrives; below 0 for what a junction of three or more turns back.
    """
    if continuous:
        return 2.0 / ends - (1.0 if back else 0.0)
    return 0.0 if back else 1.0 / (ends - 1)


@njit(cache=True)
def _follow(walks: Walks, away_m: Floats, weight: Floats, field: Field, budget: int) -> int:
    """Follow the walks of events that reach a junction after `away_m`; return what they cost."""
    reach_m = field.kernel.reach_m
    left_m = reach_m - away_m.min()
    cost = 0
    while len(walks.dart):
        cost += len(walks.dart) * len(away_m)
        if len(walks.dart) > MAX_ABREAST:
            return budget + 1
        if cost > budget:
            break
        for walk in range(len(walks.dart)):
            for event in range(len(away_m)):
                gone_m = walks.gone_m[walk] + away_m[event]
                if gone_m < reach_m:
                    _emit(walks.dart[walk], gone_m, walks.carried[walk] * weight[event], field)
        walks = _next_walks(walks, field, left_m)
    return cost


@njit(cache=True)
def _over_junction(dart: int, field: Field) -> Walks:
    """Return the walks that one of length 0 is, once it has come over the end of its dart."""
    darts = field.darts
    junction = darts.goal[dart]
    ways = darts.leaving[darts.first[junction] : darts.first[junction + 1]]
    parts = np.array([share(len(ways), way == dart ^ 1, field.kernel.continuous) for way in ways])
    kept = np.flatnonzero(parts)
    return Walks(ways[kept], np.zeros(len(kept)), parts[kept])


@njit(cache=True)
def _from_junction(junction: int, darts: Darts) -> Walks:
    """Return the walks of an event at a junction: both its halves go all ways in equal parts."""
    ways = darts.leaving[darts.first[junction] : darts.first[junction + 1]].copy()
    return Walks(ways, np.zeros(len(ways)), np.full(len(ways), 2.0 / len(ways)))


@njit(cache=True)
def _spread_between(place: int, offset_m: Floats, weight: Floats, field: Field, budget: int) -> int:
    """Spread events between the ends of a street; return what is left of the budget."""
    for event in range(len(offset_m)):
        _emit_at_home(place, offset_m[event], weight[event], field)
    for against in range(2):
        away_m = offset_m if against else field.darts.length_m[place] - offset_m
        near = np.flatnonzero(away_m < field.kernel.reach_m)
        if len(near) and budget >= 0:
            start = _over_junction(2 * place + against, field)
            budget -= _follow(start, away_m[near], weight[near], field, budget)
    return budget


@njit(cache=True)
def spread(sources: Sources, field: Field, budget: int) -> int:
    """Add what every walk of every event leaves at the marks.

    Parameters
    ----------
    sources
        The events.
    field
        The streets and the kernel; `total` is added to.
    budget
        Greatest number of walks to follow, each counted for each event that takes it.

    Returns
    -------
    left
        What is left of the budget; below 0 where it was used up and `total` is of no use.
    """
    for source in range(len(sources.street)):
        begin, end = sources.first[source], sources.first[source + 1]
        offset_m, weight = sources.offset_m[begin:end], sources.weight[begin:end]
        place = sources.street[source]
        if sources.junctions:
            start = _from_junction(place, field.darts)
            budget -= _follow(start, offset_m, weight, field, budget)
        else:
            budget = _spread_between(place, offset_m, weight, field, budget)
        if budget < 0:
            break
    return budget
