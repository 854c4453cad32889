import numpy as np
import pytest

from geo.layers import CONTRACTS
from geo.synthetic.incident_rates import (
    CATEGORIES,
    HOURLY,
    PLACES,
    SETTINGS,
    SUNDAY,
    WALKING_STREET_HOURS,
    WEEKLY,
    category_shares,
    hourly_rates,
    season,
)


@pytest.mark.parametrize("setting", SETTINGS)
def test_rates_of_a_week_have_mean_one(setting):
    rates = hourly_rates(setting)
    assert rates.shape == (7, 24)
    assert rates.mean() == pytest.approx(1)
    assert (rates >= 0).all()
    assert len(HOURLY[setting]) == 24
    assert len(WEEKLY[setting]) == 7


def test_the_walking_street_is_on_sunday_from_16_to_22():
    rates = hourly_rates("walking_street")
    first, last = WALKING_STREET_HOURS
    assert (rates[SUNDAY, first:last] > 0).all()
    assert rates.sum() == pytest.approx(rates[SUNDAY, first:last].sum())


def test_streets_are_busiest_in_the_evening_and_quietest_before_dawn():
    by_hour = hourly_rates("street").mean(axis=0)
    assert 18 <= by_hour.argmax() <= 22
    assert 3 <= by_hour.argmin() <= 6


def test_the_season_is_mild_and_averages_to_one():
    factors = season(np.arange(1, 366))
    assert factors.mean() == pytest.approx(1, abs=1e-3)
    assert 1.1 < factors.max() < 1.2
    assert factors.argmax() == 14


def test_category_shares_sum_to_one_by_day_and_by_night():
    shares = category_shares()
    assert shares.shape == (len(SETTINGS), 2, len(CATEGORIES))
    assert shares.sum(axis=2) == pytest.approx(1)
    burglary = list(CATEGORIES).index("burglary")
    street = SETTINGS.index("street")
    assert shares[street, 1, burglary] > 1.5 * shares[street, 0, burglary]


def test_every_word_of_the_tables_is_one_the_layers_know():
    kinds = next(column for column in CONTRACTS["places"].columns if column.name == "kind")
    assert set(PLACES) <= set(kinds.choices)
    assert {setting for setting, _ in PLACES.values()} <= set(SETTINGS)
    for entry in CATEGORIES.values():
        assert set(entry.shares) <= set(SETTINGS)


def test_no_category_is_a_check_or_an_arrest():
    category = next(col for col in CONTRACTS["incidents"].columns if col.name == "category")
    assert category.refuse is not None
    assert [name for name in CATEGORIES if category.refuse(name)] == []
    assert category.refuse("id check") is not None
