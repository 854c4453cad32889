"""The plan as a JSON document for other programs: the same plan gives the same bytes."""

import json
import math
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from api.bilingual import rows
from api.plan.result import PlanResult
from api.plan_files import PLAN_FORMAT
from api.result_documents import document_head

_DEGREE_DECIMALS: Final = 7
_WHERE: Final = ("name_th", "name_en", "near_th", "near_en")
_LISTED: Final = {
    "blind_spots": ("rank", "street", *_WHERE, "length_m"),
    "hotspots": ("rank", *_WHERE, "length_m", "incidents", "share"),
    "beats": (
        *("beat", "name_th", "name_en", "between_th", "between_en", "streets_th", "streets_en"),
        *("length_m", "length_share", "risk_share", "load_share", "units"),
    ),
    "camera_sites": (
        *("rank", "name_th", "name_en", "lon", "lat"),
        *("azimuth_deg", "fov_deg", "range_m", "gain_m"),
    ),
}
_DEMAND: Final = (
    *("kind", "of", "name_th", "name_en", "lon", "lat", "weight", "dwell_s"),
    *("from_at", "until_at", "opens_at", "closes_at", "needs_units", "skill", "revisit_s"),
    *("requested_by", "offered", "reason_th", "reason_en"),
)
_TOUR: Final = ("unit", "name_th", "name_en", "starts_at", "ends_at", "length_m")
_STOP: Final = (
    *("order", "kind", "place", "name_th", "name_en", "lon", "lat"),
    *("arrives_at", "leaves_at", "with_units", "beat", "purpose", "reason_th", "reason_en"),
)


def plan_document(plan: PlanResult) -> dict[str, Any]:
    """Describe a plan by plain values.

    Parameters
    ----------
    plan
        Plan to describe.

    Returns
    -------
    dict
        Strings, numbers, lists and objects only. Lengths in metres, shares in [0, 1], positions in
        EPSG:4326, instants in UTC as ISO 8601, dates on the zone's calendar. `inputs` holds the
        SHA-256 of every file read; `synthetic` names the layers that hold generated data or were
        computed from it. In `demand`, hours are null where a place is wanted all night, and
        `revisit_s` where it is wanted once.
    """
    figures = plan.figures
    return {
        **document_head(plan, PLAN_FORMAT, parameters=asdict(plan.params), tonight=plan.tonight),
        "synthetic": synthetic_layers(plan),
        "cameras_inside_buildings": list(plan.cameras_inside),
        "figures": {
            name: _plain(value)
            for name, value in {
                **asdict(figures),
                "blind_share": figures.blind_share,
                "sites_gap": figures.sites_gap,
            }.items()
        },
        **{name: _records(plan.layers[name], columns) for name, columns in _LISTED.items()},
        "demand": _records(_told_spans(plan), _DEMAND),
        "demand_weights": _plain_records(plan.demand_weights),
        "tours": _tours(plan),
        "unserved": _plain_records(plan.unserved),
    }


def write_document(plan: PlanResult) -> str:
    """Write a plan as JSON.

    Parameters
    ----------
    plan
        Plan to write.

    Returns
    -------
    str
        The document, indented, ending in a line break.
    """
    text = json.dumps(plan_document(plan), ensure_ascii=False, allow_nan=False, indent=1)
    return text + "\n"


def synthetic_layers(plan: PlanResult) -> list[str]:
    """Name the layers that hold generated data.

    Parameters
    ----------
    plan
        Plan to look through.

    Returns
    -------
    list of str
        Names in alphabetical order.
    """
    return sorted(
        name
        for name, frame in plan.layers.items()
        if "synthetic" in frame and bool(frame["synthetic"].any())
    )


def _tours(plan: PlanResult) -> list[dict[str, Any]]:
    stops = plan.layers["patrol_stops"]
    return [
        {**tour, "stops": [_stop(one) for one in _records(stops[stops["unit"] == unit], _STOP)]}
        for tour in _records(plan.layers["patrol_tours"], _TOUR)
        for unit in [tour["unit"]]
    ]


def _stop(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "with_units": [name for name in record["with_units"].split(", ") if name]}


def _told_spans(plan: PlanResult) -> GeoDataFrame:
    """Give the demand with the time after which each place is wanted again; none for once."""
    spans = plan.demand["revisit_s"].fillna(plan.params.patrol.revisit_s)
    return plan.demand.assign(revisit_s=spans.where(np.isfinite(spans)))


def _plain_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _records(frame: GeoDataFrame, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    if "lon" in columns:
        points = frame.geometry.to_crs(4326)
        frame = frame.assign(
            lon=points.x.round(_DEGREE_DECIMALS), lat=points.y.round(_DEGREE_DECIMALS)
        )
    return [{name: _plain(row[name], name) for name in columns} for row in rows(frame)]


def _plain(value: Any, name: str = "") -> str | int | float | None:  # noqa: ANN401  # a cell
    if value is None or value is pd.NaT or (name == "revisit_s" and math.isnan(value)):
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, float):
        return value if name in {"lon", "lat"} else round(value, 4)
    if isinstance(value, str | int):
        return value
    return int(value)
