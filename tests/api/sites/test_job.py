"""The search on a small town: its figures, rules and tables against second ways to get them."""

import hashlib
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from shapely import Point, length, union_all

from analytics.camera_state import fields_now
from api.sites.job import STEPS, SitesInputs, run_sites
from api.sites.result import LAYERS, PROPOSED, SitesParams
from geo.errors import InfeasiblePlanError, LayerError, ParameterError
from geo.formats import write_layer
from geo.visibility import fields_of_view, footprints
from geo.zone import Zone
from planning.candidates import KINDS, camera_candidates
from tests.api.sites.town import write_town
from tests.api.small_zone import X, Y, frame

DAY = date(2026, 3, 1)
PARAMS = SitesParams(budget=3.0, time_limit_s=2.0)
MANY = replace(PARAMS, budget=8.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_town(tmp_path_factory.mktemp("zones") / "small")


@pytest.fixture(scope="module")
def inputs(folder):
    """Gather the town with few places to choose from, so that searches are short."""
    zone = Zone.load(folder)
    few = camera_candidates(
        zone.streets, zone.buildings, kinds=("corner", "roadside"), spacing_m=60.0
    )
    return replace(SitesInputs.gather(zone, folder, day=DAY), candidates=few)


@pytest.fixture(scope="module")
def result(inputs):
    return run_sites(inputs, seed=1, params=PARAMS)


def with_zone(inputs, **layers):
    return replace(inputs, zone=replace(inputs.zone, **layers))


def seen_now(zone, *, night=True):
    fields = fields_of_view(zone.cameras, zone.buildings)
    return fields_now(zone.cameras, fields, lamps=zone.lamps, night=night)


def seen_length(streets, fields):
    """Length of street within any field, by the union of both."""
    lines = streets.geometry.to_numpy()
    return float(length(union_all(lines).intersection(union_all(list(fields)))))


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


def test_tasks_are_measured_within_footprints(inputs, result):
    sites, tasks = result.layers["camera_sites"], result.tables.tasks
    told = tasks[tasks["task"] == "detect"].set_index("site")["street_m"]
    assert told.to_dict() == pytest.approx(street_in_detail(inputs.zone, sites, height_m=1.6))
    by_site = tasks.groupby("site")
    assert by_site["street_m"].is_monotonic_decreasing.all()
    assert by_site["px_per_m"].is_monotonic_increasing.all()
    assert (tasks["reach_m"] <= 60.0).all()


def street_in_detail(zone, sites, *, height_m):
    """Length of street that each site sees at the task "detect", private ground taken out."""
    private = union_all(zone.grounds.geometry.to_numpy())
    detect = footprints(sites, zone.buildings, task="detect", target_height_m=height_m)
    return {
        site: seen_length(zone.streets, [ground.difference(private)])
        for site, ground in detect.items()
    }


def test_people_are_judged_at_the_height_that_is_asked_for(inputs, result):
    flat = run_sites(inputs, seed=1, params=replace(PARAMS, target_height_m=0.0))
    tasks = flat.tables.tasks
    told = tasks[tasks["task"] == "detect"].set_index("site")["street_m"]
    on_ground = street_in_detail(inputs.zone, flat.layers["camera_sites"], height_m=0.0)
    assert told.to_dict() == pytest.approx(on_ground)
    # The dead zone of a camera is larger on the ground than at the height of a face.
    fine = [
        table[table["task"] == "identify"]["street_m"] for table in (tasks, result.tables.tasks)
    ]
    assert fine[0].sum() < fine[1].sum()


def test_cameras_no_higher_than_a_face_are_counted_apart(inputs, result):
    assert result.figures.cameras_too_low == 0
    cameras = inputs.zone.cameras
    low = cameras.assign(height_m=cameras["height_m"].where(cameras.index != "camera-1", 1.6))
    told = run_sites(with_zone(inputs, cameras=low), seed=1, params=PARAMS)
    assert (told.figures.cameras_too_low, told.figures.cameras_without_lens) == (1, 1)
    coverage = told.tables.coverage.set_index(["task", "owner"])["before_m"]
    assert coverage["", "programme"] > 0
    assert coverage.get(("detect", "programme"), 0.0) == 0
    tall = run_sites(inputs, seed=1, params=replace(PARAMS, target_height_m=9.0))
    assert tall.figures.cameras_too_low == 3
    assert tall.tables.tasks.empty


def consent(cameras, **columns):
    """Give the register's rows of some cameras, by what their owners agreed to."""
    agreed = {"consented_on": "2025-01-01", "consent_until": "", "retention_days": 7}
    return cameras.assign(**agreed, contact="0-7621-0000", audience="police", **columns)


def test_cameras_without_consent_are_counted_apart_from_those_that_are_down(inputs, result):
    assert result.figures.cameras_without_consent == 0
    cameras = inputs.zone.cameras
    pending = consent(cameras.loc[["camera-1", "camera-3"]], consent=["pending", "withdrawn"])
    lasting = consent(cameras.loc[["camera-2"]], consent="given")
    ended = consent(cameras.loc[["camera-4"]], consent="given").assign(consent_until="2026-02-28")
    zone = replace(inputs.zone, register=pd.concat([pending, lasting, ended])).on(DAY)
    told = run_sites(replace(inputs, zone=zone), seed=1, params=PARAMS).figures
    # camera-3 is down by itself, and would not be up with consent.
    assert (told.cameras_without_consent, told.cameras_down, told.cameras_up) == (2, 1, 1)
    assert told.blind_before_m > result.figures.blind_before_m
    a_day_before = replace(inputs, zone=replace(inputs.zone, register=ended).on(date(2026, 2, 28)))
    good = run_sites(replace(a_day_before, day=date(2026, 2, 28)), seed=1, params=PARAMS).figures
    assert (good.cameras_without_consent, good.cameras_down) == (0, 1)


def test_coverage_tells_owners_and_what_the_new_cameras_change(inputs, result):
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
    assert result.tables.curve["budget"].max() == 10.0


def test_own_candidates_without_descriptions_will_do(folder, inputs, tmp_path):
    given = SitesInputs.gather(inputs.zone, folder, day=DAY, candidates=own(tmp_path))
    sites = run_sites(given, seed=1, params=PARAMS).layers["camera_sites"]
    assert set(sites["kind"]) == {""}
    assert set(sites["cost"]) == {1.0}


def test_own_candidates_of_an_unknown_kind_are_named(folder, inputs, tmp_path):
    path = own(tmp_path, kind=["balloon", "pole"])
    with pytest.raises(LayerError, match=r"row 1, `kind`: expected one of corner.*'balloon'"):
        SitesInputs.gather(inputs.zone, folder, day=DAY, candidates=path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"budget": -1.0}, "`budget` >= 0, got -1.0"),
        ({"budget": float("nan")}, "`budget` >= 0, got nan"),
        ({"least_share": 1.5}, "`least_share` from 0 to 1, got 1.5"),
        ({"sos_cameras": 0}, "`sos_cameras` >= 1, got 0"),
        ({"time_limit_s": 0.0}, "`time_limit_s` > 0, got 0.0"),
        ({"position_error_m": -0.5}, "`position_error_m` >= 0, got -0.5"),
        ({"azimuth_error_deg": float("inf")}, "`azimuth_error_deg` >= 0, got inf"),
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


def test_every_standard_is_told_task_by_task(inputs):
    other = run_sites(inputs, seed=1, params=replace(PARAMS, standard="EN 62676-4:2025"))
    assert other.tables.tasks["task"].nunique() == 7
    assert len(other.layers["site_footprints"]) == 7 * 3
