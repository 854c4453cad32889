"""Smallest conflicts, against conflicts planted among clauses."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from planning._patrol_conflicts import Clause, in_words, smallest_conflict
from planning.patrol_rules import PatrolRules
from planning.units import Break
from tests.planning.grid_town import NIGHT, unit

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
