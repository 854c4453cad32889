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
from typing import Self

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo._turn_network import Darts, Places
from geo.errors import NotFoundError, ParameterError
from geo.street_graph import StreetGraph
from geo.turn_ways import TurnWays
from geo.turns import TurnCosts, Turns, forbidden_darts, permitted_turns

Floats = NDArray[np.float64]

_AT_END_M = 1e-6


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
        """Build the graph of streets that meet at exactly equal end points.

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
        """Shortest travel times along the streets, turns included.

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
        return self.between(origins, destinations).times_s()

    def between(self, origins: pd.DataFrame, destinations: pd.DataFrame) -> TurnWays:
        """Make ready to look for ways between some places again and again.

        Parameters
        ----------
        origins
            Places with `street` and `offset_m`, as `StreetGraph.snap` gives them.
        destinations
            Places with `street` and `offset_m`.

        Returns
        -------
        ways
            Ways between them, their places numbered by row.

        Raises
        ------
        NotFoundError
            A street of the places is none of the graph's.
        """
        darts = Darts(self.graph, self.pace_s, self.back, self.turns)
        return TurnWays(darts, self._located(origins), self._located(destinations))

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
