"""Coverage that follows single cameras, against computing everything anew."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from analytics import live_coverage
from analytics.blindspots import blind_spots, coverage_of, street_coverage
from analytics.live_coverage import LiveCoverage
from analytics.sightings import seen_lengths
from geo.errors import LayerError, NotFoundError, ParameterError
from tests.analytics.quarters import (
    BOW,
    CRS,
    fields_of,
    random_quarter,
    streets_of,
    tangled_quarter,
)

DISC = shapely.Point(40, 40).buffer(25.0)


def assert_as_anew(live, streets, fields, spacing_m=2.0):
    """The coverage is, to the last bit, what computing it from these fields gives."""
    points = street_coverage(streets, fields, spacing_m=spacing_m)
    assert live.points["seen_by"].tolist() == points["seen_by"].tolist()
    assert live.points.drop(columns="seen_by").equals(points.drop(columns="seen_by"))
    assert live.coverage == coverage_of(streets, fields)
    assert live.seen_m == live.coverage.seen_m
    assert live.blind_m == live.coverage.blind_m
    assert live.streets["seen_m"].tolist() == seen_lengths(streets, fields).tolist()
    total_m = live.streets["seen_m"] + live.streets["blind_m"]
    np.testing.assert_allclose(total_m, live.streets["total_m"])
    anew = LiveCoverage.of(streets, fields, spacing_m=spacing_m)
    assert live.streets.equals(anew.streets)
    assert live.points.equals(anew.points)


@pytest.fixture(params=[random_quarter, tangled_quarter])
def quarter(request):
    return request.param(12)


def test_all_on_is_what_the_parts_give(quarter):
    streets, fields = quarter
    assert_as_anew(LiveCoverage.of(streets, fields, spacing_m=3.0), streets, fields, 3.0)
    live = LiveCoverage.of(streets, fields)
    spots = blind_spots(streets, fields, min_length_m=0.0)
    assert live.blind_m == pytest.approx(spots["length_m"].sum())
    assert live.streets.index.equals(streets.index)
    assert live.cameras.index.equals(fields.index)
    assert live.cameras.all()


def test_each_camera_off_and_on_again(quarter):
    streets, fields = quarter
    live = LiveCoverage.of(streets, fields)
    for camera in fields.index:
        off = live.switch(camera, on=False)
        assert_as_anew(off, streets, fields.drop(camera))
        assert not off.cameras[camera]
        again = off.switch(camera, on=True)
        assert again.points.equals(live.points)
        assert again.streets.equals(live.streets)
        assert again.coverage == live.coverage


def test_all_off_one_by_one():
    streets, fields = random_quarter(13)
    live = LiveCoverage.of(streets, fields)
    for count, camera in enumerate(fields.index, start=1):
        live = live.switch(camera, on=False)
        assert live.coverage == coverage_of(streets, fields.iloc[count:])
    assert live.seen_m == 0.0
    assert live.points["seen_by"].eq(0).all()


def test_a_camera_that_turned_or_moved(quarter):
    streets, fields = quarter
    camera = fields.index[3]
    live = LiveCoverage.of(streets, fields)
    turned = fields.copy()
    turned[camera] = DISC
    assert_as_anew(live.replaced(camera, DISC), streets, turned)
    assert_as_anew(live, streets, fields)
    off = live.switch(camera, on=False).replaced(camera, DISC)
    assert_as_anew(off, streets, fields.drop(camera))
    assert_as_anew(off.switch(camera, on=True), streets, turned)
    assert_as_anew(live.replaced(camera, shapely.Polygon()), streets, fields.drop(camera))


def test_a_camera_more_and_one_less(quarter):
    streets, fields = quarter
    live = LiveCoverage.of(streets, fields)
    more = gpd.GeoSeries([*fields, DISC], index=[*fields.index, "new"], crs=CRS)
    grown = live.added("new", DISC)
    assert_as_anew(grown, streets, more)
    assert grown.cameras.index.tolist() == more.index.tolist()
    first, last = fields.index[0], fields.index[-1]
    assert_as_anew(grown.removed(first), streets, more.drop(first))
    less = grown.removed("new").removed(last).removed(first).switch(fields.index[5], on=False)
    left = fields.drop([first, last])
    assert less.cameras.index.equals(left.index)
    assert_as_anew(less, streets, left.drop(fields.index[5]))
    assert_as_anew(live, streets, fields)


def test_nothing_to_see_and_nothing_to_see_with():
    streets = streets_of([(0, 0), (10, 0)])
    nobody = LiveCoverage.of(streets, fields_of())
    assert_as_anew(nobody, streets, fields_of())
    first = nobody.added("first", shapely.box(-1, -1, 4, 1))
    assert (first.seen_m, first.blind_m) == (4.0, 6.0)
    assert first.removed("first").coverage == nobody.coverage
    nowhere = LiveCoverage.of(streets.iloc[:0], fields_of(DISC))
    assert (nowhere.seen_m, nowhere.blind_m) == (0.0, 0.0)
    assert nowhere.switch(0, on=False).points.empty
    assert LiveCoverage.of(gpd.GeoDataFrame(), gpd.GeoSeries([])).streets.empty


def test_an_unknown_camera_is_not_found():
    live = LiveCoverage.of(streets_of([(0, 0), (10, 0)]), fields_of(DISC, index=["a"]))
    for change in (
        lambda: live.switch("b", on=False),
        lambda: live.replaced("b", DISC),
        lambda: live.removed("b"),
    ):
        with pytest.raises(NotFoundError, match="Expected a camera of the coverage, got 'b'"):
            change()
    with pytest.raises(ParameterError, match="label of its own, got 'a'"):
        live.added("a", DISC)


@pytest.mark.parametrize(
    ("labels", "unknown"),
    [
        (["a", "b"], ("a", "zz")),
        ([1, 2], True),
        ([1, 2], "1"),
        (pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), "a"),
        (pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), ("a",)),
        (pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), ("a", 2)),
        (pd.date_range("2026-01-01", periods=2), "2026"),
    ],
)
def test_what_is_almost_the_label_of_a_camera_is_none(labels, unknown):
    live = LiveCoverage.of(streets_of([(0, 0), (10, 0)]), fields_of(DISC, DISC, index=labels))
    for change in (
        lambda: live.switch(unknown, on=False),
        lambda: live.replaced(unknown, DISC),
        lambda: live.removed(unknown),
    ):
        with pytest.raises(NotFoundError, match="Expected a camera of the coverage, got"):
            change()
    assert not live.switch(labels[1], on=False).cameras.tolist()[1]


@pytest.mark.parametrize(
    ("labels", "new"),
    [
        (["a", "b"], ("a", "zz")),
        ([1, 2], "1"),
        (pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), ("a", 2)),
        (pd.date_range("2026-01-01", periods=2), pd.Timestamp("2026")),
        ([1, 2], True),
    ],
)
def test_a_label_is_new_or_refused(labels, new):
    live = LiveCoverage.of(streets_of([(0, 0), (10, 0)]), fields_of(DISC, DISC, index=labels))
    if isinstance(new, bool | pd.Timestamp):
        with pytest.raises(ParameterError, match="label of its own"):
            live.added(new, DISC)
        return
    more = live.added(new, DISC)
    assert more.cameras.index.tolist() == [*labels, new]
    assert more.removed(new).cameras.index.tolist() == list(labels)


def test_it_is_a_value_that_nobody_can_change():
    streets, fields = random_quarter(12)
    live = LiveCoverage.of(streets, fields)
    anew = LiveCoverage.of(streets, fields)
    flags, points, by_street = live.cameras, live.points, live.streets
    flags[:] = False
    flags.index.name = "changed"
    points["seen_by"] = 0
    by_street["seen_m"] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        live._on[0] = False
    for kept, fresh in ((live, anew), (live.switch(0, on=False), anew.switch(0, on=False))):
        assert kept.cameras.equals(fresh.cameras)
        assert kept.cameras.index.name is None
        assert kept.points.equals(fresh.points)
        assert kept.streets.equals(fresh.streets)
        assert kept.coverage == fresh.coverage


@pytest.mark.parametrize(
    "field", [BOW, None, shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)])]
)
def test_a_field_that_is_none_is_refused(field):
    live = LiveCoverage.of(streets_of([(0, 0), (10, 0)]), fields_of(DISC, index=["a"]))
    for change in (live.replaced, live.added):
        with pytest.raises(LayerError) as caught:
            change("a" if change == live.replaced else "b", field)
        assert [fault.source for fault in caught.value.faults] == ["fields_of_view"]


def test_every_fault_is_reported_at_once():
    streets = gpd.GeoDataFrame(geometry=[None], crs=CRS)
    with pytest.raises(LayerError) as caught:
        LiveCoverage.of(streets, fields_of(BOW, DISC, DISC, index=["a", "b", "b"]))
    assert [(fault.source, fault.row) for fault in caught.value.faults] == [
        ("streets", 1),
        ("fields_of_view", 1),
        ("fields_of_view", 3),
    ]
    with pytest.raises(ParameterError, match="Expected `spacing_m` > 0"):
        LiveCoverage.of(streets_of([(0, 0), (10, 0)]), fields_of(), spacing_m=math.nan)


def test_computing_anew_catches_a_camera_left_behind(monkeypatch):
    """The planted fault: what a camera saw before it turned is kept."""
    monkeypatch.setattr(live_coverage._Kept, "by", lambda kept, _: kept)
    streets, fields = random_quarter(12)
    turned = fields.copy()
    turned[3] = DISC
    live = LiveCoverage.of(streets, fields).replaced(3, DISC)
    with pytest.raises(AssertionError):
        assert_as_anew(live, streets, turned)
