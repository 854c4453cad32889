"""What no mixture of plans can be worth: a fractional knapsack of visits.

A visit takes the time of the stop and at least the shortest way to it, and all visits together take
no longer than the units are out. Within an hour a point is visited no more often than the gap
between visits allows, and in no more of the nights than the cap allows; the worth of visits is
concave in their number, so that their expected number bounds it (Jensen); what the sets of hours in
which somebody comes have room for bounds it more tightly (`_mixture_room`). Filling the time by the
best worth a second solves what is left of the problem (Dantzig 1957, "Discrete-variable extremum
problems", Operations Research 5, 266-277).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from planning._mixture_hours import HOUR_S
from planning._mixture_room import Opening, most_worth
from planning._patrol_points import ANYBODY
from planning._patrol_problem import Night
from planning._patrol_windows import times_due

Floats = NDArray[np.float64]

# What numbers of visits may be off by, and moments.
_ROUNDING, _ROUNDING_S = 1e-9, 1e-6


def value_bound(night: Night, most_present: Floats, *, edges_s: Floats) -> float:
    """Bound the expected value of all mixtures of plans of a night.

    Parameters
    ----------
    night
        Who is out when, and what there is to stop for.
    most_present
        Largest probability that some unit is at each point of demand within each hour, shape
        (points, hours); 1 where nothing is capped.
    edges_s
        When each clock hour begins, and when the last one ends.

    Returns
    -------
    bound
        Value, in units of weight, that no mixture exceeds whose probabilities do not exceed
        `most_present`; with 1 everywhere, that no plan exceeds.
    """
    visits = night.points[night.points["segment"] == ANYBODY]
    weight = visits["weight"].to_numpy(np.float64)
    due = times_due(visits, span_s=night.span_s)
    most = _most_visits(night, most_present, edges_s)
    time_s = _least_time_s(night)[: len(visits)]
    pieces = [
        (weight[point] * worth, time_s[point], share)
        for point in np.flatnonzero(weight > 0).tolist()
        for worth, share in _steps(
            float(most[point]),
            int(due[point]),
            ceiling(night, point, int(due[point]), most_present[point], edges_s=edges_s),
        )
    ]
    pieces.sort(key=lambda piece: -piece[0] / max(piece[1], _ROUNDING))
    left_s = sum(segment.latest_s - segment.earliest_s for segment in night.segments)
    value = 0.0
    for worth, needed_s, share in pieces:
        taken = min(share, left_s / needed_s) if needed_s > 0 else share
        value += taken * worth
        left_s -= taken * needed_s
    return value


def _steps(most: float, due: int, left: float) -> Iterator[tuple[float, float]]:
    """Give what each visit counts beside those before it, and the share of it that is made.

    All up to a number that need not be whole, and as many as are worth a ceiling together.
    """
    whole = int(most + _ROUNDING)
    for number in range(1, whole + 2):
        worth = 1.0 if number <= due else 1.0 / number
        share = min(1.0 if number <= whole else most - whole, left / worth)
        if share <= _ROUNDING:
            return
        left -= worth * share
        yield worth, share


def ceiling(night: Night, point: int, due: int, most_present: Floats, *, edges_s: Floats) -> float:
    """Return what the visits to a point can be worth together on average, at a weight of one.

    Parameters
    ----------
    night
        Who is out when, and what there is to stop for.
    point
        Row of its points.
    due
        How often the point is due.
    most_present
        Largest probability that some unit is there within each hour, shape (hours,).
    edges_s
        When each clock hour begins, and when the last one ends.

    Returns
    -------
    worth
        Infinite where visits need no gap, or the point is open in too many hours.
    """
    own, gap_s = night.points.iloc[point], night.params.least_gap_s
    if gap_s <= 0:
        return np.inf
    opens_s, closes_s = max(float(own["opens_s"]), 0.0), min(float(own["closes_s"]), night.span_s)
    room = max(int((closes_s - opens_s + _ROUNDING_S) // gap_s) + 1, 0)
    number = np.arange(1, (1 if np.isinf(own["revisit_s"]) else room) + 1)
    return most_worth(
        Opening(opens_s, closes_s, float(own["dwell_s"]), gap_s),
        np.cumsum(np.append(0.0, np.where(number <= due, 1.0, 1.0 / number))),
        most_present,
        edges_s=edges_s,
    )


def _most_visits(night: Night, most_present: Floats, edges_s: Floats) -> Floats:
    """Return how many visits to each point the hours have room for on average, shape (points,)."""
    visits = night.points[night.points["segment"] == ANYBODY]
    opens_s = np.maximum(visits["opens_s"].to_numpy(np.float64), 0.0)[:, None]
    closes_s = np.minimum(visits["closes_s"].to_numpy(np.float64), night.span_s)[:, None]
    open_s = np.minimum(closes_s, edges_s[1:]) - np.maximum(opens_s, edges_s[:-1])
    # Without a gap, each of those who are out begins another visit once it has ended one.
    gap_s = night.params.least_gap_s
    step_s = gap_s if gap_s > 0 else visits["dwell_s"].to_numpy(np.float64)[:, None]
    crews = 1 if gap_s > 0 else len(night.segments)
    count = np.minimum(np.floor(np.maximum(open_s, 0.0) / step_s) + 1, np.ceil(HOUR_S / step_s))
    count = crews * (most_present * np.where(open_s >= 0, count, 0.0)).sum(axis=1)
    once = np.isinf(visits["revisit_s"].to_numpy(np.float64))
    return np.asarray(np.where(once, np.minimum(count, 1.0), count))


def _least_time_s(night: Night) -> Floats:
    """Return how much of a unit's time a visit to each point takes at least."""
    place = len(night.units) + np.arange(len(night.points))
    dwell_s = night.points["dwell_s"].to_numpy(np.float64)
    # Whoever stays for the next visit to the same point waits until it may begin.
    waiting_s = np.maximum(night.params.least_gap_s - dwell_s, 0.0)
    arriving_s = np.full(len(place), np.inf)
    for travel_s in night.travel_s.values():
        ways_s = np.array(travel_s[:, place], dtype=np.float64)
        ways_s[place, np.arange(len(place))] = np.inf
        arriving_s = np.minimum(arriving_s, ways_s.min(axis=0))
    return np.asarray(dwell_s + np.minimum(arriving_s, waiting_s))
