"""The patrols of a night, read from the plan that `smartzone plan` wrote."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd
from geopandas import GeoDataFrame, points_from_xy
from pyproj import CRS

from geo.errors import SourceError

PLAN_FILE: Final = "plan.json"
"""File of a plan, as it stands among the files of the night."""

_FORMAT: Final = "smartzone-plan/1"


@dataclass(frozen=True, eq=False)
class Patrols:
    """Where the patrols of a night stop, and for how long.

    Attributes
    ----------
    night
        Evening of the plan, on the zone's calendar.
    stops
        Points with `arrives_at` and `leaves_at`, in UTC; there may be none.
    synthetic
        Whether the plan rests on synthetic data.
    """

    night: date
    stops: GeoDataFrame
    synthetic: bool


def read_patrols(path: Path, *, zone: str, crs: CRS) -> Patrols | None:
    """Read the stops of a night's plan.

    Parameters
    ----------
    path
        File of the plan.
    zone
        Name of the zone that it must be of.
    crs
        Coordinate system to give the stops in.

    Returns
    -------
    Patrols or None
        The patrols; none where there is no such file.

    Raises
    ------
    SourceError
        The file is no plan of this zone, or cannot be read.
    """
    if not path.exists():
        return None
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        kind, name = plan["format"], plan["zone"]["name"]
        patrols = Patrols(
            night=date.fromisoformat(plan["tonight"]),
            stops=_stops(plan["tours"], crs),
            synthetic=bool(plan["synthetic"]),
        )
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise SourceError(f"Expected a plan in {path}, got: {error!r}.") from error
    if (kind, name) != (_FORMAT, zone):
        raise SourceError(
            f"Expected a plan of {zone} ({_FORMAT}) in {path}, got one of {name} ({kind})."
        )
    return patrols


def _stops(tours: list[dict[str, Any]], crs: CRS) -> GeoDataFrame:
    stops = [stop for tour in tours for stop in tour["stops"]]
    times = {
        name: pd.Series(pd.to_datetime([stop[name] for stop in stops], utc=True))
        for name in ("arrives_at", "leaves_at")
    }
    places = points_from_xy(
        [float(stop["lon"]) for stop in stops], [float(stop["lat"]) for stop in stops]
    )
    return GeoDataFrame(times, geometry=places, crs=4326).to_crs(crs)
