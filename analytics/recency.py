"""What past events count today: the longer ago, the less."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from geo.errors import Fault, LayerError, ParameterError


def recency_weights(
    occurred_at: "pd.Series[pd.Timestamp]", *, instant: datetime, half_life_days: float
) -> "pd.Series[float]":
    """Weigh events by how long ago they happened: half as much for each half-life.

    Such weights make of any density one of recent events (`weights` of `network_density`,
    `density_surface` and `HeatKernel`).

    Parameters
    ----------
    occurred_at
        When each event happened, with a time zone.
    instant
        The time to look back from, with a time zone.
    half_life_days
        Days after which an event counts half, > 0.

    Returns
    -------
    weight
        What each event counts, 0 to 1, labelled as the events are: 1 at the instant itself. What
        happens later is not known at the instant and counts 0.

    Raises
    ------
    LayerError
        If an event has no time; names every such row.
    ParameterError
        If the half-life is not > 0 or a time has no time zone.
    """
    if not half_life_days > 0:
        raise ParameterError(f"Expected `half_life_days` > 0, got {half_life_days}.")
    if instant.tzinfo is None:
        raise ParameterError(f"Expected `instant` with a time zone, got {instant.isoformat()}.")
    if not isinstance(occurred_at.dtype, pd.DatetimeTZDtype):
        raise ParameterError(
            f"Expected `occurred_at` as times with a time zone, got {occurred_at.dtype}."
        )
    faults = [
        Fault("events", "a time", "none", int(row) + 1, "occurred_at")
        for row in np.flatnonzero(occurred_at.isna())
    ]
    if faults:
        raise LayerError(faults)
    age_days = ((pd.Timestamp(instant) - occurred_at) / timedelta(days=1)).to_numpy(np.float64)
    weight = np.where(age_days >= 0, 0.5 ** (np.maximum(age_days, 0) / half_life_days), 0.0)
    return pd.Series(weight, index=occurred_at.index, name="weight")
