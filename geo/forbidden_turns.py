"""The file of a zone that lists the turns forbidden to vehicles."""

import csv
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from geo._sources import read_text
from geo.errors import Fault, LayerError, SourceError
from geo.turns import check_forbidden_turns

_NEEDED: Final = ("from_street", "junction", "to_street", "source")
_OPTIONAL: Final = "exempt"


def read_forbidden_turns(path: str | Path, streets: gpd.GeoDataFrame) -> pd.DataFrame:
    """Read the turns that vehicles may not make.

    Parameters
    ----------
    path
        CSV file in UTF-8, a row a turn: `from_street` and `to_street` (ids of streets), `junction`
        (id of the junction between them), `source` (how it is known) and, where some vehicles may
        make the turn, `exempt`: their names as OpenStreetMap writes them, joined by ";".
    streets
        Streets of the zone, with `start_junction` and `end_junction`.

    Returns
    -------
    forbidden
        All five columns as text, in the order of the file.

    Raises
    ------
    LayerError
        A column or a cell is missing, or a row is no turn between streets of the zone; every fault
        is named with its line.
    SourceError
        The file cannot be read.
    """
    path = Path(path)
    try:
        lines = read_text(path, "utf-8").splitlines(keepends=True)
    except OSError as error:
        raise SourceError(f"Expected to read {path}, got: {error.strerror}.") from error
    reader = csv.DictReader(lines)
    header = list(reader.fieldnames or [])
    if missing := [name for name in _NEEDED if name not in header]:
        found = f"none named {', '.join(missing)}"
        raise LayerError([Fault(str(path), f"columns {', '.join(_NEEDED)}", found, 1)])
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        line = reader.line_num + 1
        raise LayerError([Fault(str(path), "cells of a CSV file", str(error), line)]) from error
    faults = [
        Fault(str(path), "text", "nothing", line, name)
        for line, row in rows
        for name in _NEEDED
        if not (row[name] or "").strip()
    ]
    if faults:
        raise LayerError(faults)
    cells = [[(row.get(name) or "").strip() for name in (*_NEEDED, _OPTIONAL)] for _, row in rows]
    forbidden = pd.DataFrame(cells, columns=[*_NEEDED, _OPTIONAL], dtype="str")
    check_forbidden_turns(forbidden, streets, source=str(path), rows=[line for line, _ in rows])
    return forbidden
