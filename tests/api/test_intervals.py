"""Instants and intervals: read into UTC, and none where no calendar of UTC has them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.intervals import read_interval


@given(st.datetimes(timezones=st.timezones()), st.datetimes(timezones=st.timezones()))
def test_ends_are_the_same_instants_in_utc(one, other):
    first, last = sorted((one, other))
    try:
        expected = (first.astimezone(dt.UTC), last.astimezone(dt.UTC))
    except OverflowError:
        expected = None
    assert read_interval(f"{first.isoformat()}/{last.isoformat()}") == expected


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+07:00/..", "../9999-12-31T23:59:59-07:00", "x/..", "../..", "/"]
)
def test_what_no_calendar_has_is_none(text):
    assert read_interval(text) is None


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T20:00:00", "2026-03-01T20:00Z", "20260301", "2026-W10", "2026-03-01T20:00:00Z/x"],
)
def test_what_is_no_full_date_or_time_with_its_offset_is_none(text):
    assert read_interval(text) is None
    assert read_interval("2026-03-01t20:00:00z") == read_interval("2026-03-01T20:00:00+00:00")


def test_open_ends_reach_as_far_as_there_are_years():
    assert read_interval("2026-03-01/")[1].year == 9999
    assert read_interval("../2026-03-01")[0].year == 1
