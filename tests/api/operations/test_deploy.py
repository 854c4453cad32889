"""What starts the service elsewhere: units as systemd reads them, and the container's file."""

import json
import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

import api.operations
from tests.conftest import missing

DEPLOY = Path(api.operations.__file__).parent / "deploy"
UNITS = ("smartzone.service", "smartzone-worker.service")
KEYWORDS = {
    *("FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL"),
    *("HEALTHCHECK", "ENTRYPOINT", "CMD"),
}


@pytest.fixture
def units(tmp_path):
    """Return the units, with a program that is there."""
    if which("systemd-analyze") is None:
        missing("systemd")
    program = Path(sys.executable).parent / "smartzone"
    for name in UNITS:
        text = (DEPLOY / name).read_text().replace("/opt/smartzone/bin/smartzone", str(program))
        (tmp_path / name).write_text(text)
    return [str(tmp_path / name) for name in UNITS]


def analyse(*arguments):
    return subprocess.run(
        ["systemd-analyze", *arguments], check=False, capture_output=True, text=True
    )


def test_systemd_reads_the_units_without_a_word(units):
    done = analyse("verify", *units)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_unit_with_a_fault_would_be_caught(units):
    unit = Path(units[0])
    unit.write_text(unit.read_text().replace("ProtectHome=yes", "ProtectHome=perhaps"))
    assert "protect home" in analyse("verify", str(unit)).stderr


def test_the_units_expose_little(units):
    for unit in units:
        done = analyse("security", "--offline=true", "--threshold=20", unit)
        assert done.returncode == 0, done.stdout


def test_the_units_differ_in_what_they_start_alone():
    first, second = ((DEPLOY / name).read_text().splitlines() for name in UNITS)
    differing = [
        one.split("=")[0] for one, other in zip(first, second, strict=True) if one != other
    ]
    assert differing == ["Description", "ExecStart"]


def test_time_to_stop_is_longer_than_what_stopping_may_take():
    from api.operations.server import LAST_WORD_S  # noqa: PLC0415
    from api.settings import Settings  # noqa: PLC0415

    given = dict(re.findall(r"^SMARTZONE_(\w+)=(\d+)$", environment(), re.MULTILINE))
    allowed_s = int(re.search(r"TimeoutStopSec=(\d+)", (DEPLOY / UNITS[0]).read_text())[1])
    longest_s = int(given["DRAIN_S"]) + Settings().shutdown_s + LAST_WORD_S
    assert allowed_s > longest_s


def environment():
    return (DEPLOY / "smartzone.env").read_text()


def test_the_settings_that_come_with_the_units_hold_no_secret():
    secrets = re.findall(r"^SMARTZONE_\w*(?:SECRET|TOKEN)=(.*)$", environment(), re.MULTILINE)
    assert secrets == ["", ""]
    assert "SMARTZONE_MODE=accounts" in environment()


def instructions():
    """Return the instructions of the container's file, lines joined and comments left out."""
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    joined = text.replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def test_the_containers_file_has_known_instructions_and_the_shell_reads_what_it_runs():
    assert {keyword for keyword, _ in instructions()} == KEYWORDS
    for keyword, rest in instructions():
        if keyword == "RUN":
            done = subprocess.run(["sh", "-n", "-c", rest], check=False, capture_output=True)
            assert done.returncode == 0, done.stderr


def test_the_containers_file_takes_what_is_there_by_names_without_a_host(root):
    for keyword, rest in instructions():
        if keyword == "FROM":
            assert re.fullmatch(r"python:3\.\d+-slim( AS build)?", rest)
        if keyword == "COPY" and not rest.startswith("--from"):
            *sources, _ = rest.split()
            assert all((root / source).exists() for source in sources)


def test_the_container_has_no_privilege_and_watches_its_health():
    told = dict(instructions())
    assert told["USER"] == "10001:10001"
    assert told["STOPSIGNAL"] == "SIGTERM"
    assert json.loads(told["ENTRYPOINT"]) == ["smartzone"]
    assert json.loads(told["CMD"]) == ["serve"]
    command = json.loads(told["HEALTHCHECK"].split("CMD", 1)[1])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "HEALTHCHECK", "exec")
    places = [rest for keyword, rest in instructions() if keyword in {"USER", "ENTRYPOINT"}]
    assert places[0] == "10001:10001"
    settings = told["ENV"]
    assert "SMARTZONE_MODE=accounts" in settings
    assert "SECRET" not in settings
