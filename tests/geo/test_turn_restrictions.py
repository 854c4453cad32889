"""Turn restrictions of a small extract by hand, and of a real one beside the streets they bind."""

import bz2
import gzip
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.errors import LayerError, SourceError
from geo.osm import read_osm, street_edges
from geo.turn_graph import TurnGraph
from geo.turn_restrictions import forbidden_turns, read_turn_restrictions
from geo.turns import check_forbidden_turns

# A crossing (node 3) of the street 1-3-2, drawn as two ways, and the street 4-3-5, drawn as one.
NODES = {1: (98.388, 7.885), 2: (98.390, 7.885), 3: (98.389, 7.885)}
NODES |= {4: (98.389, 7.884), 5: (98.389, 7.886)}
WAYS = {10: (1, 3), 11: (3, 2), 12: (4, 3, 5)}


def restriction(number, kind, *members, key="restriction", exempt=""):
    """Return a relation; members as "from way 10"."""
    parts = [member.split() for member in members]
    inner = "".join(f'<member role="{r}" type="{t}" ref="{n}"/>' for r, t, n in parts)
    inner += f'<tag k="type" v="restriction"/><tag k="{key}" v="{kind}"/>'
    inner += f'<tag k="except" v="{exempt}"/>' if exempt else ""
    return f'<relation id="{number}">{inner}</relation>'


def extract(*relations):
    nodes = "".join(f'<node id="{n}" lon="{x}" lat="{y}"/>' for n, (x, y) in NODES.items())
    ways = "".join(
        f'<way id="{n}">{"".join(f"""<nd ref="{node}"/>""" for node in nodes)}'
        '<tag k="highway" v="residential"/></way>'
        for n, nodes in WAYS.items()
    )
    return f'<osm version="0.6">{nodes}{ways}{"".join(relations)}</osm>'


@pytest.fixture
def written(tmp_path):
    def write(*relations):
        path = tmp_path / "small.osm"
        path.write_text(extract(*relations), encoding="utf-8")
        return path

    return write


def ends_of(streets):
    """Return the far end of each street from the crossing."""
    return {
        label: next(node for node in pair if node != "3")
        for label, *pair in streets[["start_junction", "end_junction"]].itertuples()
    }


def turns_of(path):
    """Return the forbidden turns at the crossing, as the far ends of the streets."""
    streets = street_edges(read_osm(path, streets_only=True).streets)
    forbidden = forbidden_turns(read_turn_restrictions(path).turns, streets)
    check_forbidden_turns(forbidden, streets)
    far = ends_of(streets)
    return {(far[row.from_street], far[row.to_street]) for row in forbidden.itertuples()}


def test_a_turn_that_is_forbidden(written):
    path = written(restriction(7, "no_left_turn", "from way 10", "via node 3", "to way 12"))
    turns = read_turn_restrictions(path).turns
    assert turns.to_dict("records") == [
        {
            "relation": "7",
            "restriction": "no_left_turn",
            "from_way": "10",
            "junction": "3",
            "to_way": "12",
            "exempt": "",
        }
    ]
    # The way goes on to both sides of the crossing, and the relation does not say which.
    assert turns_of(path) == {("1", "4"), ("1", "5")}


def test_the_only_turn_forbids_all_others(written):
    path = written(restriction(7, "only_straight_on", "from way 10", "via node 3", "to way 11"))
    assert turns_of(path) == {("1", "1"), ("1", "4"), ("1", "5")}


def test_turning_back(written):
    assert turns_of(
        written(restriction(7, "no_u_turn", "from way 10", "via node 3", "to way 10"))
    ) == {("1", "1")}
    assert turns_of(
        written(restriction(7, "no_u_turn", "from way 12", "via node 3", "to way 12"))
    ) == {("4", "4"), ("5", "5")}
    assert turns_of(
        written(restriction(7, "no_straight_on", "from way 12", "via node 3", "to way 12"))
    ) == {("4", "5"), ("5", "4")}


def test_several_ways_and_exemptions(written):
    members = "from way 10", "from way 12", "via node 3", "to way 11"
    path = written(restriction(7, "no_entry", *members, exempt="bicycle; psv"))
    turns = read_turn_restrictions(path).turns
    assert turns["from_way"].tolist() == ["10", "12"]
    assert set(turns["exempt"]) == {"bicycle;psv"}
    assert turns_of(path) == {("1", "2"), ("4", "2"), ("5", "2")}


def test_what_is_left_out_says_why(written):
    members = "from way 10", "via node 3", "to way 12"
    path = written(
        restriction(1, "no_u_turn", "from way 10", "via way 12", "to way 11"),
        restriction(2, "no_left_turn @ (07:00-09:00)", *members, key="restriction:conditional"),
        restriction(3, "no_left_turn", *members[:2]),
        restriction(4, "no_left_turn", *members, "via node 1"),
    )
    turns, left_out = read_turn_restrictions(path)
    assert turns.empty
    assert dict(zip(left_out["relation"], left_out["why"], strict=True)) == {
        "1": "leads over a third way",
        "2": "no restriction for all vehicles at all hours",
        "3": "a member is missing",
        "4": "a member is missing",
    }


def test_ways_that_are_no_streets_of_the_zone_forbid_nothing(written):
    path = written(
        restriction(1, "no_left_turn", "from way 99", "via node 3", "to way 12"),
        restriction(2, "only_left_turn", "from way 10", "via node 3", "to way 99"),
        restriction(3, "no_left_turn", "from way 10", "via node 88", "to way 12"),
    )
    assert len(read_turn_restrictions(path).turns) == 3
    assert turns_of(path) == set()
    assert turns_of(written()) == set()


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress)])
def test_compressed_files(tmp_path, suffix, pack):
    whole = extract(restriction(7, "no_left_turn", "from way 10", "via node 3", "to way 12"))
    packed = pack(whole.encode())
    path = tmp_path / f"small.osm.{suffix}"
    path.write_bytes(packed)
    assert len(read_turn_restrictions(path).turns) == 1
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(SourceError, match="Expected to read"):
        read_turn_restrictions(path)


def test_files_that_are_none(tmp_path: Path):
    with pytest.raises(SourceError, match="Expected to read"):
        read_turn_restrictions(tmp_path / "none.osm")
    path = tmp_path / "broken.osm"
    path.write_text("<osm>\n<relation", encoding="utf-8")
    with pytest.raises(LayerError, match="row 2: expected OSM XML"):
        read_turn_restrictions(path)


@pytest.mark.slow
def test_the_restrictions_of_a_real_quarter(reference: Path) -> None:
    path = reference / "osm" / "hanoi_vanmieu_full.osm"
    restrictions = read_turn_restrictions(path)
    relations = path.read_text(encoding="utf-8").count('k="type" v="restriction"')
    left_out = Counter(restrictions.left_out["why"])
    assert restrictions.turns["relation"].nunique() + left_out.total() == relations == 21
    streets = street_edges(read_osm(path, streets_only=True).streets)
    forbidden = forbidden_turns(restrictions.turns, streets)
    check_forbidden_turns(forbidden, streets)
    assert forbidden["from_street"].ne(forbidden["to_street"]).any()
    times = []
    places = pd.DataFrame({"street": streets.index, "offset_m": streets.length / 2})
    for turns in (None, forbidden):
        graph = TurnGraph.from_streets(streets, speed_mps=5.0, forbidden=turns)
        times.append(graph.travel_times(places, places))
    finite = np.isfinite(times[1])
    assert (times[1] >= times[0] - 1e-9).all()
    assert (times[1][finite] > times[0][finite] + 1).any()
