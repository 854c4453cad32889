"""Scores of a forecast against choices by lot, by brute force and by hand."""

import itertools
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from analytics import _forecast_outcome as module
from analytics.evaluation import calibration, hit_rates, log_score
from geo.errors import LayerError, ParameterError
from tests.analytics.forecast_cases import CRS, incidents_at, squares


def unlike_cells(count, rng):
    """Return a row of cells of unlike width, with their areas."""
    edges = np.append(0.0, np.cumsum(rng.integers(1, 4, count) * 10.0))
    boxes = shapely.box(edges[:-1], 0, edges[1:], 10)
    return gpd.GeoDataFrame(geometry=boxes, crs=CRS), np.diff(edges) * 10


def middles(grid, counts):
    """Return so many incidents in the middle of each cell."""
    xy = shapely.get_coordinates(grid.centroid.to_numpy())
    return incidents_at(np.repeat(xy, counts, axis=0), np.zeros(np.sum(counts)))


def by_lot(density, area, held, share):
    """Return what all orders of the cells get on average that choose the denser ones first."""
    gains = []
    for order in itertools.permutations(range(len(area))):
        if any(density[a] < density[b] for a, b in itertools.pairwise(order)):
            continue
        left, gain = share * area.sum(), 0.0
        for cell in order:
            part = min(1.0, max(0.0, left / area[cell]))
            gain += part * held[cell]
            left -= area[cell]
        gains.append(gain)
    return np.mean(gains)


@pytest.mark.parametrize("seed", range(12))
def test_equal_cells_of_equal_risk_are_chosen_as_if_by_lot(seed):
    rng = np.random.default_rng(seed)
    grid = squares(6, 1)
    risk = pd.Series(rng.integers(0, 3, 6).astype(float), index=grid.index)
    counts = rng.integers(0, 4, 6) + (np.arange(6) == 0)
    share = float(rng.uniform(0.05, 1))
    found = hit_rates(risk, grid, middles(grid, counts), area_shares=[share]).loc[0]
    area = np.full(6, 2500.0)
    hits = by_lot(risk.to_numpy(), area, counts, share)
    best = by_lot(counts, area, counts, share)
    assert found["hit_rate"] == pytest.approx(hits / counts.sum())
    assert found["pai"] == pytest.approx(hits / counts.sum() / share)
    assert found["pei"] == pytest.approx(hits / best)


def fractional(seed):
    """Compare cells of unlike size, none of equal risk per area, with a plain loop over them."""
    rng = np.random.default_rng(seed)
    grid, area = unlike_cells(30, rng)
    density = rng.permutation(30) + 1.0
    counts = rng.integers(0, 3, 30)
    risk = pd.Series(density * area, index=grid.index)
    found = hit_rates(risk, grid, middles(grid, counts), area_shares=[0.1, 0.33])["hit_rate"]
    for share, rate in zip([0.1, 0.33], found, strict=True):
        left, gain = share * area.sum(), 0.0
        for cell in np.argsort(-density):
            gain += min(1.0, max(0.0, left / area[cell])) * counts[cell]
            left -= area[cell]
        assert rate == pytest.approx(gain / counts.sum())


@pytest.mark.parametrize("seed", range(5))
def test_cells_are_chosen_by_risk_per_area_and_the_last_one_in_part(seed):
    fractional(seed)


def test_a_choice_by_risk_alone_is_caught(monkeypatch):
    monkeypatch.setattr(module.Outcome, "density", lambda _, risk: risk.to_numpy())
    with pytest.raises(AssertionError):
        fractional(0)


def test_rows_in_another_order_mean_the_same():
    grid = squares(5, 5)
    rng = np.random.default_rng(0)
    risk = pd.Series(rng.random(25), index=grid.index)
    later = middles(grid, rng.integers(0, 3, 25))
    pd.testing.assert_frame_equal(
        hit_rates(risk.sample(frac=1, random_state=1), grid, later), hit_rates(risk, grid, later)
    )


def test_incidents_on_borders_outside_and_discovered():
    grid = squares(2, 1)
    risk = pd.Series([1.0, 0.0], index=grid.index)
    half = {"area_shares": [0.5]}
    border = incidents_at([[50, 20]], [0])
    assert hit_rates(risk, grid, border, **half)["hit_rate"].item() == 0.5
    outside = incidents_at([[20, 20], [500, 20]], [0, 0])
    assert hit_rates(risk, grid, outside, **half)["hit_rate"].item() == 0.5
    found = incidents_at([[20, 20], [70, 20]], [0, 0], reporting=["discovered", "reported"])
    assert hit_rates(risk, grid, found, **half)["hit_rate"].item() == 0.0


