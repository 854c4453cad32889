"""Walks: against all simple paths of small towns, networkx, and planted faults."""

import math
from fractions import Fraction
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from geo.errors import NotFoundError, ParameterError
from planning import _walk_search, walk
from planning._walk_search import pareto_labels
from planning.walk import MERITS, WalkNetwork, WalkParams
from tests.planning.walk_oracle import unbeaten

CRS = "EPSG:32647"
START, GOAL = "start", "goal"


def town(size, *, seed, bends=True, drop=0.2):
    """A grid of streets of about 100 m, some missing, with stretches of random quarters."""
    rng = np.random.default_rng(seed)
    xy = np.stack(np.meshgrid(np.arange(size), np.arange(size)), axis=-1) * 100.0
    xy += rng.uniform(-30, 30, xy.shape)
    lines = []
    for i in range(size):
        for j in range(size):
            for other in ((i + 1, j), (i, j + 1)):
                if max(other) < size and rng.random() >= drop:
                    middle = (xy[i, j] + xy[other]) / 2 + rng.uniform(-20, 20, 2) * bends
                    lines.append(LineString([xy[i, j], middle, xy[other]]))
    streets = gpd.GeoDataFrame(
        {"oneway": True}, geometry=lines, crs=CRS, index=[f"s{n}" for n in range(len(lines))]
    )
    return streets, stretches_of(streets, rng)


def stretches_of(streets, rng):
    rows = []
    for label, length in streets.geometry.length.items():
        pieces = math.ceil(length / 50)
        ends = length * np.arange(1, pieces + 1) / pieces
        for number, end in enumerate(ends):
            shares = rng.integers(0, 5, len(MERITS)) / 4
            rows.append([label, length * number / pieces, end, *shares])
    return pd.DataFrame(rows, columns=["street", "from_m", "to_m", *MERITS])


def two_places(streets, rng):
    """Two points near streets, now and then on the same one."""
    rows = rng.choice(len(streets), 2, replace=rng.random() < 0.3)
    places = []
    for row in rows:
        on = streets.geometry.iloc[row].interpolate(rng.uniform(0, 1), normalized=True)
        places.append(Point(on.x + rng.uniform(-2, 2), on.y + rng.uniform(-2, 2)))
    return places


def oracle_paths(streets, stretches, places, params):
    """Return length and lack in metres of every simple path, by arithmetic of its own."""
    offsets = {}
    for name, place in zip((START, GOAL), places, strict=True):
        label = streets.index[streets.distance(place).argmin()]
        offsets.setdefault(label, []).append((streets.geometry[label].project(place), name))
    graph = nx.MultiGraph()
    for label, line in streets.geometry.items():
        cuts = [
            (0.0, line.coords[0]),
            *sorted(offsets.get(label, [])),
            (line.length, line.coords[-1]),
        ]
        for (low, tail), (high, head) in pairwise(cuts):
            graph.add_edge(
                tail,
                head,
                length=high - low,
                lack=lack_of(stretches[stretches["street"] == label], low, high, params),
            )
    paths = []
    if not nx.has_path(graph, START, GOAL):
        return paths
    for path in nx.all_simple_edge_paths(graph, START, GOAL):
        parts = [graph.edges[edge] for edge in path]
        paths.append((sum(p["length"] for p in parts), sum(p["lack"] for p in parts)))
    return paths


def lack_of(stretches, low, high, params):
    total = 0.0
    for row in stretches.itertuples():
        within = max(0.0, min(row.to_m, high) - max(row.from_m, low))
        lacking = sum(
            part / 100 * (1 - getattr(row, merit))
            for part, merit in zip(params.parts, MERITS, strict=True)
        )
        total += within * lacking
    return total


def pareto(paths, limit):
    kept, best = [], math.inf
    for length, lack in sorted(paths):
        if length <= limit + 1e-9 and lack < best - 1e-6:
            kept.append((length, lack))
            best = lack
    return kept


def lack_m(walk, params):
    return (walk.cost_m - walk.length_m) / params.aversion


@given(st.integers(0, 10**6), st.integers(2, 3), st.floats(0, 1.5))
@settings(max_examples=40)
def test_no_simple_path_beats_the_walks(seed, size, most_detour):
    assert_unbeaten(seed, size, most_detour)


