"""The choice of sites on a street where the best is plain to the eye, and against every choice."""

from dataclasses import replace
from itertools import chain, combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from geo.errors import InfeasiblePlanError, LayerError, ParameterError
from geo.visibility import fields_of_view
from planning.site_problem import SiteProblem
from tests.planning.grid_town import TOWN_CRS, at
from tests.planning.one_street import (
    LIMITS,
    NO_HOUSES,
    cameras,
    communities,
    ground,
    layer,
    prepared,
    solved,
    street,
)


def test_the_best_site_is_the_one_that_sees_most():
    """From 180 m on only 20 m of street are left; 40 m and 60 m overlap by 30 m."""
    result, chosen = solved(cameras(0, 180, 40, 60), budget=2)
    assert chosen == "ad"
    assert (result.covered, result.upper_bound, result.gap) == (100.0, 100.0, 0.0)


def test_what_standing_cameras_see_counts_nothing():
    standing = fields_of_view(cameras(0), NO_HOUSES)
    result, chosen = solved(cameras(0, 30), budget=2, seen=standing)
    assert (chosen, result.covered) == ("b", 30.0)


def test_fixed_sites_are_built_and_useless_ones_are_not():
    """A site behind the end of the street sees none of it."""
    candidates = cameras(300, 0, 50)
    result, chosen = solved(candidates, budget=2, fixed=["a"])
    assert (len(chosen), "a" in chosen, result.covered) == (2, True, 50.0)
    result, chosen = solved(candidates, budget=3)
    assert (chosen, result.spent) == ("bc", 2.0)


def test_dear_sites_give_way_to_two_cheap_ones():
    candidates = cameras(0, 50, 100, cost=[3.0, 2.0, 2.0], range_m=[70.0, 50.0, 50.0])
    result, chosen = solved(candidates, budget=4.5)
    assert (chosen, result.covered, result.spent) == ("bc", 100.0, 4.0)


def test_streets_count_by_weight():
    """Weights multiply metres; a weight of 0 is as good as blind."""
    weight = pd.Series({"s-0": 0.0, "s-1": 2.0})
    result, chosen = solved(cameras(0, 80), budget=2, street_weight=weight)
    assert (chosen, result.covered) == ("b", 60.0)


def test_stopped_at_once_it_still_answers():
    problem = prepared(cameras(0, 60, 120))
    result = problem.solve(budget=2, keep_going=lambda: False, **LIMITS)
    assert 0.0 <= result.covered <= 100.0 <= result.upper_bound


@pytest.mark.parametrize("budget", [0, 3])
def test_nothing_to_choose_from(budget):
    result = prepared(cameras(0).iloc[:0]).solve(budget=budget, **LIMITS)
    assert (result.chosen.size, result.covered, result.upper_bound, result.gap) == (0, 0, 0, 0)


def test_nothing_to_see():
    all_seen = gpd.GeoSeries(ground(-10, 210).geometry)
    result = prepared(cameras(0, 50), seen=all_seen).solve(budget=2, **LIMITS)
    assert (result.chosen.size, result.covered, result.gap) == (0, 0.0, 0.0)


# Bad input ---------------------------------------------------------------------------------------


def test_every_wrong_parameter_is_named():
    with pytest.raises(ParameterError) as caught:
        prepared(
            cameras(0),
            fixed=["x", "y"],
            least_share=1.5,
            spacing_m=0.0,
            street_weight=pd.Series({"s-0": -1.0, "s-1": np.nan}),
        )
    text = str(caught.value)
    assert "`fixed` among the ids of the candidates, got 'x'" in text
    assert "'y'" in text
    assert "`least_share` from 0 to 1, got 1.5" in text
    assert "`spacing_m` > 0" in text
    assert "`street_weight` >= 0, got -1.0 of s-0" in text
    assert "got nan of s-1" in text


def test_weights_are_given_once_for_every_street():
    weight = pd.Series([1.0, 1.0, 2.0], index=["s-0", "s-1", "s-1"])
    with pytest.raises(ParameterError, match=r"`street_weight` once for .* s-1"):
        prepared(cameras(0), street_weight=weight)
    with pytest.raises(ParameterError, match="`street_weight` of every street, got none of s-1"):
        prepared(cameras(0), street_weight=weight.iloc[:1])


