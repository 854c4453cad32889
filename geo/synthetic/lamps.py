"""Street lamps: along every street on alternating sides, with dark stretches in lanes.

The spacing of 25 to 35 m and the shares of missing and failed lamps are assumptions.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from shapely import Polygon

from geo.synthetic.frontage import Frontage, frontages, off_road

SPACING_M = (25.0, 35.0)
POLE_M = 0.6
ROAD_HEIGHT_M = 8.0
LANE_HEIGHT_M = 5.0
# Shares of lamps that were never put up, and that are out of order, on roads and in lanes.
ROAD_MISSING, LANE_MISSING = 0.0, 0.3
ROAD_UNLIT, LANE_UNLIT = 0.05, 0.15


def place_lamps(
    streets: GeoDataFrame, boundary: Polygon, *, rng: np.random.Generator
) -> GeoDataFrame:
    """Place lamps along all streets.

    Parameters
    ----------
    streets
        Street edges, metric.
    boundary
        Area the lamps stand in, metric.
    rng
        Source of chance.

    Returns
    -------
    lamps
        The layer lamps.
    """
    sides = frontages(streets)
    drawn = [_along(left, right, rng) for left, right in zip(sides[::2], sides[1::2], strict=True)]
    x, y, height, lit = np.concatenate(drawn).T
    beside = off_road(np.column_stack([x, y]), streets) & shapely.contains_xy(boundary, x, y)
    numbers = range(1, int(beside.sum()) + 1)
    return gpd.GeoDataFrame(
        {"height_m": height[beside], "lit": lit[beside] > 0, "synthetic": True},
        geometry=shapely.points(x[beside], y[beside]),
        index=pd.Index([f"lamp-{number:04d}" for number in numbers], name="id", dtype=str),
        crs=streets.crs,
    )


def _along(
    left: Frontage, right: Frontage, rng: np.random.Generator
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Draw the lamps of one chain: rows of x, y, height and whether it is lit."""
    length = left.line.length
    gaps = rng.uniform(*SPACING_M, size=int(length / SPACING_M[0]) + 2)
    stations = np.cumsum(gaps) - gaps[0] / 2
    stations = stations[stations < length]
    odd = np.arange(len(stations)) % 2 == 1
    xy = np.where(odd[:, None], right.at(length - stations, POLE_M), left.at(stations, POLE_M))
    lane = left.is_soi
    up = rng.random(len(stations)) >= (LANE_MISSING if lane else ROAD_MISSING)
    lit = rng.random(len(stations)) >= (LANE_UNLIT if lane else ROAD_UNLIT)
    height = np.full(len(stations), LANE_HEIGHT_M if lane else ROAD_HEIGHT_M)
    return np.column_stack([xy, height, lit])[up]
