"""The public overlay: along which streets a visitor walks well.

Each unit (whole named streets, with many addresses) carries a band. Bands come from what is public
(lamps, cameras of the programme and the municipality, places, standing posts) and from reported
incidents, and only the latter need hiding.

Time is cut into windows. An incident counts in the one window in which it happened, at its address,
which counts at most once a window. When a window has closed, its sums over units are released:
noise is added once, drawn from the zone's secret, and the noisy sums are kept and averaged with
those of earlier windows. Bands, labels and all later releases are made from kept noisy sums alone.
By Gaussian differential privacy (Dong, Roth and Su 2022, `_overlay_noise`) nobody, whatever they
know and however many releases they keep, tells two worlds that differ by one incident apart with a
probability above Phi(budget / 2): 55 % for the largest budget allowed, 0.25. That holds for an
incident that is added, taken away or moved, in place or in time, over all windows together.

What this is not: a promise for a street, or for many incidents of one address. All of an address
within a window count as one; over n windows the shift grows as the square root of n, so that an
address with incidents in each of four windows is hidden by no more than twice the budget. Nor does
it hold against whoever has the secret, or where a window is released again because its release was
thrown away.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from numbers import Real
from typing import Final, Self

import geopandas as gpd
import numpy as np

from analytics._overlay_areas import BANDS, public_areas
from analytics._overlay_bands import released_bands
from analytics._overlay_merits import public_merits
from analytics._overlay_noise import noise_sd, noisy_sums
from analytics._overlay_surface import surface_of, unit_sums
from analytics._overlay_units import StreetUnits
from geo.errors import ParameterError
from geo.zone import Zone

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


def incident_surface(
    zone: Zone, incidents: gpd.GeoDataFrame, *, state: OverlayState, bandwidth_m: float = 60.0
) -> gpd.GeoDataFrame:
    """Make the surface that a release is made from: the closed window before the day asked.

    Where incidents say how they became known (`reporting`), only the reported ones count. Each
    counts in the window in which it began and at the nearest building, which counts once however
    many it has; nothing of the window that still runs is read. Density is the heat kernel of
    `network_density`.

    Parameters
    ----------
    zone
        The zone; its own incidents are not read.
    incidents
        Rows of the incidents layer, in the CRS of the zone; there may be none.
    state
        Calendar and day.
    bandwidth_m
        Standard deviation of the kernel along a street, > 0.

    Returns
    -------
    surface
        One lixel a row: `street`, `length_m`, `density` (incidents a metre), `since` and `until`
        (first day of the window and first day after it), `synthetic` (whether an incident was made
        up). It is private.

    Raises
    ------
    LayerError
        If an incident is faulty or of a category that is police work, or the zone has no building;
        names every fault.
    ParameterError
        If the bandwidth is out of its range.
    """
    return surface_of(
        zone, incidents, since=state.since, until=state.until, bandwidth_m=bandwidth_m
    )


def next_state(
    zone: Zone,
    surface: gpd.GeoDataFrame,
    *,
    state: OverlayState,
    posts: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
) -> OverlayState:
    """Release the closed window before the day asked, unless that was done.

    Once a window is released neither late incidents nor another zone, surface or posts change it.

    Parameters
    ----------
    zone
        The zone; its incidents are not read, and cameras count whether or not they work tonight.
    surface
        What `incident_surface` makes; not read where the window was released before.
    state
        Secret, calendar, day and earlier releases.
    posts
        Standing, announced posts of patrols, Points in the CRS of the zone. Never the stops of a
        plan: those follow the incidents, and nothing would hide them.

    Returns
    -------
    state
        The state with the release; keep it, and ask with it the next time.

    Raises
    ------
    LayerError
        If the surface is not of the window or breaks what its noise is made for, or a layer of the
        zone is faulty; names every fault.
    ParameterError
        If a later window was released.
    """
    release = _shown(zone, surface, state, posts)
    if release in state.releases:
        return state
    return replace(state, releases=(*state.releases, release))


def safe_areas(
    zone: Zone,
    surface: gpd.GeoDataFrame,
    *,
    state: OverlayState,
    posts: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
) -> gpd.GeoDataFrame:
    """Tell along which streets a visitor walks well, and nothing of any incident.

    A view of `next_state`, whose result must be kept: the same on every day until the next release.

    Parameters
    ----------
    zone
        The zone; its incidents are not read, and cameras count whether or not they work tonight.
    surface
        What `incident_surface` makes; not read where the window was released before.
    state
        Secret, calendar, day and earlier releases.
    posts
        Standing, announced posts of patrols; never the stops of a plan.

    Returns
    -------
    areas
        MultiLineStrings in EPSG:4326, one unit a row: `band` ("ordinary", "good" or
        "recommended") with `label_th` and `label_en`; `name_th` and `name_en`, the streets of the
        unit; `reason_th` and `reason_en`, what speaks for it, empty where nothing stands out;
        `valid_from` and `valid_until`, first day of the release and first day after it;
        `synthetic`, whether a layer of the zone or an incident was made up.

    Raises
    ------
    LayerError
        If the surface is not of the window or breaks what its noise is made for, or a layer of the
        zone is faulty; names every fault.
    ParameterError
        If a later window was released.
    """
    return _shown(zone, surface, state, posts).areas.copy()


def _shown(
    zone: Zone,
    surface: gpd.GeoDataFrame,
    state: OverlayState,
    posts: gpd.GeoDataFrame | gpd.GeoSeries | None,
) -> Release:
    """Return the release of the day asked, made only where it was not made before."""
    if state.release is not None:
        return state.release
    if state.releases and state.releases[-1].until > state.since:
        raise ParameterError(
            f"Expected `day` of a window after {state.releases[-1].until}, the latest released,"
            f" got {state.day}."
        )
    units = StreetUnits.gathered(zone.streets, zone.buildings, min_addresses=state.min_addresses)
    exact = unit_sums(surface, zone.streets, units, window=[state.since, state.until])
    design = _design(zone, units, state)
    context = noise_context(design, state)
    noisy = noisy_sums(exact, key=state.key, context=context, budget=state.budget)
    alike = [one for one in state.releases if one.design == design]
    merits = public_merits(zone, units, on=state.until, posts=posts)
    bands = released_bands(
        np.array([*(one.sums for one in alike), noisy]),
        merits,
        units.length_m,
        noise_sd=noise_sd(state.budget),
        previous=[BANDS.index(band) for band in alike[-1].areas["band"]] if alike else None,
    )
    shown = (state.until, state.shown_until)
    areas = public_areas(zone, surface, units, bands, merits, shown=shown)
    return Release(state.since, state.until, design, tuple(noisy.tolist()), areas)


def noise_context(design: str, state: OverlayState) -> str:
    """Return what the noise of a release is drawn for: the window, and not the day asked.

    Parameters
    ----------
    design
        Design of the release.
    state
        Calendar and day.

    Returns
    -------
    context
        The same on every day on which the release is shown.
    """
    return f"{design}|{state.since.isoformat()}"


def _design(zone: Zone, units: StreetUnits, state: OverlayState) -> str:
    told = f"{zone.name}|{state.window_days}|{state.budget!r}|{units.digest()}"
    return sha256(told.encode()).hexdigest()
