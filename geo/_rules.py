"""Rules of the layers that go beyond single values."""

import math
import re
from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geo._contract import Rule
from geo.errors import Fault
from geo.street_graph import StreetGraph

_POLICE_WORK: Final = frozenset(
    {"arrest", "arrests", "arrested", "check", "checks", "checked"}
    | {"checkpoint", "checkpoints", "warrant", "warrants"}
)
_NAMED: Final = 5  # streets of a loose piece that a message names
_POLICE_PHRASES: Final = ("stop and search", "stop search", "stop and frisk")
_POLICE_THAI: Final = ("จับกุม", "ตรวจค้น", "ตรวจบัตร", "จุดตรวจ", "ด่านตรวจ", "หมายจับ")


def refuse_police_work(category: str) -> str | None:
    """Refuse checks and arrests: they follow the patrol, so they must never steer it."""
    words = re.findall(r"[a-z]+", category.lower())
    phrase = " ".join(words)
    if (
        _POLICE_WORK.intersection(words)
        or any(part in phrase for part in _POLICE_PHRASES)
        or any(part in category for part in _POLICE_THAI)
    ):
        return "an incident (checks, searches and arrests are police work, not incidents)"
    return None


def ends_after_start(incidents: gpd.GeoDataFrame, source: str, rows: Sequence[int]) -> list[Fault]:
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


def reaches(area: shapely.Polygon) -> Rule:
    """Return the rule that a camera may stand outside an area, but no farther than it sees."""

    def rule(cameras: gpd.GeoDataFrame, source: str, rows: Sequence[int]) -> list[Fault]:
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

    return rule
