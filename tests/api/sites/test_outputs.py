"""The files of the sites: complete, readable by GDAL, without cameras, and written all or none."""

import json
from dataclasses import replace

import pyogrio
import pytest

import api.output_files
from api.sites.outputs import OUTPUTS
from api.sites.result import LAYERS
from geo.errors import SourceError
from tests.api.sites.sample import TASKS, phrases, sample_result


def write(folder, result=None):
    return OUTPUTS.write(result or sample_result(), folder, phrases=phrases(), language="en")


def content(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_all_files_are_written_and_nothing_else(tmp_path):
    files = write(tmp_path / "deep" / "out")
    assert list(files) == list(OUTPUTS.names)
    written = sorted(path.name for path in (tmp_path / "deep" / "out").iterdir())
    assert written == sorted(OUTPUTS.names)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_gdal_finds_every_layer_and_no_other(tmp_path):
    path = write(tmp_path / "out")["sites.gpkg"]
    found = {name: pyogrio.read_info(path, layer=name)["features"] for name in LAYERS}
    assert found == {name: len(sample_result().layers[name]) for name in LAYERS}
    assert {name for name, _ in pyogrio.list_layers(path)} == set(LAYERS)
    prints = pyogrio.read_dataframe(path, layer="site_footprints")
    assert set(prints["task"]) == set(TASKS)
    odds = pyogrio.read_dataframe(path, layer="seen_probability")
    assert odds["street"].tolist() == ["thalang-01", "thalang-02", "soi-01"]
    assert odds["probability"].tolist() == [1.0, 0.4, 0.01]
    assert odds["standard_error"].tolist() == [0.0, 0.0346, 0.007]
    assert odds["synthetic"].all()
    assert set(odds.geom_type) == {"Point"}


def test_no_camera_that_stands_is_in_layers_or_document(tmp_path):
    files = write(tmp_path / "out")
    document = files["sites.json"].read_text(encoding="utf-8")
    for id_ in sample_result().ground.cameras.index:
        assert f'"{id_}"' not in document
    for name in LAYERS:
        layer = pyogrio.read_dataframe(files["sites.gpkg"], layer=name)
        assert not {"owner", "owner_kind", "place_en"} & set(layer.columns)


@pytest.mark.parametrize(
    "failing",
    [
        "api.sites.report.report_page",
        "api.sites.document.written",
        "api.output_files.write_layers",
    ],
)
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interruption_leaves_the_old_files_and_no_others(tmp_path, monkeypatch, failing, error):
    write(tmp_path / "out")
    before = content(tmp_path)

    def stop(*_, **__):
        raise error

    monkeypatch.setattr(failing, stop)
    with pytest.raises(error):
        write(tmp_path / "out")
    assert content(tmp_path) == before


def test_a_first_run_that_fails_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(api.output_files, "write_layers", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_other_files_of_the_folder_are_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "plan.json").write_text("mine", encoding="utf-8")
    write(tmp_path / "out")
    assert (tmp_path / "out" / "plan.json").read_text(encoding="utf-8") == "mine"


def test_a_file_in_the_way_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SourceError, match=r"Expected .*file"):
        write(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_same_result_gives_the_same_document_and_page(tmp_path):
    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    for name in ("sites.html", "sites.json"):
        assert first[name].read_bytes() == second[name].read_bytes()


def test_the_document_is_plain_json_with_all_it_takes_to_compute_again(tmp_path):
    document = json.loads(write(tmp_path / "out")["sites.json"].read_text(encoding="utf-8"))
    assert document["format"] == "smartzone-sites/1"
    assert document["inputs"] == {"zone.toml": "0" * 64}
    assert document["seed"] == 7
    assert document["parameters"]["budget"] == 2.0
    assert document["parameters"]["fixed"] == ["pole-7"]
    assert document["parameters"]["position_error_m"] == 1.0
    assert document["parameters"]["azimuth_error_deg"] == 3.0
    assert document["parameters"]["target_height_m"] == 1.6
    assert document["day"] == "2025-11-22"
    assert document["synthetic"] is True
    figures = document["figures"]
    assert figures["covered_m"] == 135.0
    assert figures["upper_bound_m"] == 138.0
    assert figures["gap"] == pytest.approx(3 / 138, abs=1e-4)
    assert figures["newly_seen_m"] == pytest.approx(115.0)
    assert (figures["cameras_down"], figures["cameras_without_consent"]) == (9, 3)
    assert figures["cameras_too_low"] == 2
    assert document["survey"] == {
        "draws": 200,
        "cameras": 97,
        "own_position": 6,
        "own_azimuth": 5,
        "nearly_always_m": 170.0,
        "in_doubt_m": 120.1,
        "nearly_never_m": 280.1,
        "expected_m": 222.4,
        "as_surveyed_m": 230.9,
        "largest_standard_error": 0.0346,
    }


def test_the_document_lists_sites_tables_and_curve(tmp_path):
    document = json.loads(write(tmp_path / "out")["sites.json"].read_text(encoding="utf-8"))
    first, second = document["camera_sites"]
    assert (first["id"], first["rank"], first["gain_m"]) == ("site-01", 1, 75.0)
    assert 98 < first["lon"] < 99
    assert 7 < first["lat"] < 8
    assert [task["task"] for task in second["tasks"]] == list(TASKS)
    assert document["cost_curve"][1] == {
        "budget": 2.0,
        "sites": 2,
        "covered_m": 135.0,
        "upper_bound_m": 138.0,
        "gap": round(3 / 138, 4),
    }
    assert document["sos_points"][1]["needed"] == 2
    assert document["communities"][0]["met"] is True
    assert document["grounds"][0]["masked_m2"] == 120.4
    assert {row["owner"] for row in document["coverage"]} >= {"", "proposed"}


def test_what_is_not_known_is_null(tmp_path):
    result = sample_result()
    sites = result.layers["camera_sites"].assign(height_m=float("nan"))
    unknown = {**result.layers, "camera_sites": sites}
    files = write(tmp_path / "out", replace(result, layers=unknown))
    document = json.loads(files["sites.json"].read_text(encoding="utf-8"))
    assert document["camera_sites"][0]["height_m"] is None
