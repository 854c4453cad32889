"""Random and published tour problems, an independent checker and the exhaustive oracle."""

import re
from itertools import pairwise, permutations
from math import inf

import numpy as np

from planning.tours import TourProblem, Vehicle


def random_problem(seed, *, stops=6, vehicles=2, ruled=False):
    """Return a small problem: fractional times, windows, two profiles, different ends.

    With `ruled`, vehicles may not make every visit, and some must be made, by chance too many.
    """
    rng = np.random.default_rng(seed)
    count = stops + 2
    xy = 60 * rng.random((count, 2))
    plain = np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1)) * (
        1 + 0.3 * rng.random((count, count))
    )
    travel = np.stack([plain, plain / 2])
    prize = np.concatenate([[0.0, 0.0], rng.integers(1, 30, stops) / rng.choice([1, 4])])
    earliest = np.where(rng.random(count) < 0.5, 0.0, 120 * rng.random(count))
    latest = np.where(rng.random(count) < 0.5, inf, earliest + 20 + 80 * rng.random(count))
    fleet = [
        Vehicle(
            start=int(rng.integers(2)),
            end=int(rng.integers(2)),
            earliest_s=float(30 * rng.random()),
            latest_s=float(120 + 120 * rng.random()),
            max_duration_s=float(80 + 120 * rng.random()),
            profile=int(rng.integers(2)),
        )
        for _ in range(vehicles)
    ]
    service, rules = 12 * rng.random(count), {}
    if ruled:
        rules["allowed"] = rng.random((vehicles, count)) < 0.7
        rules["required"] = np.append([False, False], rng.random(stops) < 0.3)
        prize[rules["required"]] *= rng.choice([0, 1], rules["required"].sum())
    return TourProblem(travel, prize, service, earliest, latest, fleet, **rules)


def rough_problem(seed, *, stops=5, far=(inf, 1e12)):
    """Return a small problem far from a map: no shortest ways, no way, huge times, uneven prizes.

    `far` holds the times of the legs that no tour can use.
    """
    rng = np.random.default_rng(seed)
    count = stops + 2
    travel = rng.uniform(1, 60, (2, count, count))
    travel[rng.random(travel.shape) < 0.3] = rng.choice(far)
    prize = np.concatenate([[0.0, 0.0], np.exp(rng.normal(0, 4, stops))])
    earliest = np.where(rng.random(count) < 0.5, 0.0, 60 * rng.random(count))
    closes = earliest + rng.uniform(1, 60, count)
    latest = np.where(rng.random(count) < 0.5, rng.choice([1e9, inf]), closes)
    service = rng.choice([0.0, 1.0, 1e15], count, p=[0.2, 0.7, 0.1]) * rng.uniform(0, 5, count)
    fleet = [
        Vehicle(0, 1, 5.0, float(rng.choice([1e9, inf])), float(rng.uniform(60, 150))),
        Vehicle(1, 1, 0.0, 1e9, float(rng.choice([100.0, inf])), profile=1),
    ]
    return TourProblem(travel, prize, service, earliest, latest, fleet)


def least_duration(problem, vehicle, tour):
    """Return the shortest feasible duration of a tour, by trying every useful time of leaving.

    Leaving later helps only until some stop is reached as its window opens or closes.
    """
    travel = problem.travel_s[vehicle.profile]
    path = [vehicle.start, *tour, vehicle.end]
    if any(travel[here, there] == inf for here, there in pairwise(path)):
        return inf
    ahead = 0.0
    tries = {vehicle.earliest_s}
    for here, there in pairwise(path[:-1]):
        ahead += travel[here, there]
        for moment in (problem.earliest_s[there], problem.latest_s[there]):
            if vehicle.earliest_s <= moment - ahead < inf:
                tries.add(moment - ahead)
        ahead += problem.service_s[there]
    durations = [inf]
    for leaves in tries:
        now, late = leaves, False
        for here, there in pairwise(path):
            now += travel[here, there]
            if there != path[-1] or here != path[-2]:
                now = max(now, problem.earliest_s[there])
                late |= now > problem.latest_s[there] + 1e-6
                now += problem.service_s[there]
        if not late and now <= vehicle.latest_s + 1e-6:
            durations.append(now - leaves)
    return min(durations)


