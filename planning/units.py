"""The units that patrol a night, and the file that lists them."""

from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely import Point

from geo.errors import Fault, LayerError, ParameterError
from planning._arguments import is_finite, is_whole
from planning._toml_values import is_number, is_text, is_time, read_document, shown

KINDS: Final = ("police", "tourist_police", "marine", "municipal", "volunteer")
"""Who patrols."""

FASTEST_MPS: Final = {"foot": 2.5, "bicycle": 10.0, "motorcycle": 30.0, "car": 30.0}
"""How a unit may move, and the speed that no patrol of that mode exceeds, in metres a second."""

_USUAL_OFFICERS = 2
_FIELDS = frozenset(
    (
        *("id", "name_th", "name_en", "kind", "mode", "speed_mps", "officers", "skills"),
        *("lon", "lat", "end_lon", "end_lat", "starts_at", "ends_at", "breaks", "synthetic"),
    )
)
_FIELDS_OF_BREAK = frozenset(("earliest_at", "latest_at", "minutes", "lon", "lat"))
_LIMITS = {"lon": (-180.0, 180.0), "lat": (-90.0, 90.0)}


@dataclass(frozen=True)
class Break:
    """A pause of a unit, taken at a place.

    Attributes
    ----------
    earliest_at
        First instant at which it may begin, timezone-aware.
    latest_at
        Last instant at which it may begin, not before `earliest_at`.
    duration_s
        How long it lasts, > 0.
    at
        Where it is taken: a Point of finite coordinates in the zone's CRS. Where none, the unit's
        post, or its end post once it has gone there for good.
    """

    earliest_at: datetime
    latest_at: datetime
    duration_s: float
    _: KW_ONLY
    at: Point | None = None

    def __post_init__(self) -> None:
        faults = []
        if self.earliest_at.tzinfo is None or self.latest_at.tzinfo is None:
            faults.append("Expected a break with a timezone, got none.")
        elif self.earliest_at > self.latest_at:
            faults.append(
                "Expected `earliest_at` of a break <= its `latest_at`, got "
                f"{self.earliest_at} and {self.latest_at}."
            )
        if not (is_finite(self.duration_s) and self.duration_s > 0):
            faults.append(f"Expected finite `duration_s` of a break > 0, got {self.duration_s}.")
        if self.at is not None and not _is_place(self.at):
            faults.append(f"Expected `at` of a break as a finite Point, got {str(self.at)[:60]}.")
        if faults:
            raise ParameterError("\n".join(faults))


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
        Who it is: police, tourist_police, marine, municipal, volunteer.
    speed_mps
        Speed on the way between stops, > 0 and at most 2.5 on foot, 10 by bicycle, 30 otherwise.
    post
        Where its shift begins: a Point of finite coordinates in the zone's CRS.
    starts_at
        When its shift begins, timezone-aware.
    ends_at
        When it ends, after `starts_at`.
    synthetic
        Whether the unit is made up.
    mode
        How it moves: foot, bicycle, motorcycle or car. Where none is given the speed tells: up to
        2.5 m/s it walks, beyond it rides a motorcycle.
    officers
        How many people it is, >= 1.
    skills
        What it can do besides, such as the languages it speaks.
    breaks
        Its pauses in the order of the night.
    end_post
        Where its shift ends: a Point as `post`; `post` itself where none.
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
    _: KW_ONLY
    mode: str = ""
    officers: int = _USUAL_OFFICERS
    skills: frozenset[str] = frozenset()
    breaks: tuple[Break, ...] = ()
    end_post: Point | None = None

    def __post_init__(self) -> None:
        if not self.mode:
            walks = self.speed_mps <= FASTEST_MPS["foot"]
            object.__setattr__(self, "mode", "foot" if walks else "motorcycle")
        faults = [
            f"Expected `{name}` of {self.id} as a finite Point, got {str(place)[:60]}."
            for name, place in (("post", self.post), ("end_post", self.end_post))
            if not (_is_place(place) or (name == "end_post" and place is None))
        ]
        if self.mode not in FASTEST_MPS:
            faults.append(f"Expected `mode` among {', '.join(FASTEST_MPS)}, got {self.mode!r}.")
        elif not 0 < self.speed_mps <= FASTEST_MPS[self.mode]:
            span = f"(0, {FASTEST_MPS[self.mode]:g}]"
            faults.append(f"Expected `speed_mps` in {span}, got {self.speed_mps}.")
        if not is_whole(self.officers, least=1):
            faults.append(f"Expected whole `officers` of {self.id} >= 1, got {self.officers}.")
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            faults.append(f"Expected shift of {self.id} with a timezone, got none.")
        elif self.starts_at >= self.ends_at:
            faults.append(
                f"Expected `starts_at` < `ends_at`, got {self.starts_at} and {self.ends_at}."
            )
        if faults:
            raise ParameterError("\n".join(faults))

    @property
    def on_foot(self) -> bool:
        """Whether the unit walks.

        Returns
        -------
        on_foot
            True where its mode is foot.
        """
        return self.mode == "foot"


