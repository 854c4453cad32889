"""Hours in which plans hold back: in turns, and cut out of windows exactly."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import _mixture_quiet
from planning._mixture_quiet import Quiet, Turns, hold_back, offer_slots

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


def cut(offered, rules, *, dwell_s=900.0, taken=()):
    flags = np.zeros((1, 6), dtype=bool)
    flags[0, list(taken)] = True
    return hold_back(
        offered,
        rules,
        dwell_s=np.array([dwell_s]),
        taken=flags,
        least_gap_s=GAP_S,
    )


def windows_of(frame):
    return list(frame[["earliest_s", "latest_s", "weight"]].itertuples(index=False, name=None))


def test_a_closed_hour_is_cut_out_with_the_visits_that_would_reach_into_it():
    kept = cut(visits((0, 0.0, 20_000.0, 5.0)), quiet(closed=[2]))
    assert windows_of(kept) == [(9600.0, 20_000.0, 5.0), (0.0, 5100.0, 5.0)]


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
    # Nothing is closed and nothing costs after the last hour.
    hours = {int((second + 1200.0) // 3600.0) for second in seconds} - {6, 7}
    return sum(
        np.inf if rules.closed[0, hour] else rules.price[0, hour] for hour in hours - set(taken)
    )


def some_rules(rng):
    """Return what to keep clear of, and hours that are taken, drawn at random."""
    closed = np.flatnonzero(rng.random(6) < 0.3)
    taken = np.flatnonzero(rng.random(6) < 0.3).tolist()
    price = {hour: float(rng.integers(0, 4)) for hour in range(6) if rng.random() < 0.4}
    return quiet(closed=closed, price=price), taken


def faults_of_windows(kept, offered, rules, *, dwell_s, taken, weight):
    """Check windows by walking through visits that begin in them."""
    faults = []
    for first, last, worth in kept:
        if not offered[0] <= first <= last <= offered[1]:
            faults.append("a window is wider than what was offered")
        begins = np.linspace(first, last, 9)[1:-1].tolist()
        dearest = max(cost_of(begin_s, dwell_s, rules, taken) for begin_s in begins)
        if worth > weight - dearest + 1e-9:
            faults.append("a visit costs more than it says")
    for (first, last, _), (other_first, other_last, _) in combinations(kept, 2):
        if max(other_first - last, first - other_last) < GAP_S - 1e-6:
            faults.append("two windows are too near")
    return faults


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_every_visit_that_is_left_costs_what_it_says(seed):
    rng = np.random.default_rng(seed)
    rules, taken = some_rules(rng)
    dwell_s, opens_s = float(rng.integers(5, 40) * 60), float(rng.integers(0, 9000))
    closes_s = opens_s + float(rng.integers(0, 9000))
    kept = windows_of(cut(visits((0, opens_s, closes_s, 3.0)), rules, dwell_s=dwell_s, taken=taken))
    limits = {"dwell_s": dwell_s, "taken": taken, "weight": 3.0}
    assert faults_of_windows(kept, (opens_s, closes_s), rules, **limits) == []


def slots(rules, *, due=2, revisit_s=7200.0, weight=3.0, dwell_s=900.0, seed=0):
    points = pd.DataFrame(
        {
            "weight": [weight],
            "dwell_s": dwell_s,
            "opens_s": -np.inf,
            "closes_s": np.inf,
            "revisit_s": revisit_s,
        }
    )
    return offer_slots(
        points,
        rules,
        np.array([due]),
        span_s=19_000.0,
        least_gap_s=GAP_S,
        rng=np.random.default_rng(seed),
    )


def test_as_many_slots_as_keep_their_distance():
    """In 19,000 seconds ten visits fit half an hour apart, with 160 seconds of leeway each."""
    offered = slots(quiet())
    assert len(offered) == 10
    assert (offered["latest_s"] - offered["earliest_s"]).to_numpy() == pytest.approx([280.0] * 10)
    worth = sorted(offered["weight"], reverse=True)
    assert worth == pytest.approx([3.0, 3.0, *(3.0 / k for k in range(3, 11))])


def test_a_point_wanted_once_is_offered_its_longest_time():
    offered = slots(quiet(closed=[1]), revisit_s=np.inf, due=1)
    assert windows_of(offered) == [(6000.0, 19_000.0, 3.0)]


def test_a_point_that_is_closed_all_night_is_not_offered():
    assert slots(quiet(closed=range(6))).empty
    assert slots(quiet(closed=range(6)), revisit_s=np.inf).empty


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_slots_keep_clear_of_what_is_closed(seed):
    rng = np.random.default_rng(seed)
    rules, _ = some_rules(rng)
    dwell_s = float(rng.integers(5, 40) * 60)
    kept = windows_of(slots(rules, dwell_s=dwell_s, seed=seed))
    limits = {"dwell_s": dwell_s, "taken": (), "weight": 3.0}
    assert faults_of_windows(kept, (0.0, 19_000.0), rules, **limits) == []


def turns_of(share, *, seed=0, shape=(50, 8), plans=24):
    turns = Turns(shape, share, np.random.default_rng(seed))
    return np.array([turns.take(number) for number in range(plans)])


@given(st.integers(0, 1000), st.floats(0.0, 1.0), st.integers(1, 60))
def test_every_hour_rests_as_often_as_it_must(seed, share, plans):
    rested = turns_of(share, seed=seed, shape=(5, 9), plans=plans).sum(axis=0)
    # What is in turn differs by one at most, and sums are kept to nine digits.
    assert (np.abs(rested - share * plans) < 2).all()


@pytest.mark.parametrize(("share", "cycle"), [(0.25, 4), (0.5, 2), (0.75, 4), (2 / 7, 7), (1.0, 1)])
def test_turns_come_round(share, cycle):
    rested = turns_of(share)
    assert (rested[cycle:] == rested[:-cycle]).all()
    assert np.allclose(rested[:cycle].mean(axis=0), share)


def test_whoever_opens_for_few_hours_loses_few_of_them():
    """At a quarter of the plans, every plan closes one of any four hours in a row."""
    rested = turns_of(0.25)
    in_a_row = sum(rested[:, :, first : first + 5] for first in range(4))
    assert (in_a_row == 1).all()


def test_places_rest_in_different_plans():
    closed = turns_of(0.25).sum(axis=1)
    assert closed.min() >= 50 / 4 - 3
    assert closed.max() <= 50 / 4 + 3


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
