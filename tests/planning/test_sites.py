"""Sites for new cameras in a town of square blocks."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from analytics.blindspots import street_coverage
from geo.errors import InfeasiblePlanError, LayerError, ParameterError
from geo.layers import check_layer
from geo.visibility import fields_of_view, footprints
from planning.candidates import camera_candidates
from planning.site_problem import SiteProblem
from planning.sites import choose_sites, cost_curve, site_cameras
from planning.siting import SitingResult
from tests.planning.grid_town import TOWN_CRS, at, grid_buildings, grid_streets
from tests.planning.one_street import (
    NO_HOUSES,
    cameras,
    communities,
    ground,
    layer,
    street,
)

LIMITS = {"seed": 0, "time_limit_s": 10.0}
NOTHING = gpd.GeoSeries([], crs=TOWN_CRS)


def seen_m(streets, fields):
    points = street_coverage(streets, fields)
    return points.loc[points["seen_by"] > 0, "length_m"].sum()


@pytest.fixture(scope="module")
def sites():
    return site_cameras(grid_streets(), grid_buildings(), NOTHING, budget=6, **LIMITS)


def test_gains_add_up_to_what_is_newly_seen(sites):
    """Recounted through street coverage, rank by rank."""
    streets = grid_streets()
    before = 0.0
    for rank, gain_m in zip(sites.layer["rank"], sites.layer["gain_m"], strict=True):
        now = seen_m(streets, sites.fields_of_view.iloc[:rank])
        assert gain_m == pytest.approx(now - before)
        before = now
    assert before == pytest.approx(sites.result.covered)
    assert sites.layer["gain_m"].is_monotonic_decreasing
    assert sites.layer["rank"].tolist() == list(range(1, 7))


def test_better_than_any_random_choice(sites):
    rng = np.random.default_rng(0)
    streets, buildings = grid_streets(), grid_buildings()
    everything = site_cameras(streets, buildings, NOTHING, budget=500, **LIMITS)
    fields = everything.fields_of_view
    for _ in range(10):
        some = fields.iloc[rng.choice(len(fields), 6, replace=False)]
        assert seen_m(streets, some) <= sites.result.covered + 1e-6


def test_what_is_seen_already_counts_nothing():
    streets = grid_streets()
    south = gpd.GeoSeries([shapely.box(*streets.total_bounds).buffer(5)], crs=TOWN_CRS)
    done = site_cameras(streets, grid_buildings(), south, budget=3, **LIMITS)
    assert done.layer.empty
    assert done.result.covered == 0.0


def test_weights_draw_the_cameras():
    streets = grid_streets()
    weight = pd.Series(0.0, index=streets.index)
    weight["row-0-0"] = 3.0
    chosen = site_cameras(
        streets, grid_buildings(), NOTHING, budget=2, street_weight=weight, **LIMITS
    )
    line = streets.geometry["row-0-0"]
    assert (chosen.layer.distance(line) < 70).all()
    assert chosen.result.covered == pytest.approx(3 * line.length, rel=0.05)


def test_weights_of_every_street_are_asked_for():
    streets = grid_streets()
    with pytest.raises(ParameterError, match="`street_weight` of every street"):
        site_cameras(
            streets,
            grid_buildings(),
            NOTHING,
            budget=2,
            street_weight=pd.Series(1.0, index=streets.index[1:]),
            **LIMITS,
        )


WHERE = ["name_th", "name_en", "street", "kind", "camera_type", "camera_type_th", "cost"]
LENS = ["fov_deg", "range_m", "height_m", "tilt_deg", "vfov_deg", "resolution_px"]
ADDS = ["gain_m", "masked_m2", "wanted_points"]


def test_columns_and_labels(sites):
    wanted = ["rank", "candidate", *WHERE, "azimuth_deg", *LENS, *ADDS, "synthetic", "geometry"]
    assert sites.layer.columns.tolist() == wanted
    assert sites.layer.index.tolist()[0] == "site-01"
    assert sites.layer.index.equals(sites.fields_of_view.index)
    assert sites.layer["masked_m2"].eq(0.0).all()


def test_the_layer_is_one_of_cameras(sites):
    """Fields and footprints of the sites can be traced from their layer alone."""
    cameras = check_layer(sites.layer, "cameras", source="camera_sites")
    again = fields_of_view(cameras, grid_buildings())
    assert np.allclose(again.area, sites.fields_of_view.area)
    assert footprints(cameras, grid_buildings(), task="detect").area.gt(0.0).all()


def test_candidates_with_nothing_but_their_views():
    bare = camera_candidates(grid_streets(), grid_buildings())
    bare = bare[["azimuth_deg", "fov_deg", "range_m", "geometry"]]
    chosen = site_cameras(
        grid_streets(), grid_buildings(), NOTHING, budget=2, candidates=bare, **LIMITS
    )
    views = ["azimuth_deg", "fov_deg", "range_m"]
    assert chosen.layer.columns.tolist() == [
        *["rank", "candidate", "cost"],
        *views,
        *ADDS,
        "geometry",
    ]
    with pytest.raises(LayerError, match="candidates, `azimuth_deg`: expected the column"):
        site_cameras(
            grid_streets(),
            grid_buildings(),
            NOTHING,
            budget=2,
            candidates=bare.drop(columns="azimuth_deg"),
            **LIMITS,
        )


def test_other_columns_of_the_cameras_contract_are_kept():
    lens = {"focal_mm": 2.8, "sensor_width_mm": 5.4, "sensor_height_mm": 3.0, "night_vision": True}
    candidates = cameras(0, 100).assign(**lens)
    chosen = site_cameras(
        street(), NO_HOUSES, NOTHING, budget=2, candidates=candidates, **LIMITS
    ).layer
    for name, value in lens.items():
        assert (chosen[name] == value).all()
    assert chosen["candidate"].tolist() == ["a", "b"]


def test_ranks_follow_what_each_adds_and_what_it_is_wanted_for():
    """The first view of a point wanted twice adds no metre, and both views are kept."""
    aside = at(100, 40)
    candidates = cameras(0, 0, 0)
    candidates["azimuth_deg"] = [90.0, 0.0, 45.0]
    candidates = candidates.set_geometry([at(0, 0), at(100, 10), at(80, 20)], crs=TOWN_CRS)
    point = layer(aside, folds=2, weight=10.0)
    chosen = site_cameras(
        street(), NO_HOUSES, NOTHING, budget=3, candidates=candidates, wanted=point, **LIMITS
    )
    assert chosen.layer["candidate"].tolist() == ["a", "b", "c"]
    assert chosen.layer["gain_m"].tolist() == [50.0, 0.0, 0.0]
    assert chosen.layer["wanted_points"].tolist() == [0, 1, 1]
    assert chosen.result.covered == 60.0


def test_masks_and_costs_stand_in_the_layer():
    candidates = cameras(0, 60, cost=[1.0, 2.0])
    chosen = site_cameras(
        street(),
        NO_HOUSES,
        NOTHING,
        budget=3,
        candidates=candidates,
        masked=ground(20, 30),
        **LIMITS,
    )
    assert chosen.layer["candidate"].tolist() == ["b", "a"]
    assert chosen.layer["gain_m"].tolist() == [50.0, 40.0]
    assert chosen.layer["cost"].tolist() == [2.0, 1.0]
    assert chosen.layer["masked_m2"].gt(0.0).tolist() == [False, True]
    assert not chosen.fields_of_view["site-02"].intersects(at(25, 0))


def test_fixed_sites_stay_even_where_they_add_nothing():
    chosen = site_cameras(
        street(),
        NO_HOUSES,
        NOTHING,
        budget=2,
        candidates=cameras(0, 60, 300),
        fixed=["c"],
        **LIMITS,
    )
    assert chosen.layer["candidate"].tolist()[-1] == "c"
    assert chosen.layer["gain_m"].tolist() == [50.0, 0.0]


def test_inside_the_boundary_alone():
    west = shapely.box(*at(-20, -20).coords[0], *at(150, 420).coords[0])
    chosen = site_cameras(
        grid_streets(), grid_buildings(), NOTHING, budget=3, boundary=west, **LIMITS
    )
    assert chosen.layer.intersects(west).all()


def test_every_wrong_argument_is_named_at_once():
    with pytest.raises(ParameterError) as caught:
        site_cameras(
            street(),
            NO_HOUSES,
            NOTHING,
            budget=-1,
            seed=-1,
            time_limit_s=0,
            candidates=cameras(0),
            fixed=["x"],
            least_share=2.0,
        )
    for name in ("budget", "seed", "time_limit_s", "fixed", "least_share"):
        assert f"Expected `{name}`" in str(caught.value)


def test_no_candidates_make_a_clear_empty_answer():
    chosen = site_cameras(
        street(), NO_HOUSES, NOTHING, budget=3, candidates=cameras(0).iloc[:0], **LIMITS
    )
    assert chosen.layer.empty
    assert chosen.layer.crs == TOWN_CRS
    assert (chosen.result.covered, chosen.result.upper_bound, chosen.result.gap) == (0, 0, 0)


def test_streets_without_names_or_buildings():
    streets = grid_streets().drop(columns=["name_th", "name_en"])
    empty = gpd.GeoDataFrame({"geometry": []}, geometry="geometry")
    chosen = site_cameras(streets, empty, NOTHING, budget=2, **LIMITS)
    assert chosen.layer["name_en"].tolist() == ["Unnamed lane"] * 2


# What a budget buys -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def grid_problem():
    candidates = camera_candidates(grid_streets(), grid_buildings(), kinds=["corner"])
    return SiteProblem.prepare(grid_streets(), grid_buildings(), NOTHING, candidates)


def test_the_curve_never_falls_and_its_bounds_hold(grid_problem):
    done = []
    curve = cost_curve(
        grid_problem,
        [4, 1, 0, 2, 8, 2],
        progress=lambda *numbers: done.append(numbers),
        **LIMITS,
    )
    assert curve["budget"].tolist() == [0, 1, 2, 4, 8]
    assert curve["covered_m"].is_monotonic_increasing
    assert curve["upper_bound_m"].is_monotonic_increasing
    assert (curve["upper_bound_m"] >= curve["covered_m"]).all()
    assert curve["sites"].tolist() == [0, 1, 2, 4, 8]
    assert curve.iloc[0].tolist() == [0, 0, 0, 0, 0]
    assert done == [(number, 5) for number in range(1, 6)]
    for row in curve.itertuples():
        alone = choose_sites(grid_problem, budget=row.budget, **LIMITS).result
        assert alone.covered <= row.covered_m
        assert row.covered_m <= alone.upper_bound + 1e-9


def test_the_better_smaller_choice_is_carried_over():
    """Searches that end by chance: more money finds less, and bounds are loose."""
    answers = {1: (50.0, 60.0), 2: (40.0, 120.0), 3: (90.0, 100.0)}

    def solve(*, budget, **_):
        covered, bound = answers[budget]
        return SitingResult(np.arange(budget), covered, bound, 1 - covered / bound, float(budget))

    erratic = SimpleNamespace(fixed_cost=0.0, solve=solve)
    curve = cost_curve(erratic, [1, 2, 3], **LIMITS)
    assert curve["covered_m"].tolist() == [50.0, 50.0, 90.0]
    assert curve["sites"].tolist() == [1, 1, 3]
    assert curve["upper_bound_m"].tolist() == [60.0, 100.0, 100.0]
    assert curve["gap"].tolist() == pytest.approx([1 / 6, 0.5, 0.1])


def test_the_curve_begins_where_communities_can_be_served():
    spans = communities((0, 100), (100, 200))
    problem = SiteProblem.prepare(
        street(), NO_HOUSES, NOTHING, cameras(0, 110), communities=spans, least_share=0.4
    )
    assert cost_curve(problem, [0, 1, 2], **LIMITS)["budget"].tolist() == [2]
    with pytest.raises(InfeasiblePlanError, match="Community"):
        cost_curve(problem, [0, 1], **LIMITS)


def test_a_curve_that_is_stopped_keeps_what_is_done(grid_problem):
    done = []
    curve = cost_curve(
        grid_problem,
        [1, 2, 3],
        progress=lambda *numbers: done.append(numbers),
        keep_going=lambda: len(done) < 1,
        **LIMITS,
    )
    assert curve["budget"].tolist() == [1]
    assert cost_curve(grid_problem, [1], keep_going=lambda: False, **LIMITS).empty


def test_wrong_budgets_are_all_named():
    candidates = cameras(0, 60, cost=[2.0, 1.0])
    problem = SiteProblem.prepare(street(), NO_HOUSES, NOTHING, candidates, fixed=["a"])
    with pytest.raises(ParameterError) as caught:
        cost_curve(problem, [-1, np.nan, 3], seed=-1, time_limit_s=0)
    assert len(str(caught.value).splitlines()) == 4
    with pytest.raises(ParameterError) as caught:
        cost_curve(problem, [0, 1.5, 2], **LIMITS)
    assert [line[-4:] for line in str(caught.value).splitlines()] == ["t 0.", "1.5."]
