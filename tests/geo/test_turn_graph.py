"""Travel with turns against a walk of every metre, and against the graph without turns on foot."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import turn_graph, turn_ways
from geo.errors import NotFoundError, ParameterError
from geo.street_graph import StreetGraph
from geo.turn_graph import TurnGraph
from geo.turns import TurnCosts
from tests.geo.turn_cases import Walker, bans, frame, networks, places

DRIVER = TurnCosts(left_s=2.0, right_s=5.0, u_turn_s=7.0, u_turn_anywhere=False)
# A crossing at 0,0 with streets to the west, south, east and north, each 100 m long and away from
# the crossing, and one that joins the ends of the east and the north.
CROSS = frame(
    [
        [(0, 0), (-100, 0)],
        [(0, 0), (0, -100)],
        [(0, 0), (100, 0)],
        [(0, 0), (0, 100)],
        [(100, 0), (100, 100), (0, 100)],
    ]
)
WEST, SOUTH, EAST, NORTH, CORNER = (f"s{number}" for number in range(5))


def cross(**options):
    return TurnGraph.from_streets(CROSS, speed_mps=1.0, **options)


def seconds(graph, origin, goal):
    return float(graph.travel_times(places(origin), places(goal))[0, 0])


def route(graph, origin, goal):
    return graph.between(places(origin), places(goal)).routes([0], [0])[0]


def check(network, *, respect_oneway):
    """Assert that times, ways and lines are those of the walk of every metre."""
    streets, speed, costs, forbidden, spots = network
    rules = {"forbidden": forbidden, "respect_oneway": respect_oneway}
    graph = TurnGraph.from_streets(streets, speed_mps=np.array(speed), turns=costs, **rules)
    at = places(*[(label, float(metre)) for label, metre in spots])
    time_s = graph.travel_times(at, at)
    walker = Walker(streets, speed_mps=speed, costs=costs, **rules)
    np.testing.assert_allclose(time_s, walker.times(spots))
    start, goal = np.nonzero(np.isfinite(time_s))
    ways = graph.between(at, at)
    passes = ways.passes(start, goal)
    assert passes.equals(ways.passes(start, goal, within_s=time_s[start, goal]))
    length_m = (passes["to_m"] - passes["from_m"]).abs()
    pace_s = passes["street"].map(dict(zip(streets.index, graph.pace_s, strict=True)))
    moving_s = (length_m * pace_s).groupby(passes["way"]).sum()
    assert (moving_s.to_numpy() <= time_s[start, goal] + 1e-6).all()
    xy = [streets.geometry[label].interpolate(metre).coords[0] for label, metre in spots]
    for way, line in enumerate(ways.routes(start, goal)):
        assert line.length == pytest.approx(length_m[passes["way"] == way].sum())
        assert line.coords[0] == pytest.approx(xy[start[way]])
        assert line.coords[-1] == pytest.approx(xy[goal[way]])


@settings(max_examples=60)
@given(networks(), st.booleans())
def test_ways_equal_a_walk_of_every_metre(network, respect_oneway):
    check(network, respect_oneway=respect_oneway)


def test_forgetting_a_forbidden_turn_is_found(monkeypatch):
    """The planted fault: signs are not read."""
    left = bans((WEST, "0,0", NORTH))
    network = CROSS, [1.0] * 5, DRIVER, left, [(WEST, 50), (NORTH, 50)]
    check(network, respect_oneway=True)
    monkeypatch.setattr(turn_graph, "forbidden_darts", lambda *_: np.empty((0, 2), dtype=np.intp))
    with pytest.raises(AssertionError, match="Mismatched elements: 1 / 4"):
        check(network, respect_oneway=True)


@settings(max_examples=60)
@given(networks(), st.booleans())
def test_on_foot_every_way_takes_as_long_as_without_turns(network, respect_oneway):
    streets, _, _, _, spots = network
    at = places(*[(label, float(metre)) for label, metre in spots])
    graph = TurnGraph.from_streets(streets, speed_mps=1.3, respect_oneway=respect_oneway)
    plain = StreetGraph.from_streets(streets)
    expected = plain.travel_times(at, at, speed_mps=1.3, respect_oneway=respect_oneway)
    np.testing.assert_allclose(graph.travel_times(at, at), expected)


def test_a_right_turn_waits_for_the_oncoming_and_a_left_turn_less():
    graph = cross(turns=DRIVER)
    assert seconds(graph, (WEST, 50.0), (EAST, 50.0)) == 100
    assert seconds(graph, (WEST, 50.0), (NORTH, 50.0)) == 100 + 2
    assert seconds(graph, (WEST, 50.0), (SOUTH, 50.0)) == 100 + 5


def test_where_two_streets_meet_there_is_only_a_bend():
    assert seconds(cross(turns=DRIVER), (EAST, 90.0), (CORNER, 10.0)) == 20


def test_a_forbidden_turn_sends_one_round_the_block():
    slow_back = TurnCosts(u_turn_s=200.0, u_turn_anywhere=False)
    ban = {"forbidden": bans((WEST, "0,0", NORTH)), "turns": slow_back}
    # Straight on, round the corner, and down to the stop from the north.
    assert seconds(cross(**ban), (WEST, 50.0), (NORTH, 50.0)) == 50 + 100 + 200 + 50
    assert seconds(cross(**ban), (NORTH, 50.0), (WEST, 50.0)) == 100
    line = route(cross(**ban), (WEST, 50.0), (NORTH, 50.0))
    corners = [(-50, 0), (0, 0), (100, 0), (100, 100), (0, 100), (0, 50)]
    assert list(line.coords) == corners


@pytest.mark.parametrize(
    ("anywhere", "time_s"), [(True, 50 + 100 + 7 + 100 + 50), (False, 50 + 100 + 200 + 50)]
)
def test_one_turns_back_at_a_crossing_only_where_it_is_allowed(anywhere, time_s):
    """A turn that may not be made, and the next corner to turn back at instead of going round."""
    graph = TurnGraph.from_streets(
        CROSS.drop(SOUTH),
        speed_mps=1.0,
        turns=TurnCosts(u_turn_s=7.0, u_turn_anywhere=anywhere),
        forbidden=bans((WEST, "0,0", NORTH)),
    )
    assert seconds(graph, (WEST, 50.0), (NORTH, 50.0)) == time_s


def test_a_dead_end_is_left_by_turning_back():
    streets = frame([[(0, 0), (100, 0)], [(100, 0), (0, -100)]], [True, True])
    round_trip = TurnGraph.from_streets(streets, speed_mps=1.0, turns=DRIVER)
    assert np.isinf(seconds(round_trip, ("s1", 50.0), ("s0", 50.0)))
    blind = frame([[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (100, 60)]])
    graph = TurnGraph.from_streets(
        blind, speed_mps=1.0, turns=DRIVER, forbidden=bans(("s0", "100,0", "s1"))
    )
    # Left into the cul-de-sac, back at its end, and left again.
    assert seconds(graph, ("s0", 50.0), ("s1", 50.0)) == 50 + 2 + 60 + 7 + 60 + 2 + 50


def test_a_stop_behind_on_a_oneway_loop_is_the_whole_loop_away():
    loop = [(0, 0), (50, 0), (50, 50), (0, 50), (0, 0)]
    streets = frame([loop, [(0, 0), (-30, 0)]], [True, False])
    graph = TurnGraph.from_streets(streets, speed_mps=2.0)
    assert seconds(graph, ("s0", 20.0), ("s0", 120.0)) == 50
    assert seconds(graph, ("s0", 120.0), ("s0", 20.0)) == (80 + 20) / 2
    passes = graph.between(places(("s0", 120.0)), places(("s0", 20.0))).passes([0], [0])
    assert passes[["from_m", "to_m"]].to_numpy().tolist() == [[120, 200], [0, 20]]


def test_who_stands_on_a_junction_stands_on_each_of_its_streets():
    graph = cross(turns=DRIVER)
    assert seconds(graph, (WEST, 0.0), (NORTH, 0.0)) == 0
    assert seconds(graph, (WEST, 0.0), (SOUTH, 50.0)) == 50
    assert seconds(graph, (SOUTH, 50.0), (EAST, 1e-9)) == 50
    line = route(graph, (WEST, 0.0), (NORTH, 0.0))
    assert list(line.coords) == [(0, 0), (0, 0)]


@settings(max_examples=30)
@given(networks())
def test_large_networks_are_searched_in_another_way_to_the_same_end(network):
    streets, speed, costs, forbidden, spots = network
    at = places(*[(label, float(metre)) for label, metre in spots])
    graph = TurnGraph.from_streets(
        streets, speed_mps=np.array(speed), turns=costs, forbidden=forbidden
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turn_ways, "_MANY_CELLS", 0)
        eliminated = graph.travel_times(at, at)
    np.testing.assert_allclose(eliminated, graph.travel_times(at, at))


def test_speeds_go_by_street():
    speed = np.array([1.0, 1.0, 4.0, 1.0, 1.0])
    graph = TurnGraph.from_streets(CROSS, speed_mps=speed)
    assert seconds(graph, (WEST, 40.0), (EAST, 40.0)) == 40 + 10


def test_islands_are_out_of_reach():
    streets = frame([[(0, 0), (10, 0)], [(50, 0), (60, 0)]])
    graph = TurnGraph.from_streets(streets, speed_mps=1.0)
    assert np.isinf(seconds(graph, ("s0", 5.0), ("s1", 5.0)))
    with pytest.raises(NotFoundError, match="No way leads from s0 to s1"):
        route(graph, ("s0", 5.0), ("s1", 5.0))


def test_no_places_have_no_ways():
    none = places()
    assert cross().travel_times(none, places((WEST, 1.0))).shape == (0, 1)
    assert cross().travel_times(places((WEST, 1.0)), none).shape == (1, 0)
    assert cross().between(none, none).routes([], []) == []


@pytest.mark.parametrize("speed", [0.0, -1.0, np.nan, np.inf])
def test_speeds_are_positive(speed):
    with pytest.raises(ParameterError, match="Expected `speed_mps` > 0, got"):
        TurnGraph.from_streets(CROSS, speed_mps=np.array([1.0, 1.0, speed, 1.0, 1.0]))


def test_unknown_streets_are_named():
    with pytest.raises(NotFoundError, match="got nowhere"):
        cross().travel_times(places(("nowhere", 1.0)), places((WEST, 1.0)))
