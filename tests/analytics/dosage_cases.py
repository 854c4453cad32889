"""A town of two streets and a short plan for it, made for tests of the dosage."""

import geopandas as gpd
import pandas as pd
from shapely import LineString, Point

from geo.street_graph import StreetGraph

CRS = "EPSG:32647"
NIGHT = pd.Timestamp("2026-03-06T11:00:00Z")


def after(minutes):
    return NIGHT + pd.Timedelta(minutes=minutes)


def streets():
    """Two streets that meet at a right angle, of 300 m and 200 m."""
    lines = [LineString([(0, 0), (100, 0), (300, 0)]), LineString([(300, 0), (300, 200)])]
    names = {"name_th": ["ถนนก", "ถนนข"], "name_en": ["A Road", "B Road"]}
    return gpd.GeoDataFrame(names, geometry=lines, index=["a", "b"], crs=CRS)


def graph():
    return StreetGraph.from_streets(streets())


def plan(**changes):
    """One unit: from (0, 0) to a stop on each street and back, at 100 m in two minutes."""
    line = LineString([(0, 0), (200, 0), (300, 0), (300, 100), (300, 0), (0, 0)])
    tour = {"unit": "foot-1", "starts_at": NIGHT, "ends_at": after(41), **changes}
    stops = gpd.GeoDataFrame(
        {
            "unit": "foot-1",
            "order": [1, 2],
            "arrives_at": [after(4), after(23)],
            "leaves_at": [after(19), after(33)],
        },
        geometry=[Point(200, 3), Point(302, 100)],
        index=["one", "two"],
        crs=CRS,
    )
    return gpd.GeoDataFrame([tour], geometry=[line], crs=CRS), stops


def passages(*rows, unit="foot-1"):
    """Passages from (street, from_m, to_m, begin, end), times in minutes of the night."""
    told = [(unit, *row[:3], after(row[3]), after(row[4])) for row in rows]
    columns = ["unit", "street", "from_m", "to_m", "starts_at", "ends_at"]
    return pd.DataFrame(told, columns=columns)
