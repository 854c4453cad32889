"""The times of incidents as they must be for anything to be said of them."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Fault, LayerError, ParameterError

SOURCE = "incidents"


def check_instants(incidents: gpd.GeoDataFrame, *, as_of: pd.Timestamp | None) -> None:
    """Make sure that every incident happened at a known time that is past.

    Parameters
    ----------
    incidents
        Incidents with `occurred_at`, and `occurred_until` where only a window is known.
    as_of
        Instant after which nothing can have happened, with its time zone; none where all times
        are allowed.

    Raises
    ------
    LayerError
        If a time is missing, without zone, after `as_of`, or a window ends before it begins;
        names every such row.
    ParameterError
        If `as_of` has no time zone.
    """
    if as_of is not None and as_of.tzinfo is None:
        raise ParameterError(f"Expected `as_of` with its time zone, got {as_of}.")
    faults = _column_faults(incidents)
    if not faults and len(incidents):
        faults = _row_faults(incidents, as_of)
    if faults:
        raise LayerError(faults)


def windows(incidents: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tell between which instants each incident happened.

    Parameters
    ----------
    incidents
        Incidents that `check_instants` finds no fault in.

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