def test_every_fault_of_supplied_candidates_is_named():
    candidates = cameras(0, 50, 100, 300, 400, cost=[0.0, 1.0, -2.0, "dear", None])
    house = layer(box(*at(45, -5).coords[0], *at(55, 5).coords[0]))
    zone = ground(-10, 310).geometry[0]
    with pytest.raises(LayerError) as caught:
        prepared(candidates, houses=house, boundary=zone)
    found = [(fault.row, fault.field, fault.expected) for fault in caught.value.faults]
    assert found == [
        (1, "cost", "a number > 0"),
        (2, "geometry", "a place outside the buildings"),
        (3, "cost", "a number > 0"),
        (4, "cost", "a number > 0"),
        (5, "geometry", "a place in the zone"),
    ]
    assert "'b'" in str(caught.value)
    assert "90 m outside it, 'e'" in str(caught.value)


def test_costs_and_views_are_named_together():
    candidates = cameras(0, 50, cost=[0.0, 1.0]).assign(fov_deg=[60.0, 400.0])
    candidates.index = ["a", "a"]
    with pytest.raises(LayerError) as caught:
        prepared(candidates)
    assert {fault.field for fault in caught.value.faults} == {"cost", "fov_deg", None}
    assert {fault.source for fault in caught.value.faults} == {"candidates"}


def test_every_fault_of_what_is_wanted_is_named():
    points = layer(at(0, 0), at(1, 0), folds=[0, 1.5], weight=[-1.0, np.nan])
    with pytest.raises(LayerError) as caught:
        prepared(
            cameras(0),
            wanted=points,
            masked=layer(at(0, 0)),
            forbidden=ground(0, 1).to_crs("EPSG:4326"),
        )
    places = [(fault.source, fault.row, fault.field) for fault in caught.value.faults]
    assert places == [
        ("masked", 1, "geometry"),
        ("forbidden", None, "geometry"),
        ("wanted", 1, "folds"),
        ("wanted", 2, "folds"),
        ("wanted", 1, "weight"),
        ("wanted", 2, "weight"),
    ]
    with pytest.raises(LayerError, match="`folds`: expected the column"):
        prepared(cameras(0), wanted=points[["weight", "geometry"]])


def test_a_fixed_site_must_not_see_forbidden_ground():
    with pytest.raises(ParameterError, match=r"`fixed` .* forbidden ground, got 'b'.* m2"):
        prepared(cameras(100, 0), forbidden=ground(20, 30), fixed=["a", "b"])


def test_fixed_over_budget():
    problem = prepared(cameras(0, 50, cost=[2.0, 3.0]), fixed=["a", "b"])
    assert problem.fixed_cost == 5.0
    with pytest.raises(ParameterError, match="Expected `fixed` to cost at most"):
        problem.solve(budget=4.0, **LIMITS)


# Against every choice ----------------------------------------------------------------------------


def random_town(seed):
    """Return a town of a street, a few houses and seven cameras, with every kind of wish."""
    rng = np.random.default_rng(seed)

    def boxes(count, *, reach):
        west, south = rng.uniform(0, 180, count), rng.uniform(-reach, reach - 5, count)
        sides = rng.uniform(3, 15, (2, count))
        corner = np.array(at(0, 0).coords[0])
        shapes = box(west, south, west + sides[0], south + sides[1])
        return layer(*[shapely.transform(shape, lambda xy: xy + corner) for shape in shapes])

    houses = boxes(6, reach=15)
    places = [at(*place) for place in rng.uniform([0, -8], [200, 8], (40, 2))]
    free = [place for place in places if not houses.intersects(place).any()][:8]
    views = {
        "azimuth_deg": rng.uniform(0, 360, len(free)),
        "fov_deg": rng.uniform(30, 360, len(free)),
        "range_m": rng.uniform(20, 70, len(free)),
        "cost": rng.choice([1.0, 1.5, 2.0], len(free)),
    }
    sites = gpd.GeoDataFrame(views, geometry=free, crs=TOWN_CRS).set_axis(
        list("hgfedcba")[: len(free)]
    )
    spots = rng.uniform(0, 200, 3)
    weight = pd.Series(rng.integers(0, 3, 4), index=[f"s-{i}" for i in range(4)])
    return {
        "streets": street(200, pieces=4),
        "buildings": houses,
        "seen": fields_of_view(sites.iloc[:1], houses),
        "candidates": sites.iloc[1:],
        "street_weight": weight if seed % 2 else None,
        "wanted": layer(*[at(x, 0) for x in spots], folds=[1, 2, 3], weight=rng.uniform(5, 50, 3)),
        "masked": boxes(3, reach=10),
        "forbidden": boxes(1, reach=10),
        "communities": communities((0, 90), (80, 200)),
        "least_share": float(rng.choice([0.0, 0.2, 0.35])),
        "spacing_m": 5.0,
    }


