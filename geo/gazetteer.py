"""The gazetteer of a zone: junctions with coordinates, and streets as sequences of them.

A gazetteer is written by hand and read here: ``junctions.csv`` names the points where streets meet
or end, ``streets.toml`` strings them together with shape points between. Reading cuts each street
at its junctions into edges and checks that the edges meet nowhere else and hang together.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo._gazetteer_records import (
    JUNCTIONS_FILE,
    STREETS_FILE,
    Junction,
    LonLat,
    Street,
    read_records,
)
from geo.errors import Fault, LayerError
from geo.street_graph import StreetGraph


class Gazetteer(NamedTuple):
    """The streets and junctions of a zone.

    Attributes
    ----------
    streets
        Street edges in the columns of the streets layer; besides, the `street` of the gazetteer
        an edge belongs to, `start_junction`, `end_junction` and `bridge`. Index `id`, as
        "thalang-03": third edge from the start of the street.
    junctions
        Points with both names, `source`, `grade` and `est_error_m`; index `id`.
    """

    streets: gpd.GeoDataFrame
    junctions: gpd.GeoDataFrame


class _Edge(NamedTuple):
    """A stretch of a street from one junction to the next."""

    street: Street
    number: int
    start: str
    end: str
    shape: tuple[LonLat, ...]

    @property
    def id(self) -> str:
        return f"{self.street.id}-{self.number:02d}"


def read_gazetteer(folder: str | Path, *, crs: str | pyproj.CRS) -> Gazetteer:
    """Read the junctions and streets of a zone.

    Edges meet only at shared end points, whose coordinates are exactly equal. Streets marked
    `bridge` may pass over others.

    Parameters
    ----------
    folder
        Folder that holds ``junctions.csv`` and ``streets.toml``.
    crs
        Metric reference system of the result. Its area of use bounds the coordinates, which
        tells a longitude in the place of a latitude.

    Returns
    -------
    Gazetteer
        Street edges and junctions, both in `crs`.

    Raises
    ------
    SourceError
        A file is missing or cannot be read.
    LayerError
        The files break the form. Carries every fault: of ids, coordinates, grades, classes,
        widths and paths; where these are sound, of junctions no street passes, edges that cross
        or touch without a junction, and streets out of reach of the rest.
    """
    metric = pyproj.CRS.from_user_input(crs)
    folder = Path(folder)
    junctions, streets = read_records(folder, metric)
    junction_frame = _junction_frame(junctions, metric)
    edges = [edge for street in streets for edge in _cut(street)]
    street_frame = _street_frame(edges, junction_frame)
    faults = [
        *_idle_junctions(junctions, edges, str(folder / JUNCTIONS_FILE)),
        *_crossings(edges, street_frame.geometry, str(folder / STREETS_FILE)),
        *_islands(edges, street_frame, str(folder / STREETS_FILE)),
    ]
    if faults:
        raise LayerError(faults)
    return Gazetteer(street_frame, junction_frame)


def _cut(street: Street) -> Iterator[_Edge]:
    """Cut a street at its junctions."""
    at = [place for place, step in enumerate(street.path) if isinstance(step, str)]
    for number, (start, end) in enumerate(pairwise(at), 1):
        first, *between, last = street.path[start : end + 1]
        shape = tuple(step for step in between if not isinstance(step, str))
        yield _Edge(street, number, str(first), str(last), shape)


def _junction_frame(junctions: Sequence[Junction], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    fields = ["id", "name_th", "name_en", "source", "grade", "est_error_m"]
    frame = pd.DataFrame(junctions, columns=list(Junction._fields))[fields].set_index("id")
    points = shapely.points([junction.lonlat for junction in junctions])
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326").to_crs(crs)


def _street_frame(edges: Sequence[_Edge], junctions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    to_metric = pyproj.Transformer.from_crs("EPSG:4326", junctions.crs, always_xy=True)
    ends = dict(zip(junctions.index, shapely.get_coordinates(junctions.geometry), strict=True))
    lines = []
    for edge in edges:
        shape = np.column_stack(to_metric.transform(*np.array(edge.shape).reshape(-1, 2).T))
        lines.append(shapely.linestrings([ends[edge.start], *shape, ends[edge.end]]))
    columns = {
        "name_th": [edge.street.name_th for edge in edges],
        "name_en": [edge.street.name_en for edge in edges],
        "street_class": [edge.street.street_class for edge in edges],
        "oneway": [edge.street.oneway for edge in edges],
        "width_m": [edge.street.width_m for edge in edges],
        "source": [edge.street.source for edge in edges],
        "grade": [edge.street.grade for edge in edges],
        "street": [edge.street.id for edge in edges],
        "start_junction": [edge.start for edge in edges],
        "end_junction": [edge.end for edge in edges],
        "bridge": [edge.street.bridge for edge in edges],
    }
    index = pd.Index([edge.id for edge in edges], name="id", dtype="str")
    return gpd.GeoDataFrame(columns, index=index, geometry=lines, crs=junctions.crs)


def _idle_junctions(
    junctions: Sequence[Junction], edges: Sequence[_Edge], source: str
) -> Iterator[Fault]:
    used = {end for edge in edges for end in (edge.start, edge.end)}
    for junction in junctions:
        if junction.id not in used:
            yield Fault(source, "a street through it", repr(junction.id), junction.row)


def _crossings(edges: Sequence[_Edge], lines: gpd.GeoSeries, source: str) -> Iterator[Fault]:
    """Find edges that meet elsewhere than at a junction of both."""
    geometries = lines.to_numpy()
    for place, line in enumerate(geometries):
        if not line.is_simple:
            found = f"{edges[place].id} crosses itself"
            yield Fault(source, "a plain line", found, edges[place].street.row, "path")
    pairs = shapely.STRtree(geometries).query(geometries, predicate="intersects").T
    for one, other in pairs[pairs[:, 0] < pairs[:, 1]]:
        here, there = edges[one], edges[other]
        if here.street.bridge or there.street.bridge:
            continue
        meeting = shapely.intersection(geometries[one], geometries[other])
        shared = {here.start, here.end} & {there.start, there.end}
        ends = {name: _end_point(geometries[one], here, name) for name in shared}
        apart = shapely.difference(meeting, shapely.union_all(list(ends.values())))
        if not apart.is_empty:
            x, y = shapely.get_coordinates(apart)[0]
            found = f"{here.id} and {there.id} at {x:.1f}, {y:.1f} m"
            expected = "a junction where streets meet"
            yield Fault(source, expected, found, there.street.row, "path")


def _end_point(line: shapely.LineString, edge: _Edge, junction: str) -> shapely.Point:
    return shapely.get_point(line, 0 if edge.start == junction else -1)


def _islands(edges: Sequence[_Edge], streets: gpd.GeoDataFrame, source: str) -> Iterator[Fault]:
    """Find the streets that cannot be reached on foot from the longest piece of the graph."""
    pieces = StreetGraph.from_streets(streets).components().to_numpy()
    for piece in range(1, pieces.max(initial=0) + 1):
        members = [edge.street for edge, at in zip(edges, pieces, strict=True) if at == piece]
        ids = ", ".join(dict.fromkeys(street.id for street in members))
        expected = "one connected graph"
        yield Fault(source, expected, f"{ids} out of reach of the rest", members[0].row)
