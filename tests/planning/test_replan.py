"""Nights planned again: what is done stays, as little as can be changes, and no rule is broken."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from shapely import LineString

from geo.errors import InfeasiblePlanError, LayerError, ParameterError
from planning import _replan_crews
from planning.patrol import PatrolParams, plan_patrol
from planning.replan import (
    CameraDown,
    DemandChanged,
    Incident,
    Sos,
    UnitIn,
    UnitOut,
    nearest_units,
    replan,
)
from planning.units import Break
from tests.planning.grid_town import NIGHT, at, demand, grid_streets, grid_zone, unit
from tests.planning.replan_cases import HOUR, QUICK, RULES, faults_of_replan

ZONE = grid_zone(grid_streets(oneway=("row-2-1", "col-3-2")))
UNITS = [unit("one"), unit("two", 400, 400), unit("car", 0, 400, speed_mps=5.0)]
CORNERS = [(0, 100), (300, 300), (400, 0), (250, 200), (100, 350), (200, 0)]
POINTS = demand(*CORNERS, weight=[1, 2, 3, 4, 5, 6])
PLAN = plan_patrol(ZONE, UNITS, POINTS, params=PatrolParams(iterations=30), seed=1)
NOW = NIGHT + HOUR


def again(*events, now=NOW, plan=PLAN, units=UNITS, points=POINTS):
    return replan(plan, ZONE, units, points, events=events, now=now, seed=1)


EVENTS = {
    "camera": CameraDown(at(50, 100), "กล้อง", "Camera", 5.0),
    "incident": Incident(at(200, 200), "เหตุ", "Incident"),
    "incident of two": Incident(at(200, 200), "เหตุ", "Incident", needs_units=2),
    "sos": Sos(at(200, 200), "ช่วยด้วย", "Help"),
    "out now": UnitOut("one", NOW),
    "out later": UnitOut("car", NOW + HOUR),
    "in": UnitIn(unit("new", 200, 200, starts_h=2.0, hours=2.0)),
    "other demand": DemandChanged(POINTS.iloc[:4].assign(weight=3.0)),
}


@pytest.mark.parametrize("name", EVENTS)
def test_no_rule_is_broken_and_nothing_is_undone(name):
    result = again(EVENTS[name])
    assert result.broken.empty
    assert not faults_of_replan(ZONE, PLAN, result, now=NOW, params=None)


def test_without_events_nothing_changes():
    result = again()
    assert result.plan.tours == PLAN.tours
    assert result.plan.teams == PLAN.teams
    assert result.plan.value == pytest.approx(PLAN.value)
    assert result.changed.empty


def test_who_is_there_first_answers():
    result = again(EVENTS["sos"])
    (answer,) = result.answered.to_dict("records")
    nearest = nearest_units(PLAN, ZONE, at(200, 200), NOW)
    assert answer["unit"] == nearest["unit"].iloc[0]
    waited_s = (answer["arrives_at"] - NOW).total_seconds()
    assert waited_s == pytest.approx(nearest["time_s"].iloc[0], abs=0.01)


def test_a_call_finishes_the_stop_under_way_and_an_sos_does_not():
    """One unit, called in the middle of a stop."""
    lone = [unit("one")]
    plan = plan_patrol(ZONE, lone, POINTS, params=QUICK, seed=1)
    stop = plan.tours[0].stops[0]
    now = stop.arrives_at + (stop.leaves_at - stop.arrives_at) / 2
    for event, kind in ((EVENTS["incident"], "visit"), (EVENTS["sos"], "interrupted")):
        result = again(event, now=now, plan=plan, units=lone)
        first, second = result.plan.tours[0].stops[:2]
        assert first.kind == kind
        assert first.leaves_at == (stop.leaves_at if kind == "visit" else now)
        assert second.point == result.answered["point"].iloc[0]
        assert not faults_of_replan(ZONE, plan, result, now=now, params=QUICK)


def test_two_come_at_one_time():
    result = again(EVENTS["incident of two"])
    assert result.answered["unit"].nunique() == 2
    assert result.answered["arrives_at"].nunique() == 1


def test_two_who_could_do_without_a_third_no_longer_expect_it_once_it_is_called_away():
    """A team of two comes in place of somebody, and then the other one goes to an SOS."""
    begins_at = NIGHT + 2 * HOUR
    units = [
        unit("one"),
        unit("two", 400, 400),
        replace(unit("police", 0, 400), skills=frozenset({"english"})),
        replace(unit("guest", 0, 400), kind="volunteer"),
    ]
    points = demand((200, 200), (100, 400), weight=[5.0, 9.0])
    points = points.assign(opens_at=begins_at, closes_at=begins_at)
    points = points.assign(needs_units=[2, 1], skill=["", "english"])
    plan = plan_patrol(ZONE, units, points, params=QUICK, rules=RULES, seed=1)
    for now, *events in (
        (NOW, UnitOut("one", NOW), DemandChanged(points.iloc[:1])),
        (begins_at - HOUR / 6, Sos(at(400, 380), "ช่วยด้วย", "Help")),
    ):
        before = plan
        result = replan(
            plan, ZONE, units, points, events=events, now=now, params=QUICK, rules=RULES, seed=1
        )
        plan, units, points = result.plan, list(result.units), result.demand
        company = {
            tour.unit.id: set(stop.with_units)
            for tour in plan.tours
            for stop in tour.stops
            if stop.point == "p0"
        }
        third = {"two"} if now == NOW else set()
        assert company.keys() == {"police", "guest"} | third
        assert company["police"] == {"guest"} | third
        assert not faults_of_replan(ZONE, before, result, now=now, params=QUICK, rules=RULES)


def test_who_goes_off_duty_is_at_its_post_or_stays_where_it_is():
    for name, event in EVENTS.items():
        if isinstance(event, UnitOut):
            result = again(event)
            (gone,) = [tour for tour in result.plan.tours if tour.unit.id == event.unit]
            assert gone.ends_at <= gone.unit.ends_at, name
            assert not [stop for stop in gone.stops if stop.arrives_at >= gone.unit.ends_at]
            assert gone.unit.ends_at >= event.from_at


def test_who_cannot_be_back_in_time_is_named():
    """An SOS at the far end, minutes before the shift is over: help comes first."""
    lone = [unit("one")]
    plan = plan_patrol(ZONE, lone, demand((0, 50)), params=QUICK, seed=1)
    now = lone[0].ends_at - timedelta(minutes=5)
    event = Sos(at(400, 400), "ช่วยด้วย", "Help")
    result = replan(plan, ZONE, lone, demand((0, 50)), events=[event], now=now, seed=1)
    assert result.answered["unit"].tolist() == ["one"]
    assert result.broken[["unit", "code"]].to_numpy().tolist() == [["one", "late"]]
    late_s = (result.plan.tours[0].ends_at - lone[0].ends_at).total_seconds()
    assert result.broken["seconds"].iloc[0] == pytest.approx(late_s, abs=0.01)
    assert late_s == pytest.approx(2 * 800 / 1.2 + 780 - 300, abs=60)


def kept_at_most(stops, start, free_s, *, lone):
    """Return the most stops of a walker that still fit, each within five minutes: the oracle."""
    for size in range(len(stops), -1, -1):
        for some in combinations(stops, size):
            here, now_s = start, free_s
            for stop in some:
                way_m = abs(here.x - stop.geometry.x) + abs(here.y - stop.geometry.y)
                planned_s = (stop.arrives_at - NIGHT).total_seconds()
                now_s = max(now_s + way_m / lone.speed_mps, planned_s)
                if now_s > planned_s + 300.0:
                    break
                now_s += (stop.leaves_at - stop.arrives_at).total_seconds()
                here = stop.geometry
            else:
                home_m = abs(here.x - lone.post.x) + abs(here.y - lone.post.y)
                if now_s + home_m / lone.speed_mps <= (lone.ends_at - NIGHT).total_seconds():
                    return size
    return -1


@pytest.mark.parametrize("seed", range(5))
def test_the_fewest_stops_change(seed):
    """One walker on a two-way grid, all points alike: every subset of its stops is tried."""
    zone, lone = grid_zone(grid_streets()), [unit("one")]
    points = demand(*CORNERS)
    params = replace(QUICK, least_gap_s=2700.0)
    plan = plan_patrol(zone, lone, points, params=params, seed=seed)
    event = Incident(at(400, 400), "เหตุ", "Incident", dwell_s=1500.0)
    result = replan(plan, zone, lone, points, events=[event], now=NOW, seed=1)
    (tour,) = plan.tours
    left = [stop for stop in tour.stops if stop.arrives_at > NOW]
    (answer,) = result.answered.to_dict("records")
    free_s = (answer["arrives_at"] - NIGHT).total_seconds() + 1500.0
    most = kept_at_most(left, at(400, 400), free_s, lone=lone[0])
    assert result.changes == len(left) - most


def test_replans_compose():
    plan, units, points = PLAN, UNITS, POINTS
    for number, name in enumerate(("camera", "incident", "out later", "sos", "other demand")):
        now = NOW + number * timedelta(minutes=11)
        result = again(EVENTS[name], now=now, plan=plan, units=units, points=points)
        assert not faults_of_replan(ZONE, plan, result, now=now, params=None)
        plan, units, points = result.plan, list(result.units), result.demand
    assert points.index[points["at_once"]].tolist() == ["incident-1", "sos-1"]


def test_the_same_events_the_same_night():
    events = EVENTS["camera"], EVENTS["incident"]
    assert again(*events).plan.tours == again(*events).plan.tours


def test_nearest_units_are_told_with_their_ways():
    found = nearest_units(PLAN, ZONE, at(200, 200), NOW)
    assert sorted(found["unit"]) == ["car", "one", "two"]
    assert found["time_s"].is_monotonic_increasing
    assert (found["free_at"] >= NOW).all()
    for row in found.itertuples():
        speed = next(one.speed_mps for one in UNITS if one.id == row.unit)
        assert row.geometry.length / speed <= row.time_s + 1e-6
    with pytest.raises(LayerError, match="within 150 m of a street"):
        nearest_units(PLAN, ZONE, at(5000, 0), NOW)
    assert nearest_units(PLAN, ZONE, at(0, 0), NIGHT - HOUR).empty


def test_every_fault_of_the_events_is_named():
    with pytest.raises(LayerError) as caught:
        again(
            UnitOut("nobody", NOW),
            UnitOut("one", NOW - HOUR),
            UnitIn(unit("one", starts_h=2.0)),
            Sos(at(5000, 0), "ช่วยด้วย", "Help", dwell_s=0.0),
            Incident(at(0, 0), "เหตุ", "Incident", needs_units=3),
            CameraDown(at(0, 0), "กล้อง", "Camera", -1.0),
            UnitOut("two", NOW),
            UnitOut("two", NOW + HOUR),
            Incident(at(0, 0), "เหตุ", " ", skill=None),
            DemandChanged(POINTS.assign(weight=[1, 2, 3, 4, 5, -6])),
        )
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        (1, "unit"),
        (2, "from_at"),
        (3, "unit"),
        (4, "place"),
        (4, "dwell_s"),
        (5, "needs_units"),
        (6, "weight"),
        (8, "unit"),
        (9, "name_en"),
        (9, "skill"),
        (6, "weight"),
    ]
    assert [fault.source for fault in caught.value.faults][-2:] == ["events", "demand"]


def test_an_instant_outside_the_night_and_other_units_are_refused():
    with pytest.raises(ParameterError) as caught:
        again(now=NIGHT + 5 * HOUR, units=UNITS[:2])
    assert "Expected `units` to be those of the plan" in str(caught.value)
    assert "Expected `now` before the night ends" in str(caught.value)
    with pytest.raises(ParameterError, match="`demand` to be that of the plan, got none of its p"):
        again(points=POINTS.iloc[:2])
    with pytest.raises(ParameterError, match="`now` with a timezone"):
        again(now=NOW.replace(tzinfo=None))


def test_a_night_without_anybody_is_refused():
    early = NIGHT - HOUR
    with pytest.raises(InfeasiblePlanError, match="at least one unit to come on duty"):
        again(*(UnitOut(one.id, early) for one in UNITS), now=early)


def test_who_has_lost_its_company_goes_on_from_where_it_is():
    """A police unit was to fetch a volunteer that ends elsewhere and now never comes."""
    units = [unit("police"), replace(unit("guest", 0, 400), kind="volunteer", end_post=at(400, 0))]
    units[1] = replace(units[1], starts_at=NIGHT + HOUR)
    plan = plan_patrol(ZONE, units, POINTS, params=QUICK, rules=RULES, seed=1)
    assert {team.units for team in plan.teams} == {("police",), ("police", "guest")}
    now = NIGHT + HOUR / 4
    result = replan(
        plan, ZONE, units, POINTS, events=[UnitOut("guest", now)], now=now, rules=RULES, seed=1
    )
    assert not faults_of_replan(ZONE, plan, result, now=now, params=QUICK, rules=RULES)
    assert [tour.unit.id for tour in result.plan.tours] == ["police"]
    assert {team.units for team in result.plan.teams} == {("police",)}


def test_who_is_late_to_meet_somebody_goes_on_when_both_are_called():
    """A police unit comes late from an SOS to the volunteer with whom it is called meanwhile."""
    units = [unit("police"), replace(unit("guest", 0, 400, starts_h=1.0), kind="volunteer")]
    units[1] = replace(units[1], ends_at=units[0].ends_at)
    points = POINTS
    plan = plan_patrol(ZONE, units, points, params=QUICK, rules=RULES, seed=1)
    assert ("police", "guest") in {team.units for team in plan.teams}
    for now, event in (
        (NOW - HOUR / 6, Sos(at(400, 0), "ช่วยด้วย", "Help")),
        (NOW + HOUR / 5, Incident(at(200, 200), "เหตุ", "Incident", needs_units=2)),
    ):
        before = plan
        result = replan(
            plan, ZONE, units, points, events=[event], now=now, params=QUICK, rules=RULES, seed=1
        )
        plan, units, points = result.plan, list(result.units), result.demand
        assert not faults_of_replan(ZONE, before, result, now=now, params=QUICK, rules=RULES)
    assert result.answered["unit"].tolist() == ["police", "guest"]
    way = before.tours[0].legs
    assert any(leg.leaves_at < now < leg.arrives_at for leg in way)


def test_stops_to_come_keep_to_new_wishes():
    changed = POINTS.assign(dwell_s=900.0, opens_at=NOW + HOUR / 4, needs_units=[1, 2, 1, 1, 1, 1])
    result = again(DemandChanged(changed))
    later = [stop for tour in result.plan.tours for stop in tour.stops if stop.arrives_at > NOW]
    assert later
    for stop in later:
        assert stop.arrives_at >= NOW + HOUR / 4
        assert stop.leaves_at - stop.arrives_at == timedelta(seconds=900)
        assert stop.point != "p1" or stop.with_units


def test_events_of_one_instant_compose():
    """Whoever leaves its post at this very instant is still there for what comes next."""
    first = again(EVENTS["sos"])
    second = again(EVENTS["camera"], plan=first.plan, units=list(first.units), points=first.demand)
    assert not faults_of_replan(ZONE, first.plan, second, now=NOW, params=None)


def test_a_new_point_takes_no_label_of_one_that_is_gone():
    first = again(EVENTS["camera"])
    gone = first.demand.drop(index="camera-1")
    elsewhere = CameraDown(at(350, 400), "กล้อง", "Camera", 5.0)
    second = again(
        DemandChanged(gone),
        elsewhere,
        plan=first.plan,
        units=list(first.units),
        points=first.demand,
    )
    assert "camera-2" in second.demand.index
    assert not faults_of_replan(ZONE, first.plan, second, now=NOW, params=None)


def test_a_new_unit_keeps_its_break_before_it_is_sent_anywhere():
    begins_at = NOW + HOUR / 4
    pause = Break(begins_at, begins_at, 600.0)
    new = replace(unit("new", 200, 200, starts_h=1.0, hours=2.0), breaks=(pause,))
    result = again(UnitIn(new), Incident(at(200, 210), "เหตุ", "Incident", dwell_s=1500.0))
    assert result.broken.empty
    assert not faults_of_replan(ZONE, PLAN, result, now=NOW, params=None)


def test_a_blind_stretch_is_watched_from_its_middle():
    line = LineString([at(0, 100), at(100, 100)])
    result = again(CameraDown(line, "กล้อง", "Camera", 9.0))
    assert result.demand.geometry["camera-1"] == at(50, 100)
    assert "camera-1" not in result.unserved.index


def test_a_past_that_is_forgotten_is_caught(monkeypatch):
    """The planted fault: cut an hour too early, what has been done since is lost."""
    honest = _replan_crews.cut_tour

    def hasty(tour, cut):
        return honest(tour, replace(cut, at=cut.at - HOUR / 2))

    monkeypatch.setattr("planning._replan_result.cut_tour", hasty)
    result = again(EVENTS["incident"])
    assert any(
        "undone" in f or "has done" in f
        for f in faults_of_replan(ZONE, PLAN, result, now=NOW, params=None)
    )


def test_a_unit_that_jumps_is_caught(monkeypatch):
    """The planted fault: whoever turns off its way is taken to be there already."""
    honest = _replan_crews._crew

    def jumping(*arguments):
        crew = honest(*arguments)
        return replace(crew, here=crew.ahead)

    lone = [unit("one")]
    plan = plan_patrol(ZONE, lone, POINTS, params=QUICK, seed=1)
    leg = max(plan.tours[0].legs, key=lambda leg: leg.line.length)
    mid = leg.leaves_at + (leg.arrives_at - leg.leaves_at) / 2
    event = Sos(plan.tours[0].position_at(mid), "ช่วยด้วย", "Help")
    monkeypatch.setattr(_replan_crews, "_crew", jumping)
    result = again(event, now=mid, plan=plan, units=lone)
    assert faults_of_replan(ZONE, plan, result, now=mid, params=QUICK)
