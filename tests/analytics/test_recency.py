"""Weights of past events against powers of one half."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from analytics.recency import recency_weights
from geo.errors import LayerError, ParameterError

INSTANT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def times(*texts, tz="UTC"):
    return pd.Series(pd.to_datetime(list(texts)).tz_localize(tz), index=range(5, 5 + len(texts)))


def test_each_half_life_halves_and_what_comes_later_counts_nothing():
    happened = times("2026-03-01 12:00", "2026-02-19 12:00", "2026-01-30 12:00", "2026-03-01 12:01")
    found = recency_weights(happened, instant=INSTANT, half_life_days=10)
    assert found.index.equals(happened.index)
    assert found.tolist() == pytest.approx([1, 1 / 2, 1 / 8, 0])


def test_time_zones_are_told_apart():
    here = times("2026-03-01 19:00", tz="Asia/Bangkok")
    assert recency_weights(here, instant=INSTANT, half_life_days=1e-3).tolist() == [1]


def test_very_old_events_weigh_nothing_and_no_events_are_no_weights():
    found = recency_weights(times("1950-01-01"), instant=INSTANT, half_life_days=0.01)
    assert found.tolist() == [0]
    assert recency_weights(times(), instant=INSTANT, half_life_days=5).empty


def test_every_event_without_a_time_is_named():
    happened = pd.concat([times("2026-01-01"), times("NaT", "2026-01-02", "NaT")])
    with pytest.raises(LayerError) as raised:
        recency_weights(happened, instant=INSTANT, half_life_days=5)
    assert [fault.row for fault in raised.value.faults] == [2, 4]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"half_life_days": 0}, "Expected `half_life_days` > 0, got 0"),
        ({"half_life_days": float("nan")}, "Expected `half_life_days` > 0"),
        ({"instant": datetime(2026, 1, 1)}, "Expected `instant` with a time zone"),  # noqa: DTZ001
        ({"occurred_at": pd.Series(pd.to_datetime(["2026-01-01"]))}, "Expected `occurred_at` as"),
        ({"occurred_at": pd.Series(["yesterday"])}, "Expected `occurred_at` as times"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    arguments = {"occurred_at": times("2026-01-01"), "instant": INSTANT, "half_life_days": 5}
    with pytest.raises(ParameterError, match=message):
        recency_weights(**(arguments | changed))
