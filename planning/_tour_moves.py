"""Moves of the search for tours: strings of stops are removed, and stops inserted.

Strings of stops near one place are removed after Christiaens and Vanden Berghe (2020), "Slack
induction by string removals for vehicle routing problems", Transportation Science 54 (2), 417-433.
What fits is inserted one by one, the most worth for added time first, where both are disturbed at
random: by noise, by other powers of the added time, and by making one stop or one neighbourhood
count more, so that a tour moves to another part of the town.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from planning._tour_state import Case, Flags, Floats, Integers, Tours, joins, put_stop, renew

Bits = NDArray[np.uint64]

# Longest string, and how often one leaves some stops in its middle, and how often one more of them.
_LONGEST, _SPLIT = 20, 0.5
# What the added time is raised to.
_POWERS = np.array([0.0, 0.5, 1.0, 1.0, 2.0])
# How often one stop is forced in, and one neighbourhood counts more: how large, and how much.
_FORCED, _DRAWN, _AREA, _MORE = 0.2, 0.5, 40, 4.0
_FORCE = 1e4
# Stops tried in a move; of more, those near where it is made and a random part of the others.
_TRIED = 300


class Desk(NamedTuple):
    """Room for one move.

    Attributes
    ----------
    gone
        Whether each location is to be removed.
    taken
        Vehicles whose tours are changed.
    changed
        Whether each of them has been, since it was last looked at.
    stops
        Stops that might be inserted.
    counts
        What each of them counts, with noise.
    merit
        How good its best place in each tour is, -1 for none.
    place
        That place.
    line
        Places of a tour in another order.
    """

    gone: Flags
    taken: Integers
    changed: Flags
    stops: Integers
    counts: Floats
    merit: Floats
    place: Integers
    line: Integers


def desk_for(case: Case, tours: Tours, most: int) -> Desk:
    """Return room for moves of up to so many tours at once.

    Parameters
    ----------
    case
        The problem.
    tours
        Its tours.
    most
        Number of tours.

    Returns
    -------
    desk
        Empty room.
    """
    stops = len(case.stops)
    return Desk(
        gone=np.zeros(len(case.worth), dtype=np.bool_),
        taken=np.zeros(most, dtype=np.int64),
        changed=np.zeros(most, dtype=np.bool_),
        stops=np.zeros(stops, dtype=np.int64),
        counts=np.zeros(stops),
        merit=np.zeros((stops, most)),
        place=np.zeros((stops, most), dtype=np.int64),
        line=np.zeros(tours.path.shape[1], dtype=np.int64),
    )


@njit(cache=True)
def chance(state: Bits) -> float:
    """Draw from (0, 1): splitmix64 (Steele, Lea and Flood 2014); generators compile slowly."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (float(z >> np.uint64(11)) + 0.5) / 9007199254740992.0


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


@njit(cache=True)
def gather(case: Case, tours: Tours, desk: Desk, seed: int, state: Bits) -> int:
    """Write down stops that nobody visits and what they count in one move; return how many."""
    left = 0
    for stop in case.stops:
        left += tours.owner[stop] < 0
    share, noise = _TRIED / max(left, 1), chance(state)
    if share < 1.0:
        for stop in case.near[seed]:
            if stop >= 0:
                desk.gone[stop] = True
    count = 0
    for stop in case.stops:
        if tours.owner[stop] < 0 and (desk.gone[stop] or share >= 1.0 or chance(state) < share):
            desk.stops[count] = stop
            desk.counts[count] = case.worth[stop] * (1.0 + noise * (2.0 * chance(state) - 1.0))
            count += 1
    desk.gone[:] = False
    if count and chance(state) < _FORCED:
        forced = int(chance(state) * count)
        here = np.flatnonzero(desk.stops[:count] == seed)
        desk.counts[here[0] if len(here) else forced] *= _FORCE
    if count and chance(state) < _DRAWN:
        _draw(case, desk, count, state)
    return count


@njit(cache=True)
def _draw(case: Case, desk: Desk, count: int, state: Bits) -> None:
    """Let the stops about a random one count more."""
    middle = case.stops[int(chance(state) * len(case.stops))]
    more = 1.0 + _MORE * chance(state)
    for stop in case.near[middle, : 1 + int(chance(state) * min(_AREA, case.near.shape[1]))]:
        desk.gone[stop] |= stop >= 0
    for row in range(count):
        if desk.gone[desk.stops[row]]:
            desk.counts[row] *= more
    desk.gone[:] = False


@njit(cache=True)
def _merit(counts: float, added: float, power: float) -> float:
    """Return worth by added time; by cases, as powers are slow."""
    if added == np.inf:
        return -1.0
    added = max(added, 1e-6)
    if power == 0.0:
        return counts
    if power == 1.0:
        return counts / added
    return counts / (added * added if power > 1.0 else np.sqrt(added))


