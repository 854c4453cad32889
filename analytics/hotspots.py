"""Ranked hotspots: the stretches of street where reported incidents are densest.

The density along streets (`network_density`) rises to a few tops; a hotspot stands for one rise.
It begins at the densest lixel of the rise on which an incident lies and grows over touching lixels
of streets of the same name, the densest first, while they hold at least half of that density (the
width at half maximum) and the stretch stays within its greatest length. What it leaves of its
rise, on its own street or on those it crosses, does not come back as a further hotspot.
"""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString

from analytics._street_mesh import Ints, StreetMesh, lixel_counts
from analytics._stretches import Relief, stretches
from analytics.network_density import network_density
from geo.errors import ParameterError
from geo.street_graph import StreetGraph

UNNAMED = pd.DataFrame({"name_th": ["ถนนไม่มีชื่อ"], "name_en": ["unnamed street"]})
NEAR = {"name_th": "ใกล้", "name_en": "near "}
# Streets equally near to within a millimetre are told apart by their names.
NAME_DIGITS = 3


def rank_hotspots(
    streets: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame,
    *,
    bandwidth_m: float = 60.0,
    lixel_m: float = 10.0,
    count: int = 10,
    max_length_m: float = 200.0,
) -> gpd.GeoDataFrame:
    """Rank the stretches of street where reported incidents are densest.

    Where incidents say how they became known (`reporting`), only the reported ones count:
    incidents discovered by patrols follow the patrols, and would send them where they have been.

    Parameters
    ----------
    streets
        LineStrings in a projected CRS that meet only at shared end points, with `name_th` and
        `name_en` where they are known.
    incidents
        Points in the CRS of the streets, with `reporting` where it is known; there may be none.
        Each counts at the nearest place on the network.
    bandwidth_m
        Standard deviation of the kernel along a street, > 0.
    lixel_m
        Longest piece of street to average the density over, > 0.
    count
        How many hotspots to return at most, >= 1.
    max_length_m
        Greatest length of a hotspot, >= `lixel_m`.

    Returns
    -------
    hotspots
        One hotspot a row, the densest first, none overlapping: `rank` from 1; `street`, the label
        of the street of its peak (the densest lixel with an incident); `name_th` and `name_en` of
        that street, or "near" and those of the nearest named street; `length_m`; `incidents`, how
        many reported incidents lie on it, >= 1; `share`, their part of all reported incidents, 0
        to 1; `density`, incidents per unit length at the peak; LineString or MultiLineString.

    Raises
    ------
    LayerError
        If a street or an incident cannot be placed; names every such row.
    ParameterError
        If an argument is out of its range.
    """
    if not (math.isfinite(count) and count == int(count) and count >= 1):
        raise ParameterError(f"Expected whole `count` >= 1, got {count}.")
    if not max_length_m >= lixel_m:
        raise ParameterError(
            f"Expected `max_length_m` >= `lixel_m` ({lixel_m}), got {max_length_m}."
        )
    if "reporting" in incidents:
        incidents = incidents[incidents["reporting"] == "reported"]
    lixels = network_density(streets, incidents, bandwidth_m=bandwidth_m, lixel_m=lixel_m)
    mesh = _lixel_mesh(streets, lixel_m)
    names = _street_names(streets)
    relief = Relief(
        mesh,
        lixels["density"].to_numpy(),
        name=pd.factorize(pd.MultiIndex.from_frame(names))[0].astype(np.int64)[mesh.street],
        incidents=_incidents_per_lixel(mesh, incidents),
    )
    best = stretches(relief, max_length_m=max_length_m)
    rows = []
    for rank, stretch in zip(range(1, int(count) + 1), best, strict=False):
        found = int(relief.incidents[stretch].sum())
        row = _described(stretch, int(mesh.street[stretch[0]]), lixels, streets, names)
        rows.append(row | {"rank": rank, "incidents": found, "share": found / len(incidents)})
    return _hotspot_frame(rows, streets)


def _lixel_mesh(streets: gpd.GeoDataFrame, lixel_m: float) -> StreetMesh:
    graph = StreetGraph.from_streets(streets)
    return StreetMesh.of_graph(graph, lixel_counts(graph, lixel_m))


def _incidents_per_lixel(mesh: StreetMesh, incidents: gpd.GeoDataFrame) -> Ints:
    if not len(incidents):
        return np.zeros(len(mesh.street), dtype=np.int64)
    places = mesh.graph.snap(incidents.geometry)
    street = mesh.graph.lines.index.get_indexer(pd.Index(places["street"])).astype(np.int64)
    lixel, _ = mesh.locate(street, places["fraction"].to_numpy(dtype=np.float64))
    return np.bincount(lixel, minlength=len(mesh.street)).astype(np.int64)


def _street_names(streets: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return both names of each street, the one for the other where only one is known."""
    names = pd.DataFrame(
        {
            column: streets[column].fillna("").astype(str) if column in streets else ""
            for column in NEAR
        },
        index=streets.index,
    )
    thai, english = names["name_th"], names["name_en"]
    return pd.DataFrame(
        {"name_th": thai.where(thai != "", english), "name_en": english.where(english != "", thai)}
    )


def _described(
    stretch: list[int],
    street: int,
    lixels: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    names: pd.DataFrame,
) -> dict[str, object]:
    """Return what a stretch is but for its incidents; `street` is the row of its peak's street."""
    peak = lixels.iloc[stretch[0]]
    name = names.iloc[street]
    if not name["name_en"]:
        name = _nearest_name(peak.geometry, streets, names)
    pieces = shapely.multilinestrings([lixels.geometry.iloc[sorted(stretch)].to_numpy()])
    return {
        "street": street,
        "name_th": name["name_th"],
        "name_en": name["name_en"],
        "length_m": float(lixels["length_m"].iloc[stretch].sum()),
        "density": float(peak["density"]),
        "geometry": shapely.line_merge(pieces)[0],
    }


def _nearest_name(
    place: LineString, streets: gpd.GeoDataFrame, names: pd.DataFrame
) -> "pd.Series[str]":
    """Name a place on an unnamed street after the named street nearest to it."""
    has_name = (names["name_en"] != "").to_numpy()
    named = names[has_name]
    if named.empty:
        return UNNAMED.iloc[0]
    away = streets.geometry[has_name].distance(place.centroid).round(NAME_DIGITS)
    nearest = named.assign(away=away).sort_values(["away", "name_en", "name_th"]).iloc[0]
    return pd.Series({column: word + nearest[column] for column, word in NEAR.items()})


def _hotspot_frame(rows: list[dict[str, object]], streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows as a layer with the same columns and types however many there are."""
    types = {
        "rank": "int64",
        "street": "int64",
        "name_th": "str",
        "name_en": "str",
        "length_m": "float64",
        "incidents": "int64",
        "share": "float64",
        "density": "float64",
    }
    columns = {
        name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in types.items()
    }
    labels = streets.index.take(columns["street"].to_numpy())
    shapes = gpd.GeoSeries([row["geometry"] for row in rows], crs=streets.crs)
    return gpd.GeoDataFrame(columns | {"street": labels}, geometry=shapes)
