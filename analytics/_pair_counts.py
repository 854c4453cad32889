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
Numbers: TypeAlias = NDArray[np.uint32]
Bands: TypeAlias = NDArray[np.uint16]
Values: TypeAlias = NDArray[np.float64] | NDArray[np.complex128]

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
        # A place as one complex number: its difference to another is found as that of times is.
        place = self.xy[:, 0] + 1j * self.xy[:, 1]
        if in_space <= in_time:
            listed, fixed, moved = self._near_in_space(), place, self.time
            edges, moved_edges = self.distances, self.lags
        else:
            listed, fixed, moved = self._near_in_time(), self.time, place
            edges, moved_edges = self.lags, self.distances
        # Unsigned numbers spare the loop the question whether one counts from the end.
        pairs = np.ascontiguousarray(listed.T, dtype=np.uint32)
        band = _bands(pairs, fixed, edges**2)
        pairs, band = pairs[:, band < len(edges)], band[band < len(edges)]
        order = np.arange(len(place))
        while True:
            table = np.zeros((len(edges), len(moved_edges)), dtype=np.int64)
            _count(pairs, band, moved[order], moved_edges**2, table)
            yield table if in_space <= in_time else table.T
            order = rng.permutation(len(place))

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
def _band(apart: complex, squared_edges: Floats) -> int:
    """Return the band of a difference; the number of bands where it lies beyond them all."""
    square = apart.real**2 + apart.imag**2
    # Of permuted values most lie beyond, which the processor learns to expect.
    if square > squared_edges[-1]:
        return len(squared_edges)
    found = 0
    while square > squared_edges[found]:
        found += 1
    return found


@njit(cache=True)
def _bands(pairs: Numbers, values: Values, squared_edges: Floats) -> Bands:
    first, second = pairs
    band = np.empty(len(first), dtype=np.uint16)
    for pair in range(len(first)):
        band[pair] = _band(values[first[pair]] - values[second[pair]], squared_edges)
    return band


@njit(cache=True)
def _count(pairs: Numbers, band: Bands, values: Values, squared_edges: Floats, table: Ints) -> None:
    first, second = pairs
    beyond = len(squared_edges)
    for pair in range(len(first)):
        other = _band(values[first[pair]] - values[second[pair]], squared_edges)
        if other < beyond:
            table[band[pair], other] += 1
