"""OpenStreetMap extracts: counts against osmnx itself, folding, tags, and files that are none."""

import bz2
import gzip
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmnx
import pytest
import shapely
from pyproj import CRS

from geo.errors import LayerError, ParameterError, SourceError
from geo.layers import check_layer
from geo.osm import ATTRIBUTION, read_osm, street_edges

EXTRACTS = ("hanoi_vanmieu_full", "hanoi_old_quarter_highways")

# A crossing (node 3) of a two-way street and a street that is one-way against its drawing, a
# square's edge drawn twice, a building with a crossed outline, and places of each kind we tell.
SMALL = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="by hand">
  <node id="1" lat="7.8850" lon="98.3880"/>
  <node id="2" lat="7.8850" lon="98.3900"/>
  <node id="3" lat="7.8850" lon="98.3890"/>
  <node id="4" lat="7.8840" lon="98.3890"/>
  <node id="5" lat="7.8860" lon="98.3890"/>
  <node id="6" lat="7.8851" lon="98.3881"/>
  <node id="7" lat="7.8851" lon="98.3883"/>
  <node id="8" lat="7.8853" lon="98.3883"/>
  <node id="9" lat="7.8853" lon="98.3881"/>
  <node id="20" lat="7.8852" lon="98.3890">
    <tag k="amenity" v="place_of_worship"/><tag k="religion" v="buddhist"/>
    <tag k="name" v="วัดเล็ก"/></node>
  <node id="21" lat="7.8852" lon="98.3891">
    <tag k="amenity" v="place_of_worship"/><tag k="religion" v="taoist"/>
    <tag k="name" v="Small Shrine"/><tag k="name:th" v="ศาลเจ้าเล็ก"/></node>
  <node id="22" lat="7.8852" lon="98.3892"><tag k="shop" v="convenience"/></node>
  <way id="10"><nd ref="1"/><nd ref="3"/><nd ref="2"/>
    <tag k="highway" v="residential"/><tag k="name" v="ถนนถลาง"/>
    <tag k="name:en" v="Thalang Road"/><tag k="width" v="6.5 m"/></way>
  <way id="11"><nd ref="4"/><nd ref="3"/><nd ref="5"/>
    <tag k="highway" v="tertiary"/><tag k="oneway" v="-1"/><tag k="est_width" v="4"/></way>
  <way id="12"><nd ref="2"/><nd ref="5"/><tag k="highway" v="pedestrian"/></way>
  <way id="13"><nd ref="2"/><nd ref="5"/><tag k="highway" v="pedestrian"/></way>
  <way id="14"><nd ref="1"/><nd ref="4"/><tag k="highway" v="construction"/></way>
  <way id="30"><nd ref="6"/><nd ref="7"/><nd ref="9"/><nd ref="8"/><nd ref="6"/>
    <tag k="building" v="yes"/><tag k="height" v="9"/></way>
</osm>
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.osm"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("extract", "nodes", "edges"),
    [("hanoi_vanmieu_full", 1026, 3075), ("hanoi_old_quarter_highways", 666, 1575)],
)
def test_counts_are_those_of_osmnx(reference: Path, extract: str, nodes: int, edges: int) -> None:
    path = reference / "osm" / f"{extract}.osm"
    graph = osmnx.graph_from_xml(path)
    streets, _, _ = read_osm(path)
    assert (len(graph), graph.number_of_edges()) == (nodes, edges)
    assert set(zip(streets["u"], streets["v"], streets["key"], strict=True)) == set(graph.edges)
    assert len(streets) == edges
    assert set(streets["u"]) | set(streets["v"]) == set(graph.nodes)
    ends = shapely.get_coordinates(
        [shapely.get_point(streets.geometry.to_numpy(), end) for end in (0, -1)]
    )
    assert len(np.unique(ends, axis=0)) == nodes


@pytest.mark.parametrize("extract", EXTRACTS)
def test_lines_run_from_u_to_v(reference: Path, extract: str) -> None:
    streets, _, _ = read_osm(reference / "osm" / f"{extract}.osm")
    lines = streets.geometry.to_numpy()
    start, end = (shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1))
    places = dict(zip(streets["u"], map(tuple, start), strict=True))
    assert all(places[u] == tuple(xy) for u, xy in zip(streets["u"], start, strict=True))
    assert all(
        places.get(v, tuple(xy)) == tuple(xy) for v, xy in zip(streets["v"], end, strict=True)
    )


