"""The search for walks that no other beats in both length and lack.

Labels are set in the order of the least length that a walk through them can have. At each junction
the next label then is at least as long as all before it, so it is beaten exactly where one before
lacks no more: a single number a junction decides (Hernandez et al. 2023, as `planning.walk` cites).
"""

import math
from collections import defaultdict
from collections.abc import Container, Iterable, MutableMapping
from heapq import heappop, heappush
from typing import Final, Literal, NamedTuple

MOST_LABELS: Final = 50_000
"""Labels after which the search ends with what is exact up to a shorter detour."""

START: Final = -1
GOAL: Final = -2


class Arc(NamedTuple):
    """Part of a street that is walked as a whole, either way.

    Attributes
    ----------
    tail
        Number of the junction or place where it begins.
    head
        Number of the junction or place where it ends.
    street
        Row of the street.
    low_mm
        Where on the street it begins.
    high_mm
        Where on the street it ends.
    length_mm
        Its length.
    lack
        What it lacks, >= 0.
    """

    tail: int
    head: int
    street: int
    low_mm: int
    high_mm: int
    length_mm: int
    lack: int


class Label(NamedTuple):
    """A walk from the start to the goal.

    Attributes
    ----------
    length_mm
        Its length.
    lack
        What it lacks.
    arcs
        What it walks along, in turn, and whether forwards.
    """

    length_mm: int
    lack: int
    arcs: tuple[tuple[Arc, bool], ...]


Neighbours = MutableMapping[int, list[tuple[int, Arc, bool]]]


def neighbours(arcs: Iterable[Arc]) -> Neighbours:
    """List what can be walked from each junction and place.

    Parameters
    ----------
    arcs
        What can be walked.

    Returns
    -------
    around
        By number: the number of the other end, the arc, and whether it is walked forwards.
    """
    around: defaultdict[int, list[tuple[int, Arc, bool]]] = defaultdict(list)
    for arc in arcs:
        around[arc.tail].append((arc.head, arc, True))
        around[arc.head].append((arc.tail, arc, False))
    return around


def pareto_labels(
    around: Neighbours, *, most_detour: float, most_labels: int = MOST_LABELS
) -> tuple[list[Label], float]:
    """Find the walks from START to GOAL that no other beats in both length and lack.

    Parameters
    ----------
    around
        What can be walked from where.
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
    least_mm = _least(around, "length_mm", most_detour=most_detour)
    if START not in least_mm:
        return [], most_detour
    # Every walk within the detour keeps to these junctions.
    least_lack = _least(around, "lack", within=least_mm)
    shortest = least_mm[START]
    limit = int(shortest * (1 + most_detour))
    best: dict[int, int] = {}
    settled = 0
    found: list[Label] = []
    heap = [(shortest, least_lack[START], 0, START)]
    steps: list[tuple[int, Arc | None, bool]] = [(-1, None, True)]
    while heap:
        length, lack, step, node = heappop(heap)
        if found and settled >= most_labels:
            return found, (length - 1) / shortest - 1 if shortest else most_detour
        if lack >= best.get(GOAL, lack + 1):
            continue
        lacking = lack - least_lack[node]
        if lacking >= best.get(node, lacking + 1):
            continue
        best[node] = lacking
        settled += 1
        if node == GOAL:
            found.append(Label(length, lack, _arcs_to(step, steps)))
            continue
        walked = length - least_mm[node]
        for other, arc, forward in around[node]:
            if other not in least_mm:
                continue
            then_mm = walked + arc.length_mm + least_mm[other]
            then_lack = lacking + arc.lack + least_lack[other]
            beaten = then_lack >= best.get(GOAL, then_lack + 1)
            if then_mm <= limit and not beaten:
                heappush(heap, (then_mm, then_lack, len(steps), other))
                steps.append((step, arc, forward))
    return found, most_detour


def _least(
    around: Neighbours,
    by: Literal["length_mm", "lack"],
    *,
    most_detour: float = math.inf,
    within: Container[int] | None = None,
) -> dict[int, int]:
    """Return the least sum of one number from everywhere to GOAL (Dijkstra).

    Once START is reached, what lies farther than a detour is left out; so is what is not within.
    """
    least: dict[int, int] = {}
    heap = [(0, GOAL)]
    limit = math.inf
    while heap:
        total, node = heappop(heap)
        if total > limit:
            break
        if node in least:
            continue
        least[node] = total
        if node == START:
            limit = total * (1 + most_detour)
        for other, arc, _ in around[node]:
            if other not in least and (within is None or other in within):
                heappush(heap, (total + getattr(arc, by), other))
    return least


def _arcs_to(step: int, steps: list[tuple[int, Arc | None, bool]]) -> tuple[tuple[Arc, bool], ...]:
    arcs = []
    while step >= 0:
        step, arc, forward = steps[step]
        if arc is not None:
            arcs.append((arc, forward))
    return tuple(reversed(arcs))
