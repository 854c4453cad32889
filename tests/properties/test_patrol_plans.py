"""Whatever the town, the units and the wishes: no plan breaks a rule; the same twice."""

from dataclasses import replace
from datetime import time, timedelta

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from geo.errors import InfeasiblePlanError
from planning import _patrol_rounds
from planning._rule_entries import Company, Rest, Strength
from planning.patrol import PatrolParams, plan_patrol
from planning.patrol_rules import PatrolRules
from planning.units import FASTEST_MPS, Break
from tests.planning.grid_town import NIGHT, at, demand, grid_streets, grid_zone, unit
from tests.planning.patrol_cases import faults_of_plan

BLOCKS = 3
PARAMS = PatrolParams(iterations=15, revisit_s=5400.0, least_gap_s=1200.0)
LABELS = list(grid_streets(BLOCKS).index)
SKILLS = ("english", "chinese")
KINDS = ("police", "volunteer", "marine")


def hour(hours):
    return NIGHT + timedelta(hours=hours)


@st.composite
def places(draw):
    """A point on a row or column of the town."""
    along, line = 25 * draw(st.integers(0, 4 * BLOCKS)), 100 * draw(st.integers(0, BLOCKS))
    return (along, line) if draw(st.booleans()) else (line, along)


@st.composite
def crews(draw):
    count = draw(st.integers(1, 4))
    return [draw(crew(number)) for number in range(count)]


@st.composite
def crew(draw, number):
    mode = draw(st.sampled_from(["foot", "foot", "bicycle", "motorcycle", "car"]))
    starts_h, hours = draw(st.sampled_from([0.0, 0.5, 2.0])), draw(st.sampled_from([0.2, 2.0, 5.0]))
    own = unit(f"unit-{number}", *draw(places()), hours=hours, starts_h=starts_h)
    breaks = ()
    if hours > 1 and draw(st.booleans()):
        earliest_h = starts_h + draw(st.floats(0.2, hours - 1))
        place = at(*draw(places())) if draw(st.booleans()) else None
        breaks = (Break(hour(earliest_h), hour(earliest_h + 0.5), 1200.0, at=place),)
    return replace(
        own,
        mode=mode,
        speed_mps=min(1.2 if mode == "foot" else 4.0, FASTEST_MPS[mode]),
        kind=draw(st.sampled_from(KINDS)),
        officers=draw(st.integers(1, 2)),
        skills=frozenset(draw(st.sets(st.sampled_from(SKILLS)))),
        breaks=breaks,
        end_post=at(*draw(places())) if draw(st.integers(0, 3)) == 0 else None,
    )


@st.composite
def wishes(draw):
    count = draw(st.integers(0, 6))
    points = demand(*[draw(places()) for _ in range(count)])
    columns = {
        "weight": st.integers(0, 100).map(lambda tenths: tenths / 10),
        "dwell_s": st.sampled_from([60.0, 600.0, 960.0]),
        "opens_at": st.sampled_from([pd.NaT, pd.NaT, hour(-1), hour(1), hour(6)]),
        "needs_units": st.sampled_from([1, 1, 2]),
        "skill": st.sampled_from(["", "", *SKILLS]),
        "revisit_s": st.sampled_from([np.nan, np.inf, 3600.0]),
    }
    for name, values in columns.items():
        points[name] = [draw(values) for _ in range(count)]
    hours = [draw(st.sampled_from([np.nan, 0.0, 1.0])) for _ in range(count)]
    points["opens_at"] = pd.to_datetime(points["opens_at"], utc=True)
    points["closes_at"] = points["opens_at"] + pd.to_timedelta(np.array(hours), unit="h")
    return points


RULES = PatrolRules(
    night_from=time(19, 0),
    timezone="Asia/Bangkok",
    rules=(
        Company("company", "", "", frozenset({"volunteer"}), frozenset({"police"})),
        Strength("strength", "", "", 2),
        Rest("rest", "", "", 4 * 3600.0),
    ),
)


@st.composite
def nights(draw):
    oneway = draw(st.sets(st.sampled_from(LABELS), max_size=8))
    zone = grid_zone(grid_streets(BLOCKS, oneway=oneway))
    rules = draw(st.sampled_from([None, RULES]))
    return zone, draw(crews()), draw(wishes()), rules, draw(st.integers(0, 2**32 - 1))


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow],
    # Shrinking would plan hundreds of nights.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(nights())
def test_no_plan_breaks_a_rule(night):
    zone, units, points, rules, seed = night
    try:
        plan = plan_patrol(zone, units, points, params=PARAMS, rules=rules, seed=seed)
    except InfeasiblePlanError as error:
        told = str(error)
    else:
        told = ""
    if told:
        # It names who is in the way.
        assert any(unit.id in told for unit in units) or "rule" in told
        return
    assert faults_of_plan(zone, units, points, PARAMS, rules, plan) == []
    again = plan_patrol(zone, units, points, params=PARAMS, rules=rules, seed=seed)
    assert again.tours == plan.tours
    assert (again.value, again.share_served) == (plan.value, plan.share_served)


def test_the_checker_catches_visits_on_top_of_each_other(monkeypatch):
    """The planted fault: further visits are offered whenever the point is open."""

    def anytime(_made, hours, **_limits):
        yield hours

    monkeypatch.setattr(_patrol_rounds, "windows_left", anytime)
    zone, units = grid_zone(grid_streets(BLOCKS)), [unit(hours=5), unit("two", hours=5)]
    points = demand((100, 0), (0, 100))
    plan = plan_patrol(zone, units, points, params=PARAMS, seed=0)
    faults = faults_of_plan(zone, units, points, PARAMS, None, plan)
    assert any("visited again too soon" in fault for fault in faults)
