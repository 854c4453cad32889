"""The search on a small town: its figures, rules and tables against second ways to get them."""

import hashlib
from dataclasses import replace

import pandas as pd
import pytest
from geopandas import GeoDataFrame
from shapely import Point, union_all

from analytics.camera_state import fields_now
from api.sites.job import STEPS, SitesInputs, run_sites
from api.sites.result import LAYERS, PROPOSED, SitesParams
from api.sites.survey import survey_figures, survey_points
from geo.errors import InfeasiblePlanError, LayerError, ParameterError
from geo.formats import write_layer
from geo.visibility import fields_of_view
from planning.candidates import KINDS
from tests.api.sites.town import DAY, PARAMS, seen_length, with_zone
from tests.api.small_zone import X, Y, frame

MANY = replace(PARAMS, budget=8.0)


def seen_now(zone, *, night=True):
    fields = fields_of_view(zone.cameras, zone.buildings)
    return fields_now(zone.cameras, fields, lamps=zone.lamps, night=night)


def test_blind_street_before_and_after_is_what_no_field_covers(inputs, result):
    zone, figures = inputs.zone, result.figures
    standing = seen_now(zone)
    new = result.layers["site_fields_of_view"].geometry
    total = float(zone.streets.length.sum())
    assert figures.street_m == pytest.approx(total)
    assert figures.blind_before_m == pytest.approx(total - seen_length(zone.streets, standing))
    everyone = [*standing, *new]
    assert figures.blind_after_m == pytest.approx(total - seen_length(zone.streets, everyone))
    assert figures.blind_after_m < figures.blind_before_m


def test_gains_add_up_to_what_is_newly_seen(result):
    sites = result.layers["camera_sites"]
    assert len(sites) == 3
    assert sites["gain_m"].sum() == pytest.approx(result.figures.newly_seen_m)
    watched = result.tables.wanted
    assert watched[["before", "after"]].to_numpy().tolist() == [[0, 1]]
    counted = result.figures.newly_seen_m + PARAMS.sos_weight_m
    assert result.figures.covered_m == pytest.approx(counted, abs=8.0)  # sampled every 2 m
    assert result.figures.covered_m <= result.figures.upper_bound_m * (1 + 1e-9)


def test_lines_of_the_maps_measure_what_the_figures_say(result):
    lines, figures = result.lines, result.figures
    assert lines.blind_before.length == pytest.approx(figures.blind_before_m)
    assert lines.blind_after.length == pytest.approx(figures.blind_after_m)
    assert lines.newly_seen.length == pytest.approx(figures.newly_seen_m)
    assert lines.seen_before.length == pytest.approx(figures.street_m - figures.blind_before_m)


def test_cameras_are_taken_as_they_are_tonight(inputs, result):
    figures = result.figures
    assert (figures.cameras_up, figures.cameras_down, figures.cameras_dim) == (3, 1, 1)
    assert figures.cameras_without_lens == 1
    day = run_sites(inputs, seed=1, params=replace(PARAMS, night=False))
    assert day.figures.cameras_dim == 0
    assert day.figures.blind_before_m < figures.blind_before_m  # one camera needs light


def test_how_sure_the_survey_makes_it_is_of_the_cameras_before(inputs, result):
    zone = inputs.zone
    points = survey_points(zone, zone.streets, seen_now(zone), params=PARAMS, seed=1)
    layer = result.layers["seen_probability"]
    assert layer["probability"].tolist() == points["probability"].tolist()
    assert layer["standard_error"].tolist() == points["standard_error"].tolist()
    assert result.survey == survey_figures(points, zone, PARAMS)
    assert result.survey.cameras == result.figures.cameras_up
    seen_m = result.figures.street_m - result.figures.blind_before_m
    assert result.survey.as_surveyed_m == pytest.approx(seen_m, abs=8.0)  # sampled every 2 m
    assert {band: lines.length for band, lines in result.lines.by_survey.items()} == pytest.approx(
        {
            "nearly_always": result.survey.nearly_always_m,
            "in_doubt": result.survey.in_doubt_m,
            "nearly_never": result.survey.nearly_never_m,
        }
    )


def test_coverage_tells_owners_and_what_the_new_cameras_change(inputs, result):
    assert result.figures.sites_unjudged == 0
    table = result.tables.coverage.set_index(["task", "owner"])
    figures = result.figures
    assert table.loc[("", ""), "before_m"] == pytest.approx(
        figures.street_m - figures.blind_before_m
    )
    assert table.loc[("", ""), "after_m"] == pytest.approx(figures.street_m - figures.blind_after_m)
    new = seen_length(inputs.zone.streets, result.layers["site_fields_of_view"].geometry)
    assert table.loc[("", PROPOSED), "after_m"] == pytest.approx(new)
    assert (table.xs(PROPOSED, level="owner")["before_m"] == 0).all()
    standing = table.drop(index=["", PROPOSED], level="owner")
    assert standing["before_m"].to_numpy() == pytest.approx(standing["after_m"].to_numpy())
    # The private camera that works has no lens on record: in view it counts, at tasks it does not.
    assert table.loc[("", "private"), "before_m"] > 0
    assert table.loc[("detect", "private"), "before_m"] == 0


