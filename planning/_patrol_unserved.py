"""Points of demand that nobody visits, and why."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planning._patrol_problem import Night
from planning._patrol_rounds import Outing

# By code: in Thai and in English.
_REASONS = {
    "no_skill": (
        "ไม่มีหน่วยที่ออกตรวจและมีทักษะที่ต้องการ",
        "no unit that goes out has the skill it asks for",
    ),
    "unreachable": (
        "ไม่มีหน่วยใดไปถึงและกลับได้ตามถนน",
        "no unit can reach it and be back by the streets",
    ),
    "outside_shifts": (
        "ช่วงเวลาอยู่นอกเวลาที่หน่วยออกตรวจ",
        "its hours lie outside those in which units go out",
    ),
    "too_late": (
        "ไม่มีหน่วยใดไปทันช่วงเวลานั้นและกลับทันเวลาเวร",
        "no unit could come in its hours and be back within its shift",
    ),
    "too_few_units": ("หน่วยที่ไปพร้อมกันได้ไม่พอ", "too few units could come at one time"),
    "no_time": ("เวลาของหน่วยไม่พอ", "the units have no time left for it"),
}


def unserved_points(night: Night, outings: Sequence[Outing]) -> pd.DataFrame:
    """Return the points of demand that nobody visits.

    Parameters
    ----------
    night
        Who is out, and what there is to stop for.
    outings
        One a segment.

    Returns
    -------
    unserved
        Labelled as in the demand: name_th, name_en, weight, code, reason_th, reason_en.
    """
    seen = {point for outing in outings for point in outing.points}
    unseen = [point for point in range(len(night.demand)) if point not in seen]
    codes = [_code(night, point) for point in unseen]
    frame = pd.DataFrame(night.demand[["name_th", "name_en", "weight"]].iloc[unseen])
    return frame.assign(
        code=codes,
        reason_th=[_REASONS[code][0] for code in codes],
        reason_en=[_REASONS[code][1] for code in codes],
    )


def _code(night: Night, point: int) -> str:
    """Name the first thing that keeps everybody away: each leaves fewer who could come."""
    wanted = night.points.iloc[point]
    first, last = (times[:, point] for times in night.lone_stops)
    crews = np.array([len(segment.units) for segment in night.segments], dtype=np.intp)
    early = np.array([segment.earliest_s for segment in night.segments])
    late = np.array([segment.latest_s for segment in night.segments])
    able = night.may_stop[:, point].copy()
    if not able.any():
        return "no_skill"
    able &= np.isfinite(first) & np.isfinite(last)
    if not able.any():
        return "unreachable"
    able &= np.maximum(early, wanted["opens_s"]) <= np.minimum(late, wanted["closes_s"])
    if not able.any():
        return "outside_shifts"
    able &= np.maximum(first, wanted["opens_s"]) <= np.minimum(last, wanted["closes_s"])
    if not able.any():
        return "too_late"
    return "no_time" if crews[able].sum() >= wanted["needs_units"] else "too_few_units"
