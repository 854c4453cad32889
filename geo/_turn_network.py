"""Darts and turns with places to begin and to end at, as a matrix for shortest paths."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geo.street_graph import StreetGraph
from geo.turns import Turns, meeting

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


class Places(NamedTuple):
    """Places on streets; `junction` is -1 for those in mid-street."""

    street: Integers
    offset_m: Floats
    junction: Integers

    def only(self, rows: Sequence[int] | Integers) -> "Places":
        """Return the places of some rows."""
        return Places(self.street[rows], self.offset_m[rows], self.junction[rows])


class Darts(NamedTuple):
    """Streets in both directions: street k from start to end is dart k, back `streets` + k.

    `pace_s` is the seconds a metre of each street takes, `back` whether it is open backwards.
    """

    graph: StreetGraph
    pace_s: Floats
    back: NDArray[np.bool_]
    turns: Turns

    @property
    def time_s(self) -> Floats:
        """How long each dart takes from end to end."""
        return np.tile(self.graph.length_m * self.pace_s, 2)

    @property
    def open(self) -> Integers:
        """The darts that may be used."""
        return np.flatnonzero(np.concatenate([np.ones_like(self.back), self.back]))

    @property
    def begins(self) -> Integers:
        """The junction at which each dart begins."""
        return np.concatenate([self.graph.tail, self.graph.head])

    @property
    def ends(self) -> Integers:
        """The junction at which each dart ends."""
        return np.concatenate([self.graph.head, self.graph.tail])


class TurnNetwork(NamedTuple):
    """Arcs between darts, the places to begin at and those to end at.

    The nodes are the darts, then the junctions on which somebody stands at the beginning, then the
    origins, the destinations, and the destinations once more as they are reached against their
    streets, from where an arc without length leads to themselves. `xy` places each node near those
    that it is joined with.
    """

    matrix: csr_array
    xy: Floats
    origins: Integers
    goals: Integers
    against: Integers


class _Arcs(NamedTuple):
    start: Integers
    end: Integers
    time_s: Floats


def turn_network(darts: Darts, start: Places, goal: Places) -> TurnNetwork:
    """Join origins and destinations to the darts.

    Every pair of nodes has one arc at most, so the matrix adds up none.
    """
    stands = np.unique(start.junction[start.junction >= 0])
    first = len(darts.ends) + len(stands)
    origins = first + np.arange(len(start.street))
    goals = first + len(origins) + np.arange(len(goal.street))
    against = goals + len(goals)
    moves = _with_stands(darts, stands)
    parts = [
        _Arcs(moves.leave, moves.enter, moves.cost_s + darts.time_s[moves.enter]),
        *_departures(darts, start, stands, origins),
        *_arrivals_in_street(darts, moves, goal, np.array([goals, against])),
        _arrivals_at_junctions(darts, goal, stands, goals),
        _Arcs(against, goals, np.zeros(len(goals))),
    ]
    begin, end, time_s = (np.concatenate(column) for column in zip(*parts, strict=True))
    junctions = [
        darts.ends,
        stands,
        np.where(start.junction < 0, darts.graph.head[start.street], start.junction),
        np.where(goal.junction < 0, darts.graph.tail[goal.street], goal.junction),
        darts.graph.head[goal.street],
    ]
    xy = darts.graph.xy[np.concatenate(junctions)]
    matrix = csr_array((time_s, (begin, end)), shape=(len(xy), len(xy)))
    return TurnNetwork(matrix, xy, origins, goals, against)


def _with_stands(darts: Darts, stands: Integers) -> Turns:
    """Add the ways from a junction on which somebody stands into every dart that begins there."""
    turns, usable = darts.turns, darts.open
    stand, place = meeting(stands, darts.begins[usable])
    return Turns(
        np.concatenate([turns.leave, len(darts.ends) + stand]),
        np.concatenate([turns.enter, usable[place]]),
        np.concatenate([turns.cost_s, np.zeros(len(stand))]),
    )


def _departures(darts: Darts, start: Places, stands: Integers, origins: Integers) -> list[_Arcs]:
    mid = np.flatnonzero(start.junction < 0)
    turned = mid[darts.back[start.street[mid]]]
    standing = np.flatnonzero(start.junction >= 0)
    pace_s = darts.pace_s[start.street]
    ahead_s = (darts.graph.length_m[start.street] - start.offset_m) * pace_s
    behind_s = start.offset_m * pace_s
    stand = len(darts.ends) + np.searchsorted(stands, start.junction[standing])
    return [
        _Arcs(origins[mid], start.street[mid], ahead_s[mid]),
        _Arcs(origins[turned], len(darts.back) + start.street[turned], behind_s[turned]),
        _Arcs(origins[standing], stand, np.zeros(len(standing))),
    ]


def _arrivals_in_street(darts: Darts, moves: Turns, goal: Places, goals: Integers) -> list[_Arcs]:
    mid = np.flatnonzero(goal.junction < 0)
    street, along_m = goal.street[mid], goal.offset_m[mid]
    arcs = []
    for against, way_m in enumerate((along_m, darts.graph.length_m[street] - along_m)):
        row, move = meeting(street + against * len(darts.back), moves.enter)
        time_s = moves.cost_s[move] + way_m[row] * darts.pace_s[street[row]]
        arcs.append(_Arcs(moves.leave[move], goals[against, mid[row]], time_s))
    return arcs


def _arrivals_at_junctions(darts: Darts, goal: Places, stands: Integers, goals: Integers) -> _Arcs:
    usable = darts.open
    nodes = np.concatenate([usable, len(darts.ends) + np.arange(len(stands))])
    ends = np.concatenate([darts.ends[usable], stands])
    standing = np.flatnonzero(goal.junction >= 0)
    row, place = meeting(goal.junction[standing], ends)
    return _Arcs(nodes[place], goals[standing[row]], np.zeros(len(row)))
