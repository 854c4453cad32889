"""The command line as a user meets it: what it says, its status, and what it leaves behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from importlib.metadata import version

import httpx
import pyogrio
import pytest

import api.cli
import api.night
from api.plan.outputs import FILES
from api.plan.result import PRODUCTS
from api.store import Store
from tests.api.commanding import told

# --- what goes well


def test_version_and_help(run):
    assert run("--version").stdout.strip() == f"smartzone {version('smartzone')}"
    text = run("--help").stdout
    for command in ("plan", "serve", "check", "data"):
        assert command in text
    for command in ("generate", "refresh"):
        assert command in run("data", "--help").stdout


def test_plan_writes_all_files_and_sums_up(run, folder, tmp_path):
    result = run("plan", "--zone", folder, "--date", "2026-03-01", "--lang", "en")
    assert result.exit_code == 0, result.stderr
    out = tmp_path / "out" / "small"
    tours = {path.name for path in out.glob("tour-*.gpx")}
    assert tours
    assert {path.name for path in out.iterdir()} == {*FILES, *tours}
    for part in ("Small Town, night of 1 March 2026", "Blind street:", "Foot patrol 1", "map.html"):
        assert part in result.stdout, part
    found = {name: pyogrio.read_info(out / "layers.gpkg", layer=name) for name in PRODUCTS}
    assert all(info["features"] > 0 for info in found.values())
    document = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    assert document["tonight"] == "2026-03-01"
    assert 0 <= document["seed"] < 2**32
    assert document["seed"] != 20260301
    assert 0 < document["figures"]["mixture_value_share"] <= 1
    assert set(document["inputs"]) == {path.name for path in folder.iterdir()}


def test_plan_puts_zone_and_findings_into_the_store(run, folder, tmp_path):
    assert run("plan", "--zone", folder, "--date", "2026-03-01").exit_code == 0
    store = Store(tmp_path / "store.sqlite")
    kinds = {record.name: record.kind for record in store.layers("small")}
    store.close()
    assert kinds["streets"] == "layer"
    assert {name for name, kind in kinds.items() if kind == "product"} == {
        *("fields_of_view", "blind_spots", "hotspots"),
        *("camera_sites", "patrol_tours", "patrol_stops", "beats"),
    }


def test_the_same_inputs_give_the_same_plan(run, folder, tmp_path):
    for out in ("a", "b"):
        arguments = ("--zone", folder, "--date", "2026-03-01", "--seed", 3, "--out", out)
        assert run("plan", *arguments).exit_code == 0
    first, second = ((tmp_path / out / "plan.json").read_bytes() for out in ("a", "b"))
    assert first == second


def test_plan_speaks_thai(run, folder):
    result = run("plan", "--zone", folder, "--date", "2026-03-01", "--lang", "th")
    assert "จุดอับกล้อง" in result.stdout
    assert "1 มีนาคม 2569" in result.stdout


def test_check_of_a_sound_file(run, folder):
    result = run("check", folder / "cameras.geojson", "--layer", "cameras")
    assert result.exit_code == 0
    assert "no fault in 3 rows of cameras" in result.stdout


def test_generate_writes_the_same_files_for_the_same_seed(run, root, tmp_path):
    base = ("zone.toml", "boundary.geojson", "junctions.csv", "streets.toml", "places.csv")
    written = []
    for name in ("one", "two"):
        zone = tmp_path / name
        zone.mkdir()
        for file in base:
            shutil.copy(root / "data" / "old_town" / file, zone)
        result = run("data", "generate", "--zone", zone, "--seed", 11)
        assert result.exit_code == 0, result.stderr
        assert "6 synthetic layers" in result.stdout
        written.append({p.name: p.read_bytes() for p in zone.iterdir() if p.name not in base})
    assert written[0] == written[1]
    assert set(written[0]) >= {"buildings.geojson", "cameras.geojson", "incidents.csv"}


# --- what goes wrong


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("check", "none.geojson", "--layer", "cameras"), "none.geojson"),
        (("check", "none.geojson", "--layer", "moon"), "moon"),
        (("plan", "--zone", "atlantis"), "Expected a zone (old_town)"),
        (("serve", "--zone", "atlantis"), "Expected a zone (old_town)"),
        (("data", "generate", "--zone", "atlantis"), "Expected a zone (old_town)"),
        (("data", "refresh", "--zone", "atlantis"), "Expected a zone (old_town)"),
    ],
)
def test_what_is_not_there_is_said(run, arguments, expected):
    result = run(*arguments)
    assert result.exit_code == 1
    assert expected in told(result)
    assert "Traceback" not in result.stderr


def test_wrong_options_end_with_status_2(run, folder):
    assert run("plan", "--zone", folder, "--date", "tomorrow").exit_code == 2
    assert run("plan", "--zone", folder, "--seed", -1).exit_code == 2
    assert run("plan", "--lang", "de").exit_code == 2


def test_wrong_settings_are_told(run, monkeypatch):
    monkeypatch.setenv("SMARTZONE_PROT", "80")
    result = run("plan")
    assert result.exit_code == 1
    assert "SMARTZONE_PROT" in told(result)


def test_the_unexpected_is_told_in_a_line_unless_debugging(run, folder, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(api.night, "run_plan", fail)
    result = run("plan", "--zone", folder)
    assert result.exit_code == 1
    assert "boom" in told(result)
    assert "--debug" in told(result)
    assert isinstance(run("--debug", "plan", "--zone", folder).exception, ZeroDivisionError)


def test_an_unreachable_server_is_one_clear_message(run, folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    url = "http://127.0.0.1:9/api"
    result = run("data", "refresh", "--zone", folder, "--overpass-url", url)
    assert result.exit_code == 1
    assert "127.0.0.1:9" in told(result)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


# --- as a process of its own


# A shell that runs the tests in the background makes all its children ignore Ctrl-C.
HEEDING_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from api.cli import main
main()
"""


def start(folder, tmp_path, *arguments):
    store = {"SMARTZONE_STORE": str(tmp_path / "store.sqlite")}
    environment = {**os.environ, **store, "FORCE_COLOR": "1"}  # bars move as on a terminal
    return subprocess.Popen(
        [sys.executable, "-c", HEEDING_CTRL_C, *arguments, "--zone", folder],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_ctrl_c_stops_a_plan_and_leaves_nothing(root, tmp_path):
    # The Old Town keeps the job busy for seconds after its first step.
    with start(root / "data" / "old_town", tmp_path, "plan") as process:
        assert process.stderr is not None
        while "✓" not in (line := process.stderr.readline()):
            assert line, "the plan ended before its first step did"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_serve_answers_says_where_and_stops(folder, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with start(folder, tmp_path, "serve", "--port", str(port)) as process:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}/console" in process.stdout.readline()
        answer = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=30)
        assert answer.json()["status"] == "ready"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


def test_a_port_in_use_is_one_clear_message(run, folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--zone", folder, "--port", port)
    assert result.exit_code == 1
    assert f"Expected a free port, got {port}" in told(result)
