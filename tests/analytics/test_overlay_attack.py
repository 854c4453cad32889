"""Attacks on a year of public overlays, and faults of the overlay that they must bring to light."""

import numpy as np
import pandas as pd
import pytest

from analytics import _overlay_noise, overlays
from geo.zone import Zone
from tests.analytics.overlay_attack import (
    DAYS,
    Year,
    accuracy_by_bands,
    accuracy_by_sums,
    addresses,
    best_accuracy,
    incident,
    key_of,
    located_by_bands,
    located_by_sums,
    worlds_of,
)

TRIALS = 2000
# Of so many trials the share that is right lies within this of its expectation but once in 30,000.
CHANCE = 4 * 0.5 / TRIALS**0.5
PAIRS = [("without", "with"), ("with", "moved"), ("with", "later")]
ALLOWED = 0.55
ONE_OF_EIGHT = 1 / 8


@pytest.fixture(scope="module")
def zone(root):
    return Zone.load(root / "data" / "old_town")


@pytest.fixture(scope="module")
def year(zone):
    return Year(zone)


@pytest.fixture(scope="module")
def attacked(year, zone):
    return worlds_of(year, zone.incidents, count=40)


@pytest.fixture
def no_noise(monkeypatch):
    monkeypatch.setattr(_overlay_noise, "noise_sd", lambda _budget: 1e-9)


@pytest.fixture
def fresh_noise(monkeypatch):
    monkeypatch.setattr(
        overlays, "noise_context", lambda design, state: f"{design}|{state.day.isoformat()}"
    )


@pytest.mark.parametrize("pair", PAIRS)
def test_no_two_worlds_that_differ_by_an_incident_are_told_apart(year, attacked, pair):
    one, other = (attacked[0][name] for name in pair)
    bound = best_accuracy(year.days[0].budget, float(np.linalg.norm(other - one)))
    assert bound <= ALLOWED
    assert accuracy_by_sums(year, one, other, TRIALS) == pytest.approx(bound, abs=CHANCE)


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS)
def test_published_bands_tell_two_worlds_apart_no_better(year, attacked, pair):
    one, other = (attacked[0][name] for name in pair)
    assert accuracy_by_bands(year, one, other, TRIALS) <= ALLOWED + CHANCE


def test_bands_without_noise_would_tell_two_worlds_apart(year, attacked, no_noise):
    one, other = (attacked[0][name] for name in PAIRS[0])
    unit = int(np.argmax(np.abs(other - one)[0]))
    assert accuracy_by_sums(year, one, other, 50) == 1.0
    other = other.copy()
    other[0, unit] += 200  # as if so many more: the bands must follow, or the attack sees nothing
    assert accuracy_by_bands(year, one, other, 50) == 1.0


def test_fresh_noise_every_day_would_average_out(year, attacked, fresh_noise):
    one, other = (attacked[0][name] for name in PAIRS[0])
    assert accuracy_by_sums(year, one, other, 60) > ALLOWED + 3 * 0.5 / 60**0.5


def test_an_address_is_found_in_at_most_one_of_eight_cases(year, attacked):
    assert located_by_sums(year, attacked[1], TRIALS) <= ONE_OF_EIGHT


@pytest.mark.slow
def test_an_address_is_found_by_bands_in_at_most_one_of_eight_cases(year, attacked):
    base, alone = attacked[0]["without"], attacked[1]
    assert located_by_bands(year, base, alone, TRIALS // 2, learnt=500) <= ONE_OF_EIGHT


def test_without_noise_the_address_would_be_found(year, attacked, no_noise):
    assert located_by_sums(year, attacked[1], 200) > 0.9


def test_an_attacked_year_has_a_release_a_window_and_nothing_between(year):
    assert year.windows == [0, 91, 182, 273, 364]
    contexts = {overlays.noise_context(year.design, state) for state in year.days}
    assert len(year.days) == DAYS
    assert len(contexts) == len(year.windows)


def test_the_attackers_sums_are_those_of_the_shipped_surface(year, zone, attacked):
    """Adding up what an incident is alone is what the surface with it adds up to."""
    alone = attacked[1]
    places = addresses(zone, len(alone))
    strongest = int(np.argmax((alone**2).sum(axis=1)))
    quiet = zone.incidents[zone.incidents.distance(places[strongest]) > 60]
    one = incident(places[strongest], year.days[0].since)
    together = pd.concat([quiet, one])
    difference = year.sums(together) - year.sums(quiet)
    assert difference[0] == pytest.approx(alone[strongest], abs=1e-9)
    assert difference[1:] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.slow
def test_the_attackers_bands_are_those_that_safe_areas_shows(year, zone):
    state = overlays.OverlayState(
        key=key_of(7), first_day=year.days[0].first_day, day=year.days[0].day
    )
    noisy = year.sums(zone.incidents) + year.noises([state.key])[0]
    for day, sums, bands in zip(year.windows, noisy, year.bands(noisy), strict=True):
        state = state.on(year.days[day].day)
        surface = overlays.incident_surface(zone, zone.incidents, state=state)
        state = overlays.next_state(zone, surface, state=state)
        shown = overlays.safe_areas(zone, surface, state=state)
        assert state.releases[-1].sums == pytest.approx(sums, abs=1e-3)
        assert [overlays.BANDS.index(band) for band in shown["band"]] == list(bands)
