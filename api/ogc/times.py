"""Instants and intervals of RFC 3339, and which properties of a layer tell when a feature is."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.intervals import instant_of, read_interval

TIME_PROPERTIES: Final[Mapping[str, tuple[str, str]]] = {
    "incidents": ("occurred_at", "occurred_until"),
    "patrol_tours": ("starts_at", "ends_at"),
    "patrol_stops": ("arrives_at", "leaves_at"),
}
"""Start and end of a feature by layer; where there is no end, it is the start."""


@dataclass(frozen=True)
class Period:
    """A stretch of time, both ends included.

    Attributes
    ----------
    start
        Its aware first instant.
    end
        Its aware last instant.
    """

    start: dt.datetime
    end: dt.datetime

    def meets(self, collection: str, properties: Mapping[str, object]) -> bool:
        """Tell whether a feature falls into the period.

        Parameters
        ----------
        collection
            Name of the feature's layer.
        properties
            Its properties.

        Returns
        -------
        met
            Whether they have an instant in common; a feature without time meets every period.
        """
        first, last = TIME_PROPERTIES[collection]
        start = _moment(properties.get(first))
        if start is None:
            return True
        end = _moment(properties.get(last)) or start
        return start <= self.end and end >= self.start


def read_period(text: str) -> Period | None:
    """Read an instant or interval.

    Parameters
    ----------
    text
        An instant, or two ends with a slash of which one may be open; a date is its whole day.

    Returns
    -------
    period
        The period; none where the text is none, or ends before it starts.

    Examples
    --------
    >>> read_period("2026-03-01T20:00:00+07:00/..").start.isoformat()
    '2026-03-01T13:00:00+00:00'
    >>> read_period("../..")
    """
    ends = read_interval(text)
    return None if ends is None else Period(*ends)


def _moment(value: object) -> dt.datetime | None:
    try:
        return instant_of(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