def is_feasible(problem, vehicle, tour):
    """Tell whether some time of leaving obeys all rules; a duration without limit is finite too."""
    least = least_duration(problem, vehicle, tour)
    return least < inf and least <= vehicle.max_duration_s + 1e-6


def faults_of(problem, solution):
    """Check a solution against the rules; shares no code with the solver."""
    faults = []
    visited = [stop for tour in solution.tours for stop in tour]
    if len(visited) != len(set(visited)):
        faults.append("a location is visited twice")
    if len(solution.tours) != len(problem.vehicles):
        faults.append("not one tour a vehicle")
    if abs(problem.prize[visited].sum() - solution.prize) > 1e-9:
        faults.append("the prize is not the sum of the prizes")
    missed = [] if problem.required is None else np.setdiff1d(np.where(problem.required), visited)
    if solution.feasible and len(missed):
        faults.append("a required location is left out")
    for number, (vehicle, tour) in enumerate(zip(problem.vehicles, solution.tours, strict=True)):
        if {vehicle.start, vehicle.end} & set(tour):
            faults.append(f"tour {number} visits a depot")
        if problem.allowed is not None and not problem.allowed[number, tour].all():
            faults.append(f"tour {number} makes a visit that it may not")
        if tour and not is_feasible(problem, vehicle, tour):
            faults.append(f"tour {number} is not feasible")
    return faults


def faults_of_schedules(problem, solution):
    """Check that the times given are those of the tours."""
    faults = []
    for vehicle, tour, times in zip(
        problem.vehicles, solution.tours, solution.schedules, strict=True
    ):
        if not tour:
            continue
        travel = problem.travel_s[vehicle.profile]
        now, here = times.leaves_s, vehicle.start
        for stop, begins in zip(tour, times.begins_s, strict=True):
            if begins < now + travel[here, stop] - 1e-6:
                faults.append(f"{stop} begins before it is reached")
            if not problem.earliest_s[stop] - 1e-6 <= begins <= problem.latest_s[stop] + 1e-6:
                faults.append(f"{stop} begins outside its window")
            now, here = begins + problem.service_s[stop], stop
        if abs(now + travel[here, vehicle.end] - times.returns_s) > 1e-6:
            faults.append("the end is not reached when it is said")
        if times.leaves_s < vehicle.earliest_s - 1e-6 or times.returns_s > vehicle.latest_s + 1e-6:
            faults.append("the shift is broken")
        duration = times.returns_s - times.leaves_s
        if duration > least_duration(problem, vehicle, tour) + 1e-6:
            faults.append("the tour takes longer than it must")
    return faults


def exhaustive_optimum(problem):
    """Return the largest prize: best sets a vehicle, by every order, combined by every split.

    None where no tours make every required visit.
    """
    must = set() if problem.required is None else set(np.flatnonzero(problem.required).tolist())
    stops = sorted(must | set(np.flatnonzero(problem.prize > 0).tolist()))
    best = {frozenset(): 0.0}
    for number, vehicle in enumerate(problem.vehicles):
        mine = stops
        if problem.allowed is not None:
            mine = [stop for stop in stops if problem.allowed[number, stop]]
        able = {
            frozenset(tour)
            for size in range(len(mine) + 1)
            for tour in permutations(mine, size)
            if not tour or is_feasible(problem, vehicle, tour)
        }
        best = {
            done | more: float(problem.prize[list(done | more)].sum())
            for done in best
            for more in able
            if not done & more
        }
    return max((prize for done, prize in best.items() if must <= done), default=None)


def least_time(problem):
    """Return the least time in which every prize is collected, by every order and every split."""
    best = {frozenset(): 0.0}
    stops = np.flatnonzero(problem.prize > 0).tolist()
    for vehicle in problem.vehicles:
        times = {frozenset(): 0.0}
        for size in range(1, len(stops) + 1):
            for tour in permutations(stops, size):
                if is_feasible(problem, vehicle, tour):
                    least = least_duration(problem, vehicle, tour)
                    times[frozenset(tour)] = min(times.get(frozenset(tour), inf), least)
        shares = {}
        for done, spent in best.items():
            for more, least in times.items():
                if not done & more:
                    both = done | more
                    shares[both] = min(shares.get(both, inf), spent + least)
        best = shares
    return best.get(frozenset(stops))


