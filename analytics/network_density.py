"""Density of events along streets.

The heat kernel: events diffuse along the network for bandwidth^2 / 2, which on a street without
junctions is the Gaussian kernel, at a junction splits by continuity and at a dead end reflects, so
that no event loses mass: McSwiggan, G., Baddeley, A. and Nair, G. (2017), "Kernel density
estimation on a linear network", Scandinavian Journal of Statistics 44 (2), 324-345. Space is cut
into finite volumes around nodes a tenth of the bandwidth apart: along a street without junctions
the density is within 0.13 % of the peak of its Gaussian. Time is exact to 1e-11 (`_heat`).
"""

import math
from typing import Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from analytics._heat import heat_flow
from analytics._network_input import check_events, check_streets
from analytics._street_mesh import Floats, Ints, StreetMesh, lixel_counts, mesh_lines
from geo.errors import NotFoundError, ParameterError
from geo.street_graph import StreetGraph

Method: TypeAlias = Literal["heat"]
Kernel: TypeAlias = Literal["gaussian"]

SEGMENTS_PER_BANDWIDTH = 10
# 1.3 million segments (95,000 streets) take 13 s and 1.1 GB, both in proportion to the number:
# this many still fit a large machine, and a bandwidth in the wrong unit is refused.
MAX_SEGMENTS = 10_000_000


def network_density(
    streets: gpd.GeoDataFrame,
    events: gpd.GeoDataFrame,
    *,
    bandwidth_m: float,
    method: Method = "heat",
    kernel: Kernel = "gaussian",
    lixel_m: float = 10.0,
    at: pd.DataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Estimate the density of events along streets.

    Each event counts at the nearest place on the network, however far that is; `StreetGraph.snap`
    tells the distances. Each connected piece of the network keeps its own events.

    Parameters
    ----------
    streets
        LineStrings in a projected CRS that meet only at shared end points, equal to the last bit;
        labels of the index are unique.
    events
        Points in the CRS of the streets; there may be none.
    bandwidth_m
        Standard deviation of the kernel along a street, > 0.
    method
        Rule by which an event spreads over junctions: "heat".
    kernel
        Shape of the kernel: "gaussian".
    lixel_m
        Longest piece of street to average over, > 0; each street is cut into equal lixels.
    at
        Places to estimate at instead of lixels: columns `street` (label) and `fraction` (0 at the
        start of the street, 1 at its end).

    Returns
    -------
    density
        One lixel a row, street by street from start to end: `street` (label), `length_m`,
        `density` (mean events per unit length, >= 0) and the piece of street; the sum of `density`
        times `length_m` is the number of events. With `at`: Points labelled as the places are,
        with `street`, `fraction` and `density` there.

    Raises
    ------
    LayerError
        If a street or an event cannot be placed; names every such row.
    NotFoundError
        If a place of `at` lies on a street that does not exist.
    ParameterError
        If an argument is out of its range, or the streets are too long for the bandwidth.
    """
    if method != "heat":
        raise ParameterError(f'Expected `method` "heat", got "{method}".')
    if kernel != "gaussian":
        raise ParameterError(f'Expected `kernel` "gaussian" for the heat method, got "{kernel}".')
    for name, value in (("bandwidth_m", bandwidth_m), ("lixel_m", lixel_m)):
        if not (math.isfinite(value) and value > 0):
            raise ParameterError(f"Expected `{name}` > 0, got {value}.")
    check_streets(streets)
    check_events(events, streets)
    graph = StreetGraph.from_streets(streets)
    lixels, mesh = _meshes(graph, bandwidth_m, lixel_m)
    street, fraction = _snapped(graph, events)
    density = _heat_density(mesh, street, fraction, bandwidth_m)
    if at is not None:
        return _at_places(mesh, density, at)
    of_segment = (density[mesh.tail] + density[mesh.head]) / 2
    parts = (mesh.segments // lixels.segments)[lixels.street]
    first_part = np.cumsum(parts) - parts
    return gpd.GeoDataFrame(
        {
            "street": graph.lines.index.to_numpy()[lixels.street],
            "length_m": lixels.length_m,
            "density": np.add.reduceat(of_segment, first_part) / parts,
        },
        geometry=mesh_lines(lixels),
        crs=streets.crs,
    )


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


def _snapped(graph: StreetGraph, events: gpd.GeoDataFrame) -> tuple[Ints, Floats]:
    """Return the street of each event, by position, and how far along it the event is."""
    if not len(events):
        return np.empty(0, dtype=np.int64), np.empty(0)
    places = graph.snap(events.geometry)
    street = graph.lines.index.get_indexer(pd.Index(places["street"]))
    return street.astype(np.int64), places["fraction"].to_numpy(dtype=np.float64)


def _heat_density(mesh: StreetMesh, street: Ints, fraction: Floats, bandwidth_m: float) -> Floats:
    """Return the density at each node once the events have spread."""
    if not len(street):
        return np.zeros(mesh.nodes)
    ends = np.concatenate([mesh.tail, mesh.head])
    volume = np.bincount(ends, np.tile(mesh.length_m / 2, 2), mesh.nodes).astype(np.float64)
    flow = np.tile(1 / mesh.length_m, 2)
    other = np.concatenate([mesh.head, mesh.tail])
    stiffness = sparse.coo_array(
        (np.concatenate([flow, -flow]), (np.tile(ends, 2), np.concatenate([ends, other]))),
        shape=(mesh.nodes, mesh.nodes),
    ).tocsr()
    segment, along = mesh.locate(street, fraction)
    nodes = np.concatenate([mesh.tail[segment], mesh.head[segment]])
    heat = np.bincount(nodes, np.concatenate([1 - along, along]), mesh.nodes).astype(np.float64)
    return heat_flow(stiffness, volume, heat, time=bandwidth_m**2 / 2) / volume


def _at_places(mesh: StreetMesh, density: Floats, at: pd.DataFrame) -> gpd.GeoDataFrame:
    graph = mesh.graph
    absent = [name for name in ("street", "fraction") if name not in at]
    if absent:
        raise ParameterError(f"Expected `at` with columns street and fraction, got no {absent[0]}.")
    street = graph.lines.index.get_indexer(pd.Index(at["street"])).astype(np.int64)
    if (street < 0).any():
        unknown = at["street"].to_numpy()[street < 0][0]
        raise NotFoundError(f"Expected `at` on streets of the network, got {unknown!r}.")
    fraction = at["fraction"].to_numpy(dtype=np.float64)
    if not ((fraction >= 0) & (fraction <= 1)).all():
        raise ParameterError("Expected `at` with fractions from 0 to 1, got another value.")
    segment, along = mesh.locate(street, fraction)
    ahead, behind = density[mesh.head[segment]], density[mesh.tail[segment]]
    return gpd.GeoDataFrame(
        {
            "street": at["street"].to_numpy(),
            "fraction": fraction,
            "density": (1 - along) * behind + along * ahead,
        },
        index=at.index,
        geometry=shapely.line_interpolate_point(
            np.asarray(graph.lines.array)[street], fraction, normalized=True
        ),
        crs=graph.lines.crs,
    )
