"""When tours run, and what still fits into them."""

from math import inf

from planning._tour_reach import stops_in_reach
from planning._tour_schedule import fill_tours
from planning.tours import schedule_tour
from tests.planning.tour_cases import line_problem, random_problem


def test_the_exact_insertion_alone():
    """As many stops as fit, in feasible tours."""
    problem = random_problem(11, stops=30, vehicles=3)
    stops = stops_in_reach(problem)
    tours = fill_tours(problem, [[], [], []], stops, deadline_s=inf)
    schedules = [
        schedule_tour(problem, vehicle, tour)
        for vehicle, tour in zip(problem.vehicles, tours, strict=True)
    ]
    visited = [stop for tour in tours for stop in tour]
    assert None not in schedules
    assert len(set(visited)) == len(visited)
    for stop in set(stops) - set(visited):
        for vehicle, tour in zip(problem.vehicles, tours, strict=True):
            for at in range(len(tour) + 1):
                assert not schedule_tour(problem, vehicle, [*tour[:at], stop, *tour[at:]])
    idle = fill_tours(problem, [[], [], []], stops, deadline_s=-inf)
    assert idle == [[], [], []]


def test_leaves_as_late_as_it_may():
    """Waiting belongs before the tour, not into it."""
    problem = line_problem(earliest_s=[0, 0, 50, 0])
    times = schedule_tour(problem, problem.vehicles[0], [1, 2])
    assert (times.leaves_s, times.begins_s, times.returns_s) == (29.0, (39.0, 50.0), 71.0)
