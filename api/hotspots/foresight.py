"""What to expect in the next days, and what such forecasts were worth in the zone's own past.

Every method forecasts from as old a record as there is on the day of the report: where the record
ends days before, so it did in each trial.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from analytics.evaluation import AREA_SHARES
from analytics.forecast import BASELINES, Forecaster, forecast_risk
from analytics.reported_incidents import reported_incidents
from analytics.rolling_evaluation import (
    LEAST_KNOWN,
    LEAST_TESTED,
    hit_rate_intervals,
    rolling_evaluation,
)
from api.hotspots.grid import forecast_grid
from api.hotspots.result import ForecastFigures, HotspotsParams
from api.hotspots.telling import Telling
from api.hotspots.times import start_of_day
from geo.zone import Zone

LEAST_TRIALS: Final = 4
"""Fewest trials that an interval is drawn from."""

SIMPLE: Final = tuple(name for name in BASELINES if name != "self-exciting")
"""Methods that the forecast is compared with: those that need no fitting."""

_OWN = "forecast"
_PAUSE_CHANCE = 0.01  # a pause that is less likely is taken for the end of the record


@dataclass(frozen=True, eq=False)
class Foresight:
    """A forecast with its measured worth.

    Attributes
    ----------
    cells
        A cell a row, indexed by `id`: `area_m2`; `expected` incidents, missing where fewer than
        `LEAST_KNOWN` were reported; `top_share`, which part of the area the cell and all denser
        ones fill, in (0, 1], missing likewise; Polygon or MultiPolygon.
    table
        A row a share of the area, as `Tables.forecast`.
    figures
        What it comes down to.
    """

    cells: GeoDataFrame
    table: pd.DataFrame
    figures: ForecastFigures


@dataclass(frozen=True)
class _Lagging:
    """A forecaster that knows the record only up to some time before the origin.

    It forecasts all the time from there to the end of the horizon and takes the horizon's part:
    what is fitted to foretell a week ahead trusts the latest weeks, which tell little of a week
    that is months away.
    """

    forecaster: Forecaster
    lag: pd.Timedelta

    def __call__(
        self,
        incidents: GeoDataFrame,
        grid: GeoDataFrame,
        *,
        origin: pd.Timestamp,
        horizon: pd.Timedelta,
    ) -> "pd.Series[float]":
        ahead = self.lag + horizon
        expected = self.forecaster(incidents, grid, origin=origin - self.lag, horizon=ahead)
        return expected * (horizon / ahead)


def foresee(
    zone: Zone,
    known: GeoDataFrame,
    *,
    start: pd.Timestamp,
    params: HotspotsParams,
    seed: int,
    tell: Telling,
) -> Foresight:
    """Forecast the days from the report on, and try the same on the zone's own past.

    Parameters
    ----------
    zone
        The zone.
    known
        Its incidents before the report; only the reported ones count.
    start
        Instant at which the day of the report begins.
    params
        Parameters of the job.
    seed
        Seed of the intervals.
    tell
        Whom to tell of each step.

    Returns
    -------
    Foresight
        The forecast; of its worth the reason why it cannot be told, where there is too little.
    """
    tell.begin("forecast")
    area = zone.boundary.buffer(params.boundary_tolerance_m)
    grid = forecast_grid(area, cell_m=params.cell_m, crs=zone.crs)
    horizon = pd.Timedelta(days=params.days)
    end = record_end(known, start=start, timezone=zone.timezone)
    own = _Lagging(forecast_risk, start - end)
    reported = reported_incidents(known)
    expected = own(reported, grid, origin=start, horizon=horizon)
    if len(reported) < LEAST_KNOWN:
        expected = expected * np.nan
    cells = _ranked(grid, expected)

    tell.begin("trials")
    origins = _origins(reported, end, own.lag, horizon, most=params.origins)
    trialled = reported["occurred_at"].between(min(origins, default=end), end, inclusive="left")
    reason = _why_untold(origins, int(trialled.sum()))
    table, baseline = _UNTOLD, ""
    if not reason:
        methods = {_OWN: own} | {name: _Lagging(BASELINES[name], own.lag) for name in SIMPLE}
        rolled = rolling_evaluation(
            reported,
            grid,
            methods,
            origins=origins,
            horizon=horizon,
            area_shares=AREA_SHARES,
            progress=tell.advance,
        )
        table, baseline = _compared(rolled, level=params.level, seed=seed)
    figures = ForecastFigures(
        expected=float(cells["expected"].sum(skipna=False)),
        lag_days=own.lag.days,
        origins=len(origins),
        events=int(trialled.sum()),
        reason=reason,
        baseline=baseline,
    )
    return Foresight(cells, table, figures)


def record_end(known: GeoDataFrame, *, start: pd.Timestamp, timezone: str) -> pd.Timestamp:
    """Tell up to when the incidents are on record.

    Parameters
    ----------
    known
        Incidents before the report, however they became known.
    start
        Instant at which the day of the report begins.
    timezone
        Name of the zone's time zone.

    Returns
    -------
    Timestamp
        The start of the report, unless nothing happened for so long before it as chance would
        make it less than once in a hundred times; then the end of the last day with an incident.
    """
    if known.empty:
        return start
    first, last = known["occurred_at"].min(), known["occurred_at"].max()
    if last == first:
        return start
    missed = len(known) * ((start - last) / (last - first))
    if math.exp(-missed) >= _PAUSE_CHANCE:
        return start
    return start_of_day(last.tz_convert(timezone).date() + timedelta(days=1), timezone)


def _ranked(grid: GeoDataFrame, expected: "pd.Series[float]") -> GeoDataFrame:
    area = grid["area_m2"].to_numpy()
    order = np.argsort(-expected.to_numpy() / area, kind="stable")
    share = np.empty(len(grid))
    share[order] = np.cumsum(area[order]) / area.sum()
    return grid.assign(expected=expected, top_share=np.where(expected.isna(), np.nan, share))


def _origins(
    reported: GeoDataFrame,
    end: pd.Timestamp,
    lag: pd.Timedelta,
    horizon: pd.Timedelta,
    *,
    most: int,
) -> list[pd.Timestamp]:
    """Give the last origins whose horizons are on record and before which enough was known."""
    origins = [end - horizon * back for back in range(most, 0, -1)]
    return [
        origin
        for origin in origins
        if int((reported["occurred_at"] < origin - lag).sum()) >= LEAST_KNOWN
    ]


def _why_untold(origins: list[pd.Timestamp], trialled: int) -> str:
    if not origins:
        return "too_little_known"
    if trialled < LEAST_TESTED or len(origins) < LEAST_TRIALS:
        return "too_few_to_test"
    return ""


def _compared(rolled: pd.DataFrame, *, level: float, seed: int) -> tuple[pd.DataFrame, str]:
    """Set the forecast beside the simple method that did best over all shares of the area."""
    rates = hit_rate_intervals(rolled, seed=seed, level=level)
    simple = rates[rates["method"] != _OWN]
    best = str(simple.groupby("method", sort=False)["hit_rate"].mean().idxmax())
    ahead = hit_rate_intervals(rolled, seed=seed, level=level, against=best)
    own, base, difference = (
        table[table["method"] == method].set_index("area_share")[["hit_rate", "low", "high"]]
        for table, method in ((rates, _OWN), (rates, best), (ahead, _OWN))
    )
    base.columns = pd.Index(["baseline_rate", "baseline_low", "baseline_high"])
    difference.columns = pd.Index(["difference", "difference_low", "difference_high"])
    return pd.concat([own, base, difference], axis=1).reset_index(), best


_UNTOLD: Final = pd.DataFrame(
    columns=[
        *("area_share", "hit_rate", "low", "high"),
        *("baseline_rate", "baseline_low", "baseline_high"),
        *("difference", "difference_low", "difference_high"),
    ]
)
