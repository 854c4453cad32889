"""Who watches every stop for some nights, and then says where and when a patrol will be."""

from datetime import timedelta

import numpy as np


def visits_of(plan):
    return [stop for tour in plan.tours for stop in tour.stops if stop.kind == "visit"]


def hours_of(stop):
    """Return the clock hours in which a stop takes place, a few seconds at a time."""
    span_s = int((stop.leaves_at - stop.arrives_at).total_seconds())
    steps = [*range(1, span_s - 1, 10), span_s - 1]
    seconds = (stop.arrives_at + timedelta(seconds=each) for each in steps)
    return {moment.replace(minute=0, second=0, microsecond=0) for moment in seconds}


def place_of(stop):
    return place_of_point(stop.geometry)


def place_of_point(point):
    return round(point.x, 1), round(point.y, 1)


def success_of_observer(mixture, *, watched, nights, seed):
    """Watch some nights, name the place and hour most often visited, and count how often it is.

    Hours that are announced are left out: they are no secret.
    """
    told = mixture.stop_hours[mixture.stop_hours["announced"]]
    announced = {
        (place_of_point(mixture.demand.geometry[point]), hour)
        for point, hour in zip(told["point"], told["hour"], strict=True)
    }
    cells = [
        {(place_of(stop), hour) for stop in visits_of(plan) for hour in hours_of(stop)} - announced
        for plan in mixture.plans
    ]
    rng = np.random.default_rng(seed)
    draws = rng.choice(len(cells), size=watched + nights, p=mixture.probabilities)
    seen = {}
    for one in draws[:watched]:
        for cell in cells[one]:
            seen[cell] = seen.get(cell, 0) + 1
    guess = max(sorted(seen), key=lambda cell: seen[cell])
    return float(np.mean([guess in cells[one] for one in draws[watched:]]))
