"""The gazetteer of Old Phuket Town: what it must hold, and how far it lies from OpenStreetMap."""

import re
import tomllib
from itertools import combinations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from geo.gazetteer import read_gazetteer
from geo.layers import check_layer

CRS = "EPSG:32647"
NAMES = {
    "ถนนถลาง": "Thalang Road",
    "ถนนพังงา": "Phang Nga Road",
    "ถนนกระบี่": "Krabi Road",
    "ถนนดีบุก": "Dibuk Road",
    "ถนนเยาวราช": "Yaowarat Road",
    "ถนนเทพกระษัตรี": "Thep Krasattri Road",
    "ถนนภูเก็ต": "Phuket Road",
    "ถนนรัษฎา": "Rasada Road",
    "ถนนระนอง": "Ranong Road",
    "ถนนมนตรี": "Montri Road",
    "ถนนสตูล": "Satun Road",
    "ถนนกรุงเทพ": "Bangkok Road",
    "ถนนแม่หลวน": "Mae Luan Road",
    "ถนนทุ่งคา": "Thung Kha Road",
    "ถนนพูนผล": "Phun Phon Road",
    "ถนนอ๋องซิมผ่าย": "Ong Sim Phai Road",
    "ถนนตะกั่วป่า": "Takua Pa Road",
    "วงเวียนสุรินทร์": "Surin circle",
    "วงเวียนสุริยเดช": "Suriyadet circle",
    "ซอยรมณีย์": "Soi Romanee",
}
# OSM spells some names in its own way; the ring at Suriyadet circle has none there.
OSM_NAMES = {"Thungkhar Rd": "Thung Kha Road", "Secondary": "Suriyadet circle"}
ERROR_M = {"A": (0, 3), "B": (0, 10), "C": (0, 30), "D": (30, 200)}


@pytest.fixture(scope="module")
def folder(root):
    return root / "data" / "old_town"


@pytest.fixture(scope="module")
def gazetteer(folder):
    return read_gazetteer(folder, crs=CRS)


@pytest.fixture(scope="module")
def streets(gazetteer):
    return gazetteer.streets


@pytest.fixture(scope="module")
def boundary(folder):
    return gpd.read_file(folder / "boundary.geojson").to_crs(CRS)


def test_every_street_of_the_list_is_there_with_both_names(streets):
    assert NAMES.items() <= set(zip(streets["name_th"], streets["name_en"], strict=True))


def test_streets_keep_the_contract_of_their_layer(streets):
    assert len(check_layer(streets, "streets", source="old_town")) == len(streets)


def test_a_grade_is_worth_its_error(gazetteer):
    for name, junction in gazetteer.junctions.iterrows():
        low, high = ERROR_M[junction["grade"]]
        assert low < junction["est_error_m"] <= high, name


def test_what_is_reasoned_or_sketched_says_so(gazetteer):
    words = r"inferred|sketched|describe|notice|guide|address|not known"
    for frame in (gazetteer.junctions, gazetteer.streets):
        loose = frame[frame["grade"].isin(["C", "D"])]
        assert len(loose) > 5
        assert all(re.search(words, source) for source in loose["source"])


def test_openstreetmap_is_credited(folder, gazetteer):
    assert gazetteer.junctions["source"].str.contains("OSM").any()
    header = tomllib.loads((folder / "zone.toml").read_text("utf-8"))
    for text in (" ".join(header["sources"]), (folder / "SOURCES.md").read_text("utf-8")):
        assert "OpenStreetMap contributors" in text
        assert "Open Database License" in text


def test_one_graph_on_foot_and_by_car(streets):
    walk = nx.Graph(zip(streets["start_junction"], streets["end_junction"], strict=True))
    assert nx.is_connected(walk)
    drive = nx.DiGraph()
    for edge in streets[streets["street_class"] != "footway"].itertuples():
        drive.add_edge(edge.start_junction, edge.end_junction)
        if not edge.oneway:
            drive.add_edge(edge.end_junction, edge.start_junction)
    assert nx.is_strongly_connected(drive)


def test_edges_meet_only_at_their_ends(streets):
    lines = streets.geometry
    assert lines.is_simple.all()
    for one, other in combinations(lines, 2):
        meeting = shapely.intersection(one, other)
        ends = shapely.intersection(one.boundary, other.boundary)
        assert shapely.difference(meeting, ends).is_empty


