"""The Knox test against a count pair by pair, all permutations, a planted process and chance."""

from itertools import combinations, permutations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from analytics import _pair_counts
from analytics.near_repeats import near_repeats
from geo.errors import LayerError, ParameterError

BEGIN = pd.Timestamp("2026-01-01", tz="UTC")
BANDS = {"distances_m": (0.0, 50.0, 100.0), "days": (2.0, 7.0)}


def incident_frame(xy, days, **columns):
    """Return incidents at places, so many days after the beginning."""
    at = BEGIN + pd.to_timedelta(np.round(np.asarray(days, dtype=float) * 86_400), unit="s")
    return gpd.GeoDataFrame(
        {"occurred_at": at} | columns,
        geometry=shapely.points(np.reshape(xy, (-1, 2))),
        crs="EPSG:32647",
    )


def chance(rng, count, *, size_m=600.0, span=60.0):
    """Return places and days that have nothing to do with each other; some places repeat."""
    xy = np.round(rng.uniform(0, size_m, (count, 2)))
    xy[: count // 10] = xy[-(count // 10) :] if count >= 10 else xy[: count // 10]
    return xy, rng.uniform(0, span, count)


def planted(rng, count, followed):
    """Return chance incidents of which some are followed within 50 m and two days."""
    xy, days = chance(rng, count, size_m=1200.0, span=120.0)
    near = xy[:followed] + rng.uniform(-30, 30, (followed, 2))
    return np.vstack([xy, near]), np.append(days, days[:followed] + rng.uniform(0, 2, followed))


def pair_by_pair(xy, seconds, distances, days):
    table = np.zeros((len(distances), len(days)), dtype=int)
    for one, other in combinations(range(len(seconds)), 2):
        away = np.hypot(*(xy[one] - xy[other]))
        apart = abs(seconds[one] - seconds[other]) / 86_400
        row, column = np.searchsorted(distances, away), np.searchsorted(days, apart)
        if row < len(distances) and column < len(days):
            table[row, column] += 1
    return table


def as_table(found, column):
    return found.table[column].to_numpy().reshape(len(BANDS["distances_m"]), -1)


def test_expected_pairs_and_p_values_are_those_of_all_permutations():
    xy = np.array([(0, 0), (0, 0), (40, 0), (80, 0), (90, 0), (300, 0)], dtype=float)
    seconds = np.array([0, 1, 1.5, 6, 6, 30]) * 86_400.0
    bands = BANDS.values()
    every = np.array(
        [pair_by_pair(xy, seconds[list(way)], *bands) for way in permutations(range(6))]
    )
    found = near_repeats(incident_frame(xy, seconds / 86_400), seed=1, permutations=6000, **BANDS)
    assert as_table(found, "expected") == pytest.approx(every.mean(axis=0))
    exact = (every >= every[0]).mean(axis=0)
    assert as_table(found, "p_value") == pytest.approx(exact, abs=0.03)


@pytest.mark.parametrize("days", [(0.1, 0.5), (30.0, 60.0)])
def test_pairs_listed_in_space_and_in_time_count_the_same(days, monkeypatch):
    """Short times list the pairs near in time, long ones those near in space."""
    rng = np.random.default_rng(4)
    xy, day = planted(rng, 150, 30)
    incidents = incident_frame(xy, day)
    seconds = (incidents["occurred_at"] - BEGIN).dt.total_seconds().to_numpy()
    listed = []
    for name in ("_near_in_space", "_near_in_time"):
        kept = getattr(_pair_counts.Events, name)
        monkeypatch.setattr(
            _pair_counts.Events,
            name,
            lambda events, name=name, kept=kept: listed.append(name) or kept(events),
        )
    bands = {"distances_m": (0.0, 50.0, 100.0), "days": days}
    found = near_repeats(incidents, seed=2, permutations=400, **bands)
    assert listed == ["_near_in_time" if days[0] < 10 else "_near_in_space"]
    assert as_table(found, "pairs").tolist() == pair_by_pair(xy, seconds, *bands.values()).tolist()
    # The mean over the permutations made is the exact mean, whichever list they ran over.
    rng = np.random.default_rng(9)
    events = _pair_counts.Events(
        xy, seconds, np.array(bands["distances_m"]), np.array(days) * 86_400
    )
    tables = events.tables(rng)
    next(tables)
    mean = np.mean([next(tables) for _ in range(400)], axis=0)
    assert mean == pytest.approx(as_table(found, "expected"), rel=0.1, abs=1.5)


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_near_repeat_is_found_where_it_was_planted(seed):
    xy, days = planted(np.random.default_rng(seed), 300, 40)
    found = near_repeats(incident_frame(xy, days), seed=seed, **BANDS).table
    band = found[(found["to_m"] == 50) & (found["to_days"] == 2)].iloc[0]
    assert band["ratio"] > 2
    assert band["p_value"] == 0.001
    assert band["q_value"] <= 0.01
    far = found[(found["to_m"] == 100) & (found["to_days"] == 7)].iloc[0]
    assert far["ratio"] == pytest.approx(1, abs=0.4)


def test_chance_alone_is_found_as_often_as_it_may_be():
    hits = []
    for seed in range(200):
        xy, days = chance(np.random.default_rng([7, seed]), 60)
        found = near_repeats(incident_frame(xy, days), seed=seed, permutations=99, **BANDS)
        hits.append(as_table(found, "p_value")[1, 0] <= 0.05)
    # 200 times 5 % are 10, and 20 or more with a chance of 0.3 %.
    assert np.sum(hits) < 20


def test_unpermuted_times_are_caught(monkeypatch):
    """A test that compares the data with itself finds nothing in the planted process."""
    xy, days = planted(np.random.default_rng(0), 300, 40)
    kept = np.random.default_rng

    class Still:
        def __init__(self, seed):
            self.real = kept(seed)

        def permutation(self, count):
            return np.arange(count)

    monkeypatch.setattr(np.random, "default_rng", Still)
    found = near_repeats(incident_frame(xy, days), seed=0, permutations=20, **BANDS)
    assert (found.table["p_value"] == 1).all()


def test_the_seed_decides_the_p_values_alone():
    xy, days = planted(np.random.default_rng(1), 100, 10)
    runs = [
        near_repeats(incident_frame(xy, days), seed=seed, permutations=50, **BANDS).table
        for seed in (3, 3, 4)
    ]
    pd.testing.assert_frame_equal(runs[0], runs[1])
    assert (runs[0]["p_value"] != runs[2]["p_value"]).any()
    chosen = ["p_value", "q_value"]
    pd.testing.assert_frame_equal(runs[0].drop(columns=chosen), runs[2].drop(columns=chosen))


def test_a_window_counts_with_its_middle():
    incidents = incident_frame([(0, 0), (0, 0)], [0, 8])
    incidents["occurred_until"] = incidents["occurred_at"] + pd.to_timedelta([4, 0], unit="D")
    found = near_repeats(incidents, seed=0, permutations=1, distances_m=[0], days=[5.9, 6])
    assert found.table["pairs"].tolist() == [0, 1]


def test_discovered_incidents_do_not_count():
    reporting = ["reported", "discovered", "reported"]
    incidents = incident_frame([(0, 0)] * 3, [0, 0, 1], reporting=reporting)
    found = near_repeats(incidents, seed=0, permutations=1, **BANDS)
    assert found.incidents == 2
    assert found.table["pairs"].sum() == 1


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_incidents_make_no_pair(count):
    found = near_repeats(incident_frame([(0, 0)] * count, [0] * count), seed=0, **BANDS)
    assert found.incidents == count
    assert len(found.table) == 6
    assert (found.table[["pairs", "expected"]] == 0).all(axis=None)
    assert found.table["ratio"].isna().all()
    assert (found.table["p_value"] == 1).all()


@pytest.mark.parametrize("days", [[0] * 20, list(range(20))])
def test_incidents_all_on_one_point_are_no_near_repeats(days):
    """Where there is one place only, no time has anything to do with it."""
    found = near_repeats(incident_frame([(5, 5)] * 20, days), seed=0, permutations=99, **BANDS)
    held = found.table[found.table["pairs"] > 0]
    assert len(held) > 0
    assert held["ratio"].to_numpy() == pytest.approx(1)
    assert (found.table["p_value"] == 1).all()


def test_stopped_it_rests_on_what_was_done():
    xy, days = planted(np.random.default_rng(1), 100, 30)
    told = []
    found = near_repeats(
        incident_frame(xy, days),
        seed=0,
        keep_going=lambda: len(told) < 9,
        progress=lambda *done: told.append(done),
        **BANDS,
    )
    assert found.permutations == 9
    assert told == [(done, 999) for done in range(1, 10)]
    assert found.table["p_value"].min() == 0.1


def test_more_pairs_than_fit_are_refused(monkeypatch):
    monkeypatch.setattr(_pair_counts, "MAX_PAIRS", 100)
    with pytest.raises(ParameterError, match=r"at most 100 pairs .* got 190 and 190"):
        near_repeats(incident_frame([(5, 5)] * 20, [0] * 20), seed=0, **BANDS)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"distances_m": []}, "Expected `distances_m` ascending from >= 0"),
        ({"distances_m": [-1, 5]}, "Expected `distances_m` ascending from >= 0"),
        ({"distances_m": [5, 5]}, "Expected `distances_m` ascending from >= 0"),
        ({"distances_m": 5}, "Expected `distances_m` ascending from >= 0 up to 1e.09, got 5"),
        ({"distances_m": [1e300]}, "Expected `distances_m` ascending from >= 0 up to 1e.09"),
        ({"distances_m": ["a"]}, "Expected `distances_m` ascending from >= 0"),
        ({"days": [1e300]}, "Expected `days` ascending from >= 0 up to 1e.09, got"),
        ({"days": None}, "Expected `days` ascending from >= 0"),
        ({"days": [[1, 2]]}, "Expected `days` ascending from >= 0"),
        ({"days": [7, np.inf]}, "Expected `days` ascending from >= 0"),
        ({"days": [np.nan]}, "Expected `days` ascending from >= 0"),
        ({"permutations": 0}, "Expected whole `permutations` >= 1, got 0"),
        ({"permutations": 9.5}, "Expected whole `permutations` >= 1, got 9.5"),
        ({"permutations": np.nan}, "Expected whole `permutations` >= 1, got nan"),
        ({"seed": -1}, "Expected whole `seed` >= 0, got -1"),
        ({"seed": 1.5}, "Expected whole `seed` >= 0, got 1.5"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    with pytest.raises(ParameterError, match=message):
        near_repeats(incident_frame([(0, 0)], [0]), **{"seed": 0} | changed)


def test_longitudes_are_refused():
    incidents = incident_frame([(98.39, 7.88)], [0]).set_crs("EPSG:4326", allow_override=True)
    with pytest.raises(ParameterError, match="projected CRS"):
        near_repeats(incidents, seed=0)


def test_incidents_without_place_or_past_time_are_named():
    lost = incident_frame([(0, 0), (np.nan, 1)], [0, 0])
    with pytest.raises(LayerError, match="row 2"):
        near_repeats(lost, seed=0)
    with pytest.raises(LayerError, match="row 2, `occurred_at`: expected an instant up to"):
        near_repeats(incident_frame([(0, 0)] * 2, [0, 9]), seed=0, as_of=BEGIN)
    work = incident_frame([(0, 0)] * 2, [0, 0], category=["theft", "arrest"])
    with pytest.raises(LayerError, match="row 2"):
        near_repeats(work, seed=0)


def test_what_is_wrong_with_places_times_and_kinds_is_named_at_once():
    faulty = incident_frame([(0, 0), (np.nan, 1), (0, 0)], [0, 0, 9])
    faulty["category"] = ["arrest", "theft", "theft"]
    with pytest.raises(LayerError) as caught:
        near_repeats(faulty, seed=0, as_of=BEGIN)
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        (1, "category"),
        (2, "geometry"),
        (3, "occurred_at"),
    ]
