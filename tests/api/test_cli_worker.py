"""The command `smartzone worker`: what it refuses, and a real worker from its start to its stop."""

import datetime as dt
import os
import signal
import subprocess
import sys
from contextlib import closing

import pytest
from typer.testing import CliRunner

import api.cli
import api.logs
from api.store import Store
from tests.api.jobs.pools import ended


@pytest.fixture(autouse=True)
def _plain(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    # It would write to what a test's runner holds, which is closed when others log.
    monkeypatch.setattr(api.logs, "configure_logs", lambda **_: None)
    for name in [name for name in os.environ if name.startswith("SMARTZONE_")]:
        monkeypatch.delenv(name)


def test_a_file_has_no_workers():
    told = CliRunner().invoke(api.cli.app, ["worker", "--store", "some.sqlite"])
    assert told.exit_code == 1
    assert "Expected `--store` postgresql://..., got a file" in " ".join(told.stderr.split())


def test_a_server_that_does_not_answer_is_told_without_its_password(monkeypatch):
    monkeypatch.setenv("SMARTZONE_STORE", "postgresql://somebody:hidden@127.0.0.1:1/none")
    told = CliRunner().invoke(api.cli.app, ["worker"])
    assert told.exit_code == 1
    assert "Expected a store at 127.0.0.1/none" in " ".join(told.stderr.split())
    assert "hidden" not in told.stderr + told.stdout


@pytest.mark.slow
def test_a_worker_does_what_waits_and_stops_when_it_is_told_to(postgres, tmp_path):
    url = postgres.new()
    environment = os.environ | {
        "SMARTZONE_DATA_DIR": str(tmp_path / "data"),
        "OMP_NUM_THREADS": "1",
    }
    worker = subprocess.Popen(
        [sys.executable, "-c", "from api.cli import main; main()", "worker", "--store", url],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        with closing(Store(url)) as store:
            now = dt.datetime.now(dt.UTC)
            job = store.jobs.submit("nowhere", "forecast", {}, subject="planner-1", now=now)
            told = ended(store, job, within_s=120)
            assert told.state == "failed"
            assert str(tmp_path / "data" / "nowhere") in told.message
        worker.send_signal(signal.SIGTERM)
        out, _ = worker.communicate(timeout=20)
        assert worker.returncode == 0
        assert "Running jobs of the store 127.0.0.1/" in out
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()
    postgres.drop(url)
