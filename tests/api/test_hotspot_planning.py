"""The command `smartzone hotspots` as a commander meets it: files, words, status, what is left."""

import json
import os
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import api.cli
import api.hotspots.job
from api.hotspots.outputs import OUTPUTS
from tests.api.commanding import told
from tests.api.hotspots.town import incidents, plan, write_incidents, write_plan, write_town
from tests.api.test_cli import HEEDING_CTRL_C

QUICK = ("--resamples", 49, "--origins", 4, "--date", "2026-03-01")


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return write_town(tmp_path_factory.mktemp("zones") / "small", incidents(400))


@pytest.fixture
def run(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def call(*arguments):
        asked = ("hotspots", "--zone", folder, *QUICK, *arguments)
        return runner.invoke(api.cli.app, [str(argument) for argument in asked])

    return call


def document(folder):
    return json.loads((folder / "hotspots.json").read_text(encoding="utf-8"))


def test_help_names_every_option(run):
    text = CliRunner().invoke(api.cli.app, ["hotspots", "--help"], terminal_width=200).stdout
    for option in (
        *("--zone", "--out", "--date", "--days", "--seed", "--lang"),
        *("--resamples", "--origins", "--cell"),
    ):
        assert option in text, option


def test_all_files_are_written_and_summed_up(run, tmp_path):
    result = run()
    assert result.exit_code == 0, result.stderr
    out = tmp_path / "out" / "small"
    assert sorted(path.name for path in out.iterdir()) == sorted(OUTPUTS.names)
    for part in ("where and when incidents are reported", "East 2 Road", "hotspots.html"):
        assert part in result.stdout, part
    assert document(out)["audit"] is None
    assert "units.toml" not in document(out)["inputs"]


def test_options_reach_the_job(run, tmp_path):
    result = run(
        *("--days", 3, "--seed", 9, "--cell", 60, "--date", "2026-02-01"),
        *("--out", tmp_path / "o", "--lang", "th"),
    )
    assert result.exit_code == 0, result.stderr
    assert "เมืองเล็ก: แจ้งเหตุที่ใดมาก" in result.stdout
    written = document(tmp_path / "o")
    assert (written["seed"], written["day"]) == (9, "2026-02-01")
    asked = written["parameters"]
    assert (asked["days"], asked["cell_m"], asked["resamples"], asked["origins"]) == (3, 60, 49, 4)
    assert written["figures"]["later"] > 0  # what happened in February
    assert '<html lang="th">' in (tmp_path / "o" / "hotspots.html").read_text(encoding="utf-8")


def test_a_plan_in_the_folder_is_audited_and_left_alone(run, tmp_path):
    write_plan(tmp_path / "o")
    before = (tmp_path / "o" / "plan.json").read_bytes()
    result = run("--out", tmp_path / "o")
    assert result.exit_code == 0, result.stderr
    assert document(tmp_path / "o")["audit"]["minutes"] == 80.0
    assert (tmp_path / "o" / "plan.json").read_bytes() == before


def test_today_is_the_day_where_none_is_given(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = ["hotspots", "--zone", str(folder), "--origins", "2", "--resamples", "9"]
    result = CliRunner().invoke(api.cli.app, asked)
    assert result.exit_code == 0, result.stderr
    assert document(tmp_path / "out" / "small")["day"] > "2026-03-01"


def test_the_same_inputs_give_the_same_files(run, tmp_path):
    for out in ("a", "b"):
        assert run("--out", out).exit_code == 0
    for name in ("hotspots.json", "hotspots.html"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("count", [0, 1])
def test_a_zone_with_next_to_no_incident_is_a_clear_answer(run, folder, tmp_path, count):
    layer = incidents(20)
    write_incidents(folder, layer[layer["reporting"] == "reported"].iloc[:count])
    result = run()
    assert result.exit_code == 0, result.stderr
    said = ("no reported incident", "So few incidents (1) can be counted")[count]
    assert said in result.stdout
    assert document(tmp_path / "out" / "small")["stretches"] == []


BAD = {
    "no days": (("--days", 0), "Expected `days` from 1 to 366, got 0."),
    "cells too fine": (("--cell", 10), "Expected `cell_m` >= 50, got 10.0."),
    "both": (
        ("--cell", "nan", "--days", 999),
        "Expected `cell_m` >= 50, got nan. Expected `days` from 1 to 366, got 999.",
    ),
    "no zone": (("--zone", "atlantis"), "Expected a zone"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_clear_message_and_nothing_written(run, tmp_path, name):
    arguments, expected = BAD[name]
    before = sorted(tmp_path.rglob("*"))
    result = run(*arguments)
    assert result.exit_code == 1
    assert expected in told(result), told(result)
    assert "Traceback" not in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_the_plan_of_another_zone_is_refused(run, tmp_path):
    write_plan(tmp_path / "o", plan(zone="atlantis"))
    result = run("--out", tmp_path / "o")
    assert result.exit_code == 1
    assert "got one of atlantis" in told(result)
    assert [path.name for path in (tmp_path / "o").iterdir()] == ["plan.json"]


@pytest.mark.parametrize("step", ["find_places", "foresee", "audit_patrols"])
def test_an_interruption_leaves_nothing(run, tmp_path, monkeypatch, step):
    before = sorted(tmp_path.rglob("*"))

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(api.hotspots.job, step, stop)
    result = run()
    assert result.exit_code == 130
    assert "Stopped" in told(result)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_unexpected_is_told_in_a_line(run, tmp_path, monkeypatch):
    monkeypatch.setattr("api.hotspots.report.report_page", lambda *_, **__: 1 / 0)
    result = run()
    assert result.exit_code == 1
    assert "--debug" in told(result)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_ctrl_c_stops_it_at_work_and_leaves_nothing(root, tmp_path):
    # So many drawings keep the second step busy until it is stopped.
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", HEEDING_CTRL_C, "hotspots"),
            *("--zone", root / "data" / "old_town", "--resamples", "10000000"),
        ],
        cwd=tmp_path,
        env={**os.environ, "FORCE_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        done = 0
        while done < 2:  # zone and hotspots: their stability is next
            line = process.stderr.readline()
            assert line, "the job ended before it was stopped"
            done = max(done, line.count("✓"), done + ("✓" in line))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []
