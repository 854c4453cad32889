"""Small towns with incidents whose true intensity is known."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

ORIGIN = pd.Timestamp("2026-03-01", tz="UTC")
WEEK = pd.Timedelta(days=7)
CRS = "EPSG:32647"


def squares(columns=20, rows=20, *, width=50.0):
    """Return a grid of square cells from the origin of coordinates, labelled from 1000."""
    x, y = (
        axis.ravel() * width
        for axis in np.meshgrid(np.arange(columns, dtype=float), np.arange(rows, dtype=float))
    )
    boxes = shapely.box(x, y, x + width, y + width)
    return gpd.GeoDataFrame(geometry=boxes, index=1000 + np.arange(len(boxes)), crs=CRS)


def incidents_at(xy, days_ago, *, origin=ORIGIN, **columns):
    """Return incidents at places, so many days before the origin."""
    occurred_at = origin - pd.to_timedelta(np.asarray(days_ago, dtype=float), unit="D")
    return gpd.GeoDataFrame(
        {"occurred_at": occurred_at, **columns},
        geometry=gpd.points_from_xy(*np.reshape(xy, (-1, 2)).T, crs=CRS),
    )


def scattered(count=200, *, seed=0, days=400.0, size=1000.0):
    """Return incidents around three places and everywhere, some at addresses that were hit."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0.2 * size, 0.8 * size, (3, 2))
    around = places[rng.integers(0, 3, count)] + rng.normal(0, 0.05 * size, (count, 2))
    xy = np.where(rng.random((count, 1)) < 0.3, rng.uniform(0, size, (count, 2)), around)
    again = rng.random(count) < 0.2
    xy[again] = xy[rng.integers(0, count, again.sum())]
    return incidents_at(xy, rng.uniform(0.1, days, count))