def read_units(path: str | Path, *, crs: CRS, night: date, timezone: str) -> list[Unit]:
    """Read the units of one night.

    Parameters
    ----------
    path
        A TOML file of `[[unit]]` tables: id, name_th, name_en, kind, speed_mps, lon, lat, starts_at
        and ends_at ("18:00"; an end not after the start is on the next day), synthetic. Optional:
        mode, officers, skills, end_lon and end_lat, and `[[unit.breaks]]` tables of earliest_at
        and latest_at within the shift, minutes, and perhaps lon and lat.
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
    document = read_document(path)
    records = document.get("unit", [])
    others = [name for name in document if name != "unit"]
    if others or not (isinstance(records, list) and all(isinstance(one, dict) for one in records)):
        found = ", ".join(others) or repr(records)[:60]
        raise LayerError([Fault(path.name, "tables [[unit]]", found)])
    faults = [
        fault
        for row, entry in enumerate(records, 1)
        for fault in _Entry(entry, row, path.name).faults()
    ]
    names = [entry.get("id") for entry in records]
    faults += [
        Fault(path.name, "a unique id", repr(name), row=row, field="id")
        for row, name in enumerate(names, 1)
        if name in names[: row - 1]
    ]
    if faults:
        raise LayerError(sorted(faults, key=lambda fault: fault.row or 0))
    zone = ZoneInfo(timezone)
    place = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return [_unit(entry, _Night(night, zone, place)) for entry in records]


class _Night(NamedTuple):
    """What turns times and positions of the file into instants and places."""

    date: date
    zone: ZoneInfo
    place: Transformer

    def instant(self, text: str, *, next_day: bool) -> datetime:
        day = self.date + timedelta(days=1) if next_day else self.date
        return datetime.combine(day, _time(text), self.zone).astimezone(ZoneInfo("UTC"))

    def point(self, entry: dict[str, Any], prefix: str = "") -> Point | None:
        if f"{prefix}lon" not in entry:
            return None
        return Point(self.place.transform(entry[f"{prefix}lon"], entry[f"{prefix}lat"]))


def _unit(entry: dict[str, Any], night: _Night) -> Unit:
    texts = {name: entry[name] for name in ("id", "name_th", "name_en", "kind", "synthetic")}
    starts, ends = entry["starts_at"], entry["ends_at"]
    return Unit(
        **texts,
        speed_mps=float(entry["speed_mps"]),
        post=Point(night.place.transform(entry["lon"], entry["lat"])),
        starts_at=night.instant(starts, next_day=False),
        ends_at=night.instant(ends, next_day=_time(ends) <= _time(starts)),
        mode=entry.get("mode", ""),
        officers=entry.get("officers", _USUAL_OFFICERS),
        skills=frozenset(entry.get("skills", ())),
        breaks=tuple(_break(pause, starts, night) for pause in entry.get("breaks", ())),
        end_post=night.point(entry, "end_"),
    )


def _break(entry: dict[str, Any], starts: str, night: _Night) -> Break:
    earliest, latest = (
        night.instant(entry[name], next_day=_time(entry[name]) < _time(starts))
        for name in ("earliest_at", "latest_at")
    )
    return Break(earliest, latest, 60.0 * entry["minutes"], at=night.point(entry))


class _Entry(NamedTuple):
    """A table of the file, and where it stands."""

    values: dict[str, Any]
    row: int
    source: str
    prefix: str = ""

    def fault(self, field: str, expected: str) -> Fault:
        found = shown(self.values, field)
        return Fault(self.source, expected, found, row=self.row, field=self.prefix + field)

    def faults_of_fields(self, known: frozenset[str]) -> list[Fault]:
        # A field misspelt would leave a unit without the break or the skill that the file gives it.
        return [
            self.fault(field, f"no such field (those known: {', '.join(sorted(known))})")
            for field in self.values
            if field not in known
        ]

    def faults(self) -> list[Fault]:
        faults = [
            self.fault(field, "a text")
            for field in ("id", "name_th", "name_en", "kind")
            if not is_text(self.values.get(field))
        ]
        if is_text(self.values.get("kind")) and self.values["kind"] not in KINDS:
            faults.append(self.fault("kind", f"one of {', '.join(KINDS)}"))
        faults += self.faults_of_movement() + self.faults_of_position("")
        faults += self.faults_of_times("starts_at", "ends_at")
        if not isinstance(self.values.get("synthetic"), bool):
            faults.append(self.fault("synthetic", "true or false"))
        officers = self.values.get("officers", _USUAL_OFFICERS)
        if isinstance(officers, bool) or not is_whole(officers, least=1):
            faults.append(self.fault("officers", "a whole number >= 1"))
        skills = self.values.get("skills", [])
        if not (isinstance(skills, list) and all(is_text(skill) for skill in skills)):
            faults.append(self.fault("skills", "a list of texts"))
        if {"end_lon", "end_lat"} & set(self.values):
            faults += self.faults_of_position("end_")
        return faults + self.faults_of_fields(_FIELDS) + self.faults_of_breaks()

    def faults_of_movement(self) -> list[Fault]:
        mode, speed = self.values.get("mode", "motorcycle"), self.values.get("speed_mps")
        faults = []
        if mode not in tuple(FASTEST_MPS):
            faults.append(self.fault("mode", f"one of {', '.join(FASTEST_MPS)}"))
        most = FASTEST_MPS[mode] if not faults else max(FASTEST_MPS.values())
        if not (is_number(speed) and 0 < float(speed) <= most):
            faults.append(self.fault("speed_mps", f"a number > 0 and <= {most:g}"))
        return faults

    def faults_of_position(self, prefix: str) -> list[Fault]:
        return [
            self.fault(prefix + field, f"a number > {least:g} and <= {most:g}")
            for field, (least, most) in _LIMITS.items()
            if not is_number(self.values.get(prefix + field))
            or not least < float(self.values[prefix + field]) <= most
        ]

    def faults_of_times(self, *fields: str) -> list[Fault]:
        return [
            self.fault(field, 'a time such as "18:00"')
            for field in fields
            if not is_time(self.values.get(field))
        ]

    def faults_of_breaks(self) -> list[Fault]:
        pauses = self.values.get("breaks", [])
        if not (isinstance(pauses, list) and all(isinstance(pause, dict) for pause in pauses)):
            return [self.fault("breaks", "tables [[unit.breaks]]")]
        return [
            fault
            for number, pause in enumerate(pauses, 1)
            for fault in _Entry(pause, self.row, self.source, f"breaks {number} ").faults_of_break(
                self.values.get("starts_at"), self.values.get("ends_at")
            )
        ]

    def faults_of_break(self, starts: object, ends: object) -> list[Fault]:
        faults = self.faults_of_times("earliest_at", "latest_at")
        if not faults and is_time(starts) and is_time(ends):
            early, late, end = (
                _after(str(starts), str(text))
                for text in (self.values["earliest_at"], self.values["latest_at"], ends)
            )
            end = end or timedelta(days=1)
            if early > end:
                faults.append(self.fault("earliest_at", "a time within the shift"))
            if late > end or late < early:
                faults.append(
                    self.fault("latest_at", "a time within the shift, not before `earliest_at`")
                )
        minutes = self.values.get("minutes")
        if not (is_number(minutes) and minutes > 0):
            faults.append(self.fault("minutes", "a number > 0"))
        if {"lon", "lat"} & set(self.values):
            faults += self.faults_of_position("")
        return faults + self.faults_of_fields(_FIELDS_OF_BREAK)


def _is_place(place: Point | None) -> bool:
    """Tell whether there is a Point, and of finite coordinates."""
    is_point = shapely.get_type_id(place) == shapely.GeometryType.POINT
    return bool(is_point and np.isfinite(shapely.bounds(place)).all())


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _after(start: str, text: str) -> timedelta:
    """Return how long after one time of day the clock next shows another."""
    span = datetime.combine(date.min, _time(text)) - datetime.combine(date.min, _time(start))
    return span % timedelta(days=1)
