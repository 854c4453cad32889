"""Shares of plans against enumeration, and their prices against what they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import _mixture_master
from planning._mixture_master import Caps, Column, share_out


def column(value, present, missed=()):
    return Column(value, np.array(present, dtype=bool), np.array(missed, dtype=bool))


@st.composite
def some_columns(draw):
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    count, rows, streets = draw(st.integers(1, 7)), draw(st.integers(0, 6)), draw(st.integers(0, 4))
    return [
        column(rng.uniform(1, 10), rng.random(rows) < 0.6, rng.random(streets) < 0.4)
        for _ in range(count)
    ]


def excess(columns, probability, caps):
    """Return the sum of the largest excess of either kind."""
    parts = []
    for name in caps._fields:
        flags = np.array([getattr(one, name) for one in columns], dtype=float)
        parts.append(max(0.0, (probability @ flags).max(initial=0.0) - getattr(caps, name)))
    return sum(parts)


def test_two_plans_take_turns():
    """One plan is better and always at the stop; three nights in four are all that it gets."""
    columns = [column(10, [True]), column(6, [False])]
    shares = share_out(columns, Caps(0.75, 0.75))
    assert shares.probability == pytest.approx([0.75, 0.25])
    assert shares.value == pytest.approx(9.0)
    assert shares.price_present == pytest.approx([4.0])
    assert shares.worth == pytest.approx(6.0)
    assert shares.excess == 0
    assert shares.gain(column(8, [False])) == pytest.approx(2.0)
    assert shares.gain(column(9.9, [True])) == pytest.approx(-0.1)


def test_what_no_shares_can_keep_is_exceeded_by_the_least():
    columns = [column(10, [True, True]), column(1, [True, False]), column(1, [False, True])]
    shares = share_out(columns, Caps(0.4, 0.75))
    assert shares.probability == pytest.approx([0.0, 0.5, 0.5])
    assert shares.excess == pytest.approx(0.1)
    assert shares.gain(column(0.5, [False, False])) > 0


@settings(max_examples=60)
@given(some_columns(), st.sampled_from([0.3, 0.5, 0.75, 1.0]))
def test_no_shares_on_a_grid_are_better(columns, cap):
    """By enumeration of all shares in steps of a sixth, for up to four columns."""
    caps = Caps(cap, 0.75)
    shares = share_out(columns, caps)
    assert shares.probability.sum() == pytest.approx(1.0)
    assert (shares.probability >= 0).all()
    assert shares.excess == pytest.approx(excess(columns, shares.probability, caps), abs=1e-6)
    value = np.array([one.value for one in columns])
    assert shares.value == pytest.approx(float(value @ shares.probability))
    few = len(columns[:4])
    grid = np.stack(np.meshgrid(*[np.arange(7)] * few), axis=-1).reshape(-1, few)
    for steps in grid[grid.sum(axis=1) == 6]:
        probability = np.append(steps / 6, np.zeros(len(columns) - few))
        other = excess(columns, probability, caps)
        assert other >= shares.excess - 1e-6
        if other <= 1e-9:
            assert value @ probability <= shares.value + 1e-6


@settings(max_examples=60)
@given(some_columns(), some_columns())
def test_only_a_column_with_gain_helps(columns, more):
    """The promise of prices: a plan without gain leaves the value as it is."""
    caps = Caps(0.6, 0.75)
    shares = share_out(columns, caps)
    other = more[0]._replace(
        present=np.resize(np.append(more[0].present, [True]), len(columns[0].present)),
        missed=np.resize(np.append(more[0].missed, [False]), len(columns[0].missed)),
    )
    assert max(shares.gain(one) for one in columns) == pytest.approx(0.0, abs=1e-6)
    largest = max(one.value for one in columns)
    better = share_out([*columns, other], caps)
    if shares.gain(other) <= 0 and other.value <= largest:
        before, after = (one.value - 100 * largest * one.excess for one in (shares, better))
        assert after == pytest.approx(before, abs=1e-4)


def test_a_planted_fault_is_caught(monkeypatch):
    """Were excess cheap, the better plan would be drawn every night."""
    monkeypatch.setattr(_mixture_master, "_EXCESS", 1e-3)
    with pytest.raises(AssertionError):
        test_two_plans_take_turns()
