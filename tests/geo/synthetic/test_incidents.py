from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.spatial import cKDTree
from scipy.stats import chisquare

from geo.errors import ParameterError
from geo.layers import check_layer
from geo.synthetic.frontage import width_m
from geo.synthetic.incident_rates import HOURLY, hourly_rates
from geo.synthetic.incidents import LOCAL, IncidentParams, draw_incidents
from tests.geo.synthetic.conftest import places_of, streets_of

FIRST, LAST = date(2024, 9, 1), date(2026, 8, 31)
# Half a week past one week: Sundays count with the share that any other day has.
NEAR_M, SOON_DAYS = 60.0, 10.5


def draw(town, seed=0, first=FIRST, last=LAST, **changes):
    params = replace(IncidentParams(), **changes)
    rng = np.random.default_rng(seed)
    return draw_incidents(*town, first_day=first, last_day=last, params=params, rng=rng)


def local(incidents):
    return incidents["occurred_at"].dt.tz_convert(LOCAL)


def knox_z(incidents, permutations=199):
    """Score near and soon pairs against the same places with shuffled times (Knox 1964)."""
    xy = shapely.get_coordinates(incidents.geometry)
    since = incidents["occurred_at"] - pd.Timestamp(FIRST, tz=LOCAL)
    days = (since / pd.Timedelta("1D")).to_numpy()
    first, second = cKDTree(xy).query_pairs(NEAR_M, output_type="ndarray").T
    rng = np.random.default_rng(7)

    def count(times):
        return int((np.abs(times[first] - times[second]) <= SOON_DAYS).sum())

    shuffled = np.array([count(rng.permutation(days)) for _ in range(permutations)])
    return (count(days) - shuffled.mean()) / shuffled.std()


@pytest.fixture(scope="module")
def incidents(layers):
    return layers["incidents"]


def test_two_years_hold_about_two_thousand_incidents(incidents):
    assert 1_500 <= len(incidents) <= 2_500
    assert local(incidents).min() >= pd.Timestamp(FIRST, tz=LOCAL)
    assert local(incidents).max() < pd.Timestamp(LAST, tz=LOCAL) + pd.Timedelta(days=1)
    assert incidents["occurred_at"].is_monotonic_increasing
    assert incidents["synthetic"].all()
    check_layer(incidents, "incidents", source="synthetic")


def test_incidents_lie_on_streets_and_in_no_building(incidents, layers, old_town):
    streets, boundary, _ = old_town
    surface = shapely.union_all(shapely.buffer(streets.geometry, width_m(streets) / 2 + 0.1))
    assert shapely.contains(surface, incidents.geometry).all()
    assert shapely.contains(boundary, incidents.geometry).all()
    assert not shapely.intersects(layers["buildings"].union_all(), incidents.geometry).any()


def test_near_repeats_are_there(incidents):
    assert knox_z(incidents) > 6


def test_without_excitation_there_are_none(old_town):
    # The planted fault: the test above must not pass on a process that triggers nothing.
    for seed in range(3):
        assert abs(knox_z(draw(old_town, seed, branching_ratio=0.0))) < 3.5


def test_triggering_fades_with_the_days():
    streets = streets_of(("Plain Road", "residential", 6.0, [(0, 0), (9_000, 0)]))
    town = streets, shapely.box(-50, -50, 9_050, 50), places_of()
    drawn = draw(town, per_day=6.0, branching_ratio=0.4, delay_days=8.0)
    days = (drawn["occurred_at"] - drawn["occurred_at"].iloc[0]) / pd.Timedelta("1D")
    pairs = cKDTree(shapely.get_coordinates(drawn.geometry)).query_pairs(150, output_type="ndarray")
    lag = np.abs(np.diff(days.to_numpy()[pairs], axis=1))
    within = np.histogram(lag, bins=[0, 7, 14, 21, 56])[0] / [7, 7, 7, 35]
    # Long after, only chance is left; the excess over it halves about every week.
    excess = within[:3] - within[3]
    assert excess[0] > 1.5 * excess[1] > 1.5 * 1.5 * excess[2]
    assert excess[1] > 0.3 * excess[0] / np.e


def test_the_sunday_walking_street_stands_out(incidents, old_town):
    streets, _, _ = old_town
    thalang = streets[streets["name_en"] == "Thalang Road"].union_all()
    times = local(incidents)
    evening = (incidents.distance(thalang) < 10) & times.dt.hour.between(16, 21)
    by_day = times[evening].dt.day_of_week.value_counts().reindex(range(7), fill_value=0)
    assert by_day[6] > 5 * by_day[:6].max()
    elsewhere = (incidents.distance(thalang) > 100) & times.dt.hour.between(16, 21)
    other = times[elsewhere].dt.day_of_week.value_counts()
    assert other[6] < 2 * other[:6].max()


def test_without_a_walking_street_sunday_is_a_day_like_others(old_town):
    streets, _, _ = old_town
    thalang = streets[streets["name_en"] == "Thalang Road"].union_all()
    plain = draw(old_town, walking_street_share=0.0)
    times = local(plain)
    evening = (plain.distance(thalang) < 10) & times.dt.hour.between(16, 21)
    by_day = times[evening].dt.day_of_week.value_counts().reindex(range(7), fill_value=0)
    assert by_day[6] < 3 * by_day[:6].max()


