"""Patrol plans in a town of square blocks, where every distance is known."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, permutations

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import InfeasiblePlanError, LayerError, ParameterError
from planning import _patrol_rounds, _patrol_search
from planning._patrol_night import make_ready, visits_due
from planning._patrol_windows import visits_of
from planning.patrol import PatrolParams, plan_patrol
from planning.patrol_rules import PatrolRules
from planning.units import Break
from tests.planning.grid_town import NIGHT, at, demand, grid_streets, grid_zone, unit
from tests.planning.patrol_cases import faults_of_plan

NO_VISITS = visits_of([])
QUICK = PatrolParams(iterations=60)
CORNERS = [(0, 100), (300, 300), (400, 0), (250, 200), (100, 350), (200, 0)]


def plan(units, points, *, params=QUICK, seed=1, oneway=()):
    return plan_patrol(
        grid_zone(grid_streets(oneway=oneway)), units, points, params=params, seed=seed
    )


def block_distance_m(one, other):
    """Return the way between two points on the grid, which is an oracle where it is two-way."""
    return abs(one.x - other.x) + abs(one.y - other.y)


def faults_of(result, points, units, params=QUICK):
    """Check a plan of a two-way grid."""
    return faults_of_plan(grid_zone(grid_streets()), units, points, params, None, result)


def test_a_night_obeys_every_rule():
    units = [unit("one"), unit("two", 400, 400, hours=6), unit("car", 0, 400, speed_mps=5.0)]
    points = demand(*CORNERS, weight=[1, 2, 3, 4, 5, 6])
    result = plan(units, points)
    assert faults_of(result, points, units) == []
    assert result.unserved.empty
    visited = [stop.point for tour in result.tours for stop in tour.stops]
    assert 0 < result.value <= points["weight"][visited].sum() + 1e-9
    assert 0 < result.share_served <= 1


def test_the_checker_catches_a_matrix_that_lies(monkeypatch):
    """The planted fault: travel times of half the length are caught by the block distances."""
    honest = _patrol_search.tour_problem

    def hurried(*arguments, **options):
        problem = honest(*arguments, **options)
        return replace(problem, travel_s=problem.travel_s / 2)

    monkeypatch.setattr(_patrol_search, "tour_problem", hurried)
    points = demand(*CORNERS)
    assert faults_of(plan([unit()], points), points, [unit()])


def test_hotspots_are_visited_again():
    """Eight hours and two points: each comes up in every span of two hours."""
    points = demand((100, 0), (0, 100))
    result = plan([unit(hours=8)], points)
    visits = result.stops_layer().groupby("name_en").size()
    assert (visits >= 3).all()
    assert faults_of(result, points, [unit(hours=8)]) == []


def test_another_seed_another_order():
    points = demand(*CORNERS)
    first, second = (
        plan([unit()], points, seed=seed).stops_layer()["arrives_at"].tolist() for seed in (1, 2)
    )
    assert first != second
    assert plan([unit()], points, seed=1).stops_layer()["arrives_at"].tolist() == first


def test_routes_follow_the_streets():
    streets = grid_streets()
    units = [unit("one"), unit("car", 0, 400, speed_mps=5.0)]
    result = plan(units, demand(*CORNERS, *CORNERS, *CORNERS))
    network = shapely.union_all(streets.geometry.array).buffer(0.01)
    for tour in result.tours:
        assert network.covers(tour.route)
        assert tour.route.coords[0] == tour.route.coords[-1] == tour.unit.post.coords[0]
        path = [tour.unit.post, *(stop.geometry for stop in tour.stops), tour.unit.post]
        length = sum(block_distance_m(here, there) for here, there in pairwise(path))
        assert tour.route.length == pytest.approx(length)


def test_one_way_streets_bind_wheels_and_not_feet():
    """From (100, 0) to (50, 0) against a one-way street: 50 m on foot, 350 m around on wheels."""
    points = demand((50, 0))
    crews = unit("walker", 100, 0, hours=0.5), unit("driver", 100, 0, speed_mps=5.0, hours=0.5)
    walker, driver = (plan([crew], points, oneway={"row-0-0"}).tours[0] for crew in crews)
    assert len(walker.stops) == len(driver.stops) == 1
    assert walker.route.length == pytest.approx(100.0)
    assert driver.route.length == pytest.approx(400.0)


def test_layers_hold_what_the_plan_says():
    result = plan([unit("one"), unit("late", hours=0.1)], demand(*CORNERS))
    tours, stops = result.tours_layer(), result.stops_layer()
    assert tours["unit"].tolist() == ["one"]
    assert tours.crs == stops.crs == result.crs
    assert (tours.geometry.length == tours["length_m"]).all()
    assert tours["stops"].sum() == len(stops)
    assert stops["order"].tolist() == list(range(1, len(stops) + 1))
    assert str(stops["arrives_at"].dt.tz) == "UTC"
    assert (stops["leaves_at"] > stops["arrives_at"]).all()
    assert tours["synthetic"].all()
    assert stops["reason_th"].eq("จุดเสี่ยง").all()


def test_a_shift_too_short_leaves_the_unit_at_its_post():
    result = plan([unit(hours=0.1)], demand((400, 400)))
    (tour,) = result.tours
    assert tour.stops == ()
    assert tour.route is None
    assert "Stays at its post" in tour.note_en
    assert "อยู่ประจำจุด" in tour.note_th
    assert result.unserved["name_en"].tolist() == ["Point 0"]
    assert result.unserved["code"].tolist() == ["too_late"]
    assert result.share_served == 0.0
    assert result.tours_layer().empty
    stops = result.stops_layer()
    assert list(stops.columns)[:3] == ["unit", "order", "kind"]
    assert (stops["leaves_at"] - stops["arrives_at"]).dt.total_seconds().empty


def test_the_time_left_goes_to_further_visits():
    """Two cars alone make every visit that is due; the walkers still find work, within the gaps."""
    cars = [unit("car", 0, 400, speed_mps=5.0, hours=8), unit("van", speed_mps=5.0, hours=8)]
    walkers = [unit(f"walker-{number}", 400, 400, hours=8) for number in range(3)]
    points = demand(*CORNERS, weight=[1, 2, 3, 4, 5, 6])
    assert plan(cars, points).share_served == 1.0
    result = plan([*cars, *walkers], points, seed=2)
    assert faults_of(result, points, [*cars, *walkers]) == []
    assert result.share_served == 1.0
    assert any(tour.stops for tour in result.tours[2:])


def test_no_visit_on_top_without_the_rounds_after_the_first(monkeypatch):
    """The planted fault: with nothing offered after the first round, somebody idles."""
    monkeypatch.setattr(_patrol_rounds, "_further", lambda *_: NO_VISITS)
    cars = [unit("car", 0, 400, speed_mps=5.0, hours=8), unit("van", speed_mps=5.0, hours=8)]
    walkers = [unit(f"walker-{number}", 400, 400, hours=8) for number in range(3)]
    result = plan([*cars, *walkers], demand(*CORNERS))
    assert not any(tour.stops for tour in result.tours[2:])


def test_share_served_counts_the_windows_in_which_somebody_came():
    """Recounted stop by stop from the windows that the seed offers."""
    units, points = [unit(hours=8)], demand(*CORNERS, *CORNERS, weight=range(1, 13))
    result = plan(units, points, seed=4)
    night = make_ready(grid_zone(grid_streets()), units, points, params=QUICK, rules=PatrolRules())
    due = visits_due(night, seed=4)
    begun = [
        (int(stop.point[1:]), (stop.arrives_at - units[0].starts_at).total_seconds())
        for stop in result.tours[0].stops
    ]
    made = [
        any(p == row.point and row.earliest_s - 0.01 <= t <= row.latest_s + 0.01 for p, t in begun)
        for row in due.itertuples()
    ]
    weight = points["weight"].to_numpy()[due["point"]]
    assert 0 < result.share_served < 1
    assert result.share_served == pytest.approx(weight[made].sum() / weight.sum())


def test_a_unit_nobody_needs_is_in_reserve():
    """Who is there first does it; the other stays, and for another reason than want of time."""
    once = PatrolParams(iterations=60, least_gap_s=3500.0)
    units = [unit("near", hours=0.9), unit("far", 400, 400, hours=0.9)]
    near, far = plan(units, demand((0, 50)), params=once).tours
    assert near.note_en == near.note_th == ""
    assert len(near.stops) == 1
    assert "in reserve" in far.note_en
    assert "กำลังสำรอง" in far.note_th


def test_who_visits_nothing_on_its_way_elsewhere_does_not_stay():
    """A walker to an end post, one to a place of rest, and one that rests at its post."""
    pause = Break(NIGHT + timedelta(minutes=10), NIGHT + timedelta(minutes=20), 600.0)
    near, to_end, to_rest, at_post = (
        unit(name, *place, hours=0.9)
        for name, place in (("near", (0, 0)), *((name, (400, 400)) for name in "abc"))
    )
    units = [
        near,
        replace(to_end, end_post=at(300, 400)),
        replace(to_rest, breaks=(replace(pause, at=at(400, 300)),)),
        replace(at_post, breaks=(pause,)),
    ]
    once = PatrolParams(iterations=60, least_gap_s=3500.0)
    for points, reason in ((demand((0, 50)), "reserve"), (demand((0, 50), dwell_s=1e5), "no time")):
        _, *idle = plan(units, points, params=once).tours
        begin = ["Makes no visit", "Makes no visit", "Stays at its post"]
        assert [tour.note_en[: len(one)] for tour, one in zip(idle, begin, strict=True)] == begin
        assert all(reason in tour.note_en for tour in idle)
        assert [bool(tour.legs) for tour in idle] == [True, True, False]
        assert ["อยู่ประจำจุด" in tour.note_th for tour in idle] == [False, False, True]


def test_too_little_time_serves_the_weightiest():
    points = demand((0, 100), (100, 0), weight=[1.0, 9.0])
    result = plan([unit(hours=0.3)], points)
    assert [stop.point for stop in result.tours[0].stops] == ["p1"]
    assert result.unserved.to_dict("records") == [
        {
            "name_th": "จุด 0",
            "name_en": "Point 0",
            "weight": 1.0,
            "code": "no_time",
            "reason_th": "เวลาของหน่วยไม่พอ",
            "reason_en": "the units have no time left for it",
        }
    ]


def best_by_enumeration(points, post, *, shift_s):
    """Return the most weight that any order of any points collects in a shift."""
    best = 0.0
    for count in range(1, len(points) + 1):
        for order in permutations(points.itertuples(), count):
            path = [post, *(point.geometry for point in order), post]
            way_m = sum(abs(a.x - b.x) + abs(a.y - b.y) for a, b in pairwise(path))
            if way_m / 1.2 + sum(point.dwell_s for point in order) <= shift_s:
                best = max(best, sum(point.weight for point in order))
    return best


@pytest.mark.parametrize("hours", [0.4, 0.8, 1.2])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_order_of_stops_is_worth_more(hours, seed):
    """The oracle: every order of every choice of five points that are wanted once."""
    points = demand(*CORNERS[:5], weight=[3, 5, 2, 7, 4]).assign(revisit_s=np.inf)
    crew = unit(hours=hours)
    expected = best_by_enumeration(points, crew.post, shift_s=3600 * hours)
    assert plan([crew], points, seed=seed).value == pytest.approx(expected)


def test_no_demand_is_a_quiet_night():
    result = plan([unit()], demand())
    assert (result.value, result.share_served, len(result.unserved)) == (0.0, 1.0, 0)


def test_no_units():
    with pytest.raises(InfeasiblePlanError, match="at least one unit"):
        plan([], demand((0, 0)))


def test_ten_thousand_units():
    crews = [unit(f"walker-{number}") for number in range(10_000)]
    with pytest.raises(InfeasiblePlanError, match=r"Expected at most 2000 units .* got 10000"):
        plan(crews, demand((0, 0)))


def test_too_many_points_for_one_plan():
    points = demand(*[(0, number % 400) for number in range(4001)])
    with pytest.raises(InfeasiblePlanError, match="Expected at most 4000 points of demand"):
        plan([unit(hours=8)], points)


def test_what_nobody_can_reach_is_named():
    """An island of one street: a point on it, then a post on it."""
    streets = grid_streets()
    far = streets.iloc[[0]].set_geometry([shapely.LineString([at(900, 0), at(1000, 0)])])
    zone = grid_zone(pd.concat([streets, far.rename(index={far.index[0]: "island"})]))
    points = demand((950, 0), (100, 0))
    result = plan_patrol(zone, [unit()], points, params=QUICK, seed=1)
    assert result.unserved["code"].to_dict() == {"p0": "unreachable"}
    assert faults_of_plan(zone, [unit()], points, QUICK, None, result) == []
    (tour,) = plan_patrol(zone, [unit(x=950)], points.loc[["p1"]], params=QUICK, seed=1).tours
    assert "no time to reach" in tour.note_en


def test_every_fault_of_the_demand_is_named():
    points = demand((0, 0), (100, 0), weight=[-1.0, 1.0]).drop(columns="reason_en")
    points.loc["p1", "dwell_s"] = 0.0
    with pytest.raises(LayerError) as caught:
        plan([unit()], points)
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        (None, None),
        (1, "weight"),
        (2, "dwell_s"),
    ]
    assert "`reason_en`" in str(caught.value)
    with pytest.raises(LayerError, match="the zone's CRS"):
        plan([unit()], demand((0, 0)).to_crs("EPSG:4326"))


def test_names_that_are_none_and_a_yes_for_a_number_of_units():
    points = demand((0, 0), (100, 0), (200, 0)).assign(name_en=["One", " ", None], name_th="")
    points["needs_units"] = [1, True, 2.0]
    with pytest.raises(LayerError) as caught:
        plan([unit()], points)
    assert [(fault.field, fault.row, fault.found) for fault in caught.value.faults] == [
        *(("name_th", row, "''") for row in (1, 2, 3)),
        ("name_en", 2, "' '"),
        ("name_en", 3, "nan"),
        ("needs_units", 2, "True"),
    ]


@pytest.mark.parametrize(
    "place", [None, shapely.Point(), shapely.Point(np.nan, 871_000.0), shapely.box(0, 0, 1, 1)]
)
def test_points_of_demand_that_are_no_places(place):
    points = demand((0, 0), (100, 0))
    points.loc["p1", "geometry"] = place
    with pytest.raises(LayerError, match="demand, row 2, `geometry`: expected a Point, got"):
        plan([unit()], points)


def test_units_of_one_id():
    with pytest.raises(LayerError, match="units, row 2, `id`: expected a unique id, got 'walker'"):
        plan([unit(), unit()], demand((0, 0)))


@pytest.mark.parametrize("seed", [-1, 2**32, None, 1.0])
def test_a_seed_out_of_range(seed):
    with pytest.raises(ParameterError, match="Expected `seed` from 0 to"):
        plan([unit()], demand((0, 0)), seed=seed)


def test_a_post_far_from_any_street():
    far = unit(x=5000, y=5000)
    with pytest.raises(LayerError, match="units, row 1, `geometry`: expected a street within 150"):
        plan([far], demand((0, 0)))
    assert far.post == at(5000, 5000)


def test_params_name_every_fault():
    with pytest.raises(ParameterError) as caught:
        PatrolParams(revisit_s=0, time_limit_s=-1, iterations=0, snap_limit_m=0)
    for name in ("revisit_s", "time_limit_s", "iterations", "snap_limit_m", "least_gap_s"):
        assert f"`{name}`" in str(caught.value)


@pytest.mark.parametrize("value", [np.inf, np.nan, None])
@pytest.mark.parametrize(
    "name", ["revisit_s", "least_gap_s", "snap_limit_m", "time_limit_s", "iterations"]
)
def test_params_are_finite(name, value):
    with pytest.raises(ParameterError, match=f"`{name}`"):
        PatrolParams(**{name: value})


def test_iterations_are_whole():
    with pytest.raises(ParameterError, match="Expected whole `iterations` >= 1"):
        PatrolParams(iterations=2.5)
