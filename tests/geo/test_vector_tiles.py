"""Vector tiles: read back by mapbox-vector-tile and by GDAL, on shapes of every kind."""

import json
import subprocess
from itertools import pairwise
from shutil import which

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape as shape_of

from geo import _tile_bytes, vector_tiles
from geo.tile_grid import EDGE_M, TileAddress, tile_at, to_mercator
from geo.vector_tiles import BUFFER, EXTENT, TiledLayer
from tests.conftest import missing
from tests.geo.tile_figures import CENTRE, town

WORLD = TileAddress(0, 0, 0)


def degrees(xy):
    """Return longitude and latitude of points given in the whole coordinates of the world tile."""
    metres = np.asarray(xy, dtype=float) * (2 * EDGE_M / EXTENT) * (1, -1) + (-EDGE_M, EDGE_M)
    longitude = metres[:, 0] / EDGE_M * 180
    latitude = np.degrees(np.arctan(np.sinh(metres[:, 1] / EDGE_M * np.pi)))
    return np.column_stack([longitude, latitude])


def layer_of(*shapes, properties=None):
    return TiledLayer.of(
        "town", np.array([*shapes, None], dtype=object)[:-1], properties or [{}] * len(shapes)
    )


def decoded(tile):
    """Return the features of a tile with y southwards, as it is written."""
    if not tile:
        return []
    options = {"y_coord_down": True}
    return mapbox_vector_tile.decode(tile, default_options=options)["town"]["features"]


def on_world(shape):
    return shapely.transform(shape, degrees)


whole = st.integers(0, EXTENT - 1)
points = st.builds(shapely.Point, whole, whole)
corners = st.lists(st.tuples(whole, whole), min_size=3, max_size=9, unique=True)
hulls = corners.map(lambda xy: shapely.MultiPoint(xy).convex_hull).filter(
    lambda hull: hull.geom_type == "Polygon"
)


@st.composite
def holed(draw):
    """A square with a hole in it."""
    west, south = draw(st.integers(0, 3000)), draw(st.integers(0, 3000))
    side = draw(st.integers(30, 1000))
    hole = shapely.box(west + 10, south + 10, west + side - 10, south + side - 10)
    return shapely.box(west, south, west + side, south + side) - hole


many_points = st.lists(st.tuples(whole, whole), min_size=2, max_size=9, unique=True).map(
    shapely.MultiPoint
)
any_shape = st.one_of(
    points,
    many_points,
    hulls,
    holed(),
    st.tuples(hulls, hulls)
    .map(shapely.union_all)
    .filter(
        lambda one: (
            shapely.get_coordinates(one).round().tolist() == shapely.get_coordinates(one).tolist()
        )
    ),
)
told = st.dictionaries(
    st.text(min_size=1, max_size=8),
    st.one_of(
        st.text(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.none(),
        st.floats(allow_nan=False),
    ),
    max_size=5,
)


@given(st.lists(st.tuples(any_shape, told), min_size=1, max_size=6))
def test_what_is_written_is_read_back(features):
    shapes, properties = zip(*features, strict=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector_tiles, "_TOLERANCE", 0.0)
        found = decoded(layer_of(*map(on_world, shapes), properties=properties).tile(WORLD))
    assert [one["id"] for one in found] == list(range(1, len(features) + 1))
    for (shape, properties), one in zip(features, found, strict=True):
        assert shape_of(one["geometry"]).equals(shape)
        expected = {
            k: v
            for k, v in properties.items()
            if v is not None and v not in (float("inf"), float("-inf"))
        }
        assert one["properties"] == expected


@given(st.lists(st.tuples(whole, whole), min_size=2, max_size=9, unique=True))
def test_lines_keep_their_points(xy):
    found = decoded(layer_of(on_world(shapely.LineString(xy))).tile(WORLD))
    line = shapely.LineString(xy)
    assert len(found) == 1
    drawn = shape_of(found[0]["geometry"])
    assert shapely.hausdorff_distance(line, drawn) <= vector_tiles._TOLERANCE + 1


@given(st.lists(st.integers(0, 2**62), max_size=20), st.data())
def test_numbers_are_written_as_protocol_buffers_do(numbers, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(numbers)), max_size=3)))
    ends = np.array([*cuts, len(numbers)])
    lists = _tile_bytes.split(np.array(numbers, dtype=np.int64), ends)
    starts = [0, *cuts]
    for start, end, written in zip(starts, ends, lists, strict=True):
        assert written == b"".join(_tile_bytes.varint(one) for one in numbers[start:end])


