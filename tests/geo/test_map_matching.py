"""Matching of tracks: exact against enumeration, and against tours whose way is known."""

from itertools import pairwise, product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from geo import map_matching
from geo._track_spans import averaged
from geo.errors import LayerError, ParameterError
from geo.map_matching import COLUMNS, MatchParams, _Matching, match_track
from geo.osm import read_osm, street_edges
from geo.street_graph import StreetGraph
from geo.zone import Zone
from tests.geo.track_cases import (
    START,
    made_tour,
    nearest_streets,
    recorded,
    route_mismatch,
    seconds,
    share_right,
)

CRS = "EPSG:32647"
EACH = MatchParams(step_s=0.0, estimate=False)


def grid(blocks=2, side=60.0):
    """Return a graph of square blocks, with a street beside the first that joins its ends too."""
    lines = {
        name: LineString([(side * a, side * b), (side * c, side * d)])
        for i in range(blocks + 1)
        for j in range(blocks)
        for name, (a, b, c, d) in {
            f"row-{i}-{j}": (j, i, j + 1, i),
            f"column-{i}-{j}": (i, j, i, j + 1),
        }.items()
    }
    lines["bow"] = LineString([(0, 0), (side / 2, -15), (side, 0)])
    streets = gpd.GeoDataFrame(geometry=list(lines.values()), index=list(lines), crs=CRS)
    return StreetGraph.from_streets(streets)


def track(xy, at_s):
    at = START + pd.to_timedelta(np.asarray(at_s, dtype=float), unit="s")
    return gpd.GeoDataFrame({"at": at}, geometry=shapely.points(np.asarray(xy, float)), crs=CRS)


@pytest.fixture(scope="module")
def old_town(request):
    zone = Zone.load(request.config.rootpath / "data" / "old_town")
    return StreetGraph.from_streets(zone.streets)


def enumerated(graph, matching, xy, sigma_m, beta_m):
    """Return the log likelihood of every sequence, ways by `StreetGraph.travel_times`."""
    candidates = matching.candidates
    places = pd.DataFrame(
        {
            "street": graph.lines.index.take(candidates.street),
            "offset_m": candidates.offset_m,
        }
    )
    way_m = graph.travel_times(places, places, speed_mps=1.0)
    straight_m = [float(np.hypot(*(b - a))) for a, b in pairwise(xy)]
    groups = [range(a, b) for a, b in pairwise(candidates.first.tolist())]
    likelihood = {}
    for sequence in product(*groups):
        value = sum(-0.5 * (candidates.away_m[place] / sigma_m) ** 2 for place in sequence)
        for step, (here, there) in enumerate(pairwise(sequence)):
            value -= abs(way_m[here, there] - straight_m[step]) / beta_m
        likelihood[sequence] = value
    return likelihood


def matched_likelihood(seed, method):
    """Return the log likelihood of the matched sequence, and the greatest there is."""
    rng = np.random.default_rng(seed)
    graph = grid()
    xy = rng.uniform(20, 100, 2) + rng.normal(0, 25, (4, 2)).cumsum(axis=0)
    spans = averaged(np.arange(4) * 20.0, xy, gap_s=180.0, step_s=0.0)
    matching = _Matching.of(graph, spans, MatchParams(reach_m=45.0))
    if not np.diff(matching.candidates.first).all():
        return None
    model = rng.uniform(3, 15), rng.uniform(2, 20)
    chosen, starts, _ = method(*matching[:3], *model)
    assert starts.tolist() == [True, False, False, False]
    likelihood = enumerated(graph, matching, xy, *model)
    assert len(likelihood) > 1
    return likelihood[tuple(chosen.tolist())], max(likelihood.values())


def test_the_sequence_is_the_likeliest_of_all():
    found = [matched_likelihood(seed, map_matching.likeliest) for seed in range(40)]
    told = [pair for pair in found if pair is not None]
    assert len(told) > 20
    for value, best in told:
        assert value == pytest.approx(best, abs=1e-9)


def test_enumeration_catches_a_method_that_takes_the_nearest():
    def nearest(candidates, streets, steps, sigma_m, beta_m):
        first = candidates.first
        chosen = [a + candidates.away_m[a:b].argmin() for a, b in pairwise(first.tolist())]
        return np.array(chosen), np.arange(len(chosen)) == 0, np.array([])

    found = [matched_likelihood(seed, nearest) for seed in range(40)]
    assert any(value < best - 0.1 for value, best in filter(None, found))


