"""Masks and forbidden grounds on shapes whose areas are known."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import box

from planning.privacy import covered_m2, masked_fields

CRS = "EPSG:32647"


def series(*shapes, index=None):
    return gpd.GeoSeries(list(shapes), crs=CRS, index=index)


def test_a_mask_cuts_what_it_covers_and_nothing_behind():
    fields = series(box(0, 0, 10, 2), box(20, 0, 30, 2), shapely.Polygon(), index=["a", "b", "c"])
    left, masked_m2 = masked_fields(fields, series(box(4, -1, 6, 5)))
    assert masked_m2.tolist() == [4.0, 0.0, 0.0]
    assert left.area.tolist() == [16.0, 20.0, 0.0]
    assert left["a"].intersects(shapely.Point(8, 1))
    assert not left["a"].intersects(shapely.Point(5, 1))
    assert left.index.equals(fields.index)
    assert left.crs == fields.crs


def test_grounds_that_overlap_count_once():
    fields = series(box(0, 0, 10, 10))
    grounds = series(box(0, 0, 4, 4), box(2, 2, 6, 6), box(6, 0, 8, 1))
    assert covered_m2(fields, grounds).tolist() == [16 + 16 - 4 + 2]
    left, masked_m2 = masked_fields(fields, grounds)
    assert masked_m2 == pytest.approx([30.0])
    assert left.area.iloc[0] == pytest.approx(70.0)


def test_a_field_wholly_masked_is_empty():
    left, masked_m2 = masked_fields(series(box(0, 0, 1, 1)), series(box(-1, -1, 2, 2)))
    assert left.is_empty.all()
    assert masked_m2.tolist() == [1.0]


def test_no_grounds_mask_nothing():
    fields = series(box(0, 0, 1, 1))
    left, masked_m2 = masked_fields(fields, series())
    assert left.geom_equals(fields).all()
    assert masked_m2.tolist() == covered_m2(fields, series()).tolist() == [0.0]


def test_as_one_by_one_with_the_union_of_all():
    """Against shapely on each field alone, many fields and grounds at random."""
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 100, (60, 2))
    sides = rng.uniform(1, 20, (60, 2))
    boxes = box(*corners.T, *(corners + sides).T)
    fields, grounds = series(*boxes[:30]), series(*boxes[30:])
    union = grounds.union_all()
    left, masked_m2 = masked_fields(fields, grounds)
    for field, cut, cut_m2, covered in zip(
        fields, left, masked_m2, covered_m2(fields, grounds), strict=True
    ):
        assert shapely.area(cut.symmetric_difference(field.difference(union))) < 1e-9
        assert cut_m2 == pytest.approx(field.intersection(union).area, abs=1e-9)
        assert covered == pytest.approx(cut_m2, abs=1e-9)
    assert left.is_valid.all()
