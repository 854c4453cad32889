"""Strings of stops removed from tours that pass near one place.

After Christiaens and Vanden Berghe (2020), "Slack induction by string removals for vehicle routing
problems", Transportation Science 54 (2), 417-433.
"""

from numba import njit

from planning._splitmix import Bits, chance
from planning._tour_desk import Desk
from planning._tour_state import Case, Flags, Tours, renew

# Longest string, and how often one leaves some stops in its middle, and how often one more of them.
_LONGEST, _SPLIT = 20, 0.5


@njit(cache=True)
def mark_strings(case: Case, tours: Tours, desk: Desk, about: tuple[int, int], state: Bits) -> int:
    """Mark a string of stops in each of some tours that pass near a stop; return how many.

    `about` is that stop and the largest number of strings.
    """
    seed, strings = about
    count = 0
    for rank in range(-1, case.near.shape[1]):
        stop = seed if rank < 0 else case.near[seed, rank]
        if stop < 0:
            break
        vehicle = tours.owner[stop]
        if vehicle < 0 or _is_taken(desk, count, vehicle):
            continue
        _mark_string(tours, desk.gone, vehicle, stop, state)
        desk.taken[count] = vehicle
        count += 1
        if count == strings:
            break
    return count


@njit(cache=True)
def _is_taken(desk: Desk, count: int, vehicle: int) -> bool:
    return bool((desk.taken[:count] == vehicle).any())


@njit(cache=True)
def _mark_string(tours: Tours, gone: Flags, vehicle: int, stop: int, state: Bits) -> None:
    """Mark a string of stops about one of them, perhaps but for some in the middle."""
    path, size = tours.path[vehicle], tours.size[vehicle]
    at = 1
    while path[at] != stop:
        at += 1
    length = 1 + int(chance(state) * min(_LONGEST, size))
    kept = 0
    if 1 < length < size and chance(state) < _SPLIT:
        kept = 1
        while length + kept < size and chance(state) < _SPLIT:
            kept += 1
    low = max(1, at - length - kept + 1)
    high = min(at, size - length - kept + 1)
    first = low + int(chance(state) * (high - low + 1))
    keeps = first + 1 + int(chance(state) * (length - 1))
    for place in range(first, first + length + kept):
        if not keeps <= place < keeps + kept:
            gone[path[place]] = True


@njit(cache=True)
def remove_marked(case: Case, tours: Tours, gone: Flags, vehicle: int) -> None:
    """Remove the marked stops of a tour, and the marks; a tour that breaks so is emptied."""
    path, size = tours.path[vehicle], tours.size[vehicle]
    kept = 0
    for at in range(1, size + 1):
        stop = path[at]
        if gone[stop]:
            gone[stop] = False
            tours.owner[stop] = -1
        else:
            kept += 1
            path[kept] = stop
    path[kept + 1] = path[size + 1]
    tours.size[vehicle] = kept
    if not renew(case, tours, vehicle):
        for at in range(1, kept + 1):
            tours.owner[path[at]] = -1
        path[1] = path[kept + 1]
        tours.size[vehicle] = 0
        renew(case, tours, vehicle)
