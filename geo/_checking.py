"""The check of a layer against its contract: every fault found, or the layer in its typed form."""

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from geo._columns import as_id, duplicate_faults, parse_column
from geo._contract import GEOMETRY, REQUIRED, Column, LayerContract, RowRule
from geo._positions import place_faults, shape_faults, simplify_types
from geo._privacy import discreet, id_number_faults
from geo.errors import Fault

_ID = Column("id", "text")


def examine(
    frame: gpd.GeoDataFrame,
    contract: LayerContract,
    *,
    source: str,
    crs: str | CRS | None,
    rows: Sequence[int] | None,
    known: Sequence[Fault],
    row_rules: Sequence[RowRule] = (),
) -> tuple[gpd.GeoDataFrame | None, list[Fault]]:
    """Return the checked layer, or none where it has faults, and all its faults."""
    rows = range(1, len(frame) + 1) if rows is None else rows
    if frame.empty and not known:
        return None, [Fault(source, f"at least one row of {contract.name}", "an empty layer")]
    by_row = (*contract.row_rules, *row_rules)
    checked, faults = _typed_layer(frame, contract, source=source, crs=crs, rows=rows, known=known)
    if checked is None:
        faults += [
            fault
            for rule in by_row
            for fault in _judged(frame, contract, rule, faults, source=source, crs=crs, rows=rows)
        ]
    else:
        for judge in (*contract.rules, *(rule.judge for rule in by_row)):
            faults += judge(checked, source, rows)
    if contract.private:
        faults = discreet(faults)
    return (None if faults else checked), in_file_order(faults)


def _typed_layer(
    frame: gpd.GeoDataFrame,
    contract: LayerContract,
    *,
    source: str,
    crs: str | CRS | None,
    rows: Sequence[int],
    known: Sequence[Fault],
) -> tuple[gpd.GeoDataFrame | None, list[Fault]]:
    """Return the layer in the columns and types of its contract, or what does not fit them."""
    faults = list(known)
    ids, id_faults = _ids(frame, contract, source, rows)
    columns, column_faults = _columns(frame, contract, source, rows)
    geometry, geometry_faults = _geometry(
        frame,
        contract,
        source=source,
        crs=None if crs is None else CRS.from_user_input(crs),
        rows=rows,
        known=known,
    )
    faults += id_faults + column_faults + geometry_faults
    if contract.private:
        numbers = id_number_faults(frame, source=source, rows=rows)
        told = {(fault.row, fault.field) for fault in numbers}
        faults = [fault for fault in faults if (fault.row, fault.field) not in told] + numbers
    if faults:
        return None, faults
    index = pd.Index(ids, name="id", dtype="str")
    taken = {"id", frame.geometry.name, *columns}
    columns |= {name: frame[name].infer_objects() for name in frame.columns if name not in taken}
    geometry.index = index
    checked = gpd.GeoDataFrame(
        {name: values.array for name, values in columns.items()}, index=index, geometry=geometry
    )
    return checked, []


def _judged(
    frame: gpd.GeoDataFrame,
    contract: LayerContract,
    rule: RowRule,
    faults: Sequence[Fault],
    *,
    source: str,
    crs: str | CRS | None,
    rows: Sequence[int],
) -> list[Fault]:
    """Return what a rule finds in the rows that are whole and fit in all that it needs."""
    unfit = {fault.row for fault in faults if fault.field is None or fault.field in rule.needs}
    sound = np.array([row not in unfit for row in rows], dtype=bool)
    rows = [row for row in rows if row not in unfit]
    if not rows or None in unfit:
        return []
    part = frame[sound]
    needed = [column for column in contract.columns if column.name in rule.needs]
    columns, misfits = _columns(part, replace(contract, columns=tuple(needed)), source, rows)
    geometry = part.geometry
    if GEOMETRY in rule.needs:
        geometry, misplaced = _geometry(
            part,
            contract,
            source=source,
            crs=None if crs is None else CRS.from_user_input(crs),
            rows=rows,
            known=(),
        )
        misfits += misplaced
    if misfits:
        return []
    table = {name: values.array for name, values in columns.items()}
    return rule.judge(gpd.GeoDataFrame(table, geometry=geometry.array), source, rows)


def in_file_order(faults: Sequence[Fault]) -> list[Fault]:
    """Return the faults of one file by row, those of the whole file first."""
    return sorted(faults, key=lambda fault: fault.row or 0)


def _ids(
    frame: gpd.GeoDataFrame, contract: LayerContract, source: str, rows: Sequence[int]
) -> tuple[list[object], list[Fault]]:
    if "id" in frame.columns:
        values = frame["id"]
    elif frame.index.name == "id":
        values = frame.index
    elif contract.numbered:
        return [str(number) for number in range(1, len(frame) + 1)], []
    else:
        return [], [_missing(frame, "id", source)]
    ids = [as_id(value) for value in values]
    parsed, faults = parse_column(ids, _ID, source=source, rows=rows)
    faults += duplicate_faults(ids, source=source, rows=rows)
    return parsed, faults


def _columns(
    frame: gpd.GeoDataFrame, contract: LayerContract, source: str, rows: Sequence[int]
) -> tuple[dict[str, pd.Series], list[Fault]]:
    columns: dict[str, pd.Series] = {}
    faults: list[Fault] = []
    for column in contract.columns:
        if column.name not in frame.columns and column.default is REQUIRED:
            faults.append(_missing(frame, column.name, source))
            continue
        values = frame[column.name] if column.name in frame.columns else [None] * len(frame)
        parsed, unfit = parse_column(values, column, source=source, rows=rows)
        if not unfit:
            columns[column.name] = _typed(parsed, column)
        faults += unfit
    return columns, faults


def _typed(values: list[object], column: Column) -> pd.Series:
    if column.kind == "instant":
        moments = pd.to_datetime(pd.Series(values, dtype="object"), utc=True)
        return moments.astype("datetime64[us, UTC]")
    return pd.Series(values, dtype="str" if column.dtype == "str" else np.dtype(column.dtype))


def _missing(frame: gpd.GeoDataFrame, name: str, source: str) -> Fault:
    there = [str(column) for column in frame.columns if column != frame.geometry.name]
    return Fault(source, "the column", "only " + (", ".join(there) or "geometry"), field=name)


def _geometry(
    frame: gpd.GeoDataFrame,
    contract: LayerContract,
    *,
    source: str,
    crs: CRS | None,
    rows: Sequence[int],
    known: Sequence[Fault],
) -> tuple[gpd.GeoSeries, list[Fault]]:
    """Return the geometries in `crs`, and their faults but those that reading already found."""
    geometry = simplify_types(frame.geometry, contract.geometry)
    unread = {fault.row for fault in known if fault.field == "geometry"}
    numbers = np.array([row not in unread for row in rows], dtype=bool)
    readable = geometry[numbers]
    read_rows = [row for row in rows if row not in unread]
    faults = shape_faults(readable, contract.geometry, source=source, rows=read_rows)
    if geometry.crs is None:
        expected = "a coordinate reference system (a shapefile keeps it in its .prj file)"
        return geometry, [*faults, Fault(source, expected, "none", field="geometry")]
    broken = {fault.row for fault in faults}
    sound = np.array([row not in broken for row in read_rows], dtype=bool)
    if sound.any():
        target = geometry.crs if crs is None else crs
        sound_rows = [row for row in read_rows if row not in broken]
        faults += place_faults(readable[sound], crs=target, source=source, rows=sound_rows)
    if crs is not None and not faults and not unread:
        geometry = geometry.to_crs(crs)
    return geometry, faults
