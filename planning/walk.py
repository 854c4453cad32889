"""The shortest walk between two places, and a calm one that goes a little farther to be better.

Each metre of street costs 1, and more for what it lacks: `WalkParams` says how much more where it
is not lit, not watched or not lively. Length and lack are added up in whole numbers, millimetres
and four-hundredths of them, so that what is called shortest or calmest is exactly that.

All walks that no other beats in both length and lack, the Pareto set of the bicriteria shortest
path problem (Hansen, P. (1980), "Bicriterion path problems", Lecture Notes in Economics and
Mathematical Systems 177, 109-127; Martins, E. Q. V. (1984), "On a multicriteria shortest path
problem", European Journal of Operational Research 16, 236-245), are found up to a longest detour by
the label setting search of Hernandez, C. et al. (2023), "Simple and efficient bi-objective search
algorithms via fast dominance checks", Artificial Intelligence 314, 103807. The calm walk is the one
of them of least cost: cost grows with both, so no walk at all within the detour costs less.

A place is where its nearest street is nearest, which need not be a junction. One-way streets do not
bind those who walk.
"""

from collections import ChainMap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point
from shapely.ops import substring

from geo.errors import NotFoundError, ParameterError
from geo.street_graph import StreetGraph
from planning._arguments import is_whole
from planning._walk_search import GOAL, START, Arc, Label, Neighbours, neighbours, pareto_labels
from planning.travel_modes import TRAVEL_MODES

Ints = NDArray[np.int64]

MERITS: Final = ("lit", "watched", "lively")
_MM: Final = 1000
_QUARTERS: Final = 4
_PERCENT: Final = 100


@dataclass(frozen=True)
class WalkParams:
    """What a calm walk is worth.

    Attributes
    ----------
    lit_percent
        What part of what can be lacking is light, in whole per cent; the three add up to 100.
    watched_percent
        The same of cameras in public view.
    lively_percent
        The same of places that people visit.
    aversion
        How much more a metre costs that lacks everything than one that lacks nothing, > 0.
    most_detour
        How much longer than the shortest a walk may be, as a share of it, from 0 to 2.
    snap_limit_m
        Farthest that a place may lie from a street, in metres, > 0.
    """

    lit_percent: int = 50
    watched_percent: int = 25
    lively_percent: int = 25
    aversion: float = 2.0
    most_detour: float = 0.3
    snap_limit_m: float = 100.0

    def __post_init__(self) -> None:
        wrong = [
            f"Expected whole `{name}` from 0 to 100, got {part!r}."
            for name, part in zip(_PARTS, self.parts, strict=True)
            if not (is_whole(part, least=0) and part <= _PERCENT)
        ]
        if not wrong and sum(self.parts) != _PERCENT:
            wrong.append(f"Expected {', '.join(_PARTS)} to add up to 100, got {sum(self.parts)}.")
        for name, least, most in _RANGES:
            number = getattr(self, name)
            if not (least <= number <= most and (number > 0 or name == "most_detour")):
                wrong.append(f"Expected `{name}` from {least:g} to {most:g}, got {number}.")
        if wrong:
            raise ParameterError(" ".join(wrong))

    @property
    def parts(self) -> tuple[int, int, int]:
        """The parts in the order of the merits.

        Returns
        -------
        parts
            Per cent.
        """
        return self.lit_percent, self.watched_percent, self.lively_percent


_PARTS: Final = ("lit_percent", "watched_percent", "lively_percent")
_RANGES: Final = (("aversion", 0, 100), ("most_detour", 0, 2), ("snap_limit_m", 0, 1e6))


@dataclass(frozen=True, eq=False)
class Walk:
    """A walk between two places.

    Attributes
    ----------
    line
        The way, in the CRS of the streets; two equal points where it leads nowhere.
    streets
        Labels of the streets in the order they are walked.
    length_m
        Its length in metres.
    lit_m
        Metres of it that are lit.
    watched_m
        Metres of it in view of a camera in public view.
    lively_m
        Metres of it near places that people visit.
    cost_m
        What it costs, in metres that lack nothing.
    """

    line: LineString
    streets: tuple[object, ...]
    length_m: float
    lit_m: float
    watched_m: float
    lively_m: float
    cost_m: float


