"""Which parts of the streets the cameras see, and which they do not.

Coverage at points counts the fields of view over each point; blind spots are exact: the difference
of each street line and the union of all fields.
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

from geo.errors import Fault, LayerError, ParameterError

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

    @property
    def seen_share(self) -> float:
        """Return the seen part of the length, in [0, 1]; 0 where there are no streets.

        Returns
        -------
        share
            Seen length over total length.
        """
        return self.seen_m / self.total_m if self.total_m > 0.0 else 0.0


def street_coverage(
    streets: gpd.GeoDataFrame, fields_of_view: gpd.GeoSeries, *, spacing_m: float = 2.0
) -> gpd.GeoDataFrame:
    """Count the fields of view over points along each street.

    Each street is cut into equal pieces no longer than `spacing_m`, with a point in the middle of
    each, so that every point of a street stands for the same length.

    Parameters
    ----------
    streets
        Lines, one a street.
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
        If a layer does not hold valid shapes of its kind, or their CRS differ.
    """
    if not (math.isfinite(spacing_m) and spacing_m > 0.0):
        raise ParameterError(f"Expected `spacing_m` > 0, got {spacing_m}.")
    _check(streets, fields_of_view)
    lines = streets.geometry.to_numpy()
    length = shapely.length(lines)
    pieces = np.ceil(length / spacing_m).astype(np.int64)
    street = np.repeat(np.arange(lines.size), pieces)
    number = np.arange(street.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    step = length[street] / pieces[street]
    offset = (number + 0.5) * step
    points = np.asarray(shapely.line_interpolate_point(lines[street], offset), dtype=object)
    fields = _without_empty(fields_of_view)
    seen = shapely.STRtree(points).query(fields, predicate="intersects")[1]
    return gpd.GeoDataFrame(
        {
            "street": streets.index.take(street),
            "offset_m": offset,
            "length_m": step,
            "seen_by": np.bincount(seen, minlength=points.size),
        },
        geometry=points,
        crs=streets.crs,
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
        Lines, one an edge of a street; `name_th` and `name_en` where it has a name.
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
        If a layer does not hold valid shapes of its kind, or their CRS differ.
    """
    if not (math.isfinite(min_length_m) and min_length_m >= 0.0):
        raise ParameterError(f"Expected `min_length_m` >= 0, got {min_length_m}.")
    _check(streets, fields_of_view)
    parts, edge = _blind_parts(streets, fields_of_view)
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
        crs=streets.crs,
    )


def coverage_of(streets: gpd.GeoDataFrame, fields_of_view: gpd.GeoSeries) -> Coverage:
    """Measure how much of the streets is seen.

    Parameters
    ----------
    streets
        Lines, one a street.
    fields_of_view
        Polygons, one a camera, possibly empty, in the CRS of `streets`.

    Returns
    -------
    Coverage
        Seen and blind length, exact.

    Raises
    ------
    LayerError
        If a layer does not hold valid shapes of its kind, or their CRS differ.
    """
    _check(streets, fields_of_view)
    total = float(shapely.length(streets.geometry.to_numpy()).sum())
    blind = float(shapely.length(_blind_parts(streets, fields_of_view)[0]).sum())
    return Coverage(total_m=total, seen_m=max(0.0, total - blind), blind_m=blind)


def _check(streets: gpd.GeoDataFrame, fields_of_view: gpd.GeoSeries) -> None:
    faults = _faults_of(streets.geometry, "streets", ("LineString",))
    faults += _faults_of(fields_of_view.geometry, "fields_of_view", ("Polygon", "MultiPolygon"))
    if len(streets) > 0 and len(fields_of_view) > 0 and streets.crs != fields_of_view.crs:
        expected, found = (
            "none" if crs is None else crs.to_string() for crs in (streets.crs, fields_of_view.crs)
        )
        expected = f"the coordinate reference system of the streets, {expected}"
        faults.append(Fault("fields_of_view", expected, found, field="geometry"))
    if faults:
        raise LayerError(faults)


def _faults_of(shapes: gpd.GeoSeries, source: str, wanted: tuple[str, ...]) -> list[Fault]:
    faults = []
    sound = shapes.geom_type.isin(wanted) & shapes.is_valid
    for row in np.flatnonzero(~sound.to_numpy()):
        shape = shapes.iloc[row]
        found = (
            "nothing" if shape is None else f"{shape.geom_type}, {shapely.is_valid_reason(shape)}"
        )
        expected = f"a valid {' or '.join(wanted)}"
        faults.append(Fault(source, expected, found, row=int(row) + 1, field="geometry"))
    return faults


def _without_empty(fields_of_view: gpd.GeoSeries) -> Shapes:
    fields = fields_of_view.geometry.to_numpy()
    return np.asarray(fields[~shapely.is_empty(fields)], dtype=object)


def _names(streets: gpd.GeoDataFrame) -> Texts:
    """Return the Thai and English name of each street, empty where it has none."""
    names = pd.DataFrame(streets).reindex(columns=["name_th", "name_en"])
    return names.astype("object").fillna("").to_numpy()


def _blind_parts(streets: gpd.GeoDataFrame, fields_of_view: gpd.GeoSeries) -> tuple[Shapes, Ints]:
    """Return the parts of each line that no field covers, and the row of the line of each."""
    left = streets.geometry.to_numpy().copy()
    seen = shapely.union_all(_without_empty(fields_of_view))
    shapely.prepare(seen)
    # A line that no field touches stays as it is: the difference would dissolve its overlaps.
    touched = shapely.intersects(seen, left)
    left[touched] = shapely.difference(left[touched], seen)
    parts, edge = shapely.get_parts(left, return_index=True)
    kept = shapely.length(parts) > 0.0
    return parts[kept], edge[kept]


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
