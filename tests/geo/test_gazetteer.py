import math

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import LayerError, SourceError
from geo.gazetteer import read_gazetteer
from geo.layers import check_layer

CRS = "EPSG:32647"
HEADER = "id,name_th,name_en,lon,lat,source,grade,est_error_m"
# A square of four junctions around a market, about 110 m a side.
SQUARE = {
    "a": "98.388,7.884",
    "b": "98.389,7.884",
    "c": "98.389,7.885",
    "d": "98.388,7.885",
}
RING = {"id": "ring", "path": ["a", "98.3885,7.8839", "b", "c", "d", "a"]}


def junction_lines(places):
    return [f"{name},แยก {name},Junction {name},{at},survey,A,1" for name, at in places.items()]


def street_text(street):
    defaults = {
        "name_th": "ถนนวงแหวน",
        "name_en": "Ring Road",
        "street_class": "residential",
        "oneway": False,
        "width_m": 6.0,
        "source": "survey",
        "grade": "A",
    }
    lines = ["[[street]]"]
    for key, value in (defaults | street).items():
        if value is None:
            continue
        if isinstance(value, bool):
            text = str(value).lower()
        elif isinstance(value, float):
            text = str(value)
        elif isinstance(value, list):
            text = "[" + ", ".join(f'"{step}"' for step in value) + "]"
        else:
            text = f'"{value}"'
        lines.append(f"{key} = {text}")
    return "\n".join(lines)


@pytest.fixture
def write(tmp_path):
    """Write a gazetteer and return its folder."""

    def write(streets=(RING,), places=SQUARE, lines=None):
        rows = junction_lines(places) if lines is None else lines
        (tmp_path / "junctions.csv").write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
        text = "\n\n".join(street_text(street) for street in streets)
        (tmp_path / "streets.toml").write_text(text, "utf-8")
        return tmp_path

    return write


def faults_of(folder):
    with pytest.raises(LayerError) as caught:
        read_gazetteer(folder, crs=CRS)
    return caught.value.faults


def only_fault(folder):
    faults = faults_of(folder)
    assert len(faults) == 1, [str(fault) for fault in faults]
    return faults[0]


def test_streets_are_cut_at_their_junctions(write):
    streets, junctions = read_gazetteer(write(), crs=CRS)
    assert list(streets.index) == ["ring-01", "ring-02", "ring-03", "ring-04"]
    assert list(streets["start_junction"]) == ["a", "b", "c", "d"]
    assert list(streets["end_junction"]) == ["b", "c", "d", "a"]
    assert list(junctions.index) == ["a", "b", "c", "d"]
    assert shapely.get_num_coordinates(streets.geometry).tolist() == [3, 2, 2, 2]
    assert streets.crs == junctions.crs == CRS
    # A thousandth of a degree is 110.6 m along the meridian here, 110.3 m along the parallel.
    assert streets.length["ring-02"] == pytest.approx(110.6, abs=0.2)


def test_ends_that_meet_are_exactly_equal(write):
    cross = {"id": "cross", "path": ["a", "c"]}
    streets, junctions = read_gazetteer(write([RING, cross]), crs=CRS)
    for side, position in (("start_junction", 0), ("end_junction", -1)):
        ends = shapely.get_coordinates(shapely.get_point(streets.geometry.to_numpy(), position))
        at = shapely.get_coordinates(junctions.geometry[streets[side]])
        assert np.array_equal(ends, at)


def test_the_result_keeps_the_contract_of_the_streets_layer(write):
    no_width = {"id": "cross", "path": ["a", "c"], "width_m": None, "oneway": True, "name_th": ""}
    streets = read_gazetteer(write([RING, no_width]), crs=CRS).streets
    checked = check_layer(streets, "streets", source="gazetteer")
    assert math.isnan(checked.loc["cross-01", "width_m"])
    assert checked.loc["cross-01", "oneway"]
    assert checked.loc["ring-01", "name_th"] == "ถนนวงแหวน"
    assert checked.loc["ring-01", "grade"] == "A"


@pytest.mark.parametrize("name", ["junctions.csv", "streets.toml"])
def test_a_missing_file_is_named(write, name):
    folder = write()
    (folder / name).unlink()
    with pytest.raises(SourceError, match=name):
        read_gazetteer(folder, crs=CRS)


