"""A zone: a named area of a town with its streets, buildings, cameras, incidents and places.

A zone is a folder. `zone.toml` names it, `boundary` draws it, and each layer is one file named
after it in any format of `geo.formats`; where a layer stands in several, the first in the order
GeoPackage, GeoJSON, CSV, Shapefile is read. Streets without such a file come from the gazetteer
(`junctions.csv`, `streets.toml`). The cameras of the register stand among the cameras. Turns that
vehicles may not make stand in `turns.csv`, if any is known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from geo._contract import RowRule
from geo._rules import meets, reaches
from geo._zone_header import read_header
from geo.errors import Fault, LayerError, SourceError
from geo.forbidden_turns import read_forbidden_turns
from geo.formats import SUFFIXES, read_layer
from geo.gazetteer import read_gazetteer
from geo.layers import BROUGHT, check_layer, empty_layer
from geo.register import cameras_on, registered

_T = TypeVar("_T")

TURNS_FILE: Final = "turns.csv"
"""The file of a zone's folder that lists forbidden turns."""

_OPTIONAL: Final = (
    "buildings",
    "cameras",
    "incidents",
    "places",
    "lamps",
    "sos_points",
    "grounds",
    "communities",
    "register",
)
_REACHING: Final = frozenset({"cameras", "register"})  # what must see a part of the zone


@dataclass(frozen=True, eq=False)
class Zone:
    """A zone with all its layers in one metric coordinate reference system.

    Attributes
    ----------
    name
        Name of the zone as files and addresses spell it, such as "old_town".
    name_th
        Name of the zone in Thai.
    name_en
        Name of the zone in English.
    timezone
        Time zone of the place, such as "Asia/Bangkok".
    crs
        Projected coordinate reference system in metres; every layer is in it.
    boundary
        Outline of the zone.
    boundary_approximate
        Whether the outline is only roughly known.
    streets
        One street edge a row, LineStrings that meet only at shared end points; one connected graph.
    buildings
        Footprints of the buildings.
    cameras
        Camera positions with direction, angle and range, those of the register among them.
    incidents
        Incidents with category, severity and time in UTC.
    places
        Temples, schools, hotels and other places that people know.
    lamps
        Street lamps.
    sos_points
        Posts from which to call for help.
    grounds
        Open grounds of buildings: five-foot ways, yards, school yards and living quarters.
    communities
        Areas of the communities of the zone.
    register
        What the owners of cameras have agreed to. Private: who asks decides what of it is shown.
    forbidden_turns
        Turns that vehicles may not make, as `read_forbidden_turns` gives them; none where no file
        says so.
    """

    name: str
    name_th: str
    name_en: str
    timezone: str
    crs: CRS
    boundary: shapely.Polygon
    boundary_approximate: bool
    streets: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    cameras: gpd.GeoDataFrame
    incidents: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    lamps: gpd.GeoDataFrame
    sos_points: gpd.GeoDataFrame
    grounds: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    register: gpd.GeoDataFrame
    forbidden_turns: pd.DataFrame | None = None

    @classmethod
    def load(
        cls, path: str | Path, *, given: Mapping[str, gpd.GeoDataFrame] = MappingProxyType({})
    ) -> "Zone":
        """Read a zone from its folder.

        Parameters
        ----------
        path
            Folder of the zone. `zone.toml`, the boundary and the streets must be there; any other
            layer that is not is empty.
        given
            Layers that count in place of their files, by name, in any coordinate reference system;
            each is checked as its file would be. A given camera also counts in place of the one of
            its id in the register, which then says no more than whether its owner consents.

        Returns
        -------
        zone
            The zone, every layer checked.

        Raises
        ------
        LayerError
            Files of the zone break their contracts; the error carries the faults of all of them.
        NotFoundError
            The folder is not a zone.
        SourceError
            A file may not be read.
        """
        folder = Path(path)
        texts, crs, faults = read_header(folder)
        if crs is None:
            raise LayerError(faults)
        outline = _collect(faults, partial(_read_boundary, folder, crs))
        layers: dict[str, gpd.GeoDataFrame] = {}
        for layer in ("streets", *_OPTIONAL):
            frame = given.get(layer)
            read = partial(_read_files, folder, layer, crs, outline)
            if frame is not None:
                read = partial(_check_given, frame, layer, crs, outline)
            layers[layer] = _collect(faults, read)
        streets, turns = layers["streets"], folder / TURNS_FILE
        forbidden = None
        if streets is not None and turns.exists():
            forbidden = _collect(faults, partial(read_forbidden_turns, turns, streets))
        if faults or outline is None:
            raise LayerError(faults)
        register = layers["register"]
        if "cameras" in given:
            register = register[~register.index.isin(layers["cameras"].index)]
        layers["cameras"] = registered(layers["cameras"], register)
        return cls(
            **texts,
            crs=crs,
            boundary=outline.boundary,
            boundary_approximate=outline.approximate,
            forbidden_turns=forbidden,
            **layers,
        )

    def on(self, day: date) -> "Zone":
        """Return the zone as it counts on a day: a camera without its owner's consent is down.

        Parameters
        ----------
        day
            The day, on the calendar of the zone.

        Returns
        -------
        zone
            The zone; only `status` of its cameras may differ.
        """
        return replace(self, cameras=cameras_on(self.cameras, self.register, on=day))


