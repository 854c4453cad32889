"""The file under the store: schema versions, foreign files, durability settings."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from api.store import Store, database
from api.store.database import APPLICATION_ID, Database, migration_scripts
from geo.errors import SourceError


def pragma(path, name):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_new_file_is_at_the_newest_schema_with_a_write_ahead_log(tmp_path):
    path = tmp_path / "deep" / "store.sqlite"
    Database(path).close()
    assert pragma(path, "user_version") == len(migration_scripts())
    assert pragma(path, "application_id") == APPLICATION_ID
    assert pragma(path, "journal_mode") == "wal"


def test_connections_check_foreign_keys_and_flush_every_commit(tmp_path):
    base = Database(tmp_path / "store.sqlite")
    with base.reading() as connection:
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    base.close()


def test_an_older_file_is_brought_up_and_keeps_its_rows(tmp_path, monkeypatch):
    path = tmp_path / "store.sqlite"
    Database(path).close()
    later = [*migration_scripts(), "CREATE TABLE notes (text TEXT);\nINSERT INTO notes VALUES (1);"]
    monkeypatch.setattr(database, "migration_scripts", lambda: later)
    for _ in range(2):
        base = Database(path)
        with base.reading() as connection:
            assert connection.execute("SELECT count(*) FROM notes").fetchone()[0] == 1
        base.close()
    assert pragma(path, "user_version") == len(later)


def test_a_failing_migration_leaves_the_file_at_the_schema_before(tmp_path, monkeypatch):
    path = tmp_path / "store.sqlite"
    Database(path).close()
    broken = [
        *migration_scripts(),
        "CREATE TABLE notes (text TEXT);\nINSERT INTO nowhere VALUES (1);",
    ]
    monkeypatch.setattr(database, "migration_scripts", lambda: broken)
    with pytest.raises(SourceError, match="nowhere"):
        Database(path)
    assert pragma(path, "user_version") == len(broken) - 1
    with closing(sqlite3.connect(path)) as connection:
        assert not connection.execute("SELECT * FROM sqlite_schema WHERE name = 'notes'").fetchall()


def test_many_openers_of_a_new_file_migrate_it_once(tmp_path):
    path = tmp_path / "store.sqlite"
    with ThreadPoolExecutor(8) as pool:
        for base in pool.map(lambda _: Database(path), range(8)):
            base.close()
    assert pragma(path, "user_version") == len(migration_scripts())


def test_a_file_of_a_newer_program_is_refused(tmp_path):
    path = tmp_path / "store.sqlite"
    Database(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(SourceError, match="newer smartzone"):
        Store(path)


def test_another_programs_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE holiday (day TEXT)")
    with pytest.raises(SourceError, match="another program"):
        Store(path)
    assert pragma(path, "user_version") == 0


@pytest.mark.parametrize("make", [lambda p: p.mkdir(), lambda p: p.write_text("no database" * 99)])
def test_a_path_that_is_no_database_is_refused_in_one_line(tmp_path, make):
    path = tmp_path / "store.sqlite"
    make(path)
    with pytest.raises(SourceError, match="Expected a store at") as refused:
        Store(path)
    assert "\n" not in str(refused.value)
