"""Layer files: every way in which a file can be bad answered in one clear message."""

import csv
import json
import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import CRS
from shapely import Point

from geo.errors import Fault, LayerError, SourceError
from geo.formats import SUFFIXES, read_layer, write_layer, write_layers

METRIC = CRS(32647)
HERE = [98.389, 7.885]
HEADER = "id,kind,name_th,name_en,lon,lat,source,grade\n"
TEMPLE = "t1,temple,วัดพุทธมงคลนิมิตร,Wat Mongkol Nimit,98.3893,7.8861,OSM,A\n"


def collection(*features: dict, **members: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features} | members)


def feature(geometry: dict | None, **properties: object) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def camera(position: list | None = None, **properties: object) -> dict:
    plain = {"id": "c1", "azimuth_deg": 0, "fov_deg": 90, "range_m": 20}
    point = {"type": "Point", "coordinates": HERE if position is None else position}
    return feature(point, **plain | properties)


def building(rings: list, number: int = 1) -> dict:
    return feature({"type": "Polygon", "coordinates": rings}, id=f"b{number}")


def read(path: Path, text: str | bytes, layer: str, **options: object) -> gpd.GeoDataFrame:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_layer(path, layer, crs=METRIC, **options)


def only_fault(path: Path, text: str | bytes, layer: str, **options: object) -> Fault:
    with pytest.raises(LayerError) as caught:
        read(path, text, layer, **options)
    (fault,) = caught.value.faults
    assert fault.source == str(path)
    return fault


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"Expected a cameras file at .*nowhere\.csv, got none"):
        read_layer(tmp_path / "nowhere.csv", "cameras", crs=METRIC)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "cameras.csv").mkdir()
    with pytest.raises(SourceError, match="got none"):
        read_layer(tmp_path / "cameras.csv", "cameras", crs=METRIC)


def test_a_suffix_that_is_not_read(tmp_path: Path) -> None:
    fault = only_fault(tmp_path / "cameras.kml", "<kml/>", "cameras")
    assert (fault.expected, fault.found) == ("a file in " + ", ".join(SUFFIXES), ".kml")


def test_a_file_of_200_mb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cameras.geojson"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(LayerError) as caught:
        read_layer(path, "cameras", crs=METRIC)
    (fault,) = caught.value.faults
    assert fault.expected == "at most 100 MB (cut the layer to the zone)"
    assert fault.found == "200 MB"


def test_the_limit_can_be_moved(tmp_path: Path) -> None:
    text = collection(camera())
    assert len(read(tmp_path / "c.geojson", text, "cameras", max_bytes=len(text))) == 1
    fault = only_fault(tmp_path / "c.geojson", text, "cameras", max_bytes=len(text) - 1)
    assert (fault.expected, fault.found) == (
        f"at most {(len(text) - 1) / 1e6:.6g} MB (cut the layer to the zone)",
        f"{len(text) / 1e6:.6g} MB",
    )


@pytest.mark.parametrize("encoding", ["tis-620", "cp874"])
def test_a_csv_in_tis_620_names_its_line_and_encoding(tmp_path: Path, encoding: str) -> None:
    text = HEADER + "t0,temple,,Temple,98.389,7.886,,\n" + TEMPLE
    fault = only_fault(tmp_path / "places.csv", text.encode(encoding), "places")
    assert fault.row == 3
    assert fault.expected == "UTF-8 text (save it as UTF-8, or name its encoding)"
    assert fault.found == "byte 0xc7, as in TIS-620 (cp874)"
    frame = read(tmp_path / "places.csv", text.encode(encoding), "places", encoding="cp874")
    assert frame.loc["t1", "name_th"] == "วัดพุทธมงคลนิมิตร"


def test_a_csv_in_utf_16_is_named(tmp_path: Path) -> None:
    fault = only_fault(tmp_path / "places.csv", (HEADER + TEMPLE).encode("utf-16"), "places")
    assert fault.found == "byte 0xff, as in UTF-16"


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    frame = read(tmp_path / "places.csv", (HEADER + TEMPLE).encode("utf-8-sig"), "places")
    assert frame.index.tolist() == ["t1"]


def test_csv_rows_are_lines_of_the_file(tmp_path: Path) -> None:
    text = (
        HEADER
        + 't1,temple,วัด,"Two\nlines",98.3893,7.8861,,A\n'
        + "\n"
        + "t2,bakery,,,98.3893,7.8861,,A\n"
        + "t3,temple,,,98.3893,here,,A\n"
        + "t4,temple,,,98.3893\n"
    )
    with pytest.raises(LayerError) as caught:
        read(tmp_path / "places.csv", text, "places")
    found = [(fault.row, fault.field, fault.found) for fault in caught.value.faults]
    assert found == [
        (5, "kind", "'bakery'"),
        (6, "geometry", "'here'"),
        (7, None, "5"),
    ]


