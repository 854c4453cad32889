"""The search for unbeaten walks once more, in plain Python: dictionaries, and no array."""

import math
from heapq import heappop, heappush
from itertools import count


def around(network):
    """Return by junction what can be walked from there: the other end, the step, length and lack.

    Of the arcs those that were added last come first, as the places of one walk are.
    """
    found = {}
    arcs = list(zip(*(part.tolist() for part in network.arcs), strict=True))
    for arc, (tail, head, _, low, high, lack) in enumerate(arcs):
        found.setdefault(tail, []).append((head, 2 * arc, high - low, lack))
        found.setdefault(head, []).append((tail, 2 * arc + 1, high - low, lack))
    return found


def least(near, goal, start, part, *, most_detour=math.inf, within=None):
    """Return the least length (part 2) or lack (part 3) from everywhere to the goal."""
    told, heap, limit = {}, [(0, goal)], math.inf
    while heap:
        total, node = heappop(heap)
        if total > limit:
            break
        if node in told:
            continue
        told[node] = total
        if node == start and most_detour < math.inf:
            limit = total * (1 + most_detour)
        for way in near.get(node, []):
            if way[0] not in told and (within is None or way[0] in within):
                heappush(heap, (total + way[part], way[0]))
    return told


def unbeaten(network, ends, *, most_detour):
    """Return length and lack of every walk within the detour that no other beats.

    A label is kept at a junction unless one that is there already is no longer and lacks no more:
    all of them are compared, where the compiled search asks for a single number.
    """
    start, goal = ends
    near = around(network)
    least_mm = least(near, goal, start, 2)
    if start not in least_mm:
        return []
    limit = int(least_mm[start] * (1 + most_detour))
    within = {node for node, length in least_mm.items() if length <= limit}
    least_lack = least(near, goal, start, 3, within=within)
    numbers = count()
    kept, heap = {}, [(least_mm[start], least_lack[start], next(numbers), start)]
    while heap:
        length, lack, _, node = heappop(heap)
        here = length - least_mm[node], lack - least_lack[node]
        if any(a <= here[0] and b <= here[1] for a, b in kept.get(node, [])):
            continue
        kept.setdefault(node, []).append(here)
        for other, _, way_mm, way_lack in near[node] if node != goal else []:
            if other in least_lack:
                then_mm = here[0] + way_mm + least_mm[other]
                then_lack = here[1] + way_lack + least_lack[other]
                if then_mm <= limit:
                    heappush(heap, (then_mm, then_lack, next(numbers), other))
    return kept.get(goal, [])
