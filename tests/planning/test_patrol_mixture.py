"""Mixtures of plans: against enumeration, recounted stop by stop, and watched by an observer."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geo.errors import InfeasiblePlanError, LayerError, ParameterError
from planning import _mixture_quiet
from planning.mixture_params import MixtureParams
from planning.patrol import PatrolParams, plan_patrol
from planning.patrol_mixture import plan_mixture
from tests.planning.grid_town import NIGHT, demand, grid_streets, grid_zone, unit
from tests.planning.observer import hours_of, place_of, success_of_observer, visits_of
from tests.planning.patrol_cases import faults_of_plan

PARAMS = PatrolParams(time_limit_s=1e6)
# No clock ends these searches, so that they are the same on any machine.
FEW = MixtureParams(open_plans=2, rounds=3, plans_a_round=4, iterations=20, time_limit_s=1e6)
PLACES = [(0, 100), (300, 200), (400, 0), (250, 200), (100, 350), (200, 0)]


def town_of(units, points, *, blocks=4, mixture=FEW, seed=1, **options):
    zone = grid_zone(grid_streets(blocks))
    return plan_mixture(zone, units, points, params=PARAMS, mixture=mixture, seed=seed, **options)


@cache
def a_town():
    """Return units, points and a mixture; three patrols, six places."""
    units = [unit("one"), unit("two", 400, 400), unit("car", 0, 400, speed_mps=5.0)]
    points = demand(*PLACES, weight=[1, 2, 3, 4, 5, 6])
    return units, points, town_of(units, points)


def recount(mixture):
    """Return how likely somebody is at each place within each hour, by the drawn plans' stops."""
    likely = {}
    for plan, probability in zip(mixture.plans, mixture.probabilities, strict=True):
        there = {(place_of(stop), hour) for stop in visits_of(plan) for hour in hours_of(stop)}
        for seen in there:
            likely[seen] = likely.get(seen, 0.0) + probability
    return likely


def faults_of_mixture(mixture):
    """Check the figures of a mixture by a second way to get them."""
    faults = []
    share = mixture.probabilities
    if not np.isclose(sum(share), 1.0) or min(share) <= 0:
        faults.append("the probabilities are none")
    value = sum(one * plan.value for one, plan in zip(share, mixture.plans, strict=True))
    if not np.isclose(value, mixture.expected_value):
        faults.append("the expected value is not that of the plans")
    if max(plan.value for plan in mixture.plans) > mixture.best_value + 1e-9:
        faults.append("a plan is better than the best")
    # The bound is one of mixtures that keep the cap.
    kept = mixture.predictability <= mixture.params.most_predictable + 1e-6
    if kept and mixture.value_bound < mixture.expected_value - 1e-6:
        faults.append("the bound is below the value")
    likely = recount(mixture)
    if not np.isclose(max(likely.values(), default=0.0), mixture.predictability):
        faults.append("the predictability is not that of the stops")
    told = mixture.stop_hours
    if not np.isclose(told["probability"].sum(), sum(likely.values())):
        faults.append("the stop-hours are not those of the stops")
    return faults


def test_figures_are_those_of_the_plans():
    _, _, mixture = a_town()
    assert faults_of_mixture(mixture) == []
    assert mixture.predictability <= 0.75 + 1e-6
    assert mixture.uncovered <= 0.75 + 1e-6
    missed = sum(
        one * ~plan.streets_covered(grid_streets())
        for one, plan in zip(mixture.probabilities, mixture.plans, strict=True)
    )
    pd.testing.assert_series_equal(
        mixture.streets["uncovered"], missed, check_names=False, rtol=1e-9
    )
    assert len(mixture.plans) > 2


def test_every_plan_keeps_every_rule():
    units, points, mixture = a_town()
    zone = grid_zone(grid_streets())
    for plan in mixture.plans:
        seen = {stop.point for stop in visits_of(plan)}
        offered = mixture.demand[
            [label in seen or label in points.index for label in mixture.demand.index]
        ]
        assert faults_of_plan(zone, units, offered, PARAMS, None, plan) == []


def test_the_value_is_that_of_any_plan_and_streets_weigh_nothing():
    _, points, mixture = a_town()
    streets = mixture.demand.index.difference(points.index)
    assert (mixture.demand.loc[streets, "weight"] == 0).all()
    assert not any(set(plan.unserved.index) & set(streets) for plan in mixture.plans)


