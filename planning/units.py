"""The units that patrol a night, and the file that lists them."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from shapely import Point

from geo.errors import Fault, LayerError, ParameterError, SourceError

# No patrol walks this fast and no patrol car drives this slowly.
_FASTEST_WALK_MPS = 2.5
_FASTEST_MPS = 30.0


@dataclass(frozen=True)
class Unit:
    """One patrol on one night.

    Attributes
    ----------
    id
        Name of the unit in files and layers.
    name_th
        Name in Thai.
    name_en
        Name in English.
    kind
        Who it is: police, tourist_police, marine, volunteer.
    speed_mps
        Speed on the way between stops, in (0, 30]. Up to 2.5 it walks and one-way streets do not
        bind it.
    post
        Where its shift begins and ends: a Point of finite coordinates in the zone's CRS.
    starts_at
        When its shift begins, timezone-aware.
    ends_at
        When it ends, after `starts_at`.
    synthetic
        Whether the unit is made up.
    """

    id: str
    name_th: str
    name_en: str
    kind: str
    speed_mps: float
    post: Point
    starts_at: datetime
    ends_at: datetime
    synthetic: bool

    def __post_init__(self) -> None:
        is_point = shapely.get_type_id(self.post) == shapely.GeometryType.POINT
        if not (is_point and np.isfinite(self.post.bounds).all()):
            found = str(self.post)[:60]
            raise ParameterError(f"Expected `post` of {self.id} as a finite Point, got {found}.")
        if not 0 < self.speed_mps <= _FASTEST_MPS:
            raise ParameterError(f"Expected `speed_mps` in (0, 30], got {self.speed_mps}.")
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ParameterError(f"Expected shift of {self.id} with a timezone, got none.")
        if self.starts_at >= self.ends_at:
            raise ParameterError(
                f"Expected `starts_at` < `ends_at`, got {self.starts_at} and {self.ends_at}."
            )

    @property
    def on_foot(self) -> bool:
        """Whether the unit walks.

        Returns
        -------
        on_foot
            True up to 2.5 m/s.
        """
        return self.speed_mps <= _FASTEST_WALK_MPS


def read_units(path: str | Path, *, crs: CRS, night: date, timezone: str) -> list[Unit]:
    """
    Read the units of one night.

    Parameters
    ----------
    path
        A TOML file of `[[unit]]` tables: id, name_th, name_en, kind, speed_mps, lon, lat, starts_at
        and ends_at ("18:00"; an end not after the start is on the next day), synthetic.
    crs
        Metric CRS of the zone, in which posts are returned.
    night
        Date on which the shifts begin.
    timezone
        Timezone of the times in the file.

    Returns
    -------
    units
        Units in the order of the file, times in UTC.

    Raises
    ------
    SourceError
        The file cannot be read.
    LayerError
        The file is no TOML or units break the rules above; every fault is named.
    """
    path = Path(path)
    try:
        records = tomllib.loads(path.read_text(encoding="utf-8")).get("unit", [])
    except OSError as error:
        raise SourceError(f"Expected to read {path.name}, got: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LayerError([Fault(path.name, "a TOML file in UTF-8", str(error))]) from error
    if not isinstance(records, list) or not all(isinstance(entry, dict) for entry in records):
        raise LayerError([Fault(path.name, "tables [[unit]]", repr(records)[:60])])
    faults = [fault for row, entry in enumerate(records, 1) for fault in _faults(entry, row, path)]
    names = [entry.get("id") for entry in records]
    faults += [
        Fault(path.name, "a unique id", repr(name), row=row, field="id")
        for row, name in enumerate(names, 1)
        if name in names[: row - 1]
    ]
    if faults:
        raise LayerError(sorted(faults, key=lambda fault: fault.row or 0))
    posts = gpd.GeoSeries(
        [Point(entry["lon"], entry["lat"]) for entry in records], crs="EPSG:4326"
    ).to_crs(crs)
    zone = ZoneInfo(timezone)
    return [
        _unit(entry, post, night, zone) for entry, post in zip(records, posts.array, strict=True)
    ]


def _unit(entry: dict[str, Any], post: Point, night: date, zone: ZoneInfo) -> Unit:
    starts, ends = (time.fromisoformat(entry[name]) for name in ("starts_at", "ends_at"))
    last_day = night if ends > starts else night + timedelta(days=1)
    texts = {name: entry[name] for name in ("id", "name_th", "name_en", "kind", "synthetic")}
    return Unit(
        **texts,
        speed_mps=float(entry["speed_mps"]),
        post=post,
        starts_at=datetime.combine(night, starts, zone).astimezone(ZoneInfo("UTC")),
        ends_at=datetime.combine(last_day, ends, zone).astimezone(ZoneInfo("UTC")),
    )


def _faults(entry: dict[str, Any], row: int, path: Path) -> list[Fault]:
    def fault(field: str, expected: str) -> Fault:
        found = repr(entry[field]) if field in entry else "nothing"
        return Fault(path.name, expected, found, row=row, field=field)

    faults = [
        fault(field, "a text")
        for field in ("id", "name_th", "name_en", "kind")
        if not (isinstance(entry.get(field), str) and entry[field].strip())
    ]
    limits = {"speed_mps": (0.0, _FASTEST_MPS), "lon": (-180.0, 180.0), "lat": (-90.0, 90.0)}
    for field, (least, most) in limits.items():
        value = entry.get(field)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not least < float(entry[field]) <= most:
            faults.append(fault(field, f"a number > {least:g} and <= {most:g}"))
    faults += [
        fault(field, 'a time such as "18:00"')
        for field in ("starts_at", "ends_at")
        if not _is_time(entry.get(field))
    ]
    if not isinstance(entry.get("synthetic"), bool):
        faults.append(fault("synthetic", "true or false"))
    return faults


def _is_time(text: object) -> bool:
    try:
        return isinstance(text, str) and time.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
