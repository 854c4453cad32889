"""All streets at all instants of a night, cut where somebody free is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import Point

from geo.turn_graph import TurnGraph
from planning._response_pieces import Pieces, together
from planning._response_reach import Setting
from planning.patrol_plan import PatrolTour

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True)
class Free:
    """Who could go at once, and from where.

    Attributes
    ----------
    instant
        Number of the instant, shape (free,).
    tour
        Number of the tour whose unit it is.
    place
        Where it is at that instant.
    """

    instant: Integers
    tour: Integers
    place: list[Point]

    @classmethod
    def find(cls, tours: Sequence[PatrolTour], instants: Sequence[datetime]) -> "Free":
        """Look at every unit at every instant.

        Parameters
        ----------
        tours
            Tours of the night.
        instants
            When to look.

        Returns
        -------
        free
            All that are on duty and on no break, by tour and instant.
        """
        found = [
            (at, number, tour.position_at(instant))
            for number, tour in enumerate(tours)
            for at, instant in enumerate(instants)
            if tour.is_free_at(instant)
        ]
        return cls(
            np.array([at for at, _, _ in found], dtype=np.intp),
            np.array([number for _, number, _ in found], dtype=np.intp),
            [place for _, _, place in found],
        )


@dataclass(frozen=True)
class _Standing:
    """Free units of one way of moving, on streets by their number among all."""

    way: int
    instant: Integers
    street: Integers
    offset_m: Floats
    may_go_back: NDArray[np.bool_]


class Night:
    """Streets and ways of moving.

    Parameters
    ----------
    streets
        All streets, by whose order they are numbered.
    networks
        For each way of moving, the streets that it may use and the turns between them.
    count
        Number of instants.
    """

    def __init__(
        self, streets: gpd.GeoDataFrame, networks: Sequence[TurnGraph], count: int
    ) -> None:
        self._length_m = streets.length.to_numpy(np.float64)
        self._networks = networks
        self._numbers = [
            streets.index.get_indexer(network.graph.lines.index) for network in networks
        ]
        self._crs = streets.crs
        size = (count, len(streets), len(networks))
        self._from_start_s = np.full(size, np.inf)
        self._from_end_s = np.full(size, np.inf)
        self._pace_s = np.ones(size[1:])
        for way, (network, number) in enumerate(zip(networks, self._numbers, strict=True)):
            self._pace_s[number, way] = network.pace_s

    def pieces(self, free: Free, ways: Integers) -> tuple[Pieces, Integers]:
        """Return the pieces of all streets at every instant at which somebody is free.

        Parameters
        ----------
        free
            Who is free.
        ways
            Way of moving of each of them.

        Returns
        -------
        pieces
            Pieces of all streets.
        instant
            Number of the instant of each piece.
        """
        standing = [self._reach(free, ways, way) for way in range(len(self._networks))]
        attended = np.zeros(self._from_start_s.shape[:2], dtype=np.bool_)
        attended[free.instant] = True
        for one in standing:
            attended[one.instant, one.street] = False
        instant, street = np.nonzero(attended)
        lots = [self._lot(instant, street, np.zeros(len(street)), self._length_m[street])]
        instants = [instant]
        for at, cut in self._cut(standing):
            lots.append(cut)
            instants.append(np.full(len(cut.street), at))
        return together(lots), np.concatenate(instants)

    def _reach(self, free: Free, ways: Integers, way: int) -> _Standing:
        """Note when the free units of one way of moving are at the ends of all streets."""
        network, number = self._networks[way], self._numbers[way]
        mine = np.flatnonzero(ways == way)
        points = gpd.GeoSeries([free.place[row] for row in mine], crs=self._crs)
        places = network.graph.snap(points)
        street = network.graph.lines.index.get_indexer(pd.Index(places["street"]))
        offset_m = places["offset_m"].to_numpy(np.float64)
        instant = free.instant[mine]
        setting = Setting(network, street, offset_m, instant, len(self._from_start_s))
        self._from_start_s[:, number, way], self._from_end_s[:, number, way] = setting.begins()
        return _Standing(way, instant, number[street], offset_m, network.back[street])

    def _lot(self, instant: Integers, street: Integers, start_m: Floats, end_m: Floats) -> Pieces:
        """Return pieces of streets as they are reached from beyond both ends of the street."""
        pace = self._pace_s[street]
        behind_m = self._length_m[street] - end_m
        return Pieces(
            street=street,
            start_m=start_m,
            length_m=end_m - start_m,
            from_start_s=self._from_start_s[instant, street] + pace * start_m[:, None],
            from_end_s=self._from_end_s[instant, street] + pace * behind_m[:, None],
            pace_s=pace,
        )

    def _cut(self, standing: Sequence[_Standing]) -> Iterator[tuple[int, Pieces]]:
        """Cut each street on which somebody free is, at one instant after another."""
        instant = np.concatenate([one.instant for one in standing])
        street = np.concatenate([one.street for one in standing])
        offset_m = np.concatenate([one.offset_m for one in standing])
        back = np.concatenate([one.may_go_back for one in standing])
        way = np.concatenate([np.full(len(one.street), one.way) for one in standing])
        order = np.lexsort((street, instant))
        changes = (np.diff(instant[order]) != 0) | (np.diff(street[order]) != 0)
        for some in np.split(order, np.flatnonzero(changes) + 1):
            at, on = int(instant[some[0]]), int(street[some[0]])
            edges = np.unique([0.0, *offset_m[some], self._length_m[on]])
            start_m, end_m = edges[:-1], edges[1:]
            lot = self._lot(np.full(len(start_m), at), np.full(len(start_m), on), start_m, end_m)
            for unit in some.tolist():
                at_m, pace = offset_m[unit], self._pace_s[on, way[unit]]
                ahead_s = lot.from_start_s[:, way[unit]]
                reached_s = np.where(at_m <= start_m, (start_m - at_m) * pace, np.inf)
                np.minimum(ahead_s, reached_s, out=ahead_s)
                if back[unit]:
                    behind_s = lot.from_end_s[:, way[unit]]
                    reached_s = np.where(at_m >= end_m, (at_m - end_m) * pace, np.inf)
                    np.minimum(behind_s, reached_s, out=behind_s)
            yield at, lot
