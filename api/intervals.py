"""Instants and intervals of RFC 3339, as queries of the OGC APIs name them."""

import datetime as dt
import re
from typing import Final

_OPEN: Final = ("", "..")
# A time without its offset would be read hours off by whoever means the zone's own.
_FULL: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[-+]\d\d:\d\d(?::\d\d)?))?",
    re.ASCII,
)
_DAY: Final = len("2026-03-01")
_FIRST: Final = dt.datetime.min.replace(tzinfo=dt.UTC)
_LAST: Final = dt.datetime.max.replace(tzinfo=dt.UTC)


def read_interval(text: str) -> tuple[dt.datetime, dt.datetime] | None:
    """Read an instant or interval.

    Parameters
    ----------
    text
        An instant with its offset, or two ends with a slash of which one may be open; a date is its
        whole day in UTC.

    Returns
    -------
    ends
        Its first and its last instant in UTC; none where the text is none, or ends before it
        starts.

    Examples
    --------
    >>> read_interval("2026-03-01T20:00:00+07:00/..")[0].isoformat()
    '2026-03-01T13:00:00+00:00'
    >>> read_interval("../..")
    >>> read_interval("2026-03-01T20:00:00")
    """
    first, slash, last = text.partition("/")
    if not slash:
        last = first
    elif first in _OPEN and last in _OPEN:
        return None
    try:
        start = _FIRST if slash and first in _OPEN else _instant(first)
        end = _LAST if slash and last in _OPEN else _instant(last)
        if len(last) == _DAY and end != _LAST:
            end += dt.timedelta(days=1, microseconds=-1)
    except (ValueError, OverflowError):
        return None
    return (start, end) if start <= end else None


def _instant(text: str) -> dt.datetime:
    if _FULL.fullmatch(text) is None:
        raise ValueError(text)
    return instant_of(text.upper())


def instant_of(text: str) -> dt.datetime:
    """Read an instant.

    Parameters
    ----------
    text
        ISO 8601; in UTC where it names no time zone.

    Returns
    -------
    instant
        The instant in UTC.

    Raises
    ------
    ValueError
        The text is none.
    OverflowError
        It lies beyond what a calendar of UTC holds.
    """
    instant = dt.datetime.fromisoformat(text)
    return instant.astimezone(dt.UTC) if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
