"""The rest of a night as it was planned, before it is mended."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import geopandas as gpd
import numpy as np

from planning._replan_board import UNCHANGED_S, Board, Visit
from planning._replan_crews import Crew
from planning._replan_draft import Draft, Mended
from planning._replan_windows import Made
from planning.patrol_plan import PatrolStop

Coming = Mapping[tuple[int, float], Sequence[int]]

AT_ONCE = "at_once"
"""Column of the demand that tells the points at which somebody is wanted at once."""


def visits_made(board: Board, demand: gpd.GeoDataFrame, stops: Sequence[PatrolStop]) -> Made:
    """Return when the visits made of each point began.

    Parameters
    ----------
    board
        The clock.
    demand
        Points of demand.
    stops
        What all units have done.

    Returns
    -------
    made
        Seconds by the row of the point.
    """
    row = {label: number for number, label in enumerate(demand.index)}
    made: dict[int, list[float]] = defaultdict(list)
    for stop in stops:
        if stop.kind == "visit":
            made[row[stop.point]].append(board.seconds(stop.arrives_at))
    return made


def as_planned(board: Board, demand: gpd.GeoDataFrame) -> tuple[Draft, list[int]]:
    """Return the rest of a night as it was planned.

    Parameters
    ----------
    board
        Crews with their stops.
    demand
        Points of demand as they are now.

    Returns
    -------
    draft
        Each stop with the window in which it counts as unchanged.
    homeless
        Stops, by their numbers, whose points have other hours or ask for other skills, for more or
        fewer units or for more time now. Those of points that are gone are in no list.
    """
    row = {label: number for number, label in enumerate(demand.index)}
    coming = _coming(board, row)
    visits: list[Visit] = []
    tours: list[list[int]] = [[] for _ in board.crews]
    homeless: list[int] = []
    for visit, fits in _visits_planned(board, demand, row, coming):
        (tours[visit.crew] if fits else homeless).append(len(visits))
        visits.append(visit._replace(latest_s=max(visit.latest_s, visit.earliest_s)))
    segments = [board.segment(number) for number in range(len(board.crews))]
    draft = Draft(board, visits, tours, segments)
    for lost in (visits[number] for number in homeless):
        # Whoever was to come there too meets nobody now.
        draft.touched |= {lost.crew, *coming.get((lost.point, lost.planned_s), ())}
    draft.touched |= {
        number
        for number, crew in enumerate(board.crews)
        if any(stop.kind == "visit" and stop.point not in row for stop in crew.stops)
    }
    return draft, [*homeless, *_put_off(draft, row)]


def _coming(board: Board, row: Mapping[object, int]) -> Coming:
    """Return the crews that were to come to each point at each moment."""
    coming: dict[tuple[int, float], list[int]] = defaultdict(list)
    for number, crew in enumerate(board.crews):
        for stop in crew.stops:
            if stop.kind == "visit" and stop.point in row:
                coming[row[stop.point], board.seconds(stop.arrives_at)].append(number)
    return coming


def _visits_planned(
    board: Board, demand: gpd.GeoDataFrame, row: Mapping[object, int], coming: Coming
) -> Iterator[tuple[Visit, bool]]:
    """Yield the stops ahead, crew by crew, and whether each may still be made as it was planned."""
    rests, at_once = _rests(board), demand[AT_ONCE].to_numpy(np.bool_)
    begins: dict[int, list[float]] = defaultdict(list)
    for wanted, planned_s in sorted(coming):
        begins[wanted].append(planned_s)
    for number, crew in enumerate(board.crews):
        for stop in crew.stops:
            point = rests.get(id(stop)) if stop.kind == "break" else row.get(stop.point)
            if point is None:
                continue
            others = coming.get((point, board.seconds(stop.arrives_at)), ())
            visit = _as_planned(board, number, stop, point, begins[point], crews=len(others))
            if point < len(at_once) and at_once[point]:
                visit = _call(visit)
            fits = visit.earliest_s <= visit.latest_s and bool(board.night.may_stop[number, point])
            if stop.kind == "visit":
                fits &= _still_right(board, number, point, others)
            yield visit, fits


def _still_right(board: Board, crew: int, point: int, coming: Sequence[int]) -> bool:
    """Tell whether as many units come as a point asks for now, and no crew more."""
    needs = int(board.night.points["needs_units"].iloc[point])
    if sum(len(board.crews[one].team.units) for one in coming) < needs:
        return False
    return needs > 1 or crew == coming[0]


def _put_off(draft: Draft, row: Mapping[object, int]) -> list[int]:
    """Mend the tours with stops that begin later or take another time now.

    Returns the stops given up.
    """
    homeless = []
    dwell_s = draft.board.night.points["dwell_s"].to_numpy(np.float64)
    for number, crew in enumerate(draft.board.crews):
        tour, segment = draft.tours[number], draft.segments[number]
        visits = [draft.visits[one] for one in tour]
        later = any(visit.earliest_s > visit.planned_s + 1e-3 for visit in visits)
        other = any(
            abs((stop.leaves_at - stop.arrives_at).total_seconds() - dwell_s[row[stop.point]]) > 1.0
            for stop in crew.stops
            if stop.kind == "visit" and stop.point in row
        )
        if later or other:
            must = [one for one in tour if draft.visits[one].must]
            mended = draft.mend(number, tour, must, [segment])
            homeless += draft.take(number, mended or Mended(segment, []))
    return homeless


def _as_planned(
    board: Board, crew: int, stop: PatrolStop, point: int, begins: Sequence[float], *, crews: int
) -> Visit:
    """Return a stop as a visit that begins when it was planned to, or a little later."""
    own = board.night.points.iloc[point]
    planned_s = board.seconds(stop.arrives_at)
    latest_s = min(planned_s + UNCHANGED_S, float(own["closes_s"]))
    if stop.kind == "break":
        return Visit(point, planned_s, float(own["closes_s"]), 0.0, True, crew, planned_s)
    later = bisect_right(begins, planned_s + 1e-3)
    if later < len(begins):
        latest_s = min(latest_s, begins[later] - board.night.params.least_gap_s)
    if own["needs_units"] > 1 and crews > 1:
        # Even who could do without the others is to meet them.
        latest_s = min(latest_s, planned_s)
    # What the times in microseconds leave of a gap may be a little too short.
    latest_s = max(latest_s, planned_s) if latest_s > planned_s - 1e-3 else latest_s
    earliest_s = max(planned_s, float(own["opens_s"]))
    return Visit(point, earliest_s, latest_s, float(own["weight"]), False, crew, planned_s)


def _call(visit: Visit) -> Visit:
    """Return a call that is to be answered: nothing takes its place or goes before it."""
    return visit._replace(must=True, earliest_s=visit.planned_s, latest_s=visit.planned_s)


def _rests(board: Board) -> Mapping[int, int]:
    """Find the point of the night that each break planned is, by the stop's identity."""
    points = board.night.points
    found: dict[int, int] = {}
    for number, crew in enumerate(board.crews):
        for stop in _breaks(crew):
            begins_s = board.seconds(stop.arrives_at)
            lasts_s = (stop.leaves_at - stop.arrives_at).total_seconds()
            for row in range(board.first_break, len(points)):
                point = points.iloc[row]
                within = point["opens_s"] - 0.01 <= begins_s <= point["closes_s"] + 0.01
                own = point["segment"] == number and abs(point["dwell_s"] - lasts_s) < 1.0
                if within and own and row not in found.values():
                    found[id(stop)] = row
                    break
    return found


def _breaks(crew: Crew) -> Iterator[PatrolStop]:
    return (stop for stop in crew.stops if stop.kind == "break")
