"""What holds of the public overlay for any incident, any units and any scores."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics._overlay_bands import MARGIN, STEPS, levels, released_bands
from analytics._overlay_noise import SENSITIVITY, keyed_normals
from analytics._overlay_surface import unit_sums
from analytics._overlay_units import StreetUnits, merge_small
from analytics.overlays import incident_surface
from geo.zone import Zone
from tests.analytics.overlay_cases import FIRST_DAY, STATE, at_addresses

SEEDS = st.integers(0, 2**32 - 1)
WINDOWS = 3


@pytest.fixture(scope="module")
def zone(root: Path):
    """Return a corner of the old town, for speed."""
    whole = Zone.load(root / "data" / "old_town")
    return replace(whole, streets=whole.streets.iloc[:16], buildings=whole.buildings.iloc[:600:2])


@pytest.fixture(scope="module")
def units(zone):
    return StreetUnits.gathered(zone.streets, zone.buildings, min_addresses=20)


def sums_of(zone, units, incidents):
    """Return the sums of all windows, one after the other."""
    sums = []
    for window in range(WINDOWS):
        state = STATE.on(FIRST_DAY + timedelta(days=91 * window))
        surface = incident_surface(zone, incidents, state=state)
        asked = [state.since, state.until]
        sums.append(unit_sums(surface, zone.streets, units, window=asked))
    return np.concatenate(sums)


@pytest.mark.slow
@settings(max_examples=12)
@given(seed=SEEDS, others=st.integers(0, 30))
def test_an_incident_shifts_all_sums_by_no_more_than_its_noise_is_made_for(
    zone, units, seed, others
):
    rng = np.random.default_rng(seed)
    days = rng.integers(-91, 91 * (WINDOWS - 1), others + 2)
    rows = rng.integers(0, len(zone.buildings), others + 2)
    told = pd.concat(
        [
            at_addresses(zone, [row], FIRST_DAY + timedelta(days=int(day)))
            for row, day in zip(rows, days, strict=True)
        ],
        ignore_index=True,
    )
    without, with_one, moved = (
        sums_of(zone, units, told.drop(index=gone)) for gone in ([0, 1], [1], [0])
    )
    assert np.abs(with_one - without).sum() <= 1 + 1e-9
    assert np.linalg.norm(with_one - without) <= 1 + 1e-9
    assert np.linalg.norm(moved - with_one) <= SENSITIVITY + 1e-9


@given(seed=SEEDS, count=st.integers(1, 30), least=st.integers(1, 60))
def test_merged_groups_have_enough_addresses_and_none_is_lost(seed, count, least):
    rng = np.random.default_rng(seed)
    groups = shapely.points(rng.uniform(0, 100, (count, 2)))
    addresses = rng.integers(0, 40, count)
    unit = merge_small(groups, addresses, least=least)
    merged = np.bincount(unit, addresses)
    assert sorted(set(unit)) == list(range(len(merged)))
    assert merged.sum() == addresses.sum()
    assert len(merged) == 1 or merged.min() >= least
    if addresses.min() >= least:
        assert list(unit) == list(range(count))


@given(seed=SEEDS, count=st.integers(1, 12))
def test_a_band_moves_only_as_far_as_its_score_surely_went(seed, count):
    rng = np.random.default_rng(seed)
    score, previous = rng.random(count), rng.integers(0, len(STEPS) + 1, count)
    bands = levels(score, previous)
    for now, was, value in zip(bands, previous, score, strict=True):
        surely_up = [step for step in STEPS if value >= step + MARGIN]
        surely_down = [step for step in STEPS if value < step - MARGIN]
        assert len(surely_up) <= now <= len(STEPS) - len(surely_down)
        if len(surely_up) <= was <= len(STEPS) - len(surely_down):
            assert now == was
    assert list(levels(score, bands)) == list(bands)


@given(seed=SEEDS, releases=st.integers(1, 5), windows=st.integers(1, 10), count=st.integers(1, 8))
def test_bands_of_many_releases_at_once_are_those_of_each(seed, releases, windows, count):
    rng = np.random.default_rng(seed)
    sums = rng.normal(5, 10, (releases, windows, count))
    merits = {"lit": rng.random(count), "watched": rng.random(count)}
    length, sd = rng.uniform(50, 500, count), float(rng.choice([0.0, 5.7]))
    previous = rng.integers(0, 3, (releases, count))
    together = released_bands(sums, merits, length, noise_sd=sd, previous=previous)
    for row in range(releases):
        alone = released_bands(sums[row], merits, length, noise_sd=sd, previous=previous[row])
        assert list(together[row]) == list(alone)


@given(key=st.binary(min_size=16, max_size=40), context=st.text(max_size=20))
def test_noise_is_finite_and_the_first_of_many_is_the_first_of_few(key, context):
    many = keyed_normals(key, context, 9)
    assert np.isfinite(many).all()
    assert list(keyed_normals(key, context, 2)) == list(many[:2])
