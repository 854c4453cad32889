"""A town of square blocks, made for tests: streets 100 m apart, one of them one-way."""

from datetime import UTC, datetime, timedelta

import geopandas as gpd
import shapely
from pyproj import CRS
from shapely import LineString, Point, box

from geo.layers import CONTRACTS
from geo.zone import Zone
from planning.units import Unit

TOWN_CRS = CRS("EPSG:32647")
EAST, NORTH = 432_000.0, 871_000.0
NIGHT = datetime(2026, 1, 3, 11, 0, tzinfo=UTC)


def at(x, y):
    return Point(EAST + x, NORTH + y)


def grid_streets(blocks=4, *, oneway=()):
    rows = {}
    for i in range(blocks + 1):
        for j in range(blocks):
            rows[f"row-{i}-{j}"] = ((100 * j, 100 * i), (100 * (j + 1), 100 * i), f"Row {i}")
            rows[f"col-{i}-{j}"] = ((100 * i, 100 * j), (100 * i, 100 * (j + 1)), f"Column {i}")
    lines = [LineString([at(*start), at(*end)]) for start, end, _ in rows.values()]
    return gpd.GeoDataFrame(
        {
            "name_th": [f"ถนน {name}" for _, _, name in rows.values()],
            "name_en": [name for _, _, name in rows.values()],
            "street_class": "residential",
            "oneway": [label in oneway for label in rows],
            "width_m": 8.0,
            "source": "made for tests",
            "grade": "",
        },
        geometry=lines,
        crs=TOWN_CRS,
        index=list(rows),
    ).rename_axis("id")


def grid_buildings(blocks=4, *, margin_m=10.0):
    shapes = [
        box(
            *at(100 * i + margin_m, 100 * j + margin_m).coords[0],
            *at(100 * (i + 1) - margin_m, 100 * (j + 1) - margin_m).coords[0],
        )
        for i in range(blocks)
        for j in range(blocks)
    ]
    labels = [f"block-{number}" for number in range(len(shapes))]
    return gpd.GeoDataFrame({"synthetic": True}, geometry=shapes, crs=TOWN_CRS, index=labels)


def grid_lamps(blocks=4):
    """Return a lamp 5 m north of the middle of each row, that of row-2-1 4.5 m high."""
    places = {
        f"lamp-{i}-{j}": at(100 * j + 50, 100 * i + 5)
        for i in range(blocks + 1)
        for j in range(blocks)
    }
    heights = [4.5 if label == "lamp-2-1" else 8.0 for label in places]
    return gpd.GeoDataFrame(
        {"height_m": heights, "synthetic": True},
        geometry=list(places.values()),
        crs=TOWN_CRS,
        index=list(places),
    ).rename_axis("id")


def grid_zone(streets):
    empty = gpd.GeoDataFrame(geometry=[], crs=TOWN_CRS)
    layers = dict.fromkeys(set(CONTRACTS) & set(Zone.__dataclass_fields__), empty)
    return Zone(
        name="grid",
        name_th="ตาราง",
        name_en="Grid",
        timezone="Asia/Bangkok",
        crs=TOWN_CRS,
        boundary_approximate=False,
        **layers | {"streets": streets, "boundary": shapely.box(*streets.total_bounds)},
    )


def unit(name="walker", x=0, y=0, *, speed_mps=1.2, hours=4.0, starts_h=0.0):
    return Unit(
        id=name,
        name_th="สายตรวจ",
        name_en=name.title(),
        kind="police",
        speed_mps=speed_mps,
        post=at(x, y),
        starts_at=NIGHT + timedelta(hours=starts_h),
        ends_at=NIGHT + timedelta(hours=starts_h + hours),
        synthetic=True,
    )


def demand(*places, weight=1.0, dwell_s=780.0):
    count = len(places)
    return gpd.GeoDataFrame(
        {
            "name_th": [f"จุด {number}" for number in range(count)],
            "name_en": [f"Point {number}" for number in range(count)],
            "weight": weight,
            "dwell_s": dwell_s,
            "reason_th": "จุดเสี่ยง",
            "reason_en": "hotspot",
        },
        geometry=[at(x, y) for x, y in places],
        crs=TOWN_CRS,
        index=[f"p{number}" for number in range(count)],
    )
