"""Rank intervals against the binomial, a recount from drawn incidents, and known rates."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics import _chance, hotspot_stability
from analytics.hotspot_stability import rank_stability
from analytics.hotspots import find_hotspots
from analytics.network_density import network_density
from geo.errors import ParameterError
from tests.analytics.hotspot_cases import (
    chance,
    cluster,
    grid_streets,
    incident_frame,
    lone_streets,
    on_lone_streets,
    planted,
)


def test_a_strong_hotspot_keeps_its_rank():
    rng = np.random.default_rng(0)
    strong = np.vstack([cluster(rng, (250, 200), 80), rng.uniform(0, 800, (60, 2))])
    hotspots = find_hotspots(grid_streets(), incident_frame(strong))
    found = rank_stability(hotspots, seed=1, resamples=199)
    first = found.table.iloc[0]
    assert (first["rank_low"], first["rank_high"], first["top_share"]) == (1, 1, 1)
    assert first["density_low"] < hotspots.table["density"].iloc[0] < first["density_high"]


def width_of_chance():
    """Return the interval's upper end for the first hotspot of incidents by chance."""
    streets = grid_streets()
    incidents = chance(np.random.default_rng(5), streets, 150)
    found = rank_stability(find_hotspots(streets, incidents), seed=1, resamples=199)
    return found.table["rank_high"].iloc[0]


def test_chance_gives_wide_intervals():
    assert width_of_chance() >= 5


def test_incidents_that_are_not_drawn_anew_are_caught(monkeypatch):
    monkeypatch.setattr(
        hotspot_stability,
        "_drawn_density",
        lambda hotspots, *_, **__: np.tile(
            hotspots.kernel.on_lixels(hotspots.places)[0, :, 0], (199, 1)
        ),
    )
    assert width_of_chance() == 1


@pytest.mark.parametrize("counts", [(12, 9), (20, 3), (7, 7)])
def test_how_often_a_hotspot_is_first_is_binomial(counts):
    hotspots = find_hotspots(lone_streets(2), on_lone_streets(counts))
    found = rank_stability(hotspots, seed=3, resamples=4000, top=1)
    total = sum(counts)
    # Equals share the better rank: first with at least half.
    exact = stats.binom.sf(np.ceil(total / 2) - 1, total, np.array(counts) / total)
    assert found.table["top_share"].to_numpy() == pytest.approx(exact, abs=0.03)


def test_drawn_weights_give_the_density_of_incidents_so_often(monkeypatch):
    streets, incidents = grid_streets(5), incident_frame(planted(2) / 2)
    hotspots = find_hotspots(streets, incidents)
    rng = np.random.default_rng(8)
    block = np.arange(len(incidents))
    drawn = hotspot_stability._drawn_density(hotspots, block, rng, 3)
    times = np.random.default_rng(8).multinomial(
        len(block), np.full(len(block), 1 / len(block)), size=3
    )
    for density, often in zip(drawn, times, strict=True):
        again = network_density(streets, incidents.iloc[np.repeat(block, often)], bandwidth_m=60.0)
        assert density == pytest.approx(again["density"].to_numpy(), rel=1e-6, abs=1e-9)


@pytest.mark.slow
def test_known_rates_lie_in_the_intervals_as_often_as_said():
    """On ten lone streets of rising rates, with 300 incidents a run."""
    rates = np.arange(1, 11.0) ** 1.5
    true_rank = {f"s{row}": 10 - row for row in range(10)}
    rng = np.random.default_rng(0)
    streets = lone_streets(10)
    inside = []
    for run in range(25):
        incidents = on_lone_streets(rng.multinomial(300, rates / rates.sum()))
        hotspots = find_hotspots(streets, incidents, bandwidth_m=40.0)
        found = rank_stability(hotspots, seed=run, resamples=199).table
        truth = hotspots.table["street"].map(true_rank)
        inside += list((found["rank_low"] <= truth) & (truth <= found["rank_high"]))
    assert len(inside) >= 230
    assert np.mean(inside) >= 0.93


