"""What is written is what is read: ids, attributes and geometry, in every format."""

import datetime as dt
import json
import tempfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pyproj import CRS

from geo.errors import LayerError
from geo.formats import read_layer, write_layer
from geo.layers import check_layer

METRIC = CRS(32647)
# A seventh decimal of a degree is 1.1 cm; half of it on each axis is the rounding.
TOLERANCE_M = {".gpkg": 1e-6, ".shp": 1e-6, ".geojson": 0.008, ".csv": 0.008}
SUFFIXES = sorted(TOLERANCE_M)

# Outer blanks are no part of a text, and no format but JSON can hold control characters.
TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")),
        st.sampled_from("กขคงวัดพุทธมงคลนิมิตร,;\"' "),
    ),
    max_size=20,
).map(str.strip)
EASTING = st.floats(431_000.0, 434_000.0)
NORTHING = st.floats(870_000.0, 873_000.0)
IDS = st.lists(TEXT.filter(bool), min_size=1, max_size=6, unique=True)
EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=7)))
INSTANT = st.integers(0, 4_000_000_000_000).map(lambda ms: EPOCH + dt.timedelta(milliseconds=ms))
BOX = st.builds(
    lambda x, y, width, depth: shapely.box(x, y, x + width, y + depth),
    EASTING,
    NORTHING,
    st.floats(0.5, 50.0),
    st.floats(0.5, 50.0),
)
COURT = BOX.map(lambda box: box.difference(box.buffer(-0.2)))
PAIR = BOX.map(lambda box: shapely.MultiPolygon([box, shapely.affinity.translate(box, 200.0)]))


@st.composite
def incidents(draw: st.DrawFn) -> gpd.GeoDataFrame:
    ids = draw(IDS)
    starts = draw(st.lists(INSTANT, min_size=len(ids), max_size=len(ids)))
    hours = st.one_of(st.none(), st.integers(0, 48))
    frame = gpd.GeoDataFrame(
        {
            "id": ids,
            "category": [draw(st.sampled_from(["theft", "ลักทรัพย์"])) for _ in ids],
            "severity": [draw(st.integers(1, 5)) for _ in ids],
            "occurred_at": starts,
            "occurred_until": [
                None if (length := draw(hours)) is None else start + dt.timedelta(hours=length)
                for start in starts
            ],
            "reporting": [draw(st.sampled_from(["reported", "discovered"])) for _ in ids],
            "synthetic": [draw(st.booleans()) for _ in ids],
            "remark": [draw(TEXT) for _ in ids],
        },
        geometry=[shapely.Point(draw(EASTING), draw(NORTHING)) for _ in ids],
        crs=METRIC,
    )
    return check_layer(frame, "incidents", source="drawn")


@st.composite
def buildings(draw: st.DrawFn) -> gpd.GeoDataFrame:
    ids = draw(IDS)
    height = st.one_of(st.none(), st.floats(0.1, 400.0))
    frame = gpd.GeoDataFrame(
        {
            "id": ids,
            "kind": [draw(TEXT) for _ in ids],
            "height_m": [draw(height) for _ in ids],
            "synthetic": [draw(st.booleans()) for _ in ids],
        },
        geometry=[draw(st.one_of(BOX, COURT, PAIR)) for _ in ids],
        crs=METRIC,
    )
    return check_layer(frame, "buildings", source="drawn")


@st.composite
def streets(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Draw streets that fan out from one junction, so the graph is one piece."""
    ids = draw(IDS)
    centre = (draw(EASTING), draw(NORTHING))
    ends = st.tuples(EASTING, NORTHING).filter(lambda one: max(abs(one[0] - centre[0]), 0) > 1.0)
    width = st.one_of(st.none(), st.floats(0.5, 60.0))
    frame = gpd.GeoDataFrame(
        {
            "id": ids,
            "name_th": [draw(TEXT) for _ in ids],
            "street_class": ["residential" for _ in ids],
            "oneway": [draw(st.booleans()) for _ in ids],
            "width_m": [draw(width) for _ in ids],
            "grade": [draw(st.sampled_from(["", "A", "D"])) for _ in ids],
        },
        geometry=[shapely.LineString([centre, draw(ends)]) for _ in ids],
        crs=METRIC,
    )
    return check_layer(frame, "streets", source="drawn")


LAYERS: dict[str, SearchStrategy[gpd.GeoDataFrame]] = {
    "incidents": incidents(),
    "buildings": buildings(),
    "streets": streets(),
}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("layer", sorted(LAYERS))
@settings(max_examples=40)
@given(data=st.data())
def test_a_layer_comes_back_as_it_went(data: st.DataObject, layer: str, suffix: str) -> None:
    written = data.draw(LAYERS[layer])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"layer{suffix}"
        write_layer(path, written)
        read = read_layer(path, layer, crs=METRIC)
    pd.testing.assert_frame_equal(
        pd.DataFrame(read.drop(columns="geometry")),
        pd.DataFrame(written.drop(columns="geometry")),
        check_exact=suffix != ".shp",
        rtol=1e-12,
    )
    assert read.crs == written.crs
    assert distance_m(read, written) <= TOLERANCE_M[suffix]


@settings(max_examples=40)
@given(layer=incidents())
def test_writing_what_was_read_changes_nothing_more(layer: gpd.GeoDataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "first.geojson", Path(folder) / "second.geojson"
        write_layer(first, layer)
        write_layer(second, read_layer(first, "incidents", crs=METRIC))
        assert first.read_text(encoding="utf-8") == second.read_text(encoding="utf-8")


NUMBER = st.one_of(
    st.floats(-200.0, 200.0), st.integers(-200, 200), st.none(), st.booleans(), st.text(max_size=2)
)
COORDINATES = st.recursive(NUMBER, lambda inner: st.lists(inner, max_size=4), max_leaves=12)
CLOSED = st.lists(
    st.lists(st.floats(7.0, 99.0), min_size=2, max_size=3), min_size=3, max_size=5
).map(lambda ring: [*ring, ring[0]])
GEOMETRY = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["Point", "LineString", "Polygon", "MultiPolygon", "MultiPoint", "GeometryCollection"]
        ),
        "coordinates": st.one_of(
            COORDINATES, st.lists(CLOSED, max_size=2), st.lists(st.lists(CLOSED, max_size=2))
        ),
    }
)


@settings(max_examples=300)
@given(geometry=st.one_of(GEOMETRY, COORDINATES))
def test_whatever_a_geometry_holds_the_answer_is_a_layer_or_its_faults(geometry: object) -> None:
    feature = {"type": "Feature", "properties": {"id": "b1"}, "geometry": geometry}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "buildings.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
        shapes, rows = [], set()
        try:
            shapes = list(read_layer(path, "buildings", crs=METRIC).geometry)
        except LayerError as error:
            rows = {fault.row for fault in error.faults}
    assert (len(shapes), rows) in [(1, set()), (0, {1})]
    assert all(shape.is_valid and not shape.is_empty for shape in shapes)


def distance_m(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> float:
    """Return how far any corner of one layer is from the same shape in the other, and back."""
    pairs = zip(one.geometry, other.geometry, strict=True)
    return max(shapely.hausdorff_distance(left, right) for left, right in pairs)
