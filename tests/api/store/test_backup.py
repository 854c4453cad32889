"""Backups: everything comes back, on either database, and nothing of a file that is not whole."""

import gzip
import json
import stat
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.store import Box, Store, backup, postgres_engine, sqlite_engine
from api.store.backup import read_backup, restore_backup, write_backup
from api.store.engine import migration_scripts
from api.store.tables import count_rows
from geo.errors import ConflictError, SourceError
from tests.api.sample import PROVENANCE, ZONE, fill
from tests.api.store.conftest import NOW
from tests.api.store.test_migrations import only_first, write_old
from tests.api.store.test_store import points

EVERYWHERE = Box(-180, -90, 180, 90)


@pytest.fixture
def embedded(tmp_path):
    """Return a filled store in SQLite, for what is the same whatever the database."""
    store = Store(tmp_path / "embedded.sqlite")
    fill(store)
    yield store
    store.close()


def lines_of(path):
    with gzip.open(path, "rb") as file:
        return file.read().splitlines(keepends=True)


def write_lines(path, lines):
    with gzip.open(path, "wb") as file:
        file.writelines(lines)


def everything(store):
    return {
        record.name: (record, store.items(ZONE, record.name, view="full", limit=1_000).features)
        for record in store.layers(ZONE)
    }


def test_everything_comes_back_on_the_other_database_and_home_again(filled, other, tmp_path):
    made = write_backup(filled.engine, tmp_path / "first", made_at=NOW)
    assert made.rows["features"] == 41
    assert restore_backup(other.engine, tmp_path / "first") == made
    assert everything(other) == everything(filled)
    assert other.events.after(0, 10) == filled.events.after(0, 10)
    found = other.items(ZONE, "buildings", bbox=EVERYWHERE, limit=100)
    assert found.features == filled.items(ZONE, "buildings", bbox=EVERYWHERE, limit=100).features
    again = write_backup(other.engine, tmp_path / "second", made_at=NOW)
    assert again == made
    assert lines_of(tmp_path / "second") == lines_of(tmp_path / "first")


def test_a_restored_store_goes_on_numbering(filled, other, tmp_path):
    write_backup(filled.engine, tmp_path / "backup", made_at=NOW)
    restore_backup(other.engine, tmp_path / "backup")
    assert other.events.append(ZONE, "sos", {}, at=NOW) > other.events.after(0, 1)[0].seq
    other.put_layer(ZONE, "lamps", points(3, "new"), kind="layer", provenance=PROVENANCE)
    assert other.layer(ZONE, "lamps").count == 3
    other.put_layer("elsewhere", "lamps", points(3, "new"), kind="layer", provenance=PROVENANCE)


def test_a_store_that_is_not_empty_is_replaced_only_when_asked(filled, other, tmp_path):
    path = tmp_path / "backup"
    write_backup(filled.engine, path, made_at=NOW)
    other.put_layer(ZONE, "lamps", points(3, "own"), kind="layer", provenance=PROVENANCE)
    other.events.append(ZONE, "own", {}, at=NOW)
    before, revision = everything(other), other.engine.revision()
    with pytest.raises(ConflictError, match=r"1 in events.* --replace"):
        restore_backup(other.engine, path)
    assert everything(other) == before
    restore_backup(other.engine, path, replace=True)
    assert everything(other) == everything(filled)
    assert [event.kind for event in other.events.after(0, 10)] == ["sos"]
    assert other.engine.revision() != revision


def replaced(old, new):
    return lambda lines: [line.replace(old, new) for line in lines]


