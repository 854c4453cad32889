"""Exact intervals of what each camera sees, against sampling, set operations and hand work."""

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely

from analytics import _street_segments
from analytics._intervals import Intervals
from analytics.sightings import seen_lengths, sightings
from geo.errors import LayerError, ParameterError
from tests.analytics.quarters import (
    BOW,
    TANGLED,
    fields_of,
    passes,
    random_quarter,
    streets_of,
    tangled_quarter,
)

NEAR_AN_END_M = 1e-6


def rows(seen):
    return list(seen.itertuples(index=False, name=None))


def depth_at(seen, streets, camera, street, offset_m):
    """Tell at which offsets along a street a camera's intervals lie, and which are near an end."""
    own = seen[(seen["street"] == streets.index[street]) & (seen["camera"] == camera)]
    from_m, to_m = own["from_m"].to_numpy()[:, None], own["to_m"].to_numpy()[:, None]
    inside = ((from_m <= offset_m) & (offset_m <= to_m)).sum(axis=0)
    ends = np.concatenate([from_m, to_m])
    return inside, (np.abs(ends - offset_m) < NEAR_AN_END_M).any(axis=0)


def assert_sampled(streets, fields, seen):
    """Every place of every pass lies in one interval of exactly the cameras that see it."""
    street, offset_m, _, flags = passes(streets, fields, spacing_m=0.37)
    for row in range(len(streets)):
        on = street == row
        for number, camera in enumerate(fields.index):
            depth, near = depth_at(seen, streets, camera, row, offset_m[on])
            assert (depth == flags[on, number])[~near].all()


@pytest.mark.parametrize("quarter", [random_quarter, tangled_quarter])
@pytest.mark.parametrize("seed", [3, 4])
def test_intervals_agree_with_walking_the_streets(quarter, seed):
    streets, fields = quarter(seed)
    seen = sightings(streets, fields)
    assert len(seen) > 50
    assert_sampled(streets, fields, seen)


@pytest.mark.parametrize("seed", range(3))
def test_intervals_add_up_to_what_shapely_cuts(seed):
    streets, fields = random_quarter(seed)
    seen = sightings(streets, fields)
    length_m = (seen["to_m"] - seen["from_m"]).groupby([seen["street"], seen["camera"]]).sum()
    for (street, camera), total_m in length_m.items():
        cut = streets.geometry[street].intersection(fields[camera])
        assert total_m == pytest.approx(cut.length, abs=1e-8)
    assert length_m.sum() == pytest.approx(
        sum(streets.intersection(field).length.sum() for field in fields)
    )


@pytest.mark.parametrize("seed", range(3))
def test_lengths_agree_with_union_and_pairwise_overlap(seed):
    streets, fields = random_quarter(seed)
    once = seen_lengths(streets, fields)
    np.testing.assert_allclose(once, streets.intersection(fields.union_all()).length, atol=1e-7)
    shapes = fields.to_numpy()
    overlaps = [shapely.intersection(shapes[i], shapes[i + 1 :]) for i in range(len(shapes) - 1)]
    areas = shapely.get_parts(np.concatenate(overlaps))
    twice = shapely.union_all(areas[shapely.get_type_id(areas) == shapely.GeometryType.POLYGON])
    seen_twice = seen_lengths(streets, fields, by_at_least=2)
    np.testing.assert_allclose(seen_twice, streets.intersection(twice).length, atol=1e-7)
    assert seen_twice.sum() > 100.0


def assert_sampled_depths(streets, fields):
    """So many cameras at once see what walking the streets by 2 cm says they do."""
    street, _, length_m, flags = passes(streets, fields, spacing_m=0.02)
    for by_at_least in (1, 2, 3, 4):
        held = flags.sum(axis=1) >= by_at_least
        sampled = np.bincount(street[held], length_m[held], len(streets))
        exact = seen_lengths(streets, fields, by_at_least=by_at_least)
        np.testing.assert_allclose(exact, sampled, atol=0.5)
        assert exact.sum() == pytest.approx(sampled.sum(), rel=2e-3)
        assert exact.sum() > 10.0


