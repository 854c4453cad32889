"""Hours in which plans hold back: in turns, and cut out of windows exactly."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import _mixture_quiet
from planning._mixture_quiet import Quiet, hold_back, plans_for, turns

EDGES_S = 3600.0 * np.arange(7) - 1200.0
GAP_S = 1800.0


def visits(*rows):
    return pd.DataFrame(rows, columns=["point", "earliest_s", "latest_s", "weight"])


def quiet(closed=(), price=None, prize=0.0):
    flags = np.zeros((1, 6), dtype=bool)
    flags[0, list(closed)] = True
    costs = np.zeros((1, 6))
    for hour, cost in (price or {}).items():
        costs[0, hour] = cost
    return Quiet(flags, costs, EDGES_S, np.array([prize]))


def cut(offered, rules, *, dwell_s=900.0, taken=(), once=False):
    flags = np.zeros((1, 6), dtype=bool)
    flags[0, list(taken)] = True
    return hold_back(
        offered,
        rules,
        dwell_s=np.array([dwell_s]),
        taken=flags,
        least_gap_s=GAP_S,
        once=once,
    )


def windows_of(frame):
    return list(frame[["earliest_s", "latest_s", "weight"]].itertuples(index=False, name=None))


def test_a_closed_hour_is_cut_out_with_the_visits_that_would_reach_into_it():
    kept = cut(visits((0, 0.0, 20_000.0, 5.0)), quiet(closed=[2]))
    assert windows_of(kept) == [(9600.0, 20_000.0, 5.0), (0.0, 5100.0, 5.0)]


def test_a_due_visit_keeps_its_best_piece():
    kept = cut(visits((0, 0.0, 20_000.0, 5.0)), quiet(closed=[4], price={0: 1.0}), once=True)
    assert windows_of(kept) == [(2400.0, 12_300.0, 5.0)]


def test_an_hour_somebody_comes_in_anyway_costs_nothing():
    offered = visits((0, 0.0, 2000.0, 5.0))
    assert windows_of(cut(offered, quiet(price={0: 2.0}))) == [(0.0, 2000.0, 3.0)]
    assert windows_of(cut(offered, quiet(price={0: 2.0}), taken=[0])) == [(0.0, 2000.0, 5.0)]
    assert windows_of(cut(offered, quiet(price={0: 5.0, 1: 1.0}))) == []


def test_a_prize_is_worth_a_visit_that_weighs_nothing():
    offered = visits((0, 0.0, 2000.0, 0.0))
    assert windows_of(cut(offered, quiet())) == []
    assert windows_of(cut(offered, quiet(prize=0.5))) == [(0.0, 2000.0, 0.5)]


def cost_of(begin_s, dwell_s, rules, taken):
    """Walk the visit through in small steps; return what its hours cost."""
    seconds = begin_s + np.arange(0.5, dwell_s, 5.0)
    hours = {int(np.floor((second + 1200.0) / 3600.0)) for second in seconds}
    return sum(
        np.inf if rules.closed[0, hour] else rules.price[0, hour] for hour in hours - set(taken)
    )


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.booleans())
def test_every_visit_that_is_left_costs_what_it_says(seed, once):
    rng = np.random.default_rng(seed)
    closed = np.flatnonzero(rng.random(6) < 0.3)
    taken = np.flatnonzero(rng.random(6) < 0.3).tolist()
    price = {hour: float(rng.integers(0, 4)) for hour in range(6) if rng.random() < 0.4}
    rules = quiet(closed=closed, price=price)
    dwell_s = float(rng.integers(5, 40) * 60)
    opens_s = float(rng.integers(0, 9000))
    offered = visits((0, opens_s, opens_s + float(rng.integers(0, 9000)), 3.0))
    kept = windows_of(cut(offered, rules, dwell_s=dwell_s, taken=taken, once=once))
    assert len(kept) <= 1 or not once
    for first, last, weight in kept:
        assert opens_s <= first <= last <= offered["latest_s"][0]
        for begin_s in np.linspace(first, last, 9)[1:-1]:
            assert weight <= 3.0 - cost_of(begin_s, dwell_s, rules, taken) + 1e-9
    for (first, last, _), (other_first, other_last, _) in combinations(kept, 2):
        assert other_first - last >= GAP_S - 1e-6 or first - other_last >= GAP_S - 1e-6
    if once and kept:
        grid = np.arange(opens_s, offered["latest_s"][0], 60.0)
        free = [begin for begin in grid if cost_of(begin, dwell_s, rules, taken) == 0]
        # A run of cheaper beginnings, five minutes and more of them, would have been taken.
        if len(free) > 6 and np.allclose(np.diff(free), 60.0):
            assert kept[0][2] == pytest.approx(3.0)


@given(st.integers(0, 1000), st.integers(2, 8))
def test_every_hour_rests_as_often_as_it_must(seed, plans):
    rng = np.random.default_rng(seed)
    rate = rng.choice([0.0, 0.1, 0.25, 0.5], size=(5, 9))
    closed = np.array(turns(rate, plans=plans, rng=rng))
    assert (closed.sum(axis=0) == np.ceil(rate * plans)).all()


def test_points_rest_in_turns():
    """A quarter of eight hours: two in every plan."""
    closed = turns(np.full((4, 8), 0.25), plans=4, rng=np.random.default_rng(0))
    assert [flags.sum(axis=1).tolist() for flags in closed] == [[2] * 4] * 4


def test_as_many_plans_as_share_the_rest_out_exactly():
    assert [plans_for(rate, most=8) for rate in (0.0, 0.25, 0.5, 0.4, 0.2)] == [2, 4, 2, 5, 5]


def test_a_planted_fault_is_caught(monkeypatch):
    """Were only the beginning of a visit to keep clear, it could reach into a closed hour."""
    whole = _mixture_quiet._pieces
    monkeypatch.setattr(
        _mixture_quiet,
        "_pieces",
        lambda window, cost, *, edges_s, dwell_s: whole(
            window, cost, edges_s=edges_s, dwell_s=0.0 * dwell_s
        ),
    )
    with pytest.raises(AssertionError):
        test_every_visit_that_is_left_costs_what_it_says()
