"""Whole plans under rules: who may not move alone is met, waits at its post, and rests there."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from planning._rule_entries import Company, Rest, Strength
from planning.patrol import PatrolParams, plan_patrol
from planning.patrol_rules import PatrolRules, read_rules
from planning.units import Break, read_units
from tests.planning.grid_town import NIGHT, demand, grid_streets, grid_zone, unit
from tests.planning.old_town import FOLDER, made_up_demand, old_town
from tests.planning.patrol_cases import faults_of_plan

QUICK = PatrolParams(revisit_s=3600.0, iterations=60, time_limit_s=5.0)
WITH_POLICE = Company(
    "with-police", "กับตำรวจ", "With police", frozenset({"volunteer"}), frozenset({"police"})
)
HOUR = timedelta(hours=1)


def rules_of(*rules):
    return PatrolRules(night_from=time(11), night_to=time(23), timezone="UTC", rules=rules)


ZONE = grid_zone(grid_streets())
POINTS = demand((100, 100), (300, 100), (300, 300), (50, 400))


def planned(units, rules):
    plan = plan_patrol(ZONE, units, POINTS, params=QUICK, rules=rules, seed=5)
    assert not faults_of_plan(ZONE, units, POINTS, QUICK, rules, plan)
    return plan


def pause(first_h, last_h, minutes=20.0):
    return Break(NIGHT + first_h * HOUR, NIGHT + last_h * HOUR, 60.0 * minutes)


def test_a_volunteer_moves_with_police():
    units = [
        replace(unit("volunteer"), kind="volunteer", breaks=(pause(1, 2),)),
        unit("police", 400, 400, hours=5),
    ]
    volunteer, police = planned(units, rules_of(WITH_POLICE)).tours
    assert {stop.kind for stop in volunteer.stops} == {"meeting", "visit", "break"}
    assert all(stop.with_units == ("police",) for stop in volunteer.stops)
    for leg in volunteer.legs:
        assert any(leg == other for other in police.legs)
    assert "With police" in volunteer.note_en


def test_who_stays_rests_at_its_post():
    units = [
        replace(unit("volunteer"), kind="volunteer", breaks=(pause(2, 3),)),
        unit("riders", 400, 400, speed_mps=5.0),
    ]
    volunteer, _ = planned(units, rules_of(WITH_POLICE)).tours
    assert [stop.kind for stop in volunteer.stops] == ["break"]
    assert volunteer.stops[0].arrives_at == NIGHT + 2 * HOUR
    assert not volunteer.legs
    assert "no unit can go with it" in volunteer.note_en
    assert "ไม่มีหน่วยใดไปด้วยได้" in volunteer.note_th


def test_what_only_a_unit_that_stays_could_do_is_told_as_that():
    able = replace(unit("volunteer"), kind="volunteer", skills=frozenset({"chinese"}))
    points = POINTS.assign(skill=["chinese", "", "", ""])
    units = [able, unit("riders", 400, 400, speed_mps=5.0)]
    rules = rules_of(WITH_POLICE)
    plan = plan_patrol(ZONE, units, points, params=QUICK, rules=rules, seed=5)
    assert plan.unserved["code"].to_dict() == {"p0": "no_skill"}
    assert plan.unserved["reason_en"].item() == "no unit that goes out has the skill it asks for"
    assert "ที่ออกตรวจ" in plan.unserved["reason_th"].item()


def test_nobody_walks_longer_than_a_rule_allows():
    rest = Rest("rest", "พัก", "Rest", 2.5 * 3600)
    units = [replace(unit(), breaks=(pause(0, 3),))]
    (tour,) = planned(units, rules_of(rest)).tours
    (stop,) = [stop for stop in tour.stops if stop.kind == "break"]
    assert stop.arrives_at <= NIGHT + 2.5 * HOUR
    assert units[0].ends_at - stop.leaves_at <= 2.5 * HOUR


def test_a_plan_without_rules_breaks_them():
    units = [
        replace(unit("volunteer"), kind="volunteer"),
        replace(unit("police"), officers=1, breaks=(pause(0, 3),)),
    ]
    rest = Rest("rest", "พัก", "Rest", 600.0)
    plan = plan_patrol(ZONE, units, POINTS, params=QUICK, seed=5)
    rules = rules_of(WITH_POLICE, Strength("two", "สองคน", "Two", 2), rest)
    faults = " ".join(faults_of_plan(ZONE, units, POINTS, QUICK, rules, plan))
    assert "volunteer: moves without company" in faults
    assert "police: moves with too few officers" in faults
    assert "police: goes too long without a break" in faults


@pytest.mark.slow
def test_the_units_of_the_town_under_its_rules():
    zone, points = old_town(), made_up_demand()
    units = read_units(
        FOLDER / "units.toml", crs=zone.crs, night=date(2026, 1, 3), timezone=zone.timezone
    )
    rules = read_rules(FOLDER / "rules.toml", timezone=zone.timezone)
    plan = plan_patrol(zone, units, points, params=QUICK, rules=rules, seed=5)
    assert not faults_of_plan(zone, units, points, QUICK, rules, plan)
    volunteers = [tour for tour in plan.tours if tour.unit.kind == "volunteer"]
    assert volunteers
    assert all(any(stop.with_units for stop in tour.stops) for tour in volunteers)
