"""No command but those that fill a store makes one where a misspelt place has none."""

import secrets

import psycopg
import pytest
import typer
from typer.testing import CliRunner

import api.cli
from api.opening import opened_if_there
from api.settings import Settings
from api.store import Store
from api.zone_now import read_zone
from geo.errors import NotFoundError
from tests.api.commanding import told
from tests.api.sample import ZONE, fill

# What each command is called with that opens a store and must find one.
NEEDS = {
    "audit export": [],
    "audit head": [],
    "audit key": [],
    "audit new-key": ["--lost"],
    "audit verify": [],
    "backup": ["town.backup"],
    "data export": ["--out", "town.gpkg"],
    "data keep": ["store", "--zone", "small"],
    "data import": ["lamps.geojson", "--layer", "lamps"],
    "move": [ZONE, "--to", "other.sqlite"],
    "release": ["--zone", "small"],
    "user add": ["officer-1", "--role", "officer"],
    "user list": [],
    "user remove": ["officer-1"],
    "user set-password": ["officer-1"],
    "user set-role": ["officer-1", "--role", "officer"],
    "user sign-out": ["officer-1"],
    "user unlock": ["officer-1"],
    "worker": [],
}
# Those that fill one: from a zone's folder, from a backup, from another store (`move --to`).
MAKES = {"plan", "serve", "restore"}
# Those that read a zone as it is in the store, where there is one, and else its folder.
READ_IF_THERE = {"hotspots", "sites", "impact", "dosage"}
NOT_OF_STORES = {
    "check",
    "data generate",
    "data refresh",
    "register import",
    "register show",
    "survey",
}


def commands_of(group, before=()):
    """Name every command of the command line, and every option that it has."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(command, (*before, name))
        else:
            yield " ".join((*before, name)), {part.name for part in command.params}


ALL = dict(commands_of(typer.main.get_command(api.cli.app)))


@pytest.fixture
def run(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SMARTZONE_DATA_DIR", str(folder.parent))
    monkeypatch.setenv("SMARTZONE_MODE", "accounts")
    monkeypatch.setenv("SMARTZONE_SECRET", secrets.token_urlsafe(48))
    monkeypatch.setenv("SMARTZONE_AUDIT_KEY", str(tmp_path / "kept" / "key.pem"))
    monkeypatch.setenv("SMARTZONE_AUDIT_HEADS", str(tmp_path / "kept" / "heads.jsonl"))
    runner = CliRunner()

    def run(store, *arguments):
        monkeypatch.setenv("SMARTZONE_STORE", str(store))
        return runner.invoke(api.cli.app, arguments, input="a long sentence as a password\n")

    return run


def files_in(folder):
    return {path.relative_to(folder) for path in folder.rglob("*")}


def test_of_every_command_it_is_known_whether_it_opens_a_store():
    known = [*NEEDS, *MAKES, *READ_IF_THERE, *NOT_OF_STORES]
    assert sorted(known) == sorted(ALL)
    assert {name for name, options in ALL.items() if "store" in options} <= {*NEEDS, *MAKES}


@pytest.mark.parametrize("command", [command for command in NEEDS if command != "worker"])
def test_a_misspelt_file_is_told_and_nothing_is_made(run, tmp_path, command):
    before = files_in(tmp_path)
    place = tmp_path / "misspelt" / "store.sqlite"
    refused = run(place, *command.split(), *NEEDS[command])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"Expected a store at {place}, found none." in told(refused)
    assert files_in(tmp_path) == before


@pytest.mark.parametrize("command", NEEDS)
def test_of_a_database_without_a_store_none_is_made(run, tmp_path, postgres, command):
    before, url = files_in(tmp_path), postgres.new()
    try:
        refused = run(url, *command.split(), *NEEDS[command])
        with psycopg.connect(url) as connection:
            named = "SELECT count(*) FROM pg_namespace WHERE nspname IN ('smartzone', %s)"
            made = connection.execute(named, ["procrastinate"]).fetchone()
    finally:
        postgres.drop(url)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"Expected a store at 127.0.0.1/{url.rsplit('/', 1)[1]}, found none." in told(refused)
    assert made == (0,)
    assert files_in(tmp_path) == before


def test_what_reads_a_store_where_there_is_one_makes_none(tmp_path, postgres, folder):
    url = postgres.new()
    try:
        for place in (tmp_path / "misspelt" / "store.sqlite", url):
            settings = Settings(store=str(place), data_dir=folder.parent)
            with opened_if_there(settings) as store:
                assert store is None
            assert read_zone(settings, "small").zone.name == "small"
        with pytest.raises(NotFoundError, match="found none"):
            Store(url, new=False)
    finally:
        postgres.drop(url)
    assert not (tmp_path / "misspelt").exists()


def test_an_empty_file_is_no_store(run, tmp_path):
    place = tmp_path / "store.sqlite"
    place.touch()
    assert "found none" in told(run(place, "user", "list"))
    assert place.stat().st_size == 0


def test_what_fills_a_store_makes_it(run, tmp_path):
    filled = tmp_path / "store.sqlite"
    store = Store(filled)
    fill(store)
    store.close()
    assert run(filled, "backup", "town.backup").exit_code == 0
    assert run(tmp_path / "a" / "b.sqlite", "restore", "town.backup").exit_code == 0
    assert run(filled, "move", ZONE, "--to", "other.sqlite").exit_code == 0
    assert (tmp_path / "a" / "b.sqlite").exists()
    assert (tmp_path / "other.sqlite").exists()


def test_a_zone_that_is_not_there_is_moved_nowhere(run, tmp_path):
    filled = tmp_path / "store.sqlite"
    Store(filled).close()
    before = files_in(tmp_path)
    refused = run(filled, "move", "misspelt", "--to", str(tmp_path / "new" / "other.sqlite"))
    assert refused.exit_code == 1
    assert "Expected a zone in the store" in told(refused)
    assert files_in(tmp_path) == before


def test_the_test_finds_a_command_that_makes_a_store(run, tmp_path, monkeypatch):
    make = Store.__init__
    monkeypatch.setattr(Store, "__init__", lambda self, place, **_: make(self, place))
    with pytest.raises(AssertionError):
        test_a_misspelt_file_is_told_and_nothing_is_made(run, tmp_path, "user list")
