"""Forecasts of incidents: how many to expect in each cell of a grid, from the past alone.

The default is a stacked intensity (`_forecast_stack`). The baselines beside it are those that
practice and literature use: the count of recent weeks, the count of all history, kernel densities
of several bandwidths, the prospective map (Bowers et al. 2004) and the self-exciting process
(Mohler et al. 2011). All take the same arguments, so that `rolling_evaluation` can hold each to
what happened afterwards.

References
----------
Bowers, K. J., Johnson, S. D. and Pease, K. (2004). Prospective hot-spotting: the future of crime
mapping? British Journal of Criminology 44(5), 641-658.
Mohler, G. O. et al. (2011). Self-exciting point process modeling of crime. Journal of the American
Statistical Association 106(493), 100-108.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

import geopandas as gpd
import pandas as pd

from analytics._forecast_baselines import kernel_density, prospective, recent_count
from analytics._forecast_excitation import self_exciting
from analytics._forecast_input import (
    DAY,
    Cells,
    Floats,
    Past,
    check_horizon,
    check_origin,
    read_cells,
    read_past,
)
from analytics._forecast_stack import stacked
from geo.errors import ParameterError

_Method: TypeAlias = Callable[[Past, Cells, float], Floats]

DEFAULT: Final = "stacked"
_COUNT_WEEKS: Final = (4, 13, 52)
_KERNEL_WIDTHS: Final = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 8.0)
_METHODS: Final[Mapping[str, _Method]] = MappingProxyType(
    {DEFAULT: stacked}
    | {f"count of {weeks} weeks": partial(recent_count, weeks=weeks) for weeks in _COUNT_WEEKS}
    | {"count of all": partial(recent_count, weeks=math.inf)}
    | {f"kernel of {w:g} cells": partial(kernel_density, widths=w) for w in _KERNEL_WIDTHS}
    | {"prospective": prospective, "self-exciting": self_exciting}
)


class Forecaster(Protocol):
    """Whatever makes a forecast as `forecast_risk` does."""

    def __call__(
        self,
        incidents: gpd.GeoDataFrame,
        grid: gpd.GeoDataFrame,
        *,
        origin: pd.Timestamp,
        horizon: pd.Timedelta,
    ) -> "pd.Series[float]":
        """Return the expected incidents in each cell of the grid."""


def forecast_risk(
    incidents: gpd.GeoDataFrame,
    grid: gpd.GeoDataFrame,
    *,
    origin: pd.Timestamp,
    horizon: pd.Timedelta,
    method: str = DEFAULT,
) -> "pd.Series[float]":
    """Forecast how many incidents happen in each cell within a horizon.

    What has happened by the origin is all that is read; of later rows nothing but that they are
    later. Where incidents say how they became known (`reporting`), only the reported ones count:
    incidents discovered by patrols follow the patrols, and would send them where they have been.
    An incident with a window (`occurred_until`) counts at its begin. Incidents that are all of one
    kind forecast better than a mixture; the cell sets the scale of the kernels.

    Parameters
    ----------
    incidents
        Points with `occurred_at`, in a projected CRS; there may be none. Rows that are alike are
        incidents of their own.
    grid
        Polygons in the CRS of the incidents that do not overlap; there may be none.
    origin
        Instant of the forecast, with a time zone exactly where `occurred_at` has one.
    horizon
        Time that the forecast is for, > 0.
    method
        `stacked`, or the name of one of `BASELINES`.

    Returns
    -------
    expected
        Expected incidents in [origin, origin + horizon), >= 0, on the index of the grid; 0
        everywhere where nothing had happened by the origin.

    Raises
    ------
    LayerError
        If an incident has no instant or an earlier one no place, a cell is no polygon, or the
        systems of both differ; names every such row.
    ParameterError
        If an argument is out of its range.

    Examples
    --------
    >>> import shapely
    >>> cells = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 50, 50), shapely.box(50, 0, 100, 50)])
    >>> thefts = gpd.GeoDataFrame(
    ...     {"occurred_at": pd.to_datetime(["2026-01-05", "2026-01-20"])},
    ...     geometry=[shapely.Point(10, 20), shapely.Point(12, 20)],
    ... )
    >>> week = {"origin": pd.Timestamp("2026-02-01"), "horizon": pd.Timedelta(days=7)}
    >>> expected = forecast_risk(thefts, cells, **week)
    >>> bool(expected[0] > expected[1] > 0)
    True
    """
    if method not in _METHODS:
        raise ParameterError(f"Expected `method` among {', '.join(_METHODS)}, got {method!r}.")
    horizon_days = check_horizon(horizon) / DAY
    past = read_past(incidents, check_origin(origin))
    cells = read_cells(grid, incidents)
    return pd.Series(_METHODS[method](past, cells, horizon_days), index=grid.index, name="expected")


@dataclass(frozen=True)
class _Baseline:
    """A forecaster that is one of the methods by name."""

    method: str

    def __call__(
        self,
        incidents: gpd.GeoDataFrame,
        grid: gpd.GeoDataFrame,
        *,
        origin: pd.Timestamp,
        horizon: pd.Timedelta,
    ) -> "pd.Series[float]":
        return forecast_risk(incidents, grid, origin=origin, horizon=horizon, method=self.method)


# By name; a kernel's bandwidth is its standard deviation in widths of a cell.
BASELINES: Final[Mapping[str, Forecaster]] = MappingProxyType(
    {name: _Baseline(name) for name in _METHODS if name != DEFAULT}
)
