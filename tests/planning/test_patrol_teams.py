"""Teams of a night: rules at every minute, and the most time together."""

from dataclasses import replace
from datetime import time, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planning._patrol_pairs
import planning._patrol_teams
from geo.errors import InfeasiblePlanError
from planning._patrol_teams import form_segments
from planning.patrol_rules import PatrolRules
from planning.units import Break
from tests.planning.grid_town import NIGHT, at, unit
from tests.planning.team_cases import (
    HOUR_S,
    REST,
    TWO,
    WITH_POLICE,
    OneStreet,
    later,
    night_of,
    police,
    rules_of,
    volunteer,
)


def shape(segment):
    return segment.units, segment.start, segment.end, segment.earliest_s, segment.latest_s


def test_without_rules_everybody_moves_alone():
    units = [volunteer(), later(police(), starts_h=1)]
    teams = form_segments(units, PatrolRules(), OneStreet(0, 500), NIGHT)
    assert [shape(segment) for segment in teams.segments] == [
        ((0,), 0, 0, 0.0, 4 * HOUR_S),
        ((1,), 1, 1, HOUR_S, 5 * HOUR_S),
    ]
    assert not teams.stays
    assert teams.units == units


def test_a_volunteer_is_met_at_its_post():
    units = [volunteer(), later(police(), hours=3)]
    teams = form_segments(units, rules_of(WITH_POLICE), OneStreet(0, 720), NIGHT)
    # Ten minutes by foot at 1.2 m/s.
    assert [shape(segment) for segment in teams.segments] == [
        ((1, 0), 0, 0, 600.0, 3 * HOUR_S - 600.0),
        ((1,), 1, 0, 0.0, 600.0),
        ((1,), 0, 1, 3 * HOUR_S - 600.0, 3 * HOUR_S),
    ]
    assert [stay[:3] for stay in teams.stays] == [
        (0, 0.0, 600.0),
        (0, 3 * HOUR_S - 600.0, 4 * HOUR_S),
    ]
    assert "With police" in teams.stays[0].note_en
    assert "กับตำรวจ" in teams.stays[0].note_th


def test_by_day_a_volunteer_moves_alone():
    units = [volunteer(), later(police(), hours=3)]
    rules = rules_of(WITH_POLICE, night_from=time(12))
    teams = form_segments(units, rules, OneStreet(0, 0), NIGHT)
    assert [shape(segment) for segment in teams.segments] == [
        ((0,), 0, 0, 0.0, HOUR_S),
        ((1, 0), 0, 0, HOUR_S, 3 * HOUR_S),
        ((1,), 1, 0, 0.0, HOUR_S),
    ]
    assert [stay[:3] for stay in teams.stays] == [(0, 3 * HOUR_S, 4 * HOUR_S)]


def test_a_rule_for_the_day_too():
    rule = replace(WITH_POLICE, always=True)
    units = [volunteer(), police()]
    teams = form_segments(units, rules_of(rule, night_from=time(12)), OneStreet(0, 0), NIGHT)
    assert [segment.units for segment in teams.segments] == [(1, 0)]


def test_two_officers_alone_go_together():
    units = [police("a", officers=1), police("b", officers=1), police("c", officers=1), police()]
    teams = form_segments(units, rules_of(TWO), OneStreet(0, 0, 0, 900), NIGHT)
    groups = sorted(segment.units for segment in teams.segments if len(segment.units) > 1)
    assert len(groups) == 2
    assert sorted(sum(groups, ())) == [0, 1, 2, 3]


def test_the_slowest_leads():
    units = [volunteer(speed_mps=1.0), police(speed_mps=1.3), unit("riders", speed_mps=5.0)]
    teams = form_segments(units, rules_of(WITH_POLICE), OneStreet(0, 0, 0), NIGHT)
    assert [segment.units for segment in teams.segments] == [(0, 1), (2,)]


def test_nobody_leaves_a_motorcycle_to_walk_with_others():
    riders = unit("riders", speed_mps=5.0)
    teams = form_segments([volunteer(), riders], rules_of(WITH_POLICE), OneStreet(0, 0), NIGHT)
    assert [segment.units for segment in teams.segments] == [(1,)]
    assert [stay.unit for stay in teams.stays] == [0]


