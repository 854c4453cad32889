"""Who moves with whom, and when."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from geo.errors import InfeasiblePlanError
from planning.patrol_rules import PatrolRules
from planning.units import Unit


class Ways(Protocol):
    """Travel times between places, the posts of the units first."""

    def travel_s(self, unit: Unit) -> NDArray[np.float64]:
        """Return travel times between all places for a unit, shape (places, places)."""


class Segment(NamedTuple):
    """Some time in which units move together, or one by itself.

    Attributes
    ----------
    units
        Numbers of the units, the leader first: it gives post, pace and streets.
    start
        Row of the ways' places from which they leave.
    end
        Row of the place to which they come back.
    earliest_s
        When they may leave, in seconds from the night's beginning.
    latest_s
        When they must be back.
    """

    units: tuple[int, ...]
    start: int
    end: int
    earliest_s: float
    latest_s: float


class Stay(NamedTuple):
    """Some time that a unit spends at its post because of a rule.

    Attributes
    ----------
    unit
        Number of the unit.
    earliest_s
        When it begins, in seconds from the night's beginning.
    latest_s
        When it ends.
    note_th
        Why, in Thai.
    note_en
        Why, in English.
    """

    unit: int
    earliest_s: float
    latest_s: float
    note_th: str
    note_en: str


class Teams(NamedTuple):
    """How the units of a night move.

    Attributes
    ----------
    segments
        Times in which units move, by unit and time; a unit has one or more, unless it stays all
        night.
    stays
        Times that units spend at their posts because of a rule.
    """

    segments: list[Segment]
    stays: list[Stay]


def form_segments(
    units: Sequence[Unit],
    rules: PatrolRules,  # noqa: ARG001  nothing binds anybody yet
    ways: Ways,
    origin: datetime,
    *,
    ends: Sequence[int] | None = None,
) -> Teams:
    """Let every unit move by itself from the beginning of its shift to the end.

    Parameters
    ----------
    units
        Units of the night; the posts are the first places of the ways, in their order.
    rules
        Rules of the zone.
    ways
        Ways between the places.
    origin
        The night's beginning.
    ends
        Row of the places where each unit ends; its post where none are given.

    Returns
    -------
    teams
        Segments in the order of the units.

    Raises
    ------
    InfeasiblePlanError
        Units cannot reach their end posts within their shifts; each is named.
    """
    ends = range(len(units)) if ends is None else ends
    segments = [
        Segment(
            (number,),
            number,
            ends[number],
            (unit.starts_at - origin).total_seconds(),
            (unit.ends_at - origin).total_seconds(),
        )
        for number, unit in enumerate(units)
    ]
    late = [
        units[number].id
        for number, segment in enumerate(segments)
        if segment.start != segment.end
        and ways.travel_s(units[number])[segment.start, segment.end]
        > segment.latest_s - segment.earliest_s
    ]
    if late:
        raise InfeasiblePlanError(
            f"Expected end posts within reach of the shifts, got none of {', '.join(late)}."
        )
    return Teams(segments, [])
