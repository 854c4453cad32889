"""Profiles by weekday and hour against a count minute by minute and the calendar."""

from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from analytics import time_profiles
from analytics.time_profiles import weekday_hour_profile
from geo.errors import LayerError, ParameterError
from geo.zone import Zone


def incident_frame(rows, **columns):
    """Return incidents from pairs of ISO start and end, or None."""
    return gpd.GeoDataFrame(
        {
            "occurred_at": pd.to_datetime([start for start, _ in rows], utc=True),
            "occurred_until": pd.to_datetime([end for _, end in rows], utc=True),
        }
        | columns,
        geometry=[Point(0, 0)] * len(rows),
        crs="EPSG:32647",
    )


def minute_by_minute(incidents, timezone):
    """Count each minute of each window by the standard library's clock."""
    cells = np.zeros((7, 24))
    for row in incidents.itertuples():
        start = row.occurred_at.to_pydatetime()
        length = 0 if pd.isna(row.occurred_until) else row.occurred_until - row.occurred_at
        minutes = int(length / pd.Timedelta(minutes=1)) if length else 0
        for minute in range(max(minutes, 1)):
            local = (start + pd.Timedelta(minutes=minute)).astimezone(ZoneInfo(timezone))
            cells[local.weekday(), local.hour] += 1 / max(minutes, 1)
    return cells


def test_an_instant_counts_in_its_own_hour_of_the_zone():
    # A Friday evening in Phuket is still Friday afternoon in UTC; a late one began a Saturday.
    incidents = incident_frame([("2026-05-01T13:59:59", None), ("2026-05-01T17:00:00", None)])
    profile = weekday_hour_profile(incidents, timezone="Asia/Bangkok")
    assert profile.loc[4, 20] == 1
    assert profile.loc[5, 0] == 1
    assert profile.to_numpy().sum() == 2


def test_a_window_counts_with_the_part_of_it_that_each_hour_holds():
    # 22:30 to 01:00 on the night from Monday to Tuesday: 30, 60 and 60 minutes of 150.
    incidents = incident_frame([("2026-05-04T15:30", "2026-05-04T18:00")])
    profile = weekday_hour_profile(incidents, timezone="Asia/Bangkok")
    assert profile.loc[0, [22, 23]].to_numpy() == pytest.approx([0.2, 0.4])
    assert profile.loc[1, 0] == pytest.approx(0.4)
    assert profile.loc[1, 1] == 0


@pytest.mark.parametrize(
    ("timezone", "start", "cells"),
    [
        # The clock skips 02:00 to 03:00: nothing can have happened then.
        ("Europe/Berlin", "2026-03-29T00:00", {1: 1 / 3, 2: 0, 3: 1 / 3, 4: 1 / 3}),
        # It runs twice through 02:00 to 03:00.
        ("Europe/Berlin", "2026-10-24T23:00", {1: 1 / 3, 2: 2 / 3, 3: 0}),
        # Here it goes back by half an hour, from 02:00 to 01:30.
        ("Australia/Lord_Howe", "2026-04-04T14:00", {1: 1.5 / 3, 2: 1 / 3, 3: 0.5 / 3}),
        ("Asia/Kathmandu", "2026-04-04T18:15", {0: 1 / 3, 1: 1 / 3, 2: 1 / 3}),
    ],
)
def test_hours_that_the_clock_skips_or_repeats(timezone, start, cells):
    end = pd.Timestamp(start) + pd.Timedelta(hours=3)
    profile = weekday_hour_profile(incident_frame([(start, end)]), timezone=timezone)
    assert profile.loc[6, list(cells)].to_numpy() == pytest.approx(list(cells.values()))


def test_windows_of_weeks_fill_the_week_evenly():
    weeks = incident_frame([("2026-01-03T04:20", "2026-01-24T04:20")])
    profile = weekday_hour_profile(weeks, timezone="Asia/Bangkok")
    assert profile.to_numpy() == pytest.approx(np.full((7, 24), 1 / 168))
    nine_days = incident_frame([("2026-01-04T17:00", "2026-01-13T17:00")])
    by_day = weekday_hour_profile(nine_days, timezone="Asia/Bangkok").sum(axis=1)
    assert by_day.to_numpy() == pytest.approx(np.array([2, 2, 1, 1, 1, 1, 1]) / 9)


