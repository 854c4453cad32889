"""The chance of hotspots: false alarms counted, planted clusters, and a second way to simulate."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from analytics import _chance, hotspot_significance
from analytics.hotspot_significance import hotspot_significance as significance
from analytics.hotspots import find_hotspots
from analytics.network_density import network_density
from geo.errors import ParameterError
from tests.analytics.hotspot_cases import (
    chance,
    grid_streets,
    incident_frame,
    lone_streets,
    on_lone_streets,
    planted,
    street_frame,
)


def false_alarms(runs):
    """Count how often chance is called a hotspot at a level of 5 %."""
    streets = grid_streets(3)
    rng = np.random.default_rng(11)
    found = [
        significance(find_hotspots(streets, chance(rng, streets, 60)), seed=run, simulations=19)
        for run in range(runs)
    ]
    listed = sum(run.table["p_value"].min() <= 0.05 for run in found)
    return sum(run.p_value <= 0.05 for run in found), listed


@pytest.mark.slow
def test_chance_is_called_a_hotspot_as_often_as_said():
    """Of 100 runs 5 are expected, and 13 or more come with a chance of 0.2 %."""
    at_all, listed = false_alarms(100)
    assert 1 <= at_all < 13
    assert listed <= at_all


def test_a_place_compared_with_itself_alone_is_caught(monkeypatch):
    """Then looking everywhere is not paid for: above 5 of 30 come with a chance of 0.3 %."""
    monkeypatch.setattr(hotspot_significance, "_greatest", lambda excess: excess[0])
    assert false_alarms(30)[0] > 5


@pytest.mark.parametrize("seed", range(3))
def test_planted_clusters_are_no_chance(seed):
    hotspots = find_hotspots(grid_streets(), incident_frame(planted(seed)))
    found = significance(hotspots, seed=seed, simulations=199)
    assert found.table["p_value"].iloc[:3].tolist() == [0.005] * 3
    assert found.p_value == 0.005
    centres = shapely.points([(250, 200), (700, 350), (150, 600)])
    near = shapely.distance(hotspots.table.geometry.to_numpy()[:, None], centres).min(axis=1) < 100
    assert (found.table["p_value"][~near] > 0.05).all()
    assert (~near).sum() >= 5
    assert found.table["ratio"].iloc[0] > 10


def test_even_exposure_expects_the_same_everywhere():
    streets = grid_streets(4)
    incidents = chance(np.random.default_rng(1), streets, 40)
    found = significance(find_hotspots(streets, incidents), seed=0, simulations=1).table
    expected = 40 / streets.length.sum()
    assert found["expected"].to_numpy() == pytest.approx(np.full(len(found), expected))


@pytest.mark.slow
def test_p_values_are_those_of_points_thrown_at_the_streets():
    """The same test with every simulated point a point, and a density estimated from it."""
    streets = grid_streets(3)
    rng = np.random.default_rng(2)
    hotspots = find_hotspots(streets, chance(rng, streets, 40))
    found = significance(hotspots, seed=0, simulations=999)
    greatest = np.array(
        [
            network_density(streets, chance(rng, streets, 40), bandwidth_m=60.0)["density"].max()
            for _ in range(120)
        ]
    )
    peaks = hotspots.table["density"].to_numpy()
    again = (greatest >= peaks[:, None]).mean(axis=1)
    assert found.table["p_value"].to_numpy() == pytest.approx(again, abs=0.12)
    assert ((again > 0.02) & (again < 0.98)).any()


def test_exposure_explains_a_busy_street():
    streets = grid_streets(5)
    busy = pd.Series(1.0, index=streets.index)
    busy["e2-1"] = busy["e2-2"] = 12.0
    odds = streets.length * busy
    rng = np.random.default_rng(3)
    chosen = rng.choice(len(streets), 200, p=odds / odds.sum())
    points = streets.geometry.iloc[chosen].interpolate(rng.uniform(0, 1, 200), normalized=True)
    incidents = gpd.GeoDataFrame(geometry=points.reset_index(drop=True), crs=streets.crs)
    hotspots = find_hotspots(streets, incidents)
    assert significance(hotspots, seed=0, simulations=199).table["p_value"].iloc[0] == 0.005
    known = significance(hotspots, seed=0, simulations=199, exposure=busy)
    assert known.p_value > 0.05
    assert known.table["ratio"].iloc[0] < 2
    doubled = significance(hotspots, seed=0, simulations=199, exposure=busy * 2)
    pd.testing.assert_frame_equal(doubled.table, known.table)


def test_the_seed_decides_and_the_size_of_batches_does_not(monkeypatch):
    streets = grid_streets(4)
    hotspots = find_hotspots(streets, chance(np.random.default_rng(1), streets, 60))
    runs = [significance(hotspots, seed=seed, simulations=90).table for seed in (1, 1, 2)]
    pd.testing.assert_frame_equal(runs[0], runs[1])
    assert not runs[0].equals(runs[2])
    monkeypatch.setattr(_chance, "LAYERS", 7)
    again = significance(hotspots, seed=1, simulations=90).table
    pd.testing.assert_frame_equal(again, runs[0], rtol=1e-9)


def test_stopped_it_rests_on_what_was_done(monkeypatch):
    monkeypatch.setattr(_chance, "LAYERS", 10)
    hotspots = find_hotspots(grid_streets(3), incident_frame([(5, 0)] * 30))
    told = []
    found = significance(
        hotspots,
        seed=0,
        simulations=95,
        keep_going=lambda: len(told) < 2,
        progress=lambda *done: told.append(done),
    )
    assert told == [(10, 95), (20, 95)]
    assert found.simulations == 20
    assert found.p_value == pytest.approx(1 / 21)


def test_no_incidents_are_no_hotspot():
    nobody = gpd.GeoDataFrame(geometry=[], crs="EPSG:32647")
    found = significance(find_hotspots(grid_streets(3), nobody), seed=0)
    assert len(found.table) == 0
    assert found.p_value == 1


def test_one_incident_is_always_chance():
    """Wherever it lies, a single incident stands out as chance does."""
    found = significance(find_hotspots(lone_streets(3), on_lone_streets((0, 1, 0))), seed=0)
    assert found.table["p_value"].iloc[0] > 0.2


def test_many_incidents_on_one_point_are_no_chance():
    found = significance(find_hotspots(grid_streets(3), incident_frame([(50, 0)] * 30)), seed=0)
    assert found.table["p_value"].tolist() == [0.001]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"simulations": 0}, "Expected whole `simulations` >= 1, got 0"),
        ({"simulations": np.nan}, "Expected whole `simulations` >= 1, got nan"),
        ({"seed": -1}, "Expected whole `seed` >= 0, got -1"),
        ({"seed": 1.5}, "Expected whole `seed` >= 0, got 1.5"),
        ({"exposure": {"s0": 1.0}}, "Expected `exposure` >= 0 for every street .* none such for 1"),
        ({"exposure": {"s0": 1.0, "s1": -1.0}}, "none such for 1, as 's1'"),
        ({"exposure": {"s0": 0.0, "s1": 0.0}}, "got 0 for all"),
        ({"exposure": {"s0": 0.0, "s1": 1.0}}, "> 0 where incidents lie, got 0 for 1 .* as 's0'"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    hotspots = find_hotspots(lone_streets(2), on_lone_streets((2, 0)))
    if "exposure" in changed:
        changed = {"exposure": pd.Series(changed["exposure"])}
    with pytest.raises(ParameterError, match=message):
        significance(hotspots, **{"seed": 0} | changed)


def test_exposure_in_words_or_twice_is_refused():
    hotspots = find_hotspots(lone_streets(2), on_lone_streets((2, 0)))
    with pytest.raises(ParameterError, match="none such for 1, as 's1'"):
        significance(hotspots, seed=0, exposure=pd.Series({"s0": "2", "s1": "much"}))
    twice = pd.Series([1.0, 1.0, 2.0], index=["s0", "s1", "s1"])
    with pytest.raises(ParameterError, match="one number for each street, got several for 's1'"):
        significance(hotspots, seed=0, exposure=twice)


def test_only_the_proportions_of_exposure_count_however_large_it_is():
    hotspots = find_hotspots(lone_streets(2), on_lone_streets((5, 2)))
    plain, huge = (
        significance(
            hotspots, seed=0, simulations=99, exposure=pd.Series({"s0": 1.0, "s1": 3.0}) * m
        )
        for m in (1.0, 1e307)
    )
    pd.testing.assert_frame_equal(plain.table, huge.table)


@pytest.mark.parametrize("x", [0.5, 59.5])
def test_chance_that_comes_out_just_as_the_data_counts_whatever_rounding_does(x):
    """Of twelve places on a lone street the two at its ends are equally far out."""
    streets = street_frame([("a", "ก", "A", [(0, 0), (60, 0)])])
    found = significance(find_hotspots(streets, incident_frame([(x, 0)])), seed=1)
    assert found.p_value == pytest.approx(2 / 12, abs=0.03)
    assert found.table["p_value"].tolist() == [found.p_value]