def test_rings_turn_as_the_specification_asks():
    square = shapely.box(10, 10, 100, 100) - shapely.box(20, 20, 90, 90)
    for shape in (square, shapely.orient_polygons(square), square.reverse()):
        drawn = decoded(layer_of(on_world(shape)).tile(WORLD))[0]["geometry"]["coordinates"]
        areas = [sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) for ring in drawn]
        assert [area > 0 for area in areas] == [True, False]


@pytest.mark.parametrize("zoom", [12, 15, 17])
def test_a_town_lies_where_it_does(zoom):
    """Every feature whose box meets the tile is near where it was, and none is left out."""
    shapes, properties = town(800)
    address = tile_at(*CENTRE, zoom)
    found = decoded(layer_of(*shapes, properties=properties).tile(address))
    west, _, east, north = address.bounds_m()
    unit = (east - west) / EXTENT
    reach = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    expected = {}
    for number, shape in enumerate(shapes, start=1):
        drawn = shapely.transform(
            shape, lambda xy: (to_mercator(xy) - (west, north)) / (unit, -unit)
        )
        if (cut := drawn & reach).dwithin(reach, 0) and not cut.is_empty:
            expected[number] = cut
    ids = {one["id"] for one in found}
    assert ids <= set(expected)
    lost = [expected[number] for number in set(expected) - ids]
    for one in lost:
        west, south, east, north = one.bounds
        within = max(east - west, north - south) <= vector_tiles._TOLERANCE + 1
        assert within if one.geom_type.endswith("LineString") else one.area <= one.length
    for one in found:
        drawn = shape_of(one["geometry"])
        assert drawn.is_valid
        assert shapely.hausdorff_distance(drawn, expected[one["id"]]) <= vector_tiles._TOLERANCE + 2
        assert one["properties"] == properties[one["id"] - 1]


def test_neighbouring_tiles_share_what_lies_on_their_edge():
    east = tile_at(*CENTRE, 16)._replace(column=tile_at(*CENTRE, 16).column + 1)
    west, south, _, north = east.bounds_m()
    unit = (north - south) / EXTENT
    middle = (south + north) / 2
    metres = np.array([[west - 40 * unit, middle], [west + 40 * unit, middle]])
    line = shapely.LineString(
        np.column_stack(
            [
                metres[:, 0] / EDGE_M * 180,
                np.degrees(np.arctan(np.sinh(metres[:, 1] / EDGE_M * np.pi))),
            ]
        )
    )
    layer = layer_of(line)
    for address in (east, east._replace(column=east.column - 1)):
        (one,) = decoded(layer.tile(address))
        assert shape_of(one["geometry"]).length == pytest.approx(80, abs=2)


def test_collections_fall_apart_under_one_id():
    mixed = shapely.GeometryCollection(
        [shapely.Point(5, 5), shapely.GeometryCollection([shapely.box(10, 10, 60, 60)])]
    )
    found = decoded(layer_of(None, on_world(mixed), properties=[{}, {"a": 1}]).tile(WORLD))
    assert [(one["id"], one["geometry"]["type"]) for one in found] == [(2, "Point"), (2, "Polygon")]


def test_what_is_neither_text_nor_number_is_json_and_what_is_missing_is_left_out():
    properties = {"names": ["ถลาง", 1], "nothing": None, "no_number": float("nan")}
    (one,) = decoded(layer_of(on_world(shapely.Point(1, 1)), properties=[properties]).tile(WORLD))
    assert {name: json.loads(text) for name, text in one["properties"].items()} == {
        "names": ["ถลาง", 1]
    }


