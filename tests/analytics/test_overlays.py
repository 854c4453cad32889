"""The public overlay: what it shows, when it changes, and what it refuses."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics._overlay_areas import BANDS, LABELS_EN, LABELS_TH, REASONS
from analytics._overlay_bands import released_bands
from analytics._overlay_merits import public_merits
from analytics._overlay_noise import SENSITIVITY
from analytics._overlay_surface import unit_sums
from analytics._overlay_units import StreetUnits
from analytics.overlay_state import OverlayState
from analytics.overlays import incident_surface, next_state, safe_areas
from geo.errors import ParameterError
from geo.zone import Zone
from tests.analytics.overlay_cases import FIRST_DAY, KEY, STATE, at_addresses, mass

COLUMNS = ["band", "label_th", "label_en", "name_th", "name_en", "reason_th", "reason_en"]


@pytest.fixture(scope="module")
def zone(root):
    return Zone.load(root / "data" / "old_town")


@pytest.fixture(scope="module")
def surface(zone):
    return incident_surface(zone, zone.incidents, state=STATE)


@pytest.fixture(scope="module")
def released(zone, surface):
    return next_state(zone, surface, state=STATE)


@pytest.mark.parametrize("made_up", [False, True])
def test_made_up_incidents_alone_make_the_overlay_synthetic(zone, made_up):
    real = {
        name: getattr(zone, name).assign(synthetic=False)
        for name in ("buildings", "cameras", "lamps", "places")
    }
    here = replace(zone, **real)
    marked = zone.incidents.assign(synthetic=made_up)
    areas = safe_areas(here, incident_surface(here, marked, state=STATE), state=STATE)
    assert (areas["synthetic"] == made_up).all()


@pytest.fixture(scope="module")
def units(zone):
    return StreetUnits.gathered(zone.streets, zone.buildings, min_addresses=40)


def test_the_overlay_is_of_streets_with_bands_words_and_no_number(zone, surface):
    areas = safe_areas(zone, surface, state=STATE)
    assert areas.crs == "EPSG:4326"
    assert list(areas.columns) == [*COLUMNS, "valid_from", "valid_until", "synthetic", "geometry"]
    assert set(areas["band"]) == set(BANDS)
    assert (
        not areas.drop(columns=["geometry", "synthetic"]).map(pd.api.types.is_number).any(axis=None)
    )
    assert areas["synthetic"].all()
    assert set(areas["valid_from"]) == {"2025-09-01"}
    assert set(areas["valid_until"]) == {"2025-12-01"}
    drawn = areas.to_crs(zone.crs).length.sum()
    assert drawn == pytest.approx(zone.streets.length.sum(), rel=1e-9)
    thalang = areas[areas["name_en"].str.startswith("Thalang Road")].iloc[0]
    assert thalang["band"] == "recommended"
    assert thalang["reason_en"] == "well lit, public cameras, places to see"
    assert thalang["reason_th"] == "ไฟสว่าง, มีกล้องสาธารณะ, มีสถานที่น่าสนใจ"


def test_no_word_warns_of_a_street():
    said = [*LABELS_EN, *(english for _, english in REASONS.values()), *BANDS]
    told = " ".join(said).lower()
    for word in ("avoid", "danger", "unsafe", "risk", "crime", "bad", "poor", "not ", "no "):
        assert word not in told
    thai = " ".join([*LABELS_TH, *(thai for thai, _ in REASONS.values())])
    for word in ("อันตราย", "เสี่ยง", "ไม่", "หลีกเลี่ยง", "อาชญากรรม"):
        assert word not in thai


@pytest.mark.slow
def test_365_days_show_one_frame_a_window_whatever_happens_meanwhile(zone, surface):
    state = next_state(zone, surface, state=STATE)
    first, frames = safe_areas(zone, surface, state=state), []
    emptied = replace(
        zone, cameras=zone.cameras.iloc[:0], lamps=zone.lamps.iloc[:0], places=zone.places.iloc[:0]
    )
    for day in range(365):
        state = state.on(FIRST_DAY + timedelta(days=day))
        if state.release is None:
            fresh = incident_surface(zone, zone.incidents, state=state)
            state = next_state(zone, fresh, state=state)
        later = at_addresses(zone, [day], state.day)
        running = incident_surface(zone, later, state=state) if day % 60 == 0 else surface
        frames.append(safe_areas(emptied, running, state=state))
    changes = [
        day
        for day in range(1, 365)
        if not frames[day].drop(columns="geometry").equals(frames[day - 1].drop(columns="geometry"))
    ]
    assert changes == [91, 182, 273, 364]
    assert frames[0].equals(first)
    assert frames[90].equals(first)
    assert len(state.releases) == 5


def test_a_release_is_the_same_wherever_and_on_whatever_day_it_is_made(zone, surface, released):
    other_day = STATE.on(FIRST_DAY + timedelta(days=90))
    again = incident_surface(zone, zone.incidents, state=other_day)
    assert safe_areas(zone, again, state=other_day).equals(released.releases[0].areas)
    assert next_state(zone, surface, state=released) is released
    shown = safe_areas(zone, surface, state=released)
    shown["band"] = "spoiled"
    assert set(safe_areas(zone, surface, state=released)["band"]) == set(BANDS)


def test_the_running_window_is_never_read(zone, surface):
    rows = np.arange(50)
    running = pd.concat([zone.incidents, at_addresses(zone, rows, FIRST_DAY)])
    closed = pd.concat([zone.incidents, at_addresses(zone, rows, FIRST_DAY - timedelta(days=1))])
    assert incident_surface(zone, running, state=STATE).equals(surface)
    assert mass(incident_surface(zone, closed, state=STATE)) > mass(surface) + 30


def test_what_the_zone_says_of_its_incidents_is_not_read(zone, surface, released):
    silent = replace(zone, incidents=zone.incidents.iloc[:0])
    assert safe_areas(silent, surface, state=STATE).equals(released.releases[0].areas)


def test_windows_follow_each_other_without_gap_and_hold_each_day_once():
    state = replace(STATE, first_day=date(2020, 2, 29), window_days=28)
    held = {}
    for day in range(400):
        asked = state.on(date(2025, 1, 1) + timedelta(days=day))
        assert asked.until <= asked.day < asked.shown_until
        held[asked.since] = [asked.since + timedelta(days=one) for one in range(28)]
        assert asked.until - asked.since == timedelta(days=28)
    days = [one for window in held.values() for one in window]
    assert days == [min(days) + timedelta(days=one) for one in range(len(days))]


def test_earlier_windows_are_averaged_and_their_noise_is_not_drawn_anew(zone, surface, released):
    later = released.on(FIRST_DAY + timedelta(days=91))
    after = next_state(zone, incident_surface(zone, zone.incidents, state=later), state=later)
    assert after.releases[0] is released.releases[0]
    assert len(after.releases) == 2
    units = StreetUnits.gathered(zone.streets, zone.buildings, min_addresses=40)
    merits = public_merits(zone, units, on=later.until, posts=None)
    sums = np.array([release.sums for release in after.releases])
    first = released_bands(
        sums[:1], merits, units.length_m, noise_sd=SENSITIVITY / 0.25, previous=None
    )
    second = released_bands(
        sums, merits, units.length_m, noise_sd=SENSITIVITY / 0.25, previous=first
    )
    for release, bands in zip(after.releases, (first, second), strict=True):
        assert [BANDS.index(band) for band in release.areas["band"]] == list(bands)


def test_units_that_changed_begin_anew(zone, surface, released):
    later = released.on(FIRST_DAY + timedelta(days=91))
    shorter = replace(zone, buildings=zone.buildings.iloc[:1000])
    fresh = incident_surface(shorter, zone.incidents, state=later)
    after = next_state(shorter, fresh, state=later)
    alone = next_state(shorter, fresh, state=replace(later, releases=()))
    assert after.releases[1].design != released.releases[0].design
    assert after.releases[1].areas.equals(alone.releases[0].areas)


def test_a_day_before_the_latest_release_shows_what_was_shown_or_is_refused(
    zone, surface, released
):
    later = released.on(FIRST_DAY + timedelta(days=91))
    after = next_state(zone, incident_surface(zone, zone.incidents, state=later), state=later)
    assert safe_areas(zone, surface, state=after.on(FIRST_DAY)).equals(released.releases[0].areas)
    with pytest.raises(ParameterError, match="`day` of a window after 2025-12-01"):
        safe_areas(zone, surface, state=after.on(FIRST_DAY - timedelta(days=1)))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"key": "a text of sixteen"}, "`key` of bytes, got another type, str"),
        ({"key": None}, "`key` of bytes, got another type, NoneType"),
        ({"key": b"short"}, "`key` of at least 16 bytes, got 5"),
        ({"window_days": 1}, "whole `window_days` >= 28, got 1"),
        ({"window_days": 30.5}, "whole `window_days` >= 28, got 30.5"),
        ({"min_addresses": 1}, "whole `min_addresses` >= 20, got 1"),
        ({"budget": 0.3}, "`budget` > 0 and <= 0.25, got 0.3"),
        ({"budget": float("nan")}, "`budget` > 0 and <= 0.25, got nan"),
        ({"window_days": None}, "whole `window_days` >= 28, got None"),
        ({"window_days": "ninety"}, "whole `window_days` >= 28, got 'ninety'"),
        ({"window_days": float("inf")}, "whole `window_days` >= 28, got inf"),
        ({"window_days": 10**9}, "of windows from 0001-01-01 to 9999-12-31, got 2025-09-01"),
        ({"min_addresses": None}, "whole `min_addresses` >= 20, got None"),
        ({"budget": None}, "`budget` > 0 and <= 0.25, got None"),
        ({"budget": "small"}, "`budget` > 0 and <= 0.25, got 'small'"),
        ({"releases": None}, "`releases` a tuple of them, got another NoneType"),
        ({"releases": (5,)}, "`releases` a tuple of them, got another tuple"),
        ({"day": date.min}, "of windows from 0001-01-01 to 9999-12-31"),
        ({"day": date.max}, "of windows from 0001-01-01 to 9999-12-31"),
        ({"day": datetime(2025, 9, 1, 12)}, "`day` a date without a time"),  # noqa: DTZ001
    ],
)
def test_a_state_that_would_not_hide_an_incident_is_refused(change, told):
    with pytest.raises(ParameterError, match=told):
        replace(STATE, **change)


def test_every_day_whose_windows_are_on_the_calendar_has_them():
    state = OverlayState(key=KEY, first_day=date.min, day=date.min + timedelta(91))
    assert (state.since, state.until) == (date.min, state.day)
    with pytest.raises(ParameterError, match="of windows from 0001-01-01"):
        state.on(date.min + timedelta(90))
    state = OverlayState(key=KEY, first_day=date.max, day=date.max - timedelta(1))
    assert state.shown_until == date.max
    with pytest.raises(ParameterError, match="of windows from 0001-01-01"):
        state.on(date.max)


def test_all_that_is_wrong_with_a_state_is_told_at_once_and_the_secret_never():
    with pytest.raises(ParameterError) as error:
        replace(STATE, key=b"hush", window_days=0, budget=-1.0)
    assert all(name in str(error.value) for name in ("key", "window_days", "budget"))
    assert "hush" not in str(error.value)
    assert repr(KEY) not in repr(STATE)


def test_windows_that_overlap_are_no_history(zone, released):
    shifted = replace(STATE, first_day=FIRST_DAY - timedelta(days=30))
    fresh = incident_surface(zone, zone.incidents, state=shifted)
    other = next_state(zone, fresh, state=shifted).releases
    with pytest.raises(ParameterError, match="windows that follow each other"):
        replace(STATE, releases=(*other, *released.releases))


def test_another_budget_draws_other_noise_lest_both_tell_the_sums(zone, surface, released, units):
    noisy = np.array(released.releases[0].sums)
    other = np.array(next_state(zone, surface, state=replace(STATE, budget=0.125)).releases[0].sums)
    told = 2 * noisy - other  # the exact sums, were the noise of the second twice the first's
    exact = unit_sums(surface, zone.streets, units, window=[STATE.since, STATE.until])
    assert np.abs(told - exact).max() > 1.0
