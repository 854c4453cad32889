"""What speaks for walking along each stretch of street: light, cameras in public view, places.

Whoever plans walks for the public plans them from these stretches alone. They are long, and tell in
quarters how much of each is lit, watched and lively, so that whatever is asked of such walks, and
however often, nobody learns from them where a field of view ends.
"""

import math
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from analytics._overlay_bands import coarse
from analytics._overlay_merits import PUBLIC_OWNERS, mean_over, merit_points
from geo.errors import Fault, LayerError, ParameterError
from geo.layers import column_of
from geo.visibility import fields_of_view

MERITS: Final = ("lit", "watched", "lively")
MIN_STRETCH_M: Final = 25.0


def walking_merits(
    streets: gpd.GeoDataFrame,
    *,
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    lamps: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    stretch_m: float = 50.0,
) -> pd.DataFrame:
    """Tell in quarters how much of each stretch of street is lit, watched and lively.

    A stretch is lit within 20 m of a lamp that burns, watched in the field of view of a camera,
    whether or not that works tonight, and lively within 60 m of a place that people visit; points
    every 5 m are asked.

    Parameters
    ----------
    streets
        Lines in a projected CRS.
    cameras
        Cameras in public view, with `owner_kind`, in the CRS of the streets.
    buildings
        What blocks their view.
    lamps
        Street lamps, with `lit`.
    places
        Places that people visit.
    stretch_m
        Greatest length of a stretch in metres, >= 25; each street is cut into equal ones.

    Returns
    -------
    stretches
        A row per stretch, in the order of the streets and along each: `street`, its label;
        `from_m` and `to_m`, offsets from the start of the street; `lit`, `watched` and `lively`,
        shares of the stretch in quarters.

    Raises
    ------
    LayerError
        If a camera is not in public view or a layer is faulty; names every fault.
    ParameterError
        If `stretch_m` is out of its range.
    """
    if not (math.isfinite(stretch_m) and stretch_m >= MIN_STRETCH_M):
        raise ParameterError(f"Expected `stretch_m` >= {MIN_STRETCH_M:g}, got {stretch_m}.")
    lit, faults = column_of(lamps, "lamps", "lit", source="lamps")
    owners, more = column_of(cameras, "cameras", "owner_kind", source="cameras")
    faults += more
    expected = f"an owner of the public, {' or '.join(PUBLIC_OWNERS)}"
    faults += [
        Fault("cameras", expected, repr(kind), row=row, field="owner_kind")
        for row, kind in enumerate(owners, start=1)
        if kind not in PUBLIC_OWNERS
    ]
    if faults:
        raise LayerError(faults)
    points, here = merit_points(
        streets,
        fields_of_view(cameras, buildings),
        lit_lamps=lamps[lit.astype(np.bool_)],
        places=places,
    )
    stretches = _cut(streets, stretch_m)
    street = streets.index.get_indexer(points["street"])
    pieces = np.bincount(streets.index.get_indexer(stretches["street"]), minlength=len(streets))
    first = np.cumsum(pieces) - pieces
    each_m = streets.geometry.length.to_numpy() / pieces
    of_point = first[street] + (points["offset_m"].to_numpy() // each_m[street]).astype(np.int64)
    length_m = points["length_m"].to_numpy()
    shares = {name: coarse(mean_over(of_point, length_m, here[name])) for name in MERITS}
    return stretches.assign(**shares)


def _cut(streets: gpd.GeoDataFrame, stretch_m: float) -> pd.DataFrame:
    length = streets.geometry.length.to_numpy()
    pieces = np.ceil(length / stretch_m).astype(np.int64)
    street = np.repeat(np.arange(len(streets)), pieces)
    number = np.arange(len(street)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    each_m = (length / pieces)[street]
    return pd.DataFrame(
        {
            "street": streets.index.take(street),
            "from_m": number * each_m,
            "to_m": (number + 1) * each_m,
        }
    )
