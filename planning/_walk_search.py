"""The search for walks that no other beats in both length and lack, compiled by numba.

Labels are set in the order of the least length that a walk through them can have. At each junction
the next label then is at least as long as all before it, so it is beaten exactly where one before
lacks no more: a single number a junction decides (Hernandez et al. 2023, as `planning.walk` cites).
"""

from heapq import heappop, heappush
from typing import Final, NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MOST_LABELS: Final = 50_000
"""Labels after which the search ends with what is exact up to a shorter detour."""

_NONE: Final = -1
_NEVER: Final = 2**62


class Arcs(NamedTuple):
    """Parts of streets that are walked as a whole, either way.

    Attributes
    ----------
    tail
        Number of the junction or place where each begins.
    head
        Number of the junction or place where it ends.
    street
        Row of the street.
    low_mm
        Where on the street it begins.
    high_mm
        Where on the street it ends.
    lack
        What it lacks, >= 0.
    """

    tail: Ints
    head: Ints
    street: Ints
    low_mm: Ints
    high_mm: Ints
    lack: Ints


class Network(NamedTuple):
    """Arcs, and what can be walked from each junction and place.

    Step 2 k walks along arc k, step 2 k + 1 back.

    Attributes
    ----------
    arcs
        What can be walked.
    first
        By number: the first step from there, or -1.
    after
        By step: the next one from the same junction or place, or -1.
    """

    arcs: Arcs
    first: Ints
    after: Ints

    @classmethod
    def of(cls, arcs: Arcs, *, places: int) -> Self:
        """Link the steps from each junction.

        Parameters
        ----------
        arcs
            What can be walked.
        places
            How many junctions and places there are.

        Returns
        -------
        network
            The network.
        """
        first, after = np.full(places, _NONE), np.full(2 * len(arcs.tail), _NONE)
        _link(arcs.tail, arcs.head, first, after)
        return cls(arcs, first, after)

    def with_arcs(self, arcs: Arcs) -> Self:
        """Add arcs, which are tried before those that are there.

        Parameters
        ----------
        arcs
            What else can be walked.

        Returns
        -------
        network
            A network with both.
        """
        joined = Arcs(*(np.concatenate(both) for both in zip(self.arcs, arcs, strict=True)))
        first = self.first.copy()
        after = np.append(self.after, np.full(2 * len(arcs.tail), _NONE))
        _link(joined.tail, joined.head, first, after, len(self.arcs.tail))
        return type(self)(joined, first, after)


class Label(NamedTuple):
    """A walk from the start to the goal.

    Attributes
    ----------
    length_mm
        Its length.
    lack
        What it lacks.
    steps
        What it walks along, in turn, as numbers of steps of the network.
    """

    length_mm: int
    lack: int
    steps: Ints


def pareto_labels(
    network: Network,
    ends: tuple[int, int],
    *,
    most_detour: float,
    most_labels: int = MOST_LABELS,
) -> tuple[list[Label], float]:
    """Find the walks between two places that no other beats in both length and lack.

    Parameters
    ----------
    network
        What can be walked from where.
    ends
        Numbers of the places where the walks begin and end.
    most_detour
        How much longer than the shortest a walk may be, as a share.
    most_labels
        Labels after which the search ends, once the shortest walk is found.

    Returns
    -------
    labels, searched
        The walks, the shortest first, none where there is no way; and the detour up to which they
        are all.
    """
    length_mm, lack = network.arcs.high_mm - network.arcs.low_mm, network.arcs.lack
    everywhere = np.zeros(len(network.first), np.int64)
    least_mm = _least(network, length_mm, ends, most_detour, everywhere)
    shortest = int(least_mm[ends[0]])
    if shortest == _NONE:
        return [], most_detour
    # Every walk within the detour keeps to these junctions.
    least_lack = _least(network, lack, ends, np.inf, least_mm)
    least = (least_mm, least_lack)
    limit = int(shortest * (1 + most_detour))
    found, taken, before, cut = _settled(
        network, (length_mm, lack), least, ends, (limit, most_labels)
    )
    labels = [
        Label(length, lacking, _steps_to(number, taken, before))
        for length, lacking, number in found.tolist()
    ]
    if cut == _NONE:
        return labels, most_detour
    return labels, (cut - 1) / shortest - 1 if shortest else most_detour