def test_who_stays_may_have_gone_to_its_end_post_by_day():
    units = [replace(volunteer(), end_post=at(0, 100)), unit("riders", speed_mps=5.0)]
    rules = rules_of(WITH_POLICE, night_from=time(12))
    teams = form_segments(units, rules, OneStreet(0, 0, 100), NIGHT, ends=[2, 1])
    assert shape(teams.segments[0]) == ((0,), 0, 2, 0.0, HOUR_S)


def test_a_team_parts_at_the_end_post():
    units = [replace(volunteer(), end_post=at(0, 720)), police()]
    teams = form_segments(units, rules_of(WITH_POLICE), OneStreet(0, 0, 720), NIGHT, ends=[2, 1])
    assert shape(teams.segments[0]) == ((1, 0), 0, 2, 0.0, 4 * HOUR_S - 600.0)


def test_who_could_not_end_otherwise_comes_first():
    far = replace(volunteer("far"), end_post=at(0, 600))
    units = [volunteer("near"), far, police()]
    teams = form_segments(
        units, rules_of(WITH_POLICE), OneStreet(0, 600, 0, 700), NIGHT, ends=[0, 3, 2]
    )
    assert [segment.units for segment in teams.segments if len(segment.units) > 1] == [(2, 1)]
    assert next(stay.unit for stay in teams.stays if stay.latest_s > 3 * HOUR_S) == 0


def test_breaks_keep_their_time():
    # The guest must be back at its own post for its break, ten minutes away.
    late = Break(NIGHT + timedelta(hours=3.5), NIGHT + timedelta(hours=3.5), 1500.0)
    street, rules = OneStreet(0, 720), rules_of(WITH_POLICE)
    units = [volunteer(), police(breaks=(late,))]
    assert len(form_segments(units, rules, street, NIGHT).segments) == 1
    early = replace(late, earliest_at=NIGHT + timedelta(hours=2))
    units = [volunteer(), police(breaks=(early,))]
    assert len(form_segments(units, rules, street, NIGHT).segments) == 3


def test_rests_narrow_the_breaks():
    pause = Break(NIGHT, NIGHT + timedelta(hours=3), 1800.0)
    teams = form_segments([police(breaks=(pause,))], rules_of(REST), OneStreet(0), NIGHT)
    assert teams.units[0].breaks == (
        replace(
            pause,
            earliest_at=NIGHT + timedelta(hours=1.5),
            latest_at=NIGHT + timedelta(hours=2),
        ),
    )


