"""Breaks, hours, skills, appointments and companions, in a town of square blocks."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from geo.errors import InfeasiblePlanError, LayerError
from planning import _patrol_meetings, _patrol_night, _patrol_problem, _patrol_rounds
from planning._patrol_teams import Segment, Stay, Teams
from planning.patrol import PatrolParams, plan_patrol
from planning.units import Break
from tests.planning.grid_town import NIGHT, at, demand, grid_streets, grid_zone, unit
from tests.planning.patrol_cases import faults_of_plan

QUICK = PatrolParams(iterations=60)
CORNERS = [(0, 100), (300, 300), (400, 0), (250, 200), (100, 350), (200, 0)]
ZONE = grid_zone(grid_streets())


def hour(hours):
    return NIGHT + timedelta(hours=hours)


def pause(earliest_h, latest_h, *, minutes=30.0, place=None):
    return Break(hour(earliest_h), hour(latest_h), 60 * minutes, at=place)


def plan(units, points, *, params=QUICK, seed=1):
    return plan_patrol(ZONE, units, points, params=params, seed=seed)


def faults_of(result, points, units):
    return faults_of_plan(ZONE, units, points, QUICK, None, result)


def visits(result):
    stops = result.stops_layer()
    return stops[stops["kind"] == "visit"]


def test_a_break_is_kept_at_the_post_and_within_its_hours():
    units = [replace(unit(hours=8), breaks=(pause(3, 4),)), unit("two", 400, 400, hours=8)]
    points = demand(*CORNERS)
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    (taken,) = [stop for stop in result.tours[0].stops if stop.kind == "break"]
    assert taken.geometry == units[0].post
    assert hour(3) <= taken.arrives_at <= hour(4)
    assert taken.leaves_at - taken.arrives_at == timedelta(minutes=30)
    assert taken.point is None
    assert (taken.name_th, taken.name_en) == ("พัก", "Break")


def test_a_break_is_taken_where_it_says():
    units = [replace(unit(hours=6), breaks=(pause(1, 2, place=at(200, 200)), pause(4, 4.2)))]
    points = demand(*CORNERS)
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    places = [stop.geometry for stop in result.tours[0].stops if stop.kind == "break"]
    assert places == [at(200, 200), units[0].post]


def test_the_checker_misses_a_break_that_is_not_required(monkeypatch):
    """The planted fault: breaks offered like any visit without a prize are left out."""
    honest = _patrol_rounds._breaks
    monkeypatch.setattr(_patrol_rounds, "_breaks", lambda night: honest(night).iloc[:0])
    units = [replace(unit(hours=6), breaks=(pause(1, 2),))]
    points = demand(*CORNERS)
    assert faults_of(plan(units, points), points, units) == ["walker: misses a break"]


def test_breaks_that_overlap_leave_no_plan():
    busy = replace(unit(hours=6), breaks=(pause(1, 1, place=at(0, 400)), pause(1, 1.1)))
    with pytest.raises(InfeasiblePlanError, match="walker"):
        plan([busy], demand(*CORNERS))


def test_visits_keep_to_their_hours():
    points = demand(*CORNERS)
    points["opens_at"] = [hour(1), pd.NaT, hour(2), pd.NaT, hour(-5), hour(9)]
    points["closes_at"] = [hour(1.5), hour(0.5), hour(2.2), pd.NaT, hour(-4), hour(10)]
    units = [unit(hours=5), unit("two", 400, 400, hours=5)]
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    assert result.unserved["code"].to_dict() == dict.fromkeys(["p4", "p5"], "outside_shifts")
    assert result.unserved["reason_th"].ne("").all()


def test_the_checker_catches_hours_that_are_not_kept(monkeypatch):
    """The planted fault: every point open all night."""
    honest = _patrol_night.night_points

    def open_all_night(*arguments, **options):
        return honest(*arguments, **options).assign(opens_s=-np.inf, closes_s=np.inf)

    monkeypatch.setattr(_patrol_night, "night_points", open_all_night)
    points = demand(*CORNERS)
    points["opens_at"] = hour(3)
    faults = faults_of(plan([unit(hours=5)], points), points, [unit(hours=5)])
    assert any("is visited before it opens" in fault for fault in faults)


def test_a_point_wanted_once_is_visited_once():
    points = demand(*CORNERS).assign(revisit_s=[np.inf, np.nan, np.inf, np.nan, 3600.0, np.nan])
    units = [unit(speed_mps=5.0, hours=8), unit("two", 400, 400, hours=8)]
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    count = pd.Series([stop.point for tour in result.tours for stop in tour.stops]).value_counts()
    assert count["p0"] == count["p2"] == 1
    assert (count.drop(["p0", "p2"]) > 1).all()


def test_a_shorter_span_brings_more_visits():
    """Little time for much: who is due twice as often is visited more often."""
    points = demand(*[(x, y) for x in range(0, 401, 100) for y in range(0, 401, 100)])
    points["revisit_s"] = [3600.0 if number % 2 else 14_400.0 for number in range(len(points))]
    units = [unit(speed_mps=5.0, hours=8), unit("two", 400, 400, speed_mps=5.0, hours=8)]
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    count = visits(result)["name_en"].str.split().str[1].astype(int).mod(2).value_counts()
    assert count[1] > 1.2 * count[0]


def test_no_point_waits_longer_than_its_span_where_there_is_time():
    points = demand((100, 0), (0, 100))
    result = plan([unit(hours=8), unit("two", 100, 100, hours=8)], points)
    for _, stops in visits(result).groupby("name_en"):
        begun = sorted([hour(0), *stops["arrives_at"], hour(8)])
        assert np.diff(begun).max() <= timedelta(hours=2)


def test_no_point_waits_because_others_weigh_more():
    """What is due is made before heavy points are visited beyond it."""
    points = demand(*CORNERS, weight=[100.0, 100.0, 100.0, 100.0, 0.01, 0.01])
    units = [unit(hours=8), unit("two", 400, 400, hours=8), unit("three", 0, 400, hours=8)]
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    for _, stops in visits(result).groupby("name_en"):
        begun = sorted([hour(0), *stops["arrives_at"], hour(8)])
        assert np.diff(begun).max() <= timedelta(hours=2)
    assert result.unserved.empty


def test_skills_are_asked_of_who_comes():
    points = demand(*CORNERS).assign(skill=["chinese", "", "", "russian", "", ""])
    units = [unit(hours=6), replace(unit("two", 400, 400, hours=6), skills=frozenset({"chinese"}))]
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    assert visits(result).query("name_en == 'Point 0'")["unit"].unique().tolist() == ["two"]
    assert result.unserved["code"].to_dict() == {"p3": "no_skill"}


def test_the_checker_catches_a_skill_that_is_not_asked_for(monkeypatch):
    """The planted fault: everybody may stop everywhere."""
    anywhere = property(lambda night: np.ones((len(night.segments), len(night.points)), bool))
    monkeypatch.setattr(_patrol_problem.Night, "may_stop", anywhere)
    points = demand(*CORNERS).assign(skill="chinese")
    faults = faults_of(plan([unit()], points), points, [unit()])
    assert any("without the skill" in fault for fault in faults)


@pytest.mark.parametrize("seed", range(4))
def test_two_units_meet_at_one_instant(seed):
    points = demand(*CORNERS).assign(needs_units=[2, 1, 2, 1, 1, 1])
    units = [unit(hours=6), unit("two", 400, 400, hours=6), unit("three", 0, 400, hours=6)]
    result = plan(units, points, seed=seed)
    assert faults_of(result, points, units) == []
    met = visits(result).query("name_en in ('Point 0', 'Point 2')")
    assert set(met["name_en"]) == {"Point 0", "Point 2"}
    assert met.groupby(["name_en", "arrives_at"])["unit"].nunique().eq(2).all()
    assert met["with_units"].ne("").all()


def test_appointments_are_at_other_instants_with_another_seed():
    points = demand(*CORNERS[:2]).assign(needs_units=2)
    units = [unit(), unit("two", 400, 400)]
    first, second = (set(visits(plan(units, points, seed=s))["arrives_at"]) for s in (1, 2))
    assert first
    assert not first & second


def test_the_checker_catches_a_unit_that_waits_in_vain(monkeypatch):
    """The planted fault: whoever comes counts as enough."""

    def whoever(night, offers, tours):
        met = np.zeros(len(offers), dtype=bool)
        met[[row for tour in tours for row in tour]] = True
        return met & (offers["meeting"] != _patrol_meetings.NO_MEETING).to_numpy()

    monkeypatch.setattr(_patrol_rounds, "rows_that_meet", whoever)
    points = demand(*CORNERS, *CORNERS).assign(needs_units=2)
    units = [unit(hours=3), unit("two", 400, 400, hours=3)]
    faults = [
        fault
        for seed in range(3)
        for fault in faults_of(plan(units, points, seed=seed), points, units)
    ]
    assert any("too few units" in fault for fault in faults)


def test_one_unit_is_too_few_for_two():
    points = demand((100, 0), (0, 100)).assign(needs_units=[2, 1])
    result = plan([unit()], points)
    assert result.unserved["code"].to_dict() == {"p0": "too_few_units"}
    assert faults_of(result, points, [unit()]) == []


def joined(units, segments):
    """Return a stand-in for the rules that lets units move as the segments say."""
    return lambda *_, **__: Teams(segments, [], list(units))


def test_units_that_move_together_share_stops_and_their_prize(monkeypatch):
    units = [unit("police", hours=4), unit("guest", 400, 400, hours=4)]
    night_s = 4 * 3600.0
    segments = [
        Segment((0,), 0, 1, 0.0, 3000.0),
        Segment((0, 1), 1, 1, 3000.0, night_s - 3000.0),
        Segment((0,), 1, 0, night_s - 3000.0, night_s),
    ]
    monkeypatch.setattr(_patrol_night, "form_segments", joined(units, segments))
    points = demand(*CORNERS)
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    police, guest = result.tours
    (meeting,) = [stop for stop in guest.stops if stop.kind == "meeting"]
    assert meeting.with_units == ("police",)
    assert meeting.arrives_at == hour(3000 / 3600)
    assert meeting.geometry == units[1].post
    assert "Police" in meeting.name_en
    shared = [stop.point for stop in guest.stops if stop.kind == "visit"]
    assert shared
    assert shared == [stop.point for stop in police.stops if stop.with_units and stop.point]
    assert set(guest.legs) <= set(police.legs)


def test_a_break_of_one_is_a_break_of_both(monkeypatch):
    units = [unit("police"), replace(unit("guest"), breaks=(pause(1, 2),))]
    segments = [Segment((0, 1), 0, 0, 0.0, 14_400.0)]
    monkeypatch.setattr(_patrol_night, "form_segments", joined(units, segments))
    points = demand(*CORNERS)
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    for tour in result.tours:
        (taken,) = [stop for stop in tour.stops if stop.kind == "break"]
        assert tour.is_free_at(taken.arrives_at - timedelta(seconds=1))
        assert not tour.is_free_at(taken.arrives_at)
        assert tour.is_free_at(taken.leaves_at)


def test_who_stays_by_a_rule_rests_at_its_post(monkeypatch):
    units = [unit("police"), replace(unit("guest"), breaks=(pause(1, 2), pause(1, 2.5)))]
    stay = Stay(1, 0.0, 14_400.0, "อยู่ประจำจุด", "Stays at its post")
    teams = Teams([Segment((0,), 0, 0, 0.0, 14_400.0)], [stay], units)
    monkeypatch.setattr(_patrol_night, "form_segments", lambda *_, **__: teams)
    points = demand(*CORNERS)
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    guest = result.tours[1]
    assert [stop.arrives_at for stop in guest.stops] == [hour(1), hour(1.5)]
    assert guest.legs == ()
    assert (guest.note_th, guest.note_en) == ("อยู่ประจำจุด", "Stays at its post")


def test_who_has_gone_to_its_end_post_rests_there(monkeypatch):
    units = [replace(unit(), breaks=(pause(3, 3.5),), end_post=at(400, 0))]
    # Row 1 + 6 points + 1 break: the end post.
    teams = Teams(
        [Segment((0,), 0, 8, 0.0, 7200.0)],
        [Stay(0, 7200.0, 14_400.0, "อยู่ประจำจุด", "Stays at its post")],
        units,
    )
    monkeypatch.setattr(_patrol_night, "form_segments", lambda *_, **__: teams)
    points = demand(*CORNERS)
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    assert result.tours[0].stops[-1].geometry == at(400, 0)


def test_a_team_of_two_is_enough_for_two(monkeypatch):
    units = [unit("police"), unit("guest")]
    monkeypatch.setattr(
        _patrol_night, "form_segments", joined(units, [Segment((0, 1), 0, 0, 0.0, 14_400.0)])
    )
    points = demand(*CORNERS).assign(needs_units=2)
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    assert len(visits(result)) > 2


def nights_of_a_team_and_one(monkeypatch):
    """Plan nights in which one unit alone could come to where two must.

    Returns the plans and their faults.
    """
    team, alone = Segment((0, 1), 0, 0, 0.0, 7200.0), Segment((2,), 2, 2, 0.0, 7200.0)
    rider = unit("rider", 400, 400, speed_mps=6.0, hours=2)
    units = [unit("police", hours=2), unit("guest", hours=2), rider]
    monkeypatch.setattr(_patrol_night, "form_segments", joined(units, [team, alone]))
    points = demand(*CORNERS).assign(needs_units=2)
    params = PatrolParams(iterations=20)
    plans = [plan(units, points, params=params, seed=seed) for seed in range(6)]
    return plans, [fault for result in plans for fault in faults_of(result, points, units)]


def test_who_is_alone_takes_no_appointment_of_a_team(monkeypatch):
    plans, faults = nights_of_a_team_and_one(monkeypatch)
    assert faults == []
    assert all(len(visits(result)) for result in plans)


def test_the_checker_catches_one_who_comes_instead_of_a_team(monkeypatch):
    """The planted fault: in a later round anybody may keep the appointment of a team."""

    def anybody(night, kept, _tours):
        return np.ones((len(night.segments), len(kept)), dtype=bool)

    monkeypatch.setattr(_patrol_rounds, "may_keep", anybody)
    _, faults = nights_of_a_team_and_one(monkeypatch)
    assert any("too few units" in fault for fault in faults)


def test_a_shift_may_end_elsewhere():
    units = [replace(unit(hours=3), end_post=at(400, 400))]
    points = demand(*CORNERS)
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    assert result.tours[0].route.coords[-1] == at(400, 400).coords[0]
    # Without a stop it still has to get there, at the last moment.
    (tour,) = plan(units, demand()).tours
    assert len(tour.legs) == 1
    assert tour.ends_at == units[0].ends_at
    assert tour.route.length == pytest.approx(800.0)


def test_every_fault_of_the_wishes_is_named():
    points = demand(*CORNERS)
    points["opens_at"] = [hour(2), "six", hour(1).replace(tzinfo=None), pd.NaT, pd.NaT, pd.NaT]
    points["closes_at"] = [hour(1), *[pd.NaT] * 5]
    points["needs_units"] = [1, 3, 1, 1.5, 1, 0]
    points["skill"] = ["", None, "", "", "", ""]
    points["revisit_s"] = [np.nan, np.inf, 1800.0, -1.0, 7200.0, 9000.0]
    with pytest.raises(LayerError) as caught:
        plan([unit()], points)
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        (2, "opens_at"),
        (3, "opens_at"),
        (1, "closes_at"),
        (2, "needs_units"),
        (4, "needs_units"),
        (6, "needs_units"),
        (2, "skill"),
        (3, "revisit_s"),
        (4, "revisit_s"),
    ]
