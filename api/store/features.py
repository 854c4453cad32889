"""From a layer in memory to the rows of the store: longitude and latitude, GeoJSON, bounds."""

import datetime as dt
import hashlib
import json
import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from api.store.exposure import kept_columns, withheld_features
from geo.errors import ParameterError

DECIMALS = 8  # about a millimetre


@dataclass(frozen=True)
class FeatureRow:
    """One feature as the store keeps it.

    Attributes
    ----------
    feature_id
        Id, unique in its layer.
    withheld
        Whether it is left out of what is served without an account.
    bounds
        West, south, east and north in degrees; none where there is no geometry.
    geometry
        Well-known binary in longitude and latitude, its SRID 4326 within; none where there is no
        geometry.
    feature
        The GeoJSON Feature as text.
    """

    feature_id: str
    withheld: bool
    bounds: tuple[float, float, float, float] | None
    geometry: bytes | None
    feature: str


def encode_features(layer: str, frame: gpd.GeoDataFrame) -> list[FeatureRow]:
    """Turn a layer into rows, in the layer's order.

    Parameters
    ----------
    layer
        Name of the layer.
    frame
        Features in any CRS; the index holds their ids.

    Returns
    -------
    rows
        One row a feature.

    Raises
    ------
    ParameterError
        When the CRS is unknown, ids repeat, or coordinates leave the earth.
    """
    if frame.crs is None:
        raise ParameterError(f"Expected layer {layer!r} to have a CRS, got none.")
    ids = [str(name) for name in frame.index]
    if len(set(ids)) < len(ids):
        twice = next(name for name in ids if ids.count(name) > 1)
        raise ParameterError(f"Expected unique ids in layer {layer!r}, got {twice!r} twice.")
    geometries = _geographic(layer, frame)
    properties = _properties(frame[kept_columns(layer, frame)])
    present = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    rows = []
    for number, (name, hidden) in enumerate(zip(ids, withheld_features(layer, frame), strict=True)):
        geometry = geometries[number] if present[number] else None
        feature = {
            "type": "Feature",
            "id": name,
            "geometry": None if geometry is None else shapely.geometry.mapping(geometry),
            "properties": properties[number],
        }
        text = json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        binary = None if geometry is None else shapely.to_wkb(geometry, include_srid=True)
        bounds = None if geometry is None else geometry.bounds
        rows.append(FeatureRow(name, bool(hidden), bounds, binary, text))
    return rows


def version_of(rows: list[FeatureRow]) -> str:
    """Return the fingerprint of a layer's content.

    Parameters
    ----------
    rows
        The layer's rows.

    Returns
    -------
    version
        Twenty hexadecimal digits; equal for equal content in equal order.
    """
    digest = hashlib.sha256()
    for row in rows:
        digest.update(f"{int(row.withheld)}{row.feature}\n".encode())
    return digest.hexdigest()[:20]


def _geographic(layer: str, frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the geometries in longitude and latitude, rounded to `DECIMALS`."""
    geometries = frame.geometry.to_crs(epsg=4326).to_numpy()
    coordinates = shapely.get_coordinates(geometries)
    inside = (np.abs(coordinates) <= (180.0, 90.0)).all(axis=1)
    if not inside.all():
        found = coordinates[~inside][0].tolist()
        raise ParameterError(
            f"Expected longitudes and latitudes on the earth in layer {layer!r}, got {found}."
        )
    rounded = shapely.transform(shapely.force_2d(geometries), lambda pairs: pairs.round(DECIMALS))
    located: NDArray[np.object_] = shapely.set_srid(rounded, 4326)
    return located


def _properties(frame: pd.DataFrame) -> list[dict[str, object]]:
    columns = {str(name): [_plain(value) for value in frame[name]] for name in frame.columns}
    return [
        {name: values[row] for name, values in columns.items()} for row in range(len(frame.index))
    ]


def _plain(value: object) -> object:
    """Return a value as JSON knows it; what is missing becomes null."""
    match value:
        case np.generic():
            plain = _plain(value.item())
        case list() | tuple() | np.ndarray():
            plain = [_plain(part) for part in value]
        case float():
            plain = value if math.isfinite(value) else None
        case None | bool() | int():
            plain = value
        case _ if value is pd.NaT or value is pd.NA:
            plain = None
        case dt.date():
            plain = value.isoformat()
        case _:
            plain = str(value)
    return plain
