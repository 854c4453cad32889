"""Planning the rest of a night again, beside planning the whole night."""

from datetime import timedelta

import pytest

from planning.patrol import PatrolParams, plan_patrol
from planning.patrol_response import response_promise
from planning.replan import CameraDown, Incident, Sos, UnitOut, replan
from tests.planning.old_town import EVENING, made_up_demand, made_up_units, old_town

NOW = EVENING + timedelta(hours=2, minutes=7)
PLACE = old_town().streets.geometry.iloc[20].interpolate(0.4, normalized=True)
EVENTS = {
    "camera": CameraDown(PLACE, "กล้อง", "Camera", 20.0),
    "incident": Incident(PLACE, "เหตุ", "Incident", needs_units=2),
    "sos": Sos(PLACE, "ช่วยด้วย", "Help"),
    "out": UnitOut("unit-03", NOW),
}


@pytest.fixture(scope="module")
def night():
    """Return twelve units of eight hours, their demand and the plan of the night."""
    units, points = made_up_units(12), made_up_demand()
    params = PatrolParams(time_limit_s=5.0)
    return units, points, plan_patrol(old_town(), units, points, params=params, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.benchmark(group="replan")
def test_replan_old_town(benchmark, night, name):
    units, points, plan = night
    result = benchmark(
        lambda: replan(plan, old_town(), units, points, events=[EVENTS[name]], now=NOW, seed=1)
    )
    benchmark.extra_info["stops changed"] = result.changes
    assert result.broken.empty


@pytest.mark.slow
@pytest.mark.benchmark(group="replan")
def test_plan_old_town(benchmark, night):
    """The peer: the same night planned anew from its beginning."""
    units, points, _ = night
    params = PatrolParams(time_limit_s=5.0)
    benchmark.pedantic(
        lambda: plan_patrol(old_town(), units, points, params=params, seed=1), rounds=1
    )


@pytest.mark.slow
@pytest.mark.benchmark(group="response")
def test_response_old_town(benchmark, night):
    plan = night[2]
    promise = benchmark(lambda: response_promise(plan, old_town()))
    benchmark.extra_info["worst_s"] = promise.worst_s
    benchmark.extra_info["p95_s"] = promise.share_s
