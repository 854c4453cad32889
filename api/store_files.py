"""Layers between the store and files: a zone exported whole, a layer imported by its contract."""

import datetime as dt
import hashlib
import json
import math
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from api.archives import unpacked
from api.files import for_owner_alone, replacing_together
from api.store import BROUGHT_LAYERS, Store
from api.store.audit import MACHINE, append_within
from api.store.comparing import Changes, difference, same_place
from api.store.engine import Session
from api.store.features import encode_features
from api.store.records import FOLDER, read_record
from geo.errors import Fault, LayerError, NotFoundError, ParameterError
from geo.formats import SUFFIXES, write_layer, write_layers
from geo.layers import contract_of
from geo.zone import Outline, read_zone_layer

_LONLAT: Final = "EPSG:4326"
_FID: Final = "fid"  # a number that QGIS gives rows, and writes into other formats


class Imported(NamedTuple):
    """What an import did, or would do.

    Attributes
    ----------
    rows
        Number of features of the file.
    changes
        How they differ from those that were stored.
    """

    rows: int
    changes: Changes


def export_zone(store: Store, zone: str, out: Path, *, now: dt.datetime) -> Mapping[str, int]:
    """Write every layer of a zone, whole, into one GeoPackage or a folder of GeoJSON files.

    Parameters
    ----------
    store
        The store.
    zone
        Name of the zone.
    out
        A file in .gpkg, or a folder, made where it is missing; what stands there under the same
        names is replaced once everything is written. Only its owner may read the files.
    now
        The aware instant, for the audit: incidents and private cameras are among the layers.

    Returns
    -------
    counts
        Number of features by layer.

    Raises
    ------
    NotFoundError
        The store does not have the zone.
    ParameterError
        The file has another suffix.
    SourceError
        The files cannot be written; what stood there still stands.
    """
    names = [record.name for record in store.layers(zone)]
    if not names:
        raise NotFoundError(f"Expected a zone of the store {store.engine.place}, got {zone!r}.")
    if out.suffix and out.suffix.lower() != ".gpkg":
        raise ParameterError(f"Expected a file in .gpkg or a folder, got {out.name!r}.")
    store.audit.append(now, MACHINE, "export", zone, "layers", {"count": len(names)})
    frames = {name: _flat(store.frame(zone, name)) for name in names}
    with for_owner_alone():
        if out.suffix:
            write_layers(out, frames)
        else:
            files = {f"{name}.geojson": frame for name, frame in frames.items()}
            with replacing_together(out, list(files)) as beside:
                for file, frame in files.items():
                    write_layer(beside / file, frame)
    return {name: len(frame) for name, frame in frames.items()}


