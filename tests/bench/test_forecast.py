"""What a weekly forecast costs on 66,000 cells, beside a plain kernel density on the same cells.

Each round makes four of the 52 weekly forecasts of a year, so a year is 13 rounds.
"""

import pandas as pd
import pytest

from analytics.forecast import BASELINES, forecast_risk
from tests.analytics.portland import portland_grid, portland_incidents

GROUP = "4 of 52 weekly forecasts of vehicle theft on 65,891 cells"
ORIGINS = pd.date_range("2015-06-01", periods=4, freq="91D")


@pytest.fixture(scope="module")
def portland(reference):
    """Return the calls and the grid, after a forecast that has compiled what is compiled."""
    incidents, grid = portland_incidents(reference, "vehicle_theft"), portland_grid(reference)
    year_of(forecast_risk, incidents, grid.iloc[:10])
    return incidents, grid


def year_of(forecaster, incidents, grid):
    week = pd.Timedelta(days=7)
    return [forecaster(incidents, grid, origin=origin, horizon=week).sum() for origin in ORIGINS]


@pytest.mark.slow
@pytest.mark.benchmark(group=GROUP)
def test_forecast_risk(benchmark, portland):
    totals = benchmark.pedantic(year_of, (forecast_risk, *portland), rounds=3)
    assert all(20 < total < 80 for total in totals)


@pytest.mark.slow
@pytest.mark.benchmark(group=GROUP)
def test_kernel_density(benchmark, portland):
    totals = benchmark.pedantic(year_of, (BASELINES["kernel of 2 cells"], *portland), rounds=3)
    assert all(20 < total < 80 for total in totals)
