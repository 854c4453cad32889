"""The quickest ways between given places, along streets on which turns cost or are forbidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra
from shapely import LineString
from shapely.ops import substring

from geo._turn_network import Darts, Places, TurnNetwork, turn_network
from geo.errors import NotFoundError
from geo.turns import meeting

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# A way that is as long as it is known to be must not be missed for want of the last digit.
_SLACK = 1e-9
# Beyond so many distances, 64 MB, eliminating nodes once is quicker than a search from each origin.
_MANY_CELLS = 2**23


@dataclass(frozen=True)
class TurnWays:
    """Ways from some places to others; `TurnGraph.between` makes them.

    Attributes
    ----------
    darts
        The streets in both directions, and the turns between them.
    start
        Places to begin at.
    goal
        Places to end at.
    """

    darts: Darts
    start: Places
    goal: Places

    @cached_property
    def _network(self) -> TurnNetwork:
        return turn_network(self.darts, self.start, self.goal)

    def times_s(self) -> Floats:
        """Return the shortest travel times, turns included.

        Returns
        -------
        time_s
            Seconds, shape (origins, destinations), infinite where there is no way.
        """
        time_s = _between(self._network)
        here, there = meeting(self.start.street, self.goal.street)
        along_s = _along_street(self.darts, self.start.only(here), self.goal.only(there))
        time_s[here, there] = np.minimum(time_s[here, there], along_s)
        return time_s

    def passes(
        self,
        origins: Sequence[int],
        destinations: Sequence[int],
        *,
        within_s: Floats | None = None,
    ) -> pd.DataFrame:
        """Find the quickest way from each of some origins to the destination beside it.

        Parameters
        ----------
        origins
            Numbers of the origins.
        destinations
            As many numbers of destinations.
        within_s
            Travel time of each way where it is known, so that no search goes farther.

        Returns
        -------
        passes
            The pieces of street in the order of the ways: `way` (from 0), `street` (label),
            `from_m` and `to_m` from the start of the street. A way to where one stands is a piece
            without length.

        Raises
        ------
        NotFoundError
            There is no way; names the streets of the first pair that has none.
        """
        longest_s = np.full(len(origins), np.inf) if within_s is None else within_s
        pieces: list[tuple[int, int, float, float]] = []
        for way, (origin, goal) in enumerate(zip(origins, destinations, strict=True)):
            found = self._way(int(origin), int(goal), limit_s=float(longest_s[way]))
            pieces += [(way, *piece) for piece in found]
        frame = pd.DataFrame(pieces, columns=["way", *_Pass._fields])
        return frame.assign(street=self.darts.graph.lines.index[frame["street"].astype(np.intp)])

    def routes(
        self,
        origins: Sequence[int],
        destinations: Sequence[int],
        *,
        within_s: Floats | None = None,
    ) -> list[LineString]:
        """Find the line of the quickest way from each of some origins to the destination beside it.

        Parameters
        ----------
        origins
            Numbers of the origins.
        destinations
            As many numbers of destinations.
        within_s
            Travel time of each way where it is known, so that no search goes farther.

        Returns
        -------
        routes
            Lines from origin to destination; two equal points where they coincide.

        Raises
        ------
        NotFoundError
            There is no way; names the streets of the first pair that has none.
        """
        passes = self.passes(origins, destinations, within_s=within_s)
        number = self.darts.graph.lines.index.get_indexer(pd.Index(passes["street"]))
        pieces = self._pieces(
            number, *(passes[name].to_numpy(np.float64) for name in ("from_m", "to_m"))
        )
        begins = np.searchsorted(passes["way"], np.arange(len(origins) + 1))
        return [_joined(pieces[first:last]) for first, last in pairwise(begins)]

    def _pieces(self, street: Integers, from_m: Floats, to_m: Floats) -> list[Floats]:
        """Return the coordinates of pieces of streets; whole streets need not be cut."""
        lines = np.asarray(self.darts.graph.lines.array)[street]
        length_m = self.darts.graph.length_m[street]
        whole = (np.minimum(from_m, to_m) == 0) & (np.maximum(from_m, to_m) == length_m)
        xy, line = shapely.get_coordinates(lines, return_index=True)
        pieces = np.split(xy, np.searchsorted(line, np.arange(1, len(lines))))
        for number in np.flatnonzero(whole & (from_m > to_m)).tolist():
            pieces[number] = pieces[number][::-1]
        for number in np.flatnonzero(~whole).tolist():
            part = substring(lines[number], from_m[number], to_m[number])
            pieces[number] = shapely.get_coordinates(part)
        return pieces

    def _way(self, origin: int, goal: int, *, limit_s: float) -> list["_Pass"]:
        """Return the pieces of the quickest way between two places."""
        network = self._network
        reach_s, before = dijkstra(
            network.matrix,
            indices=[network.origins[origin]],
            return_predecessors=True,
            limit=limit_s * (1 + _SLACK) + _SLACK,
        )
        here, there = self.start.only([origin]), self.goal.only([goal])
        along_s = float(_along_street(self.darts, here, there)[0])
        through_s = float(reach_s[0, network.goals[goal]])
        street, begin_m, end_m = (
            int(there.street[0]),
            float(here.offset_m[0]),
            float(there.offset_m[0]),
        )
        if not np.isfinite(min(along_s, through_s)):
            labels = self.darts.graph.lines.index[[here.street[0], street]]
            raise NotFoundError(f"No way leads from {labels[0]} to {labels[1]}.")
        if along_s <= through_s:
            return [_Pass(street, begin_m, end_m)]
        nodes = _nodes_before(before[0], int(network.goals[goal]))
        pieces = [self._whole(node) for node in nodes if node < len(self.darts.ends)]
        if here.junction[0] < 0:
            pieces[0] = pieces[0]._replace(from_m=begin_m)
        if there.junction[0] < 0:
            against = nodes[-1] == network.against[goal]
            enter_m = float(self.darts.graph.length_m[street]) if against else 0.0
            pieces.append(_Pass(street, enter_m, end_m))
        return pieces or [_Pass(street, end_m, end_m)]

    def _whole(self, dart: int) -> "_Pass":
        against, street = divmod(dart, len(self.darts.back))
        length_m = float(self.darts.graph.length_m[street])
        return _Pass(street, *((length_m, 0.0) if against else (0.0, length_m)))


class _Pass(NamedTuple):
    street: int
    from_m: float
    to_m: float


def _along_street(darts: Darts, start: Places, goal: Places) -> Floats:
    """Return how long the way from each place to that beside it takes that never leaves the street.

    Infinite where there is none.
    """
    ahead_m = goal.offset_m - start.offset_m
    usable = (start.street == goal.street) & ((ahead_m >= 0) | darts.back[start.street])
    return np.where(usable, np.abs(ahead_m) * darts.pace_s[start.street], np.inf)


def _nodes_before(before: Integers, node: int) -> list[int]:
    """Return the nodes on the way to a node, in order."""
    nodes = []
    while (node := int(before[node])) >= 0:
        nodes.append(node)
    return nodes[::-1]


def _between(network: TurnNetwork) -> Floats:
    """Return the times from all origins to all destinations of a network."""
    if len(network.origins) * len(network.xy) > _MANY_CELLS:
        from geo._elimination import distances  # noqa: PLC0415  # numba is slow to import

        return distances(network.matrix, network.xy, network.origins, network.goals)
    reach_s = dijkstra(network.matrix, indices=network.origins)
    return np.asarray(reach_s[:, network.goals])


def _joined(pieces: list[Floats]) -> LineString:
    """Return the line through some pieces, two equal points where they are one."""
    xy = np.vstack(pieces)
    kept = xy[np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1))]
    return LineString(kept if len(kept) > 1 else xy[[0, 0]])
