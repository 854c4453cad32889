"""What all results of a zone tell: which zone it is, what they rest on, what their maps show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict
from zoneinfo import ZoneInfo

from geopandas import GeoDataFrame
from pyproj import CRS
from shapely import Polygon

from geo.zone import Zone


class ZoneFacts(TypedDict):
    """What a result tells of its zone, field by field of `ZoneResult`."""

    zone: str
    name_th: str
    name_en: str
    timezone: ZoneInfo
    boundary_approximate: bool


@dataclass(frozen=True, eq=False)
class ZoneResult:
    """What was computed of one zone.

    Attributes
    ----------
    zone
        Name of the zone, as its folder is called.
    name_th, name_en
        Name of the zone on screen.
    timezone
        Clocks of the zone.
    boundary_approximate
        Whether the boundary is only roughly known.
    """

    zone: str
    name_th: str
    name_en: str
    timezone: ZoneInfo
    boundary_approximate: bool


@dataclass(frozen=True, eq=False)
class SeededResult(ZoneResult):
    """What was computed of one zone, and can be computed again from its files and a seed.

    Attributes
    ----------
    crs
        Metric coordinate system of the layers.
    seed
        Seed of every random choice.
    inputs
        SHA-256 of each file read, by its name.
    """

    crs: CRS
    seed: int
    inputs: Mapping[str, str]


@dataclass(frozen=True)
class Ground:
    """What the maps stand on.

    Attributes
    ----------
    boundary
        Outline of the zone, in metres.
    streets
        Street edges with their names.
    buildings
        Footprints of the buildings.
    """

    boundary: Polygon
    streets: GeoDataFrame
    buildings: GeoDataFrame


def facts_of(zone: Zone) -> ZoneFacts:
    """Give what a result tells of its zone.

    Parameters
    ----------
    zone
        The zone.

    Returns
    -------
    ZoneFacts
        Names, clocks, and how well the boundary is known.
    """
    return {
        "zone": zone.name,
        "name_th": zone.name_th,
        "name_en": zone.name_en,
        "timezone": ZoneInfo(zone.timezone),
        "boundary_approximate": zone.boundary_approximate,
    }
