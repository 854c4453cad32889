"""Hot hours of places: against second methods, chance alone, and what is planted."""

import itertools
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from analytics import hot_hours
from analytics.hot_hours import find_hot_hours
from analytics.time_profiles import weekday_hour_profile
from geo.errors import LayerError, ParameterError

ZONE = "Asia/Bangkok"
SUNDAY = pd.Timestamp("2026-03-01T18:00", tz=ZONE)
NIGHT = {"starts_at": SUNDAY, "ends_at": SUNDAY + pd.Timedelta(hours=8), "timezone": ZONE}
WEEKS = 50


def incidents(begins, untils=None, **columns):
    columns = {"occurred_at": pd.DatetimeIndex(begins).tz_convert("UTC"), **columns}
    if untils is not None:
        columns["occurred_until"] = pd.DatetimeIndex(untils).tz_convert("UTC")
    return gpd.GeoDataFrame(columns, geometry=[Point(0, 0)] * len(begins), crs="EPSG:32647")


def nights(count, rng, *, hours=(0.0, 8.0), weekday=None):
    """Draw moments of nights before SUNDAY; of one weekday where it is given (0 is tonight's)."""
    back = rng.integers(1, WEEKS + 1, count) * 7
    back = back - (rng.integers(0, 7, count) if weekday is None else weekday)
    offset = pd.to_timedelta(rng.uniform(*hours, count), unit="h")
    return pd.DatetimeIndex([SUNDAY] * count) - pd.to_timedelta(back, unit="D") + offset


def table(moments, places=None, **options):
    frame = moments if isinstance(moments, gpd.GeoDataFrame) else incidents(moments)
    numbers = [1] * len(frame) if places is None else places
    place_of = pd.Series(numbers, index=frame.index, dtype="Int64")
    return find_hot_hours(frame, place_of, **{**NIGHT, "seed": 1, **options})


def test_night_shares_are_those_of_the_profile_by_hour():
    rng = np.random.default_rng(3)
    begins = pd.DatetimeIndex([SUNDAY] * 60) - pd.to_timedelta(rng.uniform(0, 9000, 60), unit="h")
    windows = pd.to_timedelta(np.where(rng.random(60) < 0.5, rng.uniform(0, 14, 60), 0), unit="h")
    frame = incidents(begins.floor("min"), (begins + windows).floor("min"))
    places = rng.integers(1, 4, 60)
    found = table(frame, places)
    assert list(found.index) == [1, 2, 3]
    night = [18, 19, 20, 21, 22, 23, 0, 1]
    for number, row in found.iterrows():
        profile = weekday_hour_profile(frame[places == number], timezone=ZONE)
        # Pieces of a profile are quarters of an hour: a window cut by an hour is told exactly.
        assert row["night_incidents"] == pytest.approx(profile[night].to_numpy().sum(), abs=1e-9)
    assert found["share"].sum() == pytest.approx(1.0)
    assert found["incidents"].sum() == 60


def brute_force(moments):
    """Try every span of whole hours from two to four, in plain loops."""
    hours = [math.floor((one - SUNDAY) / pd.Timedelta(hours=1)) % 24 for one in moments]
    best = (0.0, 0, 0)
    for first in range(8):
        for last in range(first + 2, min(first + 4, 8) + 1):
            inside, due = sum(first <= hour < last for hour in hours), (last - first) / 8
            if inside > len(hours) * due:
                outside = len(hours) - inside
                ratio = inside * math.log(inside / (len(hours) * due))
                if outside:
                    ratio += outside * math.log(outside / (len(hours) * (1 - due)))
                if ratio > best[0] + 1e-12:
                    best = (ratio, first, last)
    return best


@pytest.mark.parametrize("seed", range(8))
def test_hot_hours_are_those_of_every_span_tried(seed):
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 5)
    # Of so few, nothing is told of weekdays: all take part.
    moments = nights(12, rng).append(nights(22, rng, hours=(start, start + 3)))
    row = table(moments, level=0.999).loc[1]
    _, first, last = brute_force(moments)
    assert row["hot_from"] == SUNDAY + pd.Timedelta(hours=first)
    assert row["hot_until"] == SUNDAY + pd.Timedelta(hours=last)
    inside = sum(first <= ((one - SUNDAY) / pd.Timedelta(hours=1)) % 24 < last for one in moments)
    assert (row["hot_known"], row["scanned"]) == (inside, 34)


def test_chances_are_those_of_every_night_there_can_be():
    moments = [SUNDAY - pd.Timedelta(days=7) + pd.Timedelta(hours=h + 0.5) for h in (2, 2, 3, 7)]
    found = brute_force(moments)[0]
    every = itertools.product(range(8), repeat=4)
    hit = [
        brute_force([SUNDAY + pd.Timedelta(hours=hour) for hour in hours])[0] >= found - 1e-9
        for hours in itertools.islice(every, 0, None, 3)
    ]
    exact = float(np.mean(hit))
    simulated = table(moments, simulations=20_000).loc[1, "hours_p"]
    assert 0 < exact < 1
    assert simulated == pytest.approx(exact, abs=0.02)