def test_private_ground_is_kept_out(inputs):
    result = run_sites(inputs, seed=1, params=MANY)
    grounds = inputs.zone.grounds
    masked = grounds[grounds["kind"] != "living_quarters"]
    for name in ("site_fields_of_view", "site_footprints"):
        shown = union_all(result.layers[name].geometry.to_numpy())
        assert shown.intersection(union_all(masked.geometry.to_numpy())).area < 1e-6
    quarters = grounds.geometry[grounds["kind"] == "living_quarters"].iloc[0]
    views = fields_of_view(result.layers["camera_sites"], inputs.zone.buildings)
    assert views.intersection(quarters).area.max() <= 1.0
    assert result.figures.refused > 0
    table = result.tables.grounds.set_index("kind")
    assert table["role"].to_dict() == {
        "yard": "masked",
        "school_yard": "masked",
        "living_quarters": "forbidden",
    }
    raw = float(views.intersection(union_all(masked.geometry.to_numpy())).area.sum())
    assert table["masked_m2"].sum() == pytest.approx(raw, abs=1e-6)
    assert result.layers["camera_sites"]["masked_m2"].sum() == pytest.approx(raw, abs=1e-6)


def test_a_mask_over_the_street_would_show(inputs):
    """A planted fault: without grounds the views lie over them, so the test above can fail."""
    bare = run_sites(with_zone(inputs, grounds=inputs.zone.grounds.iloc[:0]), seed=1, params=MANY)
    shown = union_all(bare.layers["site_fields_of_view"].geometry.to_numpy())
    assert bare.tables.grounds.empty
    assert bare.figures.refused == 0
    assert shown.intersection(union_all(inputs.zone.grounds.geometry.to_numpy())).area > 1.0


def test_sos_points_are_counted_by_the_cameras_that_see_them(inputs):
    twice = run_sites(inputs, seed=1, params=replace(PARAMS, sos_cameras=2, sos_weight_m=500.0))
    point = inputs.zone.sos_points.geometry.iloc[0]
    new = twice.layers["site_fields_of_view"].geometry
    before, after = twice.tables.wanted.loc[0, ["before", "after"]]
    assert before == int(seen_now(inputs.zone).intersects(point).sum()) == 0
    assert after == int(new.intersects(point).sum())
    assert after >= 2  # it is worth more than any street
    assert twice.tables.wanted["needed"].tolist() == [2]


def test_a_least_share_is_kept_or_refused(inputs):
    asked = replace(PARAMS, budget=4.0, least_share=0.3, time_limit_s=0.5)
    kept = run_sites(inputs, seed=1, params=asked).tables.communities
    assert kept["met"].all()
    assert (kept["after_m"] >= 0.3 * kept["street_m"] * (1 - 1e-9)).all()
    with pytest.raises(InfeasiblePlanError):
        run_sites(inputs, seed=1, params=replace(PARAMS, budget=1.0, least_share=0.9))


def test_a_least_share_of_no_communities_is_refused(inputs):
    bare = with_zone(inputs, communities=inputs.zone.communities.iloc[:0])
    with pytest.raises(ParameterError, match="`least_share` 0 where there are no communities"):
        run_sites(bare, seed=1, params=replace(PARAMS, least_share=0.3))


def test_fixed_candidates_are_chosen(inputs, result):
    sites = result.layers["camera_sites"]
    others = [
        label
        for label in run_sites(inputs, seed=1, params=replace(PARAMS, budget=8.0)).layers[
            "camera_sites"
        ]["candidate"]
        if label not in set(sites["candidate"])
    ]
    fixed = run_sites(inputs, seed=1, params=replace(PARAMS, fixed=(others[0],)))
    assert others[0] in set(fixed.layers["camera_sites"]["candidate"])
    assert fixed.tables.curve["budget"].min() >= 1.0


def test_the_curve_agrees_with_the_choice_and_never_falls(result):
    curve, figures = result.tables.curve.set_index("budget"), result.figures
    assert curve.index.tolist() == [float(n) for n in range(1, 11)]
    assert curve.loc[3.0, "covered_m"] == figures.covered_m
    assert curve.loc[3.0, "upper_bound_m"] == figures.upper_bound_m
    assert curve["covered_m"].is_monotonic_increasing
    assert curve["upper_bound_m"].is_monotonic_increasing
    assert (curve["covered_m"] <= curve["upper_bound_m"] * (1 + 1e-9)).all()