def test_nothing_happened():
    grid = squares(2, 1)
    risk = pd.Series([1.0, 2.0], index=grid.index)
    nothing = gpd.GeoDataFrame(geometry=[], crs=CRS)
    rates = hit_rates(risk, grid, nothing)
    assert rates["area_share"].tolist() == [0.02, 0.05, 0.1]
    assert rates[["hit_rate", "pai", "pei"]].isna().all(axis=None)
    assert math.isnan(log_score(risk, grid, nothing))
    assert calibration(risk, grid, nothing)["observed"].tolist() == [0, 0]


def test_log_score_is_the_difference_of_two_poisson_likelihoods():
    rng = np.random.default_rng(0)
    grid, area = unlike_cells(9, rng)
    risk = pd.Series(rng.random(9) + 0.1, index=grid.index)
    counts = rng.integers(0, 4, 9)
    even = risk.sum() * area / area.sum()
    likelihood, of_even = (
        (counts * np.log(mean / area)).sum() - mean.sum() for mean in (risk.to_numpy(), even)
    )
    found = log_score(risk, grid, middles(grid, counts))
    assert found == pytest.approx((likelihood - of_even) / counts.sum())
    assert log_score(pd.Series(even, index=grid.index), grid, middles(grid, counts)) == (
        pytest.approx(0, abs=1e-12)
    )
    sure = risk.where(counts == 0, 0.0)
    assert log_score(sure, grid, middles(grid, counts)) == -math.inf
    assert log_score(risk * 0, grid, middles(grid, counts)) == -math.inf


def test_calibration_holds_for_incidents_drawn_from_the_risk():
    rng = np.random.default_rng(0)
    grid = squares(20, 20)
    risk = pd.Series(rng.gamma(0.5, 10, 400), index=grid.index)
    found = calibration(risk, grid, middles(grid, rng.poisson(risk)), bands=8)
    assert found["band"].tolist() == list(range(1, 9))
    assert found["cells"].tolist() == [50] * 8
    assert found["expected"].is_monotonic_increasing
    assert found["expected"].sum() == pytest.approx(risk.sum())
    off = (found["observed"] - found["expected"]) / np.sqrt(found["expected"])
    assert (off.abs() < 4).all()
    twice = calibration(risk * 2, grid, middles(grid, rng.poisson(risk)), bands=8)
    assert ((twice["observed"] - twice["expected"]).abs() > 4 * np.sqrt(twice["expected"])).any()


def test_bad_input_is_refused():
    grid = squares(2, 1)
    risk = pd.Series([1.0, 2.0], index=grid.index)
    later = middles(grid, [1, 1])
    for share in (0, -0.1, 1.01, math.nan):
        with pytest.raises(ParameterError, match="Expected `area_shares` in"):
            hit_rates(risk, grid, later, area_shares=[0.1, share])
    for shares in ("words", ["a"], [None]):
        with pytest.raises(ParameterError, match="Expected `area_shares` in"):
            hit_rates(risk, grid, later, area_shares=shares)
    for shares in (None, 5):
        with pytest.raises(ParameterError, match="Expected a sequence of `area_shares`"):
            hit_rates(risk, grid, later, area_shares=shares)
    for value in (-1.0, math.nan, math.inf):
        with pytest.raises(
            ParameterError, match=r"Expected `risk` >= 0 and finite, got .* at 1001"
        ):
            hit_rates(pd.Series([1.0, value], index=grid.index), grid, later)
    for other in (risk.iloc[:1], risk.set_axis([0, 1]), risk.to_numpy()):
        with pytest.raises(ParameterError, match="Expected `risk` to be a Series on the index"):
            hit_rates(other, grid, later)
    with pytest.raises(ParameterError, match="Expected at least one cell"):
        hit_rates(risk.iloc[:0], grid.iloc[:0], later)
    with pytest.raises(ParameterError, match="Expected whole `bands` >= 1"):
        calibration(risk, grid, later, bands=0)
    later.loc[1, "geometry"] = shapely.box(0, 0, 1, 1)
    with pytest.raises(LayerError, match="later_incidents, row 2"):
        hit_rates(risk, grid, later)
