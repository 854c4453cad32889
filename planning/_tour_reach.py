"""What vehicles can reach: stops that some tour can serve.

Travel times need not be those of shortest ways, so a stop out of reach of a lone round trip may be
served by a tour over other stops. The bounds here are those of shortest ways over other stops, with
waiting for windows: no stop is left out that any tour serves.
"""

import numpy as np
from numpy.typing import NDArray

from planning._tour_schedule import ROUNDING_S
from planning.tour_problem import TourProblem

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


def stops_in_reach(problem: TourProblem) -> list[int]:
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


def _in_reach(problem: TourProblem, profile: int, stops: Places, *, detours: bool) -> Flags:
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