def test_layers_have_ids_say_what_is_synthetic_and_hold_no_camera_that_stands(inputs, result):
    assert set(result.layers) == set(LAYERS)
    places = union_all(inputs.zone.cameras.geometry.to_numpy())
    for name, layer in result.layers.items():
        assert layer.index.name == "id", name
        assert layer.index.is_unique, name
        assert layer["synthetic"].all(), name
        assert not layer.empty, name
    assert result.layers["camera_sites"].distance(places).min() > 0.01


def test_real_data_is_not_called_synthetic(inputs):
    names = ("buildings", "cameras", "lamps", "sos_points", "grounds", "communities")
    real = {name: getattr(inputs.zone, name).assign(synthetic=False) for name in names}
    real_places = replace(inputs, candidates=inputs.candidates.assign(synthetic=False))
    result = run_sites(with_zone(real_places, **real), seed=1, params=PARAMS)
    assert not result.synthetic
    assert not any(layer["synthetic"].any() for layer in result.layers.values())


def test_private_cameras_are_not_on_the_ground_of_the_maps(result):
    assert set(result.ground.cameras["owner_kind"]) == {"programme", "municipal"}


def test_places_are_made_where_none_are_given_and_steps_told_in_order(folder, inputs):
    told = []
    given = SitesInputs.gather(inputs.zone, folder, day=DAY)
    result = run_sites(given, seed=1, params=PARAMS, progress=told.append)
    assert tuple(told) == STEPS
    assert result.figures.candidates > len(inputs.candidates)
    assert set(result.layers["camera_sites"]["kind"]) <= set(KINDS)


def test_the_same_seed_gives_the_same_sites(inputs, result):
    again = run_sites(inputs, seed=1, params=PARAMS)
    pd.testing.assert_frame_equal(
        pd.DataFrame(again.layers["camera_sites"].drop(columns="geometry")),
        pd.DataFrame(result.layers["camera_sites"].drop(columns="geometry")),
    )


def test_a_search_that_is_stopped_ends_with_what_it_has(inputs):
    asked = []

    def never():
        asked.append(True)
        return False

    stopped = run_sites(inputs, seed=1, params=PARAMS, keep_going=never)
    assert asked
    assert stopped.tables.curve["budget"].tolist() == [3.0]


def test_a_zone_without_cameras_buildings_or_grounds_is_served(inputs):
    zone = inputs.zone
    names = ("cameras", "buildings", "grounds", "communities", "sos_points", "lamps")
    bare = with_zone(inputs, **{name: getattr(zone, name).iloc[:0] for name in names})
    result = run_sites(bare, seed=1, params=PARAMS)
    assert result.figures.blind_before_m == pytest.approx(result.figures.street_m)
    assert len(result.layers["camera_sites"]) == 3


def test_no_budget_gives_no_sites(inputs):
    nothing = run_sites(inputs, seed=1, params=replace(PARAMS, budget=0.0))
    assert nothing.layers["camera_sites"].empty
    assert nothing.figures.newly_seen_m == 0
    assert nothing.tables.tasks.empty
    assert (nothing.figures.by_number, nothing.figures.cheapest) == (True, 1.0)


def test_the_cheapest_candidate_is_one_that_adds_and_is_allowed(folder, inputs, tmp_path):
    path = own(tmp_path, cost=[300.0, 200.0])
    given = SitesInputs.gather(inputs.zone, folder, day=DAY, candidates=path)
    little = replace(PARAMS, budget=100.0)
    dear = run_sites(given, seed=1, params=little)
    assert (dear.figures.by_number, dear.figures.cheapest) == (False, 200.0)
    quarters = GeoDataFrame(
        {"kind": ["living_quarters"], "synthetic": [True]},
        geometry=[Point(X + 60, Y + 96).buffer(3)],
        crs=inputs.zone.crs,
    )
    refused = run_sites(with_zone(given, grounds=quarters), seed=1, params=little)
    assert refused.figures.cheapest == 300.0
    sightless = replace(given, candidates=given.candidates.assign(range_m=0.01))
    assert run_sites(sightless, seed=1, params=little).figures.cheapest == float("inf")


def own(folder, **columns):
    """Write two places to choose from, one beside each of two streets."""
    layer = frame(
        [Point(X + 96, Y + 150), Point(X + 50, Y + 96)],
        prefix="own",
        azimuth_deg=[0.0, 90.0],
        fov_deg=80.0,
        range_m=40.0,
        place_th=["ป้อม", ""],
        place_en=["The post", ""],
        synthetic=False,
        **columns,
    )
    path = folder / "own.csv"
    write_layer(path, layer)
    return path


