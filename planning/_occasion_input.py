"""Tables of a TOML file that say when and where something is wanted, checked all at once."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeGuard
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from geo.errors import Fault, LayerError
from geo.layers import contract_of
from geo.zone import Zone
from planning._toml_values import is_number, is_text, is_time, read_document, shown

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Weekdays as the files spell them, in the order of the calendar."""

SPACING_M: Final = 200.0
"""Length of street that one stop along it stands for, in metres."""


class Spot(NamedTuple):
    """Where a patrol is wanted."""

    name_th: str
    name_en: str
    point: Point


class Entry(NamedTuple):
    """A table of the file, and where it stands."""

    values: dict[str, Any]
    row: int
    source: str

    def fault(self, field: str, expected: str) -> Fault:
        """Say what is wrong with a field."""
        return Fault(self.source, expected, shown(self.values, field), row=self.row, field=field)

    def faults(self, fields: "Sequence[Field]", zone: Zone, *, kinds: bool) -> list[Fault]:
        """Say everything that is wrong with the fields every such table has."""
        known = {name for name, _, _, _ in fields} | _WHERE
        faults = [
            self.fault(name, expected)
            for name, expected, is_right, needed in fields
            if (needed or name in self.values) and not is_right(self.values.get(name))
        ]
        first, last = (self.values.get(name) for name in ("first_on", "last_on"))
        if _is_day(first) and _is_day(last) and last < first:
            faults.append(self.fault("last_on", "a date not before `first_on`"))
        faults += [
            self.fault(name, f"no such field (those known: {', '.join(sorted(known))})")
            for name in self.values
            if name not in known
        ]
        return faults + self._faults_of_place(zone, kinds=kinds)

    def _faults_of_place(self, zone: Zone, *, kinds: bool) -> list[Fault]:
        allowed = sorted(_WHERE if kinds else _WHERE - {"place_kind"})
        given = [name for name in allowed if name in self.values]
        if len(given) != 1 or (not kinds and "place_kind" in self.values):
            told = f"{', '.join(given)}" or "none"
            expected = f"exactly one of {', '.join(allowed)}"
            return [Fault(self.source, expected, told, row=self.row)]
        (name,) = given
        expected, known = {
            "place": ("the id of a place of the zone", zone.places.index),
            "street": ("the English name of a street of the zone", zone.streets["name_en"]),
            "place_kind": (f"one of {', '.join(_KINDS)}", _KINDS),
        }[name]
        value = self.values[name]
        return [] if is_text(value) and value in set(known) else [self.fault(name, expected)]

    def spots(self, zone: Zone) -> list[Spot]:
        """Give the places that a faultless table means; of a kind, those in the zone."""
        if "street" in self.values:
            named = zone.streets[zone.streets["name_en"].eq(self.values["street"])]
            names = named.iloc[0]
            return [
                Spot(str(names["name_th"]), str(names["name_en"]), point)
                for point in _along(named, zone.boundary)
            ]
        if "place" in self.values:
            meant = zone.places.loc[[self.values["place"]]]
        else:
            meant = zone.places[
                zone.places["kind"].eq(self.values["place_kind"])
                & zone.places.within(zone.boundary)
            ]
        return [
            Spot(str(th), str(en), point)
            for th, en, point in zip(
                meant["name_th"], meant["name_en"], meant.geometry, strict=True
            )
        ]

    def area(self, zone: Zone) -> BaseGeometry:
        """Give the whole street, or the place, that a faultless table means."""
        if "street" in self.values:
            named = zone.streets["name_en"].eq(self.values["street"])
            street: BaseGeometry = zone.streets.geometry[named].union_all()
            return street
        place: Point = zone.places.geometry[self.values["place"]]
        return place

    def windows(
        self, zone: Zone, *, night: date, until: datetime
    ) -> list[tuple[datetime, datetime]]:
        """Give when it takes place on the night's day, and on the next before some instant."""
        clock = ZoneInfo(zone.timezone)
        starts, ends = (time.fromisoformat(self.values[name]) for name in ("starts_at", "ends_at"))
        held = []
        for day in (night, night + timedelta(days=1)):
            last_day = day if ends > starts else day + timedelta(days=1)
            opens = datetime.combine(day, starts, clock).astimezone(UTC)
            closes = datetime.combine(last_day, ends, clock).astimezone(UTC)
            weekday = WEEKDAYS[day.weekday()] in self.values.get("weekdays", WEEKDAYS)
            season = self.values.get("first_on", day) <= day <= self.values.get("last_on", day)
            if weekday and season and (day == night or opens < until):
                held.append((opens, closes))
        return held


