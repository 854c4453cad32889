"""Incidents as they must be for anything to be said of them: reported, placed and dated."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.reported_incidents import examine_reporting
from geo.errors import Fault, LayerError, ParameterError

SOURCE = "incidents"


def checked_reports(
    incidents: gpd.GeoDataFrame, *, unplaced: list[Fault], timed: bool, as_of: pd.Timestamp | None
) -> gpd.GeoDataFrame:
    """Keep the incidents that were reported, or refuse all that is wrong with any row at once.

    Parameters
    ----------
    incidents
        Incidents, with `reporting` and `category` where they are known.
    unplaced
        What is wrong with their geometries.
    timed
        Whether they need `occurred_at`, and `occurred_until` where only a window is known.
    as_of
        Instant after which nothing can have happened, with its time zone; none where all times
        are allowed.

    Returns
    -------
    reported
        The rows that were reported, in their order.

    Raises
    ------
    LayerError
        If an incident has no place, is police work, does not tell how it became known, or its
        times are faulty where they are needed; names every fault by the rows of the whole layer.
    ParameterError
        If `as_of` has no time zone.
    """
    counts, faults = examine_reporting(incidents, source=SOURCE)
    faults = unplaced + faults + (_instant_faults(incidents, as_of) if timed else [])
    if faults:
        raise LayerError(sorted(faults, key=lambda fault: fault.row or 0))
    return incidents[counts]


def _instant_faults(incidents: gpd.GeoDataFrame, as_of: pd.Timestamp | None) -> list[Fault]:
    if as_of is not None and as_of.tzinfo is None:
        raise ParameterError(f"Expected `as_of` with its time zone, got {as_of}.")
    faults = _column_faults(incidents)
    if not faults and len(incidents):
        faults = _row_faults(incidents, as_of)
    return faults


def windows(incidents: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tell between which instants each incident happened.

    Parameters
    ----------
    incidents
        Incidents that `checked_reports` finds no fault in.

    Returns
    -------
    start
        Beginning of each window, microseconds since 1970 in UTC.
    end
        Its end; the beginning where the instant is known.
    """
    if not len(incidents):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    start = _microseconds(incidents["occurred_at"])
    if "occurred_until" not in incidents:
        return start, start.copy()
    until = incidents["occurred_until"]
    end = start.copy()
    known = until.notna().to_numpy()
    # An empty optional column may come without a time zone.
    if known.any():
        end[known] = _microseconds(until[known])
    return start, end


def _microseconds(instants: "pd.Series[pd.Timestamp]") -> NDArray[np.int64]:
    utc = instants.dt.tz_convert("UTC").dt.tz_localize(None)
    return utc.to_numpy(dtype="datetime64[us]").astype(np.int64)


def _column_faults(incidents: gpd.GeoDataFrame) -> list[Fault]:
    if not len(incidents):
        return []
    if "occurred_at" not in incidents:
        return [Fault(SOURCE, "the column", "none of that name", field="occurred_at")]
    known = [name for name in ("occurred_at", "occurred_until") if name in incidents]
    return [
        Fault(SOURCE, "instants with their time zone", str(incidents[name].dtype), field=name)
        for name in known
        if not (
            isinstance(incidents[name].dtype, pd.DatetimeTZDtype)
            # An empty optional column may come without a type.
            or (name == "occurred_until" and incidents[name].isna().all())
        )
    ]


def _row_faults(incidents: gpd.GeoDataFrame, as_of: pd.Timestamp | None) -> list[Fault]:
    start = incidents["occurred_at"]
    faults = [
        Fault(SOURCE, "an instant", "none", int(row) + 1, "occurred_at")
        for row in np.flatnonzero(start.isna())
    ]
    late = start > as_of if as_of is not None else np.zeros(len(start), dtype=np.bool_)
    faults += [
        Fault(
            SOURCE, f"an instant up to {as_of}", str(start.iloc[row]), int(row) + 1, "occurred_at"
        )
        for row in np.flatnonzero(late)
    ]
    if "occurred_until" in incidents and incidents["occurred_until"].notna().any():
        until = incidents["occurred_until"]
        faults += [
            Fault(
                SOURCE,
                f"an end at or after the start {start.iloc[row]}",
                str(until.iloc[row]),
                int(row) + 1,
                "occurred_until",
            )
            for row in np.flatnonzero(until < start)
        ]
    return faults