def test_own_candidates_are_chosen_from_and_described(folder, inputs, tmp_path):
    path = own(tmp_path, cost=[3.0, 2.0], kind=["pole", "facade"], camera_type=["Dome", "Fixed"])
    given = SitesInputs.gather(inputs.zone, folder, day=DAY, candidates=path)
    assert given.digests["--candidates own.csv"] == hashlib.sha256(path.read_bytes()).hexdigest()
    result = run_sites(given, seed=1, params=replace(PARAMS, budget=5.0))
    sites = result.layers["camera_sites"].set_index("candidate")
    assert sites["cost"].to_dict() == {"own-1": 3.0, "own-2": 2.0}
    assert sites.loc["own-1", "name_en"] == "The post"
    assert sites.loc["own-2", "name_en"] == "East 2 Road"  # no place told: the nearest street
    assert sites.loc["own-2", "street"].startswith("edge-")
    assert result.tables.tasks.empty  # nothing is known of their lenses
    assert result.figures.sites_unjudged == 2
    densities = result.tables.coverage.set_index("task")["px_per_m"]
    assert (densities["detect"] == 25.0).all()
    assert densities[""].isna().all()
    assert result.tables.curve["budget"].max() == 10.0


def test_own_candidates_without_descriptions_will_do(folder, inputs, tmp_path):
    given = SitesInputs.gather(inputs.zone, folder, day=DAY, candidates=own(tmp_path))
    sites = run_sites(given, seed=1, params=PARAMS).layers["camera_sites"]
    assert set(sites["kind"]) == {""}
    assert set(sites["cost"]) == {1.0}


def test_all_that_is_wrong_with_own_candidates_is_told_at_once_by_file_and_row(
    folder, inputs, tmp_path
):
    path = own(tmp_path, kind=["balloon", "pole"], cost=[0.0, 1.0])
    given = SitesInputs.gather(inputs.zone, folder, day=DAY, candidates=path)
    near = replace(inputs.zone, boundary=Point(X + 96, Y + 150).buffer(5))
    with pytest.raises(LayerError) as refused:
        run_sites(replace(given, zone=near), seed=1, params=PARAMS)
    told = [(fault.source, fault.row, fault.field) for fault in refused.value.faults]
    # The header is the first line of a table.
    assert told == [(str(path), 2, "kind"), (str(path), 2, "cost"), (str(path), 3, "geometry")]
    assert "expected one of corner, roadside, pole, facade, or none, got 'balloon'" in str(
        refused.value
    )


def test_an_unknown_kind_alone_is_refused_too(folder, inputs, tmp_path):
    path = own(tmp_path, kind=["balloon", "pole"])
    given = SitesInputs.gather(inputs.zone, folder, day=DAY, candidates=path)
    with pytest.raises(LayerError, match=r"own.csv, row 2, `kind`: expected one of corner"):
        run_sites(given, seed=1, params=PARAMS)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"budget": -1.0}, "`budget` >= 0, got -1.0"),
        ({"budget": float("nan")}, "`budget` >= 0, got nan"),
        ({"least_share": 1.5}, "`least_share` from 0 to 1, got 1.5"),
        ({"sos_cameras": 0}, "`sos_cameras` >= 1, got 0"),
        ({"time_limit_s": 0.0}, "`time_limit_s` > 0, got 0.0"),
        ({"position_error_m": -0.5}, "`position_error_m` from 0 to 1000, got -0.5"),
        ({"position_error_m": 1001.0}, "`position_error_m` from 0 to 1000, got 1001.0"),
        ({"azimuth_error_deg": 181.0}, "`azimuth_error_deg` from 0 to 180, got 181.0"),
        ({"target_height_m": float("nan")}, "`target_height_m` >= 0, got nan"),
        ({"draws": 0}, "`draws` >= 1, got 0"),
        ({"standard": "EN 1"}, "`standard` among EN 62676-4:2015"),
        ({"fixed": ("nobody",)}, "'nobody'"),
    ],
)
def test_wrong_parameters_are_named(inputs, change, told):
    with pytest.raises(ParameterError, match=told.replace("(", r"\(")):
        run_sites(inputs, seed=1, params=replace(PARAMS, **change))


def test_wrong_parameters_are_named_all_at_once(inputs):
    with pytest.raises(ParameterError) as refused:
        run_sites(
            inputs,
            seed=1,
            params=SitesParams(
                budget=-1,
                standard="EN 1",
                target_height_m=-1,
                least_share=2,
                sos_cameras=0,
                position_error_m=-1,
                azimuth_error_deg=-1,
            ),
        )
    assert len(str(refused.value).splitlines()) == 7
