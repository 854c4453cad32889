"""Large nights are searched in parts: nobody and nothing is lost, done twice, or cut off."""

from dataclasses import replace

import numpy as np
import pytest

from geo.errors import InfeasiblePlanError
from planning import _patrol_parts, _patrol_rounds, _patrol_search
from planning._patrol_night import make_ready, visits_due
from planning._patrol_parts import share_out
from planning.patrol import PatrolParams, plan_patrol
from planning.patrol_rules import PatrolRules
from tests.planning.made_up_city import city, city_demand, city_units
from tests.planning.patrol_cases import faults_of_plan

QUICK = PatrolParams(iterations=2, time_limit_s=600.0)


@pytest.fixture(scope="module")
def town():
    zone = city(12)
    return zone, city_units(zone, 12), city_demand(zone, hotspots=50, presence=30)


@pytest.fixture(scope="module")
def night(town):
    ready = make_ready(*town, params=QUICK, rules=PatrolRules())
    return ready, visits_due(ready, seed=1)


@pytest.fixture
def cut(monkeypatch):
    """Cut small nights too."""
    cut_beyond(60, monkeypatch)


def cut_beyond(visits, monkeypatch):
    monkeypatch.setattr(_patrol_parts, "LARGEST_WHOLE", visits)
    monkeypatch.setattr(_patrol_parts, "_USUAL_PART", visits)
    monkeypatch.setattr(_patrol_search, "LARGEST_WHOLE", visits)
    monkeypatch.setattr(_patrol_rounds, "LARGEST_WHOLE", visits)


def parts_of(night, *, tours=None, may=None, seed=0):
    ready, due = night
    tours = [[] for _ in ready.segments] if tours is None else tours
    may = np.ones((len(ready.segments), len(due)), dtype=bool) if may is None else may
    return share_out(ready, due, tours, may=may, rng=np.random.default_rng(seed))


def test_a_night_of_few_visits_is_whole(night):
    ready, due = night
    (part,) = parts_of(night)
    assert part.segments.tolist() == list(range(len(ready.segments)))
    assert part.visits.tolist() == list(range(len(due)))


@pytest.mark.parametrize("seed", range(5))
def test_everything_is_in_one_part(night, cut, seed):
    _, due = night
    parts = parts_of(night, seed=seed)
    assert len(parts) == -(-len(due) // 60)
    assert sorted(np.concatenate([part.segments for part in parts])) == list(range(12))
    assert sorted(np.concatenate([part.visits for part in parts])) == list(range(len(due)))


@pytest.mark.parametrize("seed", range(5))
def test_parts_have_work_for_the_time_they_have(night, cut, seed):
    ready, due = night
    dwell_s = ready.points["dwell_s"].to_numpy()[due["point"]]
    for part in parts_of(night, seed=seed):
        share = len(part.segments) / len(ready.segments)
        # A cut moves no visit in two, and there are three cuts above a part at most.
        assert dwell_s[part.visits].sum() / dwell_s.sum() == pytest.approx(share, abs=0.05)


def test_parts_lie_together(night, cut):
    """Two visits of a part are nearer to each other than two of the night."""
    ready, due = night
    xy = ready.ways.places.get_coordinates().to_numpy()[len(ready.units) + due["point"]]
    own = [np.var(xy[part.visits], axis=0).sum() for part in parts_of(night)]
    assert np.mean(own) < 0.6 * np.var(xy, axis=0).sum()


def test_cuts_differ(night, cut):
    first, second = (parts_of(night, seed=seed) for seed in (0, 1))
    of_first, of_second = ({frozenset(part.visits) for part in parts} for parts in (first, second))
    assert not of_first & of_second


def test_visits_stay_with_who_makes_them(night, cut):
    ready, due = night
    tours = [list(range(number, len(due), 40)) for number in range(len(ready.segments))]
    for part in parts_of(night, tours=tours):
        for number in part.segments:
            assert set(tours[number]) <= set(part.visits.tolist())


def test_a_visit_goes_where_somebody_may_make_it(night, cut):
    ready, due = night
    rider = len(ready.segments) - 1
    assert ready.units[rider].mode == "motorcycle"
    may = np.arange(len(ready.segments))[:, None] == np.full(len(due), rider)
    all_night = (due["latest_s"] - due["earliest_s"] == ready.span_s).to_numpy()
    assert all_night.sum() == 30
    for part in parts_of(night, may=may):
        assert rider in part.segments or not all_night[part.visits].any()


def test_a_part_gets_its_share_of_the_effort(town, cut, monkeypatch):
    """All searches of a round together take no more iterations for a visit than a whole night."""
    asked, honest = [], _patrol_search.solve_tours

    def noted(problem, **limits):
        asked.append((len(problem.prize), limits["iterations"], limits["time_limit_s"]))
        return honest(problem, **limits)

    monkeypatch.setattr(_patrol_search, "solve_tours", noted)
    plan_patrol(*town, params=QUICK, seed=1)
    size, iterations, limit_s = (np.array(each) for each in zip(*asked, strict=True))
    assert len(asked) > 8
    assert (iterations <= np.ceil(QUICK.iterations * size / 60)).all()
    assert (limit_s < QUICK.time_limit_s / 2).all()


def test_plans_in_parts_keep_every_rule(town, cut):
    zone, units, points = town
    plan = plan_patrol(zone, units, points, params=QUICK, seed=1)
    assert faults_of_plan(zone, units, points, QUICK, None, plan) == []
    again = plan_patrol(zone, units, points, params=QUICK, seed=1)
    assert [tour.stops for tour in plan.tours] == [tour.stops for tour in again.tours]


def test_parts_that_overlap_are_noticed(town, cut, monkeypatch):
    """The planted fault: every part is offered the visits that no unit makes yet.

    One that is made twice is missed where it must be made again, or else found by the checker.
    """

    def overlapping(night, visits, tours, *, may, rng):
        parts = share_out(night, visits, tours, may=may, rng=rng)
        bound = np.zeros(len(visits), dtype=bool)
        bound[[row for tour in tours for row in tour]] = True
        bound |= visits["required"].to_numpy()
        free = np.flatnonzero(~bound)
        return [part._replace(visits=np.union1d(part.visits, free)) for part in parts]

    monkeypatch.setattr(_patrol_search, "share_out", overlapping)
    zone, units, points = town
    try:
        plan = plan_patrol(zone, units, points, params=QUICK, seed=1)
    except InfeasiblePlanError:
        return
    faults = faults_of_plan(zone, units, points, QUICK, None, plan)
    assert any("is visited" in fault for fault in faults)


@pytest.mark.slow
def test_a_town_in_parts_is_worth_almost_as_much_as_whole(monkeypatch):
    """About 2,000 stretches of street and 30 units, searched whole and in parts."""
    zone = city(31)
    units, points = city_units(zone, 30), city_demand(zone, hotspots=140, presence=160)
    assert 1900 < len(zone.streets) < 2300
    params = replace(QUICK, iterations=40)
    whole = plan_patrol(zone, units, points, params=params, seed=1)
    cut_beyond(250, monkeypatch)
    in_parts = plan_patrol(zone, units, points, params=params, seed=1)
    assert faults_of_plan(zone, units, points, params, None, in_parts) == []
    assert in_parts.value > 0.95 * whole.value
