"""Layer contracts: what each layer of a zone must hold, checked at the door.

A layer is a GeoDataFrame of one kind of thing. Its contract names the columns with their type,
range or allowed words, and the geometry types. A check reports every fault of a layer at once,
each with its row, and hands out nothing half-checked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from geo._checking import examine
from geo._columns import parse_column
from geo._contract import ONEWAY, REQUIRED, Column, LayerContract, RowRule
from geo._rules import (
    CONSENT_DATED,
    CONSENT_ORDERED,
    ENDS_AFTER_START,
    alone,
    both_roles,
    connected,
    refuse_personal_contact,
    refuse_personal_name,
    refuse_police_work,
)
from geo.errors import Fault, LayerError, NotFoundError

_NAN: Final = float("nan")
_NAMES: Final = (Column("name_th", "text", ""), Column("name_en", "text", ""))
_ORIGIN: Final = (
    Column("source", "text", ""),
    Column("grade", "text", "", choices=("A", "B", "C", "D")),
)
_SYNTHETIC: Final = Column("synthetic", "flag", False)
_OPTICS: Final = (
    Column("azimuth_deg", "number", at_least=0.0, at_most=360.0),
    Column("fov_deg", "number", above=0.0, at_most=360.0),
    Column("range_m", "number", above=0.0),
    Column("height_m", "number", _NAN, above=0.0, at_most=200.0),
    Column("tilt_deg", "number", _NAN, at_least=-90.0, at_most=90.0),
    Column("vfov_deg", "number", _NAN, above=0.0, at_most=180.0),
    Column("focal_mm", "number", _NAN, above=0.0, at_most=10_000.0),
    Column("sensor_width_mm", "number", _NAN, above=0.0, at_most=100.0),
    Column("sensor_height_mm", "number", _NAN, above=0.0, at_most=100.0),
    Column("resolution_px", "number", _NAN, at_least=1.0),
    Column("night_vision", "flag", True),
    Column("position_sd_m", "number", _NAN, at_least=0.0, at_most=1000.0),
    Column("azimuth_sd_deg", "number", _NAN, at_least=0.0, at_most=180.0),
)
_STANDING: Final = (
    Column("status", "text", "up", choices=("up", "down")),
    Column("place_th", "text", ""),
    Column("place_en", "text", ""),
    _SYNTHETIC,
)
_OWNER_KINDS: Final = ("programme", "municipal", "private")

_CONTRACTS: Final = (
    LayerContract(
        "boundary",
        ("Polygon",),
        (*_NAMES, Column("approximate", "flag", False)),
        rules=(alone,),
        numbered=True,
    ),
    LayerContract(
        "streets",
        ("LineString",),
        (
            *_NAMES,
            Column("street_class", "text"),
            ONEWAY,
            Column("width_m", "number", _NAN, above=0.0, at_most=200.0),
            *_ORIGIN,
            Column("start_junction", "text", ""),
            Column("end_junction", "text", ""),
        ),
        rules=(connected,),
    ),
    LayerContract(
        "buildings",
        ("Polygon", "MultiPolygon"),
        (
            Column("kind", "text", ""),
            Column("height_m", "number", _NAN, above=0.0, at_most=1000.0),
            _SYNTHETIC,
        ),
    ),
    LayerContract(
        "cameras",
        ("Point",),
        (
            *_OPTICS,
            Column("owner_kind", "text", "", choices=_OWNER_KINDS),
            Column("owner", "text", ""),
            *_STANDING,
        ),
    ),
    LayerContract(
        "register",
        ("Point",),
        (
            *_OPTICS,
            Column("owner_kind", "text", choices=_OWNER_KINDS),
            Column("owner", "text", refuse=refuse_personal_name, private=True),
            *_STANDING,
            Column("consent", "text", choices=("given", "withdrawn", "pending")),
            Column("consented_on", "date", ""),
            Column("consent_until", "date", ""),
            Column("retention_days", "integer", at_least=1.0, at_most=365.0),
            Column("contact", "text", refuse=refuse_personal_contact, private=True),
            Column("audience", "text", choices=("owner_only", "control_room", "police", "public")),
        ),
        row_rules=(CONSENT_DATED, CONSENT_ORDERED),
        private=True,
    ),
    LayerContract(
        "incidents",
        ("Point",),
        (
            Column("category", "text", refuse=refuse_police_work),
            Column("severity", "integer", at_least=1.0, at_most=5.0),
            Column("occurred_at", "instant"),
            Column("occurred_until", "instant", None),
            Column("reporting", "text", choices=("reported", "discovered")),
            _SYNTHETIC,
        ),
        row_rules=(ENDS_AFTER_START,),
    ),
    LayerContract(
        "places",
        ("Point",),
        (
            Column(
                "kind",
                "text",
                choices=(
                    "temple",
                    "shrine",
                    "museum",
                    "school",
                    "hotel",
                    "police",
                    "bus_stop",
                    "market",
                    "mall",
                    "landmark",
                ),
            ),
            *_NAMES,
            *_ORIGIN,
        ),
    ),
    LayerContract(
        "lamps",
        ("Point",),
        (
            Column("height_m", "number", _NAN, above=0.0, at_most=100.0),
            Column("lit", "flag", True),
            _SYNTHETIC,
        ),
    ),
    LayerContract("sos_points", ("Point",), (*_NAMES, _SYNTHETIC)),
    LayerContract("communities", ("Polygon", "MultiPolygon"), (*_NAMES, _SYNTHETIC)),
    LayerContract(
        "grounds",
        ("Polygon",),
        (
            Column(
                "kind",
                "text",
                choices=("five_foot_way", "yard", "school_yard", "living_quarters"),
            ),
            Column("building", "text", ""),
            _SYNTHETIC,
        ),
    ),
)

CONTRACTS: Final[Mapping[str, LayerContract]] = {contract.name: contract for contract in _CONTRACTS}
"""The contract of each layer of a zone, by its name."""

BROUGHT: Final[Mapping[str, LayerContract]] = {
    "compared_areas": LayerContract(
        "compared_areas",
        ("Polygon", "MultiPolygon"),
        (Column("role", "text", choices=("treated", "control")),),
        rules=(both_roles,),
        numbered=True,
    )
}
"""The contracts of layers that a user brings to one question, and no zone keeps."""


def contract_of(layer: str) -> LayerContract:
    """Return the contract of a layer.

    Parameters
    ----------
    layer
        Name of the layer, such as "cameras".

    Returns
    -------
    contract
        The layer's contract.

    Raises
    ------
    NotFoundError
        No layer has that name.
    """
    known = {**CONTRACTS, **BROUGHT}
    if layer not in known:
        raise NotFoundError(f"Expected a layer among {', '.join(known)}, got {layer!r}.")
    return known[layer]


def empty_layer(layer: str, *, crs: str | CRS) -> gpd.GeoDataFrame:
    """Return a layer of no rows with the columns, types and CRS of its contract.

    Parameters
    ----------
    layer
        Name of the layer.
    crs
        Coordinate reference system of the layer.

    Returns
    -------
    frame
        No rows; index "id".
    """
    columns = {
        column.name: pd.Series([], dtype=column.dtype) for column in contract_of(layer).columns
    }
    index = pd.Index([], name="id", dtype="str")
    return gpd.GeoDataFrame(columns, index=index, geometry=gpd.GeoSeries([], index=index), crs=crs)


def column_of(
    frame: gpd.GeoDataFrame, layer: str, name: str, *, source: str, may_be_missing: bool = False
) -> tuple[NDArray[np.object_], list[Fault]]:
    """Read one column of a layer as its contract asks, whatever else is in the layer.

    Parameters
    ----------
    frame
        Rows of the layer.
    layer
        Name of the contract.
    name
        Name of the column.
    source
        File or layer name that the faults carry.
    may_be_missing
        Whether the column and its values may be missing where the contract requires them.

    Returns
    -------
    values
        In the order of the rows, the contract's default where one is missing; none where it does
        not fit, and where it is missing without a default.
    faults
        A fault for each value that does not fit, with its row, counted from 1.

    Raises
    ------
    NotFoundError
        No layer has that name, or its contract no such column.
    """
    columns = {column.name: column for column in contract_of(layer).columns}
    if name not in columns:
        known = ", ".join(columns)
        raise NotFoundError(f"Expected a column of {layer} among {known}, got {name!r}.")
    column = columns[name]
    values = np.full(len(frame), None, dtype=np.object_)
    if column.default is REQUIRED:
        if may_be_missing:
            column = replace(column, default=None)
        elif name not in frame.columns:
            return values, [Fault(source, "the column", "none of that name", field=name)]
    given = frame[name] if name in frame.columns else values
    parsed, faults = parse_column(given, column, source=source, rows=range(1, len(frame) + 1))
    unfit = [fault.row - 1 for fault in faults if fault.row is not None]
    values[np.setdiff1d(np.arange(len(frame)), unfit)] = parsed
    return values, faults


def faults_of(
    frame: gpd.GeoDataFrame,
    layer: str,
    *,
    source: str,
    crs: str | CRS | None = None,
    rows: Sequence[int] | None = None,
    known: Sequence[Fault] = (),
) -> list[Fault]:
    """List everything wrong with a layer.

    Parameters
    ----------
    frame
        The layer, in any coordinate reference system; the id is the column "id" or the index.
    layer
        Name of the contract.
    source
        File or layer name that the faults carry.
    crs
        Coordinate reference system the layer is meant for: coordinates must lie in its area of
        use. The frame's own where none.
    rows
        Row number of each row; counted from 1 where none.
    known
        Faults that reading already found. They are listed too, and a geometry that has one is
        not reported again.

    Returns
    -------
    faults
        The faults in the order of the rows, those of the whole file first; empty where the layer
        keeps its contract.
    """
    return examine(frame, contract_of(layer), source=source, crs=crs, rows=rows, known=known)[1]


def check_layer(
    frame: gpd.GeoDataFrame,
    layer: str,
    *,
    source: str,
    crs: str | CRS | None = None,
    rows: Sequence[int] | None = None,
    known: Sequence[Fault] = (),
    row_rules: Sequence[RowRule] = (),
) -> gpd.GeoDataFrame:
    """Check a layer against its contract and bring it into the form the contract promises.

    Missing optional columns are filled with their defaults, values are typed, times are in UTC,
    unknown columns are kept.

    Parameters
    ----------
    frame
        The layer, in any coordinate reference system; the id is the column "id" or the index.
    layer
        Name of the contract.
    source
        File or layer name that the faults carry.
    crs
        Coordinate reference system to bring the layer into; the frame's own where none.
    rows
        Row number of each row; counted from 1 where none.
    known
        Faults that reading already found.
    row_rules
        Further checks of each row by itself, besides those of the contract.

    Returns
    -------
    checked
        The layer, index "id", columns in the order of the contract.

    Raises
    ------
    LayerError
        The layer breaks its contract; the error carries every fault.
    """
    checked, faults = examine(
        frame,
        contract_of(layer),
        source=source,
        crs=crs,
        rows=rows,
        known=known,
        row_rules=row_rules,
    )
    if faults or checked is None:
        raise LayerError(faults)
    return checked
