"""The guide of operations does what it says: its commands are run, its names exist."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from shutil import which

import httpx
import pytest
from packaging.requirements import Requirement

import api.operations
from api.settings import Settings
from api.store import Store
from geo.errors import ParameterError
from tests.api.small_zone import write_zone
from tests.conftest import ROOT, missing

GUIDE = Path(api.operations.__file__).parent / "OPERATIONS.md"
TEXT = GUIDE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
CONSOLE = re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def environment(tmp_path, postgres):
    """Return what the commands are run with: an account mode, and two places for a store."""
    write_zone(tmp_path / "zones" / "small")
    new_store = postgres.new()
    Store(new_store).close()  # as a service does that was started on it
    yield os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SMARTZONE_MODE": "accounts",
        "SMARTZONE_SECRET": secrets.token_urlsafe(48),
        "SMARTZONE_METRICS_TOKEN": secrets.token_urlsafe(48),
        "SMARTZONE_PORT": str(free_port()),
        "SMARTZONE_ZONE": "small",
        "SMARTZONE_DATA_DIR": str(tmp_path / "zones"),
        "SMARTZONE_STORE": "smartzone.sqlite",
        "PASSWORD": secrets.token_urlsafe(18),
        "NEW_STORE": new_store,
    }
    postgres.drop(new_store)


class Script:
    """Runs the blocks of the guide in one folder; what serves goes on in the background."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        self.running, self.said = [], ""

    def run(self, block):
        port = self.environment["SMARTZONE_PORT"]
        block = block.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        options = {"cwd": self.folder, "env": self.environment, "text": True}
        if re.match(r"smartzone (serve|worker)", block):
            command = ["bash", "-c", f"exec {block}"]
            pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
            self.running.append(subprocess.Popen(command, **options, **pipes))
            if "serve" in block:
                self.wait(f"http://127.0.0.1:{port}/healthz")
            return
        command = ["bash", "-euo", "pipefail", "-c", block]
        done = subprocess.run(command, check=False, capture_output=True, timeout=120, **options)
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        self.said += done.stdout

    def wait(self, address):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.running[-1].poll() is None, self.running[-1].stderr.read()
            try:
                httpx.get(address)
            except httpx.ConnectError:
                time.sleep(0.1)
            else:
                return
        pytest.fail("the service did not start")

    def stop(self):
        """Stop what runs in the background and return how each ended."""
        ends = []
        for process in self.running:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
            ends.append(process.returncode)
        return ends


@pytest.mark.slow
def test_every_command_does_what_the_guide_says(tmp_path, environment):
    if which("curl") is None:
        missing("curl")
    script = Script(tmp_path, environment)
    try:
        for block in BLOCKS:
            script.run(block)
    finally:
        ends = script.stop()
    assert ends == [0, 0]
    for told in (
        *("alive", "ready", "smartzone_store_up 1.0", "auditor-1", "Nothing was edited"),
        "signed up to entry",
    ):
        assert told in script.said, told
    key = (tmp_path / "kept-key.txt").read_text().strip()
    assert key.startswith("ed25519:")
    for name in ("rehearsal.sqlite", "exported.jsonl", "backups/town.backup"):
        assert (tmp_path / name).stat().st_size > 0
    metrics = set(re.findall(r"smartzone_\w+", script.said))
    assert set(re.findall(r"`(smartzone_\w+)`", TEXT)) <= metrics


def test_the_guide_has_commands():
    assert sum(block.count("\n") for block in BLOCKS) >= 15


def test_the_guide_names_every_setting_and_guide_and_units_no_other():
    known = {f"SMARTZONE_{name}".upper() for name in Settings.model_fields}
    deploy = [file.read_text(encoding="utf-8") for file in (GUIDE.parent / "deploy").iterdir()]
    named = {name for text in (TEXT, *deploy) for name in re.findall(r"SMARTZONE_[A-Z_]+", text)}
    assert named <= known
    assert known <= set(re.findall(r"`(SMARTZONE_[A-Z_]+)`", TEXT))


def test_the_guide_tells_what_each_unit_does():
    units = {file.name for file in (GUIDE.parent / "deploy").glob("smartzone*.*")}
    timed = {name.replace(".timer", ".service") for name in units if name.endswith(".timer")}
    told = set(re.findall(r"^\| `(smartzone[a-z-]*\.(?:service|timer))` \|", TEXT, re.MULTILINE))
    assert told == units - timed - {"smartzone.env"}


def as_root(word, *replaced):
    """Return the lines for root that hold a word, with places of the machine replaced."""
    lines = re.findall(r"^# (.*)$", "\n".join(CONSOLE), re.MULTILINE)
    chosen = "\n".join(line for line in lines if re.search(word, line))
    for before, after in replaced:
        chosen = chosen.replace(before, str(after))
    return chosen


def test_what_is_installed_is_every_version_of_the_lock(tmp_path):
    """The line that reads the lock, as it stands: what it leaves out would come in any version."""
    line = as_root(r"requirements\.lock", ("/opt/smartzone", tmp_path)).splitlines()
    assert len(set(line)) == 1
    subprocess.run(["bash", "-euc", line[0]], check=True, cwd=ROOT)
    found = (tmp_path / "versions.txt").read_text().splitlines()
    locked = re.findall(
        r"^([^ #\n-].*?) *\\?$", (ROOT / "requirements.lock").read_text(), re.MULTILINE
    )
    assert found == locked
    assert all(str(Requirement(one).specifier).startswith("==") for one in found)


def test_settings_filled_in_as_the_guide_says_start_the_service(tmp_path, monkeypatch):
    """As they come they do not: they hold no secret."""
    file = tmp_path / "smartzone.env"
    file.write_bytes((GUIDE.parent / "deploy" / "smartzone.env").read_bytes())

    def given():
        return dict(re.findall(r"^(SMARTZONE_\w+)=(.*)$", file.read_text(), re.MULTILINE))

    def load():
        for name, text in given().items():
            monkeypatch.setenv(name, text)
        return Settings.load()

    with pytest.raises(ParameterError, match="SMARTZONE_"):
        load()
    filling = as_root(r"^secret\(\)|^sed -i", ("/etc/smartzone/smartzone.env", file))
    subprocess.run(["bash", "-euc", filling], check=True)
    assert load().mode == "accounts"
    assert given()["SMARTZONE_SECRET"] != given()["SMARTZONE_METRICS_TOKEN"]
    assert given()["SMARTZONE_HOSTS"] == "zone.example"


def test_the_guide_is_summed_up_in_thai():
    summary = TEXT.split("## สรุปภาษาไทย")[1]
    assert len(re.findall(r"^- \*\*", summary, re.MULTILINE)) >= 6
