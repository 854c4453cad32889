"""What vehicles can reach: stops that some tour can serve, and the time by which tours are over.

Travel times need not be those of shortest ways, so a stop out of reach of a lone round trip may be
served by a tour over other stops. The bounds here are those of shortest ways over other stops, with
waiting for windows: no stop is left out that any tour serves.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from planning._tour_schedule import ROUNDING_S

if TYPE_CHECKING:
    from planning.tour_problem import TourProblem

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


def stops_in_reach(problem: "TourProblem") -> list[int]:
    """Return the locations with a prize, or required, that a tour might serve.

    Parameters
    ----------
    problem
        Locations, travel times and vehicles.

    Returns
    -------
    stops
        Locations, ascending.
    """
    prized = np.flatnonzero(problem.worth > 0)
    reached = np.zeros(len(prized), dtype=np.bool_)
    for detours in (False, True):
        for profile in {vehicle.profile for vehicle in problem.vehicles}:
            if not reached.all():
                reached |= _in_reach(problem, profile, prized, detours=detours)
    return [int(stop) for stop in prized[reached]]


def _in_reach(problem: "TourProblem", profile: int, stops: Places, *, detours: bool) -> Flags:
    """Tell the stops that are not out of reach of the vehicles of a profile, taken as one."""
    numbers = [n for n, vehicle in enumerate(problem.vehicles) if vehicle.profile == profile]
    fleet = [problem.vehicles[number] for number in numbers]
    travel = problem.travel_s[profile]
    starts, ends = (np.array([getattr(v, name) for v in fleet]) for name in ("start", "end"))
    out = travel[np.ix_(starts, stops)].min(axis=0)
    back = travel[np.ix_(stops, ends)].min(axis=1)
    service, opens, closes = (
        values[stops] for values in (problem.service_s, problem.earliest_s, problem.latest_s)
    )
    begins = np.maximum(min(vehicle.earliest_s for vehicle in fleet) + out, opens)
    if detours:
        between = travel[np.ix_(stops, stops)]
        begins = _earliest(begins, service[:, None] + between, opens, closes)
        free = np.full(len(stops), np.inf)
        out = _earliest(out, service[:, None] + between, -free, free)
        back = _earliest(back, (between + service).T, -free, free)
    away_s = out + service + back
    latest = max(vehicle.latest_s for vehicle in fleet)
    in_time: Flags = (begins <= closes + ROUNDING_S) & np.isfinite(begins + away_s)
    in_shift: Flags = begins + service + back <= latest + ROUNDING_S
    brief: Flags = away_s <= max(vehicle.max_duration_s for vehicle in fleet) + ROUNDING_S
    allowed: Flags = np.any(problem.may_visit[numbers][:, stops], axis=0)
    return in_time & in_shift & brief & allowed


def _earliest(first: Floats, steps: Floats, opens: Floats, closes: Floats) -> Floats:
    """Return the earliest time at each stop, directly or over stops that are open."""
    best = first
    while True:
        passed = np.where(best <= closes + ROUNDING_S, best, np.inf)
        better = np.minimum(best, np.maximum((passed[:, None] + steps).min(axis=0), opens))
        if not (better < best).any():
            return best
        best = better


def horizon_s(problem: "TourProblem", stops: list[int]) -> float:
    """Return a time by which every tour is over that is back as early as possible.

    After the last wait for a window a tour takes no longer than its vehicle may be away, and no
    longer than all services and the longest usable leg from each place.

    Parameters
    ----------
    problem
        Locations, travel times and vehicles.
    stops
        Locations worth visiting, at least one.

    Returns
    -------
    horizon
        The time, in seconds of the problem's clock.
    """
    last_opening = float(problem.earliest_s[stops].max())
    longest = {
        profile: _all_stops_s(problem, profile, stops)
        for profile in {vehicle.profile for vehicle in problem.vehicles}
    }
    return max(
        min(
            vehicle.latest_s,
            max(vehicle.earliest_s, last_opening)
            + min(vehicle.max_duration_s, longest[vehicle.profile]),
        )
        for vehicle in problem.vehicles
    )


def _all_stops_s(problem: "TourProblem", profile: int, stops: list[int]) -> float:
    """Return a bound on the time of all services and of the longest usable leg from each place."""
    fleet = [vehicle for vehicle in problem.vehicles if vehicle.profile == profile]
    begun = min(vehicle.earliest_s for vehicle in fleet)
    away = max(min(v.max_duration_s, v.latest_s - v.earliest_s) for v in fleet)
    starts, ends = ([getattr(v, name) for v in fleet] for name in ("start", "end"))
    legs = problem.travel_s[profile][np.ix_([*starts, *stops], [*stops, *ends])]
    closes = np.array([*problem.latest_s[stops], *(v.latest_s for v in fleet)])
    usable = np.isfinite(legs) & (legs <= np.minimum(away, closes - begun) + ROUNDING_S)
    return float(problem.service_s[stops].sum() + np.where(usable, legs, 0.0).max(axis=1).sum())