def test_hours_follow_the_table_of_the_streets():
    streets = streets_of(("Plain Road", "residential", 6.0, [(0, 0), (900, 0)]))
    plain = draw(
        (streets, shapely.box(-50, -50, 950, 50), places_of()),
        per_day=10.0,
        walking_street_share=0.0,
        branching_ratio=0.0,
    )
    exact = plain[plain["occurred_until"].isna()]
    # Categories with a window have moved starts, and their share follows day and night.
    day = local(exact).dt.hour.between(6, 21)
    counts = local(exact)[day].dt.hour.value_counts().sort_index()
    expected = hourly_rates("street").sum(axis=0)[6:22]
    assert chisquare(counts, expected / expected.sum() * counts.sum()).pvalue > 1e-3
    flat = np.full(16, counts.sum() / 16)
    assert chisquare(counts, flat).pvalue < 1e-9


def test_the_mean_number_follows_from_the_parameters():
    streets = streets_of(("Plain Road", "residential", 6.0, [(0, 0), (2_000, 0)]))
    town = streets, shapely.box(-50, -50, 2_050, 50), places_of()
    counts = [
        len(draw(town, seed, per_day=4.0, branching_ratio=0.3, walking_street_share=0.0))
        for seed in range(8)
    ]
    expected = 730 * 4.0 / (1 - 0.3)
    # A cluster process of mean m spreads by m / (1 - n)^2.
    assert np.mean(counts) == pytest.approx(expected, abs=4 * np.sqrt(expected / 0.49 / 8))


def test_incidents_gather_around_places_of_the_zone_only():
    streets = streets_of(("Plain Road", "residential", 6.0, [(0, 0), (2_000, 0)]))
    town = (
        streets,
        shapely.box(-50, -50, 1_550, 50),
        places_of(("market", 500, 20), ("market", 1_900, 20), ("police", 1_200, 20)),
    )
    drawn = draw(town, per_day=4.0, place_share=0.6, branching_ratio=0.0)
    x = drawn.geometry.x
    assert ((x > 400) & (x < 600)).mean() > 0.5
    assert ((x > 1_100) & (x < 1_300)).mean() < 0.12
    assert ((x > 1_350) & (x < 1_550)).mean() < 0.12
    hours = local(drawn[(x > 450) & (x < 550)]).dt.hour
    assert hours.between(5, 9).mean() > 2 * (np.array(HOURLY["street"])[5:10].sum() / 116)


def test_streets_differ_in_their_pull(incidents, old_town):
    streets, boundary, _ = old_town
    inside = streets[streets.within(boundary) & (streets.length > 60)]
    counts = [int((incidents.distance(line) < 6).sum()) for line in inside.geometry]
    per_metre = np.array(counts) / inside.length
    assert per_metre.std() > 0.5 * per_metre.mean()


def test_windows_span_the_unknown_time_and_only_where_it_is_unknown(incidents):
    windowed = incidents.groupby("category")["occurred_until"].apply(
        lambda ends: ends.notna().all()
    )
    assert set(windowed[windowed].index) == {"burglary", "vehicle_theft", "vandalism"}
    exact = incidents[~incidents["category"].isin(windowed[windowed].index)]
    assert exact["occurred_until"].isna().all()
    spans = (incidents["occurred_until"] - incidents["occurred_at"]).dropna() / pd.Timedelta("1h")
    assert spans.between(2, 15).all()


def test_categories_severity_and_reporting_are_mixed(incidents):
    counts = incidents["category"].value_counts()
    assert counts.index[0] == "theft"
    assert counts.min() > 10
    assert set(incidents["severity"]) == {1, 2, 3, 4, 5}
    discovered = (incidents["reporting"] == "discovered").groupby(incidents["category"]).mean()
    assert discovered["drugs"] > 0.6
    assert 0.25 < discovered["disorder"] < 0.65
    assert discovered["theft"] < 0.06


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"per_day": 0.0}, r"Expected `per_day` > 0, got 0\.0\."),
        ({"branching_ratio": 1.0}, r"Expected `branching_ratio` in \[0, 1\), got 1\.0\."),
        ({"repeat_category": -0.1}, r"Expected `repeat_category` in \[0, 1\], got -0\.1\."),
        ({"delay_days": float("nan")}, r"Expected `delay_days` > 0, got nan\."),
        ({"place_share": 0.7, "walking_street_share": 0.5}, r"<= 1, got 1\.2\."),
    ],
)
def test_parameters_out_of_range_are_refused(change, message):
    with pytest.raises(ParameterError, match=message):
        replace(IncidentParams(), **change)


def test_a_period_that_ends_before_it_begins_is_refused(old_town):
    with pytest.raises(ParameterError, match="Expected `last_day` >= 2026-08-31, got 2024-09-01"):
        draw(old_town, first=LAST, last=FIRST)