def some_incidents(seed, count=40):
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2026-03-20", tz="UTC") + pd.to_timedelta(
        rng.integers(0, 20_000, count), unit="min"
    )
    length = pd.to_timedelta(rng.integers(0, 3000, count) * rng.integers(0, 2, count), unit="min")
    rows = list(zip(start, (start + length).where(length > pd.Timedelta(0)), strict=True))
    return incident_frame(rows)


@pytest.mark.parametrize("timezone", ["Asia/Bangkok", "Europe/Berlin", "Asia/Kathmandu"])
def test_equals_a_count_minute_by_minute(timezone):
    incidents = some_incidents(3)
    profile = weekday_hour_profile(incidents, timezone=timezone)
    assert profile.to_numpy() == pytest.approx(minute_by_minute(incidents, timezone), abs=1e-9)


def test_the_count_by_minutes_catches_an_hour_by_utc(monkeypatch):
    incidents = some_incidents(3)
    monkeypatch.setattr(
        time_profiles, "_cell", lambda instant, _zone: (instant // 3_600_000_000 + 72) % 168
    )
    profile = weekday_hour_profile(incidents, timezone="Asia/Bangkok")
    assert np.abs(profile - minute_by_minute(incidents, "Asia/Bangkok")).to_numpy().max() > 0.5
    utc = minute_by_minute(incidents, "UTC")
    assert profile.to_numpy() == pytest.approx(utc, abs=1e-9)


def test_the_zone_of_the_project_loses_no_incident(root):
    zone = Zone.load(root / "data" / "old_town")
    profile = weekday_hour_profile(zone.incidents, timezone=zone.timezone)
    assert profile.shape == (7, 24)
    count = (zone.incidents["reporting"] == "reported").sum()
    assert profile.to_numpy().sum() == pytest.approx(count, abs=1e-9)


def test_discovered_incidents_do_not_count():
    rows = [("2026-05-01T13:00", None), ("2026-05-02T13:00", None)]
    incidents = incident_frame(rows, reporting=["discovered", "reported"])
    profile = weekday_hour_profile(incidents, timezone="Asia/Bangkok")
    assert profile.to_numpy().sum() == profile.loc[5, 20] == 1


@pytest.mark.parametrize("columns", [[], ["occurred_at"], ["occurred_at", "occurred_until"]])
def test_no_incidents_give_an_empty_week(columns):
    none = incident_frame([])[[*columns, "geometry"]]
    profile = weekday_hour_profile(none, timezone="Asia/Bangkok")
    assert profile.shape == (7, 24)
    assert not profile.any(axis=None)


def test_every_row_with_a_wrong_time_is_named():
    incidents = incident_frame(
        [
            ("2026-05-01T13:00", "2026-05-01T12:00"),
            (None, None),
            ("2026-05-01T13:00", None),
            ("2027-01-01T00:00", None),
        ]
    )
    as_of = pd.Timestamp("2026-06-01", tz="UTC")
    with pytest.raises(LayerError) as caught:
        weekday_hour_profile(incidents, timezone="Asia/Bangkok", as_of=as_of)
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        (1, "occurred_until"),
        (2, "occurred_at"),
        (4, "occurred_at"),
    ]
    assert "expected an instant up to 2026-06-01" in str(caught.value)


@pytest.mark.parametrize("name", ["occurred_at", "occurred_until"])
def test_times_without_zone_are_refused(name):
    incidents = incident_frame([("2026-05-01T13:00", "2026-05-01T14:00")])
    incidents[name] = incidents[name].dt.tz_localize(None)
    with pytest.raises(LayerError, match=f"`{name}`: expected instants with their time zone"):
        weekday_hour_profile(incidents, timezone="Asia/Bangkok")


def test_incidents_without_the_column_are_refused():
    incidents = incident_frame([("2026-05-01T13:00", None)]).drop(columns="occurred_at")
    with pytest.raises(LayerError, match="`occurred_at`: expected the column"):
        weekday_hour_profile(incidents, timezone="Asia/Bangkok")


@pytest.mark.parametrize("timezone", ["Asia/Atlantis", "", "../etc"])
def test_an_unknown_time_zone_is_refused(timezone):
    with pytest.raises(ParameterError, match="Expected `timezone`"):
        weekday_hour_profile(incident_frame([]), timezone=timezone)


def test_an_instant_without_zone_is_refused():
    with pytest.raises(ParameterError, match="Expected `as_of` with its time zone"):
        weekday_hour_profile(
            incident_frame([]), timezone="Asia/Bangkok", as_of=pd.Timestamp("2026-01-01")
        )
