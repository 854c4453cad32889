"""The tours of a night as a calendar of shifts (iCalendar).

Formats: Desruisseaux, B. (2009). Internet Calendaring and Scheduling Core Object Specification
(iCalendar). RFC 5545. Daboo, C. (2016). New Properties for iCalendar. RFC 7986 (the name).
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from importlib.metadata import version
from itertools import pairwise
from typing import Final
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from shapely.geometry.base import BaseGeometry

from api.bilingual import Both, Phrases, Row, rows
from api.plan.company import Company
from api.plan.printable import printable
from api.plan.result import PlanResult

_LINE_OCTETS: Final = 75
_MINUTE: Final = timedelta(minutes=1)


def write_calendar(plan: PlanResult, *, phrases: Phrases) -> str:
    """Write the tours of a plan as a calendar.

    Parameters
    ----------
    plan
        Plan whose tours are written.
    phrases
        Words to speak with.

    Returns
    -------
    str
        One event a tour, on the zone's clocks, with its stops and their times in the description.
        A unit's event of a night has the same UID in every plan of the zone, so that a calendar
        can take a later plan for a change of the shift and not for a second one.
    """
    tours = plan.layers["patrol_tours"].to_crs(4326)
    zone, day = Both(plan.name_th, plan.name_en), phrases.day(plan.tonight)
    evening = datetime.combine(plan.tonight, time(), plan.timezone).astimezone(UTC)
    first, last = min([evening, *tours["starts_at"]]), max([evening, *tours["ends_at"]])
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//smartzone//smartzone {version('smartzone')}//TH",
        "CALSCALE:GREGORIAN",
        f"NAME:{_text(phrases.say('plan.calendar', zone=zone, day=day).line())}",
        *_timezone(plan.timezone, first, last),
    ]
    for tour, way in zip(rows(tours), tours.geometry, strict=True):
        lines += _event(plan, tour, way, evening, phrases)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _event(
    plan: PlanResult, tour: Row, way: BaseGeometry, stamped: datetime, phrases: Phrases
) -> Iterator[str]:
    lon, lat = way.coords[0]
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(plan, tour['unit'])}"
    # When it was written is not known here, and would differ where the plan does not.
    yield f"DTSTAMP:{stamped:%Y%m%dT%H%M%SZ}"
    yield _instant("DTSTART", tour["starts_at"], plan.timezone)
    yield _instant("DTEND", tour["ends_at"], plan.timezone)
    yield f"SUMMARY:{_text(phrases.name(tour).line())}"
    yield f"LOCATION:{_text(Both(plan.name_th, plan.name_en).line())}"
    yield f"GEO:{lat:.6f};{lon:.6f}"
    yield f"DESCRIPTION:{_text(_description(plan, tour, phrases))}"
    yield "CLASS:CONFIDENTIAL"
    yield "END:VEVENT"


def _description(plan: PlanResult, tour: Row, phrases: Phrases) -> str:
    told = [phrases.say("summary.synthetic").line()] if tour["synthetic"] else []
    told.append(phrases.say("plan.internal").line())
    stops = plan.layers["patrol_stops"]
    company = Company(plan, phrases)
    for stop in rows(stops[stops["unit"] == tour["unit"]]):
        start, end = (phrases.clock(stop[name]).en for name in ("arrives_at", "leaves_at"))
        name, reason = phrases.name(stop).line(), phrases.name(stop, prefix="reason").line()
        together = company.at(stop)
        why = f"{reason}; {together.line()}" if together else reason
        told.append(f"{stop['order']}. {start}–{end} {name} ({why})")
    return "\n".join(told)


def _uid(plan: PlanResult, unit: str) -> str:
    return str(
        uuid5(NAMESPACE_URL, f"smartzone:{json.dumps([plan.zone, f'{plan.tonight}', unit])}")
    )


def _instant(name: str, instant: datetime, timezone: ZoneInfo) -> str:
    local = datetime.fromtimestamp(int(instant.timestamp()), timezone)
    # As clocks go back, one local time is two instants, and its name means the first of them.
    if local.fold:
        return f"{name}:{local.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{name};TZID={timezone.key}:{local:%Y%m%dT%H%M%S}"


def _timezone(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[str]:
    """Tell the zone's offset as it is on the eve of `first`, and every change up to `last`."""
    start = datetime.fromtimestamp(int(first.timestamp()) // 60 * 60, UTC) - timedelta(days=1)
    instants = [start + _MINUTE * count for count in range((last - start) // _MINUTE + 2)]
    local = [instant.astimezone(zone) for instant in instants]
    changes = [(a, b) for a, b in pairwise(local) if a.utcoffset() != b.utcoffset()]
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{zone.key}"
    for before, after in [(local[0], local[0]), *changes]:
        season = "DAYLIGHT" if after.dst() else "STANDARD"
        # An onset is told by the clock that ends with it.
        onset = after.astimezone(UTC) + (before.utcoffset() or timedelta())
        yield f"BEGIN:{season}"
        yield f"DTSTART:{onset:%Y%m%dT%H%M%S}"
        yield f"TZOFFSETFROM:{before:%z}"
        yield f"TZOFFSETTO:{after:%z}"
        yield f"TZNAME:{_text(after.tzname() or zone.key)}"
        yield f"END:{season}"
    yield "END:VTIMEZONE"


def _text(value: str) -> str:
    escaped = printable(value).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Break a line into pieces of at most 75 octets, never within a character."""
    pieces, piece, used = [], "", 0
    for character in line:
        octets = len(character.encode())
        if used + octets > _LINE_OCTETS:
            pieces.append(piece)
            # The space that begins the next piece counts.
            piece, used = "", 1
        piece += character
        used += octets
    return "\r\n ".join([*pieces, piece])
