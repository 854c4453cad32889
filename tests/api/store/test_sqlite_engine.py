"""The file under the store: schema versions, foreign files, durability settings."""

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import SimpleNamespace

import pytest

from api.store import Store, sqlite_engine
from api.store.engine import migration_scripts
from api.store.sqlite_engine import APPLICATION_ID, SqliteEngine
from geo.errors import SourceError
from tests.api.store.conftest import NOW


def pragma(path, name):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_new_file_is_at_the_newest_schema_with_a_write_ahead_log(tmp_path):
    path = tmp_path / "deep" / "store.sqlite"
    SqliteEngine(path).close()
    assert pragma(path, "user_version") == len(migration_scripts("sqlite"))
    assert pragma(path, "application_id") == APPLICATION_ID
    assert pragma(path, "journal_mode") == "wal"


def test_a_new_file_and_those_beside_it_are_the_owners_alone(tmp_path):
    store = Store(tmp_path / "store.sqlite")
    store.events.append("any", "sos", {}, at=NOW)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["store.sqlite", "store.sqlite-wal", "store.sqlite-shm"], 0o600)
    store.close()


def test_a_file_of_an_earlier_version_is_closed_to_strangers(tmp_path):
    path = tmp_path / "store.sqlite"
    SqliteEngine(path).close()
    path.chmod(0o644)
    SqliteEngine(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE theirs (id)")
    other.chmod(0o644)
    with pytest.raises(SourceError, match="another program"):
        SqliteEngine(other)
    assert stat.S_IMODE(other.stat().st_mode) == 0o644


def test_connections_check_foreign_keys_and_flush_every_commit(tmp_path):
    base = SqliteEngine(tmp_path / "store.sqlite")
    with base.reading() as session:
        assert session.row("PRAGMA foreign_keys")["foreign_keys"] == 1
        assert session.row("PRAGMA synchronous")["synchronous"] == 2
    base.close()


def test_an_older_file_is_brought_up_and_keeps_its_rows(tmp_path, monkeypatch):
    path = tmp_path / "store.sqlite"
    SqliteEngine(path).close()
    later = [
        *migration_scripts("sqlite"),
        "CREATE TABLE notes (text TEXT);\nINSERT INTO notes VALUES (1);",
    ]
    monkeypatch.setattr(sqlite_engine, "migration_scripts", lambda _: later)
    for _ in range(2):
        base = SqliteEngine(path)
        with base.reading() as session:
            assert session.row("SELECT count(*) AS n FROM notes")["n"] == 1
        base.close()
    assert pragma(path, "user_version") == len(later)


def test_a_failing_migration_leaves_the_file_at_the_schema_before(tmp_path, monkeypatch):
    path = tmp_path / "store.sqlite"
    SqliteEngine(path).close()
    broken = [
        *migration_scripts("sqlite"),
        "CREATE TABLE notes (text TEXT);\nINSERT INTO nowhere VALUES (1);",
    ]
    monkeypatch.setattr(sqlite_engine, "migration_scripts", lambda _: broken)
    with pytest.raises(SourceError, match="nowhere"):
        SqliteEngine(path)
    assert pragma(path, "user_version") == len(broken) - 1
    with closing(sqlite3.connect(path)) as connection:
        assert not connection.execute("SELECT * FROM sqlite_schema WHERE name = 'notes'").fetchall()


def test_many_openers_of_a_new_file_migrate_it_once(tmp_path):
    path = tmp_path / "store.sqlite"
    with ThreadPoolExecutor(8) as pool:
        for base in pool.map(lambda _: SqliteEngine(path), range(8)):
            base.close()
    assert pragma(path, "user_version") == len(migration_scripts("sqlite"))


class Overtaken:
    """A connection whose first look is followed by somebody who makes the store."""

    def __init__(self, connection, path):
        self._connection, self._path = connection, path

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def execute(self, sql):
        found = self._connection.execute(sql)
        if self._path is None:
            return found
        path, self._path, rows = self._path, None, iter(found.fetchall())
        SqliteEngine(path).close()
        return SimpleNamespace(fetchone=lambda: next(rows, None))


def test_an_opener_that_another_overtakes_finds_a_store(tmp_path):
    path = tmp_path / "store.sqlite"
    base = SqliteEngine(tmp_path / "other.sqlite")
    base.path = path
    with closing(base._connect()) as connection:
        base._migrate(Overtaken(connection, path))
    base.close()
    assert pragma(path, "user_version") == len(migration_scripts("sqlite"))


def test_a_file_of_a_newer_program_is_refused(tmp_path):
    path = tmp_path / "store.sqlite"
    SqliteEngine(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(SourceError, match="newer smartzone"):
        Store(path)


def test_another_programs_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE holiday (day TEXT)")
    before = path.read_bytes()
    with pytest.raises(SourceError, match="another program"):
        Store(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("make", [lambda p: p.mkdir(), lambda p: p.write_text("no database" * 99)])
def test_a_path_that_is_no_database_is_refused_in_one_line(tmp_path, make):
    path = tmp_path / "store.sqlite"
    make(path)
    with pytest.raises(SourceError, match="Expected a store at") as refused:
        Store(path)
    assert "\n" not in str(refused.value)
