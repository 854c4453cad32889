"""Moves of the search for tours: strings of stops are removed, and stops inserted.

Strings of stops near one place are removed after Christiaens and Vanden Berghe (2020), "Slack
induction by string removals for vehicle routing problems", Transportation Science 54 (2), 417-433.
What fits is inserted one by one, the most worth for added time first, where both are disturbed at
random: by noise, by other powers of the added time, and by making one stop or one neighbourhood
count more, so that a tour moves to another part of the town.

Most time goes into finding places for stops. Loops there read arrays that are taken out of their
tuples before: whenever one is handed over or taken out, compiled code counts its references, which
took longer than what is done with it.
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
# In a desk: a place that has still to be found.
_UNKNOWN = -2


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
        That place, -1 for none, -2 where it has still to be found.
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
    added = max(added, 1e-6)
    if power == 0.0:
        return counts
    if power == 1.0:
        return counts / added
    return counts / (added * added if power > 1.0 else np.sqrt(added))


@njit(cache=True)
def _rate(case: Case, tours: Tours, desk: Desk, sizes: tuple[int, int], power: float) -> None:
    """Find the best place of each stop in one tour where it is not known, by the least added time.

    `sizes` tells stops and the tour's column.
    """
    count, column = sizes
    vehicle, merit, place = desk.taken[column], desk.merit[:, column], desk.place[:, column]
    path, head, tail = tours.path[vehicle], tours.head[vehicle], tours.tail[vehicle]
    size, profile, longest = tours.size[vehicle], case.ends[vehicle, 2], case.shifts[vehicle, 2]
    # Rows of the tour's own stops: those of others would have to be fetched anew for each.
    out, into, allowed = case.travel[profile], case.into[profile], case.allowed[vehicle]
    all_opens, all_closes, all_service = case.opens, case.closes, case.service
    stops, counts = desk.stops, desk.counts
    for row in range(count):
        if place[row] != _UNKNOWN:
            continue
        stop, place[row] = stops[row], -1
        opens, closes, service = all_opens[stop], all_closes[stop], all_service[stop]
        best, merit[row] = np.inf, -1.0
        for at in range(size + 1 if allowed[stop] else 0):
            # First what needs no travel time.
            if tail[at + 1, 2] + 1.0 < opens + service:
                continue
            if head[at, 0] + head[at, 1] > closes + 1.0:
                break
            legs = out[path[at], stop], into[path[at + 1], stop]
            added = legs[0] + legs[1] + service - head[at + 1, 3]
            if added < best:
                before = head[at, 0], head[at, 1], head[at, 2]
                after = tail[at + 1, 0], tail[at + 1, 1], tail[at + 1, 2]
                if joins(before, after, legs, (opens, closes, service), longest):
                    best, place[row] = added, at
        if place[row] >= 0:
            merit[row] = _merit(counts[row], best, power)


@njit(cache=True)
def _rate_again(
    case: Case, tours: Tours, desk: Desk, sizes: tuple[int, int, int], power: float
) -> None:
    """Find the best places again after an insertion: the old ones, or beside it.

    `sizes` tells stops, the tour's column, and the place behind which a stop was inserted.
    """
    count, column, last = sizes
    vehicle, merit, place = desk.taken[column], desk.merit[:, column], desk.place[:, column]
    path, head, tail = tours.path[vehicle], tours.head[vehicle], tours.tail[vehicle]
    size, profile, longest = tours.size[vehicle], case.ends[vehicle, 2], case.shifts[vehicle, 2]
    out, into = case.travel[profile], case.into[profile]
    all_opens, all_closes, all_service = case.opens, case.closes, case.service
    stops, counts = desk.stops, desk.counts
    for row in range(count):
        if merit[row] < 0:
            continue
        stop, old, best = stops[row], place[row], np.inf
        window, place[row] = (all_opens[stop], all_closes[stop], all_service[stop]), _UNKNOWN
        if old == last or size == 1:
            continue
        for at in (old + (old > last), last, last + 1):
            legs = out[path[at], stop], into[path[at + 1], stop]
            added = legs[0] + legs[1] + window[2] - head[at + 1, 3]
            if added < best:
                before = head[at, 0], head[at, 1], head[at, 2]
                after = tail[at + 1, 0], tail[at + 1, 1], tail[at + 1, 2]
                if joins(before, after, legs, window, longest):
                    best, place[row] = added, at
            if place[row] < 0:
                break
        if place[row] >= 0:
            merit[row] = _merit(counts[row], best, power)
    _rate(case, tours, desk, (count, column), power)


@njit(cache=True)
def insert_stops(case: Case, tours: Tours, desk: Desk, sizes: tuple[int, int], power: float) -> int:
    """Insert what fits into changed tours; `sizes` tells stops and tours; return stops left."""
    count, taken = sizes
    for column in range(taken):
        desk.merit[:count, column], desk.place[:count, column] = -1.0, _UNKNOWN
        if desk.changed[column]:
            _rate(case, tours, desk, (count, column), power)
    fits = count
    while True:
        row, column, fits = _choose(desk, fits, taken)
        if row < 0:
            return count
        at = desk.place[row, column]
        if not put_stop(case, tours, desk.taken[column], at, desk.stops[row]):
            desk.merit[row, column] = -1.0
            continue
        desk.changed[column] = True
        fits, count = fits - 1, count - 1
        _exchange(desk, row, fits, taken)
        _exchange(desk, fits, count, taken)
        _rate_again(case, tours, desk, (fits, column, at), power)


@njit(cache=True)
def _choose(desk: Desk, fits: int, taken: int) -> tuple[int, int, int]:
    """Return the best stop and its column, -1 for none, and how many stops fit anywhere.

    Those that do not are put behind those that do, so that nobody looks at them again.
    """
    best, row, column, one, merit = 0.0, -1, -1, 0, desk.merit
    while one < fits:
        most, which = -1.0, -1
        for other in range(taken):
            if merit[one, other] > most:
                most, which = merit[one, other], other
        if most < 0.0:
            fits -= 1
            _exchange(desk, one, fits, taken)
            continue
        if most > best:
            best, row, column = most, one, which
        one += 1
    return row, column, fits


@njit(cache=True)
def _exchange(desk: Desk, one: int, other: int, taken: int) -> None:
    """Exchange two of the stops that might be inserted, with what is known of them."""
    desk.stops[one], desk.stops[other] = desk.stops[other], desk.stops[one]
    desk.counts[one], desk.counts[other] = desk.counts[other], desk.counts[one]
    for column in range(taken):
        merit, place = desk.merit[one, column], desk.place[one, column]
        desk.merit[one, column] = desk.merit[other, column]
        desk.place[one, column] = desk.place[other, column]
        desk.merit[other, column], desk.place[other, column] = merit, place


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