def test_geojson_keeps_its_ids_in_the_tile():
    features = [
        {"type": "Feature", "id": f"ถ-{row}", "geometry": shape, "properties": {"row": row}}
        for row, shape in enumerate(
            [
                None,
                {"type": "Point", "coordinates": [1.0, 2.0]},
                {"type": "Polygon", "coordinates": []},
            ]
        )
    ]
    (one,) = decoded(TiledLayer.from_features("town", features).tile(WORLD))
    assert (one["id"], one["properties"]) == (2, {"id": "ถ-1", "row": 1})


def test_nothing_is_no_bytes():
    assert layer_of().tile(WORLD) == b""
    assert layer_of(None, shapely.Polygon()).tile(WORLD) == b""
    assert layer_of(shapely.Point(0, 0)).tile(tile_at(*CENTRE, 15)) == b""


def test_shapes_too_small_for_the_grid_leave_nothing():
    houses = {
        "type": "Feature",
        "id": "a",
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[98.39, 7.88], [98.3901, 7.88], [98.3901, 7.8801], [98.39, 7.88]]],
        },
        "properties": {},
    }
    layer = TiledLayer.from_features("buildings", [houses])
    assert all(layer.tile(TileAddress(zoom, 0, 0)) == b"" for zoom in range(3))


def test_a_polygon_that_the_grid_would_fold_stays_valid():
    """A spit a third of a unit wide would cross itself once its corners are whole."""
    spit = shapely.Polygon(
        [(0, 0), (40, 0), (40, 30), (20.4, 30), (20.2, 0.2), (20.0, 30), (0, 30)]
    )
    (one,) = decoded(layer_of(on_world(spit)).tile(WORLD))
    assert shape_of(one["geometry"]).is_valid


def test_the_check_for_validity_can_fail(monkeypatch):
    monkeypatch.setattr(vector_tiles, "_TOLERANCE", 0.0)
    monkeypatch.setattr(
        vector_tiles.shapely, "is_valid", lambda shapes: np.ones(len(shapes), dtype=bool)
    )
    rng = np.random.default_rng(0)
    stars = []
    for _ in range(200):
        angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        reach = rng.uniform(0.3, 6, 12)
        ring = np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None] + rng.uniform(
            100, 4000, 2
        )
        stars.append(on_world(shapely.Polygon(ring)))
    drawn = [shape_of(one["geometry"]) for one in decoded(layer_of(*stars).tile(WORLD))]
    monkeypatch.undo()
    assert not all(one.is_valid for one in drawn)


def test_gdal_reads_the_same(tmp_path):
    if which("ogr2ogr") is None:
        missing("GDAL's command line")
    shapes, properties = town(200)
    address = tile_at(*CENTRE, 14)
    tile = layer_of(*shapes, properties=properties).tile(address)
    path = tmp_path / f"{address.row}.pbf"
    path.write_bytes(tile)
    named = zip("XYZ", (address.column, address.row, address.zoom), strict=True)
    options = ["-oo", "CLIP=NO", *(part for n, v in named for part in ("-oo", f"{n}={v}"))]
    out = tmp_path / "out.geojson"
    command = ["ogr2ogr", "-f", "GeoJSON", "-t_srs", "EPSG:4326", out, path, *options]
    subprocess.run(command, check=True, capture_output=True)
    read = json.loads(out.read_text(encoding="utf-8"))["features"]
    found = decoded(tile)
    assert len(read) == len(found)
    west, south, east, north = address.bounds_m()

    def on_tile(degrees):
        return (to_mercator(degrees) - (west, north)) * EXTENT / (east - west, south - north)

    for ours, theirs in zip(found, read, strict=True):
        gdal = dict(theirs["properties"])
        assert gdal.pop("mvt_id", ours["id"]) == ours["id"]
        assert gdal == properties[ours["id"] - 1]
        shape = shapely.transform(shape_of(theirs["geometry"]), on_tile)
        assert shapely.hausdorff_distance(shape, shape_of(ours["geometry"])) < 0.01
