"""Coordinate reference systems by reference (OGC 18-058r1): boxes come in, geometries go out."""

import json
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from api.ogc.text import compact
from api.store import Box
from geo.errors import ParameterError
from geo.zone import read_outline

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
"""The system the store keeps and that is meant where none is named."""

_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_WGS84 = f"{_EPSG}4326"
_MERCATOR = f"{_EPSG}3857"
_DEGREE_DECIMALS = 8  # as the store keeps them, about a millimetre
_METRE_DECIMALS = 3
_EDGE_POINTS = 21

Pairs = NDArray[np.float64]


@lru_cache(maxsize=64)
def systems_of(data_dir: Path, zone: str) -> tuple[str, ...]:
    """Name the reference systems in which a zone's layers can be read.

    Parameters
    ----------
    data_dir
        Folder that holds the zones' folders.
    zone
        Name of the zone.

    Returns
    -------
    systems
        Their addresses; the zone's own metric system last, where its folder tells it.
    """
    systems = [CRS84, _WGS84, _MERCATOR]
    folder = data_dir / zone
    if not (folder / "zone.toml").is_file():
        return tuple(systems)
    _, _, crs = read_outline(folder)
    code = CRS.from_user_input(crs).to_epsg()
    if code is not None and f"{_EPSG}{code}" not in systems:
        systems.append(f"{_EPSG}{code}")
    return tuple(systems)


def box_from(system: str, corners: Sequence[float]) -> Box:
    """Read a box that is given in some reference system.

    Parameters
    ----------
    system
        Address of the system.
    corners
        Least first and second coordinate, then greatest, in the order of the system's axes.

    Returns
    -------
    box
        The box in degrees; where the system is projected, the smallest that holds it.

    Raises
    ------
    ParameterError
        When the corners are out of order or off the earth.
    """
    if system == CRS84:
        return Box(*corners)
    if system == _WGS84:
        south, west, north, east = corners
        return Box(west, south, east, north)
    least, greatest = corners[:2], corners[2:]
    if not all(low <= high for low, high in zip(least, greatest, strict=True)):
        raise ParameterError(f"Expected `bbox` with its least corner first, got {list(corners)}.")
    try:
        left, bottom, right, top = corners
        bounds = _transformer(system, CRS84).transform_bounds(
            left, bottom, right, top, densify_pts=_EDGE_POINTS, errcheck=True
        )
    except ProjError:
        bounds = (np.inf,) * 4
    if not np.isfinite(bounds).all():
        raise ParameterError(f"Expected `bbox` on the earth in {system}, got {list(corners)}.")
    return Box(*(float(bound) for bound in bounds))


def placed(features: Sequence[str], system: str) -> list[str]:
    """Give features with their geometries in another reference system.

    Parameters
    ----------
    features
        GeoJSON Features as text, in CRS84.
    system
        Address of the system.

    Returns
    -------
    placed
        The same features, coordinates in the order of the system's axes, to a millimetre.
    """
    if system == CRS84:
        return list(features)
    documents = [json.loads(feature) for feature in features]
    shapes = np.array(
        [
            None if document["geometry"] is None else shapely.geometry.shape(document["geometry"])
            for document in documents
        ],
        dtype=np.object_,
    )
    moved = shapely.transform(shapes, into(system))
    for document, shape in zip(documents, moved, strict=True):
        if shape is not None:
            document["geometry"] = shapely.geometry.mapping(shape)
    return [compact(document) for document in documents]


@cache
def into(system: str) -> Callable[[Pairs], Pairs]:
    """Return what turns longitudes and latitudes into a reference system.

    Parameters
    ----------
    system
        Address of the system.

    Returns
    -------
    turn
        Takes pairs and returns pairs in the order of the system's axes, rounded.
    """
    transformer = _transformer(CRS84, system)
    decimals = _DEGREE_DECIMALS if system == _WGS84 else _METRE_DECIMALS

    def turn(pairs: Pairs) -> Pairs:
        return np.column_stack(transformer.transform(*pairs.T)).round(decimals)

    return turn


@cache
def out_of(system: str) -> Callable[[Pairs], Pairs]:
    """Return what turns coordinates of a reference system into longitudes and latitudes.

    Parameters
    ----------
    system
        Address of the system.

    Returns
    -------
    turn
        Takes pairs in the order of the system's axes; what is off the earth becomes infinite.
    """
    transformer = _transformer(system, CRS84)

    def turn(pairs: Pairs) -> Pairs:
        return np.column_stack(transformer.transform(*pairs.T))

    return turn


def code_of(system: str) -> int:
    """Return the EPSG code of a reference system.

    Parameters
    ----------
    system
        Address of the system; not CRS84, which EPSG does not know.

    Returns
    -------
    code
        The code.
    """
    return int(system.removeprefix(_EPSG))


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(_crs(source), _crs(target))


def _crs(system: str) -> CRS:
    return CRS.from_authority("OGC", "CRS84") if system == CRS84 else CRS.from_epsg(code_of(system))
