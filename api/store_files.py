"""Layers between the store and files: a zone exported whole, a layer imported by its contract."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd

from api.archives import unpacked
from api.files import for_owner_alone, replacing_together
from api.store import ZONE_LAYERS, LayerRecord, Store
from api.store.audit import MACHINE, append_within
from api.store.engine import Session
from api.store.zones import without_register
from geo.errors import Fault, LayerError, NotFoundError, ParameterError
from geo.formats import SUFFIXES, read_layer, write_layer, write_layers

IMPORTED: Final = tuple(name for name in ZONE_LAYERS if name != "boundary")
"""Layers that may be imported: those that a zone brings, but its outline."""


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
    crs: str,
    encoding: str = "UTF-8",
    now: dt.datetime,
) -> LayerRecord:
    """Replace a layer of a zone by that of a file, where the file keeps the layer's contract.

    Parameters
    ----------
    store
        The store.
    zone
        Name of the zone, which the store has.
    layer
        Name of the layer, among `IMPORTED`.
    path
        GeoPackage, GeoJSON, CSV or Shapefile, or a zip archive with one of them.
    crs
        Metric coordinate reference system in which the layer is checked.
    encoding
        Encoding of a text file that is not in UTF-8.
    now
        The aware instant.

    Returns
    -------
    record
        The layer as stored; it says that it came from a file, and with which SHA-256.

    Raises
    ------
    LayerError
        The file breaks the contract; the error carries every fault. The stored layer stays.
    NotFoundError
        The store does not have the zone, or there is no such layer to import.
    SourceError
        The file cannot be read, or the store not be written.
    """
    if layer not in IMPORTED:
        raise NotFoundError(f"Expected `--layer` among {', '.join(IMPORTED)}, got {layer!r}.")
    if not store.layers(zone):
        raise NotFoundError(f"Expected a zone of the store {store.engine.place}, got {zone!r}.")
    with _readable(path, layer) as file:
        frame = read_layer(file, layer, crs=crs, encoding=encoding)
        frame = without_register(frame) if layer == "cameras" else frame
        told = {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}

    def record(session: Session) -> None:
        detail = {"layer": layer, "count": len(frame)}
        append_within(session, now, MACHINE, "import", zone, f"layer/{layer}", detail)

    provenance = {"created_at": now.isoformat(), "inputs": told}
    (stored,) = store.put_layers(
        zone, {layer: frame}, kind="layer", provenance=provenance, besides=record
    )
    return stored


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
