"""The forecast and its worth: no trial reads what it could not have known, and hits are counted."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

import api.hotspots.foresight
from analytics.forecast import BASELINES, forecast_risk
from api.hotspots.foresight import LEAST_TRIALS, SIMPLE, foresee, record_end
from api.hotspots.telling import Telling
from api.hotspots.times import start_of_day
from tests.api.hotspots.town import DAY, PARAMS, incidents

START = start_of_day(DAY, "Asia/Bangkok")
WEEK = pd.Timedelta(days=7)
SHARES = (0.02, 0.05, 0.1)


def run(zone, known, *, start=START, **changes):
    return foresee(
        zone,
        known,
        start=start,
        params=replace(PARAMS, **changes),
        seed=1,
        tell=Telling(),
    )


@pytest.fixture(scope="module")
def zone(inputs):
    return inputs.zone


@pytest.fixture(scope="module")
def known(zone):
    return zone.incidents


@pytest.fixture(scope="module")
def fresh(zone, known):
    """Forecast from a record that reaches the report."""
    return run(zone, known)


@pytest.fixture(scope="module")
def old(zone, known):
    """Forecast from a record that ends forty days before the report."""
    return run(zone, known[known["occurred_at"] < START - pd.Timedelta(days=40)])


def test_a_record_that_reaches_the_day_ends_with_it(known):
    assert record_end(known, start=START, timezone="Asia/Bangkok") == START


def test_a_pause_that_is_no_chance_ends_the_record_with_its_last_day(known):
    until = known[known["occurred_at"] < START - pd.Timedelta(days=40)]
    end = record_end(until, start=START, timezone="Asia/Bangkok")
    last = until["occurred_at"].max()
    assert last < end <= last + pd.Timedelta(days=1)
    assert end.tz_convert("Asia/Bangkok").time().isoformat() == "00:00:00"


@pytest.mark.parametrize("days", [1, 3, 5, 9, 30])
def test_a_pause_counts_by_how_often_chance_would_make_it(days):
    """One incident a day: four days without any are a matter of 2 %, five of less than 1 %."""
    layer = incidents(101).copy()
    layer["occurred_at"] = START - pd.to_timedelta(np.arange(101) + days, unit="D")
    layer["occurred_at"] = layer["occurred_at"].astype("datetime64[us, UTC]")
    likely = math.exp(-101 * days / 100) >= 0.01
    ended = record_end(layer, start=START, timezone="Asia/Bangkok") < START
    assert ended == (not likely)


@pytest.mark.parametrize("count", [0, 1])
def test_next_to_nothing_does_not_tell_where_the_record_ends(known, count):
    few = known.iloc[:count]
    assert record_end(few, start=START, timezone="Asia/Bangkok") == START


def test_the_forecast_is_that_of_the_shipped_method(fresh, known):
    reported = known[known["reporting"] == "reported"]
    expected = forecast_risk(reported, fresh.cells, origin=START, horizon=WEEK)
    np.testing.assert_allclose(fresh.cells["expected"], expected)
    assert fresh.figures.expected == pytest.approx(expected.sum())
    assert fresh.figures.lag_days == 0


def test_an_old_record_is_not_taken_for_a_quiet_time(old, fresh, known):
    assert old.figures.lag_days in (39, 40, 41)
    assert 0.6 < old.figures.expected / fresh.figures.expected < 1.6
    until = known[known["occurred_at"] < START - pd.Timedelta(days=40)]
    blind = forecast_risk(until, old.cells, origin=START, horizon=WEEK).sum()
    assert blind < 0.6 * old.figures.expected


def test_cells_are_ordered_by_what_is_expected_by_area(fresh):
    cells = fresh.cells
    density = cells["expected"] / cells["area_m2"]
    for share, own in zip(cells["top_share"], density, strict=True):
        denser = cells["area_m2"][density > own].sum() / cells["area_m2"].sum()
        at_least = cells["area_m2"][density >= own].sum() / cells["area_m2"].sum()
        assert denser - 1e-9 < share <= at_least + 1e-9
    assert cells["top_share"].max() == pytest.approx(1)


def hits_by_hand(method, known, cells, origins, *, lag):
    """Count what fell into the densest cells, the last of them in part, origin by origin."""
    reported = known[known["reporting"] == "reported"]
    area, shapes, total = cells["area_m2"].to_numpy(), cells.geometry.to_numpy(), 0
    hits = dict.fromkeys(SHARES, 0.0)
    for origin in origins:
        risk = method(reported, cells, origin=origin - lag, horizon=lag + WEEK).to_numpy()
        began = reported["occurred_at"]
        later = reported.geometry[(began >= origin) & (began < origin + WEEK)].to_numpy()
        held = shapely.covers(shapes[:, None], later[None, :]).sum(axis=1)
        total += len(later)
        for share in SHARES:
            left = share * area.sum()
            for cell in np.argsort(-risk / area, kind="stable"):
                taken = min(left / area[cell], 1.0)
                hits[share], left = hits[share] + taken * held[cell], left - taken * area[cell]
                if left <= 0:
                    break
    return {share: number / total for share, number in hits.items()}, total


def test_an_old_record_foretells_as_far_as_the_days_wanted_are(known, old):
    until = known[known["occurred_at"] < START - pd.Timedelta(days=40)]
    until = until[until["reporting"] == "reported"]
    end = record_end(until, start=START, timezone="Asia/Bangkok")
    far = START - end + WEEK
    expected = forecast_risk(until, old.cells, origin=end, horizon=far) * (WEEK / far)
    assert old.cells["expected"].to_numpy() == pytest.approx(expected.to_numpy())
    near = forecast_risk(until, old.cells, origin=end, horizon=WEEK)
    assert np.abs(near - expected).max() > 0.01 * expected.max()


@pytest.mark.parametrize("lagging", [False, True])
def test_trials_are_those_of_the_weeks_before_by_hand(known, fresh, old, lagging):
    found = old if lagging else fresh
    until = known[known["occurred_at"] < START - pd.Timedelta(days=40)] if lagging else known
    end = record_end(until, start=START, timezone="Asia/Bangkok")
    origins = [end - back * WEEK for back in range(PARAMS.origins, 0, -1)]
    lag = START - end
    table = found.table.set_index("area_share")
    rates, total = hits_by_hand(forecast_risk, until, found.cells, origins, lag=lag)
    assert table["hit_rate"].to_dict() == pytest.approx(rates, abs=1e-6)
    base = BASELINES[found.figures.baseline]
    rates, _ = hits_by_hand(base, until, found.cells, origins, lag=lag)
    # Counts are equal in many cells, of which the sort takes others than the measure's lot.
    assert table["baseline_rate"].to_dict() == pytest.approx(rates, abs=0.005)
    assert total == found.figures.events
    assert found.figures.origins == PARAMS.origins
    gap = table["hit_rate"] - table["baseline_rate"]
    np.testing.assert_allclose(table["difference"], gap, atol=1e-9)
    assert (table["low"] <= table["hit_rate"]).all()
    assert (table["difference_low"] <= table["difference_high"]).all()


def asked(monkeypatch, zone, known):
    """Give the instants from which forecasts are made, and the latest that each could know."""
    calls = []

    def watched(layer, grid, *, origin, horizon):
        calls.append(origin)
        return forecast_risk(layer, grid, origin=origin, horizon=horizon)

    monkeypatch.setattr(api.hotspots.foresight, "forecast_risk", watched)
    run(zone, known)
    return calls


def test_no_trial_knows_more_than_the_report_does(monkeypatch, zone, known):
    until = known[known["occurred_at"] < START - pd.Timedelta(days=40)]
    end = record_end(until, start=START, timezone="Asia/Bangkok")
    now, *trials = asked(monkeypatch, zone, until)
    assert now == end
    assert trials == [end - (START - end) - back * WEEK for back in range(PARAMS.origins, 0, -1)]


def test_the_method_that_is_compared_is_the_best_of_all(known, fresh):
    end = record_end(known, start=START, timezone="Asia/Bangkok")
    origins = [end - back * WEEK for back in range(PARAMS.origins, 0, -1)]
    means = {}
    for name in SIMPLE:
        rates, _ = hits_by_hand(BASELINES[name], known, fresh.cells, origins, lag=START - end)
        means[name] = np.mean(list(rates.values()))
    assert means[fresh.figures.baseline] == pytest.approx(max(means.values()), abs=0.005)
    assert len(SIMPLE) == len(BASELINES) - 1


@pytest.mark.parametrize(
    ("count", "reason"),
    [(0, "too_little_known"), (40, "too_little_known"), (90, "too_few_to_test")],
)
def test_too_little_is_said_and_nothing_measured(zone, count, reason):
    found = run(zone, incidents(count) if count else incidents(2).iloc[:0])
    assert found.figures.reason == reason
    assert found.table.empty
    assert found.figures.baseline == ""
    assert math.isnan(found.figures.expected) == (count < 50)
    assert found.cells["expected"].isna().all() == (count < 50)
    assert found.cells["top_share"].isna().all() == (count < 50)


def test_fewer_trials_than_an_interval_takes_tell_nothing(zone, known):
    assert run(zone, known, origins=LEAST_TRIALS - 1).figures.reason == "too_few_to_test"
    assert run(zone, incidents(2000), origins=LEAST_TRIALS).figures.reason == ""


def test_trials_before_enough_was_known_are_left_out(zone):
    layer = incidents(300).copy()
    span = pd.to_timedelta(np.linspace(0.5, 60, 300), unit="D")
    layer["occurred_at"] = (START - span[::-1]).astype("datetime64[us, UTC]")
    found = run(zone, layer, origins=26)
    assert found.figures.origins < 8
    assert found.figures.reason == ""
