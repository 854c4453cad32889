"""The command that releases the public overlay."""

import json

import pytest
from typer.testing import CliRunner

import api.cli
from api.store import Store
from tests.api.small_zone import write_zone


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Store(tmp_path / "store.sqlite").close()
    monkeypatch.setenv("SMARTZONE_STORE", str(tmp_path / "store.sqlite"))
    return lambda *arguments: CliRunner().invoke(api.cli.app, [str(one) for one in arguments])


def test_a_release_is_made_told_and_not_made_again(run, root, tmp_path):
    folder = root / "data" / "old_town"
    first = run("release", "--zone", folder)
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith("Release 1: shown from ")
    assert run("release", "--zone", folder).stdout == first.stdout
    assert run("release", "--zone", folder, "--lang", "th").stdout.startswith("เผยแพร่ฉบับที่ 1")
    store = Store(tmp_path / "store.sqlite")
    (kept,) = store.releases.all("old_town")
    assert kept.until.isoformat() in first.stdout
    assert kept.shown_until.isoformat() in first.stdout
    assert json.loads(kept.areas)["features"]
    store.close()


def test_the_secret_is_told_to_nobody(run, root, tmp_path):
    told = run("release", "--zone", root / "data" / "old_town")
    store = Store(tmp_path / "store.sqlite")
    with store.engine.reading() as session:
        secret = session.row("SELECT secret FROM overlay_secrets")["secret"]
    store.close()
    assert len(secret) == 64
    assert secret not in told.output


def test_a_zone_that_is_too_small_is_one_clear_message(run, tmp_path):
    result = run("release", "--zone", write_zone(tmp_path / "small"))
    assert result.exit_code == 1
    assert "at least 40" in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
