"""Tours as compiled code keeps them: what each part of a tour takes, and whether a stop fits in.

A part of a tour, from its start or to its end, is summed up by three numbers: how long it takes at
least, and between which times it may begin for that. Parts are joined by them in a few operations
(Vidal, Crainic, Gendreau and Prins 2013, Computers and Operations Research 40, 475-489), so that
windows, shift and longest duration are exact at each trial: waiting counts, and leaving later may
save it. A tour that is not feasible is never kept.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from planning.tour_problem import TourProblem

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

# What sums of seconds may be off by: less than what schedules allow, which are the last word.
_ROUNDING_S = 5e-7
# Neighbours that are known of each stop, and what waiting counts beside travelling.
_NEIGHBOURS, _WAITING = 100, 0.2
# Ways over another stop that are compared with the direct one; of more, a part.
_CHECKED = 10**8


class Case(NamedTuple):
    """A tour problem, as compiled code reads it.

    Attributes
    ----------
    travel
        Travel times, shape (profiles, n, n).
    into
        The same, by where they lead to first.
    worth
        What each location counts; 0 where no tour stops.
    service
        Time spent at each location.
    opens
        Time before which service does not begin, from the first that any vehicle leaves.
    closes
        Time after which it does not begin.
    ends
        Start, end and profile of each vehicle, shape (vehicles, 3).
    shifts
        When each vehicle may leave, must be back, and how long it may be away, (vehicles, 3).
    allowed
        Whether each vehicle may visit each location.
    stops
        Locations that some tour may visit.
    near
        Stops by how near they are to each, -1 where there are no more; of stops only.
    winding
        Whether some way is shorter over another stop: then some stops fit in together only.
    """

    travel: Floats
    into: Floats
    worth: Floats
    service: Floats
    opens: Floats
    closes: Floats
    ends: Integers
    shifts: Floats
    allowed: Flags
    stops: Integers
    near: Integers
    winding: bool


class Tours(NamedTuple):
    """Tours that are changed in place.

    Attributes
    ----------
    path
        Start, stops and end of each vehicle, shape (vehicles, places).
    size
        Number of stops of each.
    head
        Of the part up to each place: shortest duration, first and last beginning; and the leg that
        leads to the place.
    tail
        Of the part from each place on: shortest duration, first and last beginning.
    owner
        Vehicle that visits each location, -1 for none.
    sums
        Worth collected and duration of each tour.
    """

    path: Integers
    size: Integers
    head: Floats
    tail: Floats
    owner: Integers
    sums: Floats


def case_of(problem: TourProblem, stops: list[int]) -> Case:
    """Write a problem down for compiled code.

    Parameters
    ----------
    problem
        Locations, prizes and vehicles.
    stops
        Locations worth visiting, at least one.

    Returns
    -------
    case
        The same, as arrays.
    """
    fleet, at = problem.vehicles, np.array(stops, dtype=np.int64)
    travel = np.ascontiguousarray(problem.travel_s)
    origin_s = min(vehicle.earliest_s for vehicle in fleet)
    worth = np.zeros(len(problem.prize))
    worth[at] = problem.worth[at]
    turned = travel.transpose(0, 2, 1)
    case = Case(
        travel=travel,
        into=travel if np.array_equal(travel, turned) else np.ascontiguousarray(turned),
        worth=worth,
        service=problem.service_s,
        # Nothing is begun earlier than that, and infinities do not add up.
        opens=np.maximum(problem.earliest_s - origin_s, 0.0),
        closes=problem.latest_s - origin_s,
        ends=np.array([(v.start, v.end, v.profile) for v in fleet], dtype=np.int64),
        shifts=np.array(
            [(v.earliest_s - origin_s, v.latest_s - origin_s, v.max_duration_s) for v in fleet],
            dtype=np.float64,
        ),
        allowed=problem.may_visit,
        stops=at,
        near=np.full((len(worth), min(_NEIGHBOURS, len(stops))), -1, dtype=np.int64),
        winding=_is_winding(problem, at),
    )
    case.near[at, : len(stops) - 1] = _neighbours(case)
    # One type for all: compiled code tells arrays that can be written from others.
    for values in case[:-1]:
        values.setflags(write=False)
    return case


def _is_winding(problem: TourProblem, stops: Integers) -> bool:
    """Tell whether a leg from some stops is longer than over another, its service included."""
    heads = np.append(stops, sorted({vehicle.start for vehicle in problem.vehicles}))
    heads = heads[:: len(heads) * len(stops) ** 2 // _CHECKED + 1]
    for travel in problem.travel_s:
        between = problem.service_s[stops][:, None] + travel[np.ix_(stops, stops)]
        for head in heads:
            direct = travel[head, stops]
            if ((direct[:, None] + between).min(axis=0) < direct - _ROUNDING_S).any():
                return True
    return False


def _neighbours(case: Case) -> Integers:
    """Return the nearest other stops of each by time from the one to the other, with waiting."""
    stops, count = case.stops, min(case.near.shape[1], len(case.stops) - 1)
    apart = case.travel.min(axis=0)[np.ix_(stops, stops)]
    first, last = case.opens[stops] + case.service[stops], case.closes[stops] + case.service[stops]
    closes = np.minimum(case.closes[stops], np.finfo(np.float64).max)
    waits = np.maximum(case.opens[stops] - apart - last[:, None], 0.0)
    late = np.maximum(first[:, None] + apart - closes, 0.0)
    apart = apart + _WAITING * waits + late
    apart = np.minimum(apart, apart.T)
    np.fill_diagonal(apart, np.inf)
    if not count:
        return np.empty((len(stops), 0), dtype=np.int64)
    nearest = np.argpartition(apart, count - 1, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(apart, nearest, axis=1), axis=1, kind="stable")
    return stops[np.take_along_axis(nearest, order, axis=1)]


def idle_tours(case: Case) -> Tours:
    """Return tours without stops.

    Parameters
    ----------
    case
        The problem.

    Returns
    -------
    tours
        With room for every stop that the longest of them may have.
    """
    vehicles, places = len(case.ends), _most_stops(case) + 3
    tours = Tours(
        path=np.zeros((vehicles, places), dtype=np.int64),
        size=np.zeros(vehicles, dtype=np.int64),
        head=np.zeros((vehicles, places, 4)),
        tail=np.zeros((vehicles, places, 3)),
        owner=np.full(len(case.worth), -1, dtype=np.int64),
        sums=np.zeros((vehicles, 2)),
    )
    for vehicle in range(vehicles):
        tours.path[vehicle, :2] = case.ends[vehicle, :2]
        renew(case, tours, vehicle)
    return tours


def _most_stops(case: Case) -> int:
    """Return a bound on the stops of one tour: the briefest of them, each by its shortest leg."""
    away = float(np.minimum(case.shifts[:, 2], case.shifts[:, 1] - case.shifts[:, 0]).max())
    legs = case.travel[np.unique(case.ends[:, 2])].min(axis=0)[:, case.stops]
    legs[case.stops, np.arange(len(case.stops))] = np.inf
    takes = np.sort(legs.min(axis=0) + case.service[case.stops])
    return int((np.cumsum(takes) <= away + 1.0).sum())


def write_tours(case: Case, tours: Tours, given: list[list[int]]) -> None:
    """Take over feasible tours.

    Parameters
    ----------
    case
        The problem.
    tours
        Tours without stops; they are changed.
    given
        Stops of each vehicle.
    """
    for vehicle, stops in enumerate(given):
        path = [int(case.ends[vehicle, 0]), *stops, int(case.ends[vehicle, 1])]
        if len(path) > tours.path.shape[1]:
            continue
        tours.path[vehicle, : len(path)] = path
        tours.size[vehicle] = len(stops)
        if renew(case, tours, vehicle):
            tours.owner[stops] = vehicle
            continue
        # Off by rounding alone: the search does without.
        tours.path[vehicle, 1] = case.ends[vehicle, 1]
        tours.size[vehicle] = 0
        renew(case, tours, vehicle)


def read_tours(tours: Tours) -> list[list[int]]:
    """Return the stops of each vehicle.

    Parameters
    ----------
    tours
        Tours of all vehicles.

    Returns
    -------
    stops
        Lists of locations in order.
    """
    return [path[1 : size + 1].tolist() for path, size in zip(tours.path, tours.size, strict=True)]


@njit(cache=True)
def joins(
    head: tuple[float, float, float],
    tail: tuple[float, float, float],
    legs: tuple[float, float],
    window: tuple[float, float, float],
    longest: float,
) -> bool:
    """Tell whether a stop makes a feasible tour of the part before and the part after it.

    `window` is when its service begins at the earliest and at the latest, and how long it takes.
    """
    lasts = head[0] + legs[0]
    if not head[1] + lasts <= window[1] + _ROUNDING_S:
        return False
    waits = max(window[0] - lasts - head[2], 0.0)
    first = max(window[0] - lasts, head[1]) - waits
    last = max(min(window[1] - lasts, head[2]), first)
    lasts += window[2] + waits + legs[1]
    if not first + lasts <= tail[2] + _ROUNDING_S:
        return False
    return bool(lasts + tail[0] + max(tail[1] - lasts - last, 0.0) <= longest + _ROUNDING_S)


@njit(cache=True)
def renew(case: Case, tours: Tours, vehicle: int) -> bool:
    """Sum up all parts of a tour anew; tell whether it is feasible."""
    path, size = tours.path[vehicle], tours.size[vehicle]
    head, tail = tours.head[vehicle], tours.tail[vehicle]
    travel = case.travel[case.ends[vehicle, 2]]
    leaves, back = case.shifts[vehicle, 0], case.shifts[vehicle, 1]
    head[0, 0], head[0, 1], head[0, 2] = 0.0, leaves, back
    lasts, first, last, worth = 0.0, leaves, back, 0.0
    for at in range(1, size + 1):
        stop = path[at]
        leg = travel[path[at - 1], stop]
        lasts += leg
        if not first + lasts <= case.closes[stop] + _ROUNDING_S:
            return False
        waits = max(case.opens[stop] - lasts - last, 0.0)
        first = max(case.opens[stop] - lasts, first) - waits
        last = max(min(case.closes[stop] - lasts, last), first)
        lasts += case.service[stop] + waits
        head[at, 0], head[at, 1], head[at, 2], head[at, 3] = lasts, first, last, leg
        worth += case.worth[stop]
    tail[size + 1, 0], tail[size + 1, 1], tail[size + 1, 2] = 0.0, leaves, back
    tours.sums[vehicle, 0], tours.sums[vehicle, 1] = worth, 0.0
    head[size + 1, 3] = travel[path[size], path[size + 1]] if size else 0.0
    return not size or _renew_tail(case, tours, vehicle)


@njit(cache=True)
def _renew_tail(case: Case, tours: Tours, vehicle: int) -> bool:
    path, size = tours.path[vehicle], tours.size[vehicle]
    head, tail = tours.head[vehicle], tours.tail[vehicle]
    leaves, back = case.shifts[vehicle, 0], case.shifts[vehicle, 1]
    lasts, first, last = 0.0, leaves, back
    for at in range(size, -1, -1):
        stop = path[at]
        opens, closes, service = leaves, back, 0.0
        if at:
            opens, closes, service = case.opens[stop], case.closes[stop], case.service[stop]
        ahead = service + head[at + 1, 3]
        if not opens + ahead <= last + _ROUNDING_S:
            return False
        waits = max(first - ahead - closes, 0.0)
        first = max(first - ahead, opens) - waits
        last = max(min(last - ahead, closes), first)
        lasts += ahead + waits
        tail[at, 0], tail[at, 1], tail[at, 2] = lasts, first, last
    tours.sums[vehicle, 1] = lasts
    return bool(lasts <= case.shifts[vehicle, 2] + _ROUNDING_S)


@njit(cache=True)
def copy_tour(source: Tours, target: Tours, vehicle: int) -> None:
    """Copy one tour, without who owns its stops."""
    size = source.size[vehicle]
    target.size[vehicle] = size
    for at in range(size + 2):
        target.path[vehicle, at] = source.path[vehicle, at]
        for part in range(4):
            target.head[vehicle, at, part] = source.head[vehicle, at, part]
        for part in range(3):
            target.tail[vehicle, at, part] = source.tail[vehicle, at, part]
    for part in range(2):
        target.sums[vehicle, part] = source.sums[vehicle, part]


@njit(cache=True)
def put_stop(case: Case, tours: Tours, vehicle: int, at: int, stop: int) -> bool:
    """Insert a stop behind a place; without it, and false, where rounding forbids it after all."""
    path, size = tours.path[vehicle], tours.size[vehicle]
    path[at + 2 : size + 3] = path[at + 1 : size + 2].copy()
    path[at + 1] = stop
    tours.size[vehicle] = size + 1
    if renew(case, tours, vehicle):
        tours.owner[stop] = vehicle
        return True
    path[at + 1 : size + 2] = path[at + 2 : size + 3].copy()
    tours.size[vehicle] = size
    renew(case, tours, vehicle)
    return False
