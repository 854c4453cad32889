"""Local G* against distances by networkx, the formula, points thrown at streets, and chance."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from analytics import _chance, street_clusters
from analytics._street_mesh import StreetMesh, lixel_counts
from analytics.street_clusters import neighbours
from analytics.street_clusters import street_clusters as clusters
from geo.errors import LayerError, ParameterError
from geo.street_graph import StreetGraph
from tests.analytics.hotspot_cases import (
    CRS,
    chance,
    grid_streets,
    incident_frame,
    planted,
    street_frame,
)


def odd_streets():
    """Return a loop, parallel streets, a dead end and a piece of its own."""
    bow = [(0, 0), (50, 40), (100, 0)]
    loop = [(100, 0), (160, 60), (160, -60), (100, 0)]
    return street_frame(
        [
            ("straight", "", "", [(0, 0), (100, 0)]),
            ("bow", "", "", bow),
            ("loop", "", "", loop),
            ("end", "", "", [(0, 0), (-70, 0)]),
            ("alone", "", "", [(500, 0), (530, 0)]),
        ]
    )


def within_reach(lixels, reach_m):
    """Return which middles are near each other, on a graph of ends and middles by networkx."""
    ways = nx.MultiGraph()
    for number, line in enumerate(lixels.geometry):
        ends = [tuple(np.round(point, 6)) for point in (line.coords[0], line.coords[-1])]
        for end in ends:
            ways.add_edge(number, end, length=line.length / 2)
    near = np.zeros((len(lixels), len(lixels)), dtype=int)
    for number in range(len(lixels)):
        away = nx.single_source_dijkstra_path_length(ways, number, weight="length")
        for other in range(len(lixels)):
            near[number, other] = away.get(other, np.inf) <= reach_m + 1e-9
    return near


@pytest.mark.parametrize("reach_m", [0.0, 35.0, 120.0, 1e6])
@pytest.mark.parametrize("lixel_m", [400.0, 33.0])
def test_neighbours_are_those_within_reach_along_the_streets(lixel_m, reach_m):
    streets = odd_streets()
    graph = StreetGraph.from_streets(streets)
    mesh = StreetMesh.of_graph(graph, lixel_counts(graph, lixel_m))
    none = incident_frame([])
    lixels = clusters(streets, none, seed=0, lixel_m=lixel_m, simulations=1).lixels
    assert neighbours(mesh, reach_m).toarray().tolist() == within_reach(lixels, reach_m).tolist()


def test_few_at_a_time_are_the_same_neighbours(monkeypatch):
    graph = StreetGraph.from_streets(grid_streets(4))
    mesh = StreetMesh.of_graph(graph, lixel_counts(graph, 30.0))
    every = neighbours(mesh, 90.0)
    monkeypatch.setattr(street_clusters, "NUMBERS", 1000)
    assert (neighbours(mesh, 90.0) != every).nnz == 0


def test_g_star_and_its_score_follow_the_formula_of_getis_and_ord():
    streets = grid_streets(4)
    incidents = chance(np.random.default_rng(1), streets, 120)
    found = clusters(streets, incidents, seed=0, simulations=1).lixels
    count = found["incidents"].to_numpy()
    near = within_reach(found, 100.0)
    size, held = len(count), near.sum(axis=1)
    assert found["g_star"].to_numpy() == pytest.approx(near @ count / 120)
    assert found["expected"].to_numpy() == pytest.approx(
        near @ found["length_m"].to_numpy() / streets.length.sum()
    )
    spread = count.std() * np.sqrt((size * held - held**2) / (size - 1))
    score = (near @ count - count.mean() * held) / spread
    assert found["z_score"].to_numpy() == pytest.approx(score)
    assert count.sum() == 120


def test_p_values_are_those_of_points_thrown_at_the_streets():
    streets = grid_streets(3)
    rng = np.random.default_rng(4)
    incidents = chance(rng, streets, 50)
    found = clusters(streets, incidents, seed=0, simulations=2000).lixels
    near = within_reach(found, 100.0)
    thrown = [
        clusters(streets, chance(rng, streets, 50), seed=0, simulations=1).lixels["incidents"]
        for _ in range(150)
    ]
    often = (near @ np.array(thrown).T >= (near @ found["incidents"])[:, None]).mean(axis=1)
    assert found["p_value"].to_numpy() == pytest.approx(often, abs=0.13)
    assert np.ptp(often) > 0.5


def alarms(runs):
    """Count in how many runs of chance any piece is called hot; streets of very unequal pieces."""
    short = [(x * 90.0, x * 90.0 + 4) for x in range(8)]
    long = [(x * 90.0 + 4, x * 90.0 + 90) for x in range(8)]
    rows = [
        (f"p{at}", "", "", [(start, 0), (end, 0)]) for at, (start, end) in enumerate(short + long)
    ]
    streets = street_frame(rows)
    rng = np.random.default_rng(6)
    return sum(
        clusters(streets, chance(rng, streets, 80), seed=run, simulations=999).lixels["hot"].any()
        for run in range(runs)
    )


def test_chance_is_called_hot_as_often_as_said():
    """Where all is chance, the false discovery rate is the chance of any alarm: 5 % of 150."""
    assert alarms(150) < 16


def test_uncorrected_p_values_are_caught(monkeypatch):
    monkeypatch.setattr(street_clusters, "false_discovery_control", lambda p_value: p_value)
    assert alarms(40) > 8


@pytest.mark.parametrize("seed", range(3))
def test_planted_clusters_are_hot_and_little_else(seed):
    found = clusters(grid_streets(), incident_frame(planted(seed)), seed=seed).lixels
    hot = found[found["hot"]]
    centres = shapely.points([(250, 200), (700, 350), (150, 600)])
    away = shapely.distance(hot.geometry.to_numpy()[:, None], centres)
    assert (away.min(axis=0) < 1e-6).all()
    assert (away.min(axis=1) < 160).mean() >= 0.9
    assert (hot["q_value"] <= 0.05).all()
    assert (hot["g_star"] > hot["expected"]).all()


def test_exposure_explains_a_busy_street():
    streets = grid_streets(4)
    busy = pd.Series(1.0, index=streets.index)
    busy["e1-1"] = 15.0
    odds = streets.length * busy
    rng = np.random.default_rng(3)
    chosen = rng.choice(len(streets), 150, p=odds / odds.sum())
    points = streets.geometry.iloc[chosen].interpolate(rng.uniform(0, 1, 150), normalized=True)
    incidents = gpd.GeoDataFrame(geometry=points.reset_index(drop=True), crs=CRS)
    assert clusters(streets, incidents, seed=0, simulations=2999).lixels["hot"].any()
    known = clusters(streets, incidents, seed=0, simulations=2999, exposure=busy).lixels
    assert not known["hot"].any()


def test_discovered_incidents_do_not_count():
    reporting = ["discovered"] * 30 + ["reported"]
    incidents = incident_frame([(50, 0)] * 31, reporting=reporting)
    found = clusters(grid_streets(3), incidents, seed=0, simulations=99).lixels
    assert found["incidents"].sum() == 1


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_incidents_cluster_nowhere(count):
    found = clusters(grid_streets(3), incident_frame([(50, 0)] * count), seed=0).lixels
    assert not found["hot"].any()
    assert found["incidents"].sum() == count
    assert found["z_score"].isna().all() == (count == 0)


def test_incidents_all_on_one_point_cluster_there():
    incidents = incident_frame([(75, 0)] * 30)
    found = clusters(grid_streets(3), incidents, seed=0, reach_m=60.0).lixels
    assert found.loc[found["hot"], "g_star"].tolist() == [1.0] * found["hot"].sum()
    assert found[found["hot"]].distance(shapely.Point(75, 0)).max() < 60


def test_one_piece_of_street_has_no_score():
    streets = street_frame([("a", "", "", [(0, 0), (30, 0)])])
    found = clusters(streets, incident_frame([(5, 0)] * 9), seed=0, simulations=9).lixels
    assert found[["g_star", "expected", "p_value"]].to_numpy().tolist() == [[1, 1, 1]]
    assert found["z_score"].isna().all()


def test_the_seed_decides_and_the_size_of_batches_does_not(monkeypatch):
    streets = grid_streets(3)
    incidents = chance(np.random.default_rng(1), streets, 40)
    runs = [clusters(streets, incidents, seed=seed, simulations=99).lixels for seed in (1, 1, 2)]
    pd.testing.assert_frame_equal(runs[0], runs[1])
    assert (runs[0]["p_value"] != runs[2]["p_value"]).any()
    monkeypatch.setattr(_chance, "LAYERS", 7)
    pd.testing.assert_frame_equal(
        clusters(streets, incidents, seed=1, simulations=99).lixels, runs[0]
    )


def test_stopped_it_rests_on_what_was_done(monkeypatch):
    monkeypatch.setattr(_chance, "LAYERS", 10)
    told = []
    found = clusters(
        grid_streets(3),
        incident_frame([(50, 0)] * 30),
        seed=0,
        simulations=95,
        keep_going=lambda: len(told) < 2,
        progress=lambda *done: told.append(done),
    )
    assert told == [(10, 95), (20, 95)]
    assert found.simulations == 20
    assert found.lixels["p_value"].min() == pytest.approx(1 / 21)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"lixel_m": 0.0}, "Expected `lixel_m` > 0, got 0.0"),
        ({"lixel_m": np.nan}, "Expected `lixel_m` > 0, got nan"),
        ({"lixel_m": 1e-9}, "Expected `lixel_m` that cuts 1200 m of street into at most"),
        ({"lixel_m": 1e-300}, "Expected `lixel_m` that cuts 1200 m of street into at most"),
        ({"seed": -1}, "Expected whole `seed` >= 0, got -1"),
        ({"reach_m": -1.0}, "Expected `reach_m` >= 0, got -1.0"),
        ({"reach_m": np.inf}, "Expected `reach_m` >= 0, got inf"),
        ({"simulations": 0}, "Expected whole `simulations` >= 1, got 0"),
        ({"false_discovery_rate": 0.0}, "Expected `false_discovery_rate` > 0 and < 1, got 0.0"),
        ({"exposure": pd.Series({"e0-0": 1.0})}, "Expected `exposure` >= 0 for every street"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    with pytest.raises(ParameterError, match=message):
        clusters(grid_streets(3), incident_frame([(5, 5)]), **{"seed": 0} | changed)


def test_incidents_without_a_place_are_named():
    incidents = gpd.GeoDataFrame(geometry=[shapely.Point(1, 1), shapely.Point()], crs=CRS)
    with pytest.raises(LayerError, match="row 2"):
        clusters(grid_streets(3), incidents, seed=0)


def test_an_incident_of_tomorrow_is_refused_where_an_instant_is_given():
    when = pd.to_datetime(["2026-01-01", "2026-01-03"], utc=True)
    incidents = incident_frame([(5, 5), (6, 5)], occurred_at=when)
    with pytest.raises(LayerError, match="row 2, `occurred_at`: expected an instant up to"):
        clusters(grid_streets(3), incidents, seed=0, as_of=when[0])
