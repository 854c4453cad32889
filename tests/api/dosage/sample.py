"""A made-up plan, and made-up tracks as GPX files, full of what must not leave them."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point

from geo.formats import write_layers
from tests.api.small_zone import CRS, X, Y, frame
from tests.geo.track_cases import place_at, seconds

SECRETS = (
    "Somchai Jaidee",
    "somchai@example.org",
    "Handheld 9000",
    "walked by Somchai",
    "0812345678",
)
"""Names and devices that the files hold."""

_GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Handheld 9000" xmlns="http://www.topografix.com/GPX/1/1">
<metadata><author><name>Somchai Jaidee</name><email id="somchai" domain="example.org"/></author>
<desc>walked by Somchai</desc></metadata>
<wpt lat="7.88" lon="98.39"><name>0812345678</name></wpt>
<trk><name>{name}</name><cmt>somchai@example.org</cmt><desc>walked by Somchai</desc>
<trkseg>
{points}
</trkseg></trk></gpx>
"""
_POINT = (
    '<trkpt lat="{:.7f}" lon="{:.7f}"><ele>4</ele><time>{}</time>'
    "<cmt>walked by Somchai</cmt></trkpt>"
)


def gpx(points, at, *, name="Somchai Jaidee"):
    """Write positions (lon, lat) and times as GPX."""
    told = [
        _POINT.format(lat, lon, f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03}Z")
        for (lon, lat), instant in zip(points, at, strict=True)
    ]
    return _GPX.format(name=name, points="\n".join(told))


def followed(graph, planned, *, rng, every_s=7.0, noise_m=6.0, late_s=0.0, until=1.0):
    """Return positions (lon, lat) and times of one who follows passages of a plan.

    He is `late_s` late, and goes home after the share `until` of the time.
    """
    start = planned["starts_at"].min()
    shift = pd.Timestamp("2026-03-06T11:00:00Z") - start
    moved = planned.assign(
        starts_at=planned["starts_at"] + shift, ends_at=planned["ends_at"] + shift
    )
    at_s = np.arange(0.0, until * seconds(moved["ends_at"])[-1], every_s)
    xy = place_at(graph, moved, at_s)[1] + rng.normal(0, noise_m, (len(at_s), 2))
    at = start + pd.to_timedelta(at_s + late_s + 0.123, unit="s")
    return xy, list(at)


def degrees(xy):
    """Return positions in metres as (lon, lat)."""
    points = gpd.GeoSeries(gpd.points_from_xy(*np.asarray(xy).T), crs=CRS).to_crs(4326)
    return list(zip(points.x, points.y, strict=True))


def night(minutes):
    return pd.Timestamp("2026-03-06T13:00:00Z") + pd.Timedelta(minutes=minutes)


def layers():
    """Two units along the streets of the small zone: one with two stops, one with one."""
    ways = [
        [(0, 0), (150, 0), (200, 0), (200, 100), (200, 150), (200, 0), (0, 0)],
        [(0, 200), (80, 200), (0, 200)],
    ]
    tours = frame(
        [LineString([(X + x, Y + y) for x, y in way]) for way in ways],
        prefix="tour",
        unit=["foot-1", "foot-2"],
        name_th=["สายตรวจ 1", "สายตรวจ 2"],
        name_en=["Foot patrol 1", "Foot patrol 2"],
        starts_at=[night(0), night(0)],
        ends_at=[night(39), night(24)],
        synthetic=True,
    )
    stops = frame(
        [Point(X + 150, Y + 2), Point(X + 201, Y + 150), Point(X + 80, Y + 199)],
        prefix="stop",
        unit=["foot-1", "foot-1", "foot-2"],
        order=[1, 2, 1],
        kind=["visit", "visit", "break"],
        name_th=["จุด ก", "จุด ข", "จุด ค"],
        name_en=["Place A", "Place B", "=Place C"],
        arrives_at=[night(3), night(22), night(2)],
        leaves_at=[night(18), night(32), night(22)],
        synthetic=True,
    )
    hotspots = frame(
        [
            LineString([(X + 100, Y), (X + 200, Y)]),
            LineString([(X + 200, Y + 110), (X + 200, Y + 200)]),
        ],
        prefix="hotspot",
        rank=[1, 2],
        name_th=["ถนน ก", "ถนน ข"],
        name_en=["East 1 Road", "North 3 Road"],
        near_th="",
        near_en="",
        synthetic=True,
    )
    return {"patrol_tours": tours, "patrol_stops": stops, "hotspots": hotspots}


def document(**changes):
    return {
        "format": "smartzone-plan/1",
        "zone": {"name": "small"},
        "tonight": "2026-03-06",
        "synthetic": ["patrol_stops"],
        **changes,
    }


def write_plan(folder, *, content=None, **changed):
    """Write a plan as `smartzone plan` does, as far as the dosage reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    told = document() if content is None else content
    (folder / "plan.json").write_text(json.dumps(told), encoding="utf-8")
    write_layers(folder / "layers.gpkg", {**layers(), **changed})
    return folder
