"""Street graph against networkx on densely cut streets, and by hand where one-way streets bind."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point

from geo.errors import LayerError, NotFoundError, ParameterError
from geo.street_graph import StreetGraph

CRS = "EPSG:32647"


def frame(lines, oneway=None):
    return gpd.GeoDataFrame(
        {"oneway": oneway or [False] * len(lines)},
        geometry=[LineString(line) for line in lines],
        index=[f"s{number}" for number in range(len(lines))],
        crs=CRS,
    )


@pytest.fixture
def square():
    """A one-way square of 100 m, run anticlockwise, with a dead end and a parallel detour."""
    return StreetGraph.from_streets(
        frame(
            [
                [(0, 0), (100, 0)],
                [(100, 0), (100, 100)],
                [(100, 100), (0, 100)],
                [(0, 100), (0, 0)],
                [(100, 0), (150, 0)],
                [(0, 0), (0, -50), (100, -50), (100, 0)],
            ],
            oneway=[True, True, True, True, False, False],
        )
    )


def places(*pairs):
    return pd.DataFrame(pairs, columns=["street", "offset_m"])


def test_on_foot_the_shorter_side_is_taken(square):
    time = square.travel_times(places(("s0", 20.0)), places(("s3", 80.0)), speed_mps=2.0)
    assert time[0, 0] == pytest.approx((20 + 20) / 2)


def test_a_vehicle_goes_round_the_oneway_square(square):
    time = square.travel_times(
        places(("s0", 20.0)), places(("s0", 10.0)), speed_mps=1.0, respect_oneway=True
    )
    # On to the corner, back along the two-way detour of 200 m, and in again.
    assert time[0, 0] == pytest.approx(80 + 200 + 10)
    way = square.route(
        places(("s0", 20.0)).iloc[0], places(("s0", 10.0)).iloc[0], respect_oneway=True
    )
    assert way.length == pytest.approx(290)


def test_the_shorter_of_two_parallel_streets_counts(square):
    time = square.travel_times(places(("s4", 0.0)), places(("s3", 100.0)), speed_mps=1.0)
    assert time[0, 0] == pytest.approx(100)


def test_route_follows_streets_and_has_the_length_of_the_matrix(square):
    origin, goal = places(("s4", 30.0)), places(("s2", 40.0))
    way = square.route(origin.iloc[0], goal.iloc[0])
    time = square.travel_times(origin, goal, speed_mps=1.0)
    assert way.length == pytest.approx(time[0, 0])
    assert way.difference(square.lines.union_all().buffer(1e-6)).is_empty
    assert way.coords[0] == (130, 0)
    assert way.coords[-1] == (60, 100)


def test_route_to_where_one_stands_is_a_point_twice(square):
    here = places(("s1", 10.0)).iloc[0]
    assert square.route(here, here).length == 0


def test_pieces_are_numbered_from_the_longest():
    graph = StreetGraph.from_streets(
        frame([[(0, 0), (1, 0)], [(10, 0), (15, 0)], [(15, 0), (20, 0)]])
    )
    assert graph.components().to_list() == [1, 0, 0]
    origin, goal = places(("s0", 0.0)), places(("s1", 0.0))
    assert np.isinf(graph.travel_times(origin, goal, speed_mps=1.0)).all()
    with pytest.raises(NotFoundError, match="No way leads from s0 to s1"):
        graph.route(origin.iloc[0], goal.iloc[0])


def test_snap_tells_street_offset_and_distance(square):
    places = square.snap(gpd.GeoSeries([Point(30, 4), Point(149, -1)], index=["a", "b"], crs=CRS))
    assert places.index.to_list() == ["a", "b"]
    assert places["street"].to_list() == ["s0", "s4"]
    assert places["offset_m"].to_list() == [30, 49]
    assert places["fraction"].to_list() == pytest.approx([0.3, 0.98])
    assert places["distance_m"].to_list() == [4, 1]


def test_bad_input_is_named(square):
    with pytest.raises(ParameterError, match="`speed_mps` > 0, got 0"):
        square.travel_times(places(("s0", 1.0)), places(("s0", 2.0)), speed_mps=0)
    with pytest.raises(NotFoundError, match="got nowhere"):
        square.travel_times(places(("nowhere", 1.0)), places(("s0", 2.0)), speed_mps=1)
    with pytest.raises(ParameterError, match="missing or empty"):
        square.snap(gpd.GeoSeries([Point()], crs=CRS))


def test_snap_names_every_point_without_finite_coordinates(square):
    points = gpd.GeoSeries(
        [Point(np.nan, 1), Point(5, 5), Point(1, np.inf), Point(), LineString([(0, 0), (1, 1)])],
        index=["a", "b", "c", "d", "e"],
        crs=CRS,
    )
    with pytest.raises(ParameterError, match=r"got POINT \(NaN 1\) at 'a' and 3 more"):
        square.snap(points)


def test_the_flags_of_the_layer_are_read_and_unknown_ones_are_open_both_ways():
    lines = [[(0, n), (1, n)] for n in range(7)]
    flags = pd.Series([True, False, "no", "yes", "False", "1", pd.NA], dtype="object")
    with pytest.raises(LayerError) as caught:
        StreetGraph.from_streets(frame(lines, flags.tolist()))
    faults = [(fault.row, fault.field, fault.found) for fault in caught.value.faults]
    assert faults == [(3, "oneway", "'no'"), (4, "oneway", "'yes'")]
    known = flags.replace({"no": "false", "yes": "true"}).tolist()
    expected = [True, False, False, True, False, True, False]
    assert StreetGraph.from_streets(frame(lines, known)).oneway.tolist() == expected


@pytest.mark.parametrize("dtype", ["boolean", "object"])
def test_a_nullable_column_of_directions_is_read(dtype):
    streets = frame([[(0, 0), (1, 0)], [(1, 0), (2, 0)]])
    streets["oneway"] = pd.array([pd.NA, True], dtype=dtype)
    assert StreetGraph.from_streets(streets).oneway.tolist() == [False, True]


@st.composite
def grids(draw):
    """A grid with some streets left out, some one-way, and places on it in whole metres."""
    size = draw(st.integers(2, 4))
    lines = []
    for x in range(size):
        for y in range(size):
            if x + 1 < size:
                lines.append([(10 * x, 10 * y), (10 * x + 10, 10 * y)])
            if y + 1 < size:
                lines.append([(10 * x, 10 * y), (10 * x, 10 * y + 10)])
    kept = draw(st.lists(st.sampled_from(lines), min_size=1, unique_by=str))
    flipped = [line[::-1] if draw(st.booleans()) else line for line in kept]
    oneway = [draw(st.booleans()) for _ in kept]
    spot = st.tuples(st.integers(0, len(kept) - 1), st.integers(0, 10))
    return flipped, oneway, draw(st.lists(spot, min_size=1, max_size=5))


@given(grids(), st.booleans())
def test_travel_times_equal_networkx_on_streets_cut_every_metre(grid, respect_oneway):
    lines, oneway, spots = grid
    graph = StreetGraph.from_streets(frame(lines, oneway))
    fine = nx.DiGraph()
    for line, barred in zip(lines, oneway, strict=True):
        steps = [LineString(line).interpolate(metre).coords[0] for metre in range(11)]
        nx.add_path(fine, steps)
        if not (barred and respect_oneway):
            nx.add_path(fine, steps[::-1])
    at = places(*[(f"s{street}", float(metre)) for street, metre in spots])
    time = graph.travel_times(at, at, speed_mps=1.0, respect_oneway=respect_oneway)
    xy = [LineString(lines[street]).interpolate(metre).coords[0] for street, metre in spots]
    for row, origin in enumerate(xy):
        reach = nx.single_source_shortest_path_length(fine, origin)
        expected = [reach.get(goal, np.inf) for goal in xy]
        assert time[row].tolist() == pytest.approx(expected)
        for column, goal in enumerate(expected):
            if np.isfinite(goal):
                way = graph.route(at.iloc[row], at.iloc[column], respect_oneway=respect_oneway)
                assert way.length == pytest.approx(goal)
