"""The Old Town with a made-up night: points on its streets, units at its SOS points."""

from datetime import UTC, datetime, timedelta
from functools import cache

import geopandas as gpd
import numpy as np

from geo.zone import Zone
from planning.units import Unit
from tests.conftest import ROOT

FOLDER = ROOT / "data" / "old_town"
EVENING = datetime(2025, 11, 22, 11, 0, tzinfo=UTC)
# Two of three walk, as in the zone's example units.
_MODES = ("foot", "foot", "motorcycle")
_SPEED_MPS = {"foot": 1.2, "motorcycle": 5.0}


@cache
def old_town():
    return Zone.load(FOLDER)


def made_up_units(count=12, *, hours=8.0):
    """Return units that begin at the SOS points of the zone."""
    posts = old_town().sos_points.geometry.tolist()
    modes = [_MODES[number % len(_MODES)] for number in range(count)]
    return [
        Unit(
            id=f"unit-{number:02d}",
            name_th=f"หน่วย {number}",
            name_en=f"Unit {number}",
            kind="police",
            speed_mps=_SPEED_MPS[mode],
            post=posts[number % len(posts)],
            starts_at=EVENING,
            ends_at=EVENING + timedelta(hours=hours),
            synthetic=True,
            mode=mode,
        )
        for number, mode in enumerate(modes)
    ]


def made_up_demand(*, every=2):
    """Return the middles of every so many streets, with weights and lengths of stops by chance."""
    streets = old_town().streets.iloc[::every]
    rng = np.random.default_rng(0)
    return gpd.GeoDataFrame(
        {
            "name_th": [f"จุด {label}" for label in streets.index],
            "name_en": [f"Middle of {label}" for label in streets.index],
            "weight": rng.gamma(1.0, 5.0, len(streets)).round(2),
            "dwell_s": 60.0 * rng.integers(10, 16, len(streets), endpoint=True),
            "reason_th": "จุดทดลอง",
            "reason_en": "made up",
        },
        geometry=streets.interpolate(0.5, normalized=True).to_list(),
        crs=streets.crs,
        index=[f"middle-{label}" for label in streets.index],
    )
