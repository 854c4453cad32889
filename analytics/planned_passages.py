"""Where a plan has its units when: their tours as passages along streets, and stays at stops."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.ops import substring

from analytics.passages import passages_frame, stretches_of
from geo.errors import Fault, LayerError
from geo.street_graph import StreetGraph

_ON_TOUR_M = 0.5  # farthest that the place of a stop on a tour is from it
_SAME_M = 0.01  # ways that differ by less come equally near
_TIMED_S = 60.0  # legs shorter than this tell no pace


def planned_passages(
    graph: StreetGraph,
    tours: gpd.GeoDataFrame,
    stops: gpd.GeoDataFrame,
    *,
    reach_m: float = 150.0,
) -> pd.DataFrame:
    """Tell who is to be on which street when.

    A unit moves from stop to stop along its tour at the pace of its fastest leg; what time that
    leaves it waits where the leg ends. Where its mode may not go, it stops where its tour comes
    nearest: a motorcycle at the mouth of a footway.

    Parameters
    ----------
    graph
        The streets that the plan was made for.
    tours
        LineStrings along the streets: unit, starts_at, ends_at, as `PatrolPlan.tours_layer`
        returns them.
    stops
        Points in the CRS of the streets: unit, order, arrives_at, leaves_at, as
        `PatrolPlan.stops_layer` returns them.
    reach_m
        Farthest in metres that a stop may be from its tour, as `PatrolParams.snap_limit_m`.

    Returns
    -------
    passages
        Rows of unit, street, from_m, to_m, starts_at, ends_at, in the order of the tours.

    Raises
    ------
    LayerError
        A stop is not on the tour of its unit, or times fall along a tour; names every one.
    """
    by_order = stops.sort_values("order", kind="stable")
    read = [
        _Tour.of(
            graph,
            tour,
            tour[tours.geometry.name],
            by_order[by_order["unit"].eq(tour["unit"])],
            reach_m,
        )
        for tour in tours.to_dict("records")
    ]
    faults = [fault for tour in read for fault in tour.faults()]
    if faults:
        raise LayerError(faults)
    return passages_frame([(tour.unit, *row) for tour in read for row in tour.passages(graph)])


class _Tour(NamedTuple):
    """A tour cut at its stops.

    `places` are street and offset_m of each stop and of the end; `along_m` is where along the line
    they are, no number where it does not lead there; `leaves_at` and `arrives_at` are the times of
    each leg.
    """

    unit: str
    line: LineString
    places: list[tuple[object, float]]
    along_m: list[float]
    leaves_at: list[pd.Timestamp]
    arrives_at: list[pd.Timestamp]

    @classmethod
    def of(
        cls,
        graph: StreetGraph,
        tour: Mapping[Hashable, Any],
        line: LineString,
        stops: gpd.GeoDataFrame,
        reach_m: float,
    ) -> "_Tour":
        on_streets = _on_streets(graph, stops.geometry)
        along_m = _along(line, on_streets, reach_m)
        off = np.isfinite(along_m) & (shapely.distance(on_streets, line) > _ON_TOUR_M)
        stands = np.where(off, shapely.line_interpolate_point(line, along_m), on_streets)
        end = shapely.get_point(line, -1)
        places = graph.snap(gpd.GeoSeries([*stands, end], crs=graph.lines.crs))
        return cls(
            str(tour["unit"]),
            line,
            list(zip(places["street"], places["offset_m"], strict=True)),
            [*along_m, line.length],
            [tour["starts_at"], *stops["leaves_at"]],
            [*stops["arrives_at"], tour["ends_at"]],
        )

    def faults(self) -> list[Fault]:
        source = f"plan, tour of {self.unit}"
        faults = [
            Fault(source, "a stop on the tour", "one elsewhere", row=row)
            for row, place_m in enumerate(self.along_m, 1)
            if np.isnan(place_m)
        ]
        pairs = zip(self.leaves_at, self.arrives_at, strict=True)
        times = pd.Series([instant for pair in pairs for instant in pair])
        if times.isna().any() or not times.is_monotonic_increasing:
            faults.append(Fault(source, "times that rise along the tour", "some that do not"))
        return faults

    def passages(self, graph: StreetGraph) -> Iterator[tuple[object, ...]]:
        """Give street, from_m, to_m, starts_at and ends_at of each passage."""
        cuts = list(pairwise([0.0, *self.along_m]))
        legs = gpd.GeoSeries([_piece(self.line, *cut) for cut in cuts], crs=graph.lines.crs)
        stretches = stretches_of(graph, legs)
        pace_mps = self._pace_mps(cuts)
        for leg, (begin_m, end_m) in enumerate(cuts):
            starts_at, arrives_at = self.leaves_at[leg], self.arrives_at[leg]
            there_at = arrives_at
            if pace_mps > 0:
                takes = pd.Timedelta(seconds=(end_m - begin_m) / pace_mps)
                there_at = min(starts_at + takes, arrives_at)
            own = stretches[stretches["line"].eq(leg)]
            yield from _timed(own, starts_at, there_at)
            street, offset_m = self.places[leg]
            since_at = there_at if len(own) else starts_at
            until_at = self.leaves_at[leg + 1] if leg + 1 < len(cuts) else arrives_at
            if until_at > since_at:
                yield street, offset_m, offset_m, since_at, until_at

    def _pace_mps(self, cuts: Sequence[tuple[float, float]]) -> float:
        times = zip(self.leaves_at, self.arrives_at, strict=True)
        lasts_s = np.array([(end - start).total_seconds() for start, end in times])
        length_m = np.array([end_m - begin_m for begin_m, end_m in cuts])
        timed = lasts_s >= max(min(_TIMED_S, lasts_s.max()), 1.0)
        return float((length_m[timed] / lasts_s[timed]).max(initial=0.0))


def _on_streets(graph: StreetGraph, stops: gpd.GeoSeries) -> NDArray[np.object_]:
    """Return where on the streets stops are."""
    places = graph.snap(stops)
    lines = np.asarray(graph.lines.array)[graph.lines.index.get_indexer(pd.Index(places["street"]))]
    points: NDArray[np.object_] = shapely.line_interpolate_point(
        lines, places["offset_m"].to_numpy(np.float64)
    )
    return points


def _along(line: LineString, points: NDArray[np.object_], reach_m: float) -> list[float]:
    """Return where along a tour each stop is; no number where the tour does not lead there.

    The way to a stop is the shortest, so that it does not pass the stop before it ends; and where a
    tour does not reach the place of a stop, it comes as near as its mode may.
    """
    xy = shapely.get_coordinates(line)
    segments = shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1))
    begins_m = np.append(0.0, shapely.length(segments).cumsum())[:-1]
    along_m, last_m = [], 0.0
    for point in points:
        at_m = begins_m + shapely.line_locate_point(segments, point)
        ahead = at_m >= last_m - _ON_TOUR_M
        off_m = np.where(ahead, shapely.distance(segments, point), np.inf)
        if off_m.min() > reach_m:
            along_m.append(np.nan)
            continue
        first = np.flatnonzero(off_m <= max(_ON_TOUR_M, off_m.min() + _SAME_M))[0]
        last_m = max(float(at_m[first]), last_m)
        along_m.append(last_m)
    return along_m


def _piece(line: LineString, begin_m: float, end_m: float) -> LineString:
    piece = substring(line, begin_m, end_m)
    return piece if isinstance(piece, LineString) else LineString([piece, piece])


def _timed(
    stretches: pd.DataFrame, starts_at: pd.Timestamp, ends_at: pd.Timestamp
) -> Iterator[tuple[object, ...]]:
    """Share the time of a leg out among its stretches by their lengths."""
    length_m = (stretches["to_m"] - stretches["from_m"]).abs().to_numpy(np.float64)
    share = np.append(0.0, length_m.cumsum()) / max(length_m.sum(), 1e-9)
    instants = [starts_at + (ends_at - starts_at) * part for part in share.tolist()]
    rows = stretches[["street", "from_m", "to_m"]].itertuples(index=False)
    for row, (begin, end) in zip(rows, pairwise(instants), strict=True):
        yield (*row, begin, end)
