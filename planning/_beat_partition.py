"""Depth-first search for contiguous beats within a limit, compiled by numba.

The beat of one street is grown by every connected set of streets whose load is within the limit:
at each node, a street next to the beat comes into it or stays out of it. What is left is gone on
with only where each piece of it can still be a whole number of beats. The first street of a beat is
the one with the fewest ways out.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

# How a search stands.
UNDECIDED, FOUND, NONE = 0, 1, 2
# What can be on the stack: the first street of a beat, one taken in, one left out.
_OPENED, _IN, _OUT = 0, 1, 2
_LEFT = -1


class Streets(NamedTuple):
    """Streets to be shared out.

    Attributes
    ----------
    start
        Where the neighbours of each street begin in `near`, shape (streets + 1,).
    near
        Streets that share a junction with it.
    load
        Load of each street, in mean loads of a beat.
    """

    start: Integers
    near: Integers
    load: Floats


class Progress(NamedTuple):
    """Where a search stands, changed in place, so that it can be gone on with.

    Attributes
    ----------
    owner
        Beat of each street, -1 where it is left.
    out
        Whether each street stays out of each beat, shape (beats, streets).
    stack
        Streets decided on, and how, shape (streets and more, 2).
    before
        Load of the beat before each decision.
    at
        Height of the stack, and the beat that is grown, shape (2,).
    load
        Load of each beat, in mean loads.
    """

    owner: Integers
    out: Flags
    stack: Integers
    before: Floats
    at: Integers
    load: Floats


def begin(streets: Streets, beats: int) -> Progress:
    """Return a search that has yet to begin.

    Parameters
    ----------
    streets
        Streets to be shared out.
    beats
        Number of beats.

    Returns
    -------
    progress
        An empty stack.
    """
    count = len(streets.load)
    return Progress(
        owner=np.full(count, _LEFT, dtype=np.int64),
        out=np.zeros((beats, count), dtype=np.bool_),
        # A street is decided on once in each beat at most.
        stack=np.zeros((count * beats + 1, 2), dtype=np.int64),
        before=np.zeros(count * beats + 1),
        at=np.array([0, -1], dtype=np.int64),
        load=np.zeros(beats),
    )


@njit(cache=True)
def _flood(streets: Streets, root: int, open_: Flags, reached: Integers) -> tuple[int, float]:
    """Collect the open streets that hang together with a root; they are closed on the way."""
    reached[0], count, done, load = root, 1, 0, 0.0
    open_[root] = False
    while done < count:
        street = reached[done]
        done += 1
        load += streets.load[street]
        for place in range(streets.start[street], streets.start[street + 1]):
            other = streets.near[place]
            if open_[other]:
                open_[other] = False
                reached[count] = other
                count += 1
    return count, load


@njit(cache=True)
def _can_be_shared(streets: Streets, owner: Integers, beats: int, limits: Floats) -> bool:
    """Tell whether each piece that is left has a number of beats within the limits."""
    left, reached = owner == _LEFT, np.empty(len(owner), np.int64)
    fewest = most = 0
    for root in range(len(owner)):
        if not left[root]:
            continue
        size, load = _flood(streets, root, left, reached)
        at_least = max(int(np.ceil(load / limits[1])), 1)
        at_most = size
        if limits[0] * size > load:
            at_most = int(np.floor(load / limits[0]))
        if at_least > at_most:
            return False
        fewest, most = fewest + at_least, most + at_most
    return fewest <= beats <= most


@njit(cache=True)
def _reaches(streets: Streets, progress: Progress, beat: int, least: float) -> bool:
    """Tell whether a beat could be brought to the least load by all that hangs together with it."""
    owner = progress.owner
    mine = owner == beat
    open_ = mine | ((owner == _LEFT) & ~progress.out[beat])
    root = int(np.argmax(mine))
    return _flood(streets, root, open_, np.empty(len(owner), np.int64))[1] >= least


@njit(cache=True)
def _next_street(streets: Streets, progress: Progress, beat: int, most: float) -> int:
    """Return a street next to the beat that fits into it and was not yet left out, or -1."""
    room = most - progress.load[beat]
    for street in range(len(progress.owner)):
        if progress.owner[street] != _LEFT or progress.out[beat, street]:
            continue
        if streets.load[street] > room:
            continue
        for place in range(streets.start[street], streets.start[street + 1]):
            if progress.owner[streets.near[place]] == beat:
                return street
    return -1


@njit(cache=True)
def _anchor(streets: Streets, owner: Integers) -> int:
    """Return the street with the fewest ways out, of these the heaviest."""
    best, fewest, heaviest = -1, len(owner), -1.0
    for street in range(len(owner)):
        if owner[street] != _LEFT:
            continue
        ways = 0
        for place in range(streets.start[street], streets.start[street + 1]):
            ways += owner[streets.near[place]] == _LEFT
        if ways < fewest or (ways == fewest and streets.load[street] > heaviest):
            best, fewest, heaviest = street, ways, streets.load[street]
    return best


@njit(cache=True)
def _push(streets: Streets, progress: Progress, street: int, how: int) -> None:
    beat, top = progress.at[1], progress.at[0]
    progress.stack[top, 0], progress.stack[top, 1] = street, how
    progress.before[top] = progress.load[beat]
    progress.owner[street] = beat
    progress.load[beat] += streets.load[street]
    progress.at[0] = top + 1


@njit(cache=True)
def _open_beat(streets: Streets, progress: Progress, limits: Floats) -> int:
    """Begin the next beat with what is left; tell whether that ends the search or this branch."""
    beats, opened = len(progress.load), progress.at[1] + 1
    if not _can_be_shared(streets, progress.owner, beats - opened, limits):
        return NONE
    if opened == beats - 1:
        for street in range(len(progress.owner)):
            if progress.owner[street] == _LEFT:
                progress.owner[street] = opened
        return FOUND
    progress.at[1], progress.load[opened] = opened, 0.0
    _push(streets, progress, _anchor(streets, progress.owner), _OPENED)
    return UNDECIDED


@njit(cache=True)
def _back(progress: Progress) -> bool:
    """Leave out what was taken in last, and take back what came after; tell whether any was."""
    while progress.at[0]:
        top, beat = progress.at[0] - 1, progress.at[1]
        street, how = progress.stack[top]
        if how == _OUT:
            progress.out[beat, street] = False
        else:
            progress.owner[street], progress.load[beat] = _LEFT, progress.before[top]
        if how == _IN:
            progress.stack[top, 1], progress.out[beat, street] = _OUT, True
            return True
        if how == _OPENED:
            progress.at[1] = beat - 1
        progress.at[0] = top
    return False


@njit(cache=True)
def go_on(streets: Streets, progress: Progress, limits: Floats, nodes: int) -> int:
    """Look at so many nodes more.

    Parameters
    ----------
    streets
        Streets to be shared out.
    progress
        Where the search stands.
    limits
        Least and most load of a beat, in mean loads.
    nodes
        Number of nodes.

    Returns
    -------
    status
        `FOUND` where `progress.owner` is within the limits, `NONE` where nothing is, else
        `UNDECIDED`.
    """
    if progress.at[1] < 0:
        status = _open_beat(streets, progress, limits)
        if status != UNDECIDED:
            return status
    for _ in range(nodes):
        beat = progress.at[1]
        load, dead = progress.load[beat], False
        if load < limits[0] and not _reaches(streets, progress, beat, limits[0]):
            dead = True
        else:
            street = _next_street(streets, progress, beat, limits[1])
            if street >= 0:
                _push(streets, progress, street, _IN)
            elif load < limits[0] or load > limits[1]:
                dead = True
            else:
                status = _open_beat(streets, progress, limits)
                if status == FOUND:
                    return FOUND
                dead = status == NONE
        if dead and not _back(progress):
            return NONE
    return UNDECIDED
