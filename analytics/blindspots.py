"""Which parts of the streets the cameras see, and which they do not.

Coverage at points counts the fields of view over each point; blind spots are exact: the difference
of each street line and the union of all fields. Where a line runs over itself, each pass counts.
"""

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.errors import LayerError, ParameterError
from geo.shapes import examine_shapes, system_faults

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]
Texts = NDArray[np.object_]

_END_TO_END = 2  # ends that meet where a street goes on


@dataclass(frozen=True)
class Coverage:
    """How much of the streets is seen.

    Attributes
    ----------
    total_m
        Length of all streets, in metres.
    seen_m
        Length within at least one field of view, in metres.
    blind_m
        Length within none, in metres.
    """

    total_m: float
    seen_m: float
    blind_m: float


def street_coverage(
    streets: gpd.GeoDataFrame, fields_of_view: gpd.GeoSeries, *, spacing_m: float = 2.0
) -> gpd.GeoDataFrame:
    """Count the fields of view over points along each street.

    Each street is cut into equal pieces no longer than `spacing_m`, with a point in the middle of
    each, so that every point of a street stands for the same length.

    Parameters
    ----------
    streets
        Lines in a projected CRS, one a street.
    fields_of_view
        Polygons, one a camera, possibly empty, in the CRS of `streets`.
    spacing_m
        Largest distance between neighbouring points of a street, > 0.

    Returns
    -------
    geopandas.GeoDataFrame
        A row per point, street after street: `street`, the label of its street; `offset_m`, its
        distance along the street; `length_m`, the length it stands for; `seen_by`, the number of
        fields that hold it, on their boundary too; and its geometry.

    Raises
    ------
    ParameterError
        If `spacing_m` is out of its range.
    LayerError
        If a layer does not hold valid shapes of its kind, the CRS of the streets is not projected,
        or that of the fields differs.
    """
    if not (math.isfinite(spacing_m) and spacing_m > 0.0):
        raise ParameterError(f"Expected `spacing_m` > 0, got {spacing_m}.")
    geometry, fields = _checked(streets, fields_of_view)
    lines = geometry.to_numpy()
    length = shapely.length(lines)
    pieces = np.ceil(length / spacing_m).astype(np.int64)
    street = np.repeat(np.arange(lines.size), pieces)
    number = np.arange(street.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    step = length[street] / pieces[street]
    offset = (number + 0.5) * step
    points = np.asarray(shapely.line_interpolate_point(lines[street], offset), dtype=object)
    seen = shapely.STRtree(points).query(fields, predicate="intersects")[1]
    return gpd.GeoDataFrame(
        {
            "street": streets.index.take(street),
            "offset_m": offset,
            "length_m": step,
            "seen_by": np.bincount(seen, minlength=points.size),
        },
        geometry=points,
        crs=geometry.crs,
    )


def blind_spots(
    streets: gpd.GeoDataFrame, fields_of_view: gpd.GeoSeries, *, min_length_m: float = 5.0
) -> gpd.GeoDataFrame:
    """List the stretches of street that no camera sees, longest first.

    Blind parts of edges of one named street that meet end to end are one stretch; where three or
    more meet, the stretches end there.

    Parameters
    ----------
    streets
        Lines in a projected CRS, one an edge of a street; `name_th` and `name_en` where it has a
        name.
    fields_of_view
        Polygons, one a camera, possibly empty, in the CRS of `streets`.
    min_length_m
        Shorter stretches are left out; >= 0.

    Returns
    -------
    geopandas.GeoDataFrame
        A row per stretch: `rank` from 1; `street`, the label of the first of its edges in the order
        of `streets`, and the direction of that edge; `name_th`, `name_en`; `length_m`; and its
        geometry, a LineString.

    Raises
    ------
    ParameterError
        If `min_length_m` is out of its range.
    LayerError
        If a layer does not hold valid shapes of its kind, the CRS of the streets is not projected,
        or that of the fields differs.
    """
    if not (math.isfinite(min_length_m) and min_length_m >= 0.0):
        raise ParameterError(f"Expected `min_length_m` >= 0, got {min_length_m}.")
    lines, fields = _checked(streets, fields_of_view)
    parts, edge = _blind_parts(lines.to_numpy(), fields)
    names = _names(streets)
    stretches, first = _joined(parts, edge, names)
    length = shapely.length(stretches)
    kept = np.flatnonzero(length >= min_length_m)
    kept = kept[np.lexsort((first[kept], -length[kept]))]
    return gpd.GeoDataFrame(
        {
            "rank": np.arange(1, kept.size + 1),
            "street": streets.index.take(first[kept]),
            "name_th": pd.array(names[first[kept], 0], dtype="str"),
            "name_en": pd.array(names[first[kept], 1], dtype="str"),
            "length_m": length[kept],
        },
        geometry=stretches[kept],
        crs=lines.crs,
    )


def coverage_of(streets: gpd.GeoDataFrame, fields_of_view: gpd.GeoSeries) -> Coverage:
    """Measure how much of the streets is seen.

    Parameters
    ----------
    streets
        Lines in a projected CRS, one a street.
    fields_of_view
        Polygons, one a camera, possibly empty, in the CRS of `streets`.

    Returns
    -------
    Coverage
        Seen and blind length, exact.

    Raises
    ------
    LayerError
        If a layer does not hold valid shapes of its kind, the CRS of the streets is not projected,
        or that of the fields differs.
    """
    lines, fields = _checked(streets, fields_of_view)
    total = float(lines.length.sum())
    blind = float(shapely.length(_blind_parts(lines.to_numpy(), fields)[0]).sum())
    return Coverage(total_m=total, seen_m=max(0.0, total - blind), blind_m=blind)


def _checked(
    streets: gpd.GeoDataFrame, fields_of_view: gpd.GeoSeries
) -> tuple[gpd.GeoSeries, Shapes]:
    """Return the lines, and the fields that are not empty; refuse all faults of both at once."""
    lines, faults = examine_shapes(streets, ("LineString",), source="streets")
    fields, of_fields = examine_shapes(
        fields_of_view, ("Polygon", "MultiPolygon"), source="fields_of_view", may_be_empty=True
    )
    faults += of_fields
    faults += system_faults(lines, fields, source="streets", other_source="fields_of_view")
    if faults:
        raise LayerError(faults)
    return lines, fields[~fields.is_empty].to_numpy()


def _names(streets: gpd.GeoDataFrame) -> Texts:
    """Return the Thai and English name of each street, empty where it has none."""
    names = pd.DataFrame(streets).reindex(columns=["name_th", "name_en"])
    return names.astype("object").fillna("").to_numpy()


def _blind_parts(lines: Shapes, fields: Shapes) -> tuple[Shapes, Ints]:
    """Return the parts of each line that no field covers, and the number of the line of each."""
    seen = shapely.union_all(fields)
    shapely.prepare(seen)
    # The difference would dissolve what a line covers twice: a line that no field touches stays as
    # it is, and one that meets itself is taken segment by segment.
    tangled = shapely.intersects(seen, lines) & ~shapely.is_simple(lines)
    pieces, edge = _segments(lines, tangled)
    touched = shapely.intersects(seen, pieces)
    pieces[touched] = shapely.difference(pieces[touched], seen)
    parts, piece = shapely.get_parts(pieces, return_index=True)
    kept = shapely.length(parts) > 0.0
    return parts[kept], edge[piece[kept]]


def _segments(lines: Shapes, cut: Flags) -> tuple[Shapes, Ints]:
    """Return the lines, those to cut as their segments, and the number of the line of each."""
    xy, line = shapely.get_coordinates(lines[cut], return_index=True)
    within = line[1:] == line[:-1]
    segments = shapely.linestrings(np.stack([xy[:-1][within], xy[1:][within]], axis=1))
    edge = np.concatenate([np.flatnonzero(~cut), np.flatnonzero(cut)[line[1:][within]]])
    order = np.argsort(edge, kind="stable")
    return np.concatenate([lines[~cut], segments])[order], edge[order]


def _joined(parts: Shapes, edge: Ints, names: Texts) -> tuple[Shapes, Ints]:
    """Join the parts of each named street that meet end to end, and nothing else.

    Returns the stretches and the first edge of each, in whose direction the stretch runs.
    """
    if parts.size == 0:
        return parts, edge
    unnamed = np.where((names == "").all(axis=1), np.arange(len(names)), -1)
    label = pd.DataFrame({"th": names[edge, 0], "en": names[edge, 1], "edge": unnamed[edge]})
    group = np.asarray(label.groupby(["th", "en", "edge"]).ngroup(), dtype=np.int64)
    chain = _chains(parts, group)
    order = np.argsort(chain, kind="stable")
    chains = shapely.multilinestrings(parts[order], indices=chain[order])
    lines = np.asarray(shapely.line_merge(chains), dtype=object)
    first = np.unique(chain, return_index=True)[1]
    begin = shapely.line_locate_point(lines, shapely.get_point(parts[first], 0))
    end = shapely.line_locate_point(lines, shapely.get_point(parts[first], -1))
    against = begin > end
    lines[against] = shapely.reverse(lines[against])
    return lines, edge[first]


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