def assert_unbeaten(seed, size, most_detour):
    rng = np.random.default_rng(seed)
    streets, stretches = town(size, seed=seed, drop=0.1 * (size - 2))
    params = WalkParams(most_detour=most_detour)
    places = two_places(streets, rng)
    paths = oracle_paths(streets, stretches, places, params)
    network = WalkNetwork.of(streets, stretches)
    if not paths:
        with pytest.raises(NotFoundError):
            network.walks(*places, params=params)
        return
    walks = network.walks(*places, params=params)
    shortest = min(length for length, _ in paths)
    limit = shortest * (1 + most_detour)
    assert walks.shortest.length_m == pytest.approx(shortest, abs=0.05)
    # Walks within a decimetre of the limit may be in or out by rounding alone.
    inner, outer = (
        min(length + params.aversion * lack for length, lack in paths if length <= edge)
        for edge in (max(limit - 0.1, shortest), limit + 0.1)
    )
    assert outer - 0.1 <= walks.calm.cost_m <= inner + 0.1
    told = [(one.length_m, lack_m(one, params)) for one in walks.all]
    for length, lack in pareto(paths, limit - 0.1):
        assert any(ours <= length + 0.1 and its <= lack + 0.1 for ours, its in told)
    for ours, its in told:
        assert any(abs(ours - length) < 0.1 and abs(its - lack) < 0.1 for length, lack in paths)
    assert all(a[0] < b[0] and a[1] > b[1] for a, b in pairwise(told))


@given(st.integers(0, 10**6))
@settings(max_examples=20)
def test_the_cheapest_walk_without_a_bound_is_that_of_networkx(seed):
    rng = np.random.default_rng(seed)
    streets, stretches = town(6, seed=seed)
    places = two_places(streets, rng)
    params = WalkParams(most_detour=2.0, aversion=rng.uniform(0.1, 1.0))
    graph = nx.Graph()
    cuts = {}
    for name, place in zip((START, GOAL), places, strict=True):
        label = streets.index[streets.distance(place).argmin()]
        cuts.setdefault(label, []).append((streets.geometry[label].project(place), name))
    for label, line in streets.geometry.items():
        parts = [
            (0.0, line.coords[0]),
            *sorted(cuts.get(label, [])),
            (line.length, line.coords[-1]),
        ]
        of_street = stretches[stretches["street"] == label]
        for (low, tail), (high, head) in pairwise(parts):
            lack = lack_of(of_street, low, high, params)
            cost = high - low + params.aversion * lack
            graph.add_edge(tail, head, cost=cost)
    if not nx.has_path(graph, START, GOAL):
        return
    expected = nx.dijkstra_path_length(graph, START, GOAL, weight="cost")
    # An aversion up to 1 at most doubles the cost, so the cheapest is within a detour of 1.
    calm = WalkNetwork.of(streets, stretches).walks(*places, params=params).calm
    assert calm.cost_m == pytest.approx(expected, abs=0.05)


@given(st.integers(0, 10**6))
@settings(max_examples=20)
def test_a_walk_is_its_line(seed):
    rng = np.random.default_rng(seed)
    streets, stretches = town(4, seed=seed, drop=0.0)
    places = two_places(streets, rng)
    network = WalkNetwork.of(streets, stretches)
    walks = network.walks(*places)
    back = network.walks(*places[::-1])
    for one, other in ((walks.shortest, back.shortest), (walks.calm, back.calm)):
        assert one.cost_m == pytest.approx(other.cost_m, abs=1e-6)
    for one in walks.all:
        assert one.line.length == pytest.approx(one.length_m, abs=0.05)
        begin, end = (Point(one.line.coords[n]) for n in (0, -1))
        for place, reached in zip(places, (begin, end), strict=True):
            assert place.distance(reached) == pytest.approx(streets.distance(place).min(), abs=2e-3)
        assert streets.union_all().buffer(0.01).covers(one.line)
        assert all(
            0 <= part <= one.length_m + 1e-9 for part in (one.lit_m, one.watched_m, one.lively_m)
        )
        lit = one.lit_m + one.watched_m / 2 + one.lively_m / 2
        assert one.cost_m == pytest.approx(one.length_m + 2.0 * (one.length_m - lit / 2), abs=1e-6)


