"""A night in parts: units that are out near each other, and the visits about them.

A night of a city is too large for one search, and units at opposite ends of it have nothing to
exchange. It is cut into parts that are searched one by one, then cut elsewhere and searched again
from the tours found so far, so that no border lasts (POPMUSIC: Taillard and Voss 2002, "Partial
optimization metaheuristic under special intensification conditions", Essays and Surveys in
Metaheuristics, 613-629). Each cut halves the units and gives either side as much of the work as its
units have of the time (recursive bisection: Berger and Bokhari 1987, "A partitioning strategy for
nonuniform problems on multiprocessors", IEEE Transactions on Computers C-36, 570-580).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import get_coordinates

from planning._patrol_problem import Night

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.intp]

# Visits that a night is searched with as a whole, and those of a part where it is not.
LARGEST_WHOLE = 1600
_USUAL_PART = 450
_NOBODY = -1


class Part(NamedTuple):
    """Some of the units that are out, and the visits offered to them.

    Attributes
    ----------
    segments
        Numbers of the night's segments, ascending.
    visits
        Rows of the visits, ascending.
    """

    segments: Numbers
    visits: Numbers


class _Plane(NamedTuple):
    """Where segments are out and visits lie, and how much time and work they are.

    `owner` is the segment that makes a visit already or alone may make it, else `_NOBODY`.
    """

    centre: Floats
    time_s: Floats
    place: Floats
    work_s: Floats
    owner: Numbers


def share_out(
    night: Night,
    visits: pd.DataFrame,
    tours: Sequence[Sequence[int]],
    *,
    may: Flags,
    rng: np.random.Generator,
) -> list[Part]:
    """Cut a night into parts that are small enough to be searched.

    Parameters
    ----------
    night
        Who is out, and what there is to stop for.
    visits
        Visits offered: point, earliest_s and latest_s.
    tours
        Rows of the visits that each segment makes already; these stay with it.
    may
        Whether each segment is offered each visit, shape (segments, visits).
    rng
        Source of the direction of the cuts.

    Returns
    -------
    parts
        Each segment and each visit in one of them; a single one for a night of few visits. A visit
        that nobody of a part could make is in one where somebody could, if there is any.
    """
    everybody, everything = np.arange(len(night.segments)), np.arange(len(visits))
    count = min(-(-len(visits) // _USUAL_PART), len(everybody))
    if len(visits) <= LARGEST_WHOLE or count <= 1:
        return [Part(everybody, everything)]
    could = _could(night, visits, may)
    angle = rng.uniform(0.0, np.pi / 2)
    plane = _plane(night, visits, tours, could)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    plane = plane._replace(centre=plane.centre @ turn, place=plane.place @ turn)
    parts = list(_cut(plane, Part(everybody, everything), count))
    part_of = np.empty(len(everything), dtype=np.intp)
    home = np.empty(len(everybody), dtype=np.intp)
    for number, part in enumerate(parts):
        part_of[part.visits], home[part.segments] = number, number
    for visit in _astray(parts, could).tolist():
        able = np.flatnonzero(could[:, visit])
        away = np.linalg.norm(plane.centre[able] - plane.place[visit], axis=1)
        part_of[visit] = home[able[np.argmin(away)]]
    return [
        Part(part.segments, np.flatnonzero(part_of == number)) for number, part in enumerate(parts)
    ]


def _could(night: Night, visits: pd.DataFrame, may: Flags) -> Flags:
    """Tell who could make each visit if it were the only one."""
    point = visits["point"].to_numpy(np.intp)
    opens, closes = (visits[name].to_numpy(np.float64) for name in ("earliest_s", "latest_s"))
    first, last = (times[:, point] for times in night.lone_stops)
    in_time: Flags = (first <= closes) & (np.maximum(first, opens) <= last)
    return in_time & may & night.may_stop[:, point]


def _plane(
    night: Night, visits: pd.DataFrame, tours: Sequence[Sequence[int]], could: Flags
) -> _Plane:
    xy = get_coordinates(night.ways.places.array)
    point = visits["point"].to_numpy(np.intp)
    place = xy[len(night.units) + point]
    own = night.points["segment"].to_numpy(np.intp)[point]
    owner = np.where(own >= 0, own, _NOBODY)
    starts = xy[[segment.start for segment in night.segments]]
    centre = starts.copy()
    for number, tour in enumerate(tours):
        owner[list(tour)] = number
        if tour:
            centre[number] = place[list(tour)].mean(axis=0)
    time_s = [segment.latest_s - segment.earliest_s for segment in night.segments]
    dwell_s = night.points["dwell_s"].to_numpy(np.float64)[point]
    return _Plane(centre, np.array(time_s), place, dwell_s * could.any(axis=0), owner)


def _cut(plane: _Plane, part: Part, count: int) -> Iterator[Part]:
    """Cut a part into so many, across its longer side."""
    if count == 1:
        yield part
        return
    segments, visits = part
    side = int(np.argmax(np.ptp(plane.centre[segments], axis=0)))
    near = count // 2
    order = segments[np.argsort(plane.centre[segments, side], kind="stable")]
    members = round(len(order) * near / count)
    first, second = np.sort(order[:members]), np.sort(order[members:])
    share = plane.time_s[first].sum() / plane.time_s[segments].sum()
    by_place = visits[np.argsort(plane.place[visits, side], kind="stable")]
    done = np.cumsum(plane.work_s[by_place])
    before = np.zeros(len(plane.place), dtype=np.bool_)
    before[by_place[done <= share * done[-1]] if len(done) else by_place] = True
    owner = plane.owner[visits]
    inside = np.where(owner == _NOBODY, before[visits], np.isin(owner, first))
    yield from _cut(plane, Part(first, visits[inside]), near)
    yield from _cut(plane, Part(second, visits[~inside]), count - near)


def _astray(parts: Sequence[Part], could: Flags) -> Numbers:
    """Return the visits that somebody could make, but nobody of their part."""
    stays = np.zeros(could.shape[1], dtype=np.bool_)
    for part in parts:
        stays[part.visits] = could[np.ix_(part.segments, part.visits)].any(axis=0)
    return np.flatnonzero(could.any(axis=0) & ~stays)
