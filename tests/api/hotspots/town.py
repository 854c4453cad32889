"""The small zone, three times as wide, with two years of incidents and a plan of a night."""

import json
from datetime import date

import numpy as np
import pandas as pd
from shapely import Point

from api.hotspots.result import HotspotsParams
from geo.formats import write_layer
from tests.api.small_zone import X, Y, frame, layers
from tests.api.small_zone import write_zone as write_small_zone

DAY = date(2026, 3, 1)
PARAMS = HotspotsParams(resamples=99, simulations=99, origins=8, count=4)
COUNT = 1000
START = pd.Timestamp("2024-02-01T00:00:00Z")
DAYS = 758.6  # from the start to the last hours before the report
BUSY = "East 2 Road"  # half of all happen on it, around 200 m from its west end
WIDER = 3.0
SIDE = 200.0 * WIDER  # of the square that the streets make


def incidents(count=COUNT, *, seed=3):
    """Give incidents along the streets: half around a place, some by windows, some discovered."""
    rng = np.random.default_rng(seed)
    busy = rng.random(count) < 0.5
    along, street = rng.uniform(0, SIDE, count), rng.choice([0.0, SIDE / 2, SIDE], count)
    upright = rng.random(count) < 0.5
    x = np.where(busy, rng.normal(200, 40, count).clip(0, SIDE), np.where(upright, street, along))
    y = np.where(busy, SIDE / 2, np.where(upright, along, street))
    began = START + pd.to_timedelta(rng.uniform(0, DAYS * 24, count).round(2), unit="h")
    lasted = pd.to_timedelta(rng.uniform(1, 30, count).round(1), unit="h")
    return frame(
        [Point(X + a, Y + b) for a, b in zip(x, y, strict=True)],
        prefix="incident",
        category=rng.choice(["theft", "burglary", "noise"], count, p=[0.6, 0.37, 0.03]),
        severity=2,
        occurred_at=began,
        occurred_until=pd.Series(began + lasted).where(rng.random(count) < 0.3).array,
        reporting=np.where(rng.random(count) < 0.9, "reported", "discovered"),
        synthetic=True,
    )


def write_incidents(folder, layer):
    """Put incidents into a zone's folder; none at all leave it without the file."""
    (folder / "incidents.csv").unlink(missing_ok=True)
    if len(layer):
        write_layer(folder / "incidents.csv", layer)


def write_town(folder, layer=None):
    """Write the zone into a new folder."""
    write_small_zone(folder)
    for name, small in layers().items():
        wide = small.set_geometry(small.scale(WIDER, WIDER, origin=(X, Y)))
        write_layer(folder / name, wide)
    write_incidents(folder, incidents() if layer is None else layer)
    return folder


def plan(*stops, zone="small", **changes):
    """Give a plan as `smartzone plan` writes it, of stops (lon, lat, minutes)."""
    began = pd.Timestamp("2026-03-01T13:00:00Z")
    told = [
        {
            "lon": lon,
            "lat": lat,
            "arrives_at": f"{began:%Y-%m-%dT%H:%M:%SZ}",
            "leaves_at": f"{began + pd.Timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}",
        }
        for lon, lat, minutes in stops
    ]
    return {
        "format": "smartzone-plan/1",
        "zone": {"name": zone},
        "tonight": "2026-03-01",
        "synthetic": ["patrol_stops"],
        "tours": [{"unit": "foot-1", "stops": told[:1]}, {"unit": "foot-2", "stops": told[1:]}],
        **changes,
    }


def places():
    """Give two places of stops: on East 1 Road and on North 3 Road, in degrees."""
    points = frame([Point(X + 150, Y + 1), Point(X + SIDE - 1, Y + 450)], prefix="p").to_crs(4326)
    return [(point.x, point.y) for point in points.geometry]


def write_plan(folder, content=None):
    """Write a plan of 60 minutes on one street and 20 on another."""
    folder.mkdir(parents=True, exist_ok=True)
    (first, second) = places()
    content = plan((*first, 45), (*first, 15), (*second, 20)) if content is None else content
    (folder / "plan.json").write_text(json.dumps(content), encoding="utf-8")
    return folder
