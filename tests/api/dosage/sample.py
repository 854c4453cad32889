"""Made-up tracks as GPX files, full of what must not leave them."""

import numpy as np
import pandas as pd

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
