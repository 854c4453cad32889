"""Forecasts of hotspots: recent incidents count more where they foretell, later ones never."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from analytics import hotspot_forecast
from analytics.hotspot_forecast import forecast_factors
from analytics.hotspots import find_hotspots
from geo.errors import ParameterError

NIGHT = pd.Timestamp("2026-03-01T11:00Z")
TONIGHT = {"starts_at": NIGHT, "ends_at": NIGHT + pd.Timedelta(hours=8)}
STREETS = gpd.GeoDataFrame(
    {"name_th": "", "name_en": ["West", "East"]},
    geometry=[LineString([(0, 0), (400, 0)]), LineString([(400, 0), (800, 0)])],
    crs="EPSG:32647",
)


def incidents(x, days_ago, **columns):
    rng = np.random.default_rng(1)
    spots = [Point(at + rng.normal(0, 10), rng.normal(0, 3)) for at in x]
    moments = NIGHT - pd.to_timedelta(days_ago, unit="D")
    return gpd.GeoDataFrame({"occurred_at": moments, **columns}, geometry=spots, crs=STREETS.crs)


def old_and_new(seed=1):
    """A hotspot in the west that cools down after a year, and one in the east that warms up."""
    rng = np.random.default_rng(seed)
    west = rng.uniform(200, 700, 160), np.full(160, 100.0)
    east = rng.uniform(1, 300, 140), np.full(140, 700.0)
    return incidents(np.concatenate([west[1], east[1]]), np.concatenate([west[0], east[0]]))


def spots_of(frame):
    return find_hotspots(STREETS, frame, bandwidth_m=30.0, count=2)


def test_a_hotspot_that_warms_up_counts_more():
    frame = old_and_new()
    spots = spots_of(frame)
    factors = forecast_factors(spots, frame, **TONIGHT)
    by_street = dict(zip(spots.table["name_en"], factors, strict=True))
    assert by_street["East"] > 1 > by_street["West"]
    counts = spots.table["incidents"].to_numpy()
    assert np.average(factors, weights=counts) == pytest.approx(1)


def test_hotspots_alike_at_all_times_keep_their_weights():
    rng = np.random.default_rng(3)
    frame = incidents(rng.choice([100.0, 700.0], 400), rng.uniform(1, 700, 400))
    assert forecast_factors(spots_of(frame), frame, **TONIGHT).to_numpy() == pytest.approx(
        1, abs=0.12
    )


def test_later_and_discovered_incidents_are_not_read():
    frame = old_and_new()
    spots = spots_of(frame)
    later = incidents([700.0] * 50, np.full(50, -0.1), reporting="reported")
    found = incidents([100.0] * 50, np.full(50, 3.0), reporting="discovered")
    every = pd.concat([frame.assign(reporting="reported"), later, found], ignore_index=True)
    pd.testing.assert_series_equal(
        forecast_factors(spots, every, **TONIGHT), forecast_factors(spots, frame, **TONIGHT)
    )


def test_a_record_that_ended_long_ago_is_trusted_less_for_its_last_weeks(monkeypatch):
    asked = []

    def spy(known, cells, *, origin, horizon):
        asked.append((origin, origin + horizon))
        return pd.Series(1.0, index=cells.index)

    monkeypatch.setattr(hotspot_forecast, "forecast_risk", spy)
    frame = old_and_new()
    late = NIGHT + pd.Timedelta(days=90)
    forecast_factors(spots_of(frame), frame, starts_at=late, ends_at=late + pd.Timedelta(hours=8))
    ((origin, end),) = asked
    assert abs(origin - NIGHT) < pd.Timedelta(days=5)
    assert end == late + pd.Timedelta(hours=8)


def test_too_few_incidents_change_nothing():
    frame = old_and_new()
    few = frame.iloc[::20]
    assert forecast_factors(spots_of(frame), few, **TONIGHT).tolist() == [1.0, 1.0]
    none = spots_of(frame.iloc[:0])
    assert forecast_factors(none, frame, **TONIGHT).empty


def test_a_night_without_length_is_refused():
    frame = old_and_new()
    with pytest.raises(ParameterError, match="Expected `starts_at` < `ends_at`"):
        forecast_factors(spots_of(frame), frame, starts_at=NIGHT, ends_at=NIGHT)
