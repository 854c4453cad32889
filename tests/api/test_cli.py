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
from typer.testing import CliRunner

import api.cli
import api.night
from api.plan.outputs import FILES
from api.plan.result import PRODUCTS
from api.store import Store
from api.terminal import tell_error
from api.words import Words
from geo.errors import Fault, LayerError
from tests.api.small_zone import write_zone


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return write_zone(tmp_path_factory.mktemp("zones") / "small")


@pytest.fixture
def folder(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "small")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SMARTZONE_STORE", str(tmp_path / "store.sqlite"))
    runner = CliRunner()

    def call(*arguments):
        return runner.invoke(api.cli.app, [str(argument) for argument in arguments])

    return call


def told(result):
    """Give what stands on standard error in one line, as the terminal may have wrapped it."""
    return " ".join(result.stderr.split())


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


def rewrite(path, old, new, *, count=1):
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def edit(path, change):
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document["features"])
    path.write_text(json.dumps(document), encoding="utf-8")


def remove_boundary(folder):
    (folder / "boundary.geojson").unlink()


def swap_lon_lat(folder):
    def swap(features):
        for feature in features:
            feature["geometry"]["coordinates"].reverse()

    edit(folder / "cameras.geojson", swap)


def metric_coordinates(folder):
    def metric(features):
        features[0]["geometry"]["coordinates"] = [432_000.0, 871_500.0]

    edit(folder / "cameras.geojson", metric)


def open_polygon(folder):
    edit(
        folder / "buildings.geojson",
        lambda features: features[1]["geometry"]["coordinates"][0].pop(),
    )


def nan_coordinate(folder):
    def spoil(features):
        features[2]["geometry"]["coordinates"][0] = float("nan")

    edit(folder / "cameras.geojson", spoil)


def camera_value(field, value):
    def spoil(folder):
        edit(
            folder / "cameras.geojson",
            lambda features: features[1]["properties"].update({field: value}),
        )

    return spoil


def repeat_id(folder):
    def repeat(features):
        for feature in features:
            feature["id"] = "camera-1"
            feature["properties"]["id"] = "camera-1"

    edit(folder / "cameras.geojson", repeat)


def no_cameras(folder):
    edit(folder / "cameras.geojson", list.clear)


def cut_streets(folder):
    edit(folder / "streets.geojson", lambda features: features.append(moved_away(features[0])))


def moved_away(feature):
    line = [[x + 0.01, y] for x, y in feature["geometry"]["coordinates"]]
    properties = {**feature["properties"], "id": "far"}
    return {
        **feature,
        "id": "far",
        "properties": properties,
        "geometry": {"type": "LineString", "coordinates": line},
    }


def huge_file(folder):
    with (folder / "buildings.geojson").open("r+b") as file:
        file.truncate(200_000_000)


def thai_code_page(folder):
    path = folder / "places.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp874"))


