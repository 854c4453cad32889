"""The pipeline on a small zone: its figures against a second way to get them."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from shapely import LineString, union_all

from api.bilingual import Phrases
from api.plan.inputs import PlanInputs
from api.plan.job import STEPS, run_plan
from api.plan.mixture import tell_mixture
from api.plan.result import FINDINGS, PRODUCTS, PlanParams
from api.words import Words
from geo.errors import InfeasiblePlanError
from geo.zone import Zone
from planning.mixture_params import MixtureParams
from tests.api.small_zone import X, Y, frame, write_zone

NIGHT = date(2026, 3, 1)
PARAMS = PlanParams(
    hotspots=3,
    camera_sites=2,
    mixture=MixtureParams(open_plans=1, rounds=1, plans_a_round=2, iterations=30),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_zone(tmp_path_factory.mktemp("zones") / "small")


@pytest.fixture(scope="module")
def inputs(folder):
    return PlanInputs.gather(Zone.load(folder), folder, tonight=NIGHT)


@pytest.fixture(scope="module")
def plan(inputs):
    return run_plan(inputs, seed=1, params=PARAMS)


def with_zone(inputs, **layers):
    return replace(inputs, zone=replace(inputs.zone, **layers))


def test_blind_street_is_what_no_field_of_view_covers(inputs, plan):
    streets = union_all(inputs.zone.streets.geometry.to_numpy())
    seen = union_all(plan.layers["fields_of_view"].geometry.to_numpy())
    figures = plan.figures
    assert figures.street_m == pytest.approx(streets.length, abs=1e-6)
    assert figures.blind_m == pytest.approx(streets.difference(seen).length, abs=1e-6)
    assert figures.points_seen_share == pytest.approx(1 - figures.blind_share, abs=0.02)
    assert 0 < figures.blind_share < 1


def test_tonight_is_drawn_from_a_mixture_by_the_seed(inputs, plan):
    figures = plan.figures
    assert figures.mixture_plans >= 1
    assert 0 < figures.mixture_value_share <= 1
    again = run_plan(inputs, seed=1, params=PARAMS, workers=2)
    assert again.figures == figures
    assert again.layers["patrol_stops"].equals(plan.layers["patrol_stops"])
    assert set(plan.layers["patrol_stops"]["purpose"]) <= {*plan.demand["kind"], "presence", ""}


def test_a_night_too_short_for_any_visit_is_told_as_it_is(inputs):
    (unit,) = inputs.units
    moment = replace(unit, ends_at=unit.starts_at + timedelta(seconds=10))
    plan = run_plan(replace(inputs, units=(moment,)), seed=1, params=PARAMS)
    assert (plan.figures.mixture_plans, plan.figures.patrol_stops) == (1, 0)
    (told,) = tell_mixture(plan, Phrases(Words.load(), plan.timezone))
    assert "No unit makes a visit" in told.en
    assert plan.duty["note_en"].str.startswith("Stays at its post: no time").all()


def test_cameras_that_are_down_see_nothing(inputs, plan):
    assert (plan.figures.cameras_up, plan.figures.cameras_down) == (2, 1)
    assert sorted(plan.layers["fields_of_view"].index) == ["camera-1", "camera-2"]


def test_street_beyond_the_boundary_is_not_the_zones(inputs, plan):
    far = frame(
        [LineString([inputs.zone.streets.geometry.iloc[0].coords[0], (X - 500, Y)])],
        prefix="far",
        name_th="",
        name_en="",
        street_class="residential",
        oneway=False,
        width_m=6.0,
        source="made up",
        grade="A",
    )
    streets = pd.concat([inputs.zone.streets, far])
    longer = run_plan(with_zone(inputs, streets=streets), seed=1, params=PARAMS)
    outside = 20 + PARAMS.boundary_tolerance_m
    assert longer.figures.street_m == pytest.approx(plan.figures.street_m + outside, abs=0.1)


def test_what_happened_beyond_the_boundary_moves_no_hotspot(inputs, plan):
    incidents = inputs.zone.incidents
    far = incidents.set_geometry(incidents.translate(xoff=-5000.0)).set_index(
        "far-" + incidents.index
    )
    both = run_plan(with_zone(inputs, incidents=pd.concat([incidents, far])), seed=1, params=PARAMS)
    assert both.figures == plan.figures
    assert both.layers["hotspots"].geom_equals(plan.layers["hotspots"]).all()
    assert both.layers["hotspots"]["incidents"].equals(plan.layers["hotspots"]["incidents"])


def test_what_police_discovered_moves_no_hotspot(inputs, plan):
    incidents = inputs.zone.incidents
    reported = incidents[incidents["reporting"] == "reported"]
    assert 0 < len(reported) < len(incidents)
    alone = run_plan(with_zone(inputs, incidents=reported), seed=1, params=PARAMS)
    pd.testing.assert_frame_equal(
        pd.DataFrame(alone.layers["hotspots"].drop(columns="geometry")),
        pd.DataFrame(plan.layers["hotspots"].drop(columns="geometry")),
    )
    assert plan.figures.incidents_discovered == len(incidents) - len(reported)


def test_every_product_has_features_an_id_and_says_what_is_synthetic(plan):
    assert set(plan.layers) == set(PRODUCTS)
    for name, layer in plan.layers.items():
        assert not layer.empty, name
        assert layer.index.name == "id", name
        assert layer.index.is_unique, name
    assert all(plan.layers[name]["synthetic"].all() for name in FINDINGS)


def test_findings_from_real_data_are_not_called_synthetic(inputs):
    names = ("buildings", "cameras", "lamps", "incidents", "sos_points")
    real = {name: getattr(inputs.zone, name).assign(synthetic=False) for name in names}
    units = tuple(replace(unit, synthetic=False) for unit in inputs.units)
    plan = run_plan(replace(with_zone(inputs, **real), units=units), seed=1, params=PARAMS)
    assert not any(plan.layers[name]["synthetic"].any() for name in FINDINGS)


def test_steps_are_told_in_order(inputs):
    told = []
    run_plan(inputs, seed=1, params=PARAMS, progress=told.append)
    assert tuple(told) == STEPS


def test_stops_keep_to_the_shift_and_the_figures_count_them(inputs, plan):
    stops, (unit,) = plan.layers["patrol_stops"], inputs.units
    assert plan.figures.patrol_stops == len(stops) > 0
    assert stops["arrives_at"].min() >= unit.starts_at
    assert stops["leaves_at"].max() <= unit.ends_at
    assert 0 < plan.figures.patrol_served_share <= 1


def test_stops_know_what_they_serve_and_the_beat_they_are_in(inputs, plan):
    stops = plan.layers["patrol_stops"]
    assert set(stops["purpose"]) <= {*plan.demand["kind"], "presence", ""}
    assert stops["purpose"].ne("").equals(stops["kind"].eq("visit"))
    (beat,) = plan.layers["beats"].to_dict("records")  # one unit on foot
    assert beat["length_m"] == pytest.approx(plan.figures.street_m)
    assert beat["units"] == "foot-1"
    assert stops["beat"].eq(1).all()
    assert plan.figures.beat_imbalance == plan.figures.beat_bound == pytest.approx(0)


def test_the_number_of_beats_can_be_chosen(inputs):
    plan = run_plan(inputs, seed=1, params=replace(PARAMS, beats=3))
    assert len(plan.layers["beats"]) == 3
    again = run_plan(inputs, seed=2, params=replace(PARAMS, beats=3))
    assert again.layers["beats"].geom_equals(plan.layers["beats"]).all()  # whatever the seed


def test_demand_is_planned_where_it_is_offered_and_told_where_not(folder, inputs):
    early = """[[event]]
