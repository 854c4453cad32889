"""Ranked hotspots: the stretches of street where reported incidents are densest.

The density along streets (`network_density`) rises to a few tops; a hotspot stands for one rise.
It begins at the densest lixel of the rise on which an incident lies and grows over touching lixels
of streets of the same name, the densest first, while they hold at least half of that density (the
width at half maximum) and the stretch stays within its greatest length. What it leaves of its
rise, on its own street or on those it crosses, does not come back as a further hotspot.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analytics._arguments import checked_count
from analytics._incident_input import SOURCE, checked_reports
from analytics._network_input import examine_events
from analytics._place_names import both_names, nearest_name
from analytics._street_mesh import Ints, mesh_lines
from analytics._stretches import Relief, stretches
from analytics.heat_kernel import HeatKernel
from analytics.network_places import place_events
from geo.errors import ParameterError


@dataclass(frozen=True)
class Hotspots:
    """Hotspots with what they were found from, for further questions about them.

    Attributes
    ----------
    table
        The hotspots, as `rank_hotspots` gives them.
    rank_of
        Rank of the hotspot on which each reported incident lies, labelled as the incidents are;
        missing where it lies on none.
    kernel
        The streets, made ready for events to spread along them.
    places
        Where on the streets each reported incident lies: `street` (label) and `fraction`.
    stretches
        Lixels of every stretch that an incident makes, its peak first, the densest stretch first;
        those after the last row of `table` too.
    """

    table: gpd.GeoDataFrame
    rank_of: "pd.Series[int]"
    kernel: HeatKernel
    places: pd.DataFrame
    stretches: tuple[Ints, ...]


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
        If a street or an incident cannot be placed or is police work; names every such row.
    ParameterError
        If an argument is out of its range.
    """
    return find_hotspots(
        streets,
        incidents,
        bandwidth_m=bandwidth_m,
        lixel_m=lixel_m,
        count=count,
        max_length_m=max_length_m,
    ).table


def find_hotspots(
    streets: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame,
    *,
    bandwidth_m: float = 60.0,
    lixel_m: float = 10.0,
    count: int = 10,
    max_length_m: float = 200.0,
    as_of: pd.Timestamp | None = None,
) -> Hotspots:
    """Find the stretches of street where reported incidents are densest, to ask more about them.

    `analytics.hotspot_stability` tells how sure the ranks are and `analytics.hotspot_significance`
    what chance alone would bring about.

    Parameters
    ----------
    streets
        LineStrings in a projected CRS that meet only at shared end points, with `name_th` and
        `name_en` where they are known.
    incidents
        Points in the CRS of the streets, with `reporting` where it is known; there may be none.
    bandwidth_m
        Standard deviation of the kernel along a street, > 0.
    lixel_m
        Longest piece of street to average the density over, > 0.
    count
        How many hotspots to describe at most, >= 1.
    max_length_m
        Greatest length of a hotspot, >= `lixel_m`.
    as_of
        Instant after which no incident can have begun, which then need `occurred_at`; none asks
        for no times.

    Returns
    -------
    hotspots
        The table of `rank_hotspots`, the hotspot of each incident and what they rest on.

    Raises
    ------
    LayerError
        If a street or an incident cannot be placed, is police work or lies after `as_of`; names
        every such row.
    ParameterError
        If an argument is out of its range.
    """
    count = checked_count("count", count)
    if not max_length_m >= lixel_m:
        raise ParameterError(
            f"Expected `max_length_m` >= `lixel_m` ({lixel_m}), got {max_length_m}."
        )
    kernel = HeatKernel.of_streets(streets, bandwidths_m=[bandwidth_m], lixel_m=lixel_m)
    unplaced = examine_events(incidents, streets, source=SOURCE)
    timed = as_of is not None
    reported = checked_reports(incidents, unplaced=unplaced, timed=timed, as_of=as_of)
    places = place_events(streets, reported)
    lixel = _lixel_of(kernel, places)
    names = both_names(streets)
    mesh = kernel.lixels
    relief = Relief(
        mesh,
        kernel.on_lixels(places)[0, :, 0],
        name=pd.factorize(pd.MultiIndex.from_frame(names))[0].astype(np.int64)[mesh.street],
        incidents=np.bincount(lixel, minlength=len(mesh.street)).astype(np.int64),
    )
    every = tuple(
        np.array(stretch, dtype=np.int64)
        for stretch in stretches(relief, max_length_m=max_length_m)
    )
    table = _hotspot_table(relief, every[: min(count, len(every))], streets, names)
    hotspot = np.zeros(len(mesh.street), dtype=np.int64)
    for rank, stretch in zip(table["rank"], every, strict=False):
        hotspot[stretch] = rank
    rank_of = pd.Series(hotspot[lixel], index=places.index, name="rank", dtype="Int64")
    return Hotspots(table, rank_of.where(rank_of > 0), kernel, places, every)


def _lixel_of(kernel: HeatKernel, places: pd.DataFrame) -> Ints:
    labels = kernel.lixels.graph.lines.index
    street = labels.get_indexer(pd.Index(places["street"])).astype(np.int64)
    return kernel.lixels.locate(street, places["fraction"].to_numpy(dtype=np.float64))[0]


def _hotspot_table(
    relief: Relief,
    chosen: tuple[Ints, ...],
    streets: gpd.GeoDataFrame,
    names: pd.DataFrame,
) -> gpd.GeoDataFrame:
    mesh = relief.mesh
    lines = mesh_lines(mesh) if chosen else np.empty(0, dtype=np.object_)
    total = int(relief.incidents.sum())
    rows = []
    for rank, stretch in enumerate(chosen, 1):
        peak = stretch[0]
        found = int(relief.incidents[stretch].sum())
        street = int(mesh.street[peak])
        name = names.iloc[street]
        if not name["name_en"]:
            name = nearest_name(lines[peak], streets, names)
        rows.append(
            {
                "rank": rank,
                "street": street,
                "name_th": name["name_th"],
                "name_en": name["name_en"],
                "length_m": float(mesh.length_m[stretch].sum()),
                "incidents": found,
                "share": found / total,
                "density": float(relief.density[peak]),
                "geometry": shapely.line_merge(shapely.multilinestrings(lines[np.sort(stretch)])),
            }
        )
    return _hotspot_frame(rows, streets)


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