_DAY_MIN: Final = 1440

Field = tuple[str, str, Callable[[object], bool], bool]
"""Name of a field, what it must be, whether a value is that, and whether it must be there."""

_WHERE: Final = {"place", "street", "place_kind"}
_KINDS: Final = next(
    column.choices for column in contract_of("places").columns if column.name == "kind"
)


def read_entries(
    path: Path, table: str, fields: Sequence[Field], zone: Zone, *, kinds: bool
) -> list[Entry]:
    """Read the tables of a file, or refuse all that is wrong with any of them at once.

    Parameters
    ----------
    path
        A TOML file.
    table
        Name of its tables.
    fields
        What stands in each besides where it is.
    zone
        Zone in which they are.
    kinds
        Whether a table may mean all places of a kind.

    Returns
    -------
    entries
        The tables, in the order of the file.

    Raises
    ------
    LayerError
        The file is no TOML or its tables break their rules; every fault is named.
    SourceError
        The file cannot be read.
    """
    document = read_document(path)
    records = document.get(table, [])
    others = [name for name in document if name != table]
    if others or not (isinstance(records, list) and all(isinstance(one, dict) for one in records)):
        found = ", ".join(others) or repr(records)[:60]
        raise LayerError([Fault(path.name, f"tables [[{table}]]", found)])
    entries = [Entry(values, row, path.name) for row, values in enumerate(records, 1)]
    faults = [fault for entry in entries for fault in entry.faults(fields, zone, kinds=kinds)]
    names = [entry.values.get("id") for entry in entries]
    faults += [
        entry.fault("id", "a unique id")
        for entry in entries
        if entry.values.get("id") in names[: entry.row - 1]
    ]
    if faults:
        raise LayerError(sorted(faults, key=lambda fault: fault.row or 0))
    return entries


def text(name: str, *, needed: bool = True) -> Field:
    """Expect a text that is not empty."""
    return name, "a text", is_text, needed


def weight(name: str) -> Field:
    """Expect a finite number that is not negative."""
    return name, "a number >= 0", lambda value: _number(value) >= 0, True


def minutes(name: str) -> Field:
    """Expect minutes, of a day at most."""
    expected = f"a number > 0 and <= {_DAY_MIN}"
    return name, expected, lambda value: 0 < _number(value) <= _DAY_MIN, True


def one_of(name: str, options: Iterable[object], *, needed: bool = True) -> Field:
    """Expect one of some values."""
    allowed = tuple(options)
    expected = f"one of {', '.join(str(option) for option in allowed)}"
    return name, expected, lambda value: any(_same(value, one) for one in allowed), needed


def clock(name: str) -> Field:
    """Expect a time of day without a timezone."""
    return name, 'a time such as "18:00"', is_time, True


def day(name: str, *, needed: bool) -> Field:
    """Expect a date."""
    return name, "a date such as 2026-12-31", _is_day, needed


def flag(name: str) -> Field:
    """Expect true or false."""
    return name, "true or false", lambda value: isinstance(value, bool), True


def weekdays(*, needed: bool) -> Field:
    """Expect weekdays."""
    expected = f"a list of {', '.join(WEEKDAYS)}"
    return "weekdays", expected, _are_weekdays, needed


def _along(streets: gpd.GeoDataFrame, boundary: shapely.Polygon) -> list[Point]:
    """Give places along a street of the zone, one for each piece of it."""
    inside = shapely.intersection(streets.geometry.to_numpy(), boundary)
    merged = shapely.get_parts(shapely.line_merge(shapely.union_all(inside)))
    lines = merged[shapely.get_type_id(merged) == shapely.GeometryType.LINESTRING]
    spots: list[Point] = []
    for line in sorted(lines, key=lambda one: (-one.length, one.bounds)):
        count = max(1, round(line.length / SPACING_M))
        for share in (np.arange(count) + 0.5) / count:
            spot = shapely.line_interpolate_point(line, share, normalized=True)
            # The other carriageway of a street is seen from the first.
            if all(spot.distance(other) > SPACING_M / 2 for other in spots):
                spots.append(spot)
    return spots


def _number(value: object) -> float:
    return float(value) if is_number(value) else math.nan


def _same(value: object, option: object) -> bool:
    return type(value) is type(option) and value == option


def _is_day(value: object) -> TypeGuard[date]:
    return isinstance(value, date) and not isinstance(value, datetime)


def _are_weekdays(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(one in WEEKDAYS for one in value)
