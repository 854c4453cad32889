"""Days, weeks and repeats: against counts by hand and the clocks of places that change them."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from analytics.near_repeats import near_repeats
from api.hotspots.result import HotspotsParams
from api.hotspots.times import (
    HOURS_IN_A_ROW,
    busiest_times,
    by_category,
    coarsened,
    repeats_by_category,
    start_of_day,
)
from tests.api.hotspots.town import PARAMS, incidents
from tests.api.small_zone import X, Y, frame

ASCENDING = pd.DataFrame(np.arange(7 * 24, dtype=float).reshape(7, 24))

# Bangkok never changes its clocks; Santiago skips a midnight and Havana repeats one.
CLOCKS = ("Asia/Bangkok", "America/Santiago", "America/Havana", "Africa/Cairo")


@pytest.mark.parametrize("timezone", CLOCKS)
def test_every_day_begins_after_the_one_before_and_within_its_date(timezone):
    zone = ZoneInfo(timezone)
    day = date(2025, 1, 1)
    for _ in range(400):
        start = start_of_day(day, timezone)
        assert start.tz_convert(zone).date() == day
        before = (start - pd.Timedelta(microseconds=1)).tz_convert(zone)
        assert before.date() == day - timedelta(days=1)
        day += timedelta(days=1)


def test_a_day_in_bangkok_begins_seven_hours_before_utc():
    assert start_of_day(date(2026, 3, 1), "Asia/Bangkok") == datetime.fromisoformat(
        "2026-02-28T17:00:00+00:00"
    )


def test_categories_are_counted_by_how_they_became_known():
    layer = incidents(300)
    table = by_category(layer)
    counted = Counter(zip(layer["category"], layer["reporting"], strict=True))
    for row in table.to_dict("records"):
        for way in ("reported", "discovered"):
            assert row[way] == counted[row["category"], way]
    assert table["reported"].is_monotonic_decreasing
    assert set(table["category"]) == set(layer["category"])
    assert by_category(layer.iloc[:0]).columns.tolist() == ["category", "reported", "discovered"]


@given(st.lists(st.integers(0, 9), min_size=7 * 24, max_size=7 * 24).filter(any))
def test_the_busiest_times_are_the_most_of_all(numbers):
    week = pd.DataFrame(np.array(numbers, dtype=float).reshape(7, 24))
    found = busiest_times(week)
    by_day = [sum(week.iloc[day]) for day in range(7)]
    runs = [
        sum(week.iloc[day, (hour + k) % 24] for day in range(7) for k in range(HOURS_IN_A_ROW))
        for hour in range(24)
    ]
    assert by_day[found.weekday] == max(by_day)
    assert runs[found.hour] == max(runs)
    assert found.weekday_share == pytest.approx(max(by_day) / sum(numbers))
    assert found.hours_share == pytest.approx(max(runs) / sum(numbers))


@pytest.mark.parametrize(
    ("times", "shape"), [("weekday_hours", (7, 24)), ("hours", (1, 24)), ("day_parts", (1, 4))]
)
def test_the_same_incidents_are_told_more_coarsely(times, shape):
    told = coarsened(ASCENDING, times)
    assert told.shape == shape
    assert told.to_numpy().sum() == ASCENDING.to_numpy().sum()


def test_quarters_hold_their_hours():
    told = coarsened(ASCENDING, "day_parts")
    assert told.columns.tolist() == [0, 6, 12, 18]
    assert told[6].iloc[0] == ASCENDING[[6, 7, 8, 9, 10, 11]].to_numpy().sum()


def test_of_times_that_may_not_be_told_nothing_is_left():
    assert coarsened(ASCENDING, "none").empty
    assert busiest_times(coarsened(ASCENDING, "none")) is None


@given(st.lists(st.integers(0, 9), min_size=7 * 24, max_size=7 * 24).filter(any))
def test_the_busiest_times_are_told_no_finer_than_the_week(numbers):
    week = pd.DataFrame(np.array(numbers, dtype=float).reshape(7, 24))
    quarters = busiest_times(coarsened(week, "day_parts"))
    sums = [week.loc[:, start : start + 5].to_numpy().sum() for start in (0, 6, 12, 18)]
    assert sums[quarters.hour // 6] == max(sums)
    assert (quarters.hour % 6, quarters.hours) == (0, 6)
    assert quarters.hours_share == pytest.approx(max(sums) / sum(numbers))
    by_hour, whole = busiest_times(coarsened(week, "hours")), busiest_times(week)
    assert (by_hour.hour, by_hour.hours, by_hour.hours_share) == (
        *(whole.hour, HOURS_IN_A_ROW),
        pytest.approx(whole.hours_share),
    )
    for told in (quarters, by_hour):
        assert (told.weekday, told.weekday_share) == (None, None)


def test_nothing_is_busiest_where_nothing_happened():
    assert busiest_times(pd.DataFrame(np.zeros((7, 24)))) is None


def test_repeats_are_those_of_each_category_alone():
    layer = incidents(400)
    layer = layer[layer["reporting"] == "reported"]
    table = repeats_by_category(layer, params=PARAMS, seed=4).set_index("category")
    assert set(table.index) == {"theft", "burglary"}  # of noise there is too little
    for category, row in table.iterrows():
        own = near_repeats(
            layer[layer["category"] == category],
            seed=4,
            distances_m=[PARAMS.near_m],
            days=[PARAMS.near_days],
            permutations=PARAMS.simulations,
        ).table.iloc[0]
        assert (row["pairs"], row["p_value"]) == (own["pairs"], own["p_value"])
        assert row["ratio"] == pytest.approx(own["ratio"])
    assert (table["q_value"] >= table["p_value"]).all()


def test_planted_repeats_are_found_and_only_in_their_category():
    rng = np.random.default_rng(0)
    began = pd.Timestamp("2025-01-01T00:00:00Z")
    rows = []
    for _ in range(60):
        x, y, day = rng.uniform(0, 5000), rng.uniform(0, 5000), rng.uniform(0, 700)
        rows.append(("theft", x, y, day))
        rows.append(("theft", x + 20, y, day + rng.uniform(1, 5)))
        rows.append(("noise", *rng.uniform(0, 5000, 2), rng.uniform(0, 700)))
    kinds, x, y, day = zip(*rows, strict=True)
    layer = frame(
        [Point(X + a, Y + b) for a, b in zip(x, y, strict=True)],
        prefix="incident",
        category=kinds,
        occurred_at=began + pd.to_timedelta(np.array(day), unit="D"),
        reporting="reported",
    )
    table = repeats_by_category(
        layer, params=HotspotsParams(near_least=20, simulations=199), seed=1
    ).set_index("category")
    assert table.loc["theft", "ratio"] > 5
    assert table.loc["theft", "q_value"] < 0.02
    assert table.loc["noise", "q_value"] > 0.05


def test_no_category_with_enough_gives_an_empty_table():
    table = repeats_by_category(incidents(5), params=PARAMS, seed=0)
    assert table.empty
    assert "q_value" in table
