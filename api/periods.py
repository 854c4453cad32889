"""The days before and after a measure, as a user names them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from analytics.area_impact import Period
from geo.errors import ParameterError

_YEARS: Final = (1900, 2400)  # later years are counted from the Buddha, 543 years earlier
_YEAR_DAYS: Final = 365.25
_SEASON_DAYS: Final = 7.0  # so far apart, days of two years are still of one season


class Days(NamedTuple):
    """Whole days of a calendar.

    Attributes
    ----------
    first
        The first day.
    last
        The last day, which belongs to them.
    """

    first: date
    last: date

    @property
    def length_days(self) -> int:
        """Number of the days.

        Returns
        -------
        int
            Days, 1 or more.
        """
        return (self.last - self.first).days + 1

    def period(self, timezone: ZoneInfo) -> Period:
        """Give the instants between which the days lie.

        Parameters
        ----------
        timezone
            Time zone of the calendar.

        Returns
        -------
        Period
            From the first midnight to the one after the last day, in UTC.
        """
        start, end = (
            datetime.combine(day, time(), tzinfo=timezone).astimezone(UTC)
            for day in (self.first, self.last + timedelta(days=1))
        )
        return Period(start, end)

    def __str__(self) -> str:
        return f"{self.first}/{self.last}"


def read_periods(before: str, after: str) -> tuple[Days, Days]:
    """Read the days before and after a measure.

    Parameters
    ----------
    before
        First and last day before it, as "2025-01-01/2025-06-30".
    after
        The same after it.

    Returns
    -------
    before
        Days before the measure.
    after
        Days after it.

    Raises
    ------
    ParameterError
        A text is no two days, the first first, or the periods overlap; names all that is wrong.

    Examples
    --------
    >>> before, after = read_periods("2025-01-01/2025-06-30", "2026-01-01/2026-06-30")
    >>> before.length_days
    181
    """
    faults: list[str] = []
    read = [_read(name, text, faults) for name, text in (("before", before), ("after", after))]
    days = [one for one in read if one is not None]
    if not faults:
        earlier, later = days
        if later.first > earlier.last:
            return earlier, later
        faults.append(f"Expected `after` to begin after {earlier.last}, got {later.first}.")
    raise ParameterError("\n".join(faults))


def same_season(before: Days, after: Days) -> bool:
    """Tell whether two periods begin and end at the same time of the year, give or take a week.

    Parameters
    ----------
    before
        The one period.
    after
        The other.

    Returns
    -------
    bool
        Whether they do.
    """
    apart = [abs((one - other).days) % _YEAR_DAYS for one, other in zip(before, after, strict=True)]
    return all(min(days, _YEAR_DAYS - days) <= _SEASON_DAYS for days in apart)


def _read(name: str, text: str, faults: list[str]) -> Days | None:
    """Read one period; what is wrong with it is added to the faults."""
    try:
        first, last = (date.fromisoformat(day.strip()) for day in text.split("/"))
    except ValueError:
        example = "first and last day, such as 2025-01-01/2025-06-30"
        faults.append(f"Expected `{name}` as {example}, got {text!r}.")
        return None
    if any(not _YEARS[0] <= day.year <= _YEARS[1] for day in (first, last)):
        faults.append(f"Expected `{name}` in years of the common era (2026, not 2569), got {text}.")
        return None
    if first > last:
        faults.append(f"Expected `{name}` to end on or after its first day {first}, got {last}.")
        return None
    return Days(first, last)
