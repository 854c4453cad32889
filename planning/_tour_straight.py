"""Tours made shorter with the stops they have: parts are turned round and moved (2-opt, or-opt).

Parts are turned as in Croes (1958), "A method for solving traveling-salesman problems", Operations
Research 6, 791-812, and moved as in Or (1976), "Traveling salesman-type combinatorial problems and
their relation to the logistics of regional blood banking", PhD thesis, Northwestern University. A
change is tried where the legs are shorter for it, and kept if windows, shift and longest duration
allow it.
"""

from numba import njit

from planning._tour_state import Case, Integers, Tours, renew

# Straighter by less than this is rounding; the longest part of a tour that is moved as it is.
_LEAST_S, _LONGEST_PART = 1e-7, 3


@njit(cache=True)
def straighten(case: Case, tours: Tours, line: Integers, vehicle: int) -> bool:
    """Turn round and move parts of a tour as long as that shortens it; tell whether it did."""
    shorter = False
    while _turn_part(case, tours, line, vehicle) or _move_part(case, tours, line, vehicle):
        shorter = True
    return shorter


@njit(cache=True)
def _turn_part(case: Case, tours: Tours, line: Integers, vehicle: int) -> bool:
    """Turn round the first part found that makes the tour shorter (2-opt)."""
    path, size = tours.path[vehicle], tours.size[vehicle]
    travel, head = case.travel[case.ends[vehicle, 2]], tours.head[vehicle]
    for before in range(size - 1):
        here, first = path[before], path[before + 1]
        turned = 0.0
        for last in range(before + 2, size + 1):
            stop, after = path[last], path[last + 1]
            turned += travel[stop, path[last - 1]] - head[last, 3]
            more = travel[here, stop] + travel[first, after] + turned
            if more - head[before + 1, 3] - head[last + 1, 3] < -_LEAST_S:
                for at in range(before + 1, last + 1):
                    line[at] = path[last + before + 1 - at]
                if _reorder(case, tours, line, vehicle, (before + 1, last)):
                    return True
    return False


@njit(cache=True)
def _move_part(case: Case, tours: Tours, line: Integers, vehicle: int) -> bool:
    """Move the first part found that makes the tour shorter elsewhere (or-opt)."""
    path, size = tours.path[vehicle], tours.size[vehicle]
    travel, head = case.travel[case.ends[vehicle, 2]], tours.head[vehicle]
    for length in range(1, _LONGEST_PART + 1):
        for first in range(1, size - length + 2):
            last = first + length - 1
            saved = head[first, 3] + head[last + 1, 3] - travel[path[first - 1], path[last + 1]]
            if not saved > _LEAST_S:
                continue
            for behind in range(size + 1):
                if first - 1 <= behind <= last:
                    continue
                more = travel[path[behind], path[first]] + travel[path[last], path[behind + 1]]
                if more - head[behind + 1, 3] - saved < -_LEAST_S:
                    low, high = min(first, behind + 1), max(last, behind)
                    at = low
                    if behind > last:
                        at = _write(line, path, at, last + 1, behind)
                    at = _write(line, path, at, first, last)
                    if behind < first:
                        _write(line, path, at, behind + 1, first - 1)
                    if _reorder(case, tours, line, vehicle, (low, high)):
                        return True
    return False


@njit(cache=True)
def _write(line: Integers, path: Integers, at: int, first: int, last: int) -> int:
    for place in range(first, last + 1):
        line[at] = path[place]
        at += 1
    return at


@njit(cache=True)
def _reorder(case: Case, tours: Tours, line: Integers, vehicle: int, span: tuple[int, int]) -> bool:
    """Take the stops of `line` from one place to another, if the tour is feasible so."""
    low, high = span
    path = tours.path[vehicle]
    travel = case.travel[case.ends[vehicle, 2]]
    now, here = tours.head[vehicle, low - 1, 0] + tours.head[vehicle, low - 1, 1], path[low - 1]
    for at in range(low, high + 1):
        stop = line[at]
        now = max(now + travel[here, stop], case.opens[stop])
        if not now <= case.closes[stop] + 1e-6:
            return False
        now, here = now + case.service[stop], stop
    if not now + travel[here, path[high + 1]] <= tours.tail[vehicle, high + 1, 2] + 1e-6:
        return False
    for at in range(low, high + 1):
        path[at], line[at] = line[at], path[at]
    if renew(case, tours, vehicle):
        return True
    path[low : high + 1] = line[low : high + 1]
    renew(case, tours, vehicle)
    return False
