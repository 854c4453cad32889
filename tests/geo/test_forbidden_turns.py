"""The file of forbidden turns: what it says, and every way in which it can be wrong."""

import pytest

from geo.errors import LayerError, SourceError
from geo.forbidden_turns import read_forbidden_turns
from tests.geo.turn_cases import frame

STREETS = frame([[(0, 0), (100, 0)], [(100, 0), (100, 100)], [(100, 0), (200, 0)]])
HEADER = "from_street,junction,to_street,source,exempt"


@pytest.fixture
def written(tmp_path):
    def write(*lines):
        path = tmp_path / "turns.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def faults_of(path):
    with pytest.raises(LayerError) as caught:
        read_forbidden_turns(path, STREETS)
    return [str(fault).removeprefix(f"{path}, ") for fault in caught.value.faults]


def test_what_stands_in_the_file(written):
    path = written(HEADER, 's0,"100,0",s1,a sign,bicycle', 's1,"100,0",s1,another,')
    assert read_forbidden_turns(path, STREETS).to_dict("list") == {
        "from_street": ["s0", "s1"],
        "junction": ["100,0", "100,0"],
        "to_street": ["s1", "s1"],
        "source": ["a sign", "another"],
        "exempt": ["bicycle", ""],
    }


def test_nobody_need_be_exempt(written):
    path = written(HEADER.removesuffix(",exempt"), 's0,"100,0",s1,a sign')
    assert read_forbidden_turns(path, STREETS)["exempt"].tolist() == [""]
    assert read_forbidden_turns(written(HEADER), STREETS).empty


def test_every_cell_without_text_is_named(written):
    path = written(HEADER, 's0,"100,0",s1,,', "s0", 's0,"100,0",s1,a sign,')
    assert faults_of(path) == [
        "row 2, `source`: expected text, got nothing",
        "row 3, `junction`: expected text, got nothing",
        "row 3, `to_street`: expected text, got nothing",
        "row 3, `source`: expected text, got nothing",
    ]


def test_every_turn_that_is_none_is_named_with_its_line(written):
    path = written(HEADER, 's0,"100,0",s1,a sign,', 's0,"0,0",s9,a sign,')
    assert faults_of(path) == ["row 3, `to_street`: expected a street of the zone, got 's9'"]


def test_a_cell_without_end_is_named_with_its_line(written):
    (fault,) = faults_of(written(HEADER, "s0" * 100_000 + ',"100,0",s1,a sign,'))
    assert fault.startswith("row 2: expected cells of a CSV file, got field larger")


def test_columns_are_named(written):
    path = written("from_street,to_street", "s0,s1")
    (fault,) = faults_of(path)
    assert fault.endswith("junction, to_street, source, got none named junction, source")


def test_a_file_that_is_none(tmp_path):
    with pytest.raises(SourceError, match=r"Expected to read .*turns.csv"):
        read_forbidden_turns(tmp_path / "turns.csv", STREETS)
    (tmp_path / "turns.csv").write_bytes(b"from_street\xff")
    with pytest.raises(LayerError, match="UTF-8"):
        read_forbidden_turns(tmp_path / "turns.csv", STREETS)