def newer(lines):
    head = json.loads(lines[0])
    return [json.dumps(head | {"schema": 999}).encode() + b"\n", *lines[1:]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: lines[:-1], "ends early"),
        (lambda lines: lines[:1], "ends early"),
        (lambda lines: lines[:9] + lines[10:], "an edited one"),
        (lambda lines: [*lines[:-1], lines[-2], lines[-1]], "an edited one"),
        (replaced("ถนนถลาง".encode(), "ถนนดีบุก".encode()), "an edited one"),
        (lambda lines: lines[1:], "another file"),
        (lambda lines: lines[:0], "another file"),
        (newer, "newer smartzone"),
    ],
)
def test_a_backup_that_is_cut_or_edited_is_refused_and_nothing_restored(
    embedded, tmp_path, change, message
):
    path = tmp_path / "backup"
    write_backup(embedded.engine, path, made_at=NOW)
    write_lines(path, change(lines_of(path)))
    before = everything(embedded)
    with pytest.raises(SourceError, match=message) as refused:
        restore_backup(embedded.engine, path, replace=True)
    assert "\n" not in str(refused.value)
    assert everything(embedded) == before


def test_a_file_cut_or_flipped_anywhere_is_refused(embedded, tmp_path):
    path = tmp_path / "backup"
    write_backup(embedded.engine, path, made_at=NOW)
    whole = path.read_bytes()
    for at in range(0, len(whole), len(whole) // 60):
        for broken in (whole[:at], whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :]):
            path.write_bytes(broken)
            try:
                found = read_backup(path)
            except SourceError:
                continue
            # Some bits of gzip's own head, such as its time, say nothing of the content.
            assert at < 10
            assert found.rows["features"] == 41


def test_a_backup_whose_rows_break_the_schema_leaves_all_as_it_was(filled, tmp_path, monkeypatch):
    path = tmp_path / "backup"
    write_backup(filled.engine, path, made_at=NOW)
    before = everything(filled)
    insert, turns = backup.insert_rows, []

    def fail(session, table, columns, rows):
        insert(session, table, columns, rows)
        if turns.append(table.name) or table.name == "features":
            insert(session, table, columns, rows[:1])

    monkeypatch.setattr(backup, "insert_rows", fail)
    with pytest.raises(SourceError, match="does not answer"):
        restore_backup(filled.engine, path, replace=True)
    assert "layers" in turns
    assert everything(filled) == before
    assert len(filled.events.after(0, 10)) == 1


def test_a_table_that_nobody_named_is_carried_too(store_place, tmp_path, monkeypatch):
    kinds = {"sqlite": ("BLOB", "INTEGER"), "postgres": ("bytea", "bigint")}

    def scripts(dialect):
        binary, number = kinds[dialect]
        table = f"CREATE TABLE notes (about {number} REFERENCES layers (id), seal {binary});"
        return [*migration_scripts(dialect), table]

    for module in (sqlite_engine, postgres_engine, backup):
        monkeypatch.setattr(module, "migration_scripts", scripts)
    stores = [Store(store_place), Store(tmp_path / "copy.sqlite")]
    fill(stores[0])
    with stores[0].engine.writing() as session:
        session.run("INSERT INTO notes SELECT id, :seal FROM layers", seal=b"\x00\xff")
        session.run("INSERT INTO notes VALUES (NULL, NULL)")
    path = tmp_path / "backup"
    assert write_backup(stores[0].engine, path, made_at=NOW).rows["notes"] == 16
    restore_backup(stores[1].engine, path)
    with stores[1].engine.reading() as session:
        seals = [row["seal"] for row in session.rows("SELECT seal FROM notes ORDER BY seal")]
    assert sorted(map(str, seals)) == sorted(map(str, [None, *[b"\x00\xff"] * 15]))
    for store in stores:
        store.close()


def test_who_is_signed_in_is_not_carried_and_goes_with_what_is_replaced(embedded, tmp_path):
    with embedded.engine.writing() as session:
        session.run(
            "INSERT INTO sessions (id, subject, role, generation, expires_at)"
            " VALUES ('s', 'commander-1', 'commander', 1, '2099-01-01T00:00:00+00:00')"
        )
    path = tmp_path / "backup"
    assert "sessions" not in write_backup(embedded.engine, path, made_at=NOW).rows
    assert not any(b"commander-1" in line for line in lines_of(path))
    restore_backup(embedded.engine, path, replace=True)
    with embedded.engine.reading() as session:
        assert count_rows(session)["sessions"] == 0