@pytest.mark.parametrize(
    ("line", "field", "expected"),
    [
        ("a,,,98.388,7.884,survey,A,1", "id", "an id of its own"),
        (",,,98.3885,7.8845,survey,A,1", "id", "an id without a comma"),
        ("e,,,nan,7.8845,survey,A,1", "lon", "a finite number"),
        ("e,,,98.3885,inf,survey,A,1", "lat", "a finite number"),
        ("e,,,east,7.8845,survey,A,1", "lon", "a finite number"),
        ("e,,,7.8845,98.3885,survey,A,1", "lon", "swapped"),
        ("e,,,18.3885,7.8845,survey,A,1", "lon", "degrees east in [96, 102]"),
        ("e,,,98.3885,-7.8845,survey,A,1", "lat", "degrees north in [0, 84]"),
        ("e,,,98.3885,7.8845, ,A,1", "source", "where the position is from"),
        ("e,,,98.3885,7.8845,survey,E,1", "grade", "one of A, B, C, D"),
        ("e,,,98.3885,7.8845,survey,A,0", "est_error_m", "a number > 0"),
        ("e,,,98.3885,7.8845,survey,A,nan", "est_error_m", "a number > 0"),
    ],
)
def test_a_fault_of_a_junction_is_placed(write, line, field, expected):
    spur = {"id": "spur", "path": ["a", line.split(",")[0] or "b"]}
    streets = [RING] if field == "id" else [RING, spur]
    faults = faults_of(write(streets, lines=[*junction_lines(SQUARE), line]))
    placed = [fault for fault in faults if fault.row == 6]
    assert [fault.field for fault in placed] in ([field], [field, "lat"])
    assert expected in placed[0].expected
    assert placed[0].source.endswith("junctions.csv")


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"id": ""}, "id", "text"),
        ({"id": "ring"}, "id", "an id of its own"),
        ({"name_th": None}, "name_th", "text"),
        ({"source": " "}, "source", "text"),
        ({"street_class": "boulevard"}, "street_class", "one of motorway"),
        ({"grade": "E"}, "grade", "one of A, B, C, D"),
        ({"oneway": "no"}, "oneway", "true or false"),
        ({"bridge": "no"}, "bridge", "true or false"),
        ({"width_m": -3.0}, "width_m", "a number in (0, 100)"),
        ({"width_m": math.nan}, "width_m", "a number in (0, 100)"),
        ({"width_m": True}, "width_m", "a number in (0, 100)"),
        ({"lanes": "2"}, "lanes", "no such key"),
        ({"row": "2"}, "row", "no such key"),
        ({"path": None}, "path", "a list of texts"),
        ({"path": ["a"]}, "path", "two steps or more"),
        ({"path": ["a", "98.3885,7.8845"]}, "path", "a junction at either end"),
        ({"path": ["a", "a", "c"]}, "path", "no step twice in a row"),
        ({"path": ["a", "elsewhere", "c"]}, "path", "a junction of junctions.csv"),
        ({"path": ["a", "98.3885,nan", "c"]}, "path", "lat: a finite number"),
        ({"path": ["a", "98.3885,7.8845,3", "c"]}, "path", '"lon,lat" or the id of a junction'),
    ],
)
def test_a_fault_of_a_street_is_placed(write, change, field, expected):
    cross = {"id": "cross", "path": ["a", "c"]} | change
    placed = [fault for fault in faults_of(write([RING, cross])) if fault.row == 2]
    assert [fault.field for fault in placed] == [field]
    assert expected in placed[0].expected
    assert placed[0].source.endswith("streets.toml")


def test_a_swapped_shape_point_is_recognised(write):
    cross = {"id": "cross", "path": ["a", "7.8845,98.3885", "c"]}
    faults = faults_of(write([RING, cross]))
    assert {(fault.row, fault.field) for fault in faults} == {(2, "path")}
    assert all("swapped" in fault.expected for fault in faults)


def test_every_fault_of_both_files_comes_at_once(write):
    lines = [*junction_lines(SQUARE), "e,,,nan,7.8845,survey,A,1", "f,,,98.3885,7.8845,survey,Z,-1"]
    streets = [RING, {"id": "ring", "path": ["a", "nowhere"], "width_m": -1.0, "grade": "Q"}]
    faults = faults_of(write(streets, lines=lines))
    found = [(fault.source.rpartition("/")[2], fault.row, fault.field) for fault in faults]
    assert found == [
        ("junctions.csv", 6, "lon"),
        ("junctions.csv", 7, "grade"),
        ("junctions.csv", 7, "est_error_m"),
        ("streets.toml", 1, "id"),
        ("streets.toml", 2, "id"),
        ("streets.toml", 2, "grade"),
        ("streets.toml", 2, "width_m"),
        ("streets.toml", 2, "path"),
    ]


