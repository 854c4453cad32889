"""Layer files written: in the form each format asks for, whole or not at all."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS

from geo.errors import ParameterError, SourceError
from geo.formats import SUFFIXES, read_layer, write_layer, write_layers
from geo.layers import empty_layer

METRIC = CRS(32647)


def test_geojson_is_in_degrees_with_seven_decimals(
    tmp_path: Path, places: gpd.GeoDataFrame
) -> None:
    write_layer(tmp_path / "places.geojson", places)
    document = json.loads((tmp_path / "places.geojson").read_text(encoding="utf-8"))
    assert set(document) == {"type", "features"}
    assert document["features"][0]["geometry"] == {
        "type": "Point",
        "coordinates": [98.3893, 7.8861],
    }
    assert document["features"][0]["properties"]["name_th"] == "วัด"


def test_gdal_reads_the_geojson_alike(tmp_path: Path, places: gpd.GeoDataFrame) -> None:
    write_layer(tmp_path / "places.geojson", places)
    frame = pyogrio.read_dataframe(tmp_path / "places.geojson")
    assert frame["id"].tolist() == places.index.tolist()
    assert frame.crs == CRS(4326)
    assert (
        frame.to_crs(METRIC).geometry.distance(places.geometry.reset_index(drop=True)).max() < 0.02
    )


def test_several_layers_stand_in_one_geopackage(tmp_path: Path, places: gpd.GeoDataFrame) -> None:
    path = tmp_path / "layers.gpkg"
    write_layers(path, {"places": places, "cameras": empty_layer("cameras", crs=METRIC)})
    assert [name for name, _ in pyogrio.list_layers(path)] == ["places", "cameras"]
    assert pyogrio.read_info(path, layer="cameras")["features"] == 0
    assert pyogrio.read_info(path, layer="cameras")["crs"] == "EPSG:32647"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_write_that_fails_leaves_the_folder_as_it_was(
    tmp_path: Path, places: gpd.GeoDataFrame, suffix: str
) -> None:
    path = tmp_path / f"places{suffix}"
    write_layer(path, places)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    unwritable = places.assign(odd=[object(), {"a": object()}])
    if suffix not in {".json", ".geojson"}:
        unwritable = places.set_crs(None, allow_override=True)
    with pytest.raises((ParameterError, TypeError, ValueError)):
        write_layer(path, unwritable)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_a_full_disk_leaves_the_folder_as_it_was(
    tmp_path: Path, places: gpd.GeoDataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "places.geojson"
    write_layer(path, places)
    before = path.read_bytes()

    def full_disk(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(SourceError, match="no space left on device"):
        write_layer(path, places.iloc[:1])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_no_folder_to_write_into(tmp_path: Path, places: gpd.GeoDataFrame) -> None:
    with pytest.raises(SourceError, match="Expected the folder"):
        write_layer(tmp_path / "none" / "places.csv", places)


def test_indexes_of_the_replaced_shapefile_go(tmp_path: Path, places: gpd.GeoDataFrame) -> None:
    (tmp_path / "places.qix").write_bytes(b"of the old places")
    write_layer(tmp_path / "places.shp", places)
    assert not (tmp_path / "places.qix").exists()


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("places.kml", {}, r"Expected a file name in \.gpkg, .*got 'places.kml'"),
        ("places.shp", {"name_th": ["ก" * 85, ""]}, "`name_th` of at most 254 bytes.*got 255"),
        (
            "places.shp",
            {"name_english": [1, 2], "name_englisc": [1, 2]},
            "differ in their first 10",
        ),
    ],
)
def test_what_a_format_cannot_hold(
    tmp_path: Path, places: gpd.GeoDataFrame, name: str, change: dict, message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        write_layer(tmp_path / name, places.assign(**change))
    assert list(tmp_path.iterdir()) == []


def test_several_layers_need_a_geopackage(tmp_path: Path, places: gpd.GeoDataFrame) -> None:
    with pytest.raises(ParameterError, match=r"in \.gpkg, got 'layers.shp'"):
        write_layers(tmp_path / "layers.shp", {"places": places})
    with pytest.raises(ParameterError, match="at least one layer"):
        write_layers(tmp_path / "layers.gpkg", {})


def test_a_sliver_crossed_by_rounding_is_written_valid(tmp_path: Path) -> None:
    sliver = shapely.Polygon(
        [
            (98.39, 7.88500001),
            (98.3901, 7.885000269),
            (98.3902, 7.885000368),
            (98.39015, 7.885000331),
            (98.39005, 7.885000354),
        ]
    )
    rounded = shapely.transform(sliver, lambda corners: np.round(corners, 7))
    assert (sliver.is_valid, rounded.is_valid) == (True, False)
    frame = gpd.GeoDataFrame({"id": ["b1"]}, geometry=[sliver], crs=4326)
    write_layer(tmp_path / "buildings.geojson", frame)
    read = read_layer(tmp_path / "buildings.geojson", "buildings", crs=METRIC)
    assert read.geometry.iloc[0].is_valid


def test_a_geopackage_is_of_a_version_that_older_readers_know(
    tmp_path: Path, places: gpd.GeoDataFrame
) -> None:
    write_layers(tmp_path / "layers.gpkg", {"places": places, "again": places})
    with closing(sqlite3.connect(tmp_path / "layers.gpkg")) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (10200,)