def two_ways(**merits):
    """A straight way of 200 m, and one of 240 m around it with merits of its own."""
    streets = gpd.GeoDataFrame(
        geometry=[
            LineString([(0, 0), (200, 0)]),
            LineString([(0, 0), (0, 20), (200, 20), (200, 0)]),
        ],
        index=["straight", "around"],
        crs=CRS,
    )
    rows = [["straight", 0, 200, 0, 0, 0]]
    rows.append(["around", 0, 240, *(merits.get(name, 0.0) for name in MERITS)])
    return streets, pd.DataFrame(rows, columns=["street", "from_m", "to_m", *MERITS])


def test_light_is_worth_a_detour_that_is_not_too_long():
    network = WalkNetwork.of(*two_ways(lit=1.0))
    walks = network.walks(Point(0, 0), Point(200, 0))
    assert (walks.shortest.length_m, walks.calm.length_m) == (200, 240)
    assert walks.calm.lit_m == 240
    assert walks.calm.streets == ("around",)
    assert walks.calm.cost_m == 240 + 2 * 240 * 0.5
    assert (
        network.walks(Point(0, 0), Point(200, 0), params=WalkParams(most_detour=0.19)).calm.length_m
        == 200
    )
    assert (
        network.walks(Point(0, 0), Point(200, 0), params=WalkParams(aversion=0.1)).calm.length_m
        == 200
    )


def test_places_within_one_street_are_walked_between_directly_or_around():
    streets, stretches = two_ways()
    walks = WalkNetwork.of(streets, stretches).walks(Point(50, -1), Point(150, -1))
    assert walks.shortest.length_m == 100
    assert list(walks.shortest.line.coords) == [(50, 0), (150, 0)]


def test_nowhere_to_go_is_a_walk_of_no_length():
    walks = WalkNetwork.of(*two_ways()).walks(Point(50, 3), Point(50, -3))
    assert walks.shortest.length_m == walks.calm.length_m == 0
    assert list(walks.calm.line.coords) == [(50, 0), (50, 0)]


def test_places_too_far_from_any_street_are_named_without_where_they_are():
    network = WalkNetwork.of(*two_ways())
    with pytest.raises(NotFoundError) as refused:
        network.walks(Point(-1234, 0), Point(0, 5678))
    assert "within 100 m of `from`" in str(refused.value)
    assert "within 100 m of `to`" in str(refused.value)
    with pytest.raises(NotFoundError, match="within 100 m of `to`, got none"):
        network.walks(Point(0, 0), Point(np.inf, np.inf))
    assert "1234" not in str(refused.value)
    assert "5678" not in str(refused.value)


def test_streets_apart_and_motorways_are_no_way():
    streets = gpd.GeoDataFrame(
        {"street_class": ["residential", "motorway", "residential"]},
        geometry=[LineString([(x, 0), (x + 100, 0)]) for x in (0, 100, 200)],
        crs=CRS,
    )
    rows = [[label, 0, 100, 1, 1, 1] for label in streets.index]
    network = WalkNetwork.of(
        streets, pd.DataFrame(rows, columns=["street", "from_m", "to_m", *MERITS])
    )
    with pytest.raises(NotFoundError, match="a way between them on foot"):
        network.walks(Point(50, 0), Point(250, 0))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"lit_percent": 60}, ["add up to 100, got 110"]),
        ({"lit_percent": 33.3}, ["whole `lit_percent`"]),
        ({"aversion": 0, "most_detour": 3}, ["`aversion`", "`most_detour` from 0 to 2, got 3"]),
        ({"aversion": float("nan"), "snap_limit_m": -1}, ["`aversion`", "`snap_limit_m`"]),
    ],
)
def test_wishes_out_of_their_ranges_are_refused_together(given, words):
    with pytest.raises(ParameterError) as refused:
        WalkParams(**given)
    assert all(word in str(refused.value) for word in words)


def test_stretches_that_do_not_fit_are_refused():
    streets, stretches = two_ways()
    with pytest.raises(ParameterError, match="none of around"):
        WalkNetwork.of(streets, stretches[:1])
    with pytest.raises(ParameterError, match="in quarters"):
        WalkNetwork.of(streets, stretches.assign(lit=0.3))


