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

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
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
from planning._walk_search import Arcs, Label, Network, pareto_labels
from planning._walk_stretches import Stretches
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


@dataclass(frozen=True, eq=False)
class Walks:
    """The walks between two places.

    Attributes
    ----------
    shortest
        The shortest, and of several equally short ones that which lacks least.
    calm
        The one of least cost within the detour; it may be the shortest.
    detour_searched
        Up to what detour that holds: the longest allowed, unless the search became too long.
    """

    shortest: Walk
    calm: Walk
    detour_searched: float
    _labels: Sequence[Label]
    _draw: Callable[[Label], Walk]

    @cached_property
    def all(self) -> tuple[Walk, ...]:
        """Every walk within the detour that no other beats in length and lack.

        Returns
        -------
        walks
            The shortest first.
        """
        return tuple(self._draw(label) for label in self._labels)


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
    stretches
        What speaks for each stretch of them, their merits in turn.
    """

    graph: StreetGraph
    stretches: Stretches
    _networks: dict[WalkParams, Network] = field(default_factory=dict, init=False, repr=False)

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
        row = own.index.get_indexer(pd.Index(stretches["street"]))
        of_street = np.bincount(row[row >= 0], minlength=len(own))
        lacking = own.index[of_street == 0]
        if len(lacking):
            raise ParameterError(f"Expected stretches of every street, got none of {lacking[0]}.")
        shares = stretches[list(MERITS)].to_numpy(np.float64) * _QUARTERS
        if not (np.isfinite(shares) & (shares % 1 == 0) & (shares >= 0) & (shares <= 4)).all():  # noqa: PLR2004
            raise ParameterError("Expected shares of stretches in quarters, got others.")
        order = np.argsort(row, kind="stable")[np.count_nonzero(row < 0) :]
        first = np.append(0, np.cumsum(of_street))
        end_mm = np.rint(stretches["to_m"].to_numpy()[order] * _MM).astype(np.int64)
        end_mm[first[1:] - 1] = np.rint(graph.length_m * _MM)
        return cls(graph, Stretches(first, end_mm, shares[order].astype(np.int64)))

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
        network, numbers = self._between(ends, wishes)
        labels, searched = pareto_labels(network, numbers, most_detour=wishes.most_detour)
        if not labels:
            raise NotFoundError("Expected two places with a way between them on foot, got none.")
        draw = partial(self._walk, arcs=network.arcs, start=ends[0], params=wishes)
        calmest = min(labels, key=lambda label: _cost_m(label, wishes))
        shortest = draw(labels[0])
        calm = shortest if calmest is labels[0] else draw(calmest)
        return Walks(shortest, calm, searched, labels, draw)

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
        start_at, goal_at = map(
            _Place,
            street.tolist(),
            np.minimum(offset_mm, self.stretches.every_last_mm()[street]).tolist(),
        )
        return start_at, goal_at

    def _between(
        self, ends: tuple[_Place, _Place], params: WalkParams
    ) -> tuple[Network, tuple[int, int]]:
        """Return what can be walked from everywhere, and the numbers of the two places."""
        graph = self.graph
        numbers = len(graph.xy), len(graph.xy) + 1
        arcs = []
        for number, (street, offset) in zip(numbers, ends, strict=True):
            last = self.stretches.last_mm(street)
            arcs.append((int(graph.tail[street]), number, street, 0, offset))
            arcs.append((number, int(graph.head[street]), street, offset, last))
        (street, offset), (other, its_offset) = ends
        if street == other:
            low, high = sorted((offset, its_offset))
            between = numbers if offset <= its_offset else numbers[::-1]
            arcs.append((*between, street, low, high))
        lack = [self._lack(*arc[2:], params) for arc in arcs]
        tail, head, row, low_mm, high_mm = np.array(arcs, dtype=np.int64).T
        new = Arcs(tail, head, row, low_mm, high_mm, np.array(lack, dtype=np.int64))
        return self._whole(params).with_arcs(new), numbers

    def _whole(self, params: WalkParams) -> Network:
        """Return the streets as a network, with room for two places more."""
        if params not in self._networks:
            graph, last_mm = self.graph, self.stretches.every_last_mm()
            row = np.arange(len(last_mm))
            lacking = _QUARTERS * last_mm[:, None] - self.stretches.every_covered()
            arcs = Arcs(
                tail=graph.tail.astype(np.int64),
                head=graph.head.astype(np.int64),
                street=row,
                low_mm=np.zeros_like(row),
                high_mm=last_mm,
                lack=lacking @ np.array(params.parts),
            )
            self._networks[params] = Network.of(arcs, places=len(graph.xy) + 2)
        return self._networks[params]

    def _lack(self, street: int, low_mm: int, high_mm: int, params: WalkParams) -> int:
        """Return what part of a street lacks, in four-hundredths of a millimetre."""
        covered = self.stretches.covered(street, low_mm, high_mm)
        return int((_QUARTERS * (high_mm - low_mm) - covered) @ np.array(params.parts))

    def _walk(self, label: Label, *, arcs: Arcs, start: _Place, params: WalkParams) -> Walk:
        lines, streets = [], []
        covered = np.zeros(len(MERITS), dtype=np.int64)
        of_street = self.graph.lines.array
        for step in label.steps:
            street, low, high = (int(part[step // 2]) for part in arcs[2:5])
            covered += self.stretches.covered(street, low, high)
            if low < high:
                piece = of_street[street]
                if (low, high) != (0, self.stretches.last_mm(street)):
                    piece = substring(piece, low / _MM, high / _MM)
                lines.append(shapely.get_coordinates(piece)[:: -1 if step % 2 else 1])
                streets.append(self.graph.lines.index[street])
        if not lines:
            here = of_street[start.street].interpolate(start.offset_mm / _MM)
            lines = [np.asarray(here.coords), np.asarray(here.coords)]
        lit, watched, lively = (covered / (_QUARTERS * _MM)).tolist()
        return Walk(
            line=LineString(_without_repeats(np.vstack(lines))),
            streets=tuple(_in_turn(streets)),
            length_m=label.length_mm / _MM,
            lit_m=lit,
            watched_m=watched,
            lively_m=lively,
            cost_m=_cost_m(label, params),
        )


def _cost_m(label: Label, params: WalkParams) -> float:
    lack_m = label.lack / (_QUARTERS * _PERCENT * _MM)
    return label.length_mm / _MM + params.aversion * lack_m


def _in_turn(streets: Sequence[object]) -> Iterator[object]:
    yield from streets[:1]
    yield from (after for before, after in pairwise(streets) if after != before)


def _without_repeats(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    moved = np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1))
    return xy[moved] if moved.sum() > 1 else xy[:2]
