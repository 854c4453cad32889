"""How long the first plan of a night in the Old Town takes: twelve units, eight hours.

`extra_info` (in the file of --benchmark-json) holds what the plan is worth, the share of the visits
due that it makes, and the worth of the same night from the visits due alone, as a ratio: what the
rounds for further visits bring.
"""

import time

import pytest

from planning import _patrol_rounds
from planning._patrol_windows import visits_of
from planning.patrol import PatrolParams, plan_patrol
from tests.planning.old_town import made_up_demand, made_up_units, old_town
from tests.planning.patrol_cases import faults_of_plan

pytestmark = pytest.mark.benchmark(timer=time.process_time, group="patrol")


def test_first_plan(benchmark, monkeypatch):
    units = made_up_units(12) if benchmark.enabled else made_up_units(3, hours=3)
    points = made_up_demand(every=2 if benchmark.enabled else 8)
    params = PatrolParams() if benchmark.enabled else PatrolParams(iterations=20)
    options = {"params": params, "seed": 1}
    zone = old_town()
    plan = benchmark.pedantic(plan_patrol, (zone, units, points), options, rounds=1)
    assert faults_of_plan(zone, units, points, params, None, plan) == []

    monkeypatch.setattr(_patrol_rounds, "_further", lambda *_: visits_of([]))
    due_alone = plan_patrol(zone, units, points, **options)
    benchmark.extra_info |= {
        "value": plan.value,
        "share_served": plan.share_served,
        "value_to_due_alone": plan.value / due_alone.value,
    }
    assert plan.value >= due_alone.value
