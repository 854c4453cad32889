"""What holds of forecasts and their scores for any incidents and any cells."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import _forecast_outcome as module
from analytics.evaluation import calibration, hit_rates
from analytics.forecast import BASELINES, DEFAULT, forecast_risk
from tests.analytics.forecast_cases import CRS, ORIGIN, incidents_at, squares

SEEDS = st.integers(0, 2**32 - 1)
SHARES = st.floats(0.001, 1.0)


def random_case(seed, count):
    """Return incidents of unlike age, many at few places, and some of the cells of a grid."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(-200, 700, (max(1, count // 3), 2))
    xy = places[rng.integers(0, len(places), count)] + rng.normal(0, 30, (count, 2))
    days = rng.permutation(count) * rng.uniform(0.5, 20) + 0.25
    grid = squares(10, 10).sample(int(rng.integers(1, 100)), random_state=rng)
    return incidents_at(xy, days), grid, rng


def forecast(incidents, grid, method, days):
    return forecast_risk(
        incidents, grid, origin=ORIGIN, horizon=pd.Timedelta(days=days), method=method
    )


@given(
    seed=SEEDS,
    count=st.integers(0, 60),
    method=st.sampled_from([DEFAULT, *BASELINES]),
    days=st.floats(0.1, 60),
)
@settings(max_examples=60)
def test_a_forecast_is_of_the_cells_and_of_nothing_later(seed, count, method, days):
    incidents, grid, rng = random_case(seed, count)
    risk = forecast(incidents, grid, method, days)
    assert risk.index.equals(grid.index)
    assert np.isfinite(risk).all()
    assert (risk >= 0).all()
    shuffled = forecast(incidents.sample(frac=1, random_state=rng), grid, method, days)
    np.testing.assert_array_equal(shuffled, risk)
    later = incidents_at(rng.uniform(0, 500, (5, 2)), -rng.uniform(0, 9, 5))
    np.testing.assert_array_equal(forecast(pd.concat([later, incidents]), grid, method, days), risk)


def check_rates(seed, share):
    """Make sure that the rates of some cells of unlike size lie where rates can lie."""
    rng = np.random.default_rng(seed)
    edges = np.append(0.0, np.cumsum(rng.uniform(0.5, 5, rng.integers(1, 30))))
    boxes = shapely.box(edges[:-1], 0, edges[1:], 1)
    grid = gpd.GeoDataFrame(geometry=boxes, crs=CRS)
    xy = np.stack([rng.uniform(0, edges[-1], 20), rng.uniform(0, 1, 20)], axis=1)
    later = incidents_at(xy, np.zeros(20))

    def rates(risk, shares=(share,)):
        return hit_rates(pd.Series(risk, index=grid.index), grid, later, area_shares=shares)

    area = grid.area.to_numpy()
    even = rates(3 * area).loc[0]
    assert even["hit_rate"] == pytest.approx(share)
    assert even["pai"] == pytest.approx(1)
    counts = np.histogram(xy[:, 0], edges)[0].astype(float)
    assert rates(counts)["pei"].item() == pytest.approx(1)
    risk = rng.integers(0, 4, len(area)) * area
    found = rates(risk).loc[0]
    assert 0 <= found["hit_rate"] <= 1 + 1e-12
    assert found["pei"] <= 1 + 1e-12
    assert rates(risk * 7.5).loc[0].to_numpy() == pytest.approx(found.to_numpy())
    growing = rates(risk, np.linspace(0.01, 1, 20))["hit_rate"]
    assert (growing.diff().dropna() >= -1e-12).all()
    assert growing.iloc[-1] == pytest.approx(1)


@given(seed=SEEDS, share=SHARES)
@settings(max_examples=60)
def test_rates_lie_between_chance_and_the_best(seed, share):
    check_rates(seed, share)


def test_a_score_that_chooses_the_safest_cells_is_caught(monkeypatch):
    right = module.captured
    monkeypatch.setattr(
        module, "captured", lambda density, *others: right(-np.asarray(density), *others)
    )
    with pytest.raises(AssertionError):
        check_rates(1, 0.25)


@given(seed=SEEDS, bands=st.integers(1, 12))
@settings(max_examples=30)
def test_bands_part_the_cells_and_add_up(seed, bands):
    rng = np.random.default_rng(seed)
    grid = squares(int(rng.integers(1, 8)), int(rng.integers(1, 8)))
    risk = pd.Series(rng.integers(0, 5, len(grid)) / 2, index=grid.index)
    row = rng.integers(0, len(grid), 15)
    xy = shapely.get_coordinates(grid.geometry.iloc[row].centroid.to_numpy())
    found = calibration(risk, grid, incidents_at(xy, np.zeros(15)), bands=bands)
    assert found["cells"].sum() == len(grid)
    assert found["cells"].max() - found["cells"].min() <= 1
    assert found["expected"].sum() == pytest.approx(risk.sum())
    assert found["observed"].sum() == 15
