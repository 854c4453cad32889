"""The Old Town's own units and rules: a plan that keeps all of them."""

from datetime import timedelta

import numpy as np
import pytest

from planning.patrol import PatrolParams, plan_patrol
from planning.patrol_rules import read_rules
from planning.units import read_units
from tests.planning.old_town import EVENING, FOLDER, made_up_demand, old_town
from tests.planning.patrol_cases import faults_of_plan

QUICK = PatrolParams(iterations=40)


@pytest.fixture(scope="module")
def night():
    zone = old_town()
    units = read_units(
        FOLDER / "units.toml", crs=zone.crs, night=EVENING.date(), timezone=zone.timezone
    )
    rules = read_rules(FOLDER / "rules.toml", timezone=zone.timezone)
    points = made_up_demand(every=3)
    points["needs_units"] = np.where(np.arange(len(points)) % 9 == 0, 2, 1)
    points["opens_at"] = EVENING + timedelta(hours=1)
    points["closes_at"] = EVENING + timedelta(hours=6)
    plan = plan_patrol(zone, units, points, params=QUICK, rules=rules, seed=1)
    return zone, units, points, rules, plan


def test_the_old_town_keeps_its_rules(night):
    zone, units, points, rules, plan = night
    assert faults_of_plan(zone, units, points, QUICK, rules, plan) == []
    kinds = plan.stops_layer().groupby("kind")["unit"].nunique()
    assert set(kinds.index) == {"visit", "break", "meeting"}
    assert plan.share_served > 0.8


def test_volunteers_walk_with_police(night):
    *_, plan = night
    kind = {tour.unit.id: tour.unit.kind for tour in plan.tours}
    volunteers = [tour for tour in plan.tours if tour.unit.kind == "volunteer"]
    assert volunteers
    for tour in volunteers:
        assert tour.legs or tour.note_en
        for stop in tour.stops:
            assert {kind[one] for one in stop.with_units} & {"police", "tourist_police"}


def test_without_its_rules_the_checker_objects(night):
    """The planted fault: the same night planned as if there were no rules."""
    zone, units, points, rules, _ = night
    plan = plan_patrol(zone, units, points, params=QUICK, seed=1)
    faults = faults_of_plan(zone, units, points, QUICK, rules, plan)
    assert any("without company" in fault for fault in faults)


def test_most_streets_are_covered(night):
    zone, *_, plan = night
    assert plan.streets_covered(zone.streets).mean() > 0.7
