"""The bound on the value of mixtures: never below what a plan or a mixture is worth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import _mixture_bound, _mixture_room
from planning._mixture_bound import value_bound
from planning._mixture_hours import NightHours
from planning._patrol_night import make_ready
from planning.patrol import PatrolParams, plan_patrol
from planning.patrol_rules import PatrolRules
from tests.planning.grid_town import demand, grid_streets, grid_zone, unit

PARAMS = PatrolParams(iterations=30, time_limit_s=1e6)


def bound_of(units, points, *, cap=1.0, params=PARAMS, blocks=2):
    zone = grid_zone(grid_streets(blocks))
    night = make_ready(zone, units, points, params=params, rules=PatrolRules())
    hours = NightHours.of_units(units, timezone=zone.timezone)
    return value_bound(night, np.full((len(points), hours.count), cap), edges_s=hours.edges_s)


def plan_value(units, points, *, seed, params=PARAMS, blocks=2):
    zone = grid_zone(grid_streets(blocks))
    return plan_patrol(zone, units, points, params=params, seed=seed).value


def test_one_hour_has_room_for_two_visits_of_a_point():
    """Due once, so that the second counts half; on half of the nights there is none."""
    points = demand((0, 100), weight=2.0)
    assert bound_of([unit(hours=1.0)], points) == pytest.approx(2.0 * 1.5)
    assert bound_of([unit(hours=1.0)], points, cap=0.5) == pytest.approx(2.0 * 1.5 / 2)


def test_little_time_is_filled_by_the_best_worth_a_second():
    """Eighteen minutes: stop and way of the better point once, and a share of the other's."""
    points = demand((0, 100), (100, 100), weight=[2.0, 9.0], dwell_s=780.0)
    needed_s = 780.0 + 100.0 / 1.2
    expected = 9.0 + (1080.0 - needed_s) / needed_s * 2.0
    assert bound_of([unit(hours=0.3)], points) == pytest.approx(expected)


def some_town(rng):
    units = [
        unit(f"u{n}", *(100 * rng.integers(0, 3, 2)).tolist(), hours=float(rng.uniform(0.4, 3.0)))
        for n in range(rng.integers(1, 4))
    ]
    places = np.unique(100 * rng.integers(0, 3, (rng.integers(1, 6), 2)), axis=0).tolist()
    points = demand(*map(tuple, places), weight=rng.gamma(2.0, 1.0, len(places)))
    return units, points.assign(dwell_s=rng.uniform(120, 1200, len(places)))


def fault_of_bound(seed):
    """Tell whether a plan of a random town is worth more than its bound."""
    rng = np.random.default_rng(seed)
    units, points = some_town(rng)
    gap_s = float(rng.choice([0.0, 900.0, 1800.0]))
    params = PatrolParams(iterations=30, time_limit_s=1e6, least_gap_s=gap_s)
    value = plan_value(units, points, seed=seed, params=params)
    return value > bound_of(units, points, params=params) + 1e-6


@settings(max_examples=15)
@given(st.integers(0, 1000))
def test_no_plan_is_worth_more(seed):
    assert not fault_of_bound(seed)


def test_a_planted_fault_is_caught(monkeypatch):
    """Did stops take twice their time, some plans would be worth more than the bound."""
    whole = _mixture_bound._least_time_s
    monkeypatch.setattr(_mixture_bound, "_least_time_s", lambda night: 2 * whole(night))
    assert any(fault_of_bound(seed) for seed in range(20))


def test_too_little_room_is_caught(monkeypatch):
    """Had hours room for half the visits, some plans would be worth more than the bound."""
    honest = _mixture_room.room_within
    monkeypatch.setattr(
        _mixture_room, "room_within", lambda *given, **also: honest(*given, **also) // 2
    )
    assert any(fault_of_bound(seed) for seed in range(20))
