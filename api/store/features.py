"""From features in memory to the rows of the store: longitude and latitude, GeoJSON, bounds."""

import datetime as dt
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.errors import ShapelyError
from shapely.geometry import LinearRing, LineString
from shapely.geometry.base import BaseGeometry

from api.store.exposure import held_properties, public_properties, refuse_unheld
from geo.errors import ParameterError

DECIMALS = 8  # about a millimetre


@dataclass(frozen=True)
class FeatureRow:
    """One feature as the store keeps it.

    Attributes
    ----------
    feature_id
        Id, unique in its layer.
    bounds
        West, south, east and north in degrees; none where there is no geometry.
    geometry
        Well-known binary in longitude and latitude, its SRID 4326 within; none where there is no
        geometry.
    feature
        The GeoJSON Feature as text, with everything that is known.
    public_feature
        The GeoJSON Feature as text, with what the public may see; none where it is withheld.
    version
        Fingerprint of `feature`.
    public_version
        Fingerprint of `public_feature`; none where there is none.
    """

    feature_id: str
    bounds: tuple[float, float, float, float] | None
    geometry: bytes | None
    feature: str
    public_feature: str | None
    version: str = field(init=False)
    public_version: str | None = field(init=False)

    def __post_init__(self) -> None:
        shown = self.public_feature
        object.__setattr__(self, "version", fingerprint(self.feature))
        object.__setattr__(self, "public_version", None if shown is None else fingerprint(shown))


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
        When the CRS is unknown, ids repeat, coordinates leave the earth, a text is no Unicode, or
        nothing of such a layer may be kept.
    """
    refuse_unheld(layer)
    if frame.crs is None:
        raise ParameterError(f"Expected layer {layer!r} to have a CRS, got none.")
    ids = [str(name) for name in frame.index]
    if len(set(ids)) < len(ids):
        twice = next(name for name in ids if ids.count(name) > 1)
        raise ParameterError(f"Expected unique ids in layer {layer!r}, got {twice!r} twice.")
    geometries = _rounded(layer, frame.geometry.to_crs(epsg=4326).to_numpy())
    properties = _properties(frame.drop(columns=frame.geometry.name))
    return [_row(layer, *parts) for parts in zip(ids, geometries, properties, strict=True)]


def encode_feature(layer: str, feature: Mapping[str, object]) -> FeatureRow:
    """Turn one GeoJSON Feature into a row.

    Parameters
    ----------
    layer
        Name of the layer.
    feature
        The Feature, in longitude and latitude, with its `id`; other members than `geometry` and
        `properties` are left out.

    Returns
    -------
    row
        The row.

    Raises
    ------
    ParameterError
        When it has no id, is no Feature, leaves the earth, holds a text that is no Unicode, or
        nothing of such a layer may be kept.
    """
    refuse_unheld(layer)
    name, properties = feature.get("id"), feature.get("properties") or {}
    if not isinstance(name, str | int) or isinstance(name, bool) or name == "":
        raise ParameterError(f"Expected `id` of the feature as text or number, got {name!r}.")
    if not isinstance(properties, Mapping):
        raise ParameterError(f"Expected `properties` as an object, got {properties!r}.")
    shape = _shape(feature.get("geometry"))
    (geometry,) = _rounded(layer, np.array([shape], dtype=np.object_))
    plain = {str(key): _plain(value) for key, value in properties.items()}
    return _row(layer, str(name), geometry, plain)


def fingerprint(text: str) -> str:
    """Return the fingerprint of a text.

    Parameters
    ----------
    text
        The text.

    Returns
    -------
    fingerprint
        The first twenty hexadecimal digits of its SHA-256.
    """
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _row(
    layer: str, name: str, shape: BaseGeometry | None, properties: dict[str, object]
) -> FeatureRow:
    if "\0" in name:
        raise ParameterError(f"Expected ids without NUL in layer {layer!r}, got {name!r}.")
    held = held_properties(layer, properties)
    geometry = None if shape is None or shape.is_empty else shape
    if isinstance(geometry, LinearRing):  # which GeoJSON does not know
        geometry = shapely.set_srid(LineString(geometry), 4326)
    drawn = None if geometry is None else shapely.geometry.mapping(geometry)
    shown = public_properties(layer, held)
    binary = None if geometry is None else shapely.to_wkb(geometry, include_srid=True)
    bounds = None if geometry is None else geometry.bounds
    try:
        full = _text(name, drawn, held)
        public = None if shown is None else _text(name, drawn, shown)
        return FeatureRow(name, bounds, binary, full, public)
    except UnicodeEncodeError as error:
        raise ParameterError(
            f"Expected Unicode text in item {name!a} of layer {layer!r}, got half a character."
        ) from error


def _shape(geometry: object) -> BaseGeometry | None:
    if geometry is None:
        return None
    try:
        return shapely.geometry.shape(dict(cast("Mapping[str, object]", geometry)))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, ShapelyError) as error:
        raise ParameterError(f"Expected `geometry` as GeoJSON: {error}") from error


def _text(name: str, geometry: object, properties: dict[str, object]) -> str:
    feature = {"type": "Feature", "id": name, "geometry": geometry, "properties": properties}
    return json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _rounded(layer: str, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return geometries flat, rounded to `DECIMALS`, once it is sure that they are on the earth."""
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
        case dict():
            plain = {str(key): _plain(part) for key, part in value.items()}
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
