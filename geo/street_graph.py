"""Streets as a graph: components, places along streets, travel times and routes.

Distances are shortest paths by Dijkstra's algorithm (scipy.sparse.csgraph) between the ends of
streets, completed along the streets on which a way begins and ends, so that they are exact for any
two places on the network and not only for junctions.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from shapely import LineString
from shapely.ops import substring

from geo._columns import parse_column
from geo._contract import ONEWAY
from geo.errors import LayerError, NotFoundError, ParameterError

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True)
class StreetGraph:
    """Streets that meet at shared end points.

    Attributes
    ----------
    xy
        Coordinates of the junctions, shape (junctions, 2), in the unit of the streets' CRS.
    tail
        Junction at which each street begins, shape (streets,).
    head
        Junction at which each street ends, shape (streets,).
    length_m
        Length of each street in metres.
    oneway
        Whether vehicles may only go from tail to head.
    lines
        Geometry of the streets, labelled as the streets are.
    """

    xy: Floats
    tail: Integers
    head: Integers
    length_m: Floats
    oneway: NDArray[np.bool_]
    lines: gpd.GeoSeries

    @classmethod
    def from_streets(cls, streets: gpd.GeoDataFrame) -> Self:
        """Build the graph of streets that meet at exactly equal end points.

        Parameters
        ----------
        streets
            LineStrings in a metric CRS, with a column `oneway` where directions are known: flags
            as the streets layer holds them; a street without one is open both ways.

        Returns
        -------
        graph
            Graph with the streets in the order of the frame.

        Raises
        ------
        LayerError
            A value of `oneway` is no flag; names every such row.
        """
        lines = streets.geometry
        starts = shapely.get_coordinates(shapely.get_point(lines.array, 0))
        ends = shapely.get_coordinates(shapely.get_point(lines.array, -1))
        xy, node = np.unique(np.vstack([starts, ends]), axis=0, return_inverse=True)
        node = node.reshape(2, len(lines))
        return cls(xy, node[0], node[1], lines.length.to_numpy(), _oneway(streets), lines)

    def components(self) -> "pd.Series[int]":
        """Tell which connected piece of the graph each street belongs to, on foot.

        Returns
        -------
        piece
            Number of each street's piece, 0 for the longest, labelled as the streets are.
        """
        _, of_node = connected_components(self._networks[False].matrix, directed=False)
        of_street = of_node[self.tail]
        length = np.bincount(of_street, weights=self.length_m, minlength=len(self.xy))
        rank = np.empty(len(length), dtype=np.intp)
        rank[np.argsort(-length, kind="stable")] = np.arange(len(length))
        return pd.Series(rank[of_street], index=self.lines.index, name="piece")

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.lines.array)

    def snap(self, points: gpd.GeoSeries) -> pd.DataFrame:
        """Find the nearest place on the network for each point.

        Parameters
        ----------
        points
            Points in the streets' CRS.

        Returns
        -------
        places
            Labelled as the points are: `street` (label), `offset_m` from its start, `fraction` of
            its length, `distance_m` between point and street.

        Raises
        ------
        ParameterError
            A point is missing, empty or without finite coordinates, or there is no street to snap
            to.
        """
        _refuse_unplaced(points)
        if not len(self.lines):
            raise ParameterError("Expected at least one street to snap to, got none.")
        nearest = self._tree.query_nearest(points.array, all_matches=False)[1]
        line = np.asarray(self.lines.array)[nearest]
        point = np.asarray(points.array)
        offset = shapely.line_locate_point(line, point)
        return pd.DataFrame(
            {
                "street": self.lines.index.to_numpy()[nearest],
                "offset_m": offset,
                "fraction": offset / self.length_m[nearest],
                "distance_m": shapely.distance(line, point),
            },
            index=points.index,
        )

    def travel_times(
        self,
        origins: pd.DataFrame,
        destinations: pd.DataFrame,
        *,
        speed_mps: float,
        respect_oneway: bool = False,
    ) -> Floats:
        """Shortest travel times along the streets.

        Parameters
        ----------
        origins
            Places with `street` and `offset_m`, as `snap` gives them.
        destinations
            Places with `street` and `offset_m`.
        speed_mps
            Speed in metres a second, > 0.
        respect_oneway
            Whether one-way streets bind, as they do vehicles; on foot they do not.

        Returns
        -------
        time_s
            Seconds, shape (origins, destinations), infinite where there is no way.

        Raises
        ------
        ParameterError
            The speed is not positive.
        """
        if not (np.isfinite(speed_mps) and speed_mps > 0):
            raise ParameterError(f"Expected `speed_mps` > 0, got {speed_mps}.")
        start, goal = self._located(origins), self._located(destinations)
        leave_m = self._to_ends(start, inbound=False, respect_oneway=respect_oneway)
        enter_m = self._to_ends(goal, inbound=True, respect_oneway=respect_oneway)
        nodes, row = np.unique(self._ends(start), return_inverse=True)
        row = row.reshape(2, -1)
        between = dijkstra(self._networks[respect_oneway].matrix, indices=nodes)
        best = self._within_street(start, goal, respect_oneway=respect_oneway)
        for out in range(2):
            for into in range(2):
                way = between[np.ix_(row[out], self._ends(goal)[into])]
                np.minimum(best, leave_m[out][:, None] + way + enter_m[into], out=best)
        return np.asarray(best / speed_mps)

    def route(
        self, origin: pd.Series, destination: pd.Series, *, respect_oneway: bool = False
    ) -> LineString:
        """Find the shortest way along the streets between two places.

        Parameters
        ----------
        origin
            Place with `street` and `offset_m`: a row of what `snap` gives.
        destination
            Place with `street` and `offset_m`.
        respect_oneway
            Whether one-way streets bind, as they do vehicles; on foot they do not.

        Returns
        -------
        way
            Line from origin to destination; two equal points where they coincide.

        Raises
        ------
        NotFoundError
            No way leads from origin to destination.
        """
        start, goal = self._located(origin.to_frame().T), self._located(destination.to_frame().T)
        leave_m = self._to_ends(start, inbound=False, respect_oneway=respect_oneway)[:, 0]
        enter_m = self._to_ends(goal, inbound=True, respect_oneway=respect_oneway)[:, 0]
        between, before = dijkstra(
            self._networks[respect_oneway].matrix,
            indices=self._ends(start)[:, 0],
            return_predecessors=True,
        )
        goal_ends = self._ends(goal)[:, 0]
        total = leave_m[:, None] + between[:, goal_ends] + enter_m
        within = float(self._within_street(start, goal, respect_oneway=respect_oneway)[0, 0])
        if not np.isfinite(min(within, total.min())):
            raise NotFoundError(f"No way leads from {origin['street']} to {destination['street']}.")
        if within <= total.min():
            return self._piece(start.street[0], start.offset_m[0], goal.offset_m[0])
        out, into = np.unravel_index(int(total.argmin()), total.shape)
        leave_at = 0.0 if out == 0 else self.length_m[start.street[0]]
        enter_at = 0.0 if into == 0 else self.length_m[goal.street[0]]
        pieces = [self._piece(start.street[0], start.offset_m[0], leave_at)]
        pieces += self._pieces_between(before[out], goal_ends[into], respect_oneway=respect_oneway)
        pieces.append(self._piece(goal.street[0], enter_at, goal.offset_m[0]))
        return _joined(pieces)

    def _located(self, places: pd.DataFrame) -> "_Places":
        street = self.lines.index.get_indexer(pd.Index(places["street"]))
        if (street < 0).any():
            unknown = sorted(set(places["street"][street < 0].astype(str)))
            raise NotFoundError(f"Expected streets of the graph, got {', '.join(unknown)}.")
        offset_m = places["offset_m"].to_numpy(dtype=np.float64)
        return _Places(street, np.clip(offset_m, 0.0, self.length_m[street]))

    def _ends(self, places: "_Places") -> Integers:
        return np.vstack([self.tail[places.street], self.head[places.street]])

    def _to_ends(self, places: "_Places", *, inbound: bool, respect_oneway: bool) -> Floats:
        cost = np.vstack([places.offset_m, self.length_m[places.street] - places.offset_m])
        if respect_oneway:
            against = 1 if inbound else 0
            barred = self.oneway[places.street] & (cost[against] > 0)
            cost[against, barred] = np.inf
        return cost

    def _within_street(self, start: "_Places", goal: "_Places", *, respect_oneway: bool) -> Floats:
        ahead = goal.offset_m[None, :] - start.offset_m[:, None]
        passable = start.street[:, None] == goal.street[None, :]
        if respect_oneway:
            passable &= (ahead >= 0) | ~self.oneway[start.street][:, None]
        return np.where(passable, np.abs(ahead), np.inf)

    @cached_property
    def _networks(self) -> tuple["_Network", "_Network"]:
        """The graph on foot and, where one-way streets bind, for vehicles."""
        return self._network(np.ones(len(self.tail), dtype=bool)), self._network(~self.oneway)

    def _network(self, both_ways: NDArray[np.bool_]) -> "_Network":
        number = np.arange(len(self.tail))
        edges = pd.DataFrame(
            {
                "from": np.concatenate([self.tail, self.head[both_ways]]),
                "to": np.concatenate([self.head, self.tail[both_ways]]),
                "length_m": np.concatenate([self.length_m, self.length_m[both_ways]]),
                "street": np.concatenate([number, number[both_ways]]),
                "forward": np.arange(len(number) + both_ways.sum()) < len(number),
            }
        )
        # csr_array would add up parallel streets; only the shortest of them counts.
        edges = edges.sort_values("length_m", kind="stable").drop_duplicates(["from", "to"])
        size = len(self.xy)
        matrix = csr_array((edges["length_m"], (edges["from"], edges["to"])), shape=(size, size))
        along = edges[["from", "to", "street", "forward"]].itertuples(index=False)
        streets = {
            (int(start), int(end)): (int(street), bool(forward))
            for start, end, street, forward in along
        }
        return _Network(matrix, streets)

    def _pieces_between(
        self, before: Integers, goal: int, *, respect_oneway: bool
    ) -> list[LineString]:
        streets = self._networks[respect_oneway].streets
        pieces: list[LineString] = []
        node = goal
        while before[node] >= 0:
            street, forward = streets[before[node], node]
            ends = (0.0, self.length_m[street]) if forward else (self.length_m[street], 0.0)
            pieces.append(self._piece(street, *ends))
            node = before[node]
        return pieces[::-1]

    def _piece(self, street: int, from_m: float, to_m: float) -> LineString:
        piece = substring(self.lines.iloc[street], from_m, to_m)
        return piece if isinstance(piece, LineString) else LineString([piece, piece])


class _Network(NamedTuple):
    matrix: "csr_array"
    streets: dict[tuple[int, int], tuple[int, bool]]


@dataclass(frozen=True)
class _Places:
    street: Integers
    offset_m: Floats


def _oneway(streets: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return whether each street is one-way, by the rule of the streets layer."""
    if "oneway" not in streets:
        return np.zeros(len(streets), dtype=bool)
    rows = range(1, len(streets) + 1)
    flags, faults = parse_column(streets["oneway"], ONEWAY, source="streets", rows=rows)
    if faults:
        raise LayerError(faults)
    return np.array(flags, dtype=bool)


def _refuse_unplaced(points: gpd.GeoSeries) -> None:
    """Make sure that every point is one and has a place."""
    shapes = np.asarray(points.array)
    placed = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    placed &= np.isfinite(shapely.bounds(shapes)).all(axis=1)
    unplaced = np.flatnonzero(~placed)
    if unplaced.size:
        found = f"{shapes[unplaced[0]]} at {points.index[unplaced[0]]!r}"
        more = f" and {unplaced.size - 1} more" if unplaced.size > 1 else ""
        raise ParameterError(
            f"Expected `points` with finite coordinates, none missing or empty, got {found}{more}."
        )


def _joined(pieces: list[LineString]) -> LineString:
    xy = np.vstack([shapely.get_coordinates(piece) for piece in pieces])
    moved = np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1))
    kept = xy[moved]
    return LineString(kept if len(kept) > 1 else np.vstack([kept, kept]))
