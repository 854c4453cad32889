"""Properties of times of incidents: none is lost from a week, no pair from a table."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import time_profiles
from analytics.near_repeats import near_repeats
from analytics.time_profiles import weekday_hour_profile
from tests.analytics.test_near_repeats import BANDS, as_table, pair_by_pair
from tests.analytics.test_near_repeats import incident_frame as placed_incidents
from tests.analytics.test_time_profiles import incident_frame


@given(
    st.lists(
        st.tuples(st.integers(0, 40_000_000), st.one_of(st.none(), st.integers(0, 2_000_000))),
        max_size=8,
    ),
    st.sampled_from(["Asia/Bangkok", "Europe/Berlin", "America/St_Johns"]),
    st.integers(1, 5000),
)
def test_every_incident_counts_once_however_it_is_parted(rows, timezone, pieces):
    begin = pd.Timestamp("2026-01-01")
    second = pd.Timedelta(seconds=1)
    incidents = incident_frame(
        [
            (begin + at * second, None if length is None else begin + (at + length) * second)
            for at, length in rows
        ]
    )
    whole = weekday_hour_profile(incidents, timezone=timezone)
    assert (whole >= 0).all(axis=None)
    assert whole.to_numpy().sum() == pytest.approx(len(rows), abs=1e-9)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time_profiles, "PIECES", pieces)
        parted = weekday_hour_profile(incidents, timezone=timezone)
    assert parted.to_numpy() == pytest.approx(whole.to_numpy(), abs=1e-9)


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(0, 40)),
        max_size=25,
    )
)
def test_counts_equal_those_made_pair_by_pair(rows):
    # A lattice of 25 m and half days: many pairs lie exactly on the edge of a band.
    xy = np.array([row[:2] for row in rows], dtype=float).reshape(-1, 2) * 25
    days = np.array([row[2] for row in rows], dtype=float) / 2
    found = near_repeats(placed_incidents(xy, days), seed=0, permutations=1, **BANDS)
    expected = pair_by_pair(xy, np.round(days * 86_400), *BANDS.values())
    assert as_table(found, "pairs").tolist() == expected.tolist()
    assert found.incidents == len(rows)