@pytest.mark.parametrize(
    ("text", "expected", "found", "row"),
    [
        ("", "the columns lon and lat, or geometry as WKT", "only an empty file", 1),
        ("id;lon;lat\n", "the columns lon and lat, or geometry as WKT", "only id;lon;lat", 1),
        ("id,lon,lat,id\n", "each column once", "'id' twice", 1),
        (HEADER, "at least one row of places", "an empty layer", None),
        (HEADER + 't1,"temple', "comma-separated values", "unexpected end of data", 2),
    ],
)
def test_a_csv_that_is_none(
    tmp_path: Path, text: str, expected: str, found: str, row: int | None
) -> None:
    fault = only_fault(tmp_path / "places.csv", text, "places")
    assert (fault.expected, fault.found, fault.row) == (expected, found, row)


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ("X,Y", "98.389,7.885"),
        ("WKT", '"POINT (98.389 7.885)"'),
        ("geometry", "POINT (98.389 7.885)"),
    ],
)
def test_a_csv_may_name_places_as_qgis_does(tmp_path: Path, header: str, place: str) -> None:
    frame = read(tmp_path / "places.csv", f"{header},id,kind\n{place},t1,temple\n", "places")
    assert list(frame.to_crs(4326).get_coordinates().round(6).iloc[0]) == [98.389, 7.885]
    assert "X" not in frame.columns


def test_a_column_named_as_qgis_names_places_is_kept_beside_them(tmp_path: Path) -> None:
    text = "lon,lat,X,id,kind\n98.389,7.885,left,t1,temple\n"
    assert list(read(tmp_path / "places.csv", text, "places")["X"]) == ["left"]


def test_swapped_columns_of_a_csv(tmp_path: Path) -> None:
    text = HEADER + TEMPLE.replace("98.3893,7.8861", "7.8861,98.3893")
    fault = only_fault(tmp_path / "places.csv", text, "places")
    assert (fault.row, fault.field) == (2, "geometry")
    assert fault.found == "(7.8861, 98.3893): lon and lat look swapped"


def test_wkt_that_is_none(tmp_path: Path) -> None:
    text = 'id,geometry\nb1,"POLYGON ((98.3 7.8, 98.4"\n'
    fault = only_fault(tmp_path / "buildings.csv", text, "buildings")
    assert (fault.row, fault.field) == (2, "geometry")
    assert fault.expected == "a geometry as WKT"


RING = [[98.38, 7.88], [98.39, 7.88], [98.39, 7.89], [98.38, 7.88]]


def test_an_open_ring_is_a_fault_of_its_feature(tmp_path: Path) -> None:
    text = collection(building([RING]), building([RING[:-1]], 2))
    fault = only_fault(tmp_path / "buildings.geojson", text, "buildings")
    assert (fault.row, fault.field) == (2, "geometry")
    assert fault.expected == "a closed ring, its last point equal to its first"
    assert fault.found == "one from [98.38, 7.88] to [98.39, 7.89]"


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        ({"type": "Point", "coordinates": [98.38, None]}, "finite coordinates [lon, lat]"),
        ({"type": "Point", "coordinates": [98.38, float("nan")]}, "finite coordinates [lon, lat]"),
        ({"type": "Point", "coordinates": [98.38]}, "finite coordinates [lon, lat]"),
        ({"type": "Point", "coordinates": ["98.38", 7.8]}, "finite coordinates [lon, lat]"),
        ({"type": "Point", "coordinates": [True, False]}, "finite coordinates [lon, lat]"),
        ({"type": "Point"}, "finite coordinates [lon, lat]"),
        ({"type": "LineString", "coordinates": [[98.3, 7.8]]}, "a line of two points or more"),
        ({"type": "LineString", "coordinates": 7}, "the coordinates of a LineString"),
        ({"type": "Polygon", "coordinates": [[98.3, 7.8]]}, "finite coordinates [lon, lat]"),
        ({"type": "Polygon", "coordinates": [RING[:1] * 3]}, "a ring of 4 points or more"),
        ({"type": "MultiPolygon", "coordinates": [[RING[:3]]]}, "a closed ring"),
        ({"type": "Circle", "coordinates": HERE}, "a GeoJSON geometry with coordinates"),
        ({"type": ["Point"], "coordinates": HERE}, "a GeoJSON geometry with coordinates"),
        ("here", "a GeoJSON geometry with coordinates"),
        (None, "a Point"),
    ],
)
def test_a_broken_geojson_geometry(tmp_path: Path, geometry: object, expected: str) -> None:
    text = collection(camera(id="c0"), camera() | {"geometry": geometry})
    fault = only_fault(tmp_path / "cameras.geojson", text, "cameras")
    assert (fault.row, fault.field) == (2, "geometry")
    assert fault.expected.startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected", "found"),
    [
        ("", "GeoJSON", "Expecting value at line 1, column 1"),
        ('{"type":\n "Feat', "GeoJSON", "Unterminated string starting at at line 2, column 2"),
        ("[" * 100_000, "GeoJSON", "brackets nested without end"),
        ("[1, 2]", "a GeoJSON FeatureCollection", "no object"),
        ('{"type": "Topology"}', "a GeoJSON FeatureCollection", "'Topology'"),
        (collection(), "at least one row of cameras", "an empty layer"),
        (
            collection(camera(), crs={"type": "name", "properties": {"name": "EPSG:moon"}}),
            "a coordinate reference system by its name",
            "{'type': 'name', 'properties': {'name': 'EPSG:moon'}}",
        ),
    ],
)
def test_a_geojson_that_is_none(tmp_path: Path, text: str, expected: str, found: str) -> None:
    fault = only_fault(tmp_path / "cameras.geojson", text, "cameras")
    assert (fault.expected, fault.found) == (expected, found)