BAD = {
    "missing file": (remove_boundary, ["boundary", "no such file"]),
    "lon and lat swapped": (swap_lon_lat, ["cameras.geojson", "row 1", "lon"]),
    "wrong coordinate system": (metric_coordinates, ["cameras.geojson", "row 1", "EPSG:4326"]),
    "unclosed polygon": (open_polygon, ["buildings.geojson", "row 2", "geometry", "closed"]),
    "NaN coordinate": (nan_coordinate, ["cameras.geojson", "row 3", "geometry"]),
    "fov 0": (camera_value("fov_deg", 0), ["cameras.geojson", "row 2", "`fov_deg`", "> 0"]),
    "azimuth 400": (
        camera_value("azimuth_deg", 400),
        ["cameras.geojson", "row 2", "`azimuth_deg`", "360", "400"],
    ),
    "duplicate ids": (repeat_id, ["cameras.geojson", "row 2", "`id`", "camera-1"]),
    "empty layer": (no_cameras, ["cameras.geojson", "at least one"]),
    "streets in two pieces": (cut_streets, ["streets.geojson", "connected"]),
    "200 MB": (huge_file, ["buildings.geojson", "at most", "200 MB"]),
    "TIS-620": (thai_code_page, ["places.csv", "UTF-8"]),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_clear_message_and_nothing_written(run, folder, tmp_path, name):
    spoil, expected = BAD[name]
    spoil(folder)
    before = sorted(tmp_path.rglob("*"))
    result = run("plan", "--zone", folder)
    assert result.exit_code == 1
    for part in expected:
        assert part in told(result), told(result)
    assert "Traceback" not in result.stderr
    assert "Expected" in told(result) or "expected" in told(result)
    assert sorted(tmp_path.rglob("*")) == before


def test_check_tells_every_fault_of_a_file(run, folder):
    camera_value("azimuth_deg", 400)(folder)
    camera_value("fov_deg", 0)(folder)
    nan_coordinate(folder)
    result = run("check", folder / "cameras.geojson", "--layer", "cameras")
    assert result.exit_code == 1
    for part in ("Faults found: 3", "`azimuth_deg`", "`fov_deg`", "row 3, `geometry`"):
        assert part in told(result), told(result)


def test_check_reads_thai_code_pages_when_told_to(run, folder):
    thai_code_page(folder)
    asked = ("check", folder / "places.csv", "--layer", "places")
    assert run(*asked).exit_code == 1
    assert run(*asked, "--encoding", "cp874").exit_code == 0


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


def test_a_zone_without_units_or_incidents_says_so(run, folder):
    (folder / "incidents.csv").unlink()
    assert "incidents" in told(run("plan", "--zone", folder))
    (folder / "units.toml").unlink()
    result = run("plan", "--zone", folder)
    assert result.exit_code == 1
    assert "units.toml" in told(result) or "incidents" in told(result)


UNITS_WRONG = """
[[unit]]
id = "walker-{row}"
name_th = "สายตรวจ"
name_en = "Walker"
kind = "police"
mode = "{mode}"
speed_mps = 1.2
lon = 98.388
lat = 7.885
starts_at = "soon"
ends_at = "23:00"
synthetic = true
"""


def test_many_faults_alike_are_told_once_with_their_number(run, folder):
    """Of 500 rows every time is wrong, and of the last the mode too."""
    modes = ["foot"] * 499 + ["on wings"]
    text = "".join(UNITS_WRONG.format(row=row, mode=mode) for row, mode in enumerate(modes))
    (folder / "units.toml").write_text(text, encoding="utf-8")
    for language, count, alike in (
        ("en", "Faults found: 501", "(and 499 more like it)"),
        ("th", "พบข้อผิดพลาด 501 ข้อ", "(และอีก 499 ข้อที่คล้ายกัน)"),
    ):
        result = run("plan", "--zone", folder, "--lang", language)
        assert result.exit_code == 1
        assert len(result.stderr.splitlines()) < 60
        assert count in told(result)
        assert "units.toml, row 1, `starts_at`: expected a time" in told(result)
        assert alike in told(result)
        assert "units.toml, row 500, `mode`: expected one of" in told(result)
        assert "row 2," not in told(result)


def test_few_faults_are_all_told(run, folder):
    text = "".join(UNITS_WRONG.format(row=row, mode="foot") for row in range(20))
    (folder / "units.toml").write_text(text, encoding="utf-8")
    result = run("plan", "--zone", folder)
    assert [f"row {row}, `starts_at`" in told(result) for row in range(1, 21)] == [True] * 20


def test_kinds_of_faults_beyond_twenty_are_counted(capsys):
    faults = [Fault("made up", f"rule {kind}", "none") for kind in range(25) for _ in range(3)]
    tell_error(LayerError(faults), words=Words.load(), language="en")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 22
    assert lines[1] == "  made up: expected rule 0, got none (and 2 more like it)"
    assert lines[-1].strip() == "and faults of 5 other kinds"


def test_a_check_names_every_row(run, folder):
    cameras = folder / "cameras.geojson"

    def spoil(features):
        features[:] = [
            {**features[0], "properties": {**features[0]["properties"], "id": f"c{number}"}}
            for number in range(40)
        ]
        for feature in features:
            feature["properties"]["range_m"] = -1.0

    edit(cameras, spoil)
    result = run("check", cameras, "--layer", "cameras")
    assert [f"row {row}, `range_m`" in told(result) for row in range(1, 41)] == [True] * 40


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
