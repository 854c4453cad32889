"""What takes place in a zone again and again, and the file that lists it."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from geo.zone import Zone
from planning._occasion_input import (
    Spot,
    clock,
    day,
    flag,
    minutes,
    one_of,
    read_entries,
    text,
    weekdays,
    weight,
)

_FIELDS = (
    *(text("id"), text("name_th"), text("name_en")),
    *(weekdays(needed=True), clock("starts_at"), clock("ends_at")),
    *(day("first_on", needed=False), day("last_on", needed=False)),
    *(weight("weight"), minutes("minutes")),
    *(one_of("needs_units", (1, 2), needed=False), text("skill", needed=False)),
    *(text("source"), flag("synthetic")),
)


@dataclass(frozen=True)
class Event:
    """Something that takes place tonight.

    Attributes
    ----------
    id
        Name of the event in files.
    name_th
        Name in Thai.
    name_en
        Name in English.
    opens_at
        When it begins, UTC.
    closes_at
        When it ends, UTC.
    spots
        Where patrols are wanted: at a place, at all places of a kind, or along a street.
    weight
        Weight of a visit to each of them, >= 0.
    dwell_s
        Length of a visit in seconds, > 0.
    needs_units
        How many units must come at the same time: 1 or 2.
    skill
        What a unit must be able to do; empty where nothing special.
    synthetic
        Whether the event or its hours are made up.
    """

    id: str
    name_th: str
    name_en: str
    opens_at: datetime
    closes_at: datetime
    spots: tuple[Spot, ...]
    weight: float
    dwell_s: float
    needs_units: int
    skill: str
    synthetic: bool


def read_events(path: str | Path, zone: Zone, *, night: date, until: datetime) -> list[Event]:
    """Read the events of one night.

    Parameters
    ----------
    path
        A TOML file of `[[event]]` tables: id, name_th, name_en, weekdays (of mon to sun), starts_at
        and ends_at ("16:00" by the zone's clock; an end not after the start is on the next day),
        weight, minutes (of a visit), source, synthetic; and where: `place` (the id of a place),
        `place_kind` (all places of that kind within the zone) or `street` (its English name: a
        visit for every 200 m of it). Optional: first_on and last_on (dates), needs_units (1 or
        2), skill.
    zone
        Zone in which they take place.
    night
        Day on which the night begins, by the zone's calendar.
    until
        When the night ends: events of the next day that begin earlier are read too.

    Returns
    -------
    events
        What takes place that day, in the order of the file; an event that begins twice until the
        night ends is there twice.

    Raises
    ------
    LayerError
        The file is no TOML or events break the rules above; every fault is named.
    SourceError
        The file cannot be read.
    """
    return [
        Event(
            id=entry.values["id"],
            name_th=entry.values["name_th"],
            name_en=entry.values["name_en"],
            opens_at=opens_at,
            closes_at=closes_at,
            spots=tuple(entry.spots(zone)),
            weight=float(entry.values["weight"]),
            dwell_s=60.0 * entry.values["minutes"],
            needs_units=entry.values.get("needs_units", 1),
            skill=entry.values.get("skill", ""),
            synthetic=entry.values["synthetic"],
        )
        for entry in read_entries(Path(path), "event", _FIELDS, zone, kinds=True)
        for opens_at, closes_at in entry.windows(zone, night=night, until=until)
    ]
