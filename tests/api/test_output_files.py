"""Files of a command: all or none, and each told in its line."""

import json
from pathlib import Path

import pyogrio
import pytest
from shapely import Point

import api.output_files
from api.bilingual import Phrases
from api.output_files import files_told, write_files
from api.words import Words
from tests.api.plan.sample import BANGKOK
from tests.api.small_zone import X, Y, frame

NAMES = ("a.html", "b.gpkg", "c.json")


def write(folder, outdated=()):
    layer = frame([Point(X, Y)], prefix="p")
    return write_files(
        folder,
        NAMES,
        texts={"a.html": "<p>ก", "c.json": "{}"},
        layers={"b.gpkg": {"dots": layer}},
        outdated=outdated,
    )


def test_every_file_is_written_in_the_order_of_its_name(tmp_path):
    files = write(tmp_path / "out")
    assert list(files) == list(NAMES)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(NAMES)
    assert files["a.html"].read_bytes() == "<p>ก".encode()
    assert json.loads(files["c.json"].read_text(encoding="utf-8")) == {}
    assert [name for name, _ in pyogrio.list_layers(files["b.gpkg"])] == ["dots"]


def test_outdated_files_go(tmp_path):
    (tmp_path / "old.html").write_text("", encoding="utf-8")
    write(tmp_path, outdated=["old.html"])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(NAMES)


def test_what_stops_the_last_file_leaves_none(tmp_path, monkeypatch):
    monkeypatch.setattr(api.output_files, "write_layers", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_files_are_told_in_columns_in_the_language_asked_for():
    files = {"sites.html": Path("o/sites.html"), "sites.gpkg": Path("o/longer/sites.gpkg")}
    keys = {"sites.html": "sites_summary.report", "sites.gpkg": "sites_summary.layers"}
    phrases = Phrases(Words.load(), BANGKOK)
    assert files_told(files, keys, phrases=phrases, language="en") == [
        "",
        "Files",
        "  o/sites.html         the planner's report, to print",
        "  o/longer/sites.gpkg  the layers, for QGIS",
    ]
    assert files_told(files, keys, phrases=phrases, language="th")[1] == "ไฟล์"