def test_lengths_by_several_agree_with_dense_sampling():
    assert_sampled_depths(*tangled_quarter(9))


def test_dense_sampling_catches_one_camera_too_few(monkeypatch):
    """The planted fault: one camera fewer than asked for is enough."""
    overlapping = Intervals.overlapping
    monkeypatch.setattr(
        Intervals, "overlapping", lambda self, count=1: overlapping(self, max(count - 1, 1))
    )
    with pytest.raises(AssertionError):
        assert_sampled_depths(*tangled_quarter(9))


def test_parts_go_on_over_the_corners_of_a_street():
    streets = streets_of([(0, 0), (10, 0), (10, 10), (20, 10)], index=["soi"])
    fields = fields_of(shapely.box(5, -1, 15, 4), shapely.box(-9, -9, 99, 99), index=["a", "b"])
    assert rows(sightings(streets, fields)) == [("soi", "a", 5.0, 14.0), ("soi", "b", 0.0, 30.0)]


def test_rows_follow_the_streets_then_the_cameras_then_the_way():
    streets = streets_of([(0, 0), (90, 0)], [(0, 5), (90, 5)], index=["z", "a"])
    split = shapely.MultiPolygon([shapely.box(50, -1, 60, 1), shapely.box(10, -1, 20, 9)])
    fields = fields_of(split, shapely.box(0, -9, 30, 9), index=["two", "one"])
    assert rows(sightings(streets, fields)) == [
        ("z", "two", 10.0, 20.0),
        ("z", "two", 50.0, 60.0),
        ("z", "one", 0.0, 30.0),
        ("a", "two", 10.0, 20.0),
        ("a", "one", 0.0, 30.0),
    ]


def test_what_ends_within_rounding_of_a_corner_ends_there():
    streets = streets_of([(0, 0), (10, 0), (10, 10)])
    short, long = shapely.box(1e-9, -1, 11, -1e-9 + 1), shapely.box(-1, -1, 11, 1e-9)
    assert rows(sightings(streets, fields_of(short, long))) == [
        (0, 0, 0.0, pytest.approx(11.0)),
        (0, 1, 0.0, 10.0),
    ]
    assert sightings(streets, fields_of(long))["to_m"].tolist() == [10.0]
    before = shapely.box(-1, -1, 10 - 1e-9, 11)
    assert rows(sightings(streets, fields_of(before))) == [(0, 0, 0.0, 10.0)]


@pytest.mark.parametrize("by_at_least", [1, 2, 3])
def test_intervals_that_meet_at_a_place_go_on_there(by_at_least):
    """Whichever of them is listed first, and with points among them."""
    from_m = np.repeat([0.0, 10.0, 10.0, 10.0, 25.0], by_at_least)
    to_m = np.repeat([10.0, 10.0, 10.0, 20.0, 25.0], by_at_least)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(from_m.size)
        parts = Intervals(np.zeros(from_m.size, np.int64), from_m[order], to_m[order])
        found = parts.overlapping(by_at_least)
        assert (found.from_m.tolist(), found.to_m.tolist()) == ([0.0], [20.0])


def test_a_hole_is_not_seen_and_an_edge_is():
    streets = streets_of([(0, 0), (20, 0)], [(0, 5), (20, 5)], [(0, 9), (20, 9)])
    holed = shapely.box(0, -5, 20, 5).difference(shapely.box(5, -2, 15, 2))
    assert rows(sightings(streets, fields_of(holed))) == [
        (0, 0, 0.0, 5.0),
        (0, 0, 15.0, 20.0),
        (1, 0, 0.0, 20.0),
    ]


@pytest.mark.parametrize(
    "field",
    [
        shapely.Polygon([(5, 0), (9, 4), (1, 4)]),
        shapely.box(10, 0, 12, 3),
        shapely.box(-4, -4, 0, 0),
        shapely.Polygon(),
    ],
)
def test_a_field_that_touches_at_a_point_sees_nothing(field):
    streets = streets_of([(0, 0), (10, 0)])
    assert sightings(streets, fields_of(field)).empty
    assert seen_lengths(streets, fields_of(field)).tolist() == [0.0]


