"""Breaks in a shift: against every schedule of whole minutes."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from planning._patrol_rests import begins_of_breaks, longest_on_foot, with_rests
from planning._rule_entries import Rest
from planning.patrol_rules import PatrolRules
from planning.units import Break
from tests.planning.grid_town import NIGHT, unit

WINDOWS = st.lists(st.tuples(st.integers(-2, 12), st.integers(0, 5), st.integers(1, 4)), max_size=3)


def pause(opens, width, minutes):
    start = NIGHT + timedelta(minutes=opens)
    return Break(start, start + timedelta(minutes=width), 60.0 * minutes)


def keeps(begins, windows, longest, shift, way_home):
    """Tell whether moments keep everything, in minutes; a shift of none has no ends."""
    moment = 0 if shift is not None else None
    for begin, (_, _, minutes) in zip(begins, windows, strict=True):
        if moment is not None and not moment <= begin <= moment + longest:
            return False
        moment = begin + minutes
    return shift is None or moment + way_home <= shift <= moment + longest


@given(
    WINDOWS,
    st.integers(1, 14),
    st.one_of(st.none(), st.integers(1, 16)),
    st.integers(0, 3),
)
def test_breaks_fit_where_some_schedule_does(windows, longest, shift, way_home):
    windows = sorted(windows)
    one = unit(hours=24)
    found = begins_of_breaks(
        one,
        [pause(*window) for window in windows],
        longest_s=60.0 * longest,
        shift_s=None if shift is None else 60.0 * shift,
        way_home_s=60.0 * way_home,
    )
    every = product(*(range(opens, opens + width + 1) for opens, width, _ in windows))
    possible = [begins for begins in every if keeps(begins, windows, longest, shift, way_home)]
    if not windows and shift is None:
        possible = [()]
    assert (found is not None) == bool(possible)
    if found is None:
        return
    chosen = [range(int(-(-first // 60)), int(last // 60) + 1) for first, last in found]
    assert all(len(each) for each in chosen)
    for begins in product(*chosen):
        in_turn = all(
            begin + windows[number][2] <= begins[number + 1]
            for number, begin in enumerate(begins[:-1])
        )
        assert not in_turn or keeps(begins, windows, longest, shift, way_home)


def test_an_end_post_out_of_reach():
    assert begins_of_breaks(unit(), [], way_home_s=inf) is None


def test_narrowed_breaks_keep_their_order():
    early = Break(NIGHT, NIGHT + timedelta(hours=3), 600.0)
    late = Break(NIGHT + timedelta(hours=1), NIGHT + timedelta(hours=5), 600.0)
    one = replace(unit(hours=6), breaks=(late, early))
    rules = PatrolRules(rules=(Rest("rest", "พัก", "Rest", 9000.0),))
    second, first = with_rests(one, rules).breaks
    assert (first.duration_s, second.duration_s) == (600.0, 600.0)
    assert first.latest_at <= NIGHT + timedelta(hours=2.5)
    assert second.earliest_at >= one.ends_at - timedelta(minutes=160)
    assert second.latest_at - first.earliest_at <= timedelta(minutes=160)


def test_whom_a_rest_binds():
    rules = PatrolRules(
        rules=(
            Rest("all", "พัก", "Rest", 9000.0),
            Rest("marine", "พัก", "Rest", 60.0, frozenset({"marine"})),
        )
    )
    assert longest_on_foot(unit(), rules) == 9000
    assert longest_on_foot(replace(unit(), kind="marine"), rules) == 60
    assert longest_on_foot(unit(speed_mps=5), rules) == inf
    riders = unit(speed_mps=5)
    assert with_rests(riders, rules) is riders
