"""What a camera's mounting and lens say about its view: angles, resolution, how near and far."""

import math
from itertools import chain
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geo._columns import show
from geo.errors import Fault
from geo.layers import column_of

Floats = NDArray[np.float64]

_GIVEN: Final = ("azimuth_deg", "range_m", "height_m", "tilt_deg", "resolution_px")
# An angle of view follows from the focal length and the extent of the sensor, where it is missing.
_ANGLES: Final = {
    "fov_deg": ("focal_mm", "sensor_width_mm"),
    "vfov_deg": ("focal_mm", "sensor_height_mm"),
}


class Lenses(NamedTuple):
    """Mounting and lens of each camera; the columns of the cameras layer, none of them missing.

    Attributes
    ----------
    azimuth_deg
        Direction of the middle of the view.
    fov_deg
        Horizontal angle of view.
    vfov_deg
        Vertical angle of view.
    tilt_deg
        How far the middle of the view looks down from the horizon.
    range_m
        Range.
    height_m
        Height of the camera above the ground.
    resolution_px
        Width of the image.
    """

    azimuth_deg: Floats
    fov_deg: Floats
    vfov_deg: Floats
    tilt_deg: Floats
    range_m: Floats
    height_m: Floats
    resolution_px: Floats


def numbers_of(
    layer: gpd.GeoDataFrame | gpd.GeoSeries, name: str, *, source: str
) -> tuple[Floats, list[Fault]]:
    """Return an optional column of a layer, and a fault for each value that does not fit.

    Missing values are not a number; an infinite one stands in for a value that does not fit. Shapes
    alone have no columns.
    """
    if isinstance(layer, gpd.GeoSeries):
        return np.full(len(layer), math.nan), []
    values, faults = column_of(layer, source, name, source=source, may_be_missing=True)
    numbers = values.astype(np.float64)
    numbers[[fault.row - 1 for fault in faults if fault.row is not None]] = math.inf
    return numbers, faults


def lenses_of(cameras: gpd.GeoDataFrame, *, target_height_m: float) -> tuple[Lenses, list[Fault]]:
    """Return mounting and lens of each camera, and what is wrong with them or missing."""
    numbers: dict[str, Floats] = {}
    faults: list[Fault] = []
    for name in (*_GIVEN, *_ANGLES, *dict.fromkeys(chain(*_ANGLES.values()))):
        numbers[name], unfit = numbers_of(cameras, name, source="cameras")
        faults += unfit
    for name in _GIVEN:
        faults += _missing(cameras, numbers, name, ())
    for name, (focal, extent) in _ANGLES.items():
        faults += _missing(cameras, numbers, name, (focal, extent))
        with np.errstate(invalid="ignore"):
            by_lens = np.degrees(2.0 * np.arctan(numbers[extent] / (2.0 * numbers[focal])))
        numbers[name] = np.where(np.isnan(numbers[name]), by_lens, numbers[name])
    faults += [
        Fault(
            "cameras",
            f"a camera above the target height, {target_height_m:g} m",
            show(numbers["height_m"][row]),
            row + 1,
            "height_m",
        )
        for row in np.flatnonzero(numbers["height_m"] <= target_height_m).tolist()
    ]
    return Lenses(**{name: numbers[name] for name in Lenses._fields}), faults


def _missing(
    cameras: gpd.GeoDataFrame, numbers: dict[str, Floats], name: str, instead: tuple[str, ...]
) -> list[Fault]:
    """Return a fault for each row that has neither a number nor all of those instead of it.

    There is one fault for the column where no row can have them.
    """
    expected = ", or ".join([name, " and ".join(instead)]) if instead else name
    if name not in cameras.columns and not (instead and {*instead} <= {*cameras.columns}):
        there = [other for other in instead if other in cameras.columns]
        found = "only " + there[0] if there else "none of that name"
        return [Fault("cameras", f"the column {expected}", found, field=name)]
    lacking = np.isnan(numbers[name])
    if instead:
        lacking &= np.isnan([numbers[other] for other in instead]).any(axis=0)
    return [
        Fault("cameras", expected, _found(numbers, instead, row), row + 1, name)
        for row in np.flatnonzero(lacking).tolist()
    ]


def _found(numbers: dict[str, Floats], instead: tuple[str, ...], row: int) -> str:
    there = [other for other in instead if not np.isnan(numbers[other][row])]
    return "only " + there[0] if there else "nothing"


def seen_distances(lenses: Lenses, drop_m: Floats) -> tuple[Floats, Floats]:
    """Return the least and the largest ground distance that the vertical view holds.

    The plane seen lies `drop_m` below the camera. Where the view looks above all of it, the least
    distance is infinite.
    """
    half = lenses.vfov_deg / 2.0
    low, high = (
        np.tan(np.clip(np.radians(angle), 0.0, math.pi / 2.0))
        for angle in (lenses.tilt_deg - half, lenses.tilt_deg + half)
    )
    with np.errstate(divide="ignore", over="ignore"):
        return drop_m / high, drop_m / low
