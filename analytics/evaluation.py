"""How good a forecast was, from what happened afterwards.

Hit rate and predictive accuracy index (Chainey et al. 2008) and predictive efficiency index (Hunt
2016) say how much of what happened lay in the part of the ground that would have been chosen; the
log score says how well the risk was spread, the calibration whether its size is right.

References
----------
Chainey, S., Tompson, L. and Uhlig, S. (2008). The utility of hotspot mapping for predicting
spatial patterns of crime. Security Journal 21, 4-28.
Hunt, J. (2016). Do crime hot spots move? PhD thesis, American University, Washington.
"""

import math
from collections.abc import Iterable, Sequence
from numbers import Real

import geopandas as gpd
import numpy as np
import pandas as pd

from analytics._forecast_outcome import read_outcome
from geo.errors import ParameterError

AREA_SHARES = (0.02, 0.05, 0.10)


def hit_rates(
    risk: "pd.Series[float]",
    grid: gpd.GeoDataFrame,
    later_incidents: gpd.GeoDataFrame,
    *,
    area_shares: Sequence[float] = AREA_SHARES,
) -> pd.DataFrame:
    """Measure how many of the later incidents lie where the risk was highest.

    Cells are chosen by risk per area until the share of the area is reached. Of the last cell, or
    of several cells of equal risk per area that do not all fit, that part of the incidents counts
    which the area still wanted is of theirs: what a choice among them by lot gets on average. So
    an even risk has a hit rate of exactly the share of the area. An incident on the border of
    cells is shared among them; one outside all cells is never hit.

    Parameters
    ----------
    risk
        Expected incidents in each cell, >= 0, on the index of the grid.
    grid
        Polygons that do not overlap, at least one.
    later_incidents
        Points in the CRS of the grid; where they say how they became known (`reporting`), only
        the reported ones count.
    area_shares
        Parts of the area of all cells to choose, each in (0, 1].

    Returns
    -------
    rates
        One row a share: `area_share`; `hit_rate`, the part of the incidents in the chosen area;
        `pai`, the hit rate divided by the share; `pei`, the hit rate divided by the best that as
        much area could have had. Without incidents all but the share are missing.

    Raises
    ------
    LayerError
        If a cell is no polygon or an incident no point; names every such row.
    ParameterError
        If the risk does not fit the grid, or a share is out of its range.

    Examples
    --------
    >>> import shapely
    >>> cells = gpd.GeoDataFrame(geometry=[shapely.box(x, 0, x + 1, 1) for x in range(4)])
    >>> thefts = gpd.GeoDataFrame(geometry=shapely.points([[0.5, 0.5], [0.6, 0.5], [2.5, 0.5]]))
    >>> hit_rates(pd.Series([1.0, 3, 2, 0]), cells, thefts, area_shares=[0.5])["hit_rate"].tolist()
    [0.3333333333333333]
    """
    outcome = read_outcome(grid, later_incidents)
    shares = np.array(checked_shares(area_shares), dtype=np.float64)
    hits, best = outcome.hits(outcome.density(risk), shares), outcome.best_hits(shares)
    with np.errstate(invalid="ignore"):
        rate = hits / np.float64(outcome.total)
        pei = hits / best
    return pd.DataFrame({"area_share": shares, "hit_rate": rate, "pai": rate / shares, "pei": pei})


def log_score(
    risk: "pd.Series[float]", grid: gpd.GeoDataFrame, later_incidents: gpd.GeoDataFrame
) -> float:
    """Measure how much likelier a forecast made the later incidents than an even risk would have.

    That is the log likelihood of a Poisson process with the intensity of the forecast, less that
    of one as large and spread evenly over all cells, for each incident.

    Parameters
    ----------
    risk
        Expected incidents in each cell, >= 0, on the index of the grid.
    grid
        Polygons that do not overlap, at least one.
    later_incidents
        Points in the CRS of the grid, as for `hit_rates`; those outside all cells do not count.

    Returns
    -------
    score
        Nats per incident, 0 for an even risk; minus infinity if one happened where none was
        expected, and not a number without incidents.

    Raises
    ------
    LayerError
        If a cell is no polygon or an incident no point; names every such row.
    ParameterError
        If the risk does not fit the grid.
    """
    outcome = read_outcome(grid, later_incidents)
    return outcome.gain(outcome.density(risk))


def calibration(
    risk: "pd.Series[float]",
    grid: gpd.GeoDataFrame,
    later_incidents: gpd.GeoDataFrame,
    *,
    bands: int = 10,
) -> pd.DataFrame:
    """Compare how many incidents were expected with how many there were, by bands of risk.

    Parameters
    ----------
    risk
        Expected incidents in each cell, >= 0, on the index of the grid; the sum of several
        forecasts where the incidents are those of all their horizons.
    grid
        Polygons that do not overlap, at least one.
    later_incidents
        Points in the CRS of the grid, as for `hit_rates`; those outside all cells do not count.
    bands
        Into how many bands of as many cells each to part the cells by risk per area, >= 1.

    Returns
    -------
    calibration
        One row a band that has cells: `band`, from 1 for the lowest risk; `cells`; `expected` and
        `observed` incidents, which add up to the totals.

    Raises
    ------
    LayerError
        If a cell is no polygon or an incident no point; names every such row.
    ParameterError
        If the risk does not fit the grid, or there would be no band.
    """
    if not (math.isfinite(bands) and bands == int(bands) and bands >= 1):
        raise ParameterError(f"Expected whole `bands` >= 1, got {bands}.")
    outcome = read_outcome(grid, later_incidents)
    density, count = outcome.density(risk), len(outcome.cells)
    band = np.empty(count, dtype=np.int64)
    band[np.argsort(density, kind="stable")] = 1 + np.arange(count) * int(bands) // count
    expected = density * outcome.cells.area
    parts = pd.DataFrame({"band": band, "cells": 1, "expected": expected, "observed": outcome.held})
    return parts.groupby("band", as_index=False).sum()


def checked_shares(area_shares: object) -> list[float]:
    """Return shares of an area.

    Parameters
    ----------
    area_shares
        Parts of an area.

    Returns
    -------
    area_shares
        The same.

    Raises
    ------
    ParameterError
        If they are no sequence, or one is not in (0, 1].
    """
    if not isinstance(area_shares, Iterable):
        raise ParameterError(f"Expected a sequence of `area_shares`, got {area_shares!r}.")
    shares = list(area_shares)
    for share in shares:
        if not (isinstance(share, Real) and 0 < float(share) <= 1):
            raise ParameterError(f"Expected `area_shares` in (0, 1], got {share!r}.")
    return [float(share) for share in shares]
