"""What a night stops for: the points of demand, and the breaks of its units."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import InfeasiblePlanError
from planning._patrol_teams import Segment
from planning.units import Break, Unit

ANYBODY = -1
_USUAL: dict[str, Any] = {
    "opens_at": pd.NaT,
    "closes_at": pd.NaT,
    "needs_units": 1,
    "skill": "",
    "revisit_s": np.nan,
}


def night_points(
    demand: gpd.GeoDataFrame,
    units: Sequence[Unit],
    segments: Sequence[Segment],
    *,
    origin: datetime,
    revisit_s: float,
) -> pd.DataFrame:
    """List what a night stops for: first the points of demand, then the breaks.

    Parameters
    ----------
    demand
        Points of demand, checked.
    units
        Units of the night with their breaks.
    segments
        Times in which they move.
    origin
        The night's beginning.
    revisit_s
        Span in which a point is due once, where it has none of its own.

    Returns
    -------
    points
        A row a point: weight, dwell_s, opens_s and closes_s (first and last moment at which a stop
        may begin, in seconds from the night's beginning; infinite where all night), needs_units,
        skill, revisit_s, and segment: which one must stop there, `ANYBODY` for a visit.

    Raises
    ------
    InfeasiblePlanError
        Breaks fit into no time in which their units move; each is named.
    """
    visits = pd.DataFrame(
        {
            "weight": demand["weight"].astype(np.float64),
            "dwell_s": demand["dwell_s"].astype(np.float64),
            "opens_s": _seconds(_given(demand, "opens_at"), origin, otherwise=-np.inf),
            "closes_s": _seconds(_given(demand, "closes_at"), origin, otherwise=np.inf),
            "needs_units": _given(demand, "needs_units").astype(np.intp),
            "skill": _given(demand, "skill").astype(object),
            "revisit_s": _given(demand, "revisit_s").astype(np.float64).fillna(revisit_s),
            "segment": ANYBODY,
        }
    )
    breaks = pd.DataFrame(_breaks(units, segments, origin), columns=visits.columns)
    if not len(breaks):
        return visits.reset_index(drop=True)
    return pd.concat([visits, breaks.astype(visits.dtypes)], ignore_index=True)


def _given(demand: gpd.GeoDataFrame, name: str) -> "pd.Series[Any]":
    return demand[name] if name in demand else pd.Series(_USUAL[name], index=demand.index)


def _seconds(
    instants: "pd.Series[Any]", origin: datetime, *, otherwise: float
) -> "pd.Series[float]":
    moments = pd.to_datetime(instants, utc=True)
    return (moments - pd.Timestamp(origin)).dt.total_seconds().fillna(otherwise)


def _breaks(
    units: Sequence[Unit], segments: Sequence[Segment], origin: datetime
) -> list[dict[str, Any]]:
    rows, homeless = [], []
    for number, unit in enumerate(units):
        for pause in unit.breaks:
            windows = list(_windows(pause, number, segments, origin))
            if windows:
                closes_s, opens_s, segment = max(windows, key=lambda window: window[0] - window[1])
                rows.append(
                    {
                        "weight": 0.0,
                        "dwell_s": pause.duration_s,
                        "opens_s": opens_s,
                        "closes_s": closes_s,
                        "needs_units": 1,
                        "skill": "",
                        "revisit_s": np.inf,
                        "segment": segment,
                    }
                )
            else:
                homeless.append(f"{unit.id} from {pause.earliest_at} to {pause.latest_at}")
    if homeless:
        raise InfeasiblePlanError(
            f"Expected time for every break while its unit is out, got none for that of "
            f"{', '.join(homeless)}."
        )
    return rows


def _windows(
    pause: Break, unit: int, segments: Sequence[Segment], origin: datetime
) -> Iterator[tuple[float, float, int]]:
    """Give the last and first moment at which a break may begin in each segment of its unit."""
    earliest_s, latest_s = (
        (instant - origin).total_seconds() for instant in (pause.earliest_at, pause.latest_at)
    )
    for number, segment in enumerate(segments):
        opens_s = max(earliest_s, segment.earliest_s)
        closes_s = min(latest_s, segment.latest_s - pause.duration_s)
        if unit in segment.units and closes_s >= opens_s:
            yield closes_s, opens_s, number
