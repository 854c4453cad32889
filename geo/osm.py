"""OpenStreetMap as layers: streets, buildings and places of an extract, read through osmnx.

Boeing, G. (2025): Modeling and Analyzing Urban Networks and Amenities with OSMnx. Geographical
Analysis 57(4), 567-577. The data is (c) OpenStreetMap contributors, Open Database License 1.0,
https://www.openstreetmap.org/copyright; every row says so in `source`.

osmnx gives streets as a directed graph: a street that is open both ways is two edges. `read_osm`
keeps that graph whole, one row a directed edge, so its counts are those of osmnx. From a file
osmnx takes every way into the graph, fences and outlines of buildings too: `street_class` is ""
where the way is no street in use. The streets layer of a zone has each street once and nothing
else: `street_edges` makes it.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple
from xml.etree.ElementTree import ParseError

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import shapely
from pyproj import CRS

from geo import _osm_tags as tags
from geo._positions import metric_crs
from geo.errors import Fault, LayerError, ParameterError, SourceError, reason_of

ATTRIBUTION: Final = "© OpenStreetMap contributors, ODbL 1.0"
"""What every row taken from OpenStreetMap says in `source`."""


class OsmExtract(NamedTuple):
    """The layers of an OpenStreetMap extract, in one metric coordinate reference system.

    Attributes
    ----------
    streets
        One row a directed edge of the osmnx graph, LineString from node `u` to node `v`; index
        "id" as "u-v-key". Columns of the streets layer and `u`, `v`, `key` and `osm_ways`;
        `street_class` is "" for what is no street in use. Edges meet at end points of exactly
        equal coordinates.
    buildings
        Footprints with walls; columns of the buildings layer, `name_th`, `name_en` and `source`.
    places
        Points; columns of the places layer.
    """

    streets: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    places: gpd.GeoDataFrame


def read_osm(
    path: str | Path, *, crs: str | CRS | None = None, streets_only: bool = False
) -> OsmExtract:
    """Read an OpenStreetMap file.

    Of the streets, osmnx keeps the largest connected piece and removes nodes that are not
    junctions or ends.

    Parameters
    ----------
    path
        OSM XML file (.osm), plain or compressed (.osm.gz, .osm.bz2).
    crs
        Metric coordinate reference system of the result; the UTM zone of the extract where none.
    streets_only
        Leave ways that are no streets in use out of the graph, as a query to Overpass does. The
        graph then has other junctions and pieces than osmnx finds in the whole file, where a
        street may be joined with the fence at its end.

    Returns
    -------
    extract
        Streets, buildings and places. Buildings and places may be empty. Used as they are, streets
        open both ways count twice: `street_edges` makes them the streets layer, each street once.

    Raises
    ------
    LayerError
        The file is not OSM XML, or holds no streets.
    ParameterError
        `crs` is no coordinate reference system in metres.
    SourceError
        The file is missing, may not be read, or breaks off within its compressed data.
    """
    path = Path(path)
    metric = _metric(crs)
    if not path.is_file():
        raise SourceError(f"Expected an OpenStreetMap file at {path}, got none.")
    try:
        with kept_tags():
            graph = _used_streets(path) if streets_only else osmnx.graph_from_xml(path)
        features = _features(path)
    except ParseError as error:
        fault = Fault(str(path), "OSM XML", str(error), error.position[0])
        raise LayerError([fault]) from error
    except KeyError as error:
        found = f"an element without {error}"
        raise LayerError([Fault(str(path), "OSM XML with every attribute", found)]) from error
    except TypeError as error:
        found = "a tag or a reference outside of any"
        raise LayerError([Fault(str(path), "OSM XML with its elements", found)]) from error
    except ValueError as error:
        raise LayerError([Fault(str(path), "OSM XML with streets", str(error))]) from error
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"Expected to read {path}, got: {reason_of(error)}.") from error
    if not graph.number_of_edges():
        raise LayerError([Fault(str(path), "OSM XML with streets", "none")])
    return layers_from_osm(graph, features, crs=metric)


def _metric(crs: str | CRS | None) -> CRS | None:
    metric = None if crs is None else metric_crs(crs)
    if crs is not None and metric is None:
        raise ParameterError(
            f"Expected `crs` projected and in metres, such as EPSG:32647, got {str(crs)!r}."
        )
    return metric


def _used_streets(path: Path) -> "nx.MultiDiGraph[int]":
    graph = osmnx.graph_from_xml(path, simplify=False, retain_all=True)
    edges = osmnx.graph_to_gdfs(graph, nodes=False, fill_edge_geometry=False)
    ways = edges.reindex(columns=["highway"])["highway"]
    graph.remove_edges_from(ways.index[ways.map(tags.street_class) == ""])
    return osmnx.simplify_graph(osmnx.truncate.largest_component(graph))


def _features(path: Path) -> gpd.GeoDataFrame:
    try:
        return osmnx.features_from_xml(path, tags=feature_tags())
    except ValueError:  # osmnx says so where nothing matches
        return no_features()


def feature_tags() -> dict[str, bool | str | list[str]]:
    """Return the tags by which buildings and places are asked for.

    Returns
    -------
    tags
        Wanted values by key, as osmnx takes them.
    """
    return tags.feature_tags()


def no_features() -> gpd.GeoDataFrame:
    """Return features as osmnx gives them, but none.

    Returns
    -------
    features
        No rows, in EPSG:4326, indexed by element and id.
    """
    index = pd.MultiIndex.from_arrays([[], []], names=["element", "id"])
    return gpd.GeoDataFrame(index=index, geometry=gpd.GeoSeries([], index=index), crs=4326)


@contextmanager
def kept_tags() -> Iterator[None]:
    """Make osmnx keep names in both languages and widths on the streets it reads meanwhile.

    Yields
    ------
    None
        On leaving, osmnx has the settings that it had before.
    """
    before = osmnx.settings.useful_tags_way
    osmnx.settings.useful_tags_way = list(dict.fromkeys([*before, *tags.STREET_TAGS]))
    try:
        yield
    finally:
        osmnx.settings.useful_tags_way = before


def layers_from_osm(
    graph: "nx.MultiDiGraph[int]", features: gpd.GeoDataFrame, *, crs: str | CRS | None = None
) -> OsmExtract:
    """Bring an osmnx graph and osmnx features into the layers of a zone.

    Parameters
    ----------
    graph
        Streets, in EPSG:4326, read under `kept_tags`.
    features
        Buildings and places, in EPSG:4326, asked for by `feature_tags`.
    crs
        Metric coordinate reference system of the result; the UTM zone of the streets where none.

    Returns
    -------
    extract
        Streets, buildings and places.

    Raises
    ------
    ParameterError
        `crs` is no coordinate reference system in metres.
    """
    metric = _metric(crs)
    edges = osmnx.graph_to_gdfs(graph, nodes=False)
    if metric is None:
        metric = edges.estimate_utm_crs()
    records = [
        {key: value for key, value in record.items() if value is not None and value is not pd.NA}
        for record in features.drop(columns="geometry").to_dict("records")
    ]
    ids = [f"{element}/{number}" for element, number in features.index]
    shapes = features.geometry.to_crs(metric).to_numpy()
    crossed = ~shapely.is_valid(shapes)
    shapes[crossed] = shapely.make_valid(shapes[crossed], method="structure")
    return OsmExtract(
        _streets(edges, metric),
        _buildings(ids, records, shapes, metric),
        _places(ids, records, shapes, metric),
    )


def _streets(edges: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    records = edges.drop(columns="geometry").to_dict("records")
    named = [tags.names(record) for record in records]
    width = [tags.metres(one.get("width")) for one in records]
    estimate = [tags.metres(one.get("est_width")) for one in records]
    u, v, key = (edges.index.get_level_values(level) for level in ("u", "v", "key"))
    index = pd.Index([f"{a}-{b}-{k}" for a, b, k in edges.index], name="id", dtype="str")
    columns = {
        "name_th": pd.array([thai for thai, _ in named], dtype="str"),
        "name_en": pd.array([english for _, english in named], dtype="str"),
        "street_class": pd.array(
            [tags.street_class(one.get("highway")) for one in records], dtype="str"
        ),
        "oneway": edges["oneway"].to_numpy(dtype=bool),
        "width_m": np.where(np.isnan(width), estimate, width),
        "source": pd.array([ATTRIBUTION] * len(edges), dtype="str"),
        "grade": pd.array([""] * len(edges), dtype="str"),
        "u": u.to_numpy(),
        "v": v.to_numpy(),
        "key": key.to_numpy(),
        "osm_ways": pd.array([tags.joined_ids(one["osmid"]) for one in records], dtype="str"),
    }
    lines = edges.geometry.to_crs(crs).to_numpy()
    return gpd.GeoDataFrame(columns, index=index, geometry=lines, crs=crs)


def street_edges(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Fold the directed edges of an extract into the streets layer: each street in use once.

    Ways that are no streets are left out, and of what remains the largest connected piece is kept.
    Edges over the same course, in whichever direction, are one street. It is one-way, drawn in
    its direction, where all of them run the same way. Where ways of several classes share a
    course, the first in the order of the index stands for them.

    Parameters
    ----------
    edges
        Streets as `read_osm` gives them.

    Returns
    -------
    streets
        Columns of the streets layer, `start_junction` and `end_junction` (ids of OpenStreetMap
        nodes) and `osm_ways`; index "id" as "u-v-key".
    """
    edges = edges[edges["street_class"] != ""]
    forward = [shapely.get_coordinates(line).tobytes() for line in edges.geometry]
    backward = [shapely.get_coordinates(line)[::-1].tobytes() for line in edges.geometry]
    course = pd.Series(
        np.minimum(np.array(forward, dtype=object), np.array(backward, dtype=object))
    )
    runs_both_ways = pd.Series(forward).groupby(course).transform("nunique").to_numpy() > 1
    streets = edges.assign(
        oneway=edges["oneway"].to_numpy() & ~runs_both_ways,
        start_junction=edges["u"].astype("str"),
        end_junction=edges["v"].astype("str"),
    ).drop(columns=["u", "v", "key"])
    return _largest_piece(streets[~course.duplicated().to_numpy()])


