"""Random nights driven through random events: no rule broken, nothing undone, everybody home."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.errors import InfeasiblePlanError
from planning import _replan_repair
from planning.patrol import plan_patrol
from planning.replan import Sos, UnitIn, UnitOut, replan
from tests.planning.grid_town import grid_streets, grid_zone
from tests.planning.old_town import made_up_demand, made_up_units, old_town
from tests.planning.patrol_cases import faults_of_plan
from tests.planning.replan_cases import (
    HOUR,
    QUICK,
    RULES,
    faults_of_replan,
    random_demand,
    random_event,
    random_units,
)

TOWNS = [
    grid_zone(grid_streets()),
    grid_zone(grid_streets(oneway=("row-2-1", "col-3-2", "row-0-0", "col-1-1"))),
]


def drive(zone, units, points, *, seed, params=QUICK, rules=None, steps=5):
    """Plan a night, drive it through random events, and return all faults and how often."""
    rng = np.random.default_rng(seed)
    plan = plan_patrol(zone, units, points, params=params, rules=rules, seed=seed)
    faults = faults_of_plan(zone, units, points, params, rules, plan)
    now, times, danger = min(unit.starts_at for unit in units), 0, False
    for _ in range(int(rng.integers(1, steps + 1))):
        # One in five comes at the very instant of the one before.
        now += max(0.0, float(rng.uniform(-0.3, 1.2))) * HOUR
        if not units or now >= max(unit.ends_at for unit in units):
            break
        events = list(_events(rng, zone.streets, units, points, now=now))
        result = replan(
            plan, zone, units, points, events=events, now=now, params=params, rules=rules, seed=seed
        )
        found = faults_of_replan(zone, plan, result, now=now, params=params, rules=rules)
        faults += [(fault, now, events) for fault in found]
        # Only help for somebody in danger, or company that is lost, may break a promise.
        danger |= any(isinstance(event, Sos | UnitOut) for event in events)
        if not danger and len(result.broken):
            faults.append((result.broken.to_string(), now, events))
        times += 1
        plan, units, points = result.plan, list(result.units), result.demand
    return faults, times


def _events(rng, streets, units, points, *, now):
    """Give one or two events that go together."""
    gone, last = set(), max(unit.ends_at for unit in units)
    for _ in range(int(rng.integers(1, 3))):
        event = random_event(rng, streets, units, points, now)
        late = isinstance(event, UnitIn) and event.unit.starts_at >= last
        again = isinstance(event, UnitOut) and event.unit in gone
        if isinstance(event, UnitOut):
            gone.add(event.unit)
        if not late and not again:
            yield event


def random_night(seed, *, rules=None):
    rng = np.random.default_rng([seed, 1])
    units = random_units(rng, int(rng.integers(1, 5)), volunteers=rules is not None)
    points = random_demand(rng, int(rng.integers(1, 9)))
    return TOWNS[int(rng.integers(2))], units, points


@pytest.mark.slow
@given(seed=st.integers(0, 10**6))
@settings(max_examples=10)
def test_no_event_breaks_a_rule_or_undoes_what_is_done(seed):
    zone, units, points = random_night(seed)
    try:
        faults, times = drive(zone, units, points, seed=seed)
    except InfeasiblePlanError:
        assume(False)
    assume(times)
    assert not faults


@pytest.mark.slow
@given(seed=st.integers(0, 10**6))
@settings(max_examples=6)
def test_who_may_not_move_alone_never_does(seed):
    zone, units, points = random_night(seed, rules=RULES)
    try:
        faults, _ = drive(zone, units, points, seed=seed, rules=RULES)
    except InfeasiblePlanError:
        assume(False)
    assert not faults


@pytest.mark.slow
def test_the_old_town_is_driven_through_a_night():
    zone, units, points = old_town(), made_up_units(6), made_up_demand()
    for seed in (1, 2):
        faults, times = drive(zone, units, points, seed=seed)
        assert times
        assert not faults


@pytest.mark.slow
def test_windows_taken_for_none_are_caught(monkeypatch):
    """The planted fault: of a broken tour all stops are kept, whatever the time."""

    def everything(problem, number, tour, *, must):
        return list(tour)

    monkeypatch.setattr("planning._replan_draft.keep_most", everything)
    assert _replan_repair.keep_most is not everything
    found = [drive(*random_night(seed), seed=seed)[0] for seed in range(4)]
    assert any(found)
