"""Blind parts of street edges, joined into stretches, and what lies on each stretch."""

from dataclasses import dataclass
from typing import Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analytics._intervals import Floats, Intervals, Ints
from analytics._street_density import StreetDensity
from analytics._street_segments import Shapes, StreetSegments
from geo.street_graph import StreetGraph

Texts = NDArray[np.object_]

_END_TO_END = 2  # ends that meet where a street goes on


@dataclass(frozen=True)
class Stretches:
    """Parts of edges of one named street that meet end to end, joined.

    Attributes
    ----------
    parts
        The parts of edges.
    of_part
        Stretch that each part belongs to, by position.
    lines
        LineString of each stretch, in the direction of its first edge.
    first
        First edge of each stretch, by position.
    """

    parts: Intervals
    of_part: Ints
    lines: Shapes
    first: Ints

    @classmethod
    def joined(cls, segments: StreetSegments, parts: Intervals, names: Texts) -> Self:
        """Join the parts of each named street that meet end to end, and nothing else.

        Parameters
        ----------
        segments
            The edges.
        parts
            Disjoint parts of edges, by edge and place.
        names
            Thai and English name of each edge, empty where it has none.

        Returns
        -------
        stretches
            The stretches, by their first edges.
        """
        pieces, edge = segments.drawn(parts), parts.street
        if pieces.size == 0:
            return cls(parts, edge, pieces, edge)
        unnamed = np.where((names == "").all(axis=1), np.arange(len(names)), -1)
        label = pd.DataFrame({"th": names[edge, 0], "en": names[edge, 1], "edge": unnamed[edge]})
        group = np.asarray(label.groupby(["th", "en", "edge"]).ngroup(), dtype=np.int64)
        chain = _chains(pieces, group)
        order = np.argsort(chain, kind="stable")
        chains = shapely.multilinestrings(pieces[order], indices=chain[order])
        lines = np.asarray(shapely.line_merge(chains), dtype=object)
        first = np.unique(chain, return_index=True)[1]
        begin = shapely.line_locate_point(lines, shapely.get_point(pieces[first], 0))
        end = shapely.line_locate_point(lines, shapely.get_point(pieces[first], -1))
        against = begin > end
        lines[against] = shapely.reverse(lines[against])
        return cls(parts, chain, lines, edge[first])

    def incidents(
        self, lines: gpd.GeoSeries, length_m: Floats, points: gpd.GeoSeries, *, reach_m: float
    ) -> Ints:
        """Count the incidents on each stretch.

        Parameters
        ----------
        lines
            The edges.
        length_m
            Length of each edge.
        points
            Place of each incident.
        reach_m
            An incident farther than this from every edge is on none, in metres.

        Returns
        -------
        count
            Incidents whose nearest place on the edges is on the stretch. Each counts once: where
            several edges are equally near, on one of them.
        """
        counts = np.zeros(self.lines.size, dtype=np.int64)
        if not (len(points) and len(lines)):
            return counts
        # Numbers for labels, which need not be unique; directions do not matter.
        graph = StreetGraph.from_streets(lines.reset_index(drop=True).to_frame("geometry"))
        places = graph.snap(points)
        # Distances along a line that are added up elsewhere may pass its end by a rounding.
        places["offset_m"] = np.minimum(places["offset_m"], length_m[places["street"]])
        parts = pd.DataFrame(
            {
                "street": self.parts.street,
                "from_m": self.parts.from_m,
                "to_m": self.parts.to_m,
                "stretch": self.of_part,
            }
        )
        met = places[places["distance_m"] <= reach_m].merge(parts, on="street")
        held = met[met["offset_m"].between(met["from_m"], met["to_m"])]
        return counts + np.bincount(held["stretch"], minlength=counts.size)

    def risks(self, density: StreetDensity) -> Floats:
        """Integrate a density over each stretch.

        Parameters
        ----------
        density
            Density along the edges.

        Returns
        -------
        integral
            Density times length.
        """
        of_part = density.integrals(self.parts)
        return np.bincount(self.of_part, of_part, self.lines.size).astype(np.float64)


def _chains(parts: Shapes, group: Ints) -> Ints:
    """Return the number of the chain that each part belongs to.

    Parts of one group are linked where the ends of exactly two of them meet.
    """
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(parts, place)) for place in (0, -1)]
    )
    places = np.column_stack([np.tile(group, 2), ends])
    node, meeting = np.unique(places, axis=0, return_inverse=True, return_counts=True)[1:]
    order = np.argsort(node, kind="stable")
    pairs = (order[meeting[node[order]] == _END_TO_END] % parts.size).reshape(-1, 2)
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(parts.size,) * 2)
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
