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

from dataclasses import replace
from hashlib import sha256

import geopandas as gpd
import numpy as np

from analytics._overlay_areas import BANDS, public_areas
from analytics._overlay_bands import released_bands
from analytics._overlay_merits import public_merits
from analytics._overlay_noise import noise_sd, noisy_sums
from analytics._overlay_surface import surface_of, unit_sums
from analytics._overlay_units import StreetUnits
from analytics.overlay_state import OverlayState, Release
from geo.errors import ParameterError
from geo.zone import Zone


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
