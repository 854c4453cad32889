"""Rules of the layers that go beyond single values."""

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geo._contract import GEOMETRY, RowRule
from geo.errors import Fault
from geo.street_graph import StreetGraph

_POLICE_WORK: Final = frozenset(
    {"arrest", "arrests", "arrested", "check", "checks", "checked"}
    | {"checkpoint", "checkpoints", "warrant", "warrants", "frisk", "frisks", "frisked"}
)
# Words that are police work by themselves, and something else beside others: a bus stop.
_POLICE_ALONE: Final = frozenset({"stop", "stops", "search", "searches", "patrol", "patrols"})
_NAMED: Final = 5  # streets of a loose piece that a message names
_POLICE_PHRASES: Final = (
    *("stop and search", "stop search", "traffic stop", "vehicle stop", "pedestrian stop"),
    *("body search", "person search", "house search", "vehicle search"),
)
_EMAIL: Final = re.compile(r"[^\s@<>]+@(?P<domain>[^\s@.<>]+(\.[^\s@.<>]+)+)")
# Mail services that anyone may have an address of, under .com or a country's own ending.
_FREE_MAIL: Final = re.compile(
    r"(.+\.)?("
    r"(gmail|googlemail|hotmail|outlook|live|windowslive|msn|yahoo|ymail|rocketmail|icloud|me|mac"
    r"|aol|gmx|mail|zoho|zohomail|yandex|protonmail|qq|163|126|naver)\.(com|[a-z]{2}|com?\.[a-z]{2})"
    r"|(proton|pm)\.me|gmx\.net|thaimail\.com|hanmail\.net)"
)
# Names of posts begin as a title does, and are no person's. NFKC takes sara am apart.
_TITLED: Final = re.compile(
    r"[\W_]*(นาย(?!ก(เทศ|อง|สมาคม|สภา|รัฐ|เมือง)|อ\u0e4dาเภอ|ทะเบียน|สถานี|ด่าน)"
    r"|นาง|น\s*\.?\s*ส\s*\.|(mr|mrs|ms|miss)\b)"
)
_TELEPHONE: Final = re.compile(
    r"((โทร|tel)[.:]?\s*)?(?P<line>\+?[\d\s().\-–]+)((ext\.?|ต่อ)\s*\d{1,5})?", re.IGNORECASE
)
_LAST_OF_SEVERAL: Final = re.compile(r"\s*[\-–]\s*\d\s*$")  # 076-000000-3 has four lines
# Thai numbering: fixed lines have nine digits from 02 to 05 and 07, services three or four; what
# begins with 06, 08 or 09 is a mobile telephone.
_OFFICE_LINE: Final = re.compile(r"0[2-57]\d{7}|\d{3,4}")
_POLICE_THAI: Final = ("จับกุม", "ตรวจค้น", "ตรวจบัตร", "จุดตรวจ", "ด่านตรวจ", "หมายจับ")


def refuse_police_work(category: str) -> str | None:
    """Refuse checks and arrests: they follow the patrol, so they must never steer it."""
    words = re.findall(r"[a-z]+", category.lower())
    phrase = " ".join(words)
    if (
        _POLICE_WORK.intersection(words)
        or phrase in _POLICE_ALONE
        or any(part in phrase for part in _POLICE_PHRASES)
        or any(part in category for part in _POLICE_THAI)
    ):
        return "an incident (checks, searches and arrests are police work, not incidents)"
    return None


def refuse_personal_contact(contact: str) -> str | None:
    """Refuse what is no e-mail or fixed telephone; several stand with commas between.

    Whether an address is an office's or a person's cannot be told from it, but an office has a
    domain of its own or of its town.
    """
    for part in re.split(r"[,;]", contact):
        email = _EMAIL.fullmatch(part.strip())
        if email and _FREE_MAIL.fullmatch(_plain(email["domain"])):
            return "an e-mail at a domain of the office, not of a free mail service"
        if email:
            continue
        telephone = _TELEPHONE.fullmatch(part.strip())
        line = telephone["line"] if telephone else ""
        first = _LAST_OF_SEVERAL.sub("", line)
        if not any(_OFFICE_LINE.fullmatch(_national(one)) for one in (line, first)):
            return "the e-mail or fixed telephone of an office, never a person's"
    return None


def refuse_personal_name(owner: str) -> str | None:
    """Refuse what begins with a personal title."""
    if _TITLED.match(_plain(owner)):
        return "the name of an office, shop or house number scheme, not a person's name"
    return None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _national(line: str) -> str:
    """Return the digits of a telephone number as they are dialled within Thailand."""
    digits = "".join(str(int(letter)) for letter in line if letter.isdecimal())
    return re.sub("^660?", "0", digits) if line.startswith("+") else digits