def import_layer(
    store: Store,
    zone: str,
    layer: str,
    path: Path,
    *,
    crs: str | CRS | None = None,
    encoding: str = "UTF-8",
    dry_run: bool = False,
    now: dt.datetime,
) -> Imported:
    """Replace a layer of a zone by that of a file, where the file keeps the layer's contract.

    What comes back from a map program as it went out is left as it is stored, to the last digit.

    Parameters
    ----------
    store
        The store.
    zone
        Name of the zone, which the store has.
    layer
        Name of the layer, among `BROUGHT_LAYERS`.
    path
        GeoPackage, GeoJSON, CSV or Shapefile, or a zip archive with one of them.
    crs
        Metric coordinate reference system in which the layer is checked; the one of UTM where the
        zone lies if none.
    encoding
        Encoding of a text file that is not in UTF-8.
    dry_run
        Whether the layer is only read, checked and compared.
    now
        The aware instant.

    Returns
    -------
    imported
        What changed, or would change.

    Raises
    ------
    LayerError
        The file breaks the contract; the error carries every fault. The stored layer stays.
    NotFoundError
        The store does not have the zone, or there is no such layer to import.
    SourceError
        The file cannot be read, or the store not be written.
    """
    if layer not in BROUGHT_LAYERS:
        expected = ", ".join(BROUGHT_LAYERS)
        raise NotFoundError(f"Expected `--layer` among {expected}, got {layer!r}.")
    stored = {record.name: record for record in store.layers(zone)}
    if not stored:
        raise NotFoundError(f"Expected a zone of the store {store.engine.place}, got {zone!r}.")
    with _readable(path, layer) as file:
        frame = read_zone_layer(file, layer, _outline(store, zone, crs), encoding=encoding)
        told = {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    if layer in stored:
        frame = _as_stored(frame, store.frame(zone, layer), layer)
    changes = changes_of(store, zone, layer, frame)
    if dry_run:
        return Imported(len(frame), changes)

    def record(session: Session) -> None:
        detail = {"layer": layer, "count": len(frame)}
        append_within(session, now, MACHINE, "import", zone, f"layer/{layer}", detail)

    folder = stored[layer].provenance.get(FOLDER) if layer in stored else None
    store.put_layers(
        zone,
        {layer: frame},
        kind="layer",
        provenance={"created_at": now.isoformat(), "inputs": told},
        files={layer: folder} if isinstance(folder, Mapping) else {},
        besides=record,
    )
    return Imported(len(frame), changes)


def changes_of(store: Store, zone: str, layer: str, frame: gpd.GeoDataFrame) -> Changes:
    """Count what would change if a layer took the place of the stored one.

    Parameters
    ----------
    store
        The store.
    zone
        Name of the zone.
    layer
        Name of the layer.
    frame
        The layer in any CRS; the index holds the ids.

    Returns
    -------
    changes
        Numbers of features; where nothing is stored, all are new.
    """
    rows = encode_features(layer, frame)
    with store.engine.reading() as session:
        try:
            layer_id, _ = read_record(session, zone, layer)
        except NotFoundError:
            return Changes(len(rows), 0, 0)
        return difference(session, layer_id, rows).counts


def _outline(store: Store, zone: str, crs: str | CRS | None) -> Outline:
    """Return the outline of a zone as the store has it."""
    boundary = store.frame(zone, "boundary")
    boundary = boundary.to_crs(boundary.estimate_utm_crs() if crs is None else crs)
    return Outline(boundary.geometry.iloc[0], bool(boundary["approximate"].iloc[0]), boundary.crs)


def _as_stored(frame: gpd.GeoDataFrame, stored: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Give back to a layer what its file could not hold: whole places, and types of own columns."""
    numbered = [_FID] if _FID in frame.columns and _FID not in stored.columns else []
    whole = frame.drop(columns=numbered).to_crs(_LONLAT)
    before = stored.geometry.reindex(whole.index)
    whole = whole.set_geometry(
        [
            old if same_place(old, new) else new
            for old, new in zip(before, whole.geometry, strict=True)
        ],
        crs=_LONLAT,
    )
    known = {column.name for column in contract_of(layer).columns} | {frame.geometry.name}
    for name in sorted((set(whole.columns) & set(stored.columns)) - known):
        kinds = {type(value) for value in stored[name] if not _is_missing(value)}
        old = stored[name].reindex(whole.index)
        pairs = zip(whole[name], old, strict=True)
        read = [_read(new, before, kinds) for new, before in pairs]
        whole[name] = pd.Series(read, whole.index, dtype="object")
    return whole


def _read(value: object, before: object, kinds: Collection[type]) -> object:
    """Read a value of a column that no contract names as the kinds that stood there."""
    if _is_missing(value):
        return before if _is_missing(before) else None
    if not kinds or str in kinds:
        return value
    if isinstance(value, str):
        try:
            value = json.loads(value.lower() if kinds == {bool} else value)
        except ValueError:
            return value
    return bool(value) if kinds == {bool} and value in (0, 1) else value


def _is_missing(value: object) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    if isinstance(value, str):
        return not value
    return value is None or value is pd.NA or value is pd.NaT


def _flat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Write lists and objects as JSON, as the formats of maps hold plain values only."""
    flat = frame.copy()
    for name in frame.columns:
        if name != frame.geometry.name and frame[name].dtype == object:
            flat[name] = [
                json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
                for value in frame[name]
            ]
    return flat


@contextmanager
def _readable(path: Path, layer: str) -> Iterator[Path]:
    """Lend the file itself, or that of the layer in an archive."""
    if path.suffix.lower() != ".zip":
        yield path
        return
    with unpacked(path) as folder:
        files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
        named = [file for file in files if file.stem == layer] or files
        if len(named) != 1:
            found = ", ".join(str(file.relative_to(folder)) for file in named) or "none"
            expected = f"one file named {layer} in {', '.join(SUFFIXES)}"
            raise LayerError([Fault(str(path), expected, found)])
        try:
            yield named[0]
        except LayerError as error:  # which names a file that will be gone
            inside = str(path / named[0].relative_to(folder))
            raise LayerError([replace(fault, source=inside) for fault in error.faults]) from error