def test_a_backup_of_an_older_schema_is_brought_up(other, tmp_path, monkeypatch):
    path = tmp_path / "backup"
    with monkeypatch.context() as older:
        only_first(older)
        older.setattr(backup, "migration_scripts", lambda name: migration_scripts(name)[:1])
        engine = sqlite_engine.SqliteEngine(tmp_path / "old.sqlite")
        with engine.writing() as session:
            write_old(session)
        assert write_backup(engine, path, made_at=NOW).schema == 1
        engine.close()
    restore_backup(other.engine, path)
    assert other.items(ZONE, "cameras", limit=10).number_matched == 2
    assert other.item(ZONE, "cameras", "cam-2", view="full")


def test_a_backup_holds_one_moment_while_others_write(store_place, tmp_path):
    store = Store(store_place)
    store.put_layer(ZONE, "lamps", points(200, "a"), kind="layer", provenance=PROVENANCE)
    writing = threading.Event()
    writing.set()

    def write():
        turn = 0
        while writing.is_set():
            turn += 1
            frame = points(100 + turn % 7, f"w{turn % 3}-")
            store.put_layer(ZONE, "lamps", frame, kind="layer", provenance=PROVENANCE)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(5):
            path = tmp_path / f"backup-{turn}"
            made = write_backup(store.engine, path, made_at=NOW)
            copy = Store(tmp_path / f"copy-{turn}.sqlite")
            assert restore_backup(copy.engine, path) == made
            record, features = everything(copy)["lamps"]
            assert record.count == len(features) == made.rows["features"]
            assert len({json.loads(text)["properties"]["writer"] for text in features}) == 1
            copy.close()
    finally:
        writing.clear()
        writer.join()
        store.close()


def test_readers_see_the_old_store_or_the_new_while_one_is_restored(store_place, tmp_path):
    store = Store(store_place)
    path = tmp_path / "backup"
    store.put_layer(ZONE, "lamps", points(7, "kept"), kind="layer", provenance=PROVENANCE)
    write_backup(store.engine, path, made_at=NOW)
    restoring = threading.Event()
    restoring.set()

    def watch():
        seen = set()
        while restoring.is_set():
            page = store.items(ZONE, "lamps", limit=100)
            seen.add((len(page.features), page.number_matched, page.layer.count))
        return seen

    with ThreadPoolExecutor(3) as pool:
        watching = [pool.submit(watch) for _ in range(3)]
        try:
            for turn in range(6):
                frame = points(3 + turn, "other")
                store.put_layer(ZONE, "lamps", frame, kind="layer", provenance=PROVENANCE)
                restore_backup(store.engine, path, replace=True)
        finally:
            restoring.clear()
    seen = set.union(*(one.result() for one in watching))
    assert seen <= {(count, count, count) for count in (7, *range(3, 9))}
    assert (7, 7, 7) in seen
    store.close()


def test_only_the_owner_may_read_the_file(embedded, tmp_path):
    path = tmp_path / "backup"
    write_backup(embedded.engine, path, made_at=NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_cannot_be_written_leaves_the_one_before(embedded, tmp_path, monkeypatch):
    path = tmp_path / "backup"
    write_backup(embedded.engine, path, made_at=NOW)
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup.os, "fsync", full)
    with pytest.raises(SourceError, match="no space left"):
        write_backup(embedded.engine, path, made_at=NOW)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.glob("*backup*")] == ["backup"]


@pytest.mark.parametrize("name", ["a-file/backup", "."])
def test_a_place_that_cannot_be_written_or_read_is_told_in_one_line(embedded, tmp_path, name):
    (tmp_path / "a-file").touch()
    for act in (write_backup, restore_backup):
        options = {"made_at": NOW} if act is write_backup else {}
        with pytest.raises(SourceError) as refused:
            act(embedded.engine, tmp_path / name, **options)
        assert "\n" not in str(refused.value)


def test_counts_tell_of_every_table(embedded):
    with embedded.engine.reading() as session:
        counts = count_rows(session)
    assert (counts["layers"], counts["features"], counts["events"]) == (15, 41, 0)
    assert not any("bounds" in name for name in counts)