@njit(cache=True)
def _best_place(case: Case, tours: Tours, vehicle: int, stop: int) -> tuple[float, int]:
    """Return the least time that a stop adds, and behind which place; infinite for none."""
    best, place = np.inf, -1
    if not case.allowed[vehicle, stop]:
        return best, place
    path, head, tail = tours.path[vehicle], tours.head[vehicle], tours.tail[vehicle]
    profile, longest = case.ends[vehicle, 2], case.shifts[vehicle, 2]
    into, out = case.into[profile, stop], case.travel[profile, stop]
    opens, closes, service = case.opens[stop], case.closes[stop], case.service[stop]
    for at in range(tours.size[vehicle] + 1):
        legs = into[path[at]], out[path[at + 1]]
        added = legs[0] + legs[1] + service - head[at + 1, 3]
        if not added < best or tail[at + 1, 2] + 1.0 < opens + service:
            continue
        if head[at, 0] + head[at, 1] > closes + 1.0:
            break
        if joins(head[at], tail[at + 1], legs, (opens, closes, service), longest):
            best, place = added, at
    return best, place


@njit(cache=True)
def _rate(case: Case, tours: Tours, desk: Desk, sizes: tuple[int, int], power: float) -> None:
    """Find the best place of each stop in one tour; `sizes` tells stops and the tour's column."""
    count, column = sizes
    for row in range(count):
        added, place = _best_place(case, tours, desk.taken[column], desk.stops[row])
        desk.merit[row, column] = _merit(desk.counts[row], added, power)
        desk.place[row, column] = place


@njit(cache=True)
def _rate_again(
    case: Case, tours: Tours, desk: Desk, sizes: tuple[int, int, int], power: float
) -> None:
    """Find the best places again after an insertion: the old ones, or beside it.

    `sizes` tells stops, the tour's column, and the place behind which a stop was inserted.
    """
    count, column, at = sizes
    vehicle = desk.taken[column]
    path, head, tail = tours.path[vehicle], tours.head[vehicle], tours.tail[vehicle]
    profile, longest = case.ends[vehicle, 2], case.shifts[vehicle, 2]
    for row in range(count):
        if desk.merit[row, column] < 0:
            continue
        stop, old = desk.stops[row], desk.place[row, column]
        into, out = case.into[profile, stop], case.travel[profile, stop]
        window = case.opens[stop], case.closes[stop], case.service[stop]
        added, place = np.inf, old + (old > at)
        if old != at and tours.size[vehicle] > 1:
            legs = into[path[place]], out[path[place + 1]]
            if joins(head[place], tail[place + 1], legs, window, longest):
                added = legs[0] + legs[1] + window[2] - head[place + 1, 3]
        if added == np.inf:
            added, place = _best_place(case, tours, vehicle, stop)
        else:
            for new in range(at, at + 2):
                legs = into[path[new]], out[path[new + 1]]
                more = legs[0] + legs[1] + window[2] - head[new + 1, 3]
                if more < added and joins(head[new], tail[new + 1], legs, window, longest):
                    added, place = more, new
        desk.merit[row, column] = _merit(desk.counts[row], added, power)
        desk.place[row, column] = place


@njit(cache=True)
def insert_stops(case: Case, tours: Tours, desk: Desk, sizes: tuple[int, int], power: float) -> int:
    """Insert what fits into changed tours; `sizes` tells stops and tours; return stops left."""
    count, taken = sizes
    for column in range(taken):
        desk.merit[:count, column] = -1.0
        if desk.changed[column]:
            _rate(case, tours, desk, (count, column), power)
    while True:
        best, row, column = 0.0, -1, -1
        for one in range(count):
            for other in range(taken):
                if desk.merit[one, other] > best:
                    best, row, column = desk.merit[one, other], one, other
        if row < 0:
            return count
        at = desk.place[row, column]
        if not put_stop(case, tours, desk.taken[column], at, desk.stops[row]):
            desk.merit[row, column] = -1.0
            continue
        desk.changed[column] = True
        count -= 1
        desk.stops[row], desk.counts[row] = desk.stops[count], desk.counts[count]
        for other in range(taken):
            desk.merit[row, other] = desk.merit[count, other]
            desk.place[row, other] = desk.place[count, other]
        _rate_again(case, tours, desk, (count, column, at), power)


@njit(cache=True)
def insert_chain(case: Case, tours: Tours, desk: Desk, sizes: tuple[int, int], state: Bits) -> int:
    """Try to insert some stops at once, as where none fits alone; return the stops left."""
    count, column = sizes
    vehicle, length = desk.taken[column], min(2 + int(3 * chance(state)), count)
    path, size = tours.path[vehicle], tours.size[vehicle]
    if size + length + 2 > len(path):
        return count
    for rank in range(length):
        drawn, last = int(chance(state) * (count - rank)), count - 1 - rank
        desk.stops[drawn], desk.stops[last] = desk.stops[last], desk.stops[drawn]
        desk.counts[drawn], desk.counts[last] = desk.counts[last], desk.counts[drawn]
        if not case.allowed[vehicle, desk.stops[last]]:
            return count
    chain = desk.stops[count - length : count]
    at = 1 + int(chance(state) * (size + 1))
    path[at + length : size + length + 2] = path[at : size + 2].copy()
    path[at : at + length] = chain
    tours.size[vehicle] = size + length
    if renew(case, tours, vehicle):
        for stop in chain:
            tours.owner[stop] = vehicle
        return count - length
    path[at : size + 2] = path[at + length : size + length + 2].copy()
    tours.size[vehicle] = size
    renew(case, tours, vehicle)
    return count


@njit(cache=True)
def powers(state: Bits) -> float:
    """Draw what the added time is raised to."""
    return float(_POWERS[int(chance(state) * len(_POWERS))])