def test_no_edge_is_shorter_than_a_crossing(streets):
    assert streets.length.min() > 4.0


def test_the_outline_has_the_published_area_and_says_it_is_approximate(boundary):
    assert len(boundary) == 1
    assert boundary.geometry.is_valid.all()
    assert boundary.area.iloc[0] == pytest.approx(1.02e6, rel=0.01)
    assert bool(boundary["approximate"].iloc[0]) is True


def test_the_town_lies_as_people_know_it(streets, boundary):
    def line(name):
        return streets.geometry[streets["name_en"] == name].union_all()

    def middle(name):
        return line(name).centroid

    # From north to south, and from west to east.
    for north, south in [
        ("Mae Luan Road", "Dibuk Road"),
        ("Dibuk Road", "Thalang Road"),
        ("Thalang Road", "Phang Nga Road"),
        ("Phang Nga Road", "Rasada Road"),
        ("Rasada Road", "Ong Sim Phai Road"),
    ]:
        assert middle(north).y > middle(south).y
    for west, east in [
        ("Satun Road", "Yaowarat Road"),
        ("Yaowarat Road", "Soi Romanee"),
        ("Soi Romanee", "Thep Krasattri Road"),
        ("Phuket Road", "Montri Road"),
        ("Ranong Road", "Rasada Road"),
    ]:
        assert middle(west).x < middle(east).x
    romanee = line("Soi Romanee")
    assert 110 < romanee.length < 150
    assert romanee.distance(line("Thalang Road")) == romanee.distance(line("Dibuk Road")) == 0
    core = [line(name) for name in ("Thalang Road", "Soi Romanee", "Phang Nga Road")]
    assert all(boundary.geometry.iloc[0].buffer(20).contains(one) for one in core)


@pytest.fixture(scope="module")
def osm(reference):
    ways = gpd.read_file(reference / "phuket" / "osm_main_roads_oldtown.geojson").to_crs(CRS)
    ways["name_en"] = ways["name"].replace(OSM_NAMES)
    return ways


def spread(lines, step_m=2.0):
    """Return points every few metres along lines."""
    return np.concatenate(
        [
            shapely.line_interpolate_point(line, np.arange(0.0, line.length, step_m))
            for line in shapely.get_parts(shapely.union_all(lines.to_numpy()))
        ]
    )


def report(distances):
    return f"median {np.median(distances):.2f} m, 95 % {np.quantile(distances, 0.95):.2f} m"


def test_arterials_follow_the_osm_ways(streets, osm):
    distances = []
    for name, ways in osm.groupby("name_en"):
        ours = streets.geometry[streets["name_en"] == name]
        points = spread(ours)
        # Beyond the ways of the export the street is not one of OSM's main roads.
        inside = shapely.intersects(shapely.box(*ways.total_bounds), points)
        distances.append(shapely.distance(points[inside], ways.union_all()))
    distances = np.concatenate(distances)
    assert len(distances) > 2000
    assert np.median(distances) <= 3.0, report(distances)
    assert np.quantile(distances, 0.95) <= 10.0, report(distances)


def test_no_osm_way_of_the_zone_is_left_out(streets, osm, boundary):
    inside = osm.clip(boundary.geometry.iloc[0])
    distances = []
    for name, ways in inside.groupby("name_en"):
        ours = streets.geometry[streets["name_en"] == name]
        distances.append(shapely.distance(spread(ways.geometry), ours.union_all()))
    distances = np.concatenate(distances)
    assert len(distances) > 1000
    assert np.median(distances) <= 3.0, report(distances)
    assert np.quantile(distances, 0.95) <= 10.0, report(distances)


def test_the_measure_notices_a_street_moved_by_four_metres(streets, osm):
    name = "Yaowarat Road"
    ways = osm.geometry[osm["name_en"] == name].union_all()
    ours = streets.geometry[streets["name_en"] == name]
    for shift_m, near in ((0.0, True), (4.0, False)):
        distances = shapely.distance(spread(ours.translate(shift_m, 0.0)), ways)
        assert (np.median(distances) <= 3.0) == near
