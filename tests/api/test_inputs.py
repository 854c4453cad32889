"""What a job takes from a zone's folder: whole layers, cut streets and digests of what was read."""

import datetime as dt
import hashlib

import pytest
from shapely import LineString, box

from api.hotspots.job import HotspotsInputs
from api.inputs import digests_of, layer_digests, refuse_empty, streets_within
from api.plan.inputs import PlanInputs
from api.sites.job import SitesInputs
from geo.errors import LayerError, SourceError
from geo.formats import write_layer
from geo.zone import Zone
from tests.api.small_zone import X, Y, frame, grid_streets, write_zone

DAY = dt.date(2026, 3, 1)


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
    (folder / "turns.csv").unlink()


def test_a_file_that_vanished_is_one_clear_error(folder, tmp_path):
    with pytest.raises(SourceError, match="Expected leave to read"):
        digests_of(folder, besides=[tmp_path / "gone.csv"])


@pytest.mark.parametrize(
    "gather",
    [
        lambda *zone, stored: PlanInputs.gather(*zone, tonight=DAY, stored=stored),
        lambda *zone, stored: SitesInputs.gather(*zone, day=DAY, stored=stored),
        lambda *zone, stored: HotspotsInputs.gather(*zone, day=DAY, planned=None, stored=stored),
    ],
    ids=["plan", "sites", "hotspots"],
)
def test_what_was_read_from_the_store_is_named_in_place_of_its_file(folder, gather):
    zone = Zone.load(folder)
    files = gather(zone, folder, stored={}).digests
    stored = gather(zone, folder, stored={"cameras": "0123456789abcdef0123"}).digests
    assert stored["store/cameras"] == "0123456789abcdef0123"
    assert files.keys() - stored.keys() == {"cameras.geojson"}
    assert stored.keys() - files.keys() == {"store/cameras"}


def test_an_empty_layer_of_the_store_is_named_as_that(folder):
    zone = Zone.load(folder)
    with pytest.raises(LayerError) as refused:
        refuse_empty(zone, folder, ["grounds"], stored={"grounds": "0"})
    assert [fault.source for fault in refused.value.faults] == ["store/grounds"]


def test_the_files_of_each_layer_are_told_apart(folder, root, tmp_path):
    digests = layer_digests(folder, ["cameras", "grounds"])
    expected = hashlib.sha256((folder / "cameras.geojson").read_bytes()).hexdigest()
    assert digests == {"cameras": {"cameras.geojson": expected}, "grounds": {}}
    drawn = layer_digests(root / "data" / "old_town", ["streets"])
    assert set(drawn["streets"]) == {"junctions.csv", "streets.toml"}
    lamps = Zone.load(folder).lamps
    write_layer(tmp_path / "lamps.shp", lamps)
    parts = {path.name for path in tmp_path.iterdir()}
    assert set(layer_digests(tmp_path, ["lamps"])["lamps"]) == parts >= {"lamps.shp", "lamps.dbf"}