id = "school"
name_th = "เลิกเรียน"
name_en = "Way home"
place = "place-1"
weekdays = ["sun"]
starts_at = "15:00"
ends_at = "16:00"
weight = 50
minutes = 10
source = "made up"
synthetic = true
"""
    late = early.replace("15:00", "20:30").replace("16:00", "21:00").replace("school", "market")
    path = folder / "events.toml"
    path.write_text(early + late, encoding="utf-8")
    try:
        busy = PlanInputs.gather(inputs.zone, folder, tonight=NIGHT)
    finally:
        path.unlink()
    assert "events.toml" in busy.digests
    plan = run_plan(busy, seed=1, params=PARAMS)
    told = plan.demand.set_index("of")
    assert told.loc[["school", "market"], "offered"].tolist() == [False, True]
    stops = plan.layers["patrol_stops"]
    held = stops[stops["reason_en"].str.startswith("Way home")]
    assert len(held) == 1
    assert held["arrives_at"].item() >= told.loc["market", "from_at"]
    assert held["leaves_at"].item() <= told.loc["market", "until_at"]
    weights = plan.demand_weights.set_index("kind")
    assert weights.loc["event", "not_offered"] == 0  # the market is at the same place
    assert weights["share"].sum() == pytest.approx(1)


def test_the_rules_of_a_zone_bind_its_plan(folder, inputs):
    rule = """
synthetic = true
[[rule]]
id = "three"
name_th = "สามคน"
name_en = "Three officers"
kind = "strength"
officers = 3
"""
    (folder / "rules.toml").write_text(rule, encoding="utf-8")
    try:
        bound = PlanInputs.gather(inputs.zone, folder, tonight=NIGHT)
    finally:
        (folder / "rules.toml").unlink()
    assert not inputs.rules.rules
    assert "rules.toml" in bound.digests
    with pytest.raises(InfeasiblePlanError, match=r"rule three \(Three officers\)"):
        run_plan(bound, seed=1, params=PARAMS)


def test_a_camera_inside_a_building_is_named(inputs, plan):
    assert plan.cameras_inside == ()
    zone = inputs.zone
    places = zone.cameras.geometry.copy()
    places.loc["camera-2"] = zone.buildings.geometry.iloc[0].representative_point()
    moved = run_plan(
        with_zone(inputs, cameras=zone.cameras.set_geometry(places)), seed=1, params=PARAMS
    )
    assert moved.cameras_inside == ("camera-2",)
    assert moved.layers["fields_of_view"].index.to_list() == ["camera-1"]


def test_cameras_without_night_vision_count_only_by_lamplight(inputs, plan):
    zone = inputs.zone
    blinded = zone.cameras.assign(night_vision=False)
    dark = zone.lamps.assign(lit=False)
    by_lamps = run_plan(with_zone(inputs, cameras=blinded), seed=1, params=PARAMS)
    by_none = run_plan(with_zone(inputs, cameras=blinded, lamps=dark), seed=1, params=PARAMS)
    assert plan.figures.blind_m < by_lamps.figures.blind_m < by_none.figures.blind_m
    assert by_none.figures.blind_m == pytest.approx(by_none.figures.street_m)