def _consent_dated(register: gpd.GeoDataFrame, source: str, rows: Sequence[int]) -> list[Fault]:
    told = zip(rows, register["consent"], register["consented_on"], strict=True)
    return [
        Fault(source, f"the date of a consent that is {consent}", "nothing", row, "consented_on")
        for row, consent, start in told
        if consent != "pending" and not start
    ]


def _consent_ordered(register: gpd.GeoDataFrame, source: str, rows: Sequence[int]) -> list[Fault]:
    told = zip(rows, register["consented_on"], register["consent_until"], strict=True)
    return [
        Fault(source, f"{start} or later", end, row, "consent_until")
        for row, start, end in told
        if start and end and end < start
    ]


def _ends_after_start(incidents: gpd.GeoDataFrame, source: str, rows: Sequence[int]) -> list[Fault]:
    backwards = np.flatnonzero(incidents["occurred_until"] < incidents["occurred_at"])
    return [
        Fault(
            source,
            f"an end at or after the start {incidents['occurred_at'].iloc[index].isoformat()}",
            incidents["occurred_until"].iloc[index].isoformat(),
            rows[int(index)],
            "occurred_until",
        )
        for index in backwards
    ]


CONSENT_DATED: Final = RowRule(("consent", "consented_on"), _consent_dated)
"""Refuses consent of no date."""

CONSENT_ORDERED: Final = RowRule(("consented_on", "consent_until"), _consent_ordered)
"""Refuses consent that ends before it begins."""

ENDS_AFTER_START: Final = RowRule(("occurred_at", "occurred_until"), _ends_after_start)
"""Refuses incidents that are over before they begin."""


def connected(streets: gpd.GeoDataFrame, source: str, rows: Sequence[int]) -> list[Fault]:
    """Name the streets of every piece of the graph but the longest."""
    piece = StreetGraph.from_streets(streets).components().to_numpy()
    faults = []
    for number in range(1, piece.max(initial=0) + 1):
        members = np.flatnonzero(piece == number)
        names = [str(name) for name in streets.index[members]]
        shown = ", ".join(names[:_NAMED])
        if len(names) > _NAMED:
            shown += f" and {len(names) - _NAMED} more"
        found = f"a piece apart from the rest: {shown}"
        expected = "one connected street graph, lines meeting at exactly equal end points"
        faults.append(Fault(source, expected, found, rows[int(members[0])], "geometry"))
    return faults


def alone(boundary: gpd.GeoDataFrame, source: str, rows: Sequence[int]) -> list[Fault]:
    return [Fault(source, "one polygon", "a further one", row) for row in rows[len(boundary[:1]) :]]


def reaches(area: shapely.Polygon) -> RowRule:
    """Return the rule that a camera may stand outside an area, but no farther than it sees."""

    def judge(cameras: gpd.GeoDataFrame, source: str, rows: Sequence[int]) -> list[Fault]:
        away_m = cameras.distance(area).to_numpy()
        range_m = cameras["range_m"].to_numpy()
        return [
            Fault(
                source,
                f"a camera whose range of {range_m[index]:g} m reaches the zone",
                f"one {math.ceil(10 * away_m[index]) / 10:.1f} m outside its boundary",
                rows[int(index)],
                "geometry",
            )
            for index in np.flatnonzero(away_m > range_m)
        ]

    return RowRule((GEOMETRY, "range_m"), judge)


def both_roles(areas: gpd.GeoDataFrame, source: str, _: Sequence[int]) -> list[Fault]:
    """Ask for an area of either role: without a control nothing can be compared."""
    return [
        Fault(source, f"at least one area whose role is {role}", "none", field="role")
        for role in ("treated", "control")
        if not areas["role"].eq(role).any()
    ]


def meets(zone: shapely.Polygon) -> RowRule:
    """Return the rule that an area may reach beyond a zone, but must share ground with it."""

    def judge(areas: gpd.GeoDataFrame, source: str, rows: Sequence[int]) -> list[Fault]:
        away_m = areas.distance(zone).to_numpy()
        return [
            Fault(
                source,
                "an area in the zone",
                f"one {math.ceil(10 * away_m[index]) / 10:.1f} m outside its boundary",
                rows[int(index)],
                "geometry",
            )
            for index in np.flatnonzero(areas.intersection(zone).area.to_numpy() == 0)
        ]

    return RowRule((GEOMETRY,), judge)
