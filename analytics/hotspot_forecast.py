"""Whether hotspots are hotter now than all of their past together says.

A hotspot is ranked by every incident on record, however old. What is expected of it tonight
(`analytics.forecast`, which trusts recent incidents as far as they have proved to foretell later
ones) is set against that: `python -m tests.analytics.hot_hours_figures` prints what it is worth.
"""

import geopandas as gpd
import numpy as np
import pandas as pd

from analytics.forecast import forecast_risk
from analytics.hotspots import Hotspots
from analytics.reported_incidents import reported_incidents
from analytics.rolling_evaluation import LEAST_KNOWN
from geo.errors import ParameterError

# Incidents lie between the two edges of a street.
_REACH_M = 20.0


def forecast_factors(
    hotspots: Hotspots,
    incidents: gpd.GeoDataFrame,
    *,
    starts_at: pd.Timestamp,
    ends_at: pd.Timestamp,
) -> "pd.Series[float]":
    """Tell how many times as much is expected of each hotspot as its past says.

    Parameters
    ----------
    hotspots
        Hotspots as `find_hotspots` gives them.
    incidents
        Incidents with `occurred_at`, with `reporting` where it is known, and then only the reported
        ones count. Those from `starts_at` on are not read. Where the record ends earlier, the
        forecast is made at its end, for all the time until `ends_at`.
    starts_at
        When the night begins, timezone-aware.
    ends_at
        When it ends, after `starts_at`.

    Returns
    -------
    factors
        By rank, >= 0; their mean, each counted by the incidents of its hotspot, is 1. All are 1
        where fewer incidents are known than a forecast is made from, or nothing is expected.

    Raises
    ------
    LayerError
        If an incident has no time or place or is police work; names every such row.
    ParameterError
        If the night has no length.
    """
    if not starts_at < ends_at:
        raise ParameterError(f"Expected `starts_at` < `ends_at`, got {starts_at} and {ends_at}.")
    table = hotspots.table
    factors = pd.Series(1.0, index=pd.Index(table["rank"], name="rank"), name="factor")
    reported = reported_incidents(incidents)
    known = reported[reported["occurred_at"] < starts_at]
    if len(known) < LEAST_KNOWN or table.empty:
        return factors
    grounds = _grounds(table)
    first, last = known["occurred_at"].min(), known["occurred_at"].max()
    # A record is known to its last incident, and no longer than incidents usually are apart.
    origin = min(starts_at, last + (last - first) / len(known) + pd.Timedelta(microseconds=1))
    expected = forecast_risk(known, grounds, origin=origin, horizon=ends_at - origin)
    past = table["incidents"].to_numpy(np.float64)[grounds.index]
    if expected.sum() > 0:
        factors.iloc[grounds.index] = expected / past * past.sum() / expected.sum()
    return factors


def _grounds(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the ground of each hotspot by its row; where two meet, it is the denser one's."""
    shapes = table.geometry.buffer(_REACH_M).reset_index(drop=True)
    for row in range(1, len(shapes)):
        shapes.iloc[row] = shapes.iloc[row].difference(shapes.iloc[:row].union_all())
    return gpd.GeoDataFrame(geometry=shapes[~shapes.is_empty])
