"""What a point's visits are worth within caps: by hand, minute by minute, and beside mixtures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning._mixture_room import Opening, most_worth, room_within

HOUR_S = 3600.0
# What up to four visits are worth where one is due.
WORTH = np.cumsum([0.0, 1.0, 1 / 2, 1 / 3, 1 / 4])


def every_set(hours):
    return np.array(
        [[bool(number >> hour & 1) for hour in range(hours)] for number in range(2**hours)]
    )


def test_who_comes_in_one_of_two_hours_has_half_the_room():
    """Four visits where both hours are open, two in either; no cap forbids an hour of its own."""
    opening = Opening(0.0, 6300.0, 900.0, 1800.0)
    edges_s = HOUR_S * np.arange(3)
    assert room_within(every_set(2), opening, edges_s=edges_s).tolist() == [0, 2, 2, 4]
    for cap, expected in ((1.0, WORTH[4]), (0.75, (WORTH[4] + WORTH[2]) / 2), (0.5, WORTH[2])):
        most = most_worth(opening, WORTH, np.full(2, cap), edges_s=edges_s)
        assert most == pytest.approx(expected)


def test_a_visit_that_outlasts_an_hour_needs_both():
    opening = Opening(3000.0, 3000.0, 900.0, 1800.0)
    edges_s = HOUR_S * np.arange(3)
    assert room_within(every_set(2), opening, edges_s=edges_s).tolist() == [0, 0, 0, 1]
    assert most_worth(opening, WORTH, np.array([0.4, 1.0]), edges_s=edges_s) == pytest.approx(0.4)


def test_a_point_that_closes_before_it_opens_is_worth_nothing():
    opening = Opening(0.0, -60.0, 900.0, 1800.0)
    assert most_worth(opening, WORTH, np.ones(2), edges_s=HOUR_S * np.arange(3)) == 0.0


def test_more_hours_than_can_be_gone_through_bound_nothing():
    opening = Opening(0.0, 11 * HOUR_S, 900.0, 1800.0)
    edges_s = HOUR_S * np.arange(13)
    assert most_worth(opening, WORTH, np.ones(12), edges_s=edges_s) == np.inf
    short = opening._replace(closes_s=HOUR_S)
    assert most_worth(short, WORTH, np.ones(12), edges_s=edges_s) == pytest.approx(WORTH[3])


def room_by_minutes(hours, span, *, dwell, gap, first):
    """Return the most visits at whole minutes, the last moment first: the oracle."""
    opens, closes = span
    most = [0] * (closes + gap + 2)
    for minute in range(closes, opens - 1, -1):
        touched = range((minute - first) // 60, (minute + dwell - 1 - first) // 60 + 1)
        fits = all(hour < len(hours) and hours[hour] for hour in touched)
        most[minute] = max(most[minute + 1], 1 + most[minute + gap] if fits else 0)
    return most[opens]


@settings(max_examples=60)
@given(
    hours=st.lists(st.booleans(), min_size=1, max_size=5),
    span=st.tuples(st.integers(0, 200), st.integers(0, 250)).map(lambda one: (one[0], sum(one))),
    dwell=st.integers(1, 90),
    gap=st.integers(1, 90),
    first=st.integers(-59, 0),
)
def test_room_is_that_found_minute_by_minute(hours, span, dwell, gap, first):
    edges_s = 60.0 * (first + 60 * np.arange(len(hours) + 1))
    opening = Opening(60.0 * span[0], 60.0 * span[1], 60.0 * dwell, 60.0 * gap)
    (made,) = room_within(np.array([hours]), opening, edges_s=edges_s)
    assert made == room_by_minutes(hours, span, dwell=dwell, gap=gap, first=first)


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_no_mixture_is_worth_more(seed):
    """Shares of random sets of hours, each as often visited as there is room for."""
    rng = np.random.default_rng(seed)
    edges_s = HOUR_S * np.arange(5) - rng.uniform(0, HOUR_S)
    opens_s = rng.uniform(0, 5000)
    opening = Opening(opens_s, opens_s + rng.uniform(0, 9000), rng.uniform(60, 2000), 1800.0)
    sets = every_set(4)
    share = rng.dirichlet(np.full(len(sets), 0.2))
    made = np.minimum(room_within(sets, opening, edges_s=edges_s), 4)
    most = most_worth(opening, WORTH, share @ sets, edges_s=edges_s)
    assert share @ WORTH[made] <= most + 1e-6
