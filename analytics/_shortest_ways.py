"""The kernel of the shortest way from each event, compiled by numba.

Distances are those of Dijkstra's algorithm, stopped at the reach of the kernel.
"""

import heapq
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics._kernels import height, tail
from analytics._walks import Darts, Field, Floats, Ints, Kernel, Sources


class Scratch(NamedTuple):
    """What one event after the other is worked out in.

    Attributes
    ----------
    distance_m
        How far each junction is from the event, infinite beyond its reach.
    done
        Which streets the event has been added to.
    """

    distance_m: Floats
    done: NDArray[np.bool_]


@njit(cache=True)
def _tail(kernel: Kernel, distance_m: float) -> float:
    scaled = distance_m / kernel.reach_m
    return tail(kernel.shape, scaled) if scaled < 1.0 else 0.0


@njit(cache=True)
def _mass(kernel: Kernel, along_m: float, length_m: float, ends_m: tuple[float, float]) -> float:
    """Return the mass on a piece of street whose ends are so far away, from its start to there."""
    back_m = ends_m[1] + length_m
    turn_m = min(max((back_m - ends_m[0]) / 2, 0.0), length_m)
    ahead = _tail(kernel, ends_m[0]) - _tail(kernel, ends_m[0] + min(along_m, turn_m))
    return ahead + _tail(kernel, back_m - max(along_m, turn_m)) - _tail(kernel, back_m - turn_m)


@njit(cache=True)
def _add_piece(
    street: int,
    piece_m: tuple[float, float],
    ends_m: tuple[float, float],
    weight: float,
    field: Field,
) -> None:
    """Add one event to the marks on a piece of street; `ends_m` is how far its ends are."""
    marks, kernel = field.marks, field.kernel
    length_m = piece_m[1] - piece_m[0]
    last = piece_m[1] >= field.darts.length_m[street]
    for mark in range(marks.first[street], marks.first[street + 1]):
        along_m = marks.offset_m[mark] - piece_m[0]
        if marks.ends:
            along_m = min(max(along_m, 0.0), length_m)
            field.total[mark] -= weight * _mass(kernel, along_m, length_m, ends_m)
        elif along_m >= 0.0 and (along_m < length_m or last):
            away_m = min(ends_m[0] + along_m, ends_m[1] + length_m - along_m)
            if away_m < kernel.reach_m:
                density = height(kernel.shape, away_m / kernel.reach_m) / kernel.reach_m
                field.total[mark] += weight * density


@njit(cache=True)
def _reach_out(
    street: int, offset_m: float, darts: Darts, reach_m: float, distance_m: Floats
) -> Ints:
    """Write how far each junction within reach is; return these."""
    length_m = darts.length_m[street]
    queue = [(offset_m, darts.goal[2 * street + 1]), (length_m - offset_m, darts.goal[2 * street])]
    heapq.heapify(queue)
    reached = [queue[0][1] for _ in range(0)]
    while queue:
        gone_m, junction = heapq.heappop(queue)
        if gone_m >= distance_m[junction] or gone_m >= reach_m:
            continue
        distance_m[junction] = gone_m
        reached.append(junction)
        for way in darts.leaving[darts.first[junction] : darts.first[junction + 1]]:
            heapq.heappush(queue, (gone_m + darts.length_m[way >> 1], darts.goal[way]))
    return np.array(reached, dtype=np.int64)


@njit(cache=True)
def _spread_one(home: int, offset_m: float, weight: float, field: Field, scratch: Scratch) -> None:
    """Add what one event leaves at the marks."""
    darts, distance_m = field.darts, scratch.distance_m
    reached = _reach_out(home, offset_m, darts, field.kernel.reach_m, distance_m)
    back_m, ahead_m = distance_m[darts.goal[2 * home + 1]], distance_m[darts.goal[2 * home]]
    _add_piece(home, (0.0, offset_m), (back_m, 0.0), weight, field)
    _add_piece(home, (offset_m, darts.length_m[home]), (0.0, ahead_m), weight, field)
    scratch.done[home] = True
    for junction in reached:
        for way in darts.leaving[darts.first[junction] : darts.first[junction + 1]]:
            street = way >> 1
            if not scratch.done[street]:
                scratch.done[street] = True
                ends_m = (distance_m[darts.goal[way | 1]], distance_m[darts.goal[way & ~1]])
                _add_piece(street, (0.0, darts.length_m[street]), ends_m, weight, field)
    scratch.done[home] = False
    for junction in reached:
        for way in darts.leaving[darts.first[junction] : darts.first[junction + 1]]:
            scratch.done[way >> 1] = False
    distance_m[reached] = np.inf


@njit(cache=True)
def spread_by_nearness(sources: Sources, field: Field) -> None:
    """Add what every event leaves at the marks, by the shortest way to each.

    Parameters
    ----------
    sources
        The events, by street.
    field
        The streets and the kernel; `total` is added to.
    """
    scratch = Scratch(
        np.full(len(field.darts.first) - 1, np.inf),
        np.zeros(len(field.darts.length_m), np.bool_),
    )
    for source in range(len(sources.street)):
        for event in range(sources.first[source], sources.first[source + 1]):
            offset_m, weight = sources.offset_m[event], sources.weight[event]
            _spread_one(sources.street[source], offset_m, weight, field, scratch)