def test_the_same_seed_gives_the_same_mixture_with_any_number_of_workers():
    units, points, mixture = a_town()
    again = town_of(units, points, workers=2)
    assert again.probabilities == mixture.probabilities
    assert [plan.tours for plan in again.plans] == [plan.tours for plan in mixture.plans]


def test_another_seed_gives_other_plans():
    units, points, mixture = a_town()
    other = town_of(units, points, seed=2)
    assert [plan.tours for plan in other.plans] != [plan.tours for plan in mixture.plans]


def test_tonight_is_drawn_by_a_seed_of_its_own():
    _, _, mixture = a_town()
    numbers = {id(plan): number for number, plan in enumerate(mixture.plans)}
    drawn = np.array([numbers[id(mixture.draw(seed))] for seed in range(3000)])
    often = np.bincount(drawn, minlength=len(mixture.plans)) / len(drawn)
    assert often == pytest.approx(mixture.probabilities, abs=0.04)
    assert mixture.draw(7) is mixture.draw(7)
    with pytest.raises(ParameterError, match="`seed` from 0"):
        mixture.draw(-1)


def test_an_observer_of_sixty_nights_is_right_no_more_often_than_the_cap():
    _, _, mixture = a_town()
    caught = [success_of_observer(mixture, watched=60, nights=500, seed=seed) for seed in range(10)]
    assert max(caught) <= 0.75 + 4 * np.sqrt(0.75 * 0.25 / 500)
    assert max(caught) > 0.5


# --- what can be enumerated


def best_by_enumeration(weights, cap):
    """Return the best expected value where each plan visits one point, within one hour."""
    count = len(weights)
    values = np.append(weights, 0.0)
    present = np.hstack([np.eye(count), np.zeros((count, 1))])
    solved = linprog(
        -values, A_ub=present, b_ub=np.full(count, cap), A_eq=np.ones((1, count + 1)), b_eq=[1.0]
    )
    return -solved.fun


@pytest.mark.parametrize("weights", [(10.0, 6.0), (5.0, 9.0, 7.0)])
@pytest.mark.parametrize("cap", [0.4, 0.75])
def test_where_all_plans_can_be_enumerated(weights, cap):
    """A quarter of an hour between posts two blocks apart: time for one of the points."""
    points = demand((0, 100), (100, 0), (100, 100), weight=1.0).head(len(weights))
    points["weight"] = weights
    mixture = town_of(
        [unit(hours=0.32)],
        points,
        blocks=1,
        mixture=replace(FEW, most_predictable=cap, most_uncovered=1.0, rounds=6),
    )
    assert mixture.expected_value == pytest.approx(best_by_enumeration(weights, cap), rel=1e-6)
    assert mixture.predictability == pytest.approx(cap)
    assert mixture.best_value == max(weights)
    assert mixture.value_bound >= mixture.expected_value


def test_streets_nobody_passes_are_passed_sometimes():
    """The only point is at the post: nobody would leave it."""
    streets = grid_streets(1)
    mixture = town_of([unit(hours=2.0)], demand((0, 0)), blocks=1)
    assert mixture.uncovered <= 0.75 + 1e-6
    assert mixture.streets["passable"].all()
    alone = plan_patrol(grid_zone(streets), [unit(hours=2.0)], demand((0, 0)), seed=1)
    assert not alone.streets_covered(streets).loc[["row-1-0", "col-1-0"]].any()


def test_a_street_that_cannot_be_reached_in_time_is_not_capped():
    mixture = town_of([unit(hours=0.3)], demand((0, 50)), blocks=4)
    assert not mixture.streets.loc["row-4-3", "passable"]
    assert mixture.streets.loc["row-4-3", "uncovered"] == 1.0
    near = mixture.streets[mixture.streets["passable"]]
    assert mixture.uncovered == pytest.approx(near["uncovered"].max())
    assert 0 < len(near) < len(mixture.streets)


def test_an_hour_that_everybody_knows_of_is_not_capped():
    points = demand((0, 100), (100, 0), weight=[9.0, 1.0])
    points["opens_at"] = pd.to_datetime([NIGHT + timedelta(minutes=70), None], utc=True)
    points["closes_at"] = points["opens_at"] + timedelta(minutes=20)
    mixture = town_of([unit(hours=3.0)], points, blocks=1)
    told = mixture.stop_hours.set_index(["point", "hour"])
    school = ("p0", pd.Timestamp(NIGHT + timedelta(hours=1)))
    assert told.loc[school, "announced"]
    assert told.loc[school, "probability"] == pytest.approx(1.0)
    assert told["announced"].sum() == 1
    assert mixture.predictability <= 0.75 + 1e-6


