"""Stops inserted into tours: what fits, one by one, or some at once where none fits alone.

The most worth for added time comes first, after Christiaens and Vanden Berghe (2020), "Slack
induction by string removals for vehicle routing problems", Transportation Science 54 (2), 417-433,
where both are disturbed at random: by noise, by other powers of the added time, and by making one
stop or one neighbourhood count more, so that a tour moves to another part of the town.

Most time goes into finding places for stops. Loops there read arrays that are taken out of their
tuples before: whenever one is handed over or taken out, compiled code counts its references, which
took longer than what is done with it.
"""

import numpy as np
from numba import njit

from planning._splitmix import Bits, chance
from planning._tour_desk import UNKNOWN, Desk
from planning._tour_state import Case, Tours, joins, put_stop, renew

# What the added time is raised to.
_POWERS = np.array([0.0, 0.5, 1.0, 1.0, 2.0])
# How often one stop is forced in, and one neighbourhood counts more: how large, and how much.
_FORCED, _DRAWN, _AREA, _MORE = 0.2, 0.5, 40, 4.0
_FORCE = 1e4
# Stops tried in a move; of more, those near where it is made and a random part of the others.
_TRIED = 300


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
        if place[row] != UNKNOWN:
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
        window, place[row] = (all_opens[stop], all_closes[stop], all_service[stop]), UNKNOWN
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
        desk.merit[:count, column], desk.place[:count, column] = -1.0, UNKNOWN
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
