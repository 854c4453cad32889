"""Streets as a graph whose states are directed streets, so that turns can cost or be forbidden.

A shortest path between junctions does not know from where it came: it can neither forbid a turn
nor charge for it. Here a state is a street in one direction, a dart, at the end of which the
traveller decides, and an arc is a permitted turn into the next dart (Geisberger and Vetter 2011,
"Efficient routing in road networks with turn costs", SEA, LNCS 6630, 100-111).

Ways begin and end anywhere along a street, exactly: who starts in mid-street may leave in either
direction that is open. A place at the very end of a street stands on the junction: from there every
street that begins may be entered, and it is reached by every street that ends, without a turn.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra
from shapely import LineString
from shapely.ops import substring

from geo._turn_network import Darts, Places, TurnNetwork, turn_network
from geo.errors import NotFoundError, ParameterError
from geo.street_graph import StreetGraph
from geo.turns import TurnCosts, Turns, forbidden_darts, permitted_turns

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_AT_END_M = 1e-6
# A way that is as long as it is known to be must not be missed for want of the last digit.
_SLACK = 1e-9
# Beyond so many distances, 64 MB, eliminating nodes once is quicker than a search from each origin.
_MANY_CELLS = 2**23


@dataclass(frozen=True)
class TurnGraph:
    """Directed streets and the turns between them.

    Attributes
    ----------
    graph
        The streets that may be used and their junctions; its `snap` places points on them.
    pace_s
        Seconds that a metre of each street takes, shape (streets,).
    back
        Whether each street may be used from its end to its start, shape (streets,).
    turns
        The turns that may be made.
    """

    graph: StreetGraph
    pace_s: Floats
    back: NDArray[np.bool_]
    turns: Turns

    @classmethod
    def from_streets(
        cls,
        streets: gpd.GeoDataFrame,
        *,
        speed_mps: float | Floats,
        respect_oneway: bool = True,
        turns: TurnCosts | None = None,
        forbidden: pd.DataFrame | None = None,
    ) -> Self:
        """
        Build the graph of streets that meet at exactly equal end points.

        Parameters
        ----------
        streets
            Streets that may be used, as `StreetGraph.from_streets` takes them; with
            `start_junction` and `end_junction` where turns are forbidden.
        speed_mps
            Speed in metres a second, > 0: one for all streets, or one a street.
        respect_oneway
            Whether one-way streets bind, as they do vehicles; on foot they do not.
        turns
            What turning takes; nothing where none.
        forbidden
            Turns that may not be made: `from_street` and `to_street` (labels of streets) and the
            `junction`, as the streets name it. A turn from or into a street that is not among the
            streets cannot be made anyway; `check_forbidden_turns` finds turns that are none.

        Returns
        -------
        graph
            Graph with the streets in the order of the frame.

        Raises
        ------
        LayerError
            A value of `oneway` is no flag; names every such row.
        ParameterError
            A speed is not positive.
        """
        speed = np.broadcast_to(np.asarray(speed_mps, dtype=np.float64), len(streets))
        wrong = speed[~(np.isfinite(speed) & (speed > 0))]
        if wrong.size:
            raise ParameterError(f"Expected `speed_mps` > 0, got {wrong[0]}.")
        graph = StreetGraph.from_streets(streets)
        back = ~graph.oneway if respect_oneway else np.ones(len(streets), dtype=bool)
        banned = forbidden_darts(streets, forbidden)
        made = permitted_turns(graph, back, turns or TurnCosts(), banned)
        return cls(graph, 1.0 / speed, back, made)

    def travel_times(self, origins: pd.DataFrame, destinations: pd.DataFrame) -> Floats:
        """
        Shortest travel times along the streets, turns included.

        Parameters
        ----------
        origins
            Places with `street` and `offset_m`, as `StreetGraph.snap` gives them.
        destinations
            Places with `street` and `offset_m`.

        Returns
        -------
        time_s
            Seconds, shape (origins, destinations), infinite where there is no way.

        Raises
        ------
        NotFoundError
            A street of the places is none of the graph's.
        """
        start, goal = self._located(origins), self._located(destinations)
        best = self._along_street(start, goal)
        network = turn_network(self._darts, start, goal)
        return np.minimum(best, _between(network), out=best)

    def passes(
        self,
        origins: pd.DataFrame,
        destinations: pd.DataFrame,
        *,
        within_s: Floats | None = None,
    ) -> pd.DataFrame:
        """
        Find the quickest way from each origin to the destination of the same row.

        Parameters
        ----------
        origins
            Places with `street` and `offset_m`.
        destinations
            As many places with `street` and `offset_m`.
        within_s
            Travel time of each way where it is known, so that no search goes farther.

        Returns
        -------
        passes
            The pieces of street in the order of the ways: `way` (row of the origin), `street`
            (label), `from_m` and `to_m` from the start of the street. A way to where one stands is
            a piece without length.

        Raises
        ------
        NotFoundError
            There is no way, or a street of the places is none of the graph's.
        """
        start, goal = self._located(origins), self._located(destinations)
        network = turn_network(self._darts, start, goal)
        longest_s = np.full(len(start.street), np.inf) if within_s is None else within_s
        pieces: list[_Pass] = []
        for row in range(len(start.street)):
            ends = start.only(row), goal.only(row)
            pieces += self._way(row, *ends, network, limit_s=longest_s[row])
        frame = pd.DataFrame(pieces, columns=list(_Pass._fields))
        return frame.assign(street=self.graph.lines.index[frame["street"].astype(np.intp)])

    def routes(
        self,
        origins: pd.DataFrame,
        destinations: pd.DataFrame,
        *,
        within_s: Floats | None = None,
    ) -> list[LineString]:
        """
        Find the line of the quickest way from each origin to the destination of the same row.

        Parameters
        ----------
        origins
            Places with `street` and `offset_m`.
        destinations
            As many places with `street` and `offset_m`.
        within_s
            Travel time of each way where it is known, so that no search goes farther.

        Returns
        -------
        routes
            Lines from origin to destination; two equal points where they coincide.

        Raises
        ------
        NotFoundError
            There is no way, or a street of the places is none of the graph's.
        """
        passes = self.passes(origins, destinations, within_s=within_s)
        lines = self.graph.lines.reindex(passes["street"]).array
        pieces = [
            shapely.get_coordinates(substring(line, from_m, to_m))
            for line, from_m, to_m in zip(lines, passes["from_m"], passes["to_m"], strict=True)
        ]
        begins = np.searchsorted(passes["way"], np.arange(len(origins) + 1))
        return [_joined(pieces[first:last]) for first, last in pairwise(begins)]

    def _located(self, places: pd.DataFrame) -> Places:
        street = self.graph.lines.index.get_indexer(pd.Index(places["street"]))
        if (street < 0).any():
            unknown = sorted(set(places["street"][street < 0].astype(str)))
            raise NotFoundError(f"Expected streets of the graph, got {', '.join(unknown)}.")
        length_m = self.graph.length_m[street]
        offset_m = np.clip(places["offset_m"].to_numpy(dtype=np.float64), 0.0, length_m)
        at_start, at_end = offset_m <= _AT_END_M, offset_m >= length_m - _AT_END_M
        junction = np.select(
            [at_start, at_end], [self.graph.tail[street], self.graph.head[street]], -1
        )
        return Places(street, np.select([at_start, at_end], [0.0, length_m], offset_m), junction)

    @cached_property
    def _darts(self) -> Darts:
        return Darts(self.graph, self.pace_s, self.back, self.turns)

    def _along_street(self, start: Places, goal: Places) -> Floats:
        """Return how long the way takes that never leaves the street, infinite where none."""
        ahead_m = goal.offset_m[None, :] - start.offset_m[:, None]
        usable = start.street[:, None] == goal.street[None, :]
        usable &= (ahead_m >= 0) | self.back[start.street][:, None]
        pace_s = self.pace_s[start.street]
        return np.where(usable, np.abs(ahead_m) * pace_s[:, None], np.inf)

    def _way(
        self, row: int, here: Places, there: Places, network: TurnNetwork, *, limit_s: float
    ) -> list["_Pass"]:
        """Return the pieces of the quickest way between two places."""
        reach_s, before = dijkstra(
            network.matrix,
            indices=[network.origins[row]],
            return_predecessors=True,
            limit=limit_s * (1 + _SLACK) + _SLACK,
        )
        goal = network.goals[row]
        along_s, through_s = self._along_street(here, there)[0, 0], reach_s[0, goal]
        if not np.isfinite(min(along_s, through_s)):
            labels = self.graph.lines.index[[here.street[0], there.street[0]]]
            raise NotFoundError(f"No way leads from {labels[0]} to {labels[1]}.")
        street, begin_m, end_m = there.street[0], here.offset_m[0], there.offset_m[0]
        if along_s <= through_s:
            return [_Pass(row, street, begin_m, end_m)]
        pieces = [self._whole(row, dart) for dart in self._darts_before(before[0], goal)]
        if here.junction[0] < 0:
            pieces[0] = pieces[0]._replace(from_m=begin_m)
        if there.junction[0] < 0:
            against = before[0, goal] == network.against[row]
            enter_m = self.graph.length_m[street] if against else 0.0
            pieces.append(_Pass(row, street, enter_m, end_m))
        return pieces or [_Pass(row, street, end_m, end_m)]

    def _darts_before(self, before: Integers, node: int) -> list[int]:
        """Return the darts on the way to a node, in order."""
        nodes = []
        while (node := int(before[node])) >= 0:
            nodes.append(node)
        return [node for node in reversed(nodes) if node < 2 * len(self.back)]

    def _whole(self, row: int, dart: int) -> "_Pass":
        against, street = divmod(dart, len(self.back))
        length_m = self.graph.length_m[street]
        return _Pass(row, street, *((length_m, 0.0) if against else (0.0, length_m)))


class _Pass(NamedTuple):
    way: int
    street: int
    from_m: float
    to_m: float


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