def test_a_geojson_feature_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(LayerError) as caught:
        read(tmp_path / "lamps.geojson", collection("lamp"), "lamps")
    assert "a GeoJSON feature" in {fault.expected for fault in caught.value.faults}


def test_metres_in_a_geojson(tmp_path: Path) -> None:
    text = collection(camera([432000.0, 871000.0]))
    fault = only_fault(tmp_path / "cameras.geojson", text, "cameras")
    assert "metres in a layer that says it is EPSG:4326" in fault.found


def test_a_geojson_of_2008_names_its_reference_system(tmp_path: Path) -> None:
    name = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32647"}}
    text = collection(camera([432000.0, 871000.0]), crs=name)
    frame = read(tmp_path / "cameras.geojson", text, "cameras")
    assert frame.geometry.iloc[0].equals(Point(432000.0, 871000.0))


def test_the_id_of_a_feature_is_its_id(tmp_path: Path) -> None:
    one = camera() | {"id": 17}
    del one["properties"]["id"]
    assert read(tmp_path / "c.geojson", collection(one), "cameras").index.tolist() == ["17"]


@pytest.mark.parametrize("name", [{}, [], [7], {"a": 1}])
def test_an_id_that_is_no_text_is_a_fault(tmp_path: Path, name: object) -> None:
    one = camera() | {"id": name}
    del one["properties"]["id"]
    text = collection(one, one)
    with pytest.raises(LayerError) as caught:
        read(tmp_path / "c.geojson", text, "cameras")
    assert {(fault.row, fault.field) for fault in caught.value.faults} == {(1, "id"), (2, "id")}


def test_numbers_and_flags_of_a_geojson_stay_what_they_are(tmp_path: Path) -> None:
    text = collection(camera(synthetic=True, postcode="01000", floors=3, day="04-05"))
    frame = read(tmp_path / "c.geojson", text, "cameras")
    assert frame.loc["c1", ["synthetic", "postcode", "floors", "day"]].tolist() == [
        True,
        "01000",
        3,
        "04-05",
    ]


def test_a_shapefile_without_its_reference_system(tmp_path: Path, places: gpd.GeoDataFrame) -> None:
    write_layer(tmp_path / "places.shp", places)
    (tmp_path / "places.prj").unlink()
    with pytest.raises(LayerError, match=r"coordinate reference system .*\.prj file\), got none"):
        read_layer(tmp_path / "places.shp", "places", crs=METRIC)


@pytest.mark.parametrize("suffix", [".gpkg", ".shp"])
def test_a_binary_file_that_is_none(tmp_path: Path, suffix: str) -> None:
    fault = only_fault(tmp_path / f"places{suffix}", "no such thing", "places")
    assert fault.expected.endswith("that can be read")