def test_text_in_tis_620_is_told_as_such(write):
    folder = write()
    text = (folder / "junctions.csv").read_text("utf-8")
    (folder / "junctions.csv").write_bytes(text.encode("tis-620"))
    (folder / "streets.toml").write_text("street = [", "utf-8")
    first, second = faults_of(folder)
    assert (first.row, "UTF-8" in first.expected, "TIS-620" in first.found) == (2, True, True)
    assert second.expected == "TOML"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("junctions.csv", "", "columns id, name_th"),
        ("junctions.csv", "id,lon,lat\n", "columns id, name_th"),
        ("junctions.csv", HEADER + "\n", "at least one junction"),
        ("junctions.csv", HEADER + "\na,b\n", "8 cells"),
        ("streets.toml", "", "streets as [[street]] tables"),
        ("streets.toml", "street = [1]", "streets as [[street]] tables"),
    ],
)
def test_a_file_without_form_is_one_fault(write, name, text, expected):
    folder = write()
    (folder / name).write_text(text, "utf-8")
    assert expected in only_fault(folder).expected


def test_a_junction_that_no_street_passes_is_a_fault(write):
    fault = only_fault(write(places=SQUARE | {"e": "98.3885,7.8845"}))
    assert (fault.row, fault.expected, fault.found) == (6, "a street through it", "'e'")


@pytest.mark.parametrize(
    ("path", "meets"),
    [
        (["a", "c"], "cross-01 and other-01"),  # crosses the other diagonal
        (["a", "98.3885,7.8839", "98.3890,7.8846", "c"], "ring-01 and cross-01"),  # runs along
        (["d", "98.3888,7.8838", "c"], "ring-01 and cross-01"),  # overshoots the ring
    ],
)
def test_streets_that_meet_without_a_junction_are_a_fault(write, path, meets):
    streets = [RING, {"id": "cross", "path": path}, {"id": "other", "path": ["b", "d"]}]
    faults = faults_of(write(streets))
    assert any(meets in fault.found for fault in faults)
    assert all(fault.expected == "a junction where streets meet" for fault in faults)


def test_a_bridge_may_pass_over_a_street(write):
    streets = [RING, {"id": "cross", "path": ["a", "c"]}, {"id": "other", "path": ["b", "d"]}]
    assert only_fault(write(streets)).row == 3
    streets[2]["bridge"] = True
    edges = read_gazetteer(write(streets), crs=CRS).streets
    assert edges.loc["other-01", "bridge"]


def test_a_street_that_crosses_itself_is_a_fault(write):
    knot = ["a", "98.3888,7.8848", "98.3884,7.8848", "98.3884,7.8842", "c"]
    assert only_fault(write([RING, {"id": "knot", "path": knot}])).found == "knot-01 crosses itself"


def test_the_smaller_piece_of_a_broken_graph_is_named(write):
    places = SQUARE | {"e": "98.390,7.886", "f": "98.391,7.886", "g": "98.390,7.887"}
    streets = [
        {"id": "lane", "path": ["e", "f"]},
        RING,
        {"id": "alley", "path": ["e", "g"]},
    ]
    fault = only_fault(write(streets, places))
    assert fault.row == 1
    assert fault.found == "lane, alley out of reach of the rest"


@given(st.data())
def test_connectedness_agrees_with_networkx(tmp_path_factory, data):
    count = data.draw(st.integers(2, 9))
    pairs = [(i, j) for i in range(count) for j in range(i)]
    links = data.draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=12, unique=True))
    angles = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    at = {
        f"j{i}": f"{98.388 + 0.001 * np.cos(angle):.7f},{7.884 + 0.001 * np.sin(angle):.7f}"
        for i, angle in enumerate(angles)
        if any(i in link for link in links)
    }
    streets = [
        {"id": f"s{n}", "path": [f"j{i}", f"j{j}"], "bridge": True}
        for n, (i, j) in enumerate(links)
    ]
    folder = tmp_path_factory.mktemp("gazetteer")
    rows = "\n".join([HEADER, *junction_lines(at)])
    (folder / "junctions.csv").write_text(rows, "utf-8")
    text = "\n\n".join(street_text(street) for street in streets)
    (folder / "streets.toml").write_text(text, "utf-8")
    pieces = list(nx.connected_components(nx.Graph(links)))
    if len(pieces) == 1:
        assert len(read_gazetteer(folder, crs=CRS).streets) == len(links)
        return
    places = gpd.GeoSeries.from_xy(
        *np.array([spot.split(",") for spot in at.values()], float).T, index=list(at), crs=4326
    ).to_crs(CRS)
    lengths_m = [
        sum(places[f"j{i}"].distance(places[f"j{j}"]) for i, j in links if i in piece)
        for piece in pieces
    ]
    named = [
        {name.strip() for name in fault.found.removesuffix(" out of reach of the rest").split(",")}
        for fault in faults_of(folder)
    ]
    members = [{f"s{n}" for n, (i, _) in enumerate(links) if i in piece} for piece in pieces]
    assert sorted(map(sorted, named)) in [
        sorted(map(sorted, members[:longest] + members[longest + 1 :]))
        for longest, length_m in enumerate(lengths_m)
        if length_m > max(lengths_m) - 1e-6
    ]
