"""Reference systems: which a zone has, boxes that come in, geometries that go out."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ogc.crs import CRS84, box_from, into, out_of, placed, systems_of
from api.settings import Settings
from api.store import Box
from geo.errors import ParameterError

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
TOWN = [f"{EPSG}{code}" for code in (4326, 3857, 32647)]


def test_a_zone_adds_its_own_metric_system():
    data_dir = Settings().data_dir
    assert systems_of(data_dir, "old_town") == (CRS84, *TOWN)
    assert systems_of(data_dir, "nowhere") == (CRS84, *TOWN[:2])


@given(st.sampled_from(TOWN), st.floats(97.5, 99.5), st.floats(7, 9))
def test_there_and_back_is_the_same_place(system, lon, lat):
    pairs = np.array([[lon, lat]])
    back = out_of(system)(into(system)(pairs))
    assert np.abs(back - pairs).max() < 2e-8  # a millimetre, as coordinates are rounded


def test_axes_are_in_the_order_of_the_authority():
    point = '{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[98.39,7.88]},'
    point += '"properties":{"name":"ถนน"}}'
    north_first, mercator, metric = (
        json.loads(placed([point], system)[0])["geometry"]["coordinates"] for system in TOWN
    )
    assert north_first == [7.88, 98.39]
    assert mercator == pytest.approx([98.39 * 111_319.490793, 879_880], rel=1e-3)
    assert 400_000 < metric[0] < 500_000
    assert 800_000 < metric[1] < 900_000
    assert "ถนน" in placed([point], TOWN[0])[0]
    assert placed([point], CRS84) == [point]


def test_a_feature_without_a_place_stays_without():
    bare = '{"type":"Feature","id":"a","geometry":null,"properties":{}}'
    assert json.loads(placed([bare, bare], TOWN[1])[0])["geometry"] is None


@given(
    st.sampled_from(TOWN[1:]),
    st.floats(98, 98.9),
    st.floats(7.5, 8.4),
    st.floats(0.001, 0.1),
    st.floats(0.001, 0.1),
)
def test_a_box_holds_all_that_lies_in_it(system, west, south, wide, high):
    corners = np.array([[west, south], [west + wide, south + high]])
    least, greatest = into(system)(corners)
    box = box_from(system, [*least, *greatest])
    within = np.random.default_rng(0).uniform(least, greatest, (50, 2))
    lon, lat = out_of(system)(within).T
    assert ((box.west <= lon) & (lon <= box.east) & (box.south <= lat) & (lat <= box.north)).all()


def test_a_box_in_degrees_may_span_the_antimeridian_and_names_latitude_first():
    assert box_from(f"{EPSG}4326", [-10, 170, 10, -170]) == Box(170, -10, -170, 10)


@pytest.mark.parametrize("corners", [[1, 0, 0, 1], [0, 1, 1, 0], [1e30, 0, 1e31, 1]])
def test_a_box_that_is_none_is_refused(corners):
    with pytest.raises(ParameterError, match="`bbox`"):
        box_from(TOWN[1], corners)
