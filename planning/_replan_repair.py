"""How a tour that an event has broken is mended: what of it still holds, and what fits in.

The tours of a night that goes on are those of a tour problem whose vehicles begin where units are.
A stop that is kept has the window in which it counts as unchanged. Of a broken tour the largest
part that still runs is kept, found exactly by labels that no other dominates (Desrochers and
Soumis 1988, "A generalized permanent labelling algorithm for the shortest path problem with time
windows", INFOR 26, 191-212). A stop that is new or homeless goes where it adds the least time, or
else takes the place of one that counts much less (an ejection: Glover 1996, "Ejection chains,
reference structures and alternating path methods", Discrete Applied Mathematics 65, 223-253).
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from planning.tour_problem import TourProblem
from planning.tours import schedule_tour

# A stop gives way only to one that counts this many times as much: a change costs attention.
_WORTH_A_CHANGE = 2.0
# What sums of floating point seconds may be off by.
_ROUNDING_S = 1e-6


class _Label(NamedTuple):
    """Some stops of a tour in order: how many, what they count, and when the last is over."""

    made: int
    weight: float
    ready_s: float
    stops: tuple[int, ...]

    def dominates(self, other: "_Label") -> bool:
        return (
            self.made >= other.made
            and self.weight >= other.weight
            and self.ready_s <= other.ready_s
        )


def keep_most(
    problem: TourProblem, number: int, tour: Sequence[int], *, must: Collection[int]
) -> list[int] | None:
    """Find the most stops of a tour that a vehicle can still make, in their order.

    Parameters
    ----------
    problem
        Locations and travel times; the longest duration of the vehicle does not bind.
    number
        The vehicle.
    tour
        Stops that it was to make.
    must
        Stops that must not be left out.

    Returns
    -------
    kept
        The most of them, among as many those that count most, among these those soonest done; none
        where no part with all that must be holds.
    """
    vehicle = problem.vehicles[number]
    travel = problem.travel_s[vehicle.profile]
    labels = [_Label(0, 0.0, vehicle.earliest_s, ())]
    for stop in tour:
        longer = []
        for label in labels:
            here = label.stops[-1] if label.stops else vehicle.start
            begins_s = max(label.ready_s + travel[here, stop], problem.earliest_s[stop])
            if begins_s <= problem.latest_s[stop] + _ROUNDING_S:
                longer.append(
                    _Label(
                        label.made + 1,
                        label.weight + float(problem.prize[stop]),
                        float(begins_s + problem.service_s[stop]),
                        (*label.stops, stop),
                    )
                )
        labels = _undominated(longer) if stop in must else [*labels, *_undominated(longer)]
    back = [
        label
        for label in labels
        if label.ready_s + travel[label.stops[-1] if label.stops else vehicle.start, vehicle.end]
        <= vehicle.latest_s + _ROUNDING_S
    ]
    if not back:
        return None
    best = max(back, key=lambda label: (label.made, label.weight, -label.ready_s))
    return list(best.stops)


def _undominated(labels: list[_Label]) -> list[_Label]:
    """Return the labels that no other makes needless; all end with the same stop."""
    kept: list[_Label] = []
    for label in sorted(labels, key=lambda label: (-label.made, -label.weight, label.ready_s)):
        if not any(other.dominates(label) for other in kept):
            kept.append(label)
    return kept


class Insertion(NamedTuple):
    """A stop in a tour.

    Attributes
    ----------
    vehicle
        Whose tour.
    tour
        The tour with the stop.
    ejected
        The stop that it takes the place of; none where there was room.
    """

    vehicle: int
    tour: list[int]
    ejected: int | None


def insert(
    problem: TourProblem, tours: Sequence[list[int]], stop: int, *, must: Collection[int]
) -> Insertion | None:
    """Find the best place for a stop.

    Parameters
    ----------
    problem
        Locations and travel times.
    tours
        Tours that run, one a vehicle.
    stop
        The stop.
    must
        Stops that give way to none.

    Returns
    -------
    insertion
        Where it adds the least time; where there is room nowhere, instead of the stop that counts
        least among those of at most half its weight; none where there is none.
    """
    roomy = [
        (added_s, vehicle, tour)
        for vehicle, given in enumerate(tours)
        for added_s, tour in _longer(problem, vehicle, given, stop)
    ]
    if roomy:
        _, vehicle, tour = min(roomy)
        return Insertion(vehicle, tour, None)
    limit = float(problem.prize[stop]) / _WORTH_A_CHANGE
    swaps = [
        (float(problem.prize[out]), added_s, vehicle, tour, out)
        for vehicle, given in enumerate(tours)
        for out in given
        if out not in must and problem.prize[out] <= limit
        for added_s, tour in _longer(problem, vehicle, [one for one in given if one != out], stop)
    ]
    if swaps:
        _, _, vehicle, tour, out = min(swaps)
        return Insertion(vehicle, tour, out)
    return None


def _longer(
    problem: TourProblem, number: int, tour: list[int], stop: int
) -> Iterator[tuple[float, list[int]]]:
    """Give every tour that runs with one stop more, and the time that this adds to its ways."""
    if not problem.may_visit[number, stop]:
        return
    vehicle = problem.vehicles[number]
    travel = problem.travel_s[vehicle.profile]
    for at in range(len(tour) + 1):
        before = tour[at - 1] if at else vehicle.start
        after = tour[at] if at < len(tour) else vehicle.end
        # Most places are out of reach by the windows of the stops before and after alone.
        ready_s = problem.earliest_s[before] + problem.service_s[before] if at else -np.inf
        begins_s = max(ready_s + travel[before, stop], problem.earliest_s[stop])
        due_s = problem.latest_s[after] if at < len(tour) else vehicle.latest_s
        over_s = begins_s + problem.service_s[stop] + travel[stop, after]
        if max(begins_s - problem.latest_s[stop], over_s - due_s) > _ROUNDING_S:
            continue
        longer = [*tour[:at], stop, *tour[at:]]
        if schedule_tour(problem, vehicle, longer):
            saved_s = travel[before, after] if np.isfinite(travel[before, after]) else 0.0
            yield float(travel[before, stop] + travel[stop, after] - saved_s), longer
