"""What starts the service elsewhere: units as systemd reads them, and the container's file."""

import datetime as dt
import json
import os
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from shutil import which
from zoneinfo import ZoneInfo

import pytest

import api.operations
from geo.zone import Zone
from tests.conftest import ROOT, missing

DEPLOY = Path(api.operations.__file__).parent / "deploy"
SERVICES = (
    *("smartzone.service", "smartzone-worker.service"),
    *("smartzone-release.service", "smartzone-backup.service"),
)
TIMERS = ("smartzone-release.timer", "smartzone-backup.timer")
UNITS = (*SERVICES, *TIMERS)
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
    return {name: str(tmp_path / name) for name in UNITS}


def analyse(*arguments):
    return subprocess.run(
        ["systemd-analyze", *arguments], check=False, capture_output=True, text=True
    )


def test_systemd_reads_the_units_without_a_word(units):
    done = analyse("verify", *units.values())
    assert (done.returncode, done.stderr) == (0, "")


def test_a_unit_with_a_fault_would_be_caught(units):
    unit = Path(units["smartzone.service"])
    unit.write_text(unit.read_text().replace("ProtectHome=yes", "ProtectHome=perhaps"))
    assert "protect home" in analyse("verify", str(unit)).stderr


def test_the_units_expose_little(units):
    for name in SERVICES:
        done = analyse("security", "--offline=true", "--threshold=20", units[name])
        assert done.returncode == 0, done.stdout


def told(name):
    """Return what a unit says, line by line, without how it is started, stopped and switched on."""
    own = ("Description=", "Type=", "ExecStart=", "Restart", "Kill", "Timeout", "Limit")
    lines = (DEPLOY / name).read_text().split("[Install]")[0].splitlines()
    return [line for line in lines if line and not line.startswith((*own, "#"))]


def test_the_units_differ_in_how_they_start_and_stop_alone():
    alike = told("smartzone.service")
    assert "ProtectSystem=strict" in alike
    assert "EnvironmentFile=/etc/smartzone/smartzone.env" in alike
    for name in SERVICES[1:]:
        assert told(name) == alike, name


@pytest.mark.parametrize("name", TIMERS)
def test_a_timer_fires_once_a_day_and_makes_up_for_what_it_missed(units, name):
    text = Path(units[name]).read_text()
    when = re.search(r"^OnCalendar=(.*)$", text, re.MULTILINE)[1]
    said = analyse("calendar", "--iterations=3", when)
    assert said.returncode == 0, said.stderr
    found = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", said.stdout)
    times = sorted({dt.datetime.strptime(one, "%Y-%m-%d %H:%M:%S UTC") for one in found})  # noqa: DTZ007
    assert len(times) == 3
    assert {later - before for before, later in pairwise(times)} == {dt.timedelta(days=1)}
    assert "Persistent=yes" in text
    assert name.replace(".timer", ".service") in units


def test_the_overlay_is_released_soon_after_a_day_ended_in_the_zone():
    """A window closes with a day there: what is late by hours would show the old one for a day."""
    when = re.search(r"OnCalendar=\*-\*-\* (.*) UTC", (DEPLOY / TIMERS[0]).read_text())[1]
    fires = dt.datetime.fromisoformat(f"2026-01-01T{when}+00:00")
    local = fires.astimezone(ZoneInfo(Zone.load(ROOT / "data" / "old_town").timezone))
    assert dt.time(0, 0) < local.time() <= dt.time(1, 0)


def test_backups_go_round_by_the_day_of_the_week(tmp_path):
    """What the unit starts, with a program that only tells what it was asked."""
    start = re.search(
        r"^ExecStart=(.*)$", (DEPLOY / "smartzone-backup.service").read_text(), re.MULTILINE
    )
    command = start[1].replace("%%", "%").replace("/opt/smartzone/bin/smartzone", "echo")
    said = [
        subprocess.run(
            shlex.split(command),
            env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for _ in days(tmp_path)
    ]
    assert said[:7] == [f"backup backups/day-{day}.backup\n" for day in range(1, 8)]
    assert said[7] == said[0]


def days(folder):
    """Let `date` tell one day after the other, from a Monday on."""
    date = folder / "date"
    for day in range(8):
        date.write_text(f'#!/bin/sh\nexec {which("date")} --date="2026-03-02 +{day} days" "$@"\n')
        date.chmod(0o755)
        yield day


def test_time_to_stop_is_longer_than_what_stopping_may_take():
    from api.operations.server import LAST_WORD_S  # noqa: PLC0415
    from api.settings import Settings  # noqa: PLC0415

    given = dict(re.findall(r"^SMARTZONE_(\w+)=(\d+)$", environment(), re.MULTILINE))
    allowed_s = int(re.search(r"TimeoutStopSec=(\d+)", (DEPLOY / SERVICES[0]).read_text())[1])
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


def test_the_containers_head_says_what_its_file_and_settings_need():
    """Run without them, nobody reaches the service, and it is killed before it has stopped."""
    head = (DEPLOY / "Containerfile").read_text().split("FROM")[0]
    assert "--format docker" in head
    for option in ("--init", "--stop-timeout 120", "--read-only", "--env SMARTZONE_HOST=0.0.0.0"):
        assert option in head, option
    assert "SMARTZONE_HOST=127.0.0.1" in environment()
    allowed_s = re.search(r"TimeoutStopSec=(\d+)", (DEPLOY / SERVICES[0]).read_text())[1]
    assert f"--stop-timeout {allowed_s}" in head
    for place in json.loads(dict(instructions())["VOLUME"]):
        assert re.search(rf"--volume smartzone[a-z-]*:{place}\s", head), place