def _largest_piece(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    graph = nx.from_pandas_edgelist(streets, "start_junction", "end_junction")
    piece = max(nx.connected_components(graph), key=len, default=set())
    return streets[streets["start_junction"].isin(piece)]


def _buildings(
    ids: list[str], records: list[dict[str, object]], shapes: np.ndarray, crs: CRS
) -> gpd.GeoDataFrame:
    rows = [
        (name, shape, kind, tags.height_m(record), *tags.names(record))
        for name, record, shape in zip(ids, records, shapes, strict=True)
        if (kind := tags.building_kind(record)) is not None
        and shape.geom_type in {"Polygon", "MultiPolygon"}
        and not shape.is_empty
    ]
    index = pd.Index([row[0] for row in rows], name="id", dtype="str")
    columns = {
        "kind": pd.array([row[2] for row in rows], dtype="str"),
        "height_m": np.array([row[3] for row in rows], dtype=np.float64),
        "synthetic": np.zeros(len(rows), dtype=bool),
        "name_th": pd.array([row[4] for row in rows], dtype="str"),
        "name_en": pd.array([row[5] for row in rows], dtype="str"),
        "source": pd.array([ATTRIBUTION] * len(rows), dtype="str"),
    }
    return gpd.GeoDataFrame(columns, index=index, geometry=[row[1] for row in rows], crs=crs)


def _places(
    ids: list[str], records: list[dict[str, object]], shapes: np.ndarray, crs: CRS
) -> gpd.GeoDataFrame:
    rows = [
        (name, shapely.point_on_surface(shape), kind, *tags.names(record))
        for name, record, shape in zip(ids, records, shapes, strict=True)
        if (kind := tags.place_kind(record)) is not None
    ]
    index = pd.Index([row[0] for row in rows], name="id", dtype="str")
    columns = {
        "kind": pd.array([row[2] for row in rows], dtype="str"),
        "name_th": pd.array([row[3] for row in rows], dtype="str"),
        "name_en": pd.array([row[4] for row in rows], dtype="str"),
        "source": pd.array([ATTRIBUTION] * len(rows), dtype="str"),
        "grade": pd.array([""] * len(rows), dtype="str"),
    }
    return gpd.GeoDataFrame(columns, index=index, geometry=[row[1] for row in rows], crs=crs)
