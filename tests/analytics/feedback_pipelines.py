"""The shipped pipelines as rules that share patrols: a history becomes a layer of incidents."""

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, box

from analytics.forecast import forecast_risk
from analytics.hotspots import rank_hotspots

CRS = "EPSG:32647"
FIRST_DAY = pd.Timestamp("2026-01-01T00:00:00Z")
DAY = pd.Timedelta(days=1)
APART_M = 2000.0
"""Regions lie so far from each other that no kernel reaches across."""


def incident_layer(history):
    """Return all that is on record as a layer.

    The start counts are spread over the hundred days before the first day. Nobody knows that they
    were reported, so they are no reported incidents.
    """
    start = history.start_counts.astype(int)
    before = [-100 + 100 * np.arange(count) / count for count in start if count]
    tables = [
        pd.DataFrame(
            {
                "day": np.concatenate([*before, np.empty(0)]),
                "region": np.repeat(np.arange(history.regions), start),
                "reporting": "discovered",
            }
        )
    ]
    for how, counts in (("reported", history.reported), ("discovered", history.discovered)):
        day, region = np.nonzero(counts)
        times = counts[day, region]
        table = {"day": np.repeat(day, times), "region": np.repeat(region, times)}
        tables.append(pd.DataFrame(table | {"reporting": how}))
    rows = pd.concat(tables, ignore_index=True)
    # Places differ within a region from incident to incident, by no more than a few metres.
    along = 20 + 7 * (np.arange(len(rows)) % 9)
    layer = {
        "category": "theft",
        "severity": 3,
        "occurred_at": FIRST_DAY + rows["day"] * DAY + DAY / 2,
        "reporting": rows["reporting"],
        "synthetic": True,
    }
    places = gpd.points_from_xy(along, APART_M * rows["region"] + 1)
    return gpd.GeoDataFrame(layer, geometry=places, crs=CRS)


class Pipeline:
    """Ask a pipeline anew every so many days, and patrol by its last answer in between."""

    def __init__(self, ask, *, every_days):
        self.ask = ask
        self.every_days = every_days
        self.answer = None

    def __call__(self, history):
        if history.days % self.every_days == 0:
            self.answer = self.ask(history)
        return self.answer


def hotspot_incidents(history):
    """Weigh each region by the incidents of its hotspot."""
    streets = gpd.GeoDataFrame(
        {"name_en": [f"street {number}" for number in range(history.regions)]},
        geometry=[
            LineString([(0, APART_M * number), (100, APART_M * number)])
            for number in range(history.regions)
        ],
        crs=CRS,
    )
    found = rank_hotspots(streets, incident_layer(history), lixel_m=50.0)
    by_street = found.groupby("street")["incidents"].sum()
    return by_street.reindex(streets.index).fillna(0)


def expected_incidents(history):
    """Weigh each region, a cell, by its incidents of the coming week as forecast."""
    cells = [
        box(0, APART_M * number, 100, APART_M * number + 100) for number in range(history.regions)
    ]
    return forecast_risk(
        incident_layer(history),
        gpd.GeoDataFrame(geometry=cells, crs=CRS),
        origin=FIRST_DAY + history.days * DAY,
        horizon=7 * DAY,
    )
