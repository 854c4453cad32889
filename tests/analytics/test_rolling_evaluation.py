"""Rolling origins by hand, intervals against known spreads, and the record of a forecast."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from analytics import _forecast_input as forecast_input
from analytics import rolling_evaluation as module
from analytics.evaluation import hit_rates, log_score
from analytics.forecast import BASELINES, DEFAULT, forecast_risk
from analytics.rolling_evaluation import hit_rate_intervals, measured, rolling_evaluation
from geo.errors import LayerError, ParameterError
from geo.zone import Zone
from tests.analytics.forecast_cases import CRS, ORIGIN, WEEK, incidents_at, scattered, squares

ORIGINS = [ORIGIN - WEEK * back for back in (6, 5, 4)]
TWO = {DEFAULT: forecast_risk, "kernel": BASELINES["kernel of 2 cells"]}


def rolled_by_hand(incidents, grid):
    """Return hits and scores, each forecast made from a layer that ends at its origin."""
    rows = []
    when = incidents["occurred_at"]
    for origin in ORIGINS:
        later = incidents[(when >= origin) & (when < origin + WEEK)]
        for name, forecaster in TWO.items():
            risk = forecaster(incidents[when < origin], grid, origin=origin, horizon=WEEK)
            rates = hit_rates(risk, grid, later)
            hits = rates["hit_rate"] * len(later)
            rows += [
                (origin, name, share, len(later), hit, log_score(risk, grid, later))
                for share, hit in zip(rates["area_share"], hits, strict=True)
            ]
    names = ["origin", "method", "area_share", "incidents", "hits", "log_score"]
    return pd.DataFrame(rows, columns=names)


def test_agrees_with_forecasts_made_one_by_one():
    incidents, grid = scattered(400), squares()
    told = []
    rolled = rolling_evaluation(
        incidents,
        grid,
        TWO,
        origins=ORIGINS,
        horizon=WEEK,
        progress=lambda done, of: told.append((done, of)),
    )
    by_hand = rolled_by_hand(incidents, grid)
    pd.testing.assert_frame_equal(rolled[by_hand.columns], by_hand, check_exact=False)
    assert told == [(done, 6) for done in range(1, 7)]
    assert (rolled["best_hits"] >= rolled["hits"]).all()
    assert (rolled["best_hits"] <= rolled["incidents"]).all()


def test_a_horizon_that_ends_late_is_caught(monkeypatch):
    incidents, grid = scattered(400), squares()
    monkeypatch.setattr(module, "check_horizon", lambda horizon: horizon * 2)
    rolled = rolling_evaluation(incidents, grid, TWO, origins=ORIGINS, horizon=WEEK)
    by_hand = rolled_by_hand(incidents, grid)
    assert not rolled["incidents"].equals(by_hand["incidents"])


def test_stops_at_a_whole_origin():
    answers = iter([True] * 5 + [False] * 10)
    rolled = rolling_evaluation(
        scattered(),
        squares(),
        TWO,
        origins=ORIGINS,
        horizon=WEEK,
        keep_going=lambda: next(answers),
    )
    assert rolled["origin"].unique().tolist() == ORIGINS[:2]
    none = rolling_evaluation(
        scattered(), squares(), TWO, origins=ORIGINS, horizon=WEEK, keep_going=lambda: False
    )
    assert none.columns.equals(rolled.columns)
    assert none.empty
    assert hit_rate_intervals(none, seed=0).empty


def made_up(hits, incidents):
    """Return rolled rows of methods by name, a list of hits each."""
    return pd.concat(
        pd.DataFrame(
            {"origin": range(len(incidents)), "method": name, "area_share": 0.05, "hits": of}
        ).assign(incidents=incidents)
        for name, of in hits.items()
    )


def test_intervals_have_the_spread_of_the_weeks():
    rng = np.random.default_rng(0)
    incidents = rng.poisson(30, 400)
    hits = rng.binomial(incidents, 0.25)
    row = hit_rate_intervals(made_up({"a": hits}, incidents), seed=1).loc[0]
    spread = math.sqrt(0.25 * 0.75 / incidents.sum())
    assert row["hit_rate"] == hits.sum() / incidents.sum()
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * spread, rel=0.12)


def test_a_method_is_compared_week_by_week():
    rng = np.random.default_rng(0)
    incidents = rng.poisson(30, 50)
    worse = rng.binomial(incidents, 0.2)
    rolled = made_up({"b": worse + 1, "a": worse}, incidents)
    found = hit_rate_intervals(rolled, seed=1, against="a").set_index("method")
    assert found.loc["b", "hit_rate"] == pytest.approx(50 / incidents.sum())
    assert found.loc["b", "low"] > 0.9 * 50 / incidents.sum()
    assert found.loc["a", ["hit_rate", "low", "high"]].tolist() == [0, 0, 0]
    apart = hit_rate_intervals(rolled, seed=1).set_index("method")
    assert apart.loc["b", "low"] < apart.loc["a", "high"]


def test_the_same_seed_gives_the_same_interval():
    incidents = np.random.default_rng(0).poisson(30, 60)
    rolled = made_up({"a": incidents // 3}, incidents)
    once, again, other = (hit_rate_intervals(rolled, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(once, again)
    assert not once.equals(other)


def test_no_incident_gives_no_rate():
    row = hit_rate_intervals(made_up({"a": [0, 0]}, [0, 0]), seed=0).loc[0]
    assert row[["hit_rate", "low", "high"]].isna().all()


def test_bad_input_is_refused():
    rolled = made_up({"a": [1, 2]}, [5, 6])
    with pytest.raises(ParameterError, match="Expected `against` among a, got 'b'"):
        hit_rate_intervals(rolled, seed=0, against="b")
    with pytest.raises(ParameterError, match="Expected `level` > 0 and < 1"):
        hit_rate_intervals(rolled, seed=0, level=1)
    with pytest.raises(ParameterError, match="Expected whole `resamples` >= 1"):
        hit_rate_intervals(rolled, seed=0, resamples=0)
    with pytest.raises(ParameterError, match="Expected `record` >= `horizon`"):
        measured(
            scattered(), squares(), origin=ORIGIN, horizon=WEEK, seed=0, record=pd.Timedelta(days=1)
        )
    with pytest.raises(ParameterError, match="Expected `horizon`"):
        rolling_evaluation(scattered(), squares(), TWO, origins=ORIGINS, horizon=pd.Timedelta(0))


@pytest.mark.parametrize(
    ("options", "message"),
    [({"seed": seed}, "Expected whole `seed` >= 0") for seed in (-1, 1.5, math.nan)]
    + [({"resamples": n}, "Expected whole `resamples` >= 1") for n in (2.5, math.nan, math.inf)],
)
def test_intervals_of_bad_numbers_are_refused(options, message):
    rolled = made_up({"a": [1, 2]}, [5, 6])
    with pytest.raises(ParameterError, match=message):
        hit_rate_intervals(rolled, **({"seed": 0} | options))


def test_intervals_of_other_tables_are_refused():
    rolled = made_up({"a": [1, 0], "b": [1, 0]}, [5, 0])
    with pytest.raises(ParameterError, match=r"got no \['incidents', 'hits'\]"):
        hit_rate_intervals(rolled.drop(columns=["hits", "incidents"]), seed=0)
    with pytest.raises(ParameterError, match="one row for each origin, method and share"):
        hit_rate_intervals(rolled.assign(origin=0), seed=0)
    with pytest.raises(ParameterError, match="one row for each origin, method and share"):
        hit_rate_intervals(rolled.iloc[:-1], seed=0)
    # Of origins that were told as one, one may have had no incident and the other a hit.
    rolled = made_up({"a": [1]}, [5]), made_up({"b": [0]}, [0])
    with pytest.raises(ParameterError, match="one number of `incidents` for each origin"):
        hit_rate_intervals(pd.concat(rolled), seed=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"record": record}, "Expected `record` >= `horizon`") for record in (None, 5, pd.NaT)]
    + [({"area_share": share}, "Expected `area_share` in") for share in (-1, 2, math.nan, "5")]
    + [({"seed": -1}, "Expected whole `seed` >= 0")],
)
def test_a_record_of_bad_numbers_is_refused_even_of_little(options, message):
    with pytest.raises(ParameterError, match=message):
        measured(
            scattered(5), squares(), **({"origin": ORIGIN, "horizon": WEEK, "seed": 0} | options)
        )


def test_origins_in_two_kinds_of_time_are_refused():
    origins = [ORIGIN, ORIGIN.tz_localize(None)]
    with pytest.raises(ParameterError, match="Expected `origins` all with a time zone"):
        rolling_evaluation(scattered(), squares(), TWO, origins=origins, horizon=WEEK)


def record_of(incidents, **options):
    return measured(incidents, squares(), origin=ORIGIN, horizon=WEEK, seed=0, **options)


def faulty_layer():
    """Return incidents with faults in rows 4, 5 and 6, the first two of three police work."""
    incidents = scattered(40).sort_values("occurred_at", ignore_index=True)
    incidents["reporting"], incidents["category"] = "reported", "theft"
    incidents.loc[:1, "reporting"] = "discovered"
    incidents.loc[3, "geometry"] = None
    incidents.loc[4, "category"] = "arrest"
    incidents.loc[5, "occurred_at"] = pd.NaT
    return incidents


EVERY_WAY = {
    "forecast_risk": lambda layer: forecast_risk(layer, squares(), origin=ORIGIN, horizon=WEEK),
    "rolling_evaluation": lambda layer: rolling_evaluation(
        layer, squares(), TWO, origins=ORIGINS, horizon=WEEK
    ),
    "measured": record_of,
}


@pytest.mark.parametrize("way", EVERY_WAY)
def test_faults_are_named_at_once_by_rows_of_the_whole_layer(way):
    with pytest.raises(LayerError) as told:
        EVERY_WAY[way](faulty_layer())
    found = [(fault.row, fault.field) for fault in told.value.faults]
    assert found == [(4, "geometry"), (5, "category"), (6, "occurred_at")]


@pytest.mark.parametrize("way", EVERY_WAY)
def test_rows_numbered_among_those_read_are_caught(monkeypatch, way):
    monkeypatch.setattr(forecast_input, "_renumbered", lambda faults, _rows: faults)
    layer = faulty_layer().drop(index=5)
    layer.loc[0, "occurred_at"] = ORIGIN + 100 * WEEK
    with pytest.raises(LayerError) as told:
        EVERY_WAY[way](layer)
    assert [fault.row for fault in told.value.faults] == [3, 4]


def test_a_record_says_when_there_is_too_little_to_tell():
    rng = np.random.default_rng(0)
    old, new = [rng.uniform(*ages, 49) for ages in ((183, 400), (1, 181))]
    enough = [300.0, 100.0]
    for ages, reason in [
        ((), "too_little_known"),
        (np.append(old, new), "too_little_known"),
        (np.concatenate([old, new, enough[:1]]), "too_few_to_test"),
        (np.concatenate([old, new, enough]), None),
    ]:
        xy = rng.uniform(0, 1000, (len(ages), 2))
        record = record_of(incidents_at(xy, ages))
        assert record.reason == reason
        assert (record.hit_rate is None) == (reason is not None)
    xy = rng.uniform(0, 1000, (100, 2))
    ages = np.concatenate([old, new, enough])
    stopped = record_of(incidents_at(xy, ages), keep_going=lambda: False)
    assert (stopped.reason, stopped.hit_rate) == ("stopped", None)


def test_a_record_reads_nothing_at_or_after_the_origin():
    incidents = scattered(400)
    nowhere = gpd.GeoDataFrame({"occurred_at": [ORIGIN]}, geometry=[None], crs=CRS)
    assert record_of(pd.concat([nowhere, incidents])) == record_of(incidents)


def test_a_record_tells_places_from_chance():
    corner = shapely.get_coordinates(squares().geometry.iloc[[0]].centroid.to_numpy())
    rng = np.random.default_rng(0)
    ages = rng.uniform(0.5, 400, 400)
    certain = record_of(incidents_at(np.repeat(corner, 400, axis=0), ages))
    assert (certain.hit_rate, certain.low, certain.high) == (1, 1, 1)
    assert certain.origins == 26
    assert certain.incidents == (ages <= 182).sum()
    chance = record_of(incidents_at(rng.uniform(0, 1000, (400, 2)), ages))
    assert chance.low < 0.05 + 0.05
    assert chance.hit_rate < 0.2


def test_old_town_carries_its_record(root):
    zone = Zone.load(root / "data" / "old_town")
    min_x, min_y, max_x, max_y = zone.boundary.bounds
    x, y = (
        a.ravel() for a in np.meshgrid(np.arange(min_x, max_x, 25), np.arange(min_y, max_y, 25))
    )
    grid = gpd.GeoDataFrame(geometry=shapely.box(x, y, x + 25, y + 25), crs=zone.crs)
    grid = grid[grid.intersects(zone.boundary)]
    origin = pd.Timestamp("2026-09-01", tz="UTC")
    record = measured(zone.incidents, grid, origin=origin, horizon=4 * WEEK, seed=0)
    assert record.reason is None
    assert record.origins == 6
    assert 0.05 < record.low <= record.hit_rate <= record.high < 1
