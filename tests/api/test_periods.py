"""The days before and after a measure: what is read, and what is told of what is not."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.periods import Days, read_periods, same_season
from geo.errors import ParameterError

BEFORE, AFTER = "2025-01-01/2025-06-30", "2026-01-01/2026-06-30"
DATES = st.dates(date(1950, 1, 1), date(2100, 12, 31))


def test_both_ends_belong_to_the_days_of_the_zones_own_calendar():
    before, after = read_periods(BEFORE, f" {AFTER} ")
    assert (before.first, before.last) == (date(2025, 1, 1), date(2025, 6, 30))
    assert (before.length_days, str(after)) == (181, AFTER)
    start, end = before.period(ZoneInfo("Asia/Bangkok"))
    assert start == datetime(2024, 12, 31, 17, tzinfo=UTC)
    assert end == datetime(2025, 6, 30, 17, tzinfo=UTC)
    assert before.period(ZoneInfo("Asia/Bangkok")).days == 181


def test_a_day_of_25_hours_is_as_long_as_it_is():
    autumn = Days(date(2025, 10, 26), date(2025, 10, 26))
    assert autumn.period(ZoneInfo("Europe/Berlin")).days == pytest.approx(25 / 24)


@given(st.lists(DATES, min_size=4, max_size=4))
def test_periods_are_read_if_and_only_if_they_follow_each_other(days):
    before, after = Days(*days[:2]), Days(*days[2:])
    if before.first <= before.last < after.first <= after.last:
        assert read_periods(str(before), str(after)) == (before, after)
    else:
        with pytest.raises(ParameterError, match=r"Expected `(before|after)` to (end|begin)"):
            read_periods(str(before), str(after))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("yesterday", AFTER, "Expected `before` as first and last day, such as"),
        ("2025-01-01", AFTER, "Expected `before` as first and last day"),
        ("2025-01-01/2025-06-31", AFTER, "Expected `before` as first and last day"),
        (BEFORE, "2026-01-01/2026-02-01/2026-03-01", "Expected `after` as first and last day"),
        ("2568-01-01/2568-06-30", AFTER, r"years of the common era \(2026, not 2569\)"),
        (BEFORE, "2026-06-30/2026-01-01", "Expected `after` to end on or after its first day"),
        (AFTER, BEFORE, "Expected `after` to begin after 2026-06-30, got 2025-01-01"),
        (BEFORE, "2025-06-30/2025-12-31", "Expected `after` to begin after 2025-06-30"),
        ("x", "2026-06-30/2026-01-01", r"`before` as first(.|\n)*`after` to end on or after"),
    ],
)
def test_what_will_not_do_is_told_all_at_once(before, after, told):
    with pytest.raises(ParameterError, match=told):
        read_periods(before, after)


@pytest.mark.parametrize(
    ("after", "alike"),
    [
        (AFTER, True),
        ("2027-12-29/2028-07-03", True),  # 364 days a year keep the weekdays
        ("2026-01-20/2026-06-30", False),
        ("2025-07-01/2025-12-31", False),
    ],
)
def test_seasons_are_alike_a_year_apart(after, alike):
    assert same_season(*read_periods(BEFORE, after)) is alike