class Walks(NamedTuple):
    """The walks between two places.

    Attributes
    ----------
    shortest
        The shortest, and of several equally short ones that which lacks least.
    calm
        The one of least cost within the detour; it may be the shortest.
    all
        Every walk within the detour that no other beats in length and lack, the shortest first.
    detour_searched
        Up to what detour that holds: the longest allowed, unless the search became too long.
    """

    shortest: Walk
    calm: Walk
    all: tuple[Walk, ...]
    detour_searched: float


class _Place(NamedTuple):
    street: int
    offset_mm: int


@dataclass(frozen=True, eq=False)
class WalkNetwork:
    """Streets to walk along, and what speaks for each stretch of them.

    Attributes
    ----------
    graph
        The streets that may be walked.
    """

    graph: StreetGraph
    _ends: tuple[Ints, ...]
    _quarters: tuple[Ints, ...]
    _streets: dict[WalkParams, Neighbours] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, streets: gpd.GeoDataFrame, stretches: pd.DataFrame) -> Self:
        """Build the network.

        Parameters
        ----------
        streets
            All streets of the zone, LineStrings in a metric CRS that meet at shared end points.
        stretches
            What speaks for them, as `walking_merits` tells it: `street`, `to_m`, and `lit`,
            `watched` and `lively` in quarters, each street's stretches in their order.

        Returns
        -------
        network
            The network.

        Raises
        ------
        ParameterError
            A street that may be walked has no stretches, or a share is not in quarters.
        """
        own = streets[TRAVEL_MODES["foot"].usable(streets)]
        graph = StreetGraph.from_streets(own)
        groups = dict(tuple(stretches.groupby("street", sort=False)))
        lacking = [str(label) for label in own.index if label not in groups]
        if lacking:
            raise ParameterError(f"Expected stretches of every street, got none of {lacking[0]}.")
        shares = stretches[list(MERITS)].to_numpy(np.float64) * _QUARTERS
        if not (np.isfinite(shares) & (shares % 1 == 0) & (shares >= 0) & (shares <= 4)).all():  # noqa: PLR2004
            raise ParameterError("Expected shares of stretches in quarters, got others.")
        ends, quarters = [], []
        for label, length_m in zip(own.index, graph.length_m, strict=True):
            end_mm = np.rint(groups[label]["to_m"].to_numpy() * _MM).astype(np.int64)
            end_mm[-1] = round(length_m * _MM)
            ends.append(end_mm)
            found = groups[label][list(MERITS)].to_numpy(np.float64) * _QUARTERS
            quarters.append(found.astype(np.int64))
        return cls(graph, tuple(ends), tuple(quarters))

    def walks(self, start: Point, goal: Point, *, params: WalkParams | None = None) -> Walks:
        """Find the walks between two places.

        Parameters
        ----------
        start
            Where they begin, in the CRS of the streets.
        goal
            Where they end.
        params
            What a calm walk is worth.

        Returns
        -------
        walks
            The shortest, the calm one, and all between.

        Raises
        ------
        NotFoundError
            A place lies too far from any street, or no way leads from one to the other on foot.
            Both places are named where both do. No coordinate is repeated, so that no log keeps
            where somebody is.
        """
        wishes = params or WalkParams()
        ends = self._snapped(start, goal, limit_m=wishes.snap_limit_m)
        around = self._around(ends, wishes)
        labels, searched = pareto_labels(around, most_detour=wishes.most_detour)
        if not labels:
            raise NotFoundError("Expected two places with a way between them on foot, got none.")
        found = tuple(self._walk(label, ends, wishes) for label in labels)
        return Walks(found[0], min(found, key=lambda walk: walk.cost_m), found, searched)

    def _snapped(self, start: Point, goal: Point, *, limit_m: float) -> tuple[_Place, _Place]:
        if not len(self.graph.lines):
            raise NotFoundError("Expected streets to walk along, got none.")
        points = gpd.GeoSeries([start, goal], index=["from", "to"], crs=self.graph.lines.crs)
        # What lies half around the earth has no coordinates in the CRS of a zone.
        placed = np.isfinite(shapely.bounds(points.array)).all(axis=1)
        snapped = self.graph.snap(points[placed])
        near = snapped.index[snapped["distance_m"] <= limit_m]
        far = [str(name) for name in points.index.difference(near)]
        if far:
            raise NotFoundError(
                " ".join(
                    f"Expected a street of the zone within {limit_m:g} m of `{name}`, got none."
                    for name in far
                )
            )
        street = self.graph.lines.index.get_indexer(pd.Index(snapped["street"]))
        offset_mm = np.rint(snapped["offset_m"].to_numpy() * _MM).astype(np.int64)
        start_at, goal_at = (
            _Place(int(row), int(min(offset, self._ends[row][-1])))
            for row, offset in zip(street, offset_mm, strict=True)
        )
        return start_at, goal_at

    def _around(self, ends: tuple[_Place, _Place], params: WalkParams) -> Neighbours:
        """Return what can be walked from each junction, and from and to the two places."""
        graph = self.graph
        if params not in self._streets:
            self._streets[params] = neighbours(
                self._arc(int(tail), int(head), street, (0, int(self._ends[street][-1])), params)
                for street, (tail, head) in enumerate(zip(graph.tail, graph.head, strict=True))
            )
        arcs = []
        for number, (street, offset) in zip((START, GOAL), ends, strict=True):
            last = int(self._ends[street][-1])
            arcs.append(self._arc(int(graph.tail[street]), number, street, (0, offset), params))
            arcs.append(self._arc(number, int(graph.head[street]), street, (offset, last), params))
        (street, offset), (other, its_offset) = ends
        if street == other:
            low, high = sorted((offset, its_offset))
            between = (START, GOAL) if offset <= its_offset else (GOAL, START)
            arcs.append(self._arc(*between, street, (low, high), params))
        whole = self._streets[params]
        return ChainMap(
            {n: [*near, *whole.get(n, [])] for n, near in neighbours(arcs).items()}, whole
        )

    def _arc(
        self, tail: int, head: int, street: int, part: tuple[int, int], params: WalkParams
    ) -> Arc:
        low, high = part
        covered = self._covered(street, low, high)
        full = _QUARTERS * (high - low)
        lack = sum(
            weight * (full - quarters)
            for weight, quarters in zip(params.parts, covered, strict=True)
        )
        return Arc(tail, head, street, low, high, high - low, lack)

    def _covered(self, street: int, low: int, high: int) -> tuple[int, ...]:
        """Return how many quarters of a millimetre of part of a street have each merit."""
        end = self._ends[street]
        start = np.append(0, end[:-1])
        within = np.clip(np.minimum(end, high) - np.maximum(start, low), 0, None)
        return tuple(int(quarters) for quarters in within @ self._quarters[street])

    def _walk(self, label: Label, ends: tuple[_Place, _Place], params: WalkParams) -> Walk:
        lines, streets = [], []
        covered = np.zeros(len(MERITS), dtype=np.int64)
        for arc, forward in label.arcs:
            covered += self._covered(arc.street, arc.low_mm, arc.high_mm)
            if arc.low_mm < arc.high_mm:
                part = (arc.low_mm / _MM, arc.high_mm / _MM)
                piece = substring(self.graph.lines.iloc[arc.street], *part)
                lines.append(np.asarray(piece.coords)[:: 1 if forward else -1])
                streets.append(self.graph.lines.index[arc.street])
        if not lines:
            street, offset_mm = ends[0]
            here = self.graph.lines.iloc[street].interpolate(offset_mm / _MM)
            lines = [np.asarray(here.coords), np.asarray(here.coords)]
        lit, watched, lively = (covered / (_QUARTERS * _MM)).tolist()
        length_m = label.length_mm / _MM
        lack_m = label.lack / (_QUARTERS * _PERCENT * _MM)
        return Walk(
            line=LineString(_without_repeats(np.vstack(lines))),
            streets=tuple(_in_turn(streets)),
            length_m=length_m,
            lit_m=lit,
            watched_m=watched,
            lively_m=lively,
            cost_m=length_m + params.aversion * lack_m,
        )


def _in_turn(streets: Sequence[object]) -> Iterator[object]:
    yield from streets[:1]
    yield from (after for before, after in pairwise(streets) if after != before)


def _without_repeats(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    moved = np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1))
    return xy[moved] if moved.sum() > 1 else xy[:2]
