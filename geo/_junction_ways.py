"""Shortest ways on foot between chosen junctions of a graph, no longer than a limit."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo.street_graph import StreetGraph

Floats = NDArray[np.float64]
Integers = NDArray[np.signedinteger]

Stretch = tuple[int, float, float]
"""Number of a street, and from where to where on it, in metres from its start."""

_ROWS_AT_ONCE = 512  # of distances to all junctions, so that a city fits into memory


class JunctionWays:
    """Shortest ways between chosen junctions; one-way streets do not bind.

    Parameters
    ----------
    graph
        The streets.
    junctions
        Numbers of the chosen junctions, rising.
    limit_m
        Longest way that is looked for.
    """

    def __init__(self, graph: StreetGraph, junctions: Integers, *, limit_m: float) -> None:
        self._graph, self._junctions, self._limit_m = graph, junctions, limit_m
        self._matrix, self._streets = _network(graph)
        self._before: dict[int, Integers] = {}
        splits = range(_ROWS_AT_ONCE, len(junctions), _ROWS_AT_ONCE)
        rows = [
            dijkstra(self._matrix, indices=part, limit=limit_m)[:, junctions]
            for part in np.split(junctions, splits)
        ]
        # Compiled code is compiled anew for another order in memory.
        self.between_m = np.ascontiguousarray(np.vstack(rows))
        """Lengths in metres, a row and a column for each chosen junction; infinite beyond."""

    def stretches(self, here: tuple[int, float], there: tuple[int, float]) -> list[Stretch]:
        """Give the stretches of street of the shortest way between two places.

        Parameters
        ----------
        here
            Number of a street and metres from its start.
        there
            The same of the place where it ends, within the limit; both streets end at chosen
            junctions.

        Returns
        -------
        stretches
            Street, and from where to where on it, in turn; at least one, and none between of no
            length.
        """
        best_m = abs(there[1] - here[1]) if here[0] == there[0] else np.inf
        best = [(here[0], here[1], there[1])]
        junctions: tuple[int, int] | None = None
        for start, leave_at in self._ends(here[0]):
            for goal, enter_at in self._ends(there[0]):
                way_m = abs(leave_at - here[1]) + self._length_m(start, goal)
                way_m += abs(there[1] - enter_at)
                if way_m < best_m:
                    best_m, junctions = way_m, (start, goal)
                    best = [(here[0], here[1], leave_at), (there[0], enter_at, there[1])]
        if junctions is None:
            return best
        stretches = [best[0], *self._between(*junctions), best[1]]
        moved = [stretch for stretch in stretches if stretch[1] != stretch[2]]
        return moved or best

    def _ends(self, street: int) -> tuple[tuple[int, float], tuple[int, float]]:
        graph = self._graph
        length_m = float(graph.length_m[street])
        return (int(graph.tail[street]), 0.0), (int(graph.head[street]), length_m)

    def _length_m(self, start: int, goal: int) -> float:
        row, column = np.searchsorted(self._junctions, (start, goal))
        return float(self.between_m[row, column])

    def _between(self, start: int, goal: int) -> list[Stretch]:
        if start not in self._before:
            self._before[start] = dijkstra(
                self._matrix, indices=[start], limit=self._limit_m, return_predecessors=True
            )[1][0]
        before, way, node = self._before[start], [], goal
        while node != start:
            street, forward = self._streets[int(before[node]), node]
            length_m = float(self._graph.length_m[street])
            way.append((street, 0.0, length_m) if forward else (street, length_m, 0.0))
            node = int(before[node])
        return way[::-1]


def _network(graph: StreetGraph) -> tuple["csr_array", dict[tuple[int, int], tuple[int, bool]]]:
    """Return the lengths from junction to junction, and by which street they are reached."""
    number = np.arange(len(graph.tail))
    edges = pd.DataFrame(
        {
            "from": np.concatenate([graph.tail, graph.head]),
            "to": np.concatenate([graph.head, graph.tail]),
            "length_m": np.concatenate([graph.length_m, graph.length_m]),
            "street": np.concatenate([number, number]),
            "forward": np.repeat([True, False], len(number)),
        }
    )
    # A sparse matrix would add up parallel streets; only the shortest of them counts.
    edges = edges.sort_values("length_m", kind="stable").drop_duplicates(["from", "to"])
    size = len(graph.xy)
    matrix = csr_array((edges["length_m"], (edges["from"], edges["to"])), shape=(size, size))
    along = edges[["from", "to", "street", "forward"]].itertuples(index=False)
    return matrix, {
        (int(start), int(goal)): (int(street), bool(forward))
        for start, goal, street, forward in along
    }
