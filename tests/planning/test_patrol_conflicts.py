"""Smallest conflicts, against conflicts planted among clauses."""

from hypothesis import given
from hypothesis import strategies as st

from planning._patrol_conflicts import Clause, in_words, smallest_conflict
from planning.patrol_rules import PatrolRules
from tests.planning.grid_town import unit

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
