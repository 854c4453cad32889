"""Forecasts held to what happened, origin by origin, and the record that each carries.

A rolling origin lets every forecast see the past alone (Tashman 2000). Weeks differ more than
chance within a week does, so intervals come from drawing whole origins again, with replacement
(Efron 1979); methods are compared origin by origin, on the same draws.

References
----------
Efron, B. (1979). Bootstrap methods: another look at the jackknife. Annals of Statistics 7(1), 1-26.
Tashman, L. J. (2000). Out-of-sample tests of forecasting accuracy: an analysis and review.
International Journal of Forecasting 16(4), 437-450.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from numbers import Real
from typing import Final, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from analytics._arguments import checked_count, checked_seed
from analytics._forecast_input import check_horizon, check_origin, moments_of, reports_before
from analytics._forecast_outcome import Outcome, read_outcome
from analytics.evaluation import AREA_SHARES, checked_shares
from analytics.forecast import Forecaster, forecast_risk
from geo.errors import ParameterError

# A hit rate is told from so many incidents on: chance alone then leaves an interval of at most
# 2 * 1.96 * sqrt(0.25 / 50) = 28 points.
LEAST_TESTED: Final = 50
# So many must have been known before the first forecast that is tested.
LEAST_KNOWN: Final = 50
# So long is the record of a forecast, where the data reach as far.
RECORD: Final = pd.Timedelta(days=182)

Reason: TypeAlias = Literal["too_little_known", "too_few_to_test", "stopped"]


@dataclass(frozen=True)
class Measured:
    """How a method did on the last months before a forecast.

    Attributes
    ----------
    area_share
        Part of the area that each forecast chose.
    origins
        How many forecasts were held to what happened.
    incidents
        How many incidents happened in their horizons.
    hit_rate
        Part of them in the chosen area; none where there is too little to tell.
    low
        Lower end of its interval; none where the hit rate is.
    high
        Upper end of its interval; none where the hit rate is.
    reason
        Why there is no hit rate: `too_little_known`, fewer than `LEAST_KNOWN` incidents before
        the first of the forecasts; `too_few_to_test`, fewer than `LEAST_TESTED` in their
        horizons; `stopped`, before the last of them. None where there is one.
    """

    area_share: float
    origins: int
    incidents: int
    hit_rate: float | None
    low: float | None
    high: float | None
    reason: Reason | None


def rolling_evaluation(
    incidents: gpd.GeoDataFrame,
    grid: gpd.GeoDataFrame,
    forecasters: Mapping[str, Forecaster],
    *,
    origins: Sequence[pd.Timestamp],
    horizon: pd.Timedelta,
    area_shares: Sequence[float] = AREA_SHARES,
    keep_going: Callable[[], bool] = lambda: True,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> pd.DataFrame:
    """Hold forecasts from many origins to what happened in their horizons.

    Parameters
    ----------
    incidents
        Points with `occurred_at`, before, between and after the origins; nothing after the last
        horizon is read.
    grid
        Polygons that do not overlap, at least one.
    forecasters
        What makes the forecasts, by name, such as `forecast_risk` and `BASELINES`.
    origins
        Instants to forecast from.
    horizon
        Time that each forecast is for, > 0.
    area_shares
        Parts of the area to choose, each in (0, 1].
    keep_going
        Asked before each forecast; at a no the origins done so far are returned.
    progress
        Told after each forecast how many of how many are done.

    Returns
    -------
    rolled
        One row an origin, method and share: `origin`; `method`; `area_share`; `incidents`, how
        many reported ones happened in the horizon; `hits`, how many of them in the chosen area
        (see `hit_rates`); `best_hits`, how many the best choice would have had; `expected`, how
        many the forecast expected in all; `log_score`, nats per incident.

    Raises
    ------
    LayerError
        If a cell or an incident is faulty; names every such row of the whole layer.
    ParameterError
        If an argument is out of its range.
    """
    origins = [check_origin(origin) for origin in origins]
    horizon, area_shares = check_horizon(horizon), checked_shares(area_shares)
    if not origins:
        return _joined([])
    _check_zones(origins)
    incidents = reports_before(incidents, max(origins) + horizon)
    parts: list[pd.DataFrame] = []
    for number, origin in enumerate(origins):
        occurred_at = moments_of(incidents, origin)
        later = incidents[((occurred_at >= origin) & (occurred_at < origin + horizon)).to_numpy()]
        outcome = read_outcome(grid, later)
        of_origin = []
        for place, (name, forecaster) in enumerate(forecasters.items()):
            if not keep_going():
                return _joined(parts)
            risk = forecaster(incidents, grid, origin=origin, horizon=horizon)
            of_origin.append(_held(outcome, risk, area_shares).assign(method=name))
            progress(number * len(forecasters) + place + 1, len(origins) * len(forecasters))
        if of_origin:
            parts.append(pd.concat(of_origin).assign(origin=origin))
    return _joined(parts)


def hit_rate_intervals(
    rolled: pd.DataFrame,
    *,
    seed: int,
    against: str | None = None,
    level: float = 0.95,
    resamples: int = 4000,
) -> pd.DataFrame:
    """Tell between which values hit rates lie, or by how much each is above that of one method.

    Parameters
    ----------
    rolled
        What `rolling_evaluation` returned.
    seed
        Seed of the drawings; the same gives the same intervals.
    against
        Method whose hit rate is subtracted, or none.
    level
        Part of the drawings that an interval holds, > 0 and < 1.
    resamples
        How often to draw as many origins as there are, >= 1.

    Returns
    -------
    intervals
        One row a method and share, in the order of `rolled`: `method`; `area_share`; `hit_rate`,
        that of all origins together, or its difference; `low` and `high`. Not a number where no
        incident happened.

    Raises
    ------
    ParameterError
        If an argument is out of its range, or `rolled` is no such table.
    """
    if not 0 < level < 1:
        raise ParameterError(f"Expected `level` > 0 and < 1, got {level}.")
    seed, resamples = checked_seed(seed), checked_count("resamples", resamples)
    _check_rolled(rolled)
    methods = rolled["method"].unique().tolist()
    if against is not None and against not in methods:
        known = ", ".join(map(str, methods))
        raise ParameterError(f"Expected `against` among {known}, got {against!r}.")
    series = rolled[["method", "area_share"]].drop_duplicates().reset_index(drop=True)
    keys = [tuple(row) for row in series.itertuples(index=False)]
    hits = rolled.pivot_table(index="origin", columns=["method", "area_share"], values="hits")
    found = hits[keys].to_numpy(dtype=np.float64)
    happened = rolled.groupby("origin")["incidents"].first().to_numpy(dtype=np.float64)
    times = np.ones((1, len(happened)))
    if len(happened):
        rng = np.random.default_rng(seed)
        even = np.full(len(happened), 1 / len(happened))
        times = np.vstack([times, rng.multinomial(len(happened), even, size=resamples)])
    with np.errstate(invalid="ignore"):
        rates = times @ found / (times @ happened)[:, None]
    if against is not None:
        rates = rates - rates[:, [keys.index((against, share)) for _, share in keys]]
    drawn = rates[1:][times[1:] @ happened > 0]
    ends = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(drawn, ends, axis=0) if len(drawn) else np.full((2, len(keys)), np.nan)
    return series.assign(hit_rate=rates[0], low=low, high=high)


def measured(
    incidents: gpd.GeoDataFrame,
    grid: gpd.GeoDataFrame,
    *,
    origin: pd.Timestamp,
    horizon: pd.Timedelta,
    seed: int,
    area_share: float = 0.05,
    record: pd.Timedelta = RECORD,
    forecaster: Forecaster = forecast_risk,
    keep_going: Callable[[], bool] = lambda: True,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Measured:
    """Measure how a method did in the months before a forecast, or tell why that cannot be told.

    Forecasts are made from origins one horizon apart, the last of them one horizon before the
    origin, and held to what happened; nothing at or after the origin is read.

    Parameters
    ----------
    incidents
        Points with `occurred_at`.
    grid
        Polygons that do not overlap, at least one.
    origin
        Instant of the forecast that is to carry the record.
    horizon
        Time that it is for, > 0.
    seed
        Seed of the interval.
    area_share
        Part of the area to choose, in (0, 1].
    record
        How far back to test, >= `horizon`.
    forecaster
        What makes the forecasts.
    keep_going
        Asked before each forecast; at a no the answer is `stopped`.
    progress
        Told after each forecast how many of how many are done.

    Returns
    -------
    measured
        Hit rate with its interval at 95 %, or the reason why there is none.

    Raises
    ------
    LayerError
        If a cell or an incident is faulty; names every such row of the whole layer.
    ParameterError
        If an argument is out of its range.
    """
    origin, horizon, seed = check_origin(origin), check_horizon(horizon), checked_seed(seed)
    area_share = _checked_share(area_share)
    count = _checked_record(record, horizon) // horizon
    origins = [origin - horizon * (count - number) for number in range(count)]
    incidents = reports_before(incidents, origin)
    occurred_at = moments_of(incidents, origin)
    known = int((occurred_at < origins[0]).sum())
    tested = len(incidents) - known
    reason: Reason | None = None
    if known < LEAST_KNOWN:
        reason = "too_little_known"
    elif tested < LEAST_TESTED:
        reason = "too_few_to_test"
    if reason:
        return Measured(area_share, 0, tested, None, None, None, reason)
    rolled = rolling_evaluation(
        incidents,
        grid,
        {"measured": forecaster},
        origins=origins,
        horizon=horizon,
        area_shares=(area_share,),
        keep_going=keep_going,
        progress=progress,
    )
    if len(rolled) < count:
        return Measured(area_share, len(rolled), tested, None, None, None, "stopped")
    of_all = hit_rate_intervals(rolled, seed=seed)[["hit_rate", "low", "high"]]
    rate, low, high = of_all.to_numpy(dtype=np.float64)[0].tolist()
    return Measured(area_share, count, tested, rate, low, high, None)


def _check_zones(origins: Sequence[pd.Timestamp]) -> None:
    if len({origin.tz is None for origin in origins}) > 1:
        raise ParameterError("Expected `origins` all with a time zone or all without, got both.")


def _checked_share(area_share: object) -> float:
    if isinstance(area_share, Real) and 0 < float(area_share) <= 1:
        return float(area_share)
    raise ParameterError(f"Expected `area_share` in (0, 1], got {area_share!r}.")


def _checked_record(record: object, horizon: pd.Timedelta) -> pd.Timedelta:
    if isinstance(record, timedelta | np.timedelta64):
        time: object = pd.Timedelta(record)
        if isinstance(time, pd.Timedelta) and time >= horizon:
            return time
    raise ParameterError(f"Expected `record` >= `horizon` ({horizon}), got {record!r}.")


def _check_rolled(rolled: pd.DataFrame) -> None:
    """Make sure that each origin has one row a method and share, and one number of incidents."""
    needed = ("origin", "method", "area_share", "incidents", "hits")
    missing = [name for name in needed if name not in rolled]
    if missing:
        raise ParameterError(f"Expected `rolled` with {', '.join(needed)}, got no {missing}.")
    rows = rolled[["origin", "method", "area_share"]]
    series = len(rows[["method", "area_share"]].drop_duplicates())
    if rows.duplicated().any() or len(rows) != series * rows["origin"].nunique():
        raise ParameterError(
            "Expected `rolled` with one row for each origin, method and share, got more or fewer."
        )
    if len(rolled[["origin", "incidents"]].drop_duplicates()) > rows["origin"].nunique():
        raise ParameterError(
            "Expected `rolled` with one number of `incidents` for each origin, got several."
        )


def _held(outcome: Outcome, risk: "pd.Series[float]", area_shares: Sequence[float]) -> pd.DataFrame:
    """Return how one forecast did, one row a share."""
    density, shares = outcome.density(risk), np.array(area_shares, dtype=np.float64)
    return pd.DataFrame(
        {
            "area_share": shares,
            "incidents": outcome.total,
            "hits": outcome.hits(density, shares),
            "best_hits": outcome.best_hits(shares),
            "expected": float(risk.sum()),
            "log_score": outcome.gain(density),
        }
    )


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows with the same columns however many there are."""
    columns = ["origin", "method", "area_share", "incidents", "hits", "best_hits", "expected"]
    columns.append("log_score")
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)[columns]
