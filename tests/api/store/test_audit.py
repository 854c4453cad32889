"""The audit of a store, on both engines: appended to, never changed, and nothing unfit in it."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from api.identity import Principal
from api.store.audit import AuditLog, append_within
from api.store.audit_records import NOTHING_BEFORE, Head
from api.store.opening import open_engine
from geo.errors import ParameterError, SourceError

NOW = dt.datetime(2026, 3, 1, 19, 0, tzinfo=dt.timezone(dt.timedelta(hours=7)))
OFFICER = Principal("officer-1", "officer")


@pytest.fixture
def engine(store_place):
    engine = open_engine(store_place)
    yield engine
    engine.close()


@pytest.fixture
def log(engine):
    return AuditLog(engine)


def read(log, count=1):
    return [
        log.append(NOW, OFFICER, "read", "old_town", "incidents", {"count": number})
        for number in range(count)
    ]


def head_of(entry):
    return Head(entry.seq, entry.hash, NOW.isoformat(), "ed25519:key", "signature")


def test_entries_are_chained_and_come_back_as_they_were_appended(log):
    entries = read(log, 3)
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert entries[0].previous == NOTHING_BEFORE
    assert all(after.previous == before.hash for before, after in pairwise(entries))
    assert all(entry.hash == entry.digest() for entry in entries)
    assert entries[0].at == "2026-03-01T12:00:00.000000+00:00"
    assert log.page(after=0, limit=9) == entries
    assert log.page(after=1, limit=1) == entries[1:2]
    assert log.last() == entries[2]
    with log.whole() as whole:
        assert list(whole.entries()) == entries


def test_thai_text_gives_the_same_hash_on_both_engines(log):
    entry = log.append(NOW, OFFICER, "change", "old_town", "places/ศาลเจ้า")
    assert entry.hash == "1af42ffc832b05a6a6f62a3fc24880bc3686889ea0025db462dd2a5a84319300"
    assert log.page(after=0, limit=1) == [entry]


def test_pages_of_a_zone_hold_that_zone_alone(log):
    for zone in ("a", "b", "a"):
        log.append(NOW, OFFICER, "read", zone, "incidents")
    assert [entry.seq for entry in log.page(after=0, limit=9, zone="a")] == [1, 3]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET subject = 'another'",
        "DELETE FROM audit WHERE seq = 1",
        "UPDATE audit_heads SET hash = 'another'",
        "DELETE FROM audit_heads",
    ],
)
def test_the_store_refuses_to_change_or_delete(engine, log, sql):
    entries = read(log, 2)
    log.sign(head_of)
    with pytest.raises(SourceError, match="never"), engine.writing() as session:
        session.run(sql)
    assert log.page(after=0, limit=9) == entries


def test_rows_are_not_replaced_or_emptied_either(engine, log):
    entries = read(log, 2)
    with engine.reading() as session:
        sqlite = session.dialect == "sqlite"
    sql = (
        "INSERT OR REPLACE INTO audit SELECT seq, at, 'another', role, zone, action, target,"
        " detail, previous, hash FROM audit"
        if sqlite
        else "TRUNCATE audit"
    )
    with pytest.raises(SourceError, match="never"), engine.writing() as session:
        session.run(sql)
    assert log.page(after=0, limit=9) == entries


def test_an_entry_stands_or_falls_with_the_change_it_records(engine, log):
    def change(*, fail):
        with engine.writing() as session:
            append_within(session, NOW, OFFICER, "change", "old_town", "cameras/cam-1")
            if fail:
                raise KeyError

    with pytest.raises(KeyError):
        change(fail=True)
    assert log.last() is None
    change(fail=False)
    assert log.last().seq == 1


def test_appending_from_many_threads_leaves_one_chain(log):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: read(log), range(24)))
    entries = log.page(after=0, limit=99)
    assert [entry.seq for entry in entries] == list(range(1, 25))
    assert all(after.previous == before.hash for before, after in pairwise(entries))


def test_the_newest_entry_is_signed_once(log):
    assert log.sign(head_of) is None
    assert log.unsigned_since() is None
    entries = read(log, 2)
    assert log.unsigned_since() == NOW
    assert log.sign(head_of) == head_of(entries[1]) == log.last_head()
    assert log.sign(head_of) is None
    assert log.unsigned_since() is None


def test_the_audit_names_one_key_for_good(log):
    read(log)
    log.begin_signing(NOW, "ed25519:one", head_of)
    assert log.signing_key() == "ed25519:one"
    assert log.last_head().seq == log.last().seq == 2
    assert log.begin_signing(NOW, "ed25519:one", head_of) is None
    with pytest.raises(SourceError, match="Expected the key ed25519:one"):
        log.begin_signing(NOW, "ed25519:two", head_of)


def test_nothing_unfit_is_kept_and_all_faults_are_told_at_once(log):
    detail = {"name": 1, "count": 1.5, "reason": "98.3834"}
    with pytest.raises(ParameterError) as refused:
        log.append(NOW, OFFICER, "read\n", "old_town", "x" * 600, detail)
    assert len(str(refused.value).splitlines()) == 5
    assert log.last() is None
