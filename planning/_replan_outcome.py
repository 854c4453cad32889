"""A night after events: its plan, what can no longer be kept, and who goes where wanted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd

from planning._patrol_rounds import Outing
from planning._replan_calls import Answer
from planning._replan_crews import Cut, breaks_taken
from planning._replan_demand import Wanted
from planning._replan_draft import Draft
from planning._replan_result import plan_again, spliced
from planning._replan_shifts import Shifts, units_after
from planning._replan_staff import Staff
from planning.patrol_plan import PatrolPlan, PatrolTour, Team

_ROUNDING_S = 1e-3
# In Thai and in English.
_LATE = ("กลับถึงจุดสิ้นสุดช้าไป {} นาที", "back at its end post {} min late")
_NO_BREAK = ("ไม่มีเวลาพักตามกำหนด", "has no time for its break")


@dataclass(frozen=True, eq=False)
class Rest:
    """A night planned again.

    Attributes
    ----------
    plan
        The whole night.
    demand
        Points worth a visit.
    broken
        What can no longer be kept.
    answered
        Who goes where somebody is wanted at once.
    """

    plan: PatrolPlan
    demand: gpd.GeoDataFrame
    broken: pd.DataFrame
    answered: pd.DataFrame


def outcome(
    draft: Draft,
    staff: Staff,
    wanted: Wanted,
    *,
    shifts: Shifts,
    answers: Sequence[Answer],
    old: PatrolPlan,
    cuts: Mapping[str, Cut],
) -> Rest:
    """Join what is done and what is to come, and tell what it is like.

    Parameters
    ----------
    draft
        The rest of the night, mended.
    staff
        Who is out.
    wanted
        Points worth a visit.
    shifts
        Who goes off duty, and who ends late.
    answers
        One a call.
    old
        Plan before the events.
    cuts
        Where the past of each unit ends.

    Returns
    -------
    rest
        The night, what of it is broken, and who goes where.
    """
    outings = draft.outings()
    board = replace(draft.board, night=replace(draft.board.night, segments=tuple(draft.segments)))
    before = {tour.unit.id: tour for tour in old.tours}
    provisional = list(units_after(staff.units, shifts, None))
    tours = spliced(
        board, outings, provisional, old=before, cuts=cuts, touched=_touched(draft, staff)
    )
    stops = [tour.stops for tour in tours]
    tours = [
        tour if tour.unit == unit else replace(tour, unit=unit)
        for tour, unit in zip(tours, units_after(staff.units, shifts, stops), strict=True)
    ]
    teams = [*staff.past, *_teams(draft, shifts)]
    plan = plan_again(board, wanted.demand, tours, teams, old)
    return Rest(
        plan=plan,
        demand=wanted.demand,
        broken=_broken(tours),
        answered=_answered(draft, outings, wanted, answers),
    )


def _touched(draft: Draft, staff: Staff) -> set[str]:
    """Return the units that have another tour, with all that move with any of them."""
    touched = {unit for crew in draft.touched for unit in draft.segments[crew].units}
    known: set[int] = set()
    while known != touched:
        known = set(touched)
        for segment in draft.segments:
            if known & set(segment.units):
                touched |= set(segment.units)
    return {staff.units[unit].id for unit in touched} | staff.lonely


def _teams(draft: Draft, shifts: Shifts) -> Iterator[Team]:
    """Give the teams of the rest of the night: some end sooner, some later, some elsewhere."""
    for number, crew in enumerate(draft.board.crews):
        segment, team = draft.segments[number], crew.team
        ends = [shifts.ends[unit] for unit in segment.units if unit in shifts.ends]
        if number in shifts.gone:
            if ends and ends[0].post is not None and team.starts_at < ends[0].at:
                yield replace(team, end=ends[0].post, ends_at=ends[0].at)
        else:
            origin, starts_at = draft.board.night.origin, team.starts_at
            if not crew.left and segment.earliest_s > draft.board.seconds(crew.ahead_at):
                # One of them is late from a call.
                starts_at = origin + timedelta(seconds=segment.earliest_s)
            ends_at = min(team.ends_at, origin + timedelta(seconds=segment.latest_s))
            yield replace(team, starts_at=starts_at, ends_at=max(starts_at, ends_at))


def _broken(tours: Sequence[PatrolTour]) -> pd.DataFrame:
    rows = []
    for tour in tours:
        late_s = (tour.ends_at - tour.unit.ends_at).total_seconds()
        if late_s > _ROUNDING_S:
            thai, english = (text.format(int(np.ceil(late_s / 60))) for text in _LATE)
            rows.append((tour.unit.id, "late", late_s, thai, english))
        taken = breaks_taken(tour.unit, tour.stops)
        rows += [
            (tour.unit.id, "break", pause.duration_s, *_NO_BREAK)
            for number, pause in enumerate(tour.unit.breaks)
            if number not in taken
        ]
    return pd.DataFrame(rows, columns=["unit", "code", "seconds", "text_th", "text_en"])


def _answered(
    draft: Draft,
    outings: Sequence[Outing],
    wanted: Wanted,
    answers: Sequence[Answer],
) -> pd.DataFrame:
    rows: list[tuple[object, str, datetime | None]] = []
    for label, answer in zip(wanted.calls, answers, strict=True):
        point = wanted.demand.index.get_loc(label)
        for crew in answer.crews:
            outing = outings[crew]
            begins_s = outing.times.begins_s[outing.points.index(point)]
            arrives_at = draft.board.night.origin + timedelta(seconds=begins_s)
            rows += [(label, unit, arrives_at) for unit in draft.board.crews[crew].team.units]
        if not answer.crews:
            rows.append((label, "", None))
    frame = pd.DataFrame(rows, columns=["point", "unit", "arrives_at"])
    return frame.assign(arrives_at=pd.to_datetime(frame["arrives_at"], utc=True))
