"""The files of the hotspots: all or none, readable, reproducible, and without a single incident."""

import json
from dataclasses import replace

import pandas as pd
import pyogrio
import pytest

import api.output_files
from api.hotspots.job import run_hotspots
from api.hotspots.outputs import OUTPUTS
from api.hotspots.result import LAYERS
from api.hotspots.withheld import FEW
from geo.errors import SourceError
from tests.api.hotspots.town import PARAMS


@pytest.fixture
def write(result, phrases):
    def write(folder):
        return OUTPUTS.write(result, folder, phrases=phrases, language="en")

    return write


@pytest.fixture(scope="module")
def document(result, phrases, tmp_path_factory):
    files = OUTPUTS.write(result, tmp_path_factory.mktemp("out"), phrases=phrases)
    return json.loads(files["hotspots.json"].read_text(encoding="utf-8"))


def content(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_files_are_written_and_nothing_else(write, tmp_path):
    files = write(tmp_path / "deep" / "out")
    assert list(files) == list(OUTPUTS.names)
    written = sorted(path.name for path in (tmp_path / "deep" / "out").iterdir())
    assert written == sorted(OUTPUTS.names)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_gdal_finds_every_layer_and_no_other(write, result, tmp_path):
    path = write(tmp_path / "out")["hotspots.gpkg"]
    assert {name for name, _ in pyogrio.list_layers(path)} == set(LAYERS)
    for name in LAYERS:
        read = pyogrio.read_dataframe(path, layer=name)
        assert len(read) == len(result.layers[name]), name
        assert read["synthetic"].all()
    cells = pyogrio.read_dataframe(path, layer="forecast_cells")
    assert cells["expected"].tolist() == result.layers["forecast_cells"]["expected"].tolist()


@pytest.mark.parametrize(
    "failing",
    [
        "api.hotspots.report.report_page",
        "api.hotspots.document.written",
        "api.output_files.write_layers",
    ],
)
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interruption_leaves_the_old_files_and_no_others(
    write, tmp_path, monkeypatch, failing, error
):
    write(tmp_path / "out")
    (tmp_path / "out" / "plan.json").write_text("mine", encoding="utf-8")
    before = content(tmp_path)

    def stop(*_, **__):
        raise error

    monkeypatch.setattr(failing, stop)
    with pytest.raises(error):
        write(tmp_path / "out")
    assert content(tmp_path) == before


def test_a_first_run_that_fails_leaves_no_folder(write, tmp_path, monkeypatch):
    monkeypatch.setattr(api.output_files, "write_layers", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_one_clear_error(write, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SourceError, match=r"Expected .*file"):
        write(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_same_result_gives_the_same_document_and_page(write, tmp_path):
    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    for name in ("hotspots.html", "hotspots.json"):
        assert first[name].read_bytes() == second[name].read_bytes()


def test_the_document_holds_all_it_takes_to_compute_again(document, result):
    assert document["format"] == "smartzone-hotspots/1"
    assert document["inputs"] == dict(result.inputs)
    assert {len(digest) for digest in document["inputs"].values()} == {64}
    assert {"incidents.csv", "plan.json", "zone.toml"} <= set(document["inputs"])
    assert (document["seed"], document["day"]) == (1, "2026-03-01")
    assert document["parameters"]["resamples"] == PARAMS.resamples
    assert document["parameters"]["days"] == PARAMS.days
    assert document["synthetic"] is True


def test_the_document_tells_what_the_result_holds(document, result):
    assert document["figures"]["reported"] == result.figures.reported
    assert document["figures"]["last"] == result.figures.last.isoformat()
    assert document["claims"]["statement"] == "ranked"
    assert [row["rank"] for row in document["stretches"]] == [1, 2, 3, 4]
    assert len(document["week"]) == 7
    assert sum(map(sum, document["week"])) == pytest.approx(result.figures.reported, abs=0.1)
    assert document["audit"]["minutes"] == 80.0
    assert sum(row["incidents"] for row in document["streets"]) == result.figures.reported
    assert len(document["forecast"]["trials"]) == len(result.tables.forecast)


def test_small_counts_of_a_category_are_withheld(document, result):
    counts = result.tables.categories.set_index("category")
    told = {row["category"]: row for row in document["categories"]}
    assert counts["discovered"].between(1, FEW - 1).sum() == 1  # noise, a few times
    # The sum would tell it, were the next one told.
    assert [told[name]["discovered"] for name in ("noise", "burglary")] == [None, None]
    assert told["theft"]["discovered"] == counts.loc["theft", "discovered"]
    assert all(told[name]["reported"] == counts.loc[name, "reported"] for name in told)


def told_of(result, phrases, tmp_path):
    files = OUTPUTS.write(result, tmp_path / "few", phrases=phrases, language="en")
    return json.loads(files["hotspots.json"].read_text(encoding="utf-8"))


def test_small_counts_of_streets_are_withheld_with_what_would_tell_them(result, phrases, tmp_path):
    streets = result.tables.streets.copy()
    streets.loc[0, "incidents"] = 3
    few = replace(result, tables=replace(result.tables, streets=streets))
    rows = told_of(few, phrases, tmp_path)["streets"]
    hidden = [row for row in rows if row["incidents"] is None]
    assert len(hidden) == 2
    assert rows[0] in hidden
    for row in hidden:
        assert [name for name, value in row.items() if value is None] == [
            *("incidents", "incident_share", "share_low", "share_high", "ratio"),
            *("difference", "difference_low", "difference_high"),
        ]
        assert row["verdict"]
        assert row["minutes"] is not None


def test_repeats_do_not_tell_a_count_that_is_withheld(result, phrases, tmp_path):
    counts = pd.DataFrame(
        {"category": ["theft", "burglary", "noise"], "reported": [500, 300, 2], "discovered": 9}
    )
    few = replace(result, tables=replace(result.tables, categories=counts))
    rows = told_of(few, phrases, tmp_path)["near_repeats"]
    told = {row["category"]: row["incidents"] for row in rows}
    assert told["burglary"] is None
    assert (
        told["theft"] == result.tables.near_repeats.set_index("category").loc["theft", "incidents"]
    )


def test_one_incident_is_told_by_neither_time_nor_street(inputs, phrases, tmp_path):
    layer = inputs.zone.incidents
    one = layer[layer["reporting"] == "reported"].iloc[:1]
    alone = replace(inputs, zone=replace(inputs.zone, incidents=one))
    document = told_of(run_hotspots(alone, seed=1, params=PARAMS), phrases, tmp_path)
    assert document["week"] == []
    assert document["busiest"] is None
    assert [row["reported"] for row in document["categories"]] == [None]
    assert {row["incidents"] for row in document["streets"]} == {0, None}
