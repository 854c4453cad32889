"""A search by bounding box finds what shapely finds by brute force, on any shapes."""

import itertools
import json

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon

from api.store import Box, Store

PROVENANCE = {"created_at": "2026-03-01T12:00:00+00:00"}
# A coarse grid makes touching edges and corners common; the offsets make single-precision bounds
# round across a box's edge.
longitudes = st.one_of(
    st.integers(-180, 180).map(float),
    st.floats(-180, 180, allow_subnormal=False).map(lambda x: round(x, 8)),
    st.integers(0, 9).map(lambda n: round(98.38 + n * 1e-8, 8)),
)
latitudes = st.one_of(
    st.integers(-9, 9).map(float),
    st.floats(-90, 90, allow_subnormal=False).map(lambda y: round(y, 8)),
    st.integers(0, 9).map(lambda n: round(7.88 + n * 1e-8, 8)),
)
places = st.tuples(longitudes, latitudes)
shapes = st.one_of(
    places.map(Point),
    st.lists(places, min_size=2, max_size=5).map(LineString),
    st.lists(places, min_size=3, max_size=5).map(Polygon).filter(lambda shape: shape.is_valid),
)
boxes = st.tuples(longitudes, latitudes, longitudes, latitudes).map(
    lambda b: Box(b[0], min(b[1], b[3]), b[2], max(b[1], b[3]))
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("store") / "store.sqlite")
    yield store
    store.close()


turns = itertools.count()


@given(st.lists(shapes, min_size=1, max_size=12), st.lists(boxes, min_size=1, max_size=4))
def test_a_box_finds_what_brute_force_finds(store, layer, searches):
    ids = [f"{next(turns)}" for _ in layer]
    frame = gpd.GeoDataFrame(geometry=layer, index=ids, crs="EPSG:4326")
    store.put_layer("any", "streets", frame, kind="layer", provenance=PROVENANCE)
    for box in searches:
        page = store.items("any", "streets", bbox=box, limit=100)
        found = [json.loads(feature)["id"] for feature in page.features]
        parts = shapely.box(*zip(*box.parts(), strict=True))
        expected = [
            name
            for name, shape in zip(ids, layer, strict=True)
            if shapely.intersects(parts, shape).any()
        ]
        assert found == expected
        assert page.number_matched == len(expected)
