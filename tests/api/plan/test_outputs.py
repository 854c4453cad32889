"""The files of a plan: complete, readable by GDAL, and written all or none."""

import json

import pyogrio
import pytest

import api.output_files
import api.plan.outputs
from api.plan.outputs import FILES, write_outputs
from api.plan.result import PRODUCTS
from api.styles import Styles
from api.tour_files import tour_file
from api.words import Words
from geo.errors import SourceError
from tests.api.plan.sample import changed, sample_plan

NAMES = (*FILES, "tour-foot.gpx")


def write(folder, plan=None):
    plan = plan or sample_plan()
    return write_outputs(plan, folder, words=Words.load(), styles=Styles.load())


def with_unit(name):
    plan = changed(sample_plan(), "patrol_tours", unit=name)
    return changed(plan, "patrol_stops", unit=name)


def content(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_all_files_are_written_and_nothing_else(tmp_path):
    files = write(tmp_path / "deep" / "out")
    assert list(files) == list(NAMES)
    assert sorted(path.name for path in (tmp_path / "deep" / "out").iterdir()) == sorted(NAMES)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]
    assert all(path.stat().st_size for path in files.values())


def test_gdal_finds_every_product_with_all_its_features(tmp_path):
    path = write(tmp_path / "out")["layers.gpkg"]
    found = {name: pyogrio.read_info(path, layer=name)["features"] for name in PRODUCTS}
    assert found == {name: len(sample_plan().layers[name]) for name in PRODUCTS}
    assert {name for name, _ in pyogrio.list_layers(path)} == set(PRODUCTS)


def test_no_incident_leaves(tmp_path):
    files = write(tmp_path / "out")
    assert "incidents" not in {name for name, _ in pyogrio.list_layers(files["layers.gpkg"])}
    assert "occurred_at" not in files["plan.json"].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "failing",
    [
        *(
            "render_map",
            "render_report",
            "render_cards",
            "write_document",
            "write_tours",
            "write_calendar",
        ),
        *("write_shift_table", "write_layers"),
    ],
)
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interruption_leaves_the_old_files_and_no_others(tmp_path, monkeypatch, failing, error):
    write(tmp_path / "out")
    before = content(tmp_path)

    def stop(*_, **__):
        raise error

    where = api.output_files if failing == "write_layers" else api.plan.outputs
    monkeypatch.setattr(where, failing, stop)
    with pytest.raises(error):
        write(tmp_path / "out", with_unit("boat"))
    assert content(tmp_path) == before


def test_tours_of_units_off_duty_go_and_tracks_of_others_stay(tmp_path):
    write(tmp_path / "out", with_unit("../boat"))
    own = {path.name for path in (tmp_path / "out").glob("tour-*")}
    assert own == {tour_file("../boat")}
    ride = tmp_path / "out" / "tour-ride.gpx"
    ride.write_text('<gpx version="1.1" creator="Watch 3"/>', encoding="utf-8")
    write(tmp_path / "out")
    assert {path.name for path in tmp_path.rglob("*.gpx")} == {"tour-foot.gpx", "tour-ride.gpx"}


def test_a_first_run_that_fails_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(api.plan.outputs, "render_map", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_files_that_cannot_take_their_place_put_the_old_ones_back(tmp_path, monkeypatch):
    write(tmp_path / "out")
    (tmp_path / "out" / "plan.json").unlink()
    (tmp_path / "out" / "note.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "out" / "map.html").write_text("old", encoding="utf-8")
    before = content(tmp_path)

    monkeypatch.setattr(api.plan.outputs, "FILES", (*FILES, "never-made.txt"))
    with pytest.raises(SourceError):
        write(tmp_path / "out")
    assert content(tmp_path) == before


def test_a_file_in_the_way_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SourceError, match=r"Expected .*file"):
        write(tmp_path / "file" / "out")
    with pytest.raises(SourceError, match=r"Expected .*file"):
        write(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_same_plan_gives_the_same_document_and_pages(tmp_path):
    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    for name in set(NAMES) - {"layers.gpkg"}:
        assert first[name].read_bytes() == second[name].read_bytes()


def test_the_document_is_plain_json(tmp_path):
    document = json.loads(write(tmp_path / "out")["plan.json"].read_text(encoding="utf-8"))
    assert document["format"] == "smartzone-plan/1"
    assert document["tours"][0]["starts_at"] == "2025-11-22T13:00:00Z"
    assert document["tours"][0]["stops"][0]["arrives_at"] == "2025-11-22T13:05:00Z"
    assert document["figures"]["blind_share"] == pytest.approx(430.2 / 570.2, abs=1e-4)
    assert document["figures"]["sites_gap"] == pytest.approx(1 - 115 / 118, abs=1e-4)
    assert "cameras" in document["synthetic"]
    assert "streets" not in document["synthetic"]
    lon, lat = (document["camera_sites"][0][name] for name in ("lon", "lat"))
    assert 98 < lon < 99
    assert 7 < lat < 8
    hot, blind, early = document["demand"]
    assert hot["opens_at"] == "2025-11-22T13:00:00Z"
    assert (blind["opens_at"], blind["revisit_s"]) == (None, 7200.0)
    assert (early["offered"], early["revisit_s"], early["needs_units"]) == (False, None, 2)
    assert [row["kind"] for row in document["demand_weights"]] == ["hotspot", "blind_spot", "event"]
