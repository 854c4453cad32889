"""Streets cut into equal segments that meet at nodes: the mesh of what flows along a network."""

from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.street_graph import StreetGraph

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

# Places on a segment closer than this part of its length are the same.
ROUNDING = 1e-9


@dataclass(frozen=True)
class StreetMesh:
    """Each street cut into segments of equal length.

    Nodes are numbered junctions first, then the inner nodes street by street; segments are
    numbered street by street, from the start of each street to its end.

    Attributes
    ----------
    graph
        The streets.
    segments
        Number of segments of each street, >= 1.
    street
        Street of each segment, by position.
    length_m
        Length of each segment.
    tail
        Node at which each segment begins.
    head
        Node at which each segment ends.
    nodes
        Number of nodes.
    """

    graph: StreetGraph
    segments: Ints
    street: Ints
    length_m: Floats
    tail: Ints
    head: Ints
    nodes: int

    @classmethod
    def of_graph(cls, graph: StreetGraph, segments: Ints | Floats) -> Self:
        """Cut each street of a graph into so many segments.

        Parameters
        ----------
        graph
            The streets.
        segments
            Number of segments of each street, whole numbers >= 1.

        Returns
        -------
        mesh
            The segments and the nodes where they meet.
        """
        segments = segments.astype(np.int64)
        street = np.repeat(np.arange(len(segments)), segments)
        junctions = len(graph.xy)
        inner = np.arange(len(street)) - street + junctions
        last = np.cumsum(segments) - 1
        tail, head = inner - 1, inner.copy()
        tail[last - segments + 1] = graph.tail
        head[last] = graph.head
        nodes = junctions + len(street) - len(segments)
        return cls(graph, segments, street, (graph.length_m / segments)[street], tail, head, nodes)

    def first(self) -> Ints:
        """Tell where each street begins.

        Returns
        -------
        segment
            First segment of each street.
        """
        return np.cumsum(self.segments) - self.segments

    def locate(self, street: Ints, fraction: Floats) -> tuple[Ints, Floats]:
        """Find the segments of places.

        Parameters
        ----------
        street
            Street of each place, by position.
        fraction
            How far along its street each place is, 0 to 1.

        Returns
        -------
        segment
            Segment that holds each place; of two that meet there, the later.
        along
            How far along that segment the place is, 0 to 1.
        """
        steps = fraction * self.segments[street]
        part = np.clip(np.floor(steps), 0, self.segments[street] - 1).astype(np.int64)
        return self.first()[street] + part, np.clip(steps - part, 0.0, 1.0)


def lixel_counts(graph: StreetGraph, lixel_m: float) -> Floats:
    """Tell into how many equal lixels each street is cut: the fewest that are short enough.

    Parameters
    ----------
    graph
        The streets.
    lixel_m
        Longest lixel, > 0.

    Returns
    -------
    count
        Lixels of each street, whole numbers >= 1.
    """
    return np.ceil(graph.length_m / lixel_m)


def mesh_lines(mesh: StreetMesh) -> NDArray[np.object_]:
    """Draw the segments.

    Parameters
    ----------
    mesh
        Streets cut into segments.

    Returns
    -------
    lines
        The piece of its street that each segment is, LineStrings.
    """
    lines = np.asarray(mesh.graph.lines.array)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    start = np.searchsorted(line, np.arange(len(lines)))
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    fraction = (reached - reached[start][line]) / mesh.graph.length_m[line]
    inner = np.ones(len(xy), dtype=bool)
    inner[start] = False
    inner[np.append(start[1:], len(xy)) - 1] = False
    segment, along = mesh.locate(line[inner], fraction[inner])
    # A vertex where two segments meet is their common end already.
    between = (along > ROUNDING) & (along < 1 - ROUNDING)
    ends = _node_xy(mesh, lines)
    number = np.arange(len(mesh.street))
    owner = np.concatenate([number, segment[between], number])
    position = np.concatenate([np.zeros(len(number)), along[between], np.ones(len(number))])
    order = np.lexsort((position, owner))
    points = np.concatenate([ends[mesh.tail], xy[inner][between], ends[mesh.head]])
    return np.asarray(shapely.linestrings(points[order], indices=owner[order]))


def _node_xy(mesh: StreetMesh, lines: NDArray[np.object_]) -> Floats:
    xy = np.empty((mesh.nodes, 2))
    xy[: len(mesh.graph.xy)] = mesh.graph.xy
    inner = np.flatnonzero(mesh.head >= len(mesh.graph.xy))
    part = inner - mesh.first()[mesh.street[inner]] + 1
    points = shapely.line_interpolate_point(
        lines[mesh.street[inner]], part / mesh.segments[mesh.street[inner]], normalized=True
    )
    xy[mesh.head[inner]] = shapely.get_coordinates(points)
    return xy
