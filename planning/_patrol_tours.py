"""The tours of units from the outings of those who move together."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from shapely import LineString, get_coordinates

from planning._patrol_points import ANYBODY, AT_POST
from planning._patrol_problem import Night
from planning._patrol_rounds import Outing
from planning.patrol_plan import Leg, PatrolStop, PatrolTour
from planning.units import Unit

# Why a unit visits nothing, in Thai and in English: by whether it leaves its post, and whether
# there is a visit that it could make.
_WHY_NO_VISIT = {
    (False, False): (
        "อยู่ประจำจุด: เวลาไม่พอไปถึงจุดใดและกลับ",
        "Stays at its post: no time to reach any stop and be back",
    ),
    (False, True): (
        "อยู่ประจำจุดเป็นกำลังสำรอง: หน่วยอื่นดูแลทุกจุดแล้ว",
        "Stays at its post in reserve: the other units do what can be done",
    ),
    (True, False): (
        "ไม่แวะจุดใด: เวลาไม่พอแวะระหว่างทางของหน่วย",
        "Makes no visit: no time for any besides its own way",
    ),
    (True, True): (
        "ไม่แวะจุดใด เป็นกำลังสำรอง: หน่วยอื่นดูแลทุกจุดแล้ว",
        "Makes no visit, in reserve: the other units do what can be done",
    ),
}
_BREAK = ("พัก", "Break")
_BREAK_REASON = ("พักระหว่างปฏิบัติหน้าที่", "rest within the shift")
_MEETING = ("พบ {}", "Meeting {}")
_MEETING_REASON = ("ออกตรวจด้วยกันตามกติกา", "going on together by the rules")
# Stops of one appointment begin within this.
_TOGETHER_S = 1e-3


# Numbers of the units at a visit, by its point and when it begins.
Company = dict[tuple[int, int], tuple[int, ...]]


class _Part(NamedTuple):
    """What one segment brings to the tour of each of its units."""

    begins_s: float
    ends_s: float
    legs: list[Leg]
    stops: list[tuple[int, float, float]]


def patrol_tours(night: Night, outings: Sequence[Outing]) -> tuple[PatrolTour, ...]:
    """Return what each unit does.

    Parameters
    ----------
    night
        Who is out, what there is to stop for, and the ways between.
    outings
        One a segment.

    Returns
    -------
    tours
        One a unit, in their order.
    """
    parts = [_part(night, number, outing) for number, outing in enumerate(outings)]
    company = _company(night, outings)
    of_unit: list[list[int]] = [[] for _ in night.units]
    for number, segment in enumerate(night.segments):
        for unit in segment.units:
            of_unit[unit].append(number)
    return tuple(
        _tour(
            night, unit, sorted(own, key=lambda one: night.segments[one].earliest_s), parts, company
        )
        for unit, own in enumerate(of_unit)
    )


def _part(night: Night, number: int, outing: Outing) -> _Part:
    """Walk an outing from its start over its stops to its end."""
    segment = night.segments[number]
    travel = night.travel_s[night.pace(segment)]
    leader = night.units[segment.units[0]]
    rows = [segment.start, *(len(night.units) + point for point in outing.points), segment.end]
    dwell_s = night.points["dwell_s"].to_numpy(np.float64)
    stops = [
        (point, begins_s, begins_s + float(dwell_s[point]))
        for point, begins_s in zip(outing.points, outing.times.begins_s, strict=True)
    ]
    leaving_s = [outing.times.leaves_s, *(ends_s for *_, ends_s in stops)]
    needed_s = travel[rows[:-1], rows[1:]].tolist()
    legs = [
        Leg(
            leaves_at=_at(night, leaves_s),
            arrives_at=_at(night, leaves_s + takes_s),
            line=line,
        )
        for line, leaves_s, takes_s in zip(
            night.ways.legs(leader, rows), leaving_s, needed_s, strict=True
        )
        if takes_s > 0
    ]
    return _Part(outing.times.leaves_s, outing.times.returns_s, legs, stops)


def _tour(
    night: Night, number: int, own: list[int], parts: list[_Part], company: Company
) -> PatrolTour:
    unit = night.units[number]
    stops = [stop for one in own for stop in _stops(night, number, one, parts[one], company)]
    stops = sorted([*stops, *_breaks_at_post(night, number, own)], key=lambda stop: stop.arrives_at)
    legs = tuple(leg for one in own for leg in parts[one].legs)
    busy = [one for one in own if parts[one].legs or parts[one].stops]
    begins = [_at(night, parts[one].begins_s) for one in busy]
    ends = [_at(night, parts[one].ends_s) for one in busy]
    begins += [stop.arrives_at for stop in stops[:1]]
    ends += [stop.leaves_at for stop in stops[-1:]]
    notes = [stay[3:] for stay in night.stays if stay.unit == number]
    if not any(stop.kind == "visit" for stop in stops) and own:
        notes.append(_WHY_NO_VISIT[bool(legs), _could_visit(night, own)])
    return PatrolTour(
        unit=unit,
        stops=tuple(stops),
        legs=legs,
        starts_at=min(begins, default=unit.starts_at),
        ends_at=max(ends, default=unit.starts_at),
        route=route_of(unit, legs) if busy or stops else None,
        note_th="; ".join(thai for thai, _ in notes),
        note_en="; ".join(english for _, english in notes),
    )


def _stops(
    night: Night, unit: int, number: int, part: _Part, company: Company
) -> Iterator[PatrolStop]:
    segment = night.segments[number]
    team = [night.units[one] for one in segment.units if one != unit]
    if team and part.stops:
        yield _meeting(night, number, part, team)
    for point, begins_s, ends_s in part.stops:
        there = company.get((point, round(begins_s / _TOGETHER_S)), segment.units)
        yield PatrolStop(
            **_told(night, point),
            arrives_at=_at(night, begins_s),
            leaves_at=_at(night, ends_s),
            with_units=tuple(night.units[one].id for one in there if one != unit),
        )


def _breaks_at_post(night: Night, unit: int, own: Sequence[int]) -> Iterator[PatrolStop]:
    """Give the breaks that a unit takes while it stays at its post, or at its end post for good."""
    owner = [number for number, one in enumerate(night.units) for _ in one.breaks]
    opens_s, dwell_s = (night.points[name].to_numpy(np.float64) for name in ("opens_s", "dwell_s"))
    for point in np.flatnonzero(night.points["segment"] == AT_POST).tolist():
        if owner[point - len(night.demand)] == unit:
            before = [one for one in own if night.segments[one].latest_s <= opens_s[point]]
            gone = bool(before) and night.segments[before[-1]].end != unit
            place = night.units[unit].end_post if gone else None
            yield PatrolStop(
                **_told(night, point) | ({"geometry": place} if place else {}),
                arrives_at=_at(night, opens_s[point]),
                leaves_at=_at(night, opens_s[point] + dwell_s[point]),
            )


def _company(night: Night, outings: Sequence[Outing]) -> Company:
    """Tell who comes to each visit that needs several units."""
    needs = night.points["needs_units"].to_numpy(np.intp)
    company: Company = {}
    for segment, outing in zip(night.segments, outings, strict=True):
        for point, begins_s in zip(outing.points, outing.times.begins_s, strict=True):
            if needs[point] > 1:
                met = point, round(begins_s / _TOGETHER_S)
                company[met] = (*company.get(met, ()), *segment.units)
    return company


def _meeting(night: Night, number: int, part: _Part, team: list[Unit]) -> PatrolStop:
    segment = night.segments[number]
    names = [", ".join(getattr(one, name) for one in team) for name in ("name_th", "name_en")]
    return PatrolStop(
        point=None,
        name_th=_MEETING[0].format(names[0]),
        name_en=_MEETING[1].format(names[1]),
        reason_th=_MEETING_REASON[0],
        reason_en=_MEETING_REASON[1],
        arrives_at=_at(night, segment.earliest_s),
        leaves_at=_at(night, part.begins_s),
        geometry=night.ways.places.iloc[segment.start],
        kind="meeting",
        with_units=tuple(one.id for one in team),
    )


def _told(night: Night, point: int) -> dict[str, Any]:
    """Return what a stop says of its place."""
    if night.points["segment"].iloc[point] == ANYBODY:
        row = night.demand.iloc[point]
        names = ("name_th", "name_en", "reason_th", "reason_en")
        return {
            "point": night.demand.index[point],
            **{name: row[name] for name in names},
            "geometry": night.demand.geometry.iloc[point],
        }
    places = [pause.at or unit.post for unit in night.units for pause in unit.breaks]
    return {
        "point": None,
        "name_th": _BREAK[0],
        "name_en": _BREAK[1],
        "reason_th": _BREAK_REASON[0],
        "reason_en": _BREAK_REASON[1],
        "geometry": places[point - len(night.demand)],
        "kind": "break",
    }


def _could_visit(night: Night, own: Sequence[int]) -> bool:
    """Tell whether there is a visit that a unit could make and be back within its shift."""
    first, last = (times[own] for times in night.lone_stops)
    opens, closes = (night.points[name].to_numpy() for name in ("opens_s", "closes_s"))
    wanted = (night.points["segment"] == ANYBODY) & (night.points["weight"] > 0)
    fits = np.maximum(first, opens) <= np.minimum(last, closes)
    return bool((fits & night.may_stop[own] & wanted.to_numpy()).any())


def route_of(unit: Unit, legs: Sequence[Leg]) -> LineString:
    """Return the legs as one line; two equal points for who stops where it is.

    Parameters
    ----------
    unit
        Who moves.
    legs
        Its movements in order.

    Returns
    -------
    route
        Its whole way.
    """
    if not legs:
        return LineString([unit.post, unit.post])
    xy = np.vstack([get_coordinates(leg.line) for leg in legs])
    moves = np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1))
    return LineString(xy[moves])


def _at(night: Night, seconds: float) -> datetime:
    return night.origin + timedelta(seconds=seconds)
