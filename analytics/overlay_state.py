"""What the public overlay of a zone goes by: its secret, its calendar and earlier releases."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from numbers import Real
from typing import Final, Self

import geopandas as gpd

from geo.errors import ParameterError

MIN_KEY_BYTES: Final = 16
MIN_WINDOW_DAYS: Final = 28
MAX_BUDGET: Final = 0.25
MIN_ADDRESSES: Final = 20


@dataclass(frozen=True, eq=False)
class Release:
    """What was released of one window. Nothing in it is private.

    Attributes
    ----------
    since
        First day of the window.
    until
        First day after it, and the first on which the release is shown.
    design
        Text that changes with zone, units, length of windows or budget: sums of another design
        are of something else.
    sums
        Noisy sum of incidents in each unit.
    areas
        The overlay as it is shown until the next release.
    """

    since: date
    until: date
    design: str
    sums: tuple[float, ...]
    areas: gpd.GeoDataFrame


@dataclass(frozen=True, eq=False)
class OverlayState:
    """What the overlay of a zone needs to know: its secret, its calendar and what was released.

    Attributes
    ----------
    key
        Secret of the zone, at least 16 random bytes, kept for as long as the overlay is shown.
    first_day
        A day on which a window begins; windows follow and go before it without a gap.
    day
        The day on which the overlay is asked for, on the calendar of the zone.
    window_days
        Length of a window in days, >= 28.
    budget
        Privacy budget of an incident over all releases ever, above 0 and at most 0.25.
    min_addresses
        Fewest addresses of a unit, >= 20.
    releases
        What was released, the oldest first. Keep what `next_state` returns: it is never made anew.
    """

    key: bytes = field(repr=False)
    first_day: date
    day: date
    window_days: int = 91
    budget: float = MAX_BUDGET
    min_addresses: int = 40
    releases: tuple[Release, ...] = ()

    def __post_init__(self) -> None:
        wrong = []
        # What else is given for a key is not repeated: it may be the secret as a text.
        key: object = self.key
        if not isinstance(key, bytes):
            wrong.append(f"Expected `key` of bytes, got another type, {type(key).__name__}.")
        elif len(key) < MIN_KEY_BYTES:
            wrong.append(f"Expected `key` of at least {MIN_KEY_BYTES} bytes, got {len(key)}.")
        for name, day in (("first_day", self.first_day), ("day", self.day)):
            if type(day) is not date:  # a datetime is a date too
                wrong.append(f"Expected `{name}` a date without a time, got {day!r}.")
        wrong += _number_faults(
            self.budget,
            window_days=(self.window_days, MIN_WINDOW_DAYS),
            min_addresses=(self.min_addresses, MIN_ADDRESSES),
        )
        wrong += _release_faults(self.releases)
        if not wrong and not _within_calendar(self.first_day, self.day, int(self.window_days)):
            wrong.append(
                f"Expected `first_day`, `day` and `window_days` of windows from {date.min} to"
                f" {date.max}, got {self.first_day}, {self.day} and {self.window_days}."
            )
        if wrong:
            raise ParameterError(" ".join(wrong))

    @property
    def since(self) -> date:
        """First day of the latest window that has closed before `day`.

        Returns
        -------
        since
            On the calendar of the zone.
        """
        return self.until - timedelta(days=self.window_days)

    @property
    def until(self) -> date:
        """First day after the latest window that has closed before `day`.

        Returns
        -------
        until
            On the calendar of the zone; `day` or earlier.
        """
        passed = (self.day - self.first_day).days // self.window_days
        return self.first_day + timedelta(days=passed * self.window_days)

    @property
    def shown_until(self) -> date:
        """First day on which the release of that window is no longer shown.

        Returns
        -------
        shown_until
            After `day`.
        """
        return self.until + timedelta(days=self.window_days)

    @property
    def release(self) -> Release | None:
        """The release that is shown on `day`.

        Returns
        -------
        release
            None where it was not made.
        """
        window = (self.since, self.until)
        return next((one for one in self.releases if (one.since, one.until) == window), None)

    def on(self, day: date) -> Self:
        """Return the state as it is asked on another day.

        Parameters
        ----------
        day
            The day, on the calendar of the zone.

        Returns
        -------
        state
            The same releases, asked on that day.
        """
        return replace(self, day=day)


def _number_faults(budget: object, **numbers: tuple[object, int]) -> list[str]:
    """Say which numbers of a state are out of their ranges; whole ones come with the least."""
    wrong = [
        f"Expected whole `{name}` >= {least}, got {number!r}."
        for name, (number, least) in numbers.items()
        if not (isinstance(number, Real) and float(number).is_integer() and float(number) >= least)
    ]
    if not (isinstance(budget, Real) and 0.0 < float(budget) <= MAX_BUDGET):
        wrong.append(f"Expected `budget` > 0 and <= {MAX_BUDGET}, got {budget!r}.")
    return wrong


def _release_faults(releases: object) -> list[str]:
    if not (isinstance(releases, tuple) and all(isinstance(one, Release) for one in releases)):
        # What else is given is not repeated: it may be of the surface, which is private.
        return [f"Expected `releases` a tuple of them, got another {type(releases).__name__}."]
    if any(earlier.until > later.since for earlier, later in pairwise(releases)):
        return ["Expected `releases` of windows that follow each other, got others."]
    return []


def _within_calendar(first_day: date, day: date, window_days: int) -> bool:
    """Tell whether the windows before and after the day are of days that there are."""
    first = first_day.toordinal()
    until = first + (day.toordinal() - first) // window_days * window_days
    return until - window_days >= 1 and until + window_days <= date.max.toordinal()
