"""What rules ask of a choice of sites: masks, forbidden ground, folds and shares."""

import pandas as pd
import pytest

from geo.errors import InfeasiblePlanError, LayerError, ParameterError
from geo.visibility import fields_of_view
from tests.planning.grid_town import at
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
    wanted,
)


@pytest.mark.parametrize(
    ("west", "east", "left"), [(20, 30, 40.0), (-10, 50.1, 0.0), (60, 90, 50.0)]
)
def test_a_mask_costs_exactly_the_street_under_it(west, east, left):
    problem = prepared(cameras(0), masked=ground(west, east))
    assert problem.solve(budget=1, **LIMITS).covered == left
    field, masked = fields_of_view(cameras(0), NO_HOUSES)["a"], ground(west, east).geometry[0]
    assert problem.masked_m2[0] == pytest.approx(field.intersection(masked).area)
    assert problem.fields["a"].area == pytest.approx(field.difference(masked).area)


def test_a_mask_hides_nothing_behind_it():
    behind = layer(at(41, 0))
    problem = prepared(cameras(0), masked=ground(20, 30))
    assert problem.fields.intersects(behind.geometry[0]).all()


def test_forbidden_ground_rules_out_exactly_who_sees_it():
    """Ground 10 m aside from 60 m to 70 m on: seen from 20 m and 40 m, not from 0 m and 70 m."""
    quarters = ground(60, 70, south=10, north=12)
    candidates = cameras(0, 20, 40, 70)
    problem = prepared(candidates, forbidden=quarters)
    assert problem.forbidden.tolist() == [1, 2]
    result = problem.solve(budget=4, **LIMITS)
    assert result.chosen.tolist() == [0, 3]
    assert result.covered == 100.0


def test_a_sliver_of_forbidden_ground_is_let_pass():
    """Twice 0.05 m across 10 m of view is half a square metre; twice as much is too much."""
    assert prepared(cameras(0), forbidden=ground(20, 20.05, south=-5, north=5)).forbidden.size == 0
    assert prepared(cameras(0), forbidden=ground(20, 20.2, south=-5, north=5)).forbidden.size == 1


def test_a_mask_does_not_allow_what_is_forbidden():
    quarters = ground(20, 30)
    assert prepared(cameras(0), masked=quarters, forbidden=quarters).forbidden.tolist() == [0]


def test_a_point_wanted_twice_gets_two_cameras():
    """Alone, 150 m would be the second best site; the SOS point at 45 m lacks a second view."""
    candidates = cameras(0, 20, 150)
    assert solved(candidates, budget=2)[1] == "ac"
    result, chosen = solved(candidates, budget=2, wanted=wanted(45))
    assert (chosen, result.covered) == ("ab", 70.0 + 1000.0)
    # One view is not half as good as two.
    assert solved(candidates, budget=1, wanted=wanted(45))[0].covered == 50.0


@pytest.mark.parametrize(("folds", "missing"), [(1, []), (2, [1]), (3, [2])])
def test_standing_cameras_reduce_the_folds(folds, missing):
    standing = fields_of_view(cameras(0), NO_HOUSES)
    problem = prepared(cameras(10, 20), seen=standing, wanted=wanted(45, folds=folds))
    points = problem.points
    assert points.loc[points["length_m"] == 0, "folds"].tolist() == missing


def test_a_share_for_each_community_is_worse_and_fairer():
    """The east has 40 m of street: two cameras in the west see more, but leave it blind."""
    candidates = cameras(0, 50, 110, 170, range_m=[50.0, 50.0, 50.0, 20.0])
    streets = street(200, pieces=4)
    spans = communities((0, 160), (160, 200))
    free, chosen = solved(candidates, streets=streets, budget=2, communities=spans)
    assert (free.covered, len(chosen)) == (100.0, 2)
    assert "d" not in chosen
    fair, chosen = solved(candidates, streets=streets, budget=2, communities=spans, least_share=0.3)
    assert "d" in chosen
    assert fair.covered == 70.0
    assert fair.upper_bound >= 70.0


def test_shares_are_of_metres_seen_by_anyone_whatever_a_metre_counts():
    """Standing cameras see half of the west: nothing is lacking there. The east counts nothing."""
    standing = fields_of_view(cameras(0), NO_HOUSES)
    spans = communities((0, 100), (100, 200))
    weight = pd.Series({"s-0": 1.0, "s-1": 0.0})
    options = {"seen": standing, "communities": spans, "street_weight": weight}
    problem = prepared(cameras(50, 110), least_share=0.5, **options)
    assert problem.communities["seen_m"].tolist() == [50.0, 0.0]
    assert problem.communities["least_m"].tolist() == [50.0, 50.0]
    assert problem.solve(budget=1, **LIMITS).chosen.tolist() == [1]
    free = prepared(cameras(50, 110), least_share=0.0, **options)
    assert free.solve(budget=1, **LIMITS).chosen.tolist() == [0]


def test_a_share_out_of_reach_names_the_community():
    problem = prepared(
        cameras(0, 50), communities=communities((0, 100), (100, 200)), least_share=0.2
    )
    with pytest.raises(InfeasiblePlanError, match="Community 2"):
        problem.solve(budget=2, **LIMITS)
    with pytest.raises(InfeasiblePlanError) as caught:
        problem.solve(budget=0, **LIMITS)
    first = "Expected at least 20 m of the 100 m of street in Community 1 seen, 20 m more than now."
    assert str(caught.value).splitlines()[0] == first
    assert "shares[" not in str(caught.value)
    # Each could have its share alone, but not both.
    both = prepared(cameras(0, 150), communities=communities((0, 100), (100, 200)), least_share=0.2)
    with pytest.raises(InfeasiblePlanError) as caught:
        both.solve(budget=1, **LIMITS)
    told = str(caught.value)
    assert "that shows enough of the unseen street in Community 1 reaches" in told


@pytest.mark.parametrize("budget", [0, 1])
def test_what_is_out_of_reach_is_told_in_metres_alone(budget):
    """Of 200 m in one community nobody sees; one camera shows 50 m of the 120 m that are asked."""
    problem = prepared(cameras(0), communities=communities((0, 200)), least_share=0.6)
    with pytest.raises(InfeasiblePlanError) as caught:
        problem.solve(budget=budget, **LIMITS)
    assert str(caught.value).splitlines() == [
        "Expected at least 120 m of the 200 m of street in Community 1 seen, 120 m more than now.",
        (
            f"Of its unseen street, within the budget of {budget}: no choice reaches more than "
            f"{50 * budget} m of it."
        ),
    ]


@pytest.mark.parametrize("cost", [[True, True], [2.0, True]])
def test_a_flag_is_no_cost(cost):
    flagged = cameras(0, 50).assign(cost=pd.Series(cost, dtype="object").infer_objects().array)
    with pytest.raises(LayerError, match=r"row 2, `cost`: expected a number > 0, got True"):
        prepared(flagged)


@pytest.mark.parametrize("none", [None, communities((0, 100)).iloc[:0]])
def test_a_share_where_there_are_no_communities_is_refused(none):
    with pytest.raises(ParameterError, match=r"`least_share` 0 .* no communities, got 0\.3\."):
        prepared(cameras(0), communities=none, least_share=0.3)


def test_communities_without_streets_need_nothing():
    problem = prepared(cameras(0), communities=communities((0, 200), (300, 400)), least_share=0.25)
    assert problem.communities.index.tolist() == ["c-1"]
    assert problem.solve(budget=1, **LIMITS).covered == 50.0
