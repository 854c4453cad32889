"""The points worth a visit after events: old ones, new ones, and places where help is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planning._patrol_points import USUAL
from planning._replan_events import CameraDown, DemandChanged, Event, Incident, Sos, spot
from planning._replan_start import AT_ONCE
from planning.patrol_plan import PatrolPlan

_REASONS = {
    CameraDown: ("กล้องขัดข้อง: จุดอับสายตา", "camera down: a blind spot"),
    Incident: ("เหตุที่ต้องไปทันที", "wanted at once"),
    Sos: ("ขอความช่วยเหลือฉุกเฉิน", "call for help"),
}
_NAMES = {CameraDown: "camera", Incident: "incident", Sos: "sos"}
_USUAL: dict[str, Any] = {**USUAL, AT_ONCE: False}


@dataclass(frozen=True, eq=False)
class Wanted:
    """Points worth a visit from now on.

    Attributes
    ----------
    demand
        The points, with all optional columns and `at_once`.
    new
        Labels of points that are new or count more than before, without those of calls.
    calls
        Label of the point of each Incident and Sos, in the order of the events.
    """

    demand: gpd.GeoDataFrame
    new: list[object]
    calls: list[object]


def after_events(
    demand: gpd.GeoDataFrame, plan: PatrolPlan, events: Sequence[Event], now: datetime
) -> Wanted:
    """Return the points that count after some events.

    Parameters
    ----------
    demand
        Points before them.
    plan
        The plan, whose visits made keep their points.
    events
        What happened.
    now
        When.

    Returns
    -------
    wanted
        Points, and which of them are new.
    """
    before = current = _complete(demand)
    calls: list[object] = []
    for event in events:
        if isinstance(event, DemandChanged):
            current = _changed(current, _complete(event.demand), plan, now)
        elif isinstance(event, CameraDown | Incident | Sos):
            label, current = _with_point(current, event, now, taken=before.index)
            if not isinstance(event, CameraDown):
                calls.append(label)
    lighter = before["weight"].reindex(current.index)
    more = ~(lighter >= current["weight"]) & ~current[AT_ONCE]
    return Wanted(current, current.index[more].to_list(), calls)


def _complete(demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return points with all optional columns."""
    missing = {name: value for name, value in _USUAL.items() if name not in demand}
    named = demand.geometry.name == "geometry"
    full = (demand if named else demand.rename_geometry("geometry")).assign(**missing)
    for name in ("opens_at", "closes_at"):
        full[name] = pd.to_datetime(full[name], utc=True).astype("datetime64[ns, UTC]")
    full = full.astype(
        {"weight": float, "dwell_s": float, "revisit_s": float, "needs_units": int, AT_ONCE: bool}
    )
    full.index = full.index.astype(object)
    return full


def _changed(
    before: gpd.GeoDataFrame, given: gpd.GeoDataFrame, plan: PatrolPlan, now: datetime
) -> gpd.GeoDataFrame:
    """Return other points; those that are gone are over, and stay if a visit was made."""
    begun = {
        stop.point
        for tour in plan.tours
        for stop in tour.stops
        if stop.kind in {"visit", "interrupted"} and stop.arrives_at <= now
    }
    gone = before[~before.index.isin(given.index)]
    over = {"weight": 0.0, "opens_at": pd.NaT, "closes_at": pd.Timestamp(now)}
    done = _complete(gone[gone.index.isin(begun) & ~gone[AT_ONCE]].assign(**over))
    calls = gone[gone[AT_ONCE]]
    kept = [part for part in (given, done, calls) if len(part)]
    return gpd.GeoDataFrame(pd.concat(kept) if kept else given, geometry="geometry", crs=before.crs)


def _with_point(
    demand: gpd.GeoDataFrame,
    event: CameraDown | Incident | Sos,
    now: datetime,
    *,
    taken: pd.Index,
) -> tuple[str, gpd.GeoDataFrame]:
    """Return a label and the points with one more, at the place of an event.

    Labels of points that are gone are `taken`: stops planned there are not for the new one.
    """
    name = _NAMES[type(event)]
    known = {*demand.index, *taken}
    label = next(
        label for number in range(1, len(known) + 2) if (label := f"{name}-{number}") not in known
    )
    thai, english = _REASONS[type(event)]
    told = {"name_th": event.name_th, "name_en": event.name_en}
    told |= {"reason_th": thai, "reason_en": english}
    row = told | _USUAL | {"dwell_s": float(event.dwell_s), "geometry": spot(event)}
    if isinstance(event, CameraDown):
        row["weight"] = float(event.weight)
    else:
        # Somebody who waits for help counts no less than any other point.
        row |= {AT_ONCE: True, "revisit_s": np.inf, "opens_at": pd.Timestamp(now)}
        row["weight"] = max(float(demand["weight"].max()), 1.0) if len(demand) else 1.0
    if isinstance(event, Incident):
        row |= {"needs_units": event.needs_units, "skill": event.skill}
    more = demand.reindex(pd.Index([*demand.index, label], dtype=object))
    for column, value in row.items():
        more.loc[label, column] = value
    return label, _complete(more)
