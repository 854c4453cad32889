"""Geometries as computations take them: which are sound, and what is said of the others."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, Polygon, box

from geo.shapes import examine_shapes, geometry_of, system_faults

POLYGONS = ("Polygon", "MultiPolygon")


@pytest.mark.parametrize("layer", [gpd.GeoDataFrame(), gpd.GeoDataFrame({"kind": []})])
def test_no_rows_need_no_geometry_column(layer):
    geometry, faults = geometry_of(layer, source="buildings")
    assert isinstance(geometry, gpd.GeoSeries)
    assert geometry.empty
    assert geometry.crs is None
    assert faults == []


def test_rows_without_a_geometry_column_are_one_fault():
    geometry, faults = examine_shapes(
        gpd.GeoDataFrame({"kind": ["shop", "house"]}), POLYGONS, source="buildings"
    )
    assert geometry.empty
    assert list(map(str, faults)) == [
        "buildings, `geometry`: expected a geometry column, got only kind"
    ]


def test_a_frame_and_its_geometry_are_judged_alike():
    frame = gpd.GeoDataFrame({"kind": [1]}, geometry=[box(0, 0, 1, 1)], index=["a"], crs=32647)
    for layer in (frame, frame.geometry, frame.rename_geometry("outline")):
        geometry, faults = examine_shapes(layer, POLYGONS, source="buildings")
        assert geometry.index.tolist() == ["a"]
        assert geometry.crs == frame.crs
        assert faults == []


def test_each_unsound_shape_is_named_by_row_and_label():
    bow = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    with np.errstate(invalid="ignore"):
        gone = LineString([(0, 0), (1, np.nan)])
    shapes = [box(0, 0, 1, 1), bow, None, Polygon(), Point(0, 0), gone]
    layer = gpd.GeoSeries(shapes, index=list("abcdef"))
    faults = examine_shapes(layer, POLYGONS, source="buildings")[1]
    assert [(fault.row, fault.found.split(" at ")[-1]) for fault in faults] == [
        (2, "'b'"),
        (3, "'c'"),
        (4, "'d'"),
        (5, "'e'"),
        (6, "'f'"),
    ]
    lenient = examine_shapes(layer, POLYGONS, source="buildings", may_be_empty=True)[1]
    assert [fault.row for fault in lenient] == [2, 3, 5, 6]


def test_only_an_empty_shape_of_an_allowed_type_may_be():
    layer = gpd.GeoSeries([Polygon(), LineString()])
    faults = examine_shapes(layer, POLYGONS, source="fields", may_be_empty=True)[1]
    assert [fault.row for fault in faults] == [2]


@pytest.mark.parametrize(
    ("first", "second", "sources"),
    [
        (32647, 32647, []),
        (None, None, []),
        (4326, 4326, ["streets"]),
        (32647, 32648, ["fields"]),
        (32647, None, ["fields"]),
        (4326, 32647, ["streets", "fields"]),
    ],
)
def test_two_layers_share_one_projected_system(first, second, sources):
    streets = gpd.GeoSeries([LineString([(0, 0), (1, 1)])], crs=first)
    fields = gpd.GeoSeries([box(0, 0, 1, 1)], crs=second)
    faults = system_faults(streets, fields, source="streets", other_source="fields")
    assert [fault.source for fault in faults] == sources


def test_layers_without_rows_agree_with_any_system():
    streets = gpd.GeoSeries([LineString([(0, 0), (1, 1)])], crs=32647)
    none = gpd.GeoSeries([])
    assert system_faults(streets, none, source="streets", other_source="fields") == []
    assert system_faults(none, streets, source="fields", other_source="streets") == []