@njit(cache=True)
def _link(tail: Ints, head: Ints, first: Ints, after: Ints, begin: int = 0) -> None:
    """Put the steps along arcs from a number on before those that are linked."""
    for arc in range(len(tail) - 1, begin - 1, -1):
        for step, origin in ((2 * arc + 1, head[arc]), (2 * arc, tail[arc])):
            after[step] = first[origin]
            first[origin] = step


@njit(cache=True)
def _least(
    network: Network, worth: Ints, ends: tuple[int, int], most_detour: float, within: Ints
) -> Ints:
    """Return the least sum of one number from everywhere to the goal (Dijkstra), -1 where none.

    Once the start is reached, what lies farther than a detour is left out; so is where `within` is
    negative.
    """
    start, goal = ends
    arcs, first, after = network
    least = np.full(len(first), _NONE)
    limit = np.inf
    heap = [(0, goal)]
    while heap:
        total, node = heappop(heap)
        if total > limit:
            break
        if least[node] != _NONE:
            continue
        least[node] = total
        if node == start and most_detour < np.inf:
            limit = total * (1 + most_detour)
        step = first[node]
        while step != _NONE:
            other = arcs.tail[step // 2] if step % 2 else arcs.head[step // 2]
            if least[other] == _NONE and within[other] >= 0:
                heappush(heap, (total + worth[step // 2], other))
            step = after[step]
    return least


@njit(cache=True)
def _settled(
    network: Network,
    worth: tuple[Ints, Ints],
    least: tuple[Ints, Ints],
    ends: tuple[int, int],
    most: tuple[int, int],
) -> tuple[Ints, Ints, Ints, int]:
    """Settle labels up to a longest length, or until there are too many.

    Returns for each walk that is found its length, its lack and the number of its last push; by
    push the step that it takes and the push before; and the length at which the search was cut
    short, or -1.
    """
    start, goal = ends
    limit, most_labels = most
    arcs, first, after = network
    length_mm, lack = worth
    least_mm, least_lack = least
    best = np.full(len(first), _NEVER)
    settled = 0
    found, taken, before, at = [(0, 0, 0) for _ in range(0)], [_NONE], [_NONE], [start]
    heap = [(least_mm[start], least_lack[start], 0)]
    while heap:
        length, lacking, push = heappop(heap)
        if found and settled >= most_labels:
            return _told(found), np.array(taken), np.array(before), length
        node = at[push]
        walked_lack = lacking - least_lack[node]
        if lacking >= best[goal] or walked_lack >= best[node]:
            continue
        best[node] = walked_lack
        settled += 1
        if node == goal:
            found.append((length, lacking, push))
            continue
        step = first[node]
        while step != _NONE:
            arc = step // 2
            other = arcs.tail[arc] if step % 2 else arcs.head[arc]
            if least_mm[other] != _NONE:
                then_mm = length - least_mm[node] + length_mm[arc] + least_mm[other]
                then_lack = walked_lack + lack[arc] + least_lack[other]
                if then_mm <= limit and then_lack < best[goal]:
                    heappush(heap, (then_mm, then_lack, len(at)))
                    at.append(other)
                    taken.append(step)
                    before.append(push)
            step = after[step]
    return _told(found), np.array(taken), np.array(before), _NONE


@njit(cache=True)
def _told(found: list[tuple[int, int, int]]) -> Ints:
    told = np.empty((len(found), 3), np.int64)
    for row, (length, lack, push) in enumerate(found):
        told[row, 0], told[row, 1], told[row, 2] = length, lack, push
    return told


@njit(cache=True)
def _steps_to(push: int, taken: Ints, before: Ints) -> Ints:
    """Return the steps up to a push, in turn."""
    count, at = 0, push
    while before[at] != _NONE:
        count, at = count + 1, before[at]
    steps, at = np.empty(count, np.int64), push
    for place in range(count - 1, -1, -1):
        steps[place], at = taken[at], before[at]
    return steps
