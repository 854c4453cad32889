"""What a job needs from a zone's folder: layers that are not empty, its streets, and its files."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from geopandas import GeoDataFrame
from shapely import Polygon

from geo.errors import Fault, LayerError, SourceError
from geo.layers import CONTRACTS
from geo.zone import TURNS_FILE, Zone, layer_file


def refuse_empty(zone: Zone, folder: Path, layers: Iterable[str]) -> None:
    """Refuse a zone that lacks a layer on which a job rests.

    Parameters
    ----------
    zone
        The zone.
    folder
        Folder the zone was loaded from.
    layers
        Names of the layers that must have a row.

    Raises
    ------
    LayerError
        Layers are empty; all of them are named.
    """
    faults = [
        Fault(
            str(layer_file(folder, name) or folder / f"{name}.geojson"), "at least one row", "none"
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


def digests_of(folder: Path, *, besides: Iterable[Path] = ()) -> dict[str, str]:
    """Give the SHA-256 of every file of a zone that was read; a shapefile is several.

    Parameters
    ----------
    folder
        Folder of the zone.
    besides
        Further files that were read.

    Returns
    -------
    dict
        SHA-256 by the name of the file.

    Raises
    ------
    SourceError
        A file cannot be read.
    """
    layers = [layer_file(folder, name) for name in (*CONTRACTS, "boundary")]
    gazetteer = [folder / "junctions.csv", folder / "streets.toml"]
    if layer_file(folder, "streets") is not None:
        gazetteer = []
    turns = [path for path in [folder / TURNS_FILE] if path.is_file()]
    paths = {folder / "zone.toml", *gazetteer, *turns, *filter(None, layers), *besides}
    for path in [path for path in paths if path.suffix == ".shp"]:
        paths.update(path.parent.glob(f"{path.stem}.*"))
    try:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}
    except OSError as error:
        raise SourceError(f"Expected leave to read {folder}, got: {error}.") from error
