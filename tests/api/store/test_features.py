"""Rows of the store: plain JSON values whatever the frame holds."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from api.store.features import encode_feature, encode_features
from geo.errors import ParameterError


def layer(**columns):
    size = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=[Point(98.39, 7.88)] * size, crs="EPSG:4326")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pd.Series([1.5, np.nan, np.inf]), [1.5, None, None]),
        (pd.Series([1, 2], dtype="int16"), [1, 2]),
        (pd.Series([1, None], dtype="Int64"), [1, None]),
        (pd.Series([True, False]), [True, False]),
        (pd.Series([True, None], dtype="boolean"), [True, None]),
        (pd.Series(["ถนน", None], dtype="str"), ["ถนน", None]),
        (pd.Series([["a", np.float64("nan")], (np.int64(1),)]), [["a", None], [1]]),
        (pd.Series([np.array([1, 2])]), [[1, 2]]),
        (
            pd.Series([pd.Timestamp("2026-03-01T20:00+07:00"), pd.NaT]),
            ["2026-03-01T20:00:00+07:00", None],
        ),
        (pd.Series([pd.Timestamp("2026-03-01").date()]), ["2026-03-01"]),
        (pd.Categorical(["up", "down"]), ["up", "down"]),
    ],
)
def test_values_become_json(values, expected):
    rows = encode_features("lamps", layer(value=values))
    found = [json.loads(row.feature)["properties"]["value"] for row in rows]
    assert found == expected
    assert [type(value) for value in found] == [type(value) for value in expected]


def test_coordinates_are_rounded_and_flat():
    frame = layer(value=[1]).set_geometry([Point(98.123456789123, 7.1, 30)])
    (row,) = encode_features("lamps", frame)
    assert json.loads(row.feature)["geometry"]["coordinates"] == [98.12345679, 7.1]
    assert row.bounds == (98.12345679, 7.1, 98.12345679, 7.1)


def test_the_version_follows_the_content():
    one, two = encode_features("lamps", layer(value=[1, 2]))
    (again,) = encode_features("lamps", layer(value=[1]))
    assert (one.version, one.public_version) == (again.version, one.version)
    assert one.version != two.version


def test_a_feature_alone_becomes_the_same_row_as_in_a_layer():
    (expected,) = encode_features("lamps", layer(value=[1.5], name=["ถนน"]))
    feature = json.loads(expected.feature) | {"bbox": [1, 2], "extra": True}
    assert encode_feature("lamps", feature) == expected
    assert encode_feature("lamps", feature | {"geometry": None}).bounds is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": None}, "`id`"),
        ({"id": ""}, "`id`"),
        ({"id": True}, "`id`"),
        ({"id": "a\0b"}, "NUL"),
        ({"properties": [1]}, "`properties`"),
        ({"properties": {"name": "\ud800"}}, "half a character"),
        ({"geometry": {"type": "Point"}}, "`geometry`"),
        ({"geometry": {"type": "Dot", "coordinates": [1, 2]}}, "`geometry`"),
        ({"geometry": {"type": "Point", "coordinates": "there"}}, "`geometry`"),
        ({"geometry": {"type": "LineString", "coordinates": [[1, 2]]}}, "`geometry`"),
        ({"geometry": [1, 2]}, "`geometry`"),
        ({"geometry": {"type": "Point", "coordinates": [181, 2]}}, "on the earth"),
        ({"geometry": {"type": "Point", "coordinates": [float("nan"), 2]}}, "on the earth"),
    ],
)
def test_a_feature_that_cannot_be_stored_is_refused_by_name(change, message):
    feature = {
        "type": "Feature",
        "id": "l1",
        "properties": {"lit": True},
        "geometry": {"type": "Point", "coordinates": [98.39, 7.88]},
    }
    with pytest.raises(ParameterError, match=message):
        encode_feature("lamps", feature | change)