def test_two_fields_that_meet_see_a_place_twice_only_where_they_overlap():
    streets = streets_of([(0, 0), (30, 0)])
    fields = fields_of(shapely.box(0, -1, 10, 1), shapely.box(10, -1, 20, 1))
    assert seen_lengths(streets, fields).tolist() == [20.0]
    assert seen_lengths(streets, fields, by_at_least=2).tolist() == [0.0]


def test_each_pass_of_a_street_over_itself_counts():
    fields = fields_of(shapely.box(-1, -1, 12, 1))
    seen = sightings(streets_of(*TANGLED), fields)
    own = seen.groupby("street")[["from_m", "to_m"]].apply(lambda part: part.to_numpy().tolist())
    assert own[0] == [[0.0, 12.0], [48.0, 50.0]]
    assert own[1] == [[0.0, 12.0], [48.0, 60.0]]
    assert own[2] == [[0.0, 12.0], [28.0, 42.0]]
    assert own[3] == [[0.0, 12.0], [49.0, 51.0]]
    diagonal_m = 20.0 * math.sqrt(2.0)
    assert own[4] == [
        [0.0, pytest.approx(diagonal_m / 20.0)],
        [pytest.approx(2.0 * diagonal_m + 39.0), pytest.approx(2.0 * diagonal_m + 40.0)],
    ]


def test_nothing_to_see_and_nothing_to_see_with():
    streets = streets_of([(0, 0), (10, 0)])
    for fields in (fields_of(), gpd.GeoSeries([]), gpd.GeoDataFrame()):
        seen = sightings(streets, fields)
        assert seen.empty
        assert seen.columns.tolist() == ["street", "camera", "from_m", "to_m"]
        assert seen_lengths(streets, fields).tolist() == [0.0]
    field = fields_of(shapely.box(0, 0, 1, 1))
    for none in (streets.iloc[:0], gpd.GeoDataFrame()):
        assert sightings(none, field).empty
        assert seen_lengths(none, field).empty


@pytest.mark.parametrize("count", [0, -1, 1.5, math.nan, math.inf])
def test_counts_out_of_range_are_refused(count):
    with pytest.raises(ParameterError, match="Expected whole `by_at_least` >= 1"):
        seen_lengths(streets_of([(0, 0), (10, 0)]), fields_of(), by_at_least=count)


@pytest.mark.parametrize("measure", [sightings, seen_lengths])
def test_every_fault_is_reported_at_once(measure):
    streets = gpd.GeoDataFrame(geometry=[shapely.Point(0, 0), None], crs="EPSG:4326")
    with pytest.raises(LayerError) as caught:
        measure(streets, fields_of(BOW))
    assert [(fault.source, fault.row) for fault in caught.value.faults] == [
        ("streets", 1),
        ("streets", 2),
        ("fields_of_view", 1),
        ("streets", None),
        ("fields_of_view", None),
    ]


def test_walking_catches_whole_segments_taken_for_cut_ones(monkeypatch):
    """The planted fault: a segment that a field reaches counts as seen from end to end."""
    monkeypatch.setattr(_street_segments.shapely, "covers", shapely.intersects)
    streets, fields = tangled_quarter(3)
    with pytest.raises(AssertionError):
        assert_sampled(streets, fields, sightings(streets, fields))


def test_walking_catches_offsets_from_the_wrong_end(monkeypatch):
    """The planted fault: segments begin where the street does, as if each were the first."""
    monkeypatch.setattr(
        _street_segments.StreetSegments,
        "_offset",
        lambda self, segment, xy: np.hypot(*(xy - self.tail_xy[segment]).T),
    )
    streets, fields = tangled_quarter(3)
    with pytest.raises(AssertionError):
        assert_sampled(streets, fields, sightings(streets, fields))
