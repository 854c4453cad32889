"""The total of the stacked intensity where records are very old, against many more digits."""

from decimal import Context, Decimal, localcontext

import numpy as np
import pandas as pd
import pytest

from analytics import _forecast_input as module
from analytics import _forecast_stack as stack
from analytics.forecast import forecast_risk
from tests.analytics.forecast_cases import ORIGIN, WEEK, scattered, squares


def log_rates(ages, starts, *, memory_days):
    """Return the log of the rate at each start, to many digits."""
    with localcontext(Context(prec=30)):
        told = []
        decay = Decimal(2).ln() / Decimal(memory_days)
        span = Decimal(ages[0]) * (1 + 1 / Decimal(len(ages)))
        for start in starts:
            known = [Decimal(age) - start for age in ages if age > start]
            held = sum((-decay * age).exp() for age in known)
            told.append(float((held * decay / (1 - (-decay * (span - start)).exp())).ln()))
        return np.array(told)


@pytest.mark.parametrize("memory_days", [40.0, 120.0, 365.0])
def test_rates_of_very_old_records_are_exact(memory_days):
    placeholders = [45_960.0] * 30
    for ages in (placeholders, [*placeholders, 31.0, 3.5], [90.0, 8.0, 7.5]):
        past = module.Past(np.zeros((len(ages), 2)), np.array(ages))
        found = [stack._log_rate(past, start, memory_days) for start in (0, 7)]
        assert found == pytest.approx(log_rates(ages, (0, 7), memory_days=memory_days))


def undated():
    """Return incidents of which no day is known, under the day that such records often bear."""
    return scattered(50).assign(occurred_at=pd.Timestamp("1900-01-01", tz="UTC"))


@pytest.mark.parametrize("placeholders", [0, 30])
def test_the_total_is_of_the_memory_that_foretold_best(placeholders):
    ages = [45_960.0] * placeholders + np.linspace(149.9, 0.3, 40).tolist()
    past = module.Past(np.zeros((len(ages), 2)), np.array(ages))
    starts = [7 * week for week in range(1, 105) if sum(age > 7 * week for age in ages) >= 20]
    counts = np.array([sum(start - 7 < age <= start for age in ages) for start in starts])
    totals, scores = [], []
    for days in (40, 120, 365):
        log_mean = np.log(7) + log_rates(ages, (0, *starts), memory_days=days)
        totals.append(np.exp(log_mean[0]))
        scores.append((counts * log_mean[1:] - np.exp(log_mean[1:])).sum())
    span = past.span_days
    means = np.array([7 * sum(a > at for a in ages) / (span - at) for at in (0, *starts)])
    totals.append(means[0])
    scores.append((counts * np.log(means[1:]) - means[1:]).sum())
    assert stack.expected_total(past, 7.0) == pytest.approx(totals[int(np.argmax(scores))])


@pytest.mark.parametrize("year", ["2026", "2200"])
def test_records_of_long_ago_alone_foretell_next_to_nothing(year):
    origin = pd.Timestamp(f"{year}-01-01", tz="UTC")
    risk = forecast_risk(undated(), squares(), origin=origin, horizon=WEEK)
    assert (risk >= 0).all()
    assert risk.sum() < 1e-9


def test_rates_that_become_nothing_are_caught(monkeypatch):
    exact = stack._log_rate
    monkeypatch.setattr(stack, "_log_rate", lambda *of: np.log(np.exp(exact(*of))))
    with pytest.raises(RuntimeWarning, match="divide by zero encountered in log"):
        forecast_risk(undated(), squares(), origin=ORIGIN, horizon=WEEK)