def test_a_search_that_is_cut_short_says_up_to_where_it_is_exact():
    streets, stretches = town(7, seed=3, drop=0.0)
    network = WalkNetwork.of(streets, stretches)
    ends = network._snapped(Point(0, 0), Point(600, 600), limit_m=100)
    params = WalkParams(most_detour=0.5)
    between = network._between(ends, params)
    whole, searched = pareto_labels(*between, most_detour=0.5)
    assert searched == 0.5
    part, reached = pareto_labels(*between, most_detour=0.5, most_labels=20)
    assert 0 <= reached < 0.5
    limit = whole[0].length_mm * (1 + reached)
    assert [one[:2] for one in part] == [one[:2] for one in whole if one.length_mm <= limit]
    assert len(part) < len(whole)


def test_a_search_that_threw_away_too_much_would_be_noticed(monkeypatch):
    """With three times the lack that is left at least as a bound, the search passes over walks."""
    honest, asked = _walk_search._least, []

    def exaggerating(*arguments):
        least = honest(*arguments)
        asked.append(arguments)
        return np.where(least > 0, 3 * least, least) if len(asked) % 2 == 0 else least

    monkeypatch.setattr(_walk_search, "_least", exaggerating)

    def until_beaten():
        for seed in range(100):
            assert_unbeaten(seed, 3, 1.0)

    with pytest.raises(AssertionError):
        until_beaten()
    assert len(asked) > 1


@pytest.mark.parametrize("size", [5, 9, 14])
def test_the_compiled_search_finds_what_the_plain_one_finds(size):
    """Two hundred pairs of places a town, some of them on one street, walked both ways."""
    rng = np.random.default_rng(size)
    streets, stretches = town(size, seed=size, drop=0.15)
    network = WalkNetwork.of(streets, stretches)
    params, found = WalkParams(most_detour=0.4), 0
    for _ in range(200 if size < 14 else 40):
        places = two_places(streets, rng)
        whole, ends = network._between(network._snapped(*places, limit_m=100), params)
        for way in (ends, ends[::-1]):
            labels, _ = pareto_labels(whole, way, most_detour=0.4)
            assert [label[:2] for label in labels] == unbeaten(whole, way, most_detour=0.4)
            for label in labels:
                assert_walked(label, whole, way)
        found = max(found, len(labels))
    assert found >= 3


def assert_walked(label, whole, way):
    """The steps of a label lead from one place to the other, and add up to what it says."""
    arcs = whole.arcs
    arc, back = label.steps // 2, label.steps % 2 == 1
    left, reached = (
        np.where(back, one[arc], other[arc])
        for one, other in ((arcs.head, arcs.tail), (arcs.tail, arcs.head))
    )
    assert [way[0], *reached] == [*left, way[1]]
    assert (arcs.high_mm - arcs.low_mm)[arc].sum() == label.length_mm
    assert arcs.lack[arc].sum() == label.lack


def test_whole_numbers_are_exact():
    """Lack is added up without rounding: in fractions it is the same."""
    streets, stretches = town(3, seed=5, drop=0.0)
    network = WalkNetwork.of(streets, stretches)
    params = WalkParams()
    whole = network._whole(params).arcs
    for street, label in enumerate(streets.index):
        own = stretches[stretches["street"] == label]
        high = round(streets.geometry[label].length * 1000)
        ends = [*(round(end * 1000) for end in own["to_m"][:-1]), high]
        for part in ((137, high - 211), (0, high)):
            before, exact = 0, Fraction(0)
            for shares, after in zip(own[list(MERITS)].to_numpy(), ends, strict=True):
                within = max(0, min(after, part[1]) - max(before, part[0]))
                exact += within * (100 - sum(map(Fraction.__mul__, *fractions(shares, params))))
                before = after
            assert network._lack(street, *part, params) == exact * 4
        assert (whole.high_mm[street], whole.lack[street]) == (high, exact * 4)


def fractions(shares, params):
    return [Fraction(share) for share in shares], [Fraction(part) for part in params.parts]


def test_lines_are_those_of_the_streets():
    streets, stretches = two_ways(lit=1.0)
    calm = WalkNetwork.of(streets, stretches).walks(Point(0, 0), Point(200, 0)).calm
    assert shapely.equals(calm.line, streets.geometry["around"])
    assert walk.MERITS == MERITS
