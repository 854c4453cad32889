"""What holds for beats on every network."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import _beat_search
from planning.beats import make_beats
from tests.planning.beat_cases import (
    LIMITS,
    is_contiguous,
    least_imbalance,
    loads,
    meeting,
    random_case,
    unevenness,
)

seeds = st.integers(0, 2**32 - 1)
networks = seeds.map(lambda seed: random_case(np.random.default_rng(seed), most=12))
tiny_networks = seeds.map(lambda seed: random_case(np.random.default_rng(seed), most=6))


@pytest.fixture(autouse=True, scope="module")
def few_moves():
    """Anneal briefly: what holds must hold of beats however good they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_beat_search, "_MOVES", 1_000)
        yield


def some_beats(streets, part):
    """Return a number of beats that can be."""
    fewest = nx.number_connected_components(meeting(streets))
    return fewest + round(part * (len(streets) - fewest))


@settings(max_examples=25)
@given(networks, st.floats(0, 1), st.sampled_from([0.0, 0.05, 0.5]))
def test_every_street_is_in_one_contiguous_beat(case, part, tolerance):
    streets, risk = case
    beats = some_beats(streets, part)
    result = make_beats(streets, risk, beats=beats, tolerance=tolerance, **LIMITS)
    assert result.beat.index.equals(streets.index)
    assert set(result.beat) == set(range(1, beats + 1))
    assert is_contiguous(streets, result.beat)
    load = loads(streets, risk)
    assert result.imbalance == pytest.approx(unevenness(load, result.beat, beats), abs=1e-12)
    assert 0.0 <= result.bound <= result.imbalance


@settings(max_examples=25)
@given(tiny_networks, st.floats(0, 1), st.sampled_from([0.0, 0.3]))
def test_no_partition_beats_the_bound(case, part, tolerance):
    streets, risk = case
    beats = min(some_beats(streets, part), 4)
    if beats < some_beats(streets, 0.0):
        return
    least = least_imbalance(streets, loads(streets, risk), beats)
    result = make_beats(streets, risk, beats=beats, tolerance=tolerance, **LIMITS)
    assert result.bound <= least + 2e-9
    assert max(result.imbalance, tolerance) == pytest.approx(max(least, tolerance), abs=1e-8)


@settings(max_examples=15)
@given(networks, st.floats(0, 1), st.floats(1e-3, 1e3), st.floats(-1e4, 1e4))
def test_units_of_risk_and_place_do_not_matter(case, part, scale, east):
    streets, risk = case
    beats = some_beats(streets, part)
    result = make_beats(streets, risk, beats=beats, tolerance=0.0, **LIMITS)
    moved = streets.set_geometry(streets.translate(round(east), 0))
    again = make_beats(moved, risk * scale, beats=beats, tolerance=0.0, **LIMITS)
    assert again.imbalance == pytest.approx(result.imbalance, abs=1e-6)


@settings(max_examples=15)
@given(networks, seeds)
def test_the_seed_alone_decides(case, seed):
    streets, risk = case
    limits = {**LIMITS, "seed": seed}
    beats = some_beats(streets, 0.4)
    one = make_beats(streets, risk, beats=beats, **limits)
    other = make_beats(streets, risk, beats=beats, **limits)
    pd.testing.assert_series_equal(one.beat, other.beat)
