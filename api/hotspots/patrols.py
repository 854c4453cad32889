"""The patrols of a night, read from the plan that `smartzone plan` wrote."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame, points_from_xy
from pyproj import CRS

from api.plan_files import read_plan_file

_MOST_LON, _MOST_LAT = 180.0, 90.0


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
    return read_plan_file(
        path,
        lambda plan: Patrols(
            night=date.fromisoformat(plan["tonight"]),
            stops=_stops(plan["tours"], crs),
            synthetic=bool(plan["synthetic"]),
        ),
        zone=zone,
    )


def _stops(tours: list[dict[str, Any]], crs: CRS) -> GeoDataFrame:
    stops = [stop for tour in tours for stop in tour["stops"]]
    times = {
        name: pd.Series(pd.to_datetime([stop[name] for stop in stops], utc=True, format="ISO8601"))
        for name in ("arrives_at", "leaves_at")
    }
    lon, lat = ([float(stop[name]) for stop in stops] for name in ("lon", "lat"))
    for number, (x, y) in enumerate(zip(lon, lat, strict=True), 1):
        if not (abs(x) <= _MOST_LON and abs(y) <= _MOST_LAT):  # no number is none either
            raise ValueError(f"stop {number} at lon {x}, lat {y}")
    kept = (times["leaves_at"] >= times["arrives_at"]).to_numpy()
    if not kept.all():
        raise ValueError(f"stop {kept.argmin() + 1} is not left at or after it is reached")
    return GeoDataFrame(times, geometry=points_from_xy(lon, lat), crs=4326).to_crs(crs)