class Outline(NamedTuple):
    """What is known of a zone before it has any layer.

    Attributes
    ----------
    boundary
        Outline of the zone.
    approximate
        Whether it is only roughly known.
    crs
        Projected coordinate reference system in metres that the outline is in.
    """

    boundary: shapely.Polygon
    approximate: bool
    crs: CRS


def read_outline(path: str | Path) -> Outline:
    """Read the outline of a zone, whatever the state of its layers.

    Parameters
    ----------
    path
        Folder of the zone, with `zone.toml` and the boundary.

    Returns
    -------
    outline
        Boundary and coordinate reference system.

    Raises
    ------
    LayerError
        `zone.toml` or the boundary breaks its contract; the error carries every fault.
    NotFoundError
        The folder is not a zone.
    SourceError
        A file may not be read.
    """
    folder = Path(path)
    _, crs, faults = read_header(folder)
    outline = None
    if crs is not None:
        outline = _collect(faults, partial(_read_boundary, folder, crs))
    if faults or outline is None:
        raise LayerError(faults)
    return outline


def read_zone_layer(
    path: str | Path, layer: str, outline: Outline, *, encoding: str = "UTF-8"
) -> gpd.GeoDataFrame:
    """Read a layer file that is meant for a zone.

    Parameters
    ----------
    path
        File in any format of `geo.formats`.
    layer
        Name of the contract, such as "cameras".
    outline
        Outline of the zone.
    encoding
        Encoding of a text file that is not in UTF-8, such as "cp874".

    Returns
    -------
    frame
        The layer in the coordinate reference system of the zone.

    Raises
    ------
    LayerError
        The file breaks the contract, a camera stands farther outside the zone than it sees, or an
        area shares no ground with it; the error carries every fault, with its row.
    SourceError
        The file is missing or may not be read.
    """
    rules = _rules_of(layer, outline)
    return read_layer(path, layer, crs=outline.crs, encoding=encoding, row_rules=rules)


def zone_name(path: str | Path) -> str:
    """Read the name of a zone, whatever the state of its layers.

    Parameters
    ----------
    path
        Folder of the zone, with `zone.toml`.

    Returns
    -------
    name
        Its name as files and addresses spell it.

    Raises
    ------
    LayerError
        `zone.toml` breaks its contract; the error carries every fault.
    NotFoundError
        The folder is not a zone.
    SourceError
        The file may not be read.
    """
    texts, _, faults = read_header(Path(path))
    if faults:
        raise LayerError(faults)
    return texts["name"]


def layer_file(folder: str | Path, layer: str) -> Path | None:
    """Return the file of a zone's folder in which a layer stands.

    Parameters
    ----------
    folder
        Folder of the zone.
    layer
        Name of the layer, such as "cameras".

    Returns
    -------
    path
        The file that is read, or none where the layer has no file.
    """
    candidates = (Path(folder) / f"{layer}{suffix}" for suffix in SUFFIXES)
    return next((path for path in candidates if path.is_file()), None)


def _collect(faults: list[Fault], read: Callable[[], _T]) -> _T | None:
    """Return what `read` returns; where it breaks its contract, keep the faults and return none."""
    try:
        return read()
    except LayerError as error:
        faults.extend(error.faults)
        return None


def _read_boundary(folder: Path, crs: CRS) -> Outline:
    path = layer_file(folder, "boundary")
    if path is None:
        raise LayerError([Fault(str(folder / "boundary.geojson"), "the boundary", "no such file")])
    frame = read_layer(path, "boundary", crs=crs)
    return Outline(frame.geometry.iloc[0], bool(frame["approximate"].iloc[0]), crs)


def _read_streets(folder: Path, crs: CRS) -> gpd.GeoDataFrame:
    path = layer_file(folder, "streets")
    if path is not None:
        return read_layer(path, "streets", crs=crs)
    try:
        return read_gazetteer(folder, crs=crs).streets
    except SourceError as error:
        expected = "streets, or a gazetteer of junctions.csv and streets.toml"
        raise LayerError([Fault(str(folder / "streets.gpkg"), expected, str(error))]) from error


def _rules_of(layer: str, outline: Outline) -> tuple[RowRule, ...]:
    reach = {**dict.fromkeys(_REACHING, reaches), **dict.fromkeys(BROUGHT, meets)}.get(layer)
    return () if reach is None else (reach(outline.boundary),)


def _check_given(
    frame: gpd.GeoDataFrame, layer: str, crs: CRS, outline: Outline | None
) -> gpd.GeoDataFrame:
    if frame.empty:
        return empty_layer(layer, crs=crs)
    rules = () if outline is None else _rules_of(layer, outline)
    source = f"the layer {layer}"
    try:
        return check_layer(frame, layer, source=source, crs=crs, row_rules=rules)
    except LayerError as error:  # of a layer that is no file nobody knows which row is which
        faults = [
            fault
            if fault.row is None
            else replace(fault, source=f"{source}, {frame.index[fault.row - 1]!r}", row=None)
            for fault in error.faults
        ]
        raise LayerError(faults) from error


def _read_files(folder: Path, layer: str, crs: CRS, outline: Outline | None) -> gpd.GeoDataFrame:
    if layer == "streets":
        return _read_streets(folder, crs)
    path = layer_file(folder, layer)
    if path is None:
        return empty_layer(layer, crs=crs)
    if outline is None:
        return read_layer(path, layer, crs=crs)
    return read_zone_layer(path, layer, outline)
