"""Geometries of a layer: whether each is there, whole, of the right type and where it should be."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from geo.errors import Fault

_LONLAT: Final = CRS.from_epsg(4326)
_MARGIN_DEG: Final = 1.0  # an area of use is a rule of thumb, not a fence
_SINGLE: Final = {"MultiPoint": "Point", "MultiLineString": "LineString", "MultiPolygon": "Polygon"}


def metric_crs(name: object) -> CRS | None:
    """Return the coordinate reference system of that name, none where it is not one in metres."""
    try:
        crs = CRS.from_user_input(name)
    except CRSError:
        return None
    return crs if crs.is_projected and crs.axis_info[0].unit_name == "metre" else None


def simplify_types(geometry: gpd.GeoSeries, wanted: Collection[str]) -> gpd.GeoSeries:
    """Return the geometries in two dimensions, a collection of one part as that part.

    Editors store single lines as multi-lines of one part; a layer that wants lines takes them.
    """
    flat = geometry.force_2d()
    lone = flat.geom_type.isin([kind for kind in _SINGLE if kind not in wanted])
    lone &= shapely.get_num_geometries(flat.to_numpy()) == 1
    if lone.any():
        flat[lone] = shapely.get_geometry(flat[lone].to_numpy(), 0)
    return flat


def shape_faults(
    geometry: gpd.GeoSeries, wanted: Collection[str], *, source: str, rows: Sequence[int]
) -> list[Fault]:
    """Return a fault for each geometry that is missing, broken or of another type than wanted."""
    expected = " or ".join(wanted)
    faults: list[Fault] = []
    for row, shape in zip(rows, geometry.to_numpy(), strict=True):
        if shape is None:
            problem: tuple[str, str] | None = (f"a {expected}", "no geometry")
        elif not np.isfinite(shapely.get_coordinates(shape)).all():
            problem = ("finite coordinates", _first_unfinite(shape))
        elif shape.is_empty:
            problem = (f"a {expected}", f"an empty {shape.geom_type}")
        elif shape.geom_type not in wanted:
            problem = (f"a {expected}", f"a {shape.geom_type}")
        elif not shape.is_valid:
            problem = (f"a valid {shape.geom_type}", shapely.is_valid_reason(shape))
        else:
            problem = None
        if problem is not None:
            faults.append(Fault(source, problem[0], problem[1], row, "geometry"))
    return faults


def _first_unfinite(shape: shapely.Geometry) -> str:
    coordinates = shapely.get_coordinates(shape)
    x, y = coordinates[~np.isfinite(coordinates).all(axis=1)][0]
    return f"({x:g}, {y:g})"


@dataclass(frozen=True)
class _Area:
    """The part of the earth, in degrees, for which a coordinate system is made."""

    west: float
    south: float
    east: float
    north: float
    name: str

    @classmethod
    def of(cls, crs: CRS) -> "_Area":
        use = crs.area_of_use
        if use is None or crs.is_geographic:
            return cls(-180.0, -90.0, 180.0, 90.0, "the earth")
        return cls(use.west, use.south, use.east, use.north, crs.to_string())

    def __str__(self) -> str:
        return (
            f"lon {self.west:g} to {self.east:g} and lat {self.south:g} to {self.north:g} "
            f"({self.name})"
        )

    def holds(self, bounds: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Say for each row of west, south, east, north whether it lies inside, give or take."""
        west, south, east, north = bounds.T
        inside: npt.NDArray[np.bool_] = (
            (west >= max(self.west - _MARGIN_DEG, -180.0))
            & (east <= min(self.east + _MARGIN_DEG, 180.0))
            & (south >= max(self.south - _MARGIN_DEG, -90.0))
            & (north <= min(self.north + _MARGIN_DEG, 90.0))
        )
        return inside


def place_faults(
    geometry: gpd.GeoSeries, *, crs: CRS, source: str, rows: Sequence[int]
) -> list[Fault]:
    """Return a fault for each geometry outside the part of the earth that `crs` is made for.

    Says so where longitude and latitude look swapped, or where metres stand for degrees. Where
    every geometry is outside, the coordinate system is wrong rather than each of them, and one
    fault says so. The geometries must be finite.
    """
    area = _Area.of(crs)
    bounds = geometry.bounds.to_numpy(dtype=np.float64)
    degrees = _to_lonlat(bounds, geometry.crs)
    outside = np.flatnonzero(~area.holds(degrees))
    swapped = area.holds(bounds[:, [1, 0, 3, 2]]) & geometry.crs.is_geographic
    alike = outside.size == len(geometry) > 1 and bool(swapped.all() or not swapped.any())
    faults: list[Fault] = []
    for index in outside[:1] if alike else outside:
        found = f"({bounds[index, 0]:.10g}, {bounds[index, 1]:.10g})"
        if swapped[index]:
            found += ": lon and lat look swapped"
        else:
            found += _unit_hint(bounds[index], geometry.crs)
        if alike:
            found += f"; likewise in all {len(geometry)} rows"
        faults.append(Fault(source, f"coordinates in {area}", found, rows[index], "geometry"))
    return faults


def _unit_hint(bounds: npt.NDArray[np.float64], crs: CRS) -> str:
    like_degrees = bool((np.abs(bounds) <= [180.0, 90.0, 180.0, 90.0]).all())
    if crs.is_geographic and not like_degrees:
        return f": metres in a layer that says it is {crs.to_string()}"
    if not crs.is_geographic and like_degrees:
        return f": degrees in a layer that says it is {crs.to_string()}"
    return f" in {crs.to_string()}"


def _to_lonlat(bounds: npt.NDArray[np.float64], crs: CRS) -> npt.NDArray[np.float64]:
    if crs.is_geographic:
        return bounds
    transformer = Transformer.from_crs(crs, _LONLAT, always_xy=True)
    west, south = transformer.transform(bounds[:, 0], bounds[:, 1])
    east, north = transformer.transform(bounds[:, 2], bounds[:, 3])
    return np.column_stack([west, south, east, north])
