"""The small zone with what a siting needs: lenses, private ground, communities; and measures."""

from dataclasses import replace
from datetime import date

import numpy as np
from shapely import Point, box, length, union_all

from api.sites.result import SitesParams
from geo.formats import write_layer
from tests.api.small_zone import X, Y, frame
from tests.api.small_zone import write_zone as write_small_zone

DAY = date(2026, 3, 1)
PARAMS = SitesParams(budget=3.0, time_limit_s=2.0)
LENS = {"height_m": 5.0, "tilt_deg": 12.0, "vfov_deg": 50.0, "resolution_px": 1920.0}


def cameras():
    """Four cameras: one with all it takes, one blind in the dark, one down, one without a lens."""
    return frame(
        [Point(X, Y), Point(X + 200, Y + 200), Point(X + 100, Y + 100), Point(X + 200, Y)],
        prefix="camera",
        azimuth_deg=[45.0, 225.0, 0.0, 315.0],
        fov_deg=90.0,
        range_m=40.0,
        **{name: [value, value, value, np.nan] for name, value in LENS.items()},
        night_vision=[True, False, True, True],
        owner_kind=["programme", "municipal", "private", "private"],
        status=["up", "up", "down", "up"],
        synthetic=True,
    )


def grounds():
    """Give a yard that reaches into East 1 Road, a school's yard, and living quarters."""
    return frame(
        [
            box(X + 40, Y + 2, X + 60, Y + 10),
            box(X + 140, Y + 90, X + 160, Y + 98),
            box(X + 90, Y + 195, X + 110, Y + 204),
        ],
        prefix="ground",
        kind=["yard", "school_yard", "living_quarters"],
        synthetic=True,
    )


def communities():
    """Give the lower and the upper half of the town."""
    return frame(
        [box(X - 20, Y - 20, X + 220, Y + 99), box(X - 20, Y + 99, X + 220, Y + 220)],
        prefix="community",
        name_th=["ชุมชนล่าง", "ชุมชนบน"],
        name_en=["Lower community", "Upper community"],
        synthetic=True,
    )


def write_town(folder):
    """Write the town with all its files into a new folder."""
    write_small_zone(folder)
    write_layer(folder / "cameras.geojson", cameras())
    write_layer(folder / "grounds.geojson", grounds())
    write_layer(folder / "communities.geojson", communities())
    return folder


def with_zone(inputs, **layers):
    """Give what a search is made from, with other layers of the zone."""
    return replace(inputs, zone=replace(inputs.zone, **layers))


def seen_length(streets, fields):
    """Length of street within any field, by the union of both."""
    lines = streets.geometry.to_numpy()
    return float(length(union_all(lines).intersection(union_all(list(fields)))))
