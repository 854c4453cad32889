"""The command `smartzone sites` as a planner meets it: files, words, status, what is left."""

import json
import os
import signal
import subprocess
import sys

import pytest
from geopandas import GeoDataFrame
from shapely import Point
from typer.testing import CliRunner

import api.cli
import api.sites.job
from api.sites.outputs import OUTPUTS
from geo.formats import write_layer
from tests.api.commanding import told
from tests.api.sites.town import write_town
from tests.api.small_zone import X, Y, frame
from tests.api.test_cli import HEEDING_CTRL_C


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return write_town(tmp_path_factory.mktemp("zones") / "small")


@pytest.fixture
def run(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def call(*arguments):
        asked = ("sites", "--zone", folder, "--time-limit", 2, *arguments)
        return runner.invoke(api.cli.app, [str(argument) for argument in asked])

    return call


def own_candidates(path, *places):
    layer = frame(
        [Point(X + x, Y + y) for x, y in places],
        prefix="own",
        azimuth_deg=0.0,
        fov_deg=80.0,
        range_m=40.0,
        synthetic=False,
    )
    write_layer(path, layer)
    return path


def test_help_names_every_option(run):
    text = CliRunner().invoke(api.cli.app, ["sites", "--help"], terminal_width=200).stdout
    for option in (
        *("--zone", "--out", "--budget", "--night", "--day", "--standard", "--candidates"),
        *("--target-height", "--position-error", "--azimuth-error"),
        *("--fixed", "--least-share", "--sos-cameras", "--seed", "--time-limit", "--lang"),
    ):
        assert option in text, option


def test_all_files_are_written_and_summed_up(run, tmp_path):
    result = run("--budget", 2)
    assert result.exit_code == 0, result.stderr
    out = tmp_path / "out" / "small"
    assert sorted(path.name for path in out.iterdir()) == sorted(OUTPUTS.names)
    for part in ("Small Town: proposed camera sites", "Blind street:", "sites.html"):
        assert part in result.stdout, part
    document = json.loads((out / "sites.json").read_text(encoding="utf-8"))
    assert document["parameters"]["budget"] == 2.0
    assert document["parameters"]["night"] is True
    assert len(document["camera_sites"]) == 2
    assert "units.toml" not in document["inputs"]


def test_options_reach_the_search(run, tmp_path):
    own = own_candidates(tmp_path / "own.csv", (96, 150), (50, 96))
    result = run(
        *("--budget", 1, "--day", "--standard", "EN 62676-4:2025", "--candidates", own),
        *("--fixed", "own-2", "--sos-cameras", 2, "--seed", 9, "--out", tmp_path / "o"),
        *("--target-height", 1.2, "--position-error", 0, "--azimuth-error", 0, "--lang", "th"),
    )
    assert result.exit_code == 0, result.stderr
    assert "เมืองเล็ก: ตำแหน่งกล้องที่เสนอ" in result.stdout
    document = json.loads((tmp_path / "o" / "sites.json").read_text(encoding="utf-8"))
    assert [site["candidate"] for site in document["camera_sites"]] == ["own-2"]
    assert document["seed"] == 9
    assert "--candidates own.csv" in document["inputs"]
    asked = document["parameters"]
    assert (asked["night"], asked["standard"]) == (False, "EN 62676-4:2025")
    assert (asked["sos_cameras"], asked["fixed"]) == (2, ["own-2"])
    assert (asked["position_error_m"], asked["azimuth_error_deg"]) == (0.0, 0.0)
    assert asked["target_height_m"] == 1.2
    page = (tmp_path / "o" / "sites.html").read_text(encoding="utf-8")
    for part in ('<html lang="th">', "No error was assumed.", "judged at 1.2 m above the ground"):
        assert part in page, part


def test_the_same_inputs_give_the_same_files(run, tmp_path):
    for out in ("a", "b"):
        # Time enough to end by itself: what a limit cuts short depends on the machine.
        assert run("--budget", 2, "--out", out, "--time-limit", 60).exit_code == 0
    for name in ("sites.json", "sites.html"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


BAD = {
    "negative budget": (("--budget", -1), "Expected `budget` >= 0, got -1.0."),
    "unknown standard": (("--standard", "EN 1"), "Expected `standard` among EN 62676-4:2015"),
    "unknown fixed": (("--fixed", "nobody"), "'nobody'"),
    "share over one": (("--least-share", 2), "Expected `least_share` from 0 to 1, got 2.0."),
    "no time": (("--time-limit", 0), "Expected `time_limit_s` > 0, got 0.0."),
    "no sos camera": (("--sos-cameras", 0), "Expected `sos_cameras` >= 1, got 0."),
    "unreachable share": (("--budget", 1, "--least-share", 0.95), "community"),
    "no candidates file": (("--candidates", "none.csv"), "none.csv"),
    "position error below zero": (
        ("--position-error", -1),
        "Expected `position_error_m` from 0 to 1000, got -1.0.",
    ),
    "azimuth error not a number": (
        ("--azimuth-error", "nan"),
        "Expected `azimuth_error_deg` from 0 to 180, got nan.",
    ),
    "target below the ground": (
        ("--target-height", -0.1),
        "Expected `target_height_m` >= 0, got -0.1.",
    ),
    "all of these": (
        ("--target-height", -1, "--position-error", "inf", "--azimuth-error", -2, "--budget", -3),
        (
            "Expected `budget` >= 0, got -3.0. Expected `target_height_m` >= 0, got -1.0. Expected "
            "`position_error_m` from 0 to 1000, got inf. Expected `azimuth_error_deg` from 0 to "
            "180, got -2.0."
        ),
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


def test_fixed_over_the_budget_is_refused(run, tmp_path):
    own = own_candidates(tmp_path / "own.csv", (96, 150), (50, 96))
    fixed = ("--fixed", "own-1", "--fixed", "own-2")
    result = run("--candidates", own, "--budget", 1, *fixed)
    assert result.exit_code == 1
    assert "budget" in told(result)
    assert not (tmp_path / "out").exists()


def test_candidates_outside_the_zone_are_named(run, tmp_path):
    own = own_candidates(tmp_path / "own.csv", (96, 150), (900, 900))
    result = run("--candidates", own)
    assert result.exit_code == 1
    assert "own.csv, row 3, `geometry`: expected a place in the zone" in told(result)
    assert not (tmp_path / "out").exists()


def test_candidates_that_are_no_cameras_are_refused(run, tmp_path):
    path = tmp_path / "own.geojson"
    write_layer(path, GeoDataFrame({"x": [1]}, geometry=[Point(X, Y)], crs="EPSG:32647"))
    result = run("--candidates", path)
    assert result.exit_code == 1
    assert "azimuth_deg" in told(result)
    assert not (tmp_path / "out").exists()


def test_an_interruption_of_the_search_leaves_nothing(run, tmp_path, monkeypatch):
    before = sorted(tmp_path.rglob("*"))

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(api.sites.job, "choose_sites", stop)
    result = run()
    assert result.exit_code == 130
    assert "Stopped" in told(result)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_unexpected_is_told_in_a_line(run, tmp_path, monkeypatch):
    monkeypatch.setattr("api.sites.report.report_page", lambda *_, **__: 1 / 0)
    result = run("--budget", 1)
    assert result.exit_code == 1
    assert "--debug" in told(result)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_ctrl_c_stops_the_search_at_work_and_leaves_nothing(root, tmp_path):
    # So many cameras keep the search and the cost curve busy long after their first step.
    asked = ("--budget", "60", "--time-limit", "600", "--sos-cameras", "3")
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", HEEDING_CTRL_C, "sites"),
            *("--zone", root / "data" / "old_town", *asked),
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
        while done < 3:  # zone, fields of view and candidates: the search is next
            line = process.stderr.readline()
            assert line, "the search ended before it was stopped"
            done = max(done, line.count("✓"), done + ("✓" in line))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []
