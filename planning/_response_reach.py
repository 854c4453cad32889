"""When whoever comes first could begin to go along each street, from wherever units are.

A dart is a street in one direction. Units that may use the same streets at the same pace set off
together: all of one instant leave from one more node of the graph of turns (`geo.turn_graph`), so
that one run of Dijkstra's algorithm an instant finds the first at the beginning of every dart.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo.turn_graph import TurnGraph
from geo.turns import meeting

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# This near its end a place on a street is on the junction.
_AT_END_M = 1e-6
# Times held at once while darts are reached, 64 MB.
_MOST_CELLS = 2**23


class Setting:
    """Units of one pace on the streets they may use, at several instants.

    Parameters
    ----------
    network
        The streets and turns.
    street
        Number of the network's street on which each unit is.
    offset_m
        Where on it.
    instant
        Number of the instant at which it is there, from 0.
    count
        Number of instants.
    """

    def __init__(
        self,
        network: TurnGraph,
        street: Integers,
        offset_m: Floats,
        instant: Integers,
        count: int,
    ) -> None:
        self._network = network
        self._street = street
        self._offset_m = offset_m
        self._instant = instant
        self._count = count
        self._streets = len(network.pace_s)

    def begins(self) -> tuple[Floats, Floats]:
        """Return when the first is at the start and at the end of each street, to go along it.

        Returns
        -------
        from_start_s
            Seconds after each instant, shape (instants, streets), infinite where none may.
        from_end_s
            The same for going from the end to the start.
        """
        leave, enter, time_s = self._arcs()
        size = 2 * self._streets + self._count
        order = np.lexsort((time_s, enter, leave))
        leave, enter, time_s = leave[order], enter[order], time_s[order]
        first = np.append(True, (np.diff(leave) != 0) | (np.diff(enter) != 0))[: len(leave)]
        matrix = csr_array((time_s[first], (leave[first], enter[first])), shape=(size, size))
        found = np.empty((self._count, 2 * self._streets))
        rows = max(1, _MOST_CELLS // size)
        for begin in range(0, self._count, rows):
            some = np.arange(begin, min(begin + rows, self._count))
            reached = dijkstra(matrix, indices=2 * self._streets + some)
            found[some] = reached[:, : 2 * self._streets]
        return found[:, : self._streets], found[:, self._streets :]

    def _arcs(self) -> tuple[Integers, Integers, Floats]:
        """Return all arcs: from dart to dart, and from each instant into the first darts."""
        network, turns = self._network, self._network.turns
        dart_s = np.tile(network.graph.length_m * network.pace_s, 2)
        source = 2 * self._streets + self._instant
        leave, enter = [turns.leave], [turns.enter]
        time_s = [dart_s[turns.leave] + turns.cost_s]
        for dart, left_m, usable in self._onward():
            unit, turn = meeting(dart, turns.leave)
            kept = usable[unit]
            unit, turn = unit[kept], turn[kept]
            leave.append(source[unit])
            enter.append(turns.enter[turn])
            rest_s = left_m[unit] * network.pace_s[self._street[unit]]
            time_s.append(rest_s + turns.cost_s[turn])
        unit, dart = self._at_junctions()
        leave.append(source[unit])
        enter.append(dart)
        time_s.append(np.zeros(len(dart)))
        return np.concatenate(leave), np.concatenate(enter), np.concatenate(time_s)

    def _onward(self) -> list[tuple[Integers, Floats, NDArray[np.bool_]]]:
        """Return for both directions the dart of each unit, what is left of it, and if it may."""
        length_m = self._network.graph.length_m[self._street]
        both = np.ones(len(self._street), dtype=np.bool_)
        return [
            (self._street, length_m - self._offset_m, both),
            (self._street + self._streets, self._offset_m, self._network.back[self._street]),
        ]

    def _at_junctions(self) -> tuple[Integers, Integers]:
        """Pair units on a junction with the darts that begin there."""
        graph = self._network.graph
        usable = np.append(np.arange(self._streets), self._streets + self._back())
        begin = np.concatenate([graph.tail, graph.head])[usable]
        length_m = graph.length_m[self._street]
        ends = (
            (self._offset_m <= _AT_END_M, graph.tail),
            (self._offset_m >= length_m - _AT_END_M, graph.head),
        )
        units, darts = [], []
        for at_end, node in ends:
            number = np.flatnonzero(at_end)
            unit, dart = meeting(node[self._street[number]], begin)
            units.append(number[unit])
            darts.append(usable[dart])
        return np.concatenate(units), np.concatenate(darts)

    def _back(self) -> Integers:
        return np.flatnonzero(self._network.back)
