"""Periods: how they are read, and which features fall into them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ogc.times import TIME_PROPERTIES, Period, read_period
from geo.layers import CONTRACTS

INSTANTS = st.integers(-2_000_000_000, 13_000_000_000).map(
    lambda seconds: dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00", "2026-03-01T12:00:00"),
        ("2026-03-01T12:00:00+07:00", "2026-03-01T05:00:00", "2026-03-01T05:00:00"),
        ("2026-03-01", "2026-03-01T00:00:00", "2026-03-01T23:59:59.999999"),
        ("2026-03-01/2026-03-02", "2026-03-01T00:00:00", "2026-03-02T23:59:59.999999"),
    ],
)
def test_a_period_is_read(text, start, end):
    period = read_period(text)
    assert period.start == dt.datetime.fromisoformat(start).replace(tzinfo=dt.UTC)
    assert period.end == dt.datetime.fromisoformat(end).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text", ["", "/", "../..", "..", "x", "9999-99-99", "2026-03-02/2026-03-01"]
)
def test_what_is_no_period_is_none(text):
    assert read_period(text) is None


def test_the_last_day_of_all_has_an_end():
    assert read_period("9999-12-31").end.year == 9999


@given(INSTANTS, INSTANTS, INSTANTS, INSTANTS)
def test_a_feature_is_met_where_some_instant_is_in_both(one, two, three, four):
    asked, there = sorted((one, two)), sorted((three, four))
    period = read_period("/".join(instant.isoformat() for instant in asked))
    first, last = TIME_PROPERTIES["patrol_tours"]
    told = {first: there[0].isoformat(), last: there[1].isoformat()}
    edges = [*asked, *there]
    shared = any(asked[0] <= edge <= asked[1] and there[0] <= edge <= there[1] for edge in edges)
    assert period.meets("patrol_tours", told) is shared


def test_a_feature_without_time_or_end_is_met_too():
    period = Period(*(dt.datetime(2026, 3, day, tzinfo=dt.UTC) for day in (1, 2)))
    assert period.meets("incidents", {})
    assert period.meets("incidents", {"occurred_at": None})
    assert period.meets("incidents", {"occurred_at": "2026-03-01T12:00:00Z"})
    assert not period.meets("incidents", {"occurred_at": "2026-03-03T12:00:00Z"})


def test_the_properties_are_those_of_the_contract():
    columns = {column.name: column.kind for column in CONTRACTS["incidents"].columns}
    assert [columns[name] for name in TIME_PROPERTIES["incidents"]] == ["instant", "instant"]