def chao_problem(folder, name):
    """Read an instance of Chao's set; return it with its reference value."""
    lines = (folder / "routing" / "top_p4" / f"{name}.txt").read_text().split("\n")
    vehicles, longest = int(lines[1].split()[1]), float(lines[2].split()[1])
    x, y, prize = np.loadtxt(lines[3:]).T
    travel, count = np.hypot(x[:, None] - x, y[:, None] - y), len(x)
    fleet = [Vehicle(0, count - 1, 0.0, longest, longest)] * vehicles
    values = (folder / "routing" / "top_p4" / "reference_values.txt").read_text().split()
    reference = dict(zip(values[::2], map(float, values[1::2]), strict=True))
    free = np.full(count, inf)
    problem = TourProblem(travel, prize, np.zeros(count), np.zeros(count), free, fleet)
    return problem, reference[f"{name}.txt"]


def windowed_problem(seed, *, customers=100, vehicles=2, clustered=False, narrow=True):
    """Return made-up customers with windows, laid out in the manner of Solomon's sets.

    The horizon, service and prizes are of the size of his (1987, Operations Research 35, 254-265)
    short-haul sets; wide windows come with a horizon four times as long, as in his second sets.
    """
    rng = np.random.default_rng(seed)
    horizon, service = (230.0, 10.0) if narrow else (920.0, 10.0)
    xy = 100 * rng.random((customers + 1, 2))
    if clustered:
        middle = 10 + 80 * rng.random((max(customers // 10, 1), 2))
        xy[1:] = middle[rng.integers(len(middle), size=customers)]
        xy[1:] += rng.normal(0, 4, (customers, 2))
    xy[0] = 50.0
    travel = np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1))
    away = travel[0, 1:]
    width = np.maximum(rng.normal(*((10, 5) if narrow else (240, 60)), customers), 5.0)
    middle = away + (horizon - 2 * away - service) * rng.random(customers)
    opens = np.maximum(middle - width / 2, 0.0)
    closes = np.minimum(middle + width / 2, horizon - away - service)
    prize = np.append(0.0, rng.integers(1, 51, customers))
    return TourProblem(
        travel,
        prize,
        np.append(0.0, np.full(customers, service)),
        np.append(0.0, np.minimum(opens, closes)),
        np.append(horizon, closes),
        [Vehicle(0, 0, 0.0, horizon, horizon)] * vehicles,
    )


def prized_problem(folder, name):
    """Read an instance of the prize-collecting set as tours: no capacity, reference's vehicles.

    The file counts distance against prizes and bounds loads; here prizes are collected within the
    depot's window by as many vehicles as the reference solution uses.
    """
    text = (folder / "routing" / "pcvrptw" / f"{name}.vrp").read_text()
    routes = (folder / "routing" / "pcvrptw" / f"{name}.sol").read_text().count("Route")
    head, *sections = re.split(r"(\w+_SECTION)\n", text)
    rows = dict(zip(sections[::2], sections[1::2], strict=True))
    table = {
        key: np.array(rows[f"{key}_SECTION"].split(), dtype=float).reshape(-1, width)[:, 1:]
        for key, width in (("NODE_COORD", 3), ("TIME_WINDOW", 3), ("PRIZE", 2))
    }
    xy, windows = table["NODE_COORD"], table["TIME_WINDOW"]
    service = np.full(len(xy), float(re.search(r"SERVICE_TIME : (\d+)", head)[1]))
    travel = np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1))
    fleet = [Vehicle(0, 0, *windows[0].tolist(), inf)] * routes
    return TourProblem(travel, table["PRIZE"][:, 0], service, *windows.T, fleet)


def line_problem(**changed):
    """Depot at 0, three stops 10 s apart on a line."""
    place = np.array([0.0, 10.0, 20.0, 30.0])
    arguments = {
        "travel_s": np.abs(place[:, None] - place),
        "prize": [0, 1, 1, 5],
        "service_s": [0, 1, 1, 1],
        "earliest_s": [0, 0, 0, 0],
        "latest_s": [100, 100, 100, 100],
        "vehicles": [Vehicle(0, 0, 0, 100, 100)],
    } | changed
    return TourProblem(**arguments)