class Recount:
    """What a choice is worth, by shapely alone: no code of what it checks."""

    def __init__(self, town):
        self.sites, self.least_share = town["candidates"], town["least_share"]
        mask, forbidden = town["masked"].union_all(), town["forbidden"].union_all()
        views = fields_of_view(self.sites, town["buildings"])
        self.usable = [
            label for label in views.index if views[label].intersection(forbidden).area <= 1.0
        ]
        street_points = [at(2.5 + 5 * number, 0) for number in range(40)]
        marks = [*street_points, *town["wanted"].geometry]
        self.folds = np.array([1] * 40 + town["wanted"]["folds"].tolist())
        weight = np.ones(4) if town["street_weight"] is None else town["street_weight"].to_numpy()
        metres = np.repeat(weight, 10) * 5.0
        self.standing = np.array([mark.intersects(town["seen"].iloc[0]) for mark in marks], int)
        self.values = np.concatenate([metres, town["wanted"]["weight"]])
        self.values[self.standing >= self.folds] = 0.0
        self.looks = {
            label: np.array([mark.intersects(views[label].difference(mask)) for mark in marks])
            for label in views.index
        }
        self.areas = [
            [number for number, point in enumerate(street_points) if point.intersects(area)]
            for area in town["communities"].geometry
        ]

    def value(self, chosen, budget):
        """Return what a choice is worth; nothing where it is not allowed."""
        seen = self.standing + sum(self.looks[label] for label in chosen)
        if self.sites["cost"][list(chosen)].sum() > budget or not set(chosen) <= set(self.usable):
            return None
        if any((seen[area] > 0).mean() < self.least_share - 1e-9 for area in self.areas):
            return None
        return self.values[seen >= self.folds].sum()

    def best(self, budget):
        """Try every choice."""
        sizes = range(len(self.usable) + 1)
        choices = chain.from_iterable(combinations(self.usable, size) for size in sizes)
        values = [self.value(chosen, budget) for chosen in choices]
        return max((value for value in values if value is not None), default=None)


def agrees_with_every_choice(problem, recount, budget):
    """Hold an answer to the recount; say whether there was one."""
    best = recount.best(budget)
    limits = {"seed": 0, "time_limit_s": 2.0}
    if best is None:
        with pytest.raises(InfeasiblePlanError, match="Community"):
            problem.solve(budget=budget, **limits)
        return False
    result = problem.solve(budget=budget, **limits)
    chosen = problem.candidates.index[result.chosen]
    assert recount.value(chosen, budget) == pytest.approx(result.covered)
    assert result.covered == pytest.approx(best)
    assert result.upper_bound >= best * (1 - 1e-12)
    assert result.gap <= 1e-5
    return True


TOWNS = [random_town(seed) for seed in range(12)]


def test_as_every_choice_says():
    served = [
        agrees_with_every_choice(SiteProblem.prepare(**town), Recount(town), budget)
        for town in TOWNS
        for budget in (1.0, 2.5, 4.0)
    ]
    assert 6 <= sum(served) < len(served) - 3


@pytest.mark.parametrize("planted", ["points", "forbidden", "cover", "communities"])
def test_the_check_catches_a_planted_fault(planted):
    """A problem that leaves out one kind of wish must not pass for the town's."""
    spoil = {
        "points": lambda problem: problem.points.assign(folds=1),
        "forbidden": lambda problem: problem.forbidden[:0],
        "cover": lambda problem: problem.cover[::-1],
        "communities": lambda problem: problem.communities.assign(least_m=0.0),
    }[planted]

    def passes(town):
        problem = SiteProblem.prepare(**town)
        faulty = replace(problem, **{planted: spoil(problem)})
        try:
            agrees_with_every_choice(faulty, Recount(town), 2.5)
        except (AssertionError, InfeasiblePlanError, pytest.fail.Exception):
            return False
        return True

    assert not all(map(passes, TOWNS[:6]))
