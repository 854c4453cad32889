"""What a job needs from a zone's folder: layers that are not empty, its streets, and its files."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pandas as pd
from geopandas import GeoDataFrame
from shapely import Polygon

from geo.errors import Fault, LayerError, SourceError, reason_of
from geo.layers import CONTRACTS
from geo.zone import TURNS_FILE, Zone, layer_file

NOTHING_STORED: Final[Mapping[str, str]] = MappingProxyType({})
"""No layer of a zone was read from the store."""

_GAZETTEER: Final = ("junctions.csv", "streets.toml")


def refuse_empty(
    zone: Zone,
    folder: Path,
    layers: Iterable[str],
    *,
    stored: Mapping[str, str] = NOTHING_STORED,
) -> None:
    """Refuse a zone that lacks a layer on which a job rests.

    Parameters
    ----------
    zone
        The zone.
    folder
        Folder the zone was loaded from.
    layers
        Names of the layers that must have a row.
    stored
        Version of each layer that was read from the store in place of the folder, by its name.

    Raises
    ------
    LayerError
        Layers are empty; all of them are named.
    """
    faults = [
        Fault(
            f"store/{name}"
            if name in stored
            else str(layer_file(folder, name) or folder / f"{name}.geojson"),
            "at least one row",
            "none",
        )
        for name in layers
        if getattr(zone, name).empty
    ]
    if faults:
        raise LayerError(faults)


def streets_within(streets: GeoDataFrame, area: Polygon) -> GeoDataFrame:
    """Cut the streets to an area.

    Parameters
    ----------
    streets
        Street edges, one a row.
    area
        Area in the same coordinates.

    Returns
    -------
    GeoDataFrame
        The pieces within the area; those of one edge keep its row, told apart by "/2" and on.
    """
    cut = streets.assign(geometry=streets.geometry.intersection(area)).explode()
    cut = cut[cut.geom_type.eq("LineString") & ~cut.is_empty]
    piece = cut.groupby(level=0).cumcount()
    cut.index = pd.Index(
        [f"{edge}/{number + 1}" if number else edge for edge, number in piece.items()], name="id"
    )
    return cut


def digests_of(
    folder: Path,
    *,
    besides: Iterable[Path] = (),
    stored: Mapping[str, str] = NOTHING_STORED,
) -> dict[str, str]:
    """Give the SHA-256 of every file of a zone that was read; a shapefile is several.

    Parameters
    ----------
    folder
        Folder of the zone.
    besides
        Further files that were read.
    stored
        Version of each layer that was read from the store in place of the folder, by its name.

    Returns
    -------
    dict
        SHA-256 by the name of the file, and the versions of stored layers by "store/" and theirs.

    Raises
    ------
    SourceError
        A file cannot be read.
    """
    layers = [name for name in (*CONTRACTS, "boundary") if name not in stored]
    paths = {file for name in layers for file in _files_of(folder, name)}
    turns = [path for path in [folder / TURNS_FILE] if path.is_file()]
    read = _digests({folder / "zone.toml", *paths, *turns, *besides}, folder)
    return read | {f"store/{name}": version for name, version in stored.items()}


def layer_digests(folder: Path, layers: Iterable[str]) -> dict[str, dict[str, str]]:
    """Give the SHA-256 of the files that layers of a zone are read from.

    Parameters
    ----------
    folder
        Folder of the zone.
    layers
        Names of the layers.

    Returns
    -------
    dict
        SHA-256 by the name of the file, by layer; of a layer without a file there is none.

    Raises
    ------
    SourceError
        A file cannot be read.
    """
    return {name: _digests(_files_of(folder, name), folder) for name in layers}


def _files_of(folder: Path, layer: str) -> list[Path]:
    """List the files that a layer is read from."""
    path = layer_file(folder, layer)
    if path is None:
        found = [folder / name for name in _GAZETTEER] if layer == "streets" else []
        return [path for path in found if path.is_file()]  # what is lacking is told as it is read
    return list(path.parent.glob(f"{path.stem}.*")) if path.suffix == ".shp" else [path]


def _digests(paths: Iterable[Path], folder: Path) -> dict[str, str]:
    try:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}
    except OSError as error:
        raise SourceError(f"Expected leave to read {folder}, got: {reason_of(error)}.") from error