UNITS = st.lists(
    st.tuples(
        st.sampled_from(["volunteer", "police", "marine"]),
        st.integers(1, 2),
        st.sampled_from([(1.2, "foot"), (1.0, "foot"), (3.0, "bicycle"), (5.0, "motorcycle")]),
        st.integers(0, 12),
        st.integers(4, 16),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=6,
)


def faults_of_teams(units, rules, street, teams):
    """Walk through the night minute by minute, with nothing of the planner's but its answer."""
    for number, one in enumerate(units):
        pieces = [segment for segment in teams.segments if number in segment.units]
        pieces += [stay for stay in teams.stays if stay.unit == number]
        pieces.sort(key=lambda piece: piece.earliest_s)
        begins = [piece.earliest_s for piece in pieces]
        ends = [piece.latest_s for piece in pieces]
        shift = [(moment - NIGHT).total_seconds() for moment in (one.starts_at, one.ends_at)]
        if [*begins, shift[1]] != [shift[0], *ends]:
            yield f"{one.id} has gaps"
        yield from faults_of_ways(number, one, pieces, street.places_m)
    for segment in teams.segments:
        yield from faults_of_group([units[number] for number in segment.units], segment, rules)


def faults_of_ways(number, one, pieces, places_m):
    place_m = places_m[number]
    for piece in pieces:
        if hasattr(piece, "start"):
            if places_m[piece.start] != place_m:
                yield f"{one.id} jumps"
            place_m = places_m[piece.end]
            least_s = abs(place_m - places_m[piece.start]) / one.speed_mps
            if least_s > piece.latest_s - piece.earliest_s + 1e-6:
                yield f"{one.id} is late"
        elif place_m != places_m[number]:
            yield f"{one.id} stays elsewhere"
    if place_m != places_m[number]:
        yield f"{one.id} does not come back"


def faults_of_group(group, segment, rules):
    kinds, officers = {one.kind for one in group}, sum(one.officers for one in group)
    for minute in range(int(segment.earliest_s // 60), int(segment.latest_s // 60)):
        clock = (NIGHT + timedelta(minutes=minute)).time()
        if rules.night_from <= clock < rules.night_to:
            if "volunteer" in kinds and "police" not in kinds:
                yield "volunteers alone"
            if officers < 2:
                yield "one officer alone"


RULES = rules_of(WITH_POLICE, TWO, night_from=time(12))


def formed(units, street):
    try:
        return form_segments(units, RULES, street, NIGHT)
    except InfeasiblePlanError:
        return None


@settings(max_examples=300, deadline=None)
@given(UNITS, st.booleans())
def test_every_rule_holds_at_every_minute(entries, crowded):
    units, street = night_of(entries)
    with pytest.MonkeyPatch.context() as patch:
        if crowded:
            patch.setattr(planning._patrol_pairs, "_MOST_EXACT", 0)
        teams = formed(units, street)
        if teams is not None:
            assert not list(faults_of_teams(units, RULES, street, teams))
            assert teams == formed(units, street)


def test_a_planted_fault_is_found(monkeypatch):
    units, street = night_of([("volunteer", 1, (1.2, "foot"), 4, 8, 0)] * 2)
    monkeypatch.setattr(
        planning._patrol_pairs, "may_pair", lambda _, others, __: np.ones(len(others), dtype=bool)
    )
    teams = formed(units, street)
    assert "volunteers alone" in list(faults_of_teams(units, RULES, street, teams))


def gain_of(units, street, one, other):
    """Return the seconds that two gain together less the ways, if one of them needs company."""
    if not (one.on_foot and other.on_foot) and one.mode != other.mode:
        return 0.0
    kinds, count = {one.kind, other.kind}, one.officers + other.officers
    if count < 2 or ("volunteer" in kinds and "police" not in kinds):
        return 0.0
    here, there = (street.places_m[units.index(each)] for each in (one, other))
    gains = [0.0]
    for host, guest in ((one, other), (other, one)):
        alone = guest.kind != "volunteer" and guest.officers > 1
        if host.kind != "volunteer" and host.officers > 1:
            continue
        if here != there and not alone:
            continue
        way = timedelta(seconds=abs(here - there) / guest.speed_mps)
        begins = max(host.starts_at, guest.starts_at + way)
        ends = min(host.ends_at, guest.ends_at - way)
        gains.append((ends - begins - 2 * way).total_seconds())
    return max(gains)


def best_gain(units, street, free):
    if not free:
        return 0.0
    first, *others = free
    return max(
        best_gain(units, street, others),
        *(
            gain_of(units, street, first, other)
            + best_gain(units, street, [one for one in others if one != other])
            for other in others
        ),
        0.0,
    )


@settings(max_examples=200, deadline=None)
@given(UNITS)
def test_nobody_could_gain_more_time_together(entries):
    # Posts 15 minutes apart at 1 m/s and whole quarters of an hour; it is night throughout.
    units, street = night_of(
        [(*some, (1.0, "foot"), *times) for *some, _, a, b, c in entries for times in [(a, b, c)]]
    )
    rules = rules_of(WITH_POLICE, TWO)
    try:
        teams = form_segments(units, rules, street, NIGHT)
    except InfeasiblePlanError:
        assert best_gain(units, street, units) == 0
        return
    found = 0.0
    for segment in teams.segments:
        if len(segment.units) > 1:
            guests = [n for n in segment.units if n != segment.start]
            way_s = abs(street.places_m[guests[0]] - street.places_m[segment.start])
            found += segment.latest_s - segment.earliest_s - 2 * way_s
    assert found == pytest.approx(best_gain(units, street, units))


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.slow)])
def test_many_units_do_not_hang(count):
    units = [
        volunteer(f"v{number}") if number % 3 == 0 else police(f"p{number}")
        for number in range(count)
    ]

    class OnePost:
        def travel_s(self, _):
            return np.broadcast_to(0.0, (count, count))

    teams = form_segments(units, rules_of(WITH_POLICE, TWO), OnePost(), NIGHT)
    assert not teams.stays
    assert sum(len(segment.units) == 2 for segment in teams.segments) == -(-count // 3)
