"""Turns: costs and signs that are none are named."""

import numpy as np
import pytest

from geo.errors import LayerError, ParameterError
from geo.turns import TurnCosts, check_forbidden_turns, meeting
from tests.geo.turn_cases import bans, frame

STREETS = frame([[(0, 0), (100, 0)], [(100, 0), (100, 100)], [(100, 0), (200, 0)]])


def test_every_cost_that_is_none_is_named():
    with pytest.raises(ParameterError) as caught:
        TurnCosts(left_s=-1.0, right_s=np.nan, u_turn_s=np.inf)
    assert str(caught.value).splitlines() == [
        "Expected finite `left_s` >= 0, got -1.0.",
        "Expected finite `right_s` >= 0, got nan.",
        "Expected finite `u_turn_s` >= 0, got inf.",
    ]


def test_turns_between_streets_that_meet_are_right():
    check_forbidden_turns(bans(("s0", "100,0", "s1"), ("s1", "100,0", "s1")), STREETS)


def test_every_turn_that_is_none_is_named():
    turns = bans(("s0", "0,0", "s1"), ("nowhere", "100,0", "s2"), ("s0", "100,0", "s2"))
    with pytest.raises(LayerError) as caught:
        check_forbidden_turns(turns, STREETS, source="turns.csv")
    assert [str(fault) for fault in caught.value.faults] == [
        "turns.csv, row 1, `junction`: expected a junction of s1, got '0,0'",
        "turns.csv, row 2, `from_street`: expected a street of the zone, got 'nowhere'",
    ]


def test_missing_columns_are_named():
    with pytest.raises(LayerError) as caught:
        check_forbidden_turns(bans().drop(columns="junction"), STREETS.drop(columns="end_junction"))
    assert [str(fault) for fault in caught.value.faults] == [
        "turns: expected a column `junction`, got none",
        "streets: expected a column `end_junction`, got none",
    ]


def test_numbers_are_paired_with_every_place_at_which_they_stand():
    row, place = meeting(np.array([4, 7, 9]), np.array([9, 4, 5, 9, 4]))
    pairs = sorted(zip(row.tolist(), place.tolist(), strict=True))
    assert pairs == [(0, 1), (0, 4), (2, 0), (2, 3)]
