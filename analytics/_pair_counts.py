"""Pairs of events by how near they are in space and in time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.errors import ParameterError

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

# 40 million pairs take 1 GB; so many are found among 9,000 events that are all near each other.
MAX_PAIRS = 40_000_000
# The tree rounds otherwise than the squares that decide: it is asked for a little more.
MARGIN = 1 + 1e-9


@dataclass(frozen=True)
class Events:
    """Events in space and time, with the edges of the bands of either.

    A band reaches from the edge before it, left out, up to its own; the first begins at 0.

    Attributes
    ----------
    xy
        Coordinates, shape (n, 2).
    time
        Times, shape (n,), whole numbers.
    distances
        Upper edges of the bands of distance, ascending, >= 0.
    lags
        Upper edges of the bands of time between two events, ascending, >= 0, in the unit of
        `time`.
    """

    xy: Floats
    time: Floats
    distances: Floats
    lags: Floats

    def pairs_by_distance(self) -> Ints:
        """Count the pairs of each band of distance.

        Returns
        -------
        pairs
            Number of pairs of each band.
        """
        reached = cKDTree(self.xy).count_neighbors(cKDTree(self.xy), self.distances)
        pairs = (np.asarray(reached, dtype=np.int64) - len(self.xy)) // 2
        return np.asarray(np.diff(pairs, prepend=0), dtype=np.int64)

    def pairs_by_lag(self) -> Ints:
        """Count the pairs of each band of time.

        Returns
        -------
        pairs
            Number of pairs of each band.
        """
        time = np.sort(self.time)
        later = np.arange(1, len(time) + 1)
        reached = [
            int((np.searchsorted(time, time + lag, side="right") - later).sum())
            for lag in self.lags
        ]
        return np.asarray(np.diff([0, *reached]), dtype=np.int64)

    def tables(self, rng: np.random.Generator) -> Iterator[Ints]:
        """Count the pairs by distance and time, as they are and then with the times permuted.

        Only the pairs that are near in one of the two are looked at, and the other is permuted:
        those of space or those of time, whichever are fewer.

        Parameters
        ----------
        rng
            Source of the permutations.

        Yields
        ------
        table
            Number of pairs, shape (distances, lags): the observed first, then one a permutation,
            without end.

        Raises
        ------
        ParameterError
            If too many pairs are near in space and in time.
        """
        in_space, in_time = self.pairs_by_distance().sum(), self.pairs_by_lag().sum()
        if min(in_space, in_time) > MAX_PAIRS:
            raise ParameterError(
                f"Expected bands that hold at most {MAX_PAIRS} pairs of events in space or in"
                f" time, got {in_space} and {in_time}."
            )
        time = self.time[:, None]
        if in_space <= in_time:
            listed, fixed, moved = self._near_in_space(), self.xy, time
            edges, moved_edges = self.distances, self.lags
        else:
            listed, fixed, moved = self._near_in_time(), time, self.xy
            edges, moved_edges = self.lags, self.distances
        band = _bands(listed, fixed, edges**2)
        inside = band < len(edges)
        listed, band = np.ascontiguousarray(listed[inside]), band[inside]
        order = np.arange(len(time))
        while True:
            table = np.zeros((len(edges), len(moved_edges)), dtype=np.int64)
            _count(listed, band, moved[order], moved_edges**2, table)
            yield table if in_space <= in_time else table.T
            order = rng.permutation(len(time))

    def _near_in_space(self) -> Ints:
        pairs = cKDTree(self.xy).query_pairs(self.distances[-1] * MARGIN, output_type="ndarray")
        return np.asarray(pairs, dtype=np.int64)

    def _near_in_time(self) -> Ints:
        order = np.argsort(self.time, kind="stable")
        time = self.time[order]
        rank = np.arange(len(time))
        count = np.searchsorted(time, time + self.lags[-1], side="right") - rank - 1
        first = np.repeat(rank, count)
        step = np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count) + 1
        return np.stack([order[first], order[first + step]], axis=1)


@njit(cache=True)
def _bands(pairs: Ints, values: Floats, squared_edges: Floats) -> Ints:
    """Return the band of each pair; the number of bands where it lies beyond them all."""
    band = np.empty(len(pairs), dtype=np.int64)
    for pair in range(len(pairs)):
        square = 0.0
        for axis in range(values.shape[1]):
            square += (values[pairs[pair, 0], axis] - values[pairs[pair, 1], axis]) ** 2
        found = 0
        while found < len(squared_edges) and square > squared_edges[found]:
            found += 1
        band[pair] = found
    return band


@njit(cache=True)
def _count(
    pairs: Ints, band: Ints, values: Floats, squared_edges: Floats, table: NDArray[np.int64]
) -> None:
    other = _bands(pairs, values, squared_edges)
    for pair in range(len(pairs)):
        if other[pair] < len(squared_edges):
            table[band[pair], other[pair]] += 1
