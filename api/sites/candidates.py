"""Candidates that a planner brings: a cameras layer, completed by what the report tells."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd
from geopandas import GeoDataFrame

from geo.errors import Fault, LayerError
from geo.formats import read_layer
from geo.zone import Zone
from planning.candidates import KINDS

_SOURCE: Final = "candidates"  # as a search calls them
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
        The file breaks the contract of the cameras.
    SourceError
        The file cannot be read.
    """
    read = read_layer(path, "cameras", crs=zone.crs)
    if read.empty:
        raise LayerError([Fault(str(path), "at least one row", "none")])
    blank = pd.Series("", index=read.index, dtype="str")
    texts = {name: read.get(name, blank).fillna("") for name in _TEXTS}
    nearest = zone.streets.iloc[zone.streets.sindex.nearest(read.geometry, return_all=False)[1]]
    names = {
        name: read[place].where(read[place].ne(""), nearest[name].to_numpy())
        for name, place in _NAMES.items()
    }
    return read.assign(**texts, **names, street=nearest.index.to_numpy())


@contextmanager
def telling_all(candidates: GeoDataFrame, path: Path) -> Iterator[None]:
    """Add what is wrong with the kinds of own candidates to what a search finds wrong with them.

    Parameters
    ----------
    candidates
        The candidates, with `kind`.
    path
        File that they were read from.

    Yields
    ------
    None
        For the search to take the candidates.

    Raises
    ------
    LayerError
        Candidates are not as they should be; every fault names the file and the row in it.
    """
    faults = [
        Fault(_SOURCE, f"one of {', '.join(KINDS)}, or none", repr(kind), row, "kind")
        for row, kind in enumerate(candidates["kind"], start=1)
        if kind not in {*KINDS, ""}
    ]
    try:
        yield
    except LayerError as error:
        faults += error.faults
    if faults:
        faults.sort(key=lambda fault: fault.row or 0)
        raise LayerError([_in_file(fault, path) for fault in faults])


def _in_file(fault: Fault, path: Path) -> Fault:
    if fault.source != _SOURCE:
        return fault
    header = path.suffix.lower() == ".csv"  # is the first row of such a file
    return replace(fault, source=str(path), row=fault.row and fault.row + header)
