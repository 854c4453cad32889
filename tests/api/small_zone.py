"""A complete small zone in a folder, for tests of the command line."""

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from shapely import LineString, Point, box

from geo.formats import write_layer

CRS = "EPSG:32647"
X, Y = 432_000.0, 871_500.0

ZONE = """name = "small"
name_th = "เมืองเล็ก"
name_en = "Small Town"
crs = "EPSG:32647"
timezone = "Asia/Bangkok"
"""


UNITS = """[[unit]]
id = "foot-1"
name_th = "สายตรวจ 1"
name_en = "Foot patrol 1"
kind = "police"
speed_mps = 1.2
lon = 98.3834
lat = 7.8838
starts_at = "20:00"
ends_at = "22:00"
synthetic = true
"""


def frame(geometry, *, prefix, **columns):
    index = pd.Index([f"{prefix}-{i + 1}" for i in range(len(geometry))], name="id")
    return GeoDataFrame(columns, geometry=geometry, index=index, crs=CRS)


def grid_streets():
    """Three streets by three, crossing every 100 m."""
    edges, names = [], []
    for i in range(3):
        for j in range(2):
            edges.append(LineString([(X + 100 * j, Y + 100 * i), (X + 100 * (j + 1), Y + 100 * i)]))
            names.append(f"East {i + 1} Road")
            edges.append(LineString([(X + 100 * i, Y + 100 * j), (X + 100 * i, Y + 100 * (j + 1))]))
            names.append(f"North {i + 1} Road")
    return frame(
        edges,
        prefix="edge",
        name_th=[name.replace("Road", "ถนน") for name in names],
        name_en=names,
        street_class="residential",
        oneway=False,
        width_m=6.0,
        source="made up",
        grade="A",
    )


def layers():
    rng = np.random.default_rng(5)
    blocks = [
        box(X + 100 * i + 10, Y + 100 * j + 10, X + 100 * i + 90, Y + 100 * j + 90)
        for i in range(2)
        for j in range(2)
    ]
    count = 60
    spots = rng.choice([0.0, 100.0, 200.0], count), rng.uniform(0, 200, count)
    start = pd.Timestamp("2026-01-01T12:00:00Z")
    return {
        "boundary.geojson": frame(
            [box(X - 20, Y - 20, X + 220, Y + 220)], prefix="zone", approximate=True
        ),
        "streets.geojson": grid_streets(),
        "buildings.geojson": frame(
            blocks, prefix="block", kind="shop", height_m=7.0, synthetic=True
        ),
        "cameras.geojson": frame(
            [Point(X, Y), Point(X + 200, Y + 200), Point(X + 100, Y + 100)],
            prefix="camera",
            azimuth_deg=[45.0, 225.0, 0.0],
            fov_deg=90.0,
            range_m=40.0,
            owner_kind=["programme", "municipal", "private"],
            status=["up", "up", "down"],
            synthetic=True,
        ),
        "incidents.csv": frame(
            [Point(X + a, Y + b) for a, b in zip(*spots, strict=True)],
            prefix="incident",
            category="theft",
            severity=2,
            occurred_at=[start + pd.Timedelta(hours=int(h)) for h in rng.integers(0, 5000, count)],
            occurred_until=pd.NaT,
            reporting=np.where(rng.random(count) < 0.9, "reported", "discovered"),
            synthetic=True,
        ),
        "places.csv": frame(
            [Point(X + 105, Y + 105)],
            prefix="place",
            kind="shrine",
            name_th="ศาลเจ้า",
            name_en="Shrine",
            source="made up",
            grade="A",
        ),
        "lamps.geojson": frame(
            [Point(X + 5, Y + 5)], prefix="lamp", height_m=6.0, lit=True, synthetic=True
        ),
        "sos_points.geojson": frame(
            [Point(X + 100, Y + 3)], prefix="sos", name_th="จุดหนึ่ง", name_en="One", synthetic=True
        ),
    }


def write_zone(folder):
    """Write the zone with all its files into a new folder."""
    folder.mkdir(parents=True)
    (folder / "zone.toml").write_text(ZONE, encoding="utf-8")
    (folder / "units.toml").write_text(UNITS, encoding="utf-8")
    for name, layer in layers().items():
        write_layer(folder / name, layer)
    return folder