def test_blocks_are_drawn_whole():
    hotspots = find_hotspots(lone_streets(2), on_lone_streets((12, 6)))
    labels = hotspots.places.index
    single = rank_stability(hotspots, seed=0, resamples=400, top=1)
    one = pd.Series("all", index=labels)
    together = rank_stability(hotspots, seed=0, resamples=50, top=1, blocks=one)
    assert together.table["top_share"].tolist() == [1, 0]
    # Twelve incidents of one week are one chance: one of the seven draws in two and a half.
    weeks = pd.Series(["series"] * 12 + [f"week {row}" for row in range(6)], index=labels)
    series = rank_stability(hotspots, seed=0, resamples=400, top=1, blocks=weeks)
    assert series.table["top_share"].iloc[0] < single.table["top_share"].iloc[0] - 0.15
    without = 1 - 1 / 7
    assert series.table["top_share"].iloc[0] == pytest.approx(1 - without**7, abs=0.08)


def test_the_seed_decides_and_the_size_of_batches_does_not(monkeypatch):
    hotspots = find_hotspots(grid_streets(5), incident_frame(planted(1) / 2))
    runs = [rank_stability(hotspots, seed=seed, resamples=90).table for seed in (1, 1, 2)]
    pd.testing.assert_frame_equal(runs[0], runs[1])
    assert not runs[0].equals(runs[2])
    monkeypatch.setattr(_chance, "LAYERS", 7)
    again = rank_stability(hotspots, seed=1, resamples=90).table
    pd.testing.assert_frame_equal(again, runs[0], rtol=1e-9)


def test_stopped_it_rests_on_what_was_done(monkeypatch):
    monkeypatch.setattr(_chance, "LAYERS", 10)
    hotspots = find_hotspots(grid_streets(3), incident_frame([(5, 0), (150, 100)]))
    told = []
    found = rank_stability(
        hotspots,
        seed=0,
        resamples=95,
        keep_going=lambda: len(told) < 2,
        progress=lambda *done: told.append(done),
    )
    assert told == [(10, 95), (20, 95)]
    assert found.resamples == 20
    none = rank_stability(hotspots, seed=0, keep_going=lambda: False)
    assert none.resamples == 0
    assert none.table["rank"].tolist() == [1, 2]
    assert none.table.drop(columns="rank").isna().all(axis=None)


def test_no_incidents_have_no_ranks():
    nobody = gpd.GeoDataFrame(geometry=[], crs="EPSG:32647")
    found = rank_stability(find_hotspots(grid_streets(3), nobody), seed=0)
    assert len(found.table) == 0
    assert found.resamples == 0


@pytest.mark.parametrize("count", [1, 30])
def test_one_place_is_always_first(count):
    hotspots = find_hotspots(grid_streets(3), incident_frame([(50, 0)] * count))
    found = rank_stability(hotspots, seed=0, resamples=20).table
    assert found[["rank_low", "rank_high", "top_share"]].to_numpy().tolist() == [[1, 1, 1]]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"resamples": 0}, "Expected whole `resamples` >= 1, got 0"),
        ({"resamples": np.inf}, "Expected whole `resamples` >= 1, got inf"),
        ({"top": 1.5}, "Expected whole `top` >= 1, got 1.5"),
        ({"level": 1.0}, "Expected `level` > 0 and < 1, got 1.0"),
        ({"level": np.nan}, "Expected `level` > 0 and < 1, got nan"),
        ({"seed": -1}, "Expected whole `seed` >= 0, got -1"),
        ({"seed": 1.5}, "Expected whole `seed` >= 0, got 1.5"),
        (
            {"blocks": pd.Series("a", index=[0, 0])},
            "one label for each incident, got several for 0",
        ),
        ({"blocks": pd.Series({5: "a"})}, "a label for every reported incident, got none for 1"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    hotspots = find_hotspots(grid_streets(3), incident_frame([(5, 5)]))
    with pytest.raises(ParameterError, match=message):
        rank_stability(hotspots, **{"seed": 0} | changed)


def test_blocks_of_incidents_whose_labels_repeat_go_by_the_order():
    incidents = on_lone_streets((12, 6))
    weeks = ["series"] * 12 + [f"week {row}" for row in range(6)]
    found = []
    for labels in (incidents.index, np.arange(18) % 3):
        hotspots = find_hotspots(lone_streets(2), incidents.set_index(pd.Index(labels)))
        blocks = pd.Series(weeks, index=labels)
        found.append(rank_stability(hotspots, seed=0, resamples=50, blocks=blocks).table)
    pd.testing.assert_frame_equal(*found)