@pytest.mark.parametrize("extract", EXTRACTS)
def test_each_street_once_as_osmnx_folds_its_graph(reference: Path, extract: str) -> None:
    path = reference / "osm" / f"{extract}.osm"
    graph = osmnx.graph_from_xml(path)
    unused = [
        (u, v, key)
        for u, v, key, highway in graph.edges(keys=True, data="highway")
        if highway in (None, "construction")
    ]
    graph.remove_edges_from(unused)
    folded = osmnx.convert.to_undirected(osmnx.truncate.largest_component(graph))
    courses = osmnx.graph_to_gdfs(folded, nodes=False).geometry.normalize().to_wkb()
    streets = street_edges(read_osm(path).streets)
    # osmnx keeps two ways that were drawn over the same nodes apart; a course is one street here.
    assert len(streets) == courses.nunique()
    assert len(check_layer(streets, "streets", source=extract)) == len(streets)


def test_streets_only_gives_what_a_query_for_streets_would(reference: Path, tmp_path: Path) -> None:
    path = reference / "osm" / "hanoi_vanmieu_full.osm"
    in_use = re.compile(r'<tag k="highway" v="(?!construction")')
    text = re.sub(
        r"<way .*?</way>",
        lambda way: way[0] if in_use.search(way[0]) else "",
        path.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    (tmp_path / "streets.osm").write_text(text, encoding="utf-8")
    graph = osmnx.graph_from_xml(tmp_path / "streets.osm")
    streets = read_osm(path, streets_only=True).streets
    pairs = sorted(zip(streets["u"], streets["v"], strict=True))
    assert pairs == sorted(graph.edges(keys=False))
    assert (streets["street_class"] != "").all()


def test_one_way_streets_of_the_old_quarter(reference: Path) -> None:
    streets, _, _ = read_osm(reference / "osm" / "hanoi_old_quarter_highways.osm")
    assert int(streets["oneway"].sum()) == 281
    assert int(street_edges(streets)["oneway"].sum()) == 281


def test_the_complete_extract_has_its_buildings_and_places(reference: Path) -> None:
    _, buildings, places = read_osm(reference / "osm" / "hanoi_vanmieu_full.osm")
    assert len(buildings) == 497
    check_layer(buildings, "buildings", source="buildings")
    check_layer(places, "places", source="places")
    assert places["kind"].value_counts()["bus_stop"] == 8
    assert places["kind"].value_counts()["police"] == 4


def test_an_extract_of_roads_has_no_buildings(reference: Path) -> None:
    buildings = read_osm(reference / "osm" / "hanoi_old_quarter_highways.osm").buildings
    assert buildings.empty
    assert {"kind", "height_m", "synthetic"} <= set(buildings.columns)
    assert buildings.crs == CRS(32648)


def test_the_small_extract_street_by_street(small: Path) -> None:
    streets = street_edges(read_osm(small, crs="EPSG:32647", streets_only=True).streets)
    assert streets.crs == CRS(32647)
    found = {
        (row.start_junction, row.end_junction): (row.street_class, row.oneway, row.width_m)
        for row in streets.fillna({"width_m": -1.0}).itertuples()
    }
    two_way = ("residential", False, 6.5)
    assert found.pop(("1", "3"), found.pop(("3", "1"), None)) == two_way
    assert found.pop(("3", "2"), found.pop(("2", "3"), None)) == two_way
    assert found.pop(("2", "5"), found.pop(("5", "2"), None)) == ("pedestrian", False, -1.0)
    assert found == {("5", "3"): ("tertiary", True, 4.0), ("3", "4"): ("tertiary", True, 4.0)}


def test_names_stand_under_their_script(small: Path) -> None:
    extract = read_osm(small)
    thalang = extract.streets[extract.streets["street_class"] == "residential"]
    assert set(zip(thalang["name_th"], thalang["name_en"], strict=True)) == {
        ("ถนนถลาง", "Thalang Road")
    }
    places = extract.places.set_index("kind")
    assert tuple(places.loc["temple", ["name_th", "name_en"]]) == ("วัดเล็ก", "")
    assert tuple(places.loc["shrine", ["name_th", "name_en"]]) == ("ศาลเจ้าเล็ก", "Small Shrine")
    assert len(places) == 2


def test_a_crossed_outline_is_mended(small: Path) -> None:
    building = read_osm(small).buildings.loc["way/30"]
    assert building.geometry.is_valid
    assert building.geometry.area > 100.0
    assert building["height_m"] == 9.0


def test_every_row_names_its_source(small: Path) -> None:
    for frame in read_osm(small):
        assert set(frame["source"]) == {ATTRIBUTION}


def test_the_utm_zone_of_the_extract_is_the_default(small: Path) -> None:
    assert {frame.crs for frame in read_osm(small)} == {CRS(32647)}


def test_osmnx_keeps_its_settings(small: Path) -> None:
    before = list(osmnx.settings.useful_tags_way)
    read_osm(small)
    assert osmnx.settings.useful_tags_way == before


@pytest.mark.slow
def test_the_result_does_not_hang_on_the_order_of_sets(reference: Path) -> None:
    path = reference / "osm" / "hanoi_old_quarter_highways.osm"
    program = (
        "import hashlib, sys; from geo.osm import read_osm, street_edges;"
        "streets = street_edges(read_osm(sys.argv[1]).streets);"
        "print(hashlib.sha256(streets.to_json().encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program, str(path)],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Expected an OpenStreetMap file"):
        read_osm(tmp_path / "none.osm")


def test_a_file_that_breaks_off(small: Path) -> None:
    small.write_text(SMALL[: SMALL.index('<way id="11">') + 5], encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        read_osm(small)
    assert caught.value.faults[0].expected == "OSM XML"
    assert caught.value.faults[0].row == SMALL[: SMALL.index('<way id="11">')].count("\n") + 1


def test_a_file_without_streets(tmp_path: Path) -> None:
    path = tmp_path / "empty.osm"
    path.write_text('<osm version="0.6" generator="by hand"></osm>', encoding="utf-8")
    with pytest.raises(LayerError, match="expected OSM XML with streets"):
        read_osm(path)


@pytest.mark.parametrize("streets_only", [False, True])
@pytest.mark.parametrize("kept", ["", '<way id="30">'])
def test_a_file_of_nodes_or_buildings_only(
    tmp_path: Path, kept: str, *, streets_only: bool
) -> None:
    path = tmp_path / "rest.osm"
    rest = SMALL[SMALL.index(kept) :] if kept else "</osm>"
    path.write_text(SMALL[: SMALL.index("<way")] + rest, encoding="utf-8")
    with pytest.raises(LayerError, match="expected OSM XML with streets"):
        read_osm(path, streets_only=streets_only)


@pytest.mark.parametrize(
    ("whole", "broken", "message"),
    [
        ('<node id="3" lat="7.8850"', '<node id="3"', "got an element without 'lat'"),
        ('<way id="12">', "<way>", "got an element without 'id'"),
        ('<nd ref="4"/>', "<nd/>", "got an element without 'ref'"),
        ('<node id="1"', '<tag k="a" v="b"/><node id="1"', "got a tag .* outside"),
    ],
)
def test_an_element_that_is_not_whole(small: Path, whole: str, broken: str, message: str) -> None:
    small.write_text(SMALL.replace(whole, broken), encoding="utf-8")
    with pytest.raises(LayerError, match=message):
        read_osm(small)


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress)])
def test_a_compressed_file_that_breaks_off(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / f"small.osm.{suffix}"
    packed = pack(SMALL.encode())
    path.write_bytes(packed)
    assert len(read_osm(path).streets) == 10
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(SourceError, match=r"Expected to read .* ended before"):
        read_osm(path)


def test_compressed_data_that_is_damaged(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(SMALL.encode()))
    packed[40] ^= 0xFF
    path = tmp_path / "small.osm.gz"
    path.write_bytes(packed)
    with pytest.raises(SourceError, match="Expected to read"):
        read_osm(path)


@pytest.mark.parametrize("crs", ["nonsense", "EPSG:4326", CRS(4326), "EPSG:2263"])
def test_a_coordinate_reference_system_not_in_metres(small: Path, crs: str | CRS) -> None:
    with pytest.raises(ParameterError, match="Expected `crs` projected and in metres"):
        read_osm(small, crs=crs)


def test_no_streets_in_use_fold_to_none(small: Path) -> None:
    streets = read_osm(small).streets
    folded = street_edges(streets[streets["street_class"] == ""])
    assert isinstance(folded, gpd.GeoDataFrame)
    assert folded.empty
