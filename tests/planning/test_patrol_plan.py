"""What a plan tells of itself: where everybody is, who is free, which streets are seen."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
import shapely

from geo.errors import ParameterError
from planning.patrol import Leg, PatrolParams, plan_patrol
from planning.units import Break
from tests.planning.grid_town import NIGHT, at, demand, grid_streets, grid_zone, unit
from tests.planning.patrol_cases import faults_of_plan

CORNERS = [(0, 100), (300, 300), (400, 0), (250, 200), (100, 350), (200, 0)]
STREETS = grid_streets()
QUICK = PatrolParams(iterations=60)


def plan(units, points, *, seed=1):
    return plan_patrol(grid_zone(STREETS), units, points, params=QUICK, seed=seed)


@pytest.fixture(scope="module")
def evening():
    meal = Break(NIGHT + timedelta(hours=2), NIGHT + timedelta(hours=3), 1800.0)
    return plan([replace(unit(), breaks=(meal,)), unit("idle", hours=0.05)], demand(*CORNERS))


def test_legs_lead_from_stop_to_stop(evening):
    tour, _ = evening.tours
    assert tour.legs[0].leaves_at == tour.starts_at
    assert tour.legs[-1].arrives_at == tour.ends_at
    for here, there in pairwise(tour.legs):
        assert here.line.coords[-1] == there.line.coords[0]
        assert here.arrives_at <= there.leaves_at
    assert sum(leg.line.length for leg in tour.legs) == pytest.approx(tour.route.length)
    for leg in tour.legs:
        took_s = (leg.arrives_at - leg.leaves_at).total_seconds()
        assert took_s == pytest.approx(leg.line.length / 1.2, abs=1e-4)


def test_a_position_is_where_the_clock_puts_it(evening):
    """Walked again second by second: never faster than the unit, and at each stop when it says."""
    tour, _ = evening.tours
    seconds = np.arange(-60, 4 * 3600 + 60, 10)
    places = [tour.position_at(NIGHT + timedelta(seconds=int(now))) for now in seconds]
    network = shapely.union_all(STREETS.geometry.array)
    assert shapely.distance(network, places).max() < 1e-6
    steps = [shapely.distance(here, there) for here, there in pairwise(places)]
    assert max(steps) <= 10 * 1.2 + 1e-6
    assert places[0] == places[-1] == tour.unit.post
    for stop in tour.stops:
        for share in (0.0, 0.5, 1.0):
            instant = stop.arrives_at + share * (stop.leaves_at - stop.arrives_at)
            assert shapely.distance(tour.position_at(instant), stop.geometry) < 1e-3


def test_half_way_is_half_the_line(evening):
    tour, _ = evening.tours
    leg = max(tour.legs, key=lambda leg: leg.line.length)
    middle = leg.leaves_at + (leg.arrives_at - leg.leaves_at) / 2
    gone = leg.line.project(tour.position_at(middle))
    assert gone == pytest.approx(leg.line.length / 2, rel=1e-3)


def test_who_never_moves_is_at_its_post(evening):
    _, idle = evening.tours
    assert idle.position_at(NIGHT) == idle.unit.post


def test_a_unit_is_free_on_duty_and_not_on_a_break(evening):
    tour, idle = evening.tours
    (meal,) = [stop for stop in tour.stops if stop.kind == "break"]
    assert [tour.is_free_at(NIGHT + timedelta(hours=hours)) for hours in (-0.01, 0, 3.99, 4)] == [
        *(False, True, True, False),
    ]
    assert not tour.is_free_at(meal.arrives_at)
    assert tour.is_free_at(meal.leaves_at)
    assert not idle.is_free_at(NIGHT + timedelta(hours=1))


def test_streets_are_covered_where_lines_follow_them(evening):
    """The second method: what is left of each street when a sliver about the routes is cut out."""
    routes = shapely.union_all([tour.route for tour in evening.tours if tour.route])
    around = routes.buffer(0.01)
    share = shapely.length(shapely.intersection(STREETS.geometry.array, around)) / 100
    expected = share > 0.4
    # A stop on a street is enough.
    expected |= [name == "row-2-2" for name in STREETS.index]
    assert 0 < expected.sum() < len(STREETS)
    covered = evening.streets_covered(STREETS)
    assert covered[expected].all()
    assert not covered[~expected].any()
    assert covered.index.equals(STREETS.index)


def test_halves_of_a_street_add_up():
    bare = plan([unit(hours=0.05)], demand())
    (tour,) = bare.tours

    def covered(*spans):
        legs = tuple(
            Leg(NIGHT, NIGHT, shapely.LineString([at(start, 0), at(end, 0)]))
            for start, end in spans
        )
        walked = replace(bare, tours=(replace(tour, legs=legs),))
        return walked.streets_covered(STREETS.loc[["row-0-0"]]).tolist()

    assert covered((0, 30), (70, 100)) == [True]
    assert covered((0, 30), (20, 49)) == [False]
    assert covered((60, 0)) == [True]
    assert covered() == [False]


@pytest.mark.parametrize("share", [0.0, 1.1, np.nan])
def test_a_share_out_of_range(evening, share):
    with pytest.raises(ParameterError, match="`least_share`"):
        evening.streets_covered(STREETS, least_share=share)


def shifted(tour, *, stop=None, leg=None, seconds=0.0):
    """Return a tour with one stop or leg at another time."""
    late = timedelta(seconds=seconds)

    def moved(parts, number, names):
        parts = list(parts)
        if number is not None:
            times = {name: getattr(parts[number], name) + late for name in names}
            parts[number] = replace(parts[number], **times)
        return tuple(parts)

    return replace(
        tour,
        stops=moved(tour.stops, stop, ("arrives_at", "leaves_at")),
        legs=moved(tour.legs, leg, ("leaves_at", "arrives_at")),
    )


def straightened(tour):
    """Return a tour whose first leg around a corner leads through the houses."""
    legs = list(tour.legs)
    number = next(n for n, leg in enumerate(legs) if len(leg.line.coords) > 2)
    ends = legs[number].line.coords[0], legs[number].line.coords[-1]
    legs[number] = replace(legs[number], line=shapely.LineString(ends))
    return replace(tour, legs=tuple(legs))


def hurried(tour):
    *legs, leg = tour.legs
    soon = leg.leaves_at + timedelta(seconds=5)
    return replace(tour, legs=(*legs, replace(leg, arrives_at=soon)))


def spoilt_stop(tour, **fields):
    return replace(tour, stops=(replace(tour.stops[0], **fields), *tour.stops[1:]))


FAULTS = {
    "a stop on the way": lambda tour: shifted(tour, stop=0, seconds=-60),
    "a leg before its time": lambda tour: shifted(tour, leg=1, seconds=-60),
    "a leg left out": lambda tour: replace(tour, legs=(*tour.legs[:1], *tour.legs[2:])),
    "a leg through houses": straightened,
    "a leg too fast": hurried,
    "a stop left out": lambda tour: replace(tour, stops=tour.stops[1:]),
    "a stop cut short": lambda tour: spoilt_stop(
        tour, leaves_at=tour.stops[0].leaves_at - timedelta(seconds=30)
    ),
    "a shift broken": lambda tour: replace(tour, ends_at=tour.unit.ends_at + timedelta(seconds=1)),
    "company that does not come": lambda tour: spoilt_stop(tour, with_units=("idle",)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_checker_catches(evening, fault):
    """Planted faults, one at a time, in a plan that the checker accepts."""
    units, points = [tour.unit for tour in evening.tours], demand(*CORNERS)
    zone = grid_zone(STREETS)
    assert faults_of_plan(zone, units, points, QUICK, None, evening) == []
    spoilt = replace(evening, tours=(FAULTS[fault](evening.tours[0]), evening.tours[1]))
    assert faults_of_plan(zone, units, points, QUICK, None, spoilt)
