"""The public overlay of a zone, released when its window has closed."""

import datetime as dt
import json
import secrets
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd

from analytics.overlay_state import OverlayState, Release
from analytics.overlays import incident_surface, next_state
from api.store import Store
from api.store.audit import MACHINE
from api.store.releases import Calendar, KeptRelease
from api.zone_now import zone_now
from geo.zone import Zone

FIRST_DAY: Final = dt.date(2024, 1, 1)
WINDOW_DAYS: Final = 91
BUDGET: Final = 0.25
MIN_ADDRESSES: Final = 40
_SECRET_BYTES: Final = 32
_DECIMALS: Final = 7  # of a degree: a centimetre


def release_due(store: Store, zone: Zone, *, now: dt.datetime) -> KeptRelease:
    """Release the overlay of a zone, unless the one of the latest closed window stands.

    Parameters
    ----------
    store
        The store, which keeps the releases and the secret.
    zone
        The zone, with its incidents.
    now
        The aware instant.

    Returns
    -------
    release
        The release that is shown now.

    Raises
    ------
    ZoneError
        A layer of the zone is faulty, or the store cannot be written.
    """
    today = now.astimezone(ZoneInfo(zone.timezone)).date()
    state = _state(store, zone.name, day=today)
    if state.release is None:
        surface = incident_surface(zone, zone.incidents, state=state)
        released = next_state(zone, surface, state=state).releases[-1]
        store.audit.append(now, MACHINE, "release", zone.name, "safe_areas")
        store.releases.append(zone.name, _kept(released, state))
    release = store.releases.read(zone.name)
    _show(store, zone.name, release, now=now)
    return release


def release_now(store: Store, folder: Path, *, now: dt.datetime) -> KeptRelease:
    """Release the overlay of a zone as it is now, with what was edited in the store.

    Parameters
    ----------
    store
        The store.
    folder
        Folder of the zone.
    now
        The aware instant.

    Returns
    -------
    release
        The release that is shown now.

    Raises
    ------
    ZoneError
        A layer of the zone is faulty, or the store cannot be written.
    """
    return release_due(store, zone_now(store, folder).zone, now=now)


def _show(store: Store, zone: str, release: KeptRelease, *, now: dt.datetime) -> None:
    """Put a release among the layers, too; where it stands already nothing is written."""
    areas = _release(release).areas
    provenance = {"created_at": now.isoformat(), "parameters": {"release": release.number}}
    store.put_layer(zone, "safe_areas", areas, kind="product", provenance=provenance)


def _state(store: Store, zone: str, *, day: dt.date) -> OverlayState:
    """Return what the overlay needs to know, as the store keeps it."""
    calendar = store.releases.calendar(
        zone,
        Calendar(
            secret=secrets.token_bytes(_SECRET_BYTES),
            first_day=FIRST_DAY,
            window_days=WINDOW_DAYS,
            budget=BUDGET,
            min_addresses=MIN_ADDRESSES,
        ),
    )
    return OverlayState(
        key=calendar.secret,
        first_day=calendar.first_day,
        day=day,
        window_days=calendar.window_days,
        budget=calendar.budget,
        min_addresses=calendar.min_addresses,
        releases=tuple(_release(kept) for kept in store.releases.all(zone)),
    )


def _kept(release: Release, state: OverlayState) -> KeptRelease:
    areas = release.areas.set_axis([f"area-{row + 1:02}" for row in range(len(release.areas))])
    areas = areas.set_geometry(areas.geometry.set_precision(10.0**-_DECIMALS, mode="pointwise"))
    return KeptRelease(
        number=0,
        since=release.since,
        until=release.until,
        shown_until=state.shown_until,
        design=release.design,
        sums=release.sums,
        areas=areas.to_json(drop_id=False, ensure_ascii=False, separators=(",", ":")),
    )


def _release(kept: KeptRelease) -> Release:
    features = json.loads(kept.areas)["features"]
    areas = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326")
    areas.index = pd.Index([feature["id"] for feature in features], name="id")
    return Release(kept.since, kept.until, kept.design, kept.sums, areas)
