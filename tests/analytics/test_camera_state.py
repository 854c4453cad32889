"""What cameras see in their present state."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from analytics import camera_state
from analytics.camera_state import ARC_TOLERANCE_M, fields_now
from analytics.sightings import seen_lengths
from geo.errors import LayerError, ParameterError
from geo.layers import faults_of
from tests.analytics.quarters import BOW, CRS, fields_of, random_quarter, streets_of

LABELS = ["a", "b", "c", "d"]


def cameras_of(index=LABELS, **columns):
    points = gpd.GeoSeries([shapely.Point(0, 0)] * len(index), index=index, crs=CRS)
    return gpd.GeoDataFrame(columns, geometry=points, index=index)


def lamps_at(*places, **columns):
    points = gpd.points_from_xy(*zip(*places, strict=True)) if places else []
    return gpd.GeoDataFrame(columns, geometry=points, crs=CRS)


@pytest.fixture
def fields():
    return fields_of(
        *[shapely.box(0, 10 * row, 100, 10 * row + 8) for row in range(4)], index=LABELS
    )


CAMERAS = cameras_of(status=["up", "up", "down", "down"], night_vision=[True, False, True, False])
LAMPS = lamps_at((30, 14), (70, 14), (90, 14), lit=[True, True, False])


def test_by_day_a_camera_that_is_up_sees_its_whole_field(fields):
    now = fields_now(CAMERAS, fields, lamps=LAMPS, night=False)
    assert now.iloc[:2].geom_equals(fields.iloc[:2]).all()
    assert now.is_empty.tolist() == [False, False, True, True]
    assert now.index.tolist() == LABELS
    assert now.crs == CRS


def test_at_night_a_camera_without_night_vision_sees_what_lamps_light(fields):
    now = fields_now(CAMERAS, fields, lamps=LAMPS, night=True, lamp_reach_m=5.0)
    assert now["a"].equals(fields["a"])
    assert now.is_empty.tolist() == [False, False, True, True]
    lit = shapely.union_all(shapely.buffer(shapely.points([(30, 14), (70, 14)]), 5.0, quad_segs=64))
    expected = fields["b"].intersection(lit)
    assert now["b"].symmetric_difference(expected).area < 0.005 * expected.area
    assert now["b"].geom_type == "MultiPolygon"
    assert len(now["b"].geoms) == 2


def assert_lit_and_in_the_field():
    """Scattered places are seen exactly where the state of cameras and lamps lets them be."""
    _, fields = random_quarter(4)
    rng = np.random.default_rng(4)
    cameras = cameras_of(
        fields.index,
        status=rng.choice(["up", "down"], len(fields)),
        night_vision=rng.random(len(fields)) < 0.3,
    )
    places = rng.uniform(0.0, 150.0, (40, 2))
    lit = rng.random(40) < 0.6
    lamps = lamps_at(*places, lit=lit)
    now = fields_now(cameras, fields, lamps=lamps, night=True, lamp_reach_m=12.0)
    assert now.is_valid.all()
    assert now.geom_type.isin(["Polygon", "MultiPolygon"]).all()
    spots = rng.uniform(0.0, 150.0, (20_000, 2))
    reach = np.hypot(*(spots[:, None] - places[lit]).transpose(2, 0, 1)).min(axis=1)
    sure = np.abs(reach - 12.0) > ARC_TOLERANCE_M
    for label, camera in cameras.iterrows():
        wanted = shapely.intersects_xy(fields[label], spots)
        wanted &= camera["status"] == "up"
        wanted &= camera["night_vision"] | (reach < 12.0)
        found = shapely.intersects_xy(now[label], spots)
        assert (found == wanted)[sure].all()


def test_a_place_is_seen_exactly_where_it_is_lit_and_in_the_field():
    assert_lit_and_in_the_field()


def test_scattered_places_catch_lamps_that_light_everything(monkeypatch):
    """The planted fault: one lamp anywhere lights every field."""
    monkeypatch.setattr(camera_state, "_lit_parts", lambda fields, *_: fields)
    with pytest.raises(AssertionError):
        assert_lit_and_in_the_field()


def test_the_disc_of_light_keeps_to_its_tolerance():
    ground = fields_of(shapely.box(-99, -99, 99, 99), index=["a"])
    camera = cameras_of(["a"], night_vision=[False])
    for reach_m in (0.005, 1.0, 15.0, 60.0):
        now = fields_now(camera, ground, lamps=lamps_at((0, 0)), night=True, lamp_reach_m=reach_m)
        edge = now.iloc[0].boundary
        assert reach_m - edge.distance(shapely.Point(0, 0)) <= ARC_TOLERANCE_M * (1.0 + 1e-9)
        assert edge.hausdorff_distance(shapely.Point(0, 0)) <= reach_m * (1.0 + 1e-12)


def test_a_field_that_only_touches_the_light_sees_nothing(fields):
    camera = cameras_of(night_vision=[False] * 4)
    touching = fields_now(camera, fields, lamps=lamps_at((-5, 4)), night=True, lamp_reach_m=5.0)
    assert touching.is_empty.all()
    assert touching.geom_type.isin(["Polygon", "MultiPolygon"]).all()


def test_what_the_layers_do_not_say_is_up_lit_and_sees_at_night(fields):
    now = fields_now(cameras_of(), fields, lamps=LAMPS, night=True)
    assert now.geom_equals(fields).all()
    half = cameras_of(status=["up", None, "down", "up"], night_vision=[None, np.nan, True, False])
    now = fields_now(half, fields, lamps=lamps_at((50, 34)), night=True)
    assert now.is_empty.tolist() == [False, False, True, False]
    assert 0.0 < now["d"].area < fields["d"].area
    dark = fields_now(half, fields, lamps=lamps_at(), night=True)
    assert dark.is_empty.tolist() == [False, False, True, True]
    assert fields_now(half, fields, lamps=gpd.GeoDataFrame(), night=True).is_empty.sum() == 2


def test_fields_in_another_order_keep_it(fields):
    backwards = fields.iloc[::-1]
    now = fields_now(CAMERAS, backwards, lamps=LAMPS, night=True)
    assert now.index.tolist() == LABELS[::-1]
    assert now.is_empty.tolist() == [True, True, False, False]


def test_no_cameras():
    empty = fields_now(cameras_of([]), fields_of(), lamps=LAMPS, night=True)
    assert empty.empty
    assert isinstance(empty, gpd.GeoSeries)


def test_the_input_stays_as_it_is(fields):
    before = fields.copy()
    fields_now(CAMERAS, fields, lamps=LAMPS, night=True)
    assert fields.geom_equals(before).all()


def test_coverage_of_tonight_is_less_than_that_of_the_catalogue(fields):
    streets = streets_of(*[[(0, 10 * row + 4), (100, 10 * row + 4)] for row in range(4)])
    now = fields_now(CAMERAS, fields, lamps=LAMPS, night=True, lamp_reach_m=10.0)
    assert seen_lengths(streets, fields).tolist() == [100.0] * 4
    assert seen_lengths(streets, now).tolist() == [100.0, pytest.approx(40.0), 0.0, 0.0]


def test_every_fault_is_reported_at_once(fields):
    cameras = cameras_of(
        ["a", "b", "b", "lost"],
        status=["up", "broken", "up", "up"],
        night_vision=[True, True, "maybe", 1],
    )
    lamps = gpd.GeoDataFrame(
        {"lit": [True, "yes"]}, geometry=[shapely.Point(0, 0), None], crs="EPSG:24047"
    )
    strange = fields.rename({"c": "x"}).drop("d")
    strange["a"] = BOW
    with pytest.raises(LayerError) as caught:
        fields_now(cameras, strange, lamps=lamps, night=False)
    assert [(fault.source, fault.row, fault.field) for fault in caught.value.faults] == [
        ("fields_of_view", 1, "geometry"),
        ("lamps", 2, "geometry"),
        ("lamps", None, "geometry"),
        ("cameras", 3, None),
        ("cameras", 4, None),
        ("fields_of_view", 3, None),
        ("cameras", 2, "status"),
        ("cameras", 3, "night_vision"),
        ("lamps", 2, "lit"),
    ]


@pytest.mark.parametrize("reach_m", [0.0, -1.0, math.nan, math.inf])
def test_a_reach_out_of_range_is_refused(fields, reach_m):
    with pytest.raises(ParameterError, match="Expected `lamp_reach_m` > 0"):
        fields_now(CAMERAS, fields, lamps=LAMPS, night=True, lamp_reach_m=reach_m)


def test_flags_of_the_nullable_type_are_flags(fields):
    column = pd.array([True, False, None, True], dtype="boolean")
    now = fields_now(cameras_of(night_vision=column), fields, lamps=lamps_at(), night=True)
    assert now.is_empty.tolist() == [False, True, False, False]


@pytest.mark.parametrize("yes", [1, 1.0, "true", "TRUE", "1", True])
@pytest.mark.parametrize("no", [0, 0.0, "false", "False ", "0.0", False])
def test_flags_are_what_the_layer_takes_for_flags(fields, yes, no):
    cameras = cameras_of(night_vision=pd.Series([yes, no, no, None], LABELS, dtype="object"))
    lamps = lamps_at((50, 14), (50, 24), lit=pd.Series([yes, no], dtype="object"))
    now = fields_now(cameras, fields, lamps=lamps, night=True, lamp_reach_m=3.0)
    assert now.is_empty.tolist() == [False, False, True, False]
    assert now["b"].area < fields["b"].area
    assert now[["a", "d"]].geom_equals(fields[["a", "d"]]).all()


def test_what_is_wrong_is_told_as_the_layer_tells_it(fields):
    cameras = cameras_of(status=["up", " up ", "off", ""], night_vision=[True, "maybe", 2, 1])
    lamps = lamps_at((50, 14), lit=["on"])
    with pytest.raises(LayerError) as caught:
        fields_now(cameras, fields, lamps=lamps, night=True)
    told = [fault for fault in caught.value.faults if fault.source == "cameras"]
    of_layer = faults_of(
        cameras.assign(azimuth_deg=0, fov_deg=90, range_m=9).rename_axis("id"),
        "cameras",
        source="cameras",
    )
    told_by_layer = [fault for fault in of_layer if fault.field != "geometry"]
    assert sorted(map(str, told)) == sorted(map(str, told_by_layer))
    assert len(told) == 3
    assert [str(fault) for fault in caught.value.faults if fault.source == "lamps"] == [
        "lamps, row 1, `lit`: expected true or false, got 'on'"
    ]