@pytest.mark.parametrize("suffix", [".gpkg", ".shp"])
def test_a_file_that_names_others_to_read(
    tmp_path: Path, places: gpd.GeoDataFrame, suffix: str
) -> None:
    write_layer(tmp_path / "others.gpkg", places)
    virtual = (
        f'<OGRVRTDataSource><OGRVRTLayer name="places"><SrcDataSource>{tmp_path}/others.gpkg'
        "</SrcDataSource><SrcLayer>others</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"
    )
    (tmp_path / "virtual.vrt").write_text(virtual, encoding="utf-8")
    assert len(pyogrio.read_dataframe(tmp_path / "virtual.vrt")) == len(places)
    assert (
        only_fault(tmp_path / f"places{suffix}", virtual, "places").found
        == "a file of another kind"
    )


@pytest.mark.parametrize("suffix", [".gpkg", ".shp"])
def test_an_open_ring_in_a_binary_file(tmp_path: Path, suffix: str) -> None:
    rings = [shapely.box(x, 7.885, x + 0.001, 7.886) for x in (98.388, 98.39, 98.392)]
    path = tmp_path / f"buildings{suffix}"
    write_layer(path, gpd.GeoDataFrame({"id": ["a", "b", "c"]}, geometry=rings, crs=4326))
    second = shapely.get_coordinates(pyogrio.read_dataframe(path).geometry.iloc[1]).tobytes()
    raw = path.read_bytes()
    assert raw.count(second) == 1
    path.write_bytes(raw.replace(second, second[:-8] + struct.pack("<d", 7.8853)))
    with pytest.raises(LayerError) as caught:
        read_layer(path, "buildings", crs=METRIC)
    (fault,) = caught.value.faults
    assert (fault.row, fault.field, fault.expected) == (2, "geometry", "a whole geometry")
    assert fault.found == "Points of LinearRing do not form a closed linestring"


@pytest.mark.parametrize("cpg", [None, "TIS-620", "874"])
def test_a_shapefile_in_tis_620(tmp_path: Path, cpg: str | None) -> None:
    path = tmp_path / "places.shp"
    thai, utf8 = "วัด".encode("cp874"), "วัด".encode()
    frame = gpd.GeoDataFrame(
        {"id": ["t1"], "kind": ["temple"], "name_th": ["วัด"]}, geometry=[Point(HERE)], crs=4326
    )
    write_layer(path, frame)
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(utf8, thai.ljust(len(utf8))))
    path.with_suffix(".cpg").unlink()
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
        assert read_layer(path, "places", crs=METRIC)["name_th"].tolist() == ["วัด"]
        return
    with pytest.raises(LayerError) as caught:
        read_layer(path, "places", crs=METRIC)
    (fault,) = caught.value.faults
    assert fault.expected == "UTF-8 text (add a .cpg file, or name its encoding)"
    assert fault.found == "byte 0xc7, as in TIS-620 (cp874)"
    named = read_layer(path, "places", crs=METRIC, encoding="cp874")
    assert named["name_th"].tolist() == ["วัด"]


def test_a_csv_holds_shapes_of_many_corners(tmp_path: Path) -> None:
    angle = np.linspace(0.0, 2.0 * np.pi, 20_001)[:-1]
    corners = np.column_stack([432_000 + 500 * np.cos(angle), 871_000 + 500 * np.sin(angle)])
    disc = gpd.GeoDataFrame({"id": ["b1"]}, geometry=[shapely.Polygon(corners)], crs=METRIC)
    write_layer(tmp_path / "buildings.csv", disc)
    assert len((tmp_path / "buildings.csv").read_text()) > csv.field_size_limit()
    read = read_layer(tmp_path / "buildings.csv", "buildings", crs=METRIC)
    assert read.geometry.iloc[0].area == pytest.approx(np.pi * 500**2, rel=1e-4)
    assert csv.field_size_limit() == 131_072


def test_the_layer_of_that_name_is_read_from_a_geopackage(
    tmp_path: Path, places: gpd.GeoDataFrame
) -> None:
    path = tmp_path / "layers.gpkg"
    write_layers(path, {"places": places.iloc[:1], "others": places})
    assert len(read_layer(path, "places", crs=METRIC)) == 1
    with pytest.raises(LayerError, match="a layer named cameras, got places, others"):
        read_layer(path, "cameras", crs=METRIC)
    write_layers(path, {"old_places": places})
    assert len(read_layer(path, "places", crs=METRIC)) == 2


def test_a_table_without_geometries(tmp_path: Path) -> None:
    pyogrio.write_dataframe(pd.DataFrame({"id": ["a"]}), tmp_path / "t.gpkg", layer="places")
    with pytest.raises(LayerError, match="expected geometries, got a table without"):
        read_layer(tmp_path / "t.gpkg", "places", crs=METRIC)
