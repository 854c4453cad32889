"""What a job takes from a zone's folder: whole layers, cut streets and digests of what was read."""

import hashlib

import pytest
from shapely import LineString, box

from api.inputs import digests_of, refuse_empty, streets_within
from geo.errors import LayerError, SourceError
from geo.zone import Zone
from tests.api.small_zone import X, Y, frame, grid_streets, write_zone


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_zone(tmp_path_factory.mktemp("zones") / "small")


def test_every_empty_layer_is_named(folder):
    zone = Zone.load(folder)
    refuse_empty(zone, folder, ("streets", "cameras"))
    with pytest.raises(LayerError) as refused:
        refuse_empty(zone, folder, ("streets", "grounds", "communities"))
    assert [fault.source for fault in refused.value.faults] == [
        str(folder / "grounds.geojson"),
        str(folder / "communities.geojson"),
    ]


def test_streets_are_cut_and_the_pieces_of_one_edge_told_apart():
    there_and_back = LineString([(X, Y), (X + 100, Y), (X + 100, Y + 50), (X, Y + 50)])
    cut = streets_within(
        frame([there_and_back], prefix="edge", name_en="Bend"), box(X, Y, X + 40, Y + 50)
    )
    assert list(cut.index) == ["edge-1", "edge-1/2"]
    assert cut.length.tolist() == [40.0, 40.0]
    assert set(cut["name_en"]) == {"Bend"}


def test_a_street_that_only_touches_the_area_is_left_out():
    streets = grid_streets()
    assert len(streets_within(streets, box(X - 50, Y - 50, X, Y - 1))) == 0
    assert len(streets_within(streets, box(X - 50, Y - 50, X, Y))) == 0


def test_digests_are_of_what_was_read(folder, tmp_path):
    (folder / "NOTES.md").write_text("not read", encoding="utf-8")
    (folder / "turns.csv").write_text("read where it is there", encoding="utf-8")
    more = tmp_path / "more.csv"
    more.write_text("read", encoding="utf-8")
    digests = digests_of(folder, besides=[more])
    (folder / "NOTES.md").unlink()
    assert digests.pop("more.csv") == hashlib.sha256(b"read").hexdigest()
    read = {path.name for path in folder.iterdir()} - {"units.toml"}
    assert set(digests) == read
    for name, digest in digests.items():
        assert digest == hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_a_file_that_vanished_is_one_clear_error(folder, tmp_path):
    with pytest.raises(SourceError, match="Expected leave to read"):
        digests_of(folder, besides=[tmp_path / "gone.csv"])
