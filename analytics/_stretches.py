"""Rises of a density along streets, and the stretch of street that stands for each."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analytics._street_mesh import Floats, Ints, StreetMesh

# A stretch ends where the density falls below half of its peak: the width at half maximum.
FLOOR = 0.5
# Densities equal to so many digits of the greatest are told apart by the street's label, so that
# rounding and the order of the streets decide nothing.
DENSITY_DIGITS = 9


@dataclass(frozen=True)
class Relief:
    """Density over lixels.

    Attributes
    ----------
    mesh
        Mesh whose segments are the lixels.
    density
        Density of each lixel, >= 0.
    name
        Number of the name of each lixel's street; a stretch keeps to one.
    incidents
        Number of incidents on each lixel.
    """

    mesh: StreetMesh
    density: Floats
    name: Ints
    incidents: Ints

    def precedence(self) -> Ints:
        """Rank the lixels by falling density.

        Returns
        -------
        place
            Place of each lixel, from 0; no two are equal.
        """
        mesh = self.mesh
        top = max(float(self.density.max()), np.finfo(np.float64).tiny)
        labels = np.array([str(label) for label in mesh.graph.lines.index])
        label_place = np.argsort(np.argsort(labels, kind="stable"), kind="stable")
        rounded = np.round(self.density / top, DENSITY_DIGITS)
        order = np.lexsort((label_place[mesh.street], -rounded))
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        return place


def stretches(relief: Relief, *, max_length_m: float) -> Iterator[list[int]]:
    """Find the stretch that stands for each rise of a density.

    A rise is all the street from which going uphill, always to the densest lixel that touches,
    ends at the same top. Its peak is its densest lixel with an incident: the top itself may lie on
    a street that merely joins the streets of the incidents.

    Parameters
    ----------
    relief
        Density over lixels.
    max_length_m
        Greatest length of a stretch; a single lixel may be longer.

    Yields
    ------
    stretch
        Lixels of one stretch, its peak first; stretches by falling density of their peaks, none
        overlapping.
    """
    place = relief.precedence()
    touching = _touching(relief.mesh)
    taken = np.zeros(len(place), dtype=bool)
    for peak in _peaks(relief, place).tolist():
        if not taken[peak]:
            allowed = (
                ~taken
                & (relief.name == relief.name[peak])
                & (relief.density >= FLOOR * relief.density[peak])
            )
            stretch = _grown(
                peak,
                touching,
                place=place,
                allowed=allowed,
                length_m=relief.mesh.length_m,
                max_length_m=max_length_m,
            )
            taken[stretch] = True
            yield stretch


def _peaks(relief: Relief, place: Ints) -> Ints:
    """Return the densest lixel with an incident on each rise, by falling density."""
    mesh = relief.mesh
    first = np.full(mesh.nodes, len(place))
    np.minimum.at(first, mesh.tail, place)
    np.minimum.at(first, mesh.head, place)
    uphill = np.argsort(place)[np.minimum(first[mesh.tail], first[mesh.head])]
    while (uphill[uphill] != uphill).any():
        uphill = uphill[uphill]
    held = np.flatnonzero(relief.incidents)
    held = held[np.argsort(place[held])]
    _, foremost = np.unique(uphill[held], return_index=True)
    return held[np.sort(foremost)]


def _grown(
    peak: int,
    touching: sparse.csr_array,
    *,
    place: Ints,
    allowed: NDArray[np.bool_],
    length_m: Floats,
    max_length_m: float,
) -> list[int]:
    """Add touching lixels, the densest first, until the next would make the stretch too long."""
    stretch: list[int] = []
    seen = {peak}
    frontier = [(int(place[peak]), peak)]
    total_m = 0.0
    while frontier:
        _, lixel = heapq.heappop(frontier)
        total_m += float(length_m[lixel])
        if stretch and total_m > max_length_m:
            break
        stretch.append(lixel)
        for neighbour in touching.indices[slice(*touching.indptr[lixel : lixel + 2])].tolist():
            if allowed[neighbour] and neighbour not in seen:
                seen.add(neighbour)
                heapq.heappush(frontier, (int(place[neighbour]), neighbour))
    return stretch


def _touching(mesh: StreetMesh) -> sparse.csr_array:
    """Return which lixels share a node."""
    lixel = np.arange(len(mesh.street))
    ends = sparse.coo_array(
        (
            np.ones(2 * len(lixel)),
            (np.tile(lixel, 2), np.concatenate([mesh.tail, mesh.head])),
        ),
        shape=(len(lixel), mesh.nodes),
    ).tocsr()
    return sparse.csr_array(ends @ ends.T)
