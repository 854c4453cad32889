"""Candidates that a planner brings: a cameras layer, completed by what the report tells."""

from pathlib import Path
from typing import Final

import pandas as pd
from geopandas import GeoDataFrame

from geo.errors import Fault, LayerError
from geo.formats import read_layer
from geo.zone import Zone
from planning.candidates import KINDS

_TEXTS: Final = ("kind", "camera_type", "camera_type_th")
_NAMES: Final = {"name_th": "place_th", "name_en": "place_en"}


def own_candidates(path: Path, zone: Zone) -> GeoDataFrame:
    """Read places and facings to choose from.

    Parameters
    ----------
    path
        A cameras layer, with `kind`, `camera_type`, `camera_type_th` and `cost` where they are
        known.
    zone
        Zone they are meant for.

    Returns
    -------
    GeoDataFrame
        The candidates, with `street`, the nearest one; named by their place, or by that street
        where no place is told.

    Raises
    ------
    LayerError
        The file breaks the contract of the cameras, or names a kind of site that is not known.
    SourceError
        The file cannot be read.
    """
    read = read_layer(path, "cameras", crs=zone.crs)
    if read.empty:
        raise LayerError([Fault(str(path), "at least one row", "none")])
    blank = pd.Series("", index=read.index, dtype="str")
    texts = {name: read.get(name, blank).fillna("") for name in _TEXTS}
    faults = [
        Fault(str(path), f"one of {', '.join(KINDS)}, or none", repr(kind), row, "kind")
        for row, kind in enumerate(texts["kind"], start=1)
        if kind not in {*KINDS, ""}
    ]
    if faults:
        raise LayerError(faults)
    nearest = zone.streets.iloc[zone.streets.sindex.nearest(read.geometry, return_all=False)[1]]
    names = {
        name: read[place].where(read[place].ne(""), nearest[name].to_numpy())
        for name, place in _NAMES.items()
    }
    return read.assign(**texts, **names, street=nearest.index.to_numpy())
