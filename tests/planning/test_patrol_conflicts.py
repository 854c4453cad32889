"""Why there is no plan: smallest conflicts among clauses, and those of a night."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planning._patrol_teams
from geo.errors import InfeasiblePlanError
from planning._patrol_conflicts import Clause, in_words, smallest_conflict
from planning._patrol_teams import form_segments
from planning.patrol_rules import PatrolRules
from planning.units import Break
from tests.planning.grid_town import NIGHT, at, unit
from tests.planning.team_cases import (
    ENGLISH,
    REST,
    TWO,
    WITH_POLICE,
    OneStreet,
    night_of,
    police,
    rules_of,
    volunteer,
)

CLAUSES = [Clause("rule", f"r{number}") for number in range(10)]
PLANTED = st.lists(
    st.frozensets(st.sampled_from(CLAUSES), min_size=1, max_size=5), min_size=1, max_size=6
)


@given(PLANTED)
def test_the_smallest_of_planted_conflicts(planted):
    def feasible(some):
        return not any(conflict <= set(some) for conflict in planted)

    found = smallest_conflict(CLAUSES, feasible)
    assert frozenset(found) in planted
    assert len(found) == min(map(len, planted))
    assert all(feasible([other for other in found if other != one]) for one in found)


def test_few_trials_among_many_clauses():
    clauses = [Clause("rule", f"r{number}") for number in range(5000)]
    culprits = {clauses[17], clauses[4711]}
    trials = []

    def feasible(some):
        trials.append(len(some))
        return not culprits <= set(some)

    assert set(smallest_conflict(clauses, feasible)) == culprits
    assert len(trials) < 100


def test_many_conflicts_are_counted():
    conflicts = [[Clause("shift", "walker")]] * 23
    told = in_words(conflicts, [unit()], PatrolRules()).splitlines()
    assert len(told) == 21
    assert told[-1] == "3 more of the kind."


def test_times_are_told_on_the_clocks_of_the_zone_with_their_days():
    """A shift of a whole day from 18:00 in Bangkok, and a break about the midnight there."""
    pause = Break(NIGHT + timedelta(hours=5.5), NIGHT + timedelta(hours=6.5), 1800.0)
    around = replace(unit(hours=24), breaks=(pause,))
    clauses = [Clause("shift", "walker"), Clause("break", "walker")]
    told = in_words([clauses], [around], PatrolRules(timezone="Asia/Bangkok"))
    assert "walker from 2026-01-03 18:00 to 2026-01-04 18:00 (Asia/Bangkok)" in told
    assert "begin from 2026-01-03 23:30 to 2026-01-04 00:30 (Asia/Bangkok)" in told
    in_utc = in_words([clauses], [around], PatrolRules())
    assert "begin from 2026-01-03 16:30 to 17:30 (UTC)" in in_utc


def conflict(monkeypatch, units, rules, street, ends=None):
    """Return the conflicts that the error names, and its text."""
    seen = []
    words = planning._patrol_teams.in_words

    def recorded(conflicts, *rest):
        seen.extend(conflicts)
        return words(conflicts, *rest)

    monkeypatch.setattr(planning._patrol_teams, "in_words", recorded)
    with pytest.raises(InfeasiblePlanError) as caught:
        form_segments(units, rules, street, NIGHT, ends=ends)
    return [[(clause.kind, clause.name) for clause in found] for found in seen], str(caught.value)


def test_no_units():
    with pytest.raises(InfeasiblePlanError, match="at least one unit"):
        form_segments([], PatrolRules(), OneStreet(), NIGHT)


def test_volunteers_and_no_police(monkeypatch):
    units, rules = [volunteer(), volunteer("more")], rules_of(TWO, WITH_POLICE, ENGLISH)
    units = [replace(one, skills=frozenset({"english"})) for one in units]
    found, text = conflict(monkeypatch, units, rules, OneStreet(0, 0))
    assert found == [[("rule", "with-police")]]
    assert "rule with-police (With police)" in text
    form_segments(units, rules_of(TWO, ENGLISH), OneStreet(0, 0), NIGHT)


def test_each_rule_of_a_conflict_is_needed(monkeypatch):
    units = [volunteer(), unit("riders", speed_mps=5.0)]
    units[1] = replace(units[1], officers=1)
    street = OneStreet(0, 900)
    found, _ = conflict(monkeypatch, units, rules_of(TWO, WITH_POLICE), street)
    assert found == [[("rule", "with-police"), ("rule", "two")]]
    for rule in (TWO, WITH_POLICE):
        assert form_segments(units, rules_of(rule), street, NIGHT).segments


def test_a_binding_skill_that_stays_at_home(monkeypatch):
    units = [volunteer(skills=frozenset({"english"})), unit("riders", speed_mps=5.0)]
    found, _ = conflict(monkeypatch, units, rules_of(ENGLISH, WITH_POLICE, TWO), OneStreet(0, 0))
    assert found == [[("rule", "with-police"), ("rule", "english")]]
    assert form_segments(units, rules_of(ENGLISH, TWO), OneStreet(0, 0), NIGHT).segments
    assert form_segments(units, rules_of(WITH_POLICE, TWO), OneStreet(0, 0), NIGHT).segments


def test_an_end_post_that_rules_put_out_of_reach(monkeypatch):
    units = [volunteer(end_post=at(0, 9)), unit("riders", speed_mps=5.0)]
    found, text = conflict(
        monkeypatch, units, rules_of(TWO, WITH_POLICE), OneStreet(0, 0, 9), [2, 1]
    )
    assert found == [[("rule", "with-police"), ("end post", "volunteer")]]
    assert "end post of volunteer" in text


def test_two_end_posts_and_one_escort(monkeypatch):
    units = [volunteer("a", end_post=at(0, 9)), volunteer("b", end_post=at(0, 9)), police()]
    street = OneStreet(0, 0, 0, 9, 9)
    found, _ = conflict(monkeypatch, units, rules_of(WITH_POLICE), street, [3, 4, 2])
    assert found == [[("rule", "with-police"), ("end post", "a"), ("end post", "b")]]
    assert form_segments(units, rules_of(WITH_POLICE), street, NIGHT, ends=[3, 1, 2]).segments


ENDING = st.lists(
    st.tuples(
        st.sampled_from(["volunteer", "police", "marine"]),
        st.integers(1, 2),
        st.sampled_from([(1.2, "foot"), (5.0, "motorcycle")]),
        st.integers(0, 3),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=200, deadline=None)
@given(ENDING)
def test_without_any_one_of_a_conflict_there_is_a_plan(entries):
    units, street = night_of([(*who, 0, 16, post) for *who, post, _, _ in entries])
    units = [
        replace(one, skills=frozenset({"english"} if speaks else ()))
        for one, (*_, speaks, _) in zip(units, entries, strict=True)
    ]
    places_m, ends = list(street.places_m), list(range(len(units)))
    for number, (*_, moves) in enumerate(entries):
        if moves:
            ends[number] = len(places_m)
            places_m.append(street.places_m[number] + 100)
    rules, street = rules_of(WITH_POLICE, TWO, ENGLISH), OneStreet(*places_m)
    with pytest.MonkeyPatch.context() as patch:
        try:
            form_segments(units, rules, street, NIGHT, ends=ends)
        except InfeasiblePlanError:
            ((*named,), *others), _ = conflict(patch, units, rules, street, ends)
            assert not others
        else:
            return

    def with_only(kept):
        goals = [
            end if ("end post", one.id) in kept else number
            for number, (one, end) in enumerate(zip(units, ends, strict=True))
        ]
        names = {name for kind, name in kept if kind == "rule"}
        return form_segments(units, rules.only(names), street, NIGHT, ends=goals)

    with pytest.raises(InfeasiblePlanError):
        with_only(named)
    for one in named:
        assert with_only([other for other in named if other != one]).segments


def test_shifts_too_short_for_what_they_hold(monkeypatch):
    def pause(hour, minutes):
        return Break(NIGHT + timedelta(hours=hour), NIGHT + timedelta(hours=hour), 60.0 * minutes)

    units = [
        police("late", breaks=(pause(3.9, 30),)),
        police("twice", breaks=(pause(1, 60), pause(1.5, 10), pause(3, 10))),
        police("tired", breaks=(pause(2.5, 10),)),
        police("far", end_post=at(0, 0)),
        police("fine", breaks=(pause(2, 10),)),
    ]
    street = OneStreet(0, 0, 0, 0, 0, 20_000)
    found, text = conflict(monkeypatch, units, rules_of(REST, TWO), street, [0, 1, 2, 5, 4])
    assert found == [
        [("shift", "late"), ("break", "late")],
        [("break", "twice"), ("break", "twice")],
        [("shift", "tired"), ("rule", "rest")],
        [("shift", "far"), ("end post", "far")],
    ]
    assert "break of 30 min of late to begin from 2026-01-03 14:54 to 14:54 (UTC)" in text
    assert len(text.splitlines()) == 4
