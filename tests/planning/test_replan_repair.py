"""Mending tours, against trying everything."""

from itertools import combinations

import numpy as np
import pytest

from planning import _replan_repair
from planning._replan_repair import insert, keep_most
from planning.tours import TourProblem, Vehicle, schedule_tour


def random_problem(seed, *, stops=8, vehicles=2, window_s=300.0):
    """Return two vehicles at place 0 and stops with narrow windows that a delay breaks."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 600, (stops + 1, 2))
    travel = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    opens = np.append(0.0, np.sort(rng.uniform(0, 6000, stops)))
    prize = np.append(0.0, rng.choice([1.0, 2.0, 5.0], stops))
    return TourProblem(
        travel_s=travel,
        prize=prize,
        service_s=np.append(0.0, rng.uniform(200, 600, stops)),
        earliest_s=opens,
        latest_s=opens + window_s,
        vehicles=[Vehicle(0, 0, rng.uniform(0, 2500), 8000.0, np.inf) for _ in range(vehicles)],
    )


def parts(tour):
    return [list(some) for size in range(len(tour) + 1) for some in combinations(tour, size)]


@pytest.mark.parametrize("seed", range(12))
def test_the_most_is_kept_of_a_broken_tour(seed):
    problem, tour = random_problem(seed), list(range(1, 9))
    must = [seed % 8 + 1]
    runs = [
        part
        for part in parts(tour)
        if set(must) <= set(part) and schedule_tour(problem, problem.vehicles[0], part)
    ]
    kept = keep_most(problem, 0, tour, must=must)
    if kept is None:
        assert runs == []
    else:
        best = max((len(part), problem.prize[part].sum()) for part in runs)
        assert (len(kept), problem.prize[kept].sum()) == best
        assert schedule_tour(problem, problem.vehicles[0], kept)


def test_a_tour_that_runs_is_kept_whole():
    problem = random_problem(3, stops=6, window_s=np.inf)
    assert keep_most(problem, 1, [1, 2, 3, 4, 5], must=()) == [1, 2, 3, 4, 5]


def every_insertion(problem, tours, stop, must):
    """Return all ways to take a stop in, as what they eject, what they add, and whose they are."""
    found = []
    for number, tour in enumerate(tours):
        vehicle = problem.vehicles[number]
        for out in [None, *(one for one in tour if one not in must)]:
            rest = [one for one in tour if one != out]
            for at in range(len(rest) + 1):
                longer = [*rest[:at], stop, *rest[at:]]
                ends = [0, *rest[at - 1 : at]][-1], [*rest[at : at + 1], 0][0]
                added = problem.travel_s[0][ends[0], stop] + problem.travel_s[0][stop, ends[1]]
                added -= problem.travel_s[0][ends]
                light = out is None or 2 * problem.prize[out] <= problem.prize[stop]
                if light and schedule_tour(problem, vehicle, longer):
                    found.append((0.0 if out is None else problem.prize[out], added, number))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_a_stop_goes_where_it_costs_least(seed):
    problem = random_problem(seed, window_s=600.0)
    tours = [keep_most(problem, 0, [1, 3, 5, 7], must=()), keep_most(problem, 1, [2, 4], must=())]
    for stop in (6, 8):
        found = insert(problem, tours, stop, must=[4])
        every = every_insertion(problem, tours, stop, [4])
        if found is None:
            assert every == []
            continue
        lost = 0.0 if found.ejected is None else problem.prize[found.ejected]
        assert lost == min(every)[0]
        assert stop in found.tour
        assert found.ejected not in found.tour
        assert schedule_tour(problem, problem.vehicles[found.vehicle], found.tour)


def test_room_goes_before_ejection_and_what_must_be_gives_way_to_none():
    """Three stops at one place, each of 100 s, the last two at the same time."""
    problem = TourProblem(
        travel_s=np.zeros((4, 4)),
        prize=np.array([0.0, 1.0, 1.0, 5.0]),
        service_s=np.array([0.0, 100.0, 100.0, 100.0]),
        earliest_s=np.array([0.0, 0.0, 200.0, 200.0]),
        latest_s=np.array([0.0, 0.0, 200.0, 200.0]),
        vehicles=[Vehicle(0, 0, 0.0, 300.0, np.inf)],
    )
    assert insert(problem, [[1]], 3, must=()) == (0, [1, 3], None)
    assert insert(problem, [[1, 2]], 3, must=()) == (0, [1, 3], 2)
    assert insert(problem, [[1, 2]], 3, must=[2]) is None
    assert insert(problem, [[1, 3]], 2, must=()) is None


def test_a_greedy_choice_is_caught(monkeypatch):
    """The planted fault: with one label alone, what could have been kept is lost."""
    monkeypatch.setattr(_replan_repair, "_undominated", lambda labels: labels[:1])
    lost = 0
    for seed in range(12):
        problem = random_problem(seed)
        kept = keep_most(problem, 0, list(range(1, 9)), must=())
        runs = [p for p in parts(range(1, 9)) if schedule_tour(problem, problem.vehicles[0], p)]
        lost += max(map(len, runs)) - len(kept)
    assert lost > 0
