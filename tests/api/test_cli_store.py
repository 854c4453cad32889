"""The commands of the store as an administrator meets them."""

import datetime as dt
from contextlib import closing

import pytest
from typer.testing import CliRunner

import api.cli
from api.store import Store
from tests.api.sample import ZONE, fill


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SMARTZONE_STORE", str(tmp_path / "store.sqlite"))
    monkeypatch.setenv("SMARTZONE_ZONE", ZONE)
    store = Store(tmp_path / "store.sqlite")
    fill(store)
    store.close()
    runner = CliRunner()

    def call(*arguments):
        return runner.invoke(api.cli.app, [str(argument) for argument in arguments])

    return call


def layers_at(place):
    store = Store(place)
    try:
        return {record.name: record.version for record in store.layers(ZONE)}
    finally:
        store.close()


def entries_at(place):
    store = Store(place)
    try:
        with store.audit.whole() as audit:
            return [entry.action for entry in audit.entries()]
    finally:
        store.close()


def test_a_store_is_backed_up_and_restored(run, tmp_path):
    made = run("backup", "town.backup")
    assert made.exit_code == 0, made.stderr
    restored = run("restore", "town.backup", "--store", tmp_path / "other.sqlite", "--lang", "th")
    assert restored.exit_code == 0, restored.stderr
    assert made.stdout.split()[-1] == restored.stdout.split()[-1]
    assert layers_at(tmp_path / "other.sqlite") == layers_at(tmp_path / "store.sqlite")
    assert entries_at(tmp_path / "other.sqlite") == ["backup", "restore"]
    again = run("restore", "town.backup", "--store", tmp_path / "other.sqlite")
    assert again.exit_code == 1
    assert "--replace" in again.stderr
    assert "Traceback" not in again.stderr
    assert run("restore", "town.backup", "--replace").exit_code == 0
    assert len(layers_at(tmp_path / "store.sqlite")) == 15


@pytest.mark.parametrize("file", ["misspelt.backup", "broken.backup"])
def test_a_backup_that_cannot_be_read_leaves_no_empty_store(run, tmp_path, file):
    (tmp_path / "broken.backup").write_bytes(b"no backup")
    result = run("restore", file, "--store", tmp_path / "other.sqlite")
    assert result.exit_code == 1
    assert f"Expected a whole backup in {file}" in result.stderr
    assert not (tmp_path / "other.sqlite").exists()


def test_a_backup_makes_its_folder(run, tmp_path):
    assert run("backup", "backups/nightly/town.backup").exit_code == 0
    assert (tmp_path / "backups" / "nightly" / "town.backup").is_file()


def test_a_zone_is_moved_with_its_fingerprints_told(run, tmp_path):
    result = run("move", ZONE, "--to", tmp_path / "other.sqlite", "--lang", "en")
    assert result.exit_code == 0, result.stderr
    rows = [line.split("│") for line in result.stdout.splitlines() if "│" in line]
    told = {row[1].strip(): row[2].strip() for row in rows}
    assert (told["buildings"], told["layers"], told["incidents"]) == ("12", "15", "1")
    assert layers_at(tmp_path / "other.sqlite") == layers_at(tmp_path / "store.sqlite")
    assert run("move", ZONE, "--to", tmp_path / "other.sqlite").exit_code == 1


def test_a_move_tells_of_each_job_that_has_not_ended_and_stays(run, tmp_path):
    now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    with closing(Store(tmp_path / "store.sqlite")) as store:
        asked = {"subject": "planner-1", "now": now}
        waits, runs, ended = (store.jobs.submit(ZONE, "forecast", {}, **asked) for _ in range(3))
        store.jobs.runs.claim("runner", now=now, job=runs)
        store.jobs.dismiss(ended, now=now)
    told = run("move", ZONE, "--to", tmp_path / "other.sqlite", "--lang", "en").stdout
    assert f"Job {waits} (forecast) has not ended and stays in" in told
    assert runs in told
    assert ended not in told


def test_layers_go_out_and_come_in(run, tmp_path):
    assert run("data", "export", "--out", "town.gpkg").exit_code == 0
    before = layers_at(tmp_path / "store.sqlite")
    result = run("data", "import", "town.gpkg", "--layer", "lamps")
    assert result.exit_code == 0, result.stderr
    assert layers_at(tmp_path / "store.sqlite").keys() == before.keys()
    (tmp_path / "bad.csv").write_text("id,lon,lat,lit\nn1,98.39,7.88,maybe\nn2,200,7.88,true\n")
    bad = run("data", "import", "bad.csv", "--layer", "lamps")
    assert bad.exit_code == 1
    assert "row 2, `lit`" in " ".join(bad.stderr.split())
    assert "row 3" in bad.stderr
    for command in ("import", "export", "generate", "refresh"):
        assert command in run("data", "--help").stdout
