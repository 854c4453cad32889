"""The files of the dosage: whole, of sums alone, and silent on the tracks and on persons."""

import csv
import io
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

import api.cli
from api.dosage.outputs import OUTPUTS
from api.dosage.table import COLUMNS, write_table
from geo.errors import SourceError
from tests.api.dosage.sample import SECRETS, gpx, write_plan


@pytest.fixture(scope="module")
def written(result, phrases, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dosage")
    return OUTPUTS.write(result, folder, phrases=phrases)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def call(*arguments):
        return runner.invoke(api.cli.app, [str(argument) for argument in arguments])

    return call


def rows(result):
    return list(csv.DictReader(io.StringIO(write_table(result).removeprefix("\ufeff"))))


def test_the_table_holds_every_sum(result):
    told = rows(result)
    tables = result.tables
    assert [row["table"] for row in told] == [
        *["unit"] * len(tables.units),
        *["hotspot"] * len(tables.hotspots),
        *["stop"] * len(tables.stops),
        *["street"] * len(tables.streets),
    ]
    assert set(told[0]) == set(COLUMNS)
    street = [row for row in told if row["table"] == "street"]
    assert sum(float(row["planned_min"]) for row in street) == pytest.approx(39, abs=0.3)
    assert {row["id"] for row in street} == set(tables.streets["street"])
    assert {row["synthetic"] for row in told} == {"true"}
    assert {row["night"] for row in told} == {"2026-03-06"}


def test_a_spreadsheet_computes_nothing(result):
    stops = result.tables.stops.assign(name_en="=1+1\r\n")
    changed = replace(result, tables=replace(result.tables, stops=stops))
    assert ",'=1+1," in write_table(changed)


def leaks(text, walked):
    """Return every coordinate, time or name of the track that a text holds."""
    places, times = walked
    # Cut, not rounded: so it begins however many digits are told.
    clues = {f"{number:.9f}"[:-5] for place in places for number in place}
    for instant in times:
        local = instant.tz_convert("Asia/Bangkok")
        clues |= {f"{instant:%H:%M:%S}", f"{local:%H:%M:%S}", f"{instant:%Y-%m-%dT%H:%M}"}
        clues |= {f"{local:%Y-%m-%dT%H:%M}", str(instant.value), str(instant.value // 10**9)}
    return sorted(clue for clue in {*clues, *SECRETS} if clue in text)


def test_no_position_time_or_name_of_the_track_is_in_any_output(written, result, phrases, walked):
    told = [path.read_text(encoding="utf-8") for path in written.values()]
    told += [
        OUTPUTS.summarise(result, written, phrases=phrases, language=language)
        for language in ("th", "en")
    ]
    for text in told:
        assert leaks(text, walked) == []


def test_metres_of_the_track_are_not_drawn(written, walked, zone):
    text = written["dosage.html"].read_text(encoding="utf-8")
    drawn = max(len(path) for path in re.findall(r' d="([^"]*)"', text))
    assert text.count("<path") < 60
    assert drawn < 3000
    assert len(walked[0]) > 200


def test_a_leak_would_be_found(walked):
    (lon, _), instant = walked[0][3], walked[1][3]
    assert leaks(f"at {lon:.6f}", walked)
    assert leaks(f"{instant.tz_convert('Asia/Bangkok'):%H:%M:%S}", walked)
    assert leaks("Somchai Jaidee", walked)


@pytest.fixture
def own_plan(tmp_path):
    return write_plan(tmp_path / "plan")


def test_the_command_writes_two_files_into_the_folder_of_the_plan(
    run, folder, own_plan, track, walked
):
    before = {path.name for path in own_plan.iterdir()}
    shown = run("dosage", own_plan, track, "--zone", folder, "--lang", "th")
    assert shown.exit_code == 0, shown.stderr
    assert "เวลาที่สายตรวจใช้จริง" in shown.stdout
    assert {path.name for path in own_plan.iterdir()} == {*before, *OUTPUTS.names}
    assert leaks(shown.stdout + shown.stderr, walked) == []


def test_the_command_tells_every_fault_without_a_traceback(run, folder, own_plan, walked, tmp_path):
    strange = tmp_path / "walk.gpx"
    strange.write_text(gpx(*walked), encoding="utf-8")
    none = tmp_path / "foot-1.gpx"
    none.write_text("none", encoding="utf-8")
    shown = run("dosage", own_plan, strange, none, "--zone", folder, "--out", tmp_path / "out")
    assert shown.exit_code == 1
    said = " ".join(shown.stderr.split())
    assert "walk.gpx" in said
    assert "foot-1, foot-2" in said
    assert "foot-1.gpx: expected a GPX file" in said
    assert "Traceback" not in said
    assert leaks(said, walked) == []
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_by_half(result, phrases, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "dosage.csv").mkdir()
    with pytest.raises(SourceError):
        OUTPUTS.write(result, tmp_path / "out", phrases=phrases)
    assert not (tmp_path / "out" / "dosage.html").exists()
