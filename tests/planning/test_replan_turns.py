"""After an event as before it, no vehicle makes a turn that a sign forbids."""

from dataclasses import replace

import pandas as pd
import pytest

from planning import _patrol_ways, _replan_board
from planning.patrol import PatrolParams, plan_patrol
from planning.replan import Sos, UnitIn, nearest_units, replan
from tests.planning.grid_town import NIGHT, at, demand, grid_streets, grid_zone, unit
from tests.planning.replan_cases import HOUR

NOW = NIGHT + HOUR
DRIVER = replace(unit("car", speed_mps=5.0), mode="car", post=at(150, 200))
CORNER = [at(*xy).coords[0] for xy in ((150, 200), (200, 200), (200, 150))]
GOAL = at(200, 150)


@pytest.fixture(scope="module")
def zones():
    """Return the town with the turn of the corner free, and forbidden."""
    streets = grid_streets()
    streets["start_junction"] = [str(line.coords[0]) for line in streets.geometry]
    streets["end_junction"] = [str(line.coords[-1]) for line in streets.geometry]
    turn = pd.DataFrame(
        {
            "from_street": ["row-2-1"],
            "junction": [streets.loc["row-2-1", "end_junction"]],
            "to_street": ["col-2-1"],
        }
    )
    zone = grid_zone(streets)
    return zone, replace(zone, forbidden_turns=turn)


def night(zone):
    points = demand((150, 200))
    params = PatrolParams(iterations=30)
    return plan_patrol(zone, [DRIVER], points, params=params, seed=1), points


def turned(legs):
    """Tell whether a way leads round the corner."""
    ways = [list(line.coords) for line in legs]
    return any(way[first : first + 3] == CORNER for way in ways for first in range(len(way) - 2))


def legs_after(zone, *events):
    plan, points = night(zone)
    result = replan(plan, zone, [DRIVER], points, events=events, now=NOW, seed=1)
    return [leg.line for tour in result.plan.tours for leg in tour.legs]


def test_a_call_is_answered_by_a_way_that_is_allowed(zones):
    call = Sos(GOAL, "ช่วยด้วย", "Help")
    assert [turned(legs_after(zone, call)) for zone in zones] == [True, False]


def test_a_unit_that_joins_drives_as_it_may(zones):
    late = replace(DRIVER, id="late", starts_at=NOW, post=at(150, 200), end_post=GOAL)
    for zone, is_turned in zip(zones, (True, False), strict=True):
        assert turned(legs_after(zone, UnitIn(late))) == is_turned


def test_the_nearest_unit_comes_by_a_way_that_is_allowed(zones):
    for zone, is_turned in zip(zones, (True, False), strict=True):
        plan, _ = night(zone)
        [way] = nearest_units(plan, zone, GOAL, NOW).geometry
        assert turned([way]) == is_turned


def test_a_forgotten_sign_would_be_found(zones, monkeypatch):
    def forgetful(*args, forbidden, **options):
        return _patrol_ways.find_ways(*args, forbidden=None, **options)

    monkeypatch.setattr(_replan_board, "find_ways", forgetful)
    assert turned(legs_after(zones[1], Sos(GOAL, "ช่วยด้วย", "Help")))