def test_two_points_at_one_place_are_watched_as_one():
    points = demand((0, 100), (0, 100), weight=[4.0, 3.0])
    mixture = town_of([unit(hours=1.0)], points, blocks=1)
    assert faults_of_mixture(mixture) == []
    assert mixture.stop_hours["point"].tolist().count("p1") == 0


@settings(max_examples=4)
@given(st.integers(0, 1000))
def test_figures_of_random_towns(seed):
    rng = np.random.default_rng(seed)
    units = [
        unit(f"u{n}", *(100 * rng.integers(0, 3, 2)).tolist(), hours=float(rng.uniform(0.5, 3.0)))
        for n in range(rng.integers(1, 3))
    ]
    places = 100 * rng.integers(0, 3, (rng.integers(1, 5), 2))
    points = demand(*map(tuple, np.unique(places, axis=0).tolist()), weight=2.0)
    mixture = town_of(
        units,
        points,
        blocks=2,
        mixture=replace(FEW, open_plans=1, rounds=1, plans_a_round=3, most_predictable=0.6),
        seed=seed,
    )
    assert faults_of_mixture(mixture) == []


# --- limits and errors


def test_the_search_ends_when_it_is_told_to():
    units, points, _ = a_town()
    told = []
    mixture = town_of(
        units, points, keep_going=lambda: False, progress=lambda *done: told.append(done)
    )
    assert told == [(0, 14), (2, 14), (14, 14)]
    assert len(mixture.plans) <= 2
    assert not mixture.keeps_all


def test_the_frontier_falls_with_the_cap():
    _, _, mixture = a_town()
    kept = mixture.frontier.dropna()
    assert kept["value"].is_monotonic_increasing
    assert kept["cap"].iloc[-1] == 1.0
    at_cap = kept.set_index("cap")["value"][0.75]
    assert at_cap == pytest.approx(mixture.value_share)
    bound = mixture.frontier.set_index("cap")["at_most"]
    assert bound.is_monotonic_increasing
    assert (kept["at_most"] >= kept["value"] - 1e-6).all()
    assert bound[0.75] * mixture.best_value == pytest.approx(mixture.value_bound)


def test_no_demand():
    mixture = town_of([unit()], demand(), blocks=1)
    assert (mixture.expected_value, mixture.value_share) == (0.0, 1.0)
    assert mixture.uncovered <= 0.75 + 1e-6


def test_params_name_every_fault():
    with pytest.raises(ParameterError) as caught:
        MixtureParams(
            most_predictable=0.0,
            most_uncovered=1.5,
            least_value=-1,
            announced_s=np.inf,
            open_plans=0,
            rounds=1.5,
            plans_a_round=0,
            iterations=0,
            time_limit_s=0,
        )
    for name in vars(MixtureParams()):
        assert f"`{name}`" in str(caught.value)


def test_errors_are_those_of_a_plan():
    with pytest.raises(InfeasiblePlanError, match="at least one unit"):
        town_of([], demand((0, 0)))
    with pytest.raises(LayerError, match="demand, row 2, `weight`"):
        town_of([unit()], demand((0, 0), (100, 0), weight=[1.0, -1.0]))
    with pytest.raises(LayerError, match="a column `dwell_s`"):
        town_of([unit()], demand((0, 0)).drop(columns="dwell_s"))
    with pytest.raises(ParameterError) as caught:
        town_of([unit()], demand((0, 0)), seed=-1, workers=0)
    assert "`seed`" in str(caught.value)
    assert "`workers`" in str(caught.value)


def test_a_planted_fault_is_caught(monkeypatch):
    """Did no hour ever rest, the cap of an hour visited every night would be broken."""
    monkeypatch.setattr(
        _mixture_quiet.Turns, "take", lambda self, _number: np.zeros_like(self._turn, dtype=bool)
    )
    units, points, _ = a_town()
    mixture = town_of(units, points, mixture=replace(FEW, rounds=1))
    assert faults_of_mixture(mixture) == []
    assert mixture.predictability > 0.75 + 1e-6
