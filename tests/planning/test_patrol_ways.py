"""Ways of a night: each mode on streets of its own, and what lies out of reach."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from geo.errors import LayerError, NotFoundError
from geo.turn_graph import TurnGraph
from planning._patrol_ways import end_rows, find_ways
from planning.patrol import PatrolParams, plan_patrol
from planning.units import Break
from tests.planning.grid_town import NIGHT, at, demand, grid_streets, grid_zone, unit

LIMIT = {"snap_limit_m": 150.0, "forbidden": None}
WALKER = unit("walker", 0, 40)
DRIVER = replace(unit("driver", 0, 40, speed_mps=5.0), mode="car")


@pytest.fixture
def streets():
    """The grid, with the westernmost column for walkers only, and a one-way first row."""
    frame = grid_streets(oneway=["row-0-0"])
    frame.loc[[f"col-0-{j}" for j in range(4)], "street_class"] = "footway"
    return frame


def test_each_mode_goes_by_streets_of_its_own(streets):
    ways = find_ways(streets, [WALKER, DRIVER], demand((0, 160), (50, 160)), **LIMIT)
    walk, drive = ways.travel_s(WALKER), ways.travel_s(DRIVER)
    assert walk[0, 2] == pytest.approx(120 / 1.2)
    # By car the post lies on the first row, 40 m south, and the point on the second, 40 m north:
    # out of the one-way street, right at two corners, and west to its very end.
    assert ways.distance_m(DRIVER)[:3].tolist() == [40, 40, 40]
    assert drive[1, 2] == pytest.approx((100 + 200 + 100) / 5 + 2 * 3)
    line = ways.route(DRIVER, [1, 2])
    assert line.coords[0] == at(0, 0).coords[0]
    assert line.coords[-1] == at(0, 200).coords[0]
    assert line.length == 400


def test_a_route_is_its_legs_and_they_are_its_passes(streets):
    ways = find_ways(streets, [WALKER, DRIVER], demand((230, 0), (330, 210)), **LIMIT)
    for mover in (WALKER, DRIVER):
        rows = [1, 2, 3, 3, 2]
        legs = ways.legs(mover, rows)
        route = ways.route(mover, rows)
        assert [leg.length > 0 for leg in legs] == [True, True, False, True]
        assert route.length == pytest.approx(sum(leg.length for leg in legs))
        passes = ways.passes(mover, rows)
        assert passes["way"].unique().tolist() == [0, 1, 2, 3]
        length_m = (passes["to_m"] - passes["from_m"]).abs().groupby(passes["way"]).sum()
        assert length_m.tolist() == pytest.approx([leg.length for leg in legs])
        passed = streets.geometry[passes["street"]].union_all().buffer(1e-6)
        assert route.within(passed)
    assert ways.route(WALKER, [2, 2]).length == 0


def test_places_stand_in_order():
    pause = Break(NIGHT, NIGHT + timedelta(hours=1), 600.0, at=at(300, 300))
    units = [
        replace(WALKER, end_post=at(400, 0), breaks=(replace(pause, at=None),)),
        replace(DRIVER, breaks=(pause,)),
        replace(unit("other", 100, 0), end_post=at(0, 400)),
    ]
    points = demand((200, 0), (200, 100))
    ways = find_ways(grid_streets(), units, points, **LIMIT)
    xy = [(0, 40), (0, 40), (100, 0), (200, 0), (200, 100), (0, 40), (300, 300), (400, 0), (0, 400)]
    assert list(ways.places) == [at(*place) for place in xy]
    assert end_rows(units, points) == [7, 1, 8]


def test_who_rides_at_another_speed_rides_the_same_streets(streets):
    ways = find_ways(streets, [WALKER, DRIVER], demand((330, 210)), **LIMIT)
    slow = replace(DRIVER, id="slow", speed_mps=2.5)
    turning_s = [
        ways.travel_s(mover)[1, 2] - ways.route(mover, [1, 2]).length / mover.speed_mps
        for mover in (DRIVER, slow)
    ]
    assert turning_s[0] == pytest.approx(turning_s[1])
    assert turning_s[0] > 0
    assert ways.travel_s(DRIVER) is ways.travel_s(replace(DRIVER, id="twin"))
    with pytest.raises(ValueError, match="read-only"):
        ways.travel_s(DRIVER)[0, 0] = 1.0


def test_what_one_mode_cannot_reach_is_left_to_the_others(streets):
    far = demand((-120, 200))
    units = [unit("walker"), replace(unit("driver", 300, 0, speed_mps=5.0), mode="car")]
    streets["street_class"] = streets["street_class"].where(
        streets.geometry.bounds["minx"] > at(90, 0).x, "footway"
    )
    ways = find_ways(streets, units, far, **LIMIT)
    assert np.isfinite(ways.travel_s(units[0])[0, 2])
    assert np.isinf(ways.travel_s(units[1])[1, 2])
    assert np.isfinite(ways.travel_s(units[1])[1, 1])
    with pytest.raises(NotFoundError, match="in reach of a street, got that of row 2"):
        ways.legs(units[1], [1, 2])
    with pytest.raises(LayerError, match=r"demand, row 1, `geometry`.* 150 m open to car, got"):
        find_ways(streets, units[1:], far, **LIMIT)


def test_every_place_too_far_from_a_street_of_its_mode_is_named(streets):
    streets["street_class"] = "footway"
    pause = Break(NIGHT, NIGHT + timedelta(hours=1), 600.0, at=at(0, 900))
    units = [replace(WALKER, end_post=at(900, 0), breaks=(pause,)), DRIVER]
    with pytest.raises(LayerError) as caught:
        find_ways(streets, units, demand((0, 0), (0, 700)), **LIMIT)
    assert [(fault.source, fault.row, fault.field) for fault in caught.value.faults] == [
        ("units", 2, "geometry"),
        ("demand", 2, "geometry"),
        ("units", 1, "breaks"),
        ("units", 1, "end_post"),
    ]
    assert [fault.found for fault in caught.value.faults] == [
        "none at all for driver",
        "the nearest at 300 m",
        "the nearest at 500 m for walker",
        "the nearest at 500 m for walker",
    ]
    assert "open to foot or car, got the nearest at 300 m" in str(caught.value)


def test_forbidden_turns_are_checked_and_obeyed():
    streets = grid_streets()
    streets["start_junction"] = [str(line.coords[0]) for line in streets.geometry]
    streets["end_junction"] = [str(line.coords[-1]) for line in streets.geometry]
    units, points = [replace(DRIVER, post=at(150, 200))], demand((200, 150))
    turn = pd.DataFrame(
        {
            "from_street": ["row-2-1"],
            "junction": [streets.loc["row-2-1", "end_junction"]],
            "to_street": ["col-2-1"],
        }
    )
    free = find_ways(streets, units, points, **LIMIT).travel_s(units[0])
    bound = find_ways(streets, units, points, **LIMIT | {"forbidden": turn}).travel_s(units[0])
    assert free[0, 1] == 100 / 5 + 8
    assert bound[0, 1] > free[0, 1]
    assert bound[1, 0] == free[1, 0]
    with pytest.raises(LayerError, match="turns, row 1, `junction`"):
        find_ways(streets, units, points, **LIMIT | {"forbidden": turn.assign(junction="moon")})


def test_a_plan_makes_no_turn_that_the_zone_forbids():
    """The short way to a stop leads round a corner, until a sign forbids that turn."""
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
    crew = [replace(DRIVER, post=at(150, 200))]
    zone = grid_zone(streets)
    for forbidden, corner_is_turned in ((None, True), (turn, False)):
        params = PatrolParams(iterations=30)
        plan = plan_patrol(
            replace(zone, forbidden_turns=forbidden),
            crew,
            demand((200, 150)),
            params=params,
            seed=1,
        )
        lines = [list(leg.line.coords) for leg in plan.tours[0].legs]
        corner = [at(*xy).coords[0] for xy in ((150, 200), (200, 200), (200, 150))]
        assert (corner in lines) == corner_is_turned
        assert plan.tours[0].stops


def test_what_shares_a_spot_is_looked_up_once(streets, monkeypatch):
    """A hundred posts and stops at four spots: the streets are searched between the four alone."""
    looked = []
    between = TurnGraph.between

    def recorded(graph, origins, destinations):
        looked.append((len(origins), len(destinations)))
        return between(graph, origins, destinations)

    monkeypatch.setattr(TurnGraph, "between", recorded)
    spots = [(0, 40), (230, 0), (330, 210), (50, 160)]
    crowd = [replace(WALKER, id=f"walker-{number}") for number in range(97)]
    many = find_ways(streets, crowd, demand(*spots[1:], *spots[1:]), **LIMIT)
    few = find_ways(streets, [WALKER], demand(*spots[1:]), **LIMIT)
    spot = [0] * len(crowd) + [1, 2, 3] * 2
    assert many.travel_s(WALKER).tolist() == few.travel_s(WALKER)[np.ix_(spot, spot)].tolist()
    assert looked == [(4, 4), (4, 4)]
    # Legs of the many lead where those of the few do.
    rows = [96, 101, 98, 2, 100, 102]
    lines = few.legs(WALKER, [spot[row] for row in rows])
    assert [one.wkb for one in many.legs(WALKER, rows)] == [one.wkb for one in lines]
