"""When visits may begin: those due, those that end long waits, and whatever is left."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning._patrol_windows import (
    due_windows,
    offer_visits,
    times_due,
    windows_left,
    windows_overdue,
    worth_of_visits,
)

NIGHT = (0.0, 28_800.0)


def points(count, *, opens_s=-np.inf, closes_s=np.inf, revisit_s=7200.0):
    return pd.DataFrame(
        {"opens_s": opens_s, "closes_s": closes_s, "revisit_s": revisit_s, "weight": 1.0},
        index=range(count),
    )


def offered(night_points, *, span_s=28_800.0, seed=0):
    return offer_visits(
        night_points, span_s=span_s, least_gap_s=1800.0, rng=np.random.default_rng(seed)
    )


@pytest.mark.parametrize("span_s", [600.0, 7200.0, 28800.0])
def test_visits_keep_their_distance(span_s):
    visits = offered(points(30), span_s=span_s)
    assert visits["point"].nunique() == 30
    assert visits["earliest_s"].between(0, span_s).all()
    assert (visits["latest_s"] <= span_s).all()
    for _, windows in visits.groupby("point"):
        gap = windows["earliest_s"].to_numpy()[1:] - windows["latest_s"].to_numpy()[:-1]
        assert (gap >= 1800.0 - 1e-6).all()
        assert len(windows) <= np.ceil(span_s / 7200.0) + 1


def test_visits_keep_to_the_hours_of_their_point():
    visits = offered(points(20, opens_s=3600.0, closes_s=16_200.0))
    assert visits["earliest_s"].min() >= 3600.0
    assert visits["latest_s"].max() <= 16_200.0
    assert visits["point"].nunique() == 20


def test_hours_outside_the_night_have_no_visit():
    assert offered(points(3, closes_s=-1.0)).empty
    assert offered(points(3, opens_s=28_801.0)).empty


def test_once_a_night_is_one_window_of_all_its_hours():
    visits = offered(points(2, opens_s=3600.0, revisit_s=np.inf))
    assert visits[["earliest_s", "latest_s"]].to_numpy().tolist() == [[3600.0, 28_800.0]] * 2


def test_another_draw_other_moments():
    one, other = (
        due_windows(NIGHT, revisit_s=7200.0, least_gap_s=1800.0, draw=draw) for draw in (0.1, 0.9)
    )
    assert one != other


@st.composite
def nights_so_far(draw):
    """Windows of visits made, ascending and at their distance."""
    gap_s = draw(st.sampled_from([0.0, 900.0, 1800.0]))
    made, now = [], draw(st.floats(0, 6000))
    for _ in range(draw(st.integers(0, 6))):
        close = now + draw(st.floats(0, 240))
        if close > NIGHT[1]:
            break
        made.append((now, close))
        now = close + gap_s + draw(st.floats(0, 9000))
    return gap_s, made


@given(nights_so_far(), st.sampled_from([windows_left, windows_overdue]))
def test_further_windows_keep_their_distance(so_far, windows):
    gap_s, made = so_far
    further = list(windows(made, NIGHT, revisit_s=7200.0, least_gap_s=gap_s))
    assert all(0 <= opens <= closes <= NIGHT[1] + 1e-6 for opens, closes in further)
    for (_, closes), (opens, _) in pairwise(sorted([*made, *further])):
        assert opens - closes >= gap_s - 1e-6


@given(nights_so_far())
def test_overdue_windows_end_every_long_wait_that_one_visit_can_end(so_far):
    gap_s, made = so_far
    further = list(windows_overdue(made, NIGHT, revisit_s=7200.0, least_gap_s=gap_s))
    for (since, _), (_, until) in pairwise(made):
        between = [window for window in further if since < window[0] and window[1] < until]
        if until - since <= 7200.0:
            assert between == []
        elif until - since <= 14_400.0:
            ((opens, closes),) = between
            assert closes <= since + 7200.0 + 1e-6
            assert opens >= until - 7200.0 - 1e-6


def test_a_point_nobody_came_to_is_offered_however_short_its_hours():
    window = list(windows_overdue([], (0.0, 600.0), revisit_s=7200.0, least_gap_s=1800.0))
    assert window == [(0.0, 600.0)]


def test_how_often_a_point_is_due_does_not_hang_on_the_seed():
    table = pd.concat(
        [points(1), points(1, opens_s=3600.0, closes_s=7200.0), points(1, revisit_s=np.inf)]
    )
    assert times_due(table, span_s=28_800.0).tolist() == [4, 1, 1]


def test_visits_beyond_those_due_count_less_and_less():
    """Recounted one by one."""
    weight, due = np.array([2.0, 3.0, 5.0]), np.array([2, 1, 4])
    made = np.array([4, 0, 4])
    expected = 2 * (1 + 1 + 1 / 3 + 1 / 4) + 0 + 5 * 4
    assert worth_of_visits(weight, due, made) == pytest.approx(expected)