def test_planted_hours_of_one_place_are_found_and_no_others():
    rng = np.random.default_rng(5)
    hot, even = nights(40, rng, hours=(3.0, 6.0)), nights(40, rng)
    found = table(hot.append(even), [1] * 40 + [2] * 40)
    assert found.loc[1, "hot_from"].tz_convert(ZONE).hour == 21
    assert found.loc[1, "hot_until"].tz_convert(ZONE).hour == 0
    assert found.loc[1, "hot_factor"] == pytest.approx(43 / 48 * 8 / 3)
    assert found.loc[1, "cold_factor"] == pytest.approx(5 / 48 * 8 / 5)
    assert pd.isna(found.loc[2, "hot_from"])
    assert found.loc[2, ["hot_factor", "cold_factor", "weekday_factor"]].tolist() == [1, 1, 1]


def told_of_chance():
    rng = np.random.default_rng(11)
    places = [number for number in range(12) for _ in range(40)]
    tables = [table(nights(480, rng), places, simulations=199, seed=run) for run in range(25)]
    return np.mean(
        [one["hot_from"].notna().any() or one["weekday_factor"].ne(1).any() for one in tables]
    )


def test_chance_alone_is_seldom_told():
    assert told_of_chance() <= 0.25


def test_unadjusted_chances_would_be_told(monkeypatch):
    monkeypatch.setattr(hot_hours, "false_discovery_control", lambda p: p)
    assert told_of_chance() > 0.25


def test_weekdays_count_where_they_differ():
    rng = np.random.default_rng(7)
    moments = nights(60, rng, weekday=0, hours=(0.0, 4.0)).append(nights(30, rng, weekday=3))
    sunday = table(moments).loc[1]
    assert sunday["weekday_factor"] == pytest.approx(7 * 61 / 97)
    assert (sunday["known"], sunday["known_tonight"], sunday["scanned"]) == (90, 60, 60)
    assert sunday["hot_until"] == SUNDAY + pd.Timedelta(hours=4)
    # The hours of Sundays are none of a Wednesday's.
    later = pd.Timedelta(days=3)
    wednesday = table(moments, starts_at=SUNDAY + later, ends_at=NIGHT["ends_at"] + later).loc[1]
    assert wednesday["weekday_factor"] == pytest.approx(7 * 31 / 97)
    assert pd.isna(wednesday["hot_from"])


def test_few_incidents_tell_nothing_of_weekdays():
    rng = np.random.default_rng(8)
    row = table(nights(34, rng, weekday=0)).loc[1]
    assert pd.isna(row["weekday_p"])
    assert row["weekday_factor"] == 1


def test_what_police_discovered_and_windows_tell_no_hours():
    rng = np.random.default_rng(9)
    moments = nights(40, rng, hours=(0.0, 2.0))
    frame = incidents(moments, reporting=["reported"] * 20 + ["discovered"] * 20)
    reported = frame[frame["reporting"] == "reported"]
    place_of = pd.Series(1, index=reported.index)
    row = find_hot_hours(frame, place_of, **NIGHT, seed=1).loc[1]
    assert (row["incidents"], row["known"]) == (20, 20)
    with pytest.raises(LayerError, match="place_of, row 21: expected the label of a reported"):
        find_hot_hours(frame, pd.Series(1, index=frame.index), **NIGHT, seed=1)
    wide = incidents(moments, moments + pd.Timedelta(hours=5))
    assert table(wide).loc[1, "known"] == 0


@settings(max_examples=25, deadline=None)
@given(
    hours=st.lists(st.floats(0, 23.99), min_size=1, max_size=60),
    span=st.floats(1, 24),
    seed=st.integers(0, 2**32 - 1),
)
def test_factors_move_weight_and_make_none(hours, span, seed):
    moments = [SUNDAY - pd.Timedelta(days=7) + pd.Timedelta(hours=hour) for hour in hours]
    ends_at = SUNDAY + pd.Timedelta(hours=span)
    row = table(moments, ends_at=ends_at, seed=seed, simulations=19, level=0.9).loc[1]
    if pd.notna(row["hot_from"]):
        part = (row["hot_until"] - row["hot_from"]) / (ends_at - SUNDAY)
        assert SUNDAY <= row["hot_from"] < row["hot_until"] <= ends_at
        assert row["hot_factor"] * part + row["cold_factor"] * (1 - part) == pytest.approx(1)
        assert row["hot_factor"] > 1 > row["cold_factor"] >= 0
    else:
        assert (row["hot_factor"], row["cold_factor"]) == (1, 1)


def test_no_incident_gives_no_row():
    found = table(incidents(pd.DatetimeIndex([], tz=ZONE)))
    assert found.empty
    assert {"share", "hot_from", "hot_factor"} <= set(found.columns)


def test_faulty_arguments_are_named_together():
    with pytest.raises(ParameterError) as caught:
        table([SUNDAY], ends_at=SUNDAY, level=1)
    assert "`ends_at` up to a day after `starts_at`" in str(caught.value)
    assert "`level` > 0 and < 1, got 1" in str(caught.value)
    with pytest.raises(ParameterError, match="`starts_at` with its time zone"):
        table([SUNDAY], starts_at=SUNDAY.tz_localize(None))
