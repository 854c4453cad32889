"""The heat kernel on a network, factorised once for many layers of events and many bandwidths.

Events diffuse along the network for bandwidth^2 / 2, which on a street without junctions is the
Gaussian kernel, at a junction splits by continuity and at a dead end reflects, so that no event
loses mass: McSwiggan, G., Baddeley, A. and Nair, G. (2017), "Kernel density estimation on a linear
network", Scandinavian Journal of Statistics 44 (2), 324-345. Space is cut into finite volumes
around nodes a tenth of the smallest bandwidth apart: along a street without junctions the density
is within 0.13 % of the peak of its Gaussian. Time is exact to 1e-11 (`_heat`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import sparse

from analytics._heat import HeatFlow
from analytics._network_input import check_streets, checked_weights, located
from analytics._street_mesh import Floats, Ints, StreetMesh, lixel_counts
from geo.errors import ParameterError
from geo.street_graph import StreetGraph

SEGMENTS_PER_BANDWIDTH = 10
# A million segments (99,904 streets) take 10 s and 1.3 GB, both in proportion to the number: this
# many still fit a large machine, and a bandwidth in the wrong unit is refused.
MAX_SEGMENTS = 10_000_000
# Bandwidths so far apart take 309 terms where each by itself takes 28.
MAX_RATIO = 64.0
# So many events are spread side by side; more would only take more memory.
ABREAST = 64


@dataclass(frozen=True)
class HeatKernel:
    """Streets made ready for any events to spread along them.

    Attributes
    ----------
    bandwidths_m
        Standard deviations of the kernel along a street.
    lixels
        Streets cut into lixels.
    mesh
        The lixels, each cut into segments as short as the smallest bandwidth asks.
    flow
        The factorised mesh.
    volume
        Length of street that each node of the mesh stands for.
    """

    bandwidths_m: tuple[float, ...]
    lixels: StreetMesh
    mesh: StreetMesh
    flow: HeatFlow
    volume: Floats

    @classmethod
    def of_streets(
        cls,
        streets: gpd.GeoDataFrame,
        *,
        bandwidths_m: Sequence[float],
        lixel_m: float = 10.0,
    ) -> Self:
        """Factorise a network.

        Parameters
        ----------
        streets
            LineStrings in a projected CRS that meet only at shared end points, equal to the last
            bit; labels of the index are unique.
        bandwidths_m
            Standard deviations of the kernel along a street, > 0, the largest at most 64 times the
            smallest.
        lixel_m
            Longest piece of street to average over, > 0; each street is cut into equal lixels.

        Returns
        -------
        kernel
            The kernel for each of the bandwidths.

        Raises
        ------
        LayerError
            If the streets form no network; names every faulty row.
        ParameterError
            If an argument is out of its range, or the streets are too long for the bandwidths.
        """
        widths = check_bandwidths(bandwidths_m)
        if not (math.isfinite(lixel_m) and lixel_m > 0):
            raise ParameterError(f"Expected `lixel_m` > 0, got {lixel_m}.")
        check_streets(streets)
        graph = StreetGraph.from_streets(streets)
        lixels, mesh = _meshes(graph, min(widths), lixel_m)
        stiffness, volume = _system(mesh)
        flow = HeatFlow.of_mesh(stiffness, volume, [width**2 / 2 for width in widths])
        return cls(widths, lixels, mesh, flow, volume)

    def on_lixels(self, places: pd.DataFrame, *, weights: ArrayLike | None = None) -> Floats:
        """Average the density of events over lixels.

        Parameters
        ----------
        places
            Where the events are: columns `street` (label) and `fraction` (0 at the start of the
            street, 1 at its end); there may be none.
        weights
            What each event counts, >= 0: shape (events,), or (events, layers) for several layers
            at once; each counts 1 if none are given.

        Returns
        -------
        density
            Mean events per unit length, >= 0, shape (bandwidths, lixels, layers); along the lixels
            the sum of density times length is the sum of the weights.

        Raises
        ------
        NotFoundError
            If an event lies on a street that does not exist.
        ParameterError
            If a fraction or weight is out of its range.
        """
        density = self._on_nodes(places, weights)
        of_segment = (density[:, self.mesh.tail] + density[:, self.mesh.head]) / 2
        parts = (self.mesh.segments // self.lixels.segments)[self.lixels.street]
        first_part = np.cumsum(parts) - parts
        return np.asarray(np.add.reduceat(of_segment, first_part, axis=1) / parts[:, None])

    def at_places(
        self, places: pd.DataFrame, at: pd.DataFrame, *, weights: ArrayLike | None = None
    ) -> Floats:
        """Find the density of events at places.

        Parameters
        ----------
        places
            Where the events are: columns `street` and `fraction`; there may be none.
        at
            Where to find the density: columns `street` and `fraction`.
        weights
            What each event counts, >= 0: shape (events,), or (events, layers).

        Returns
        -------
        density
            Events per unit length, >= 0, shape (bandwidths, places, layers).

        Raises
        ------
        NotFoundError
            If an event or place lies on a street that does not exist.
        ParameterError
            If a fraction or weight is out of its range.
        """
        wanted = self._shares(*located(self.mesh.graph, at, name="at"))
        density = self._on_nodes(places, weights)
        return np.stack([wanted.T @ of_width for of_width in density])

    def at_themselves(self, places: pd.DataFrame) -> Floats:
        """Find the density that an event at each place has there itself.

        Parameters
        ----------
        places
            Where the events are: columns `street` and `fraction`; there may be none.

        Returns
        -------
        density
            Events per unit length, shape (bandwidths, places).

        Raises
        ------
        NotFoundError
            If an event lies on a street that does not exist.
        ParameterError
            If a fraction is out of its range.
        """
        shares = self._shares(*located(self.mesh.graph, places, name="places"))
        own = np.zeros((len(self.bandwidths_m), len(places)))
        for begin in range(0, len(places), ABREAST):
            some = shares[:, begin : begin + ABREAST]
            wanted = some.multiply(1 / self.volume[:, None])
            for factors, term in zip(
                self.flow.coefficients.T, self.flow.terms(some.toarray()), strict=True
            ):
                there = wanted.multiply(term).sum(axis=0)
                own[:, begin : begin + ABREAST] += np.outer(factors, there)
        return own

    def _on_nodes(self, places: pd.DataFrame, weights: ArrayLike | None) -> Floats:
        shares = self._shares(*located(self.mesh.graph, places, name="places"))
        heat = shares @ checked_weights(weights, len(places))
        if not heat.any():
            return np.zeros((len(self.bandwidths_m), *heat.shape))
        return self.flow.spread(heat) / self.volume[:, None]

    def _shares(self, street: Ints, fraction: Floats) -> sparse.csr_array:
        """Return the part of each place (column) that falls to each node (row)."""
        segment, along = self.mesh.locate(street, fraction)
        nodes = np.concatenate([self.mesh.tail[segment], self.mesh.head[segment]])
        place = np.tile(np.arange(len(street)), 2)
        parts = np.concatenate([1 - along, along])
        return sparse.coo_array(
            (parts, (nodes, place)), shape=(self.mesh.nodes, len(street))
        ).tocsr()


def check_bandwidths(bandwidths_m: Sequence[float]) -> tuple[float, ...]:
    """Make sure that bandwidths can share a factorisation.

    Parameters
    ----------
    bandwidths_m
        Standard deviations of the kernel.

    Returns
    -------
    bandwidths_m
        The same, as numbers.

    Raises
    ------
    ParameterError
        If there are none, one is not > 0 or the largest exceeds 64 times the smallest.
    """
    widths = tuple(float(width) for width in bandwidths_m)
    if not widths:
        raise ParameterError("Expected at least one of `bandwidths_m`, got none.")
    for width in widths:
        # Heat spreads by the square of the bandwidth.
        if not (math.isfinite(width * width) and width > 0):
            raise ParameterError(f"Expected `bandwidth_m` > 0, got {width}.")
    if max(widths) > MAX_RATIO * min(widths):
        raise ParameterError(
            f"Expected `bandwidths_m` of which the largest is at most {MAX_RATIO:.0f} times the"
            f" smallest, got {min(widths)} to {max(widths)}."
        )
    return widths


def _meshes(
    graph: StreetGraph, bandwidth_m: float, lixel_m: float
) -> tuple[StreetMesh, StreetMesh]:
    """Return the lixels, and the mesh that cuts each into segments as short as the kernel asks."""
    lixels = lixel_counts(graph, lixel_m)
    parts = np.ceil(graph.length_m / lixels * (SEGMENTS_PER_BANDWIDTH / bandwidth_m))
    needed = float((parts * lixels).sum())
    if needed > MAX_SEGMENTS:
        raise ParameterError(
            f"Expected `bandwidth_m` and `lixel_m` that cut {graph.length_m.sum():.0f} m of street"
            f" into at most {MAX_SEGMENTS} segments, got {needed:.0f} segments."
        )
    return StreetMesh.of_graph(graph, lixels), StreetMesh.of_graph(graph, lixels * parts)


def _system(mesh: StreetMesh) -> tuple[sparse.csr_array, Floats]:
    """Return the flow between nodes and the length that each stands for."""
    ends = np.concatenate([mesh.tail, mesh.head])
    volume = np.bincount(ends, np.tile(mesh.length_m / 2, 2), mesh.nodes).astype(np.float64)
    flow = np.tile(1 / mesh.length_m, 2)
    other = np.concatenate([mesh.head, mesh.tail])
    stiffness = sparse.coo_array(
        (np.concatenate([flow, -flow]), (np.tile(ends, 2), np.concatenate([ends, other]))),
        shape=(mesh.nodes, mesh.nodes),
    ).tocsr()
    return stiffness, volume
