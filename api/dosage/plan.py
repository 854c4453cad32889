"""The plan of a night as `smartzone plan` wrote it: its tours, stops and hotspots."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio
from geopandas import GeoDataFrame
from pyproj import CRS

from api.bilingual import Both
from api.plan_files import PLAN_FILE, read_plan_file
from geo.errors import Fault, LayerError, SourceError

LAYERS_FILE: Final = "layers.gpkg"
"""Layers of a plan, in its folder."""

VISIT: Final = "visit"
"""Kind of the stops for the sake of a place; breaks and meetings have others."""

_COLUMNS: Final = {
    "patrol_tours": ("unit", "name_th", "name_en", "starts_at", "ends_at"),
    "patrol_stops": ("unit", "order", "name_th", "name_en", "arrives_at", "leaves_at"),
    "hotspots": ("rank", "name_th", "name_en", "near_th", "near_en"),
}


@dataclass(frozen=True, eq=False)
class PlannedNight:
    """What a night's patrols were to do.

    Attributes
    ----------
    night
        Evening of the plan, on the zone's calendar.
    tours
        LineStrings: unit, name_th, name_en, starts_at, ends_at.
    stops
        Points: unit, order, kind, name_th, name_en, arrives_at, leaves_at.
    hotspots
        Lines: rank, name_th, name_en, near_th, near_en.
    synthetic
        Whether the plan rests on synthetic data.
    """

    night: date
    tours: GeoDataFrame
    stops: GeoDataFrame
    hotspots: GeoDataFrame
    synthetic: bool

    @property
    def units(self) -> Mapping[str, Both]:
        """Give the names of the units that have a tour, by their ids.

        Returns
        -------
        Mapping
            In the order of the plan.
        """
        rows = self.tours[["unit", "name_th", "name_en"]].itertuples(index=False)
        return {str(unit): Both(str(thai), str(english)) for unit, thai, english in rows}


def read_plan(folder: Path, *, zone: str, crs: CRS) -> PlannedNight:
    """Read the plan of a night.

    Parameters
    ----------
    folder
        Folder of the plan.
    zone
        Name of the zone that it must be of.
    crs
        Coordinate system to give the layers in.

    Returns
    -------
    PlannedNight
        What was planned.

    Raises
    ------
    SourceError
        The folder holds no plan of this zone, or it cannot be read.
    LayerError
        Layers of the plan lack a column; every one is named.
    """
    night, synthetic = read_plan_file(
        folder / PLAN_FILE,
        lambda plan: (date.fromisoformat(plan["tonight"]), bool(plan["synthetic"])),
        zone=zone,
    )
    layers = _layers(folder / LAYERS_FILE, crs)
    stops = layers["patrol_stops"]
    if "kind" not in stops:
        stops = stops.assign(kind=VISIT)
    return PlannedNight(night, layers["patrol_tours"], stops, layers["hotspots"], synthetic)


def _layers(path: Path, crs: CRS) -> dict[str, GeoDataFrame]:
    layers: dict[str, GeoDataFrame] = {}
    try:
        for name in _COLUMNS:
            layers[name] = gpd.read_file(path, layer=name).to_crs(crs)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise SourceError(f"Expected the layers of a plan in {path}, got none.") from error
    faults = [
        Fault(f"{path.name}, layer {name}", *fault, field=column)
        for name, columns in _COLUMNS.items()
        for column in columns
        if (fault := _fault(layers[name], column))
    ]
    if faults:
        raise LayerError(faults)
    return {
        name: layer.set_index("id") if "id" in layer else layer for name, layer in layers.items()
    }


def _fault(layer: GeoDataFrame, column: str) -> tuple[str, str] | None:
    """Tell what is wrong with a column: what is expected, and what was found."""
    if column not in layer:
        return "the column", "none of that name"
    kind: Any = layer[column].dtype
    if column.endswith("_at") and not isinstance(kind, pd.DatetimeTZDtype):
        return "instants with a time zone", str(kind)
    if column.endswith("_at") and layer[column].isna().any():
        return "a time in every row", "rows without one"
    return None
