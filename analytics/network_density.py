"""Density of events along streets.

Four rules by which an event spreads over junctions:

- "heat": it diffuses (`heat_kernel`), which is right for any bandwidth at a cost that does not grow
  with it;
- "continuous" and "discontinuous": equal split along every walk that begins at the event. Okabe,
  A., Satoh, T. and Sugihara, K. (2009), "A kernel density estimation method for networks, its
  computational method and a GIS-based tool", International Journal of Geographical Information
  Science 23 (1), 7-32. A walk that comes to a junction of m street ends goes on along each by 2 / m
  of what it carried and turns back by 2 / m - 1 (continuous), or goes on along each other one by
  1 / (m - 1) and never turns back (discontinuous). All walks are followed, so values are exact
  (`_walks`);
- "simple": by the shortest way, undivided, which is wrong and here for comparison.
"""

import math
from typing import Literal, TypeAlias, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike

from analytics._equal_split import PlacedEvents, Rule, lixel_density, place_density
from analytics._kernels import Shape
from analytics._network_input import checked_weights, located
from analytics._street_mesh import Floats, StreetMesh, lixel_counts, mesh_lines
from analytics.heat_kernel import MAX_SEGMENTS, HeatKernel
from analytics.network_places import place_events
from geo.errors import ParameterError
from geo.street_graph import StreetGraph

Method: TypeAlias = Literal["heat", "continuous", "discontinuous", "simple"]
Kernel: TypeAlias = Literal["gaussian", "epanechnikov", "quartic"]


def network_density(
    streets: gpd.GeoDataFrame,
    events: gpd.GeoDataFrame,
    *,
    bandwidth_m: float,
    method: Method = "heat",
    kernel: Kernel = "gaussian",
    lixel_m: float = 10.0,
    at: pd.DataFrame | None = None,
    weights: ArrayLike | None = None,
    max_snap_m: float = math.inf,
) -> gpd.GeoDataFrame:
    """Estimate the density of events along streets.

    Each event counts at the nearest place on the network, however far that is unless `max_snap_m`
    says otherwise; `place_events` tells the distances. Each connected piece of the network keeps
    its own events. For many layers or bandwidths on the same streets, `HeatKernel` does once what
    this function does at each call.

    By "heat" and "continuous" no event loses mass. "discontinuous" loses what walks into a dead
    end, and jumps at junctions; "simple" loses that too, and gives each street behind a junction
    the whole of what comes there, so that on a town's streets its mass is well above the number of
    events. "continuous" may fall below 0 between two junctions of
    many streets, as what they turn back is subtracted.

    Parameters
    ----------
    streets
        LineStrings in a projected CRS that meet only at shared end points, equal to the last bit;
        labels of the index are unique.
    events
        Points in the CRS of the streets; there may be none.
    bandwidth_m
        Of the Gaussian kernel, its standard deviation along a street, > 0; of the others, their
        half-width.
    method
        Rule by which an event spreads over junctions.
    kernel
        Shape of the kernel; by heat it is the Gaussian. Along walks the Gaussian ends at four
        standard deviations and is scaled up by 0.006 % for it.
    lixel_m
        Longest piece of street to average over, > 0; each street is cut into equal lixels.
    at
        Places to estimate at instead of lixels: columns `street` (label) and `fraction` (0 at the
        start of the street, 1 at its end).
    weights
        What each event counts, shape (events,), >= 0; each counts 1 if none are given.
    max_snap_m
        Greatest distance between an event and its street, >= 0.

    Returns
    -------
    density
        One lixel a row, street by street from start to end: `street` (label), `length_m`,
        `density` (mean events per unit length) and the piece of street; the sum of `density`
        times `length_m` is the number of events, or the sum of their weights, where the method
        loses no mass. With `at`: Points labelled as the places are, with `street`, `fraction` and
        `density` there.

    Raises
    ------
    LayerError
        If a street or an event cannot be placed; names every such row.
    NotFoundError
        If a place of `at` lies on a street that does not exist.
    ParameterError
        If an argument is out of its range, the streets are too long for the bandwidth, or too many
        walks are within its reach.
    """
    _check_arguments(method, kernel, bandwidth_m=bandwidth_m, lixel_m=lixel_m)
    places = place_events(streets, events, max_snap_m=max_snap_m)
    counts = checked_weights(weights, len(places))
    if counts.shape[1:] != (1,):
        raise ParameterError(f"Expected `weights` in one layer, got {counts.shape[1]}.")
    if method == "heat":
        flow = HeatKernel.of_streets(streets, bandwidths_m=[bandwidth_m], lixel_m=lixel_m)
        if at is None:
            density = flow.on_lixels(places, weights=counts)
            return _lixel_frame(flow.lixels, density.ravel())
        density = flow.at_places(places, at, weights=counts)
        return _place_frame(flow.mesh.graph, at, density.ravel())
    graph = StreetGraph.from_streets(streets)
    spots = PlacedEvents(*located(graph, places, name="events"), counts[:, 0])
    rule = Rule(Shape[kernel.upper()], bandwidth_m, method)
    if at is None:
        lixels = _lixels(graph, lixel_m)
        return _lixel_frame(lixels, lixel_density(lixels, spots, rule))
    found = place_density(graph, located(graph, at, name="at"), spots, rule)
    return _place_frame(graph, at, found)


def _check_arguments(method: str, kernel: str, **lengths: float) -> None:
    for name, value, known in (("method", method, Method), ("kernel", kernel, Kernel)):
        if value not in get_args(known):
            names = ", ".join(f'"{word}"' for word in get_args(known))
            raise ParameterError(f'Expected `{name}` among {names}, got "{value}".')
    if method == "heat" and kernel != "gaussian":
        raise ParameterError(f'Expected `kernel` "gaussian" for the heat method, got "{kernel}".')
    for name, length in lengths.items():
        if not (math.isfinite(length) and length > 0):
            raise ParameterError(f"Expected `{name}` > 0, got {length}.")


def _lixels(graph: StreetGraph, lixel_m: float) -> StreetMesh:
    count = lixel_counts(graph, lixel_m)
    if count.sum() > MAX_SEGMENTS:
        raise ParameterError(
            f"Expected `lixel_m` that cuts {graph.length_m.sum():.0f} m of street into at most"
            f" {MAX_SEGMENTS} lixels, got {lixel_m}."
        )
    return StreetMesh.of_graph(graph, count)


def _lixel_frame(lixels: StreetMesh, density: Floats) -> gpd.GeoDataFrame:
    lines = lixels.graph.lines
    return gpd.GeoDataFrame(
        {
            "street": lines.index.to_numpy()[lixels.street],
            "length_m": lixels.length_m,
            "density": density,
        },
        geometry=mesh_lines(lixels),
        crs=lines.crs,
    )


def _place_frame(graph: StreetGraph, at: pd.DataFrame, density: Floats) -> gpd.GeoDataFrame:
    street, fraction = located(graph, at, name="at")
    return gpd.GeoDataFrame(
        {"street": at["street"].to_numpy(), "fraction": fraction, "density": density},
        index=at.index,
        geometry=shapely.line_interpolate_point(
            np.asarray(graph.lines.array)[street], fraction, normalized=True
        ),
        crs=graph.lines.crs,
    )
