"""A wish for a patrol, and the hours of the night in which it can be granted."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from shapely import Point

from geo.errors import InfeasiblePlanError
from planning.units import Unit


class Night(NamedTuple):
    """The time that is planned.

    Attributes
    ----------
    starts_at
        When the first unit comes on duty, UTC.
    ends_at
        When the last goes off duty, UTC.
    least_gap_s
        Shortest time between the beginnings of two visits to a place, in seconds.
    """

    starts_at: datetime
    ends_at: datetime
    least_gap_s: float

    @classmethod
    def of_units(cls, units: Sequence[Unit], *, least_gap_s: float) -> Self:
        """Give the time in which anybody is on duty.

        Parameters
        ----------
        units
            Units of the night.
        least_gap_s
            Shortest time between the beginnings of two visits to a place, in seconds.

        Returns
        -------
        Night
            From the first begin of a shift to the last end.

        Raises
        ------
        InfeasiblePlanError
            There is no unit.
        """
        if not units:
            raise InfeasiblePlanError("Expected at least one unit to patrol, got none.")
        starts_at = min(unit.starts_at for unit in units)
        return cls(starts_at, max(unit.ends_at for unit in units), least_gap_s)


@dataclass(frozen=True)
class Wish:
    """One place where a patrol is wanted, and why.

    Attributes
    ----------
    kind
        Kind of reason.
    of
        Label or id of what it stands for.
    geometry
        The place.
    weight
        Weight of one visit, >= 0.
    dwell_s
        Length of a visit in seconds, > 0.
    part
        "hot" or "cold" where hours of the night are told apart, else empty.
    name_th
        Name of the place in Thai where it has one of its own.
    name_en
        The same in English.
    from_at
        Begin of the hours in which it is wanted; none where all night.
    until_at
        End of them.
    opens_at
        First instant at which a visit may begin; none where any.
    closes_at
        Last instant at which one may begin.
    needs_units
        How many units must come at the same time.
    skill
        What a unit must be able to do; empty for none.
    revisit_s
        After which time it is wanted again, in seconds: infinite for once, not a number where the
        plan's own counts.
    requested_by
        Request that asks for it, or for quiet there; empty for none.
    offered
        Whether a visit fits into its hours tonight.
    """

    kind: str
    of: object
    geometry: Point
    weight: float
    dwell_s: float
    part: str = ""
    name_th: str = ""
    name_en: str = ""
    from_at: datetime | None = None
    until_at: datetime | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    needs_units: int = 1
    skill: str = ""
    revisit_s: float = math.nan
    requested_by: str = ""
    offered: bool = True


def within_hours(wish: Wish, night: Night, from_at: datetime, until_at: datetime) -> Wish:
    """Bind a wish to hours: a visit begins and ends within them and the night.

    Parameters
    ----------
    wish
        The wish.
    night
        The time that is planned.
    from_at
        When its hours begin.
    until_at
        When they end.

    Returns
    -------
    wish
        With its hours and the instants between which a visit begins, if there are any: else it is
        not offered, and they are those of its hours.
    """
    opens_at = max(from_at, night.starts_at)
    closes_at = min(until_at, night.ends_at) - timedelta(seconds=wish.dwell_s)
    offered = closes_at >= opens_at
    return replace(
        wish,
        from_at=from_at,
        until_at=until_at,
        opens_at=opens_at if offered else from_at,
        closes_at=closes_at if offered else until_at,
        offered=offered,
    )


def outside_hours(wish: Wish, night: Night, quiet: Iterable[tuple[datetime, datetime]]) -> Wish:
    """Keep a wish that can wait for the longest time of the night that is not quiet.

    Parameters
    ----------
    wish
        The wish, without hours of its own.
    night
        The time that is planned.
    quiet
        When each quiet time begins and ends.

    Returns
    -------
    wish
        Within that time; not offered where it is too short.
    """
    begin, free = night.starts_at, []
    for from_at, until_at in sorted(quiet):
        free.append((begin, min(from_at, night.ends_at)))
        begin = max(begin, until_at)
    free.append((begin, night.ends_at))
    return within_hours(wish, night, *max(free, key=lambda times: times[1] - times[0]))
