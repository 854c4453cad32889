"""A made-up city: bent streets with one-ways, classes and dead ends, and a night's units in it."""

from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planning.units import Break, Unit
from tests.planning.grid_town import NIGHT, TOWN_CRS, at, grid_zone

_BLOCK_M = 100.0
# Of twenty units; metres a second.
_MODES = ("foot",) * 8 + ("bicycle",) * 2 + ("motorcycle",) * 7 + ("car",) * 3
_SPEED_MPS = {"foot": 1.2, "bicycle": 4.0, "motorcycle": 6.0, "car": 8.0}
_SHIFT_H = 8.0


def city(size=97):
    """Return a zone of size x size junctions, about 2.1 stretches of street for each."""
    rng = np.random.default_rng(0)
    lane = np.arange(size)
    xy = np.stack(np.meshgrid(lane, lane), axis=-1) * _BLOCK_M
    xy += rng.uniform(-30, 30, xy.shape) + np.array(at(0, 0).coords[0])
    ways = [_avenues(xy), _avenues(xy.swapaxes(0, 1))]
    lines, classes = (np.concatenate(each) for each in zip(*ways, strict=True))
    minor = classes == "residential"
    oneway = minor & (rng.random(len(lines)) < 0.15)
    kept = ~minor | (rng.random(len(lines)) >= 0.07)
    spurs = _dead_ends(xy, rng)
    lines = np.concatenate([lines[kept], spurs])
    streets = gpd.GeoDataFrame(
        {
            "name_th": [f"ถนน {number}" for number in range(len(lines))],
            "name_en": [f"Street {number}" for number in range(len(lines))],
            "street_class": np.append(classes[kept], np.repeat("footway", len(spurs))),
            "oneway": np.append(oneway[kept], np.zeros(len(spurs), dtype=bool)),
            "width_m": 8.0,
            "source": "made for tests",
            "grade": "",
        },
        geometry=shapely.linestrings(lines),
        crs=TOWN_CRS,
        index=[f"s{number}" for number in range(len(lines))],
    ).rename_axis("id")
    return grid_zone(streets)


def _avenues(xy):
    """Return the streets along the rows of a net of junctions, and their classes."""
    lines = np.stack([xy[:, :-1], xy[:, 1:]], axis=2).reshape(-1, 2, 2)
    row = np.repeat(np.arange(len(xy)), xy.shape[1] - 1)
    classes = np.where(row % 12 == 0, "primary", np.where(row % 4 == 0, "tertiary", "residential"))
    return lines, classes


def _dead_ends(xy, rng):
    """Return paths that lead from one junction in four into a block."""
    starts = xy.reshape(-1, 2)[rng.random(xy[..., 0].size) < 0.25]
    return np.stack([starts, starts + rng.uniform(30, 40, starts.shape)], axis=1)


def city_units(zone, count):
    """Return units in all modes from posts about the city, each with a break in mid-shift."""
    rng = np.random.default_rng(1)
    posts = _places(zone, max(1, count // 4), rng)
    units = []
    for number in range(count):
        starts_at = NIGHT + timedelta(hours=number % 2)
        middle = starts_at + timedelta(hours=_SHIFT_H / 2)
        hour = timedelta(hours=1)
        mode = _MODES[number % len(_MODES)]
        units.append(
            Unit(
                id=f"unit-{number:03d}",
                name_th=f"หน่วย {number}",
                name_en=f"Unit {number}",
                kind="police",
                speed_mps=_SPEED_MPS[mode],
                post=posts[number % len(posts)],
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=_SHIFT_H),
                synthetic=True,
                mode=mode,
                breaks=(Break(middle - hour, middle + hour, 1800.0),),
            )
        )
    return units


def city_demand(zone, *, hotspots, presence):
    """Return hotspots, more of them in the middle, and places where presence once a night will do.

    One hotspot in forty needs two units.
    """
    rng = np.random.default_rng(2)
    count = hotspots + presence
    often = np.arange(count) < hotspots
    return gpd.GeoDataFrame(
        {
            "name_th": [f"จุด {number}" for number in range(count)],
            "name_en": [f"Point {number}" for number in range(count)],
            "weight": np.where(often, 1.0 + rng.gamma(1.0, 5.0, count), 0.5).round(2),
            "dwell_s": np.where(often, 60.0 * rng.integers(10, 17, count), 300.0),
            "reason_th": "จุดทดลอง",
            "reason_en": "made up",
            "needs_units": np.where(often & (np.arange(count) % 40 == 0), 2, 1),
            "revisit_s": np.where(often, np.nan, np.inf),
        },
        geometry=[*_places(zone, hotspots, rng, middle=True), *_places(zone, presence, rng)],
        crs=zone.crs,
        index=pd.Index([f"p{number}" for number in range(count)]),
    )


def _places(zone, count, rng, *, middle=False):
    """Return the middles of some streets for vehicles, perhaps more of them near the centre."""
    streets = zone.streets[zone.streets["street_class"] != "footway"]
    centres = streets.interpolate(0.5, normalized=True)
    away_m = centres.distance(zone.boundary.centroid).to_numpy()
    chance = np.exp(-2.0 * away_m / away_m.max()) if middle else np.ones(len(centres))
    return centres.iloc[
        rng.choice(len(centres), size=count, replace=False, p=chance / chance.sum())
    ].to_list()
