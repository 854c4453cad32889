"""The refresh of a zone: streets, buildings and places as OpenStreetMap has them now."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
from pyproj import CRS

from api.refresh.overpass import Overpass
from geo.errors import SourceError, reason_of
from geo.formats import read_layer, write_layer
from geo.osm import layers_from_osm, street_edges
from geo.zone import read_outline

Step = Literal["streets", "features", "files"]
STEPS: Final[tuple[Step, ...]] = ("streets", "features", "files")
"""The steps of a refresh, in order."""


@dataclass(frozen=True)
class Refreshed:
    """What a refresh wrote.

    Attributes
    ----------
    files
        The files written, in the zone's folder.
    streets
        Number of street edges.
    buildings
        Number of buildings; where 0 the zone's own file, if any, was left.
    places
        Number of places; where 0 the zone's own file, if any, was left.
    """

    files: tuple[Path, ...]
    streets: int
    buildings: int
    places: int


def refresh_zone(
    folder: str | Path,
    *,
    server: Overpass | None = None,
    progress: Callable[[Step], None] | None = None,
) -> Refreshed:
    """Replace the streets, buildings and places of a zone by those of OpenStreetMap.

    They are written as `streets.gpkg`, `buildings.gpkg` and `places.gpkg`, which win over the
    files the zone came with; every row names its source and licence. Either all of them are
    replaced or none.

    Parameters
    ----------
    folder
        Folder of the zone; needs `zone.toml` and the boundary only.
    server
        Overpass server to ask; the main public one where none.
    progress
        Called with each of `STEPS` as it begins.

    Returns
    -------
    refreshed
        What was written.

    Raises
    ------
    LayerError
        `zone.toml` or the boundary breaks its contract, or what came does.
    NotFoundError
        The folder is not a zone.
    SourceError
        The server or the folder fails; the folder is as it was.
    """
    folder = Path(folder)
    server = Overpass() if server is None else server
    say = progress if progress is not None else lambda _: None
    boundary, _, crs = read_outline(folder)
    area = gpd.GeoSeries([boundary], crs=crs).to_crs(4326).iloc[0]
    say("streets")
    graph = server.streets(area)
    say("features")
    features = server.features(area)
    say("files")
    extract = layers_from_osm(graph, features, crs=crs)
    layers = {
        "streets": street_edges(extract.streets),
        "buildings": extract.buildings,
        "places": extract.places,
    }
    files = _replace(folder, {name: one for name, one in layers.items() if len(one)}, crs)
    return Refreshed(files, **{name: len(frame) for name, frame in layers.items()})


def _replace(folder: Path, layers: Mapping[str, gpd.GeoDataFrame], crs: CRS) -> tuple[Path, ...]:
    """Write the layers beside the zone's files, read them as the zone will, then swap them in."""
    try:
        staging = Path(tempfile.mkdtemp(prefix=".refresh-", dir=folder))
    except OSError as error:
        raise SourceError(
            f"Expected leave to write into {folder}, got: {reason_of(error)}."
        ) from error
    try:
        for name, frame in layers.items():
            write_layer(staging / f"{name}.gpkg", frame)
            read_layer(staging / f"{name}.gpkg", name, crs=crs)
        return _swap(staging, folder, [f"{name}.gpkg" for name in layers])
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"Expected to write into {folder}, got: {reason_of(error)}.") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _swap(staging: Path, folder: Path, names: Sequence[str]) -> tuple[Path, ...]:
    """Move the new files into place; if one fails, put the old ones back."""
    kept = staging / "kept"
    kept.mkdir()
    old = [name for name in names if (folder / name).exists()]
    for name in old:
        shutil.copy2(folder / name, kept / name)
    done: list[str] = []
    try:
        for name in names:
            (staging / name).replace(folder / name)
            done.append(name)
    except OSError:
        for name in done:
            if name in old:
                (kept / name).replace(folder / name)
            else:
                (folder / name).unlink()
        raise
    return tuple(folder / name for name in names)
