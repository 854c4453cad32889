"""`smartzone serve`: several zones at once, and nothing unsafe is started."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from contextlib import closing
from itertools import product

import httpx
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.inputs import layer_digests
from api.operations.server import StoppingServer
from api.server import serve_zones
from api.settings import Settings
from api.store import BROUGHT_LAYERS, Store
from api.words import LANGUAGES, Words
from api.zone_now import clashes
from geo.errors import LayerError
from geo.formats import read_layer, write_layer
from geo.zone import Zone
from tests.api.small_zone import CRS, write_zone


@pytest.fixture
def zones(tmp_path):
    folders = []
    for name in ("small", "second"):
        folder = write_zone(tmp_path / name)
        text = (folder / "zone.toml").read_text(encoding="utf-8")
        (folder / "zone.toml").write_text(text.replace('"small"', f'"{name}"'), encoding="utf-8")
        folders.append(str(folder))
    return folders


def run(tmp_path, monkeypatch, *arguments, **environment):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SMARTZONE_STORE", str(tmp_path / "store.sqlite"))
    for name, value in environment.items():
        monkeypatch.setenv(f"SMARTZONE_{name.upper()}", value)
    return CliRunner().invoke(app, ["serve", *arguments])


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"mode": "accounts"}, "Expected `secret` (SMARTZONE_SECRET) of 32 characters"),
        ({"mode": "accounts", "secret": "change-me" * 9}, "that nobody can guess"),
        ({"host": "0.0.0.0"}, "in demo mode"),  # noqa: S104 - refused
    ],
)
def test_what_is_unsafe_does_not_start_and_says_why_in_a_line(
    tmp_path, monkeypatch, environment, expected
):
    done = run(tmp_path, monkeypatch, **environment)
    assert done.exit_code == 1
    assert expected in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "change-me" not in done.stderr
    assert not (tmp_path / "store.sqlite").exists()


def test_two_zones_of_one_name_are_refused(tmp_path, monkeypatch, zones):
    done = run(tmp_path, monkeypatch, "--zone", zones[0], "--zone", zones[0])
    assert done.exit_code == 1
    assert "Expected zones of different names, got small, small." in done.stderr


def start(tmp_path, monkeypatch, zones):
    """Start a service that stops at once, and return what it told."""
    monkeypatch.setattr(StoppingServer, "run", lambda *_, **__: None)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    heard = []
    settings = Settings.load(store=str(tmp_path / "store.sqlite"), port=port, jobs=0)
    serve_zones(settings, zones, tell=lambda key, **values: heard.append((key, values)))
    return {key: values for key, values in heard if key != "cli.serving"}


def test_a_start_takes_what_changed_in_the_folder_and_never_what_the_store_changed(
    tmp_path, monkeypatch, zones
):
    zones = zones[:1]
    folder = tmp_path / "small"
    file = folder / "cameras.geojson"

    def rewrite(range_m):
        write_layer(file, read_layer(file, "cameras", crs=CRS).assign(range_m=range_m))

    def cameras():
        store = Store(tmp_path / "store.sqlite")
        try:
            return store.frame("small", "cameras")
        finally:
            store.close()

    assert start(tmp_path, monkeypatch, zones) == {}
    assert start(tmp_path, monkeypatch, zones) == {}
    rewrite(35.0)
    told = start(tmp_path, monkeypatch, zones)
    assert told == {"cli.taken": {"zone": "small", "layers": "cameras", "folder": folder}}
    assert set(cameras()["range_m"]) == {35.0}

    store = Store(tmp_path / "store.sqlite")
    _, text, version = store.item("small", "cameras", "camera-1", view="full")
    feature = json.loads(text)
    feature["properties"]["status"] = "down"
    store.put_feature("small", "cameras", feature, if_version=version)
    store.close()
    own = {"zone": "small", "layers": "cameras"}
    assert start(tmp_path, monkeypatch, zones) == {"cli.own": own}

    rewrite(30.0)
    for _ in range(2):  # until somebody has said which counts
        told = start(tmp_path, monkeypatch, zones)
        clash = {"layer": "cameras", "edits": 1, "files": "cameras.geojson", "folder": folder}
        assert told == {"cli.own": own, "cli.clash": {"zone": "small", **clash}}
        for language, which in product(LANGUAGES, ("store", "folder")):
            said = Words.load().text("cli.clash", language, **told["cli.clash"])
            assert f"smartzone data keep {which} --zone {folder}" in said
        assert set(cameras()["range_m"]) == {35.0}
        assert cameras().loc["camera-1", "status"] == "down"


def test_a_file_that_changes_while_it_is_read_is_told_once_the_layer_is_the_store_s(
    tmp_path, monkeypatch, zones
):
    file, load = tmp_path / "small" / "cameras.geojson", Zone.load

    def load_late(folder, **how):
        zone = load(folder, **how)
        write_layer(file, read_layer(file, "cameras", crs=CRS).assign(range_m=30.0))
        return zone

    monkeypatch.setattr(Zone, "load", load_late)
    start(tmp_path, monkeypatch, zones[:1])
    monkeypatch.undo()
    with closing(Store(tmp_path / "store.sqlite")) as store:
        _, text, version = store.item("small", "cameras", "camera-1", view="full")
        store.put_feature("small", "cameras", _down(json.loads(text)), if_version=version)
        files = layer_digests(file.parent, BROUGHT_LAYERS)
        found = clashes(store.layers("small"), files)
    assert [clash.layer for clash in found] == ["cameras"]


def test_a_faulty_file_that_does_not_count_keeps_no_service_from_its_start(
    tmp_path, monkeypatch, zones
):
    start(tmp_path, monkeypatch, zones[:1])
    with closing(Store(tmp_path / "store.sqlite")) as store:
        _, text, version = store.item("small", "cameras", "camera-1", view="full")
        store.put_feature("small", "cameras", _down(json.loads(text)), if_version=version)
    (tmp_path / "small" / "cameras.geojson").write_text("{", encoding="utf-8")
    told = start(tmp_path, monkeypatch, zones[:1])
    assert told["cli.clash"]["layer"] == "cameras"
    with closing(Store(tmp_path / "store.sqlite")) as store:
        assert set(store.frame("small", "cameras")["status"]) == {"down", "up"}
    (tmp_path / "small" / "lamps.geojson").write_text("{", encoding="utf-8")
    with pytest.raises(LayerError, match=r"lamps\.geojson"):
        start(tmp_path, monkeypatch, zones[:1])


def _down(feature):
    return feature | {"properties": feature["properties"] | {"status": "down"}}


@pytest.mark.slow
def test_two_zones_are_served_by_one_command(tmp_path, zones):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "STORE": str(tmp_path / "store.sqlite"),
        "MODE": "accounts",
        "SECRET": secrets.token_urlsafe(48),
        "JOBS": "0",
    }
    environment = os.environ | {f"SMARTZONE_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port"]
    command += [str(port), "--zone", zones[0], "--zone", zones[1]]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            assert "There is no account yet" in process.stdout.readline()
            assert f"{address}/console" in process.stdout.readline()
            assert f"{address}/zones/second/console" in process.stdout.readline()
            with httpx.Client(base_url=address, timeout=60) as client:
                for path, zone in (("/readyz", "small"), ("/zones/second/readyz", "second")):
                    assert client.get(path).json()["zone"] == zone
                    assert client.get(path).status_code == 200
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
    assert process.returncode == 0
