"""Small networks, events on them and the streets of Chicago, for the tests of densities."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString, Point

CRS = "EPSG:32647"

TANGLE = {
    "loop": [(0, 0), (-30, 10), (-30, -10), (0, 0)],
    "straight": [(0, 0), (40, 0)],
    "bent": [(0, 0), (20, 15), (40, 0)],
    "blind": [(40, 0), (40, 37)],
    "short": [(40, 0), (40.5, -0.5)],
    "far": [(40.5, -0.5), (90, -20)],
    "apart": [(200, 0), (260, 0)],
}


def street_frame(lines):
    """Return streets labelled as the keys, from lists of coordinates."""
    return gpd.GeoDataFrame(
        geometry=[LineString(line) for line in lines.values()],
        index=pd.Index(list(lines), name="id"),
        crs=CRS,
    )


def event_frame(*points):
    return gpd.GeoDataFrame(geometry=[Point(point) for point in points], crs=CRS)


def events_on(streets, places):
    """Return events at tuples of street and fraction."""
    return event_frame(
        *[
            shapely.line_interpolate_point(streets.geometry[name], fraction, normalized=True)
            for name, fraction in places
        ]
    )


def star(arms, length_m=300.0):
    """Return streets that leave one junction at the origin: arm-0, arm-1, .."""
    angles = 2 * np.pi * np.arange(arms) / arms + 0.1
    return street_frame(
        {
            f"arm-{arm}": [(0, 0), (length_m * np.cos(angle), length_m * np.sin(angle))]
            for arm, angle in enumerate(angles)
        }
    )


def along(street, fractions):
    return pd.DataFrame({"street": street, "fraction": fractions})


def mass(lixels):
    return (lixels["density"] * lixels["length_m"]).sum()


def chicago_crimes(reference):
    """Return the streets of Chicago, the crimes on them and reference values of densities."""
    crime = reference / "crime"
    vertices = pd.read_csv(crime / "spatstat_chicago_vertices.csv").set_index("vid")
    edges = pd.read_csv(crime / "spatstat_chicago_edges.csv")
    points = pd.read_csv(crime / "spatstat_chicago_points.csv")
    ends = [vertices.loc[edges[end], ["x", "y"]].to_numpy() for end in ("u", "v")]
    streets = gpd.GeoDataFrame(
        geometry=shapely.linestrings(np.stack(ends, axis=1)), index=edges["eid"]
    )
    events = gpd.GeoDataFrame(geometry=gpd.points_from_xy(points["x"], points["y"]))
    golden = pd.read_csv(crime / "golden_exact_chicago_python.csv")
    return streets, events, golden.rename(columns={"eid": "street", "tp": "fraction"})