@pytest.mark.parametrize(("every_s", "noise_m"), [(1.0, 10.0), (15.0, 5.0), (30.0, 15.0)])
def test_tours_in_the_old_town_are_found_better_than_by_the_nearest_street(
    old_town, every_s, noise_m
):
    right, nearest, wrong, nearest_wrong = [], [], [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        tour = made_tour(old_town, 6, rng=rng)
        walked = recorded(old_town, tour, every_s=every_s, noise_m=noise_m, rng=rng)
        match = match_track(old_town, walked)
        plain = nearest_streets(old_town, walked)
        right.append(share_right(old_town, tour, match.passages))
        nearest.append(share_right(old_town, tour, plain))
        wrong.append(route_mismatch(tour, match.passages))
        nearest_wrong.append(route_mismatch(tour, plain))
    assert np.mean(right) > 0.95
    assert 1 - np.mean(right) < 0.7 * (1 - np.mean(nearest))
    assert np.mean(wrong) < 0.5 * np.mean(nearest_wrong)


@pytest.mark.slow
def test_narrow_streets_are_told_apart_far_better_than_by_the_nearest(reference):
    edges = read_osm(reference / "osm" / "hanoi_vanmieu_full.osm").streets
    graph = StreetGraph.from_streets(street_edges(edges))
    right, nearest = [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        tour = made_tour(graph, 8, rng=rng)
        walked = recorded(graph, tour, every_s=15.0, noise_m=10.0, rng=rng)
        right.append(share_right(graph, tour, match_track(graph, walked).passages))
        nearest.append(share_right(graph, tour, nearest_streets(graph, walked)))
    assert np.mean(right) > 0.85
    assert 1 - np.mean(right) < 0.5 * (1 - np.mean(nearest))


def test_matching_that_forgets_the_way_is_found_out(old_town, monkeypatch):
    rng = np.random.default_rng(0)
    tour = made_tour(old_town, 6, rng=rng)
    walked = recorded(old_town, tour, every_s=30.0, noise_m=15.0, rng=rng)
    good = route_mismatch(tour, match_track(old_town, walked).passages)
    exact = map_matching.likeliest
    monkeypatch.setattr(
        map_matching,
        "likeliest",
        lambda candidates, streets, steps, sigma_m, _: exact(
            candidates, streets, steps, sigma_m, 1e9
        ),
    )
    assert route_mismatch(tour, match_track(old_town, walked).passages) > 3 * good


@pytest.mark.parametrize("noise_m", [5.0, 10.0, 15.0])
def test_the_error_of_positions_is_estimated_from_the_track(old_town, noise_m):
    rng = np.random.default_rng(1)
    tour = made_tour(old_town, 12, rng=rng)
    walked = recorded(old_town, tour, every_s=20.0, noise_m=noise_m, rng=rng)
    assert match_track(old_town, walked).sigma_m == pytest.approx(noise_m, rel=0.2)


def test_without_noise_the_way_is_the_tour(old_town):
    rng = np.random.default_rng(2)
    tour = made_tour(old_town, 5, rng=rng)
    walked = recorded(old_town, tour, every_s=1.0, noise_m=0.0, rng=rng)
    match = match_track(old_town, walked)
    assert route_mismatch(tour, match.passages) < 0.01
    assert share_right(old_town, tour, match.passages) > 0.99
    assert (match.gap_s, match.away_s) == (0.0, 0.0)


def test_a_stay_is_one_place_and_walking_is_not():
    graph = grid(4)
    stand = [(30.0 + 5 * (-1) ** n, 4.0) for n in range(60)]
    walk = [(30.0 + 13.0 * n, 2.0) for n in range(1, 15)]
    match = match_track(graph, track(stand + walk, 10.0 * np.arange(74)))
    passages = match.passages
    still = passages[passages["from_m"] == passages["to_m"]]
    longest = still.loc[(still["ends_at"] - still["starts_at"]).idxmax()]
    assert longest["street"] == "row-0-0"
    assert (longest["ends_at"] - longest["starts_at"]).total_seconds() == pytest.approx(600, abs=40)
    assert passages["street"].drop_duplicates().tolist() == [f"row-0-{j}" for j in range(4)]


def test_silence_and_ground_without_streets_count_nowhere():
    graph = grid()
    xy = [(10, 0), (20, 0), (30, 0), (40, 0), (40, -300), (40, -310), (45, 0)]
    at_s = [0, 60, 1000, 1060, 1120, 1180, 1240]
    match = match_track(graph, track(xy, at_s), params=EACH)
    assert (match.gap_s, match.away_s, match.seen_s) == (940.0, 120.0, 180.0)
    assert match.passages["ends_at"].max() == START + pd.Timedelta(seconds=1240)


def test_a_jump_that_nobody_moves_fast_enough_for_splits_the_track():
    lines = [LineString([(0, 0), (100, 0)]), LineString([(5000, 0), (5100, 0)])]
    graph = StreetGraph.from_streets(gpd.GeoDataFrame(geometry=lines, index=["a", "b"], crs=CRS))
    match = match_track(graph, track([(10, 0), (20, 0), (5010, 0), (5020, 0)], [0, 10, 20, 30]))
    assert (match.seen_s, match.gap_s, match.away_s) == (20.0, 10.0, 0.0)
    assert set(match.passages["street"]) == {"a", "b"}


def test_a_track_off_all_streets_is_away():
    match = match_track(grid(), track([(5000, 0), (5010, 0)], [0, 30]))
    assert (match.seen_s, match.gap_s, match.away_s) == (0.0, 0.0, 30.0)
    assert list(match.passages.columns) == list(COLUMNS)
    assert match.passages.empty


def test_one_position_takes_no_time():
    match = match_track(grid(), track([(10, 0)], [0]))
    assert (match.seen_s, match.gap_s, match.away_s, len(match.passages)) == (0, 0, 0, 0)


positions = st.lists(
    st.tuples(
        st.floats(-100, 250), st.floats(-100, 250), st.floats(0.5, 400, allow_subnormal=False)
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60)
@given(positions, st.sampled_from([0.0, 10.0, 60.0]))
def test_seen_gap_and_away_add_up_to_the_time_of_the_track(told, step_s):
    graph = grid()
    at_s = np.cumsum([step for _, _, step in told])
    match = match_track(
        graph, track([(x, y) for x, y, _ in told], at_s), params=MatchParams(step_s=step_s)
    )
    total_s = at_s[-1] - at_s[0]
    assert match.seen_s + match.gap_s + match.away_s == pytest.approx(total_s, abs=1e-6)
    starts_s, ends_s = (seconds(match.passages[name]) for name in ("starts_at", "ends_at"))
    assert (ends_s - starts_s).sum() == pytest.approx(match.seen_s, abs=1e-4)
    assert (starts_s[1:] >= ends_s[:-1] - 1e-6).all()
    length_m = graph.length_m[graph.lines.index.get_indexer(match.passages["street"])]
    for name in ("from_m", "to_m"):
        assert match.passages[name].between(0, length_m + 1e-9).all()


def test_every_fault_of_a_track_is_named():
    broken = track([(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)], [0, 10, 10, 5, 20])
    broken.loc[4, "geometry"] = Point(np.inf, 0)
    with pytest.raises(LayerError) as refused:
        match_track(grid(), broken)
    assert [(fault.field, fault.row) for fault in refused.value.faults] == [
        ("geometry", 5),
        ("at", 3),
    ]
    assert "and 1 more" in refused.value.faults[1].found


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda told: told.iloc[:0], "at least one position"),
        (lambda told: told.drop(columns="at"), "instants with a time zone"),
        (lambda told: told.assign(at=told["at"].dt.tz_localize(None)), "instants with a time zone"),
        (lambda told: told.assign(at=pd.Series([told["at"][0], pd.NaT])), "a time"),
        (lambda told: told.set_geometry([Point(), Point(1, 1)], crs=CRS), "a finite point"),
    ],
)
def test_what_is_no_track_is_refused(change, expected):
    with pytest.raises(LayerError, match=expected):
        match_track(grid(), change(track([(0, 0), (9, 0)], [0, 10])))


def test_every_parameter_out_of_range_is_named():
    with pytest.raises(ParameterError) as refused:
        MatchParams(reach_m=0.0, gap_s=np.nan, step_s=-1.0, beta_m=np.inf)
    for name in ("reach_m", "gap_s", "step_s", "beta_m"):
        assert f"`{name}`" in str(refused.value)
