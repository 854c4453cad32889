"""Signed heads: in the store, in a file outside of it, and never ahead of the store."""

import asyncio
import datetime as dt
import logging
from pathlib import Path

import pytest

import api.audit.keeper as module
from api.audit.files import audit_files, keep_audit, renew_key
from api.audit.keeper import read_heads
from api.audit.keys import is_signed
from api.identity import Principal
from api.store import Store
from geo.errors import SourceError

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
OFFICER = Principal("officer-1", "officer")


@pytest.fixture
def store(store_place):
    store = Store(store_place)
    yield store
    store.close()


@pytest.fixture
def files(tmp_path):
    return audit_files(str(tmp_path / "audited.sqlite"))


def read(store):
    store.audit.append(NOW, OFFICER, "read", "old_town", "incidents")


def test_every_head_is_signed_and_stands_in_the_store_and_in_the_file(store, files):
    keeper = keep_audit(store, files)
    read(store)
    keeper.sign()
    keeper.sign()
    heads = list(read_heads(files.heads))
    assert [head.seq for head in heads] == [1, 2]
    assert all(is_signed(head, store.audit.signing_key()) for head in heads)
    with store.audit.whole() as whole:
        assert whole.heads() == heads
    assert files.heads.stat().st_mode & 0o777 == 0o600


def test_a_restart_goes_on_with_the_same_key(store, files):
    keep_audit(store, files)
    read(store)
    keep_audit(store, files).sign()
    assert [head.seq for head in read_heads(files.heads)] == [1, 2]


def test_the_key_of_an_audit_that_is_kept_stays(store, files):
    keeper = keep_audit(store, files)
    before = (files.key.read_bytes(), store.audit.last())
    for lost in (False, True):
        with pytest.raises(SourceError, match="Stop it first; nothing was changed"):
            renew_key(store, files, lost=lost)
    assert (files.key.read_bytes(), store.audit.last()) == before
    assert {file.name for file in files.key.parent.iterdir()} <= {"key.pem", "heads.jsonl", "lock"}
    keeper.end()
    renew_key(store, files, lost=False)


def test_a_service_that_lost_its_hold_and_runs_on_signs_nothing_with_the_key_before(store, files):
    keeper = keep_audit(store, files)
    keeper.end()
    renew_key(store, files, lost=False)
    read(store)
    with pytest.raises(SourceError, match="to sign with, got ed25519:"):
        keeper.sign()
    assert [head.seq for head in read_heads(files.heads)] == [1, 2]
    keep_audit(store, files).sign()
    assert [head.seq for head in read_heads(files.heads)] == [1, 2, 3]


def test_a_renewal_that_was_interrupted_is_ended_by_another_try(store, files, monkeypatch):
    keep_audit(store, files).end()
    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", lambda *_: interrupt())
        with pytest.raises(KeyboardInterrupt):
            renew_key(store, files, lost=False)
    named = store.audit.signing_key()
    assert renew_key(store, files, lost=False) == named
    assert keep_audit(store, files).key.public == named
    with store.audit.whole() as whole:
        assert len(whole.keys()) == 2


def interrupt():
    raise KeyboardInterrupt


def test_a_line_that_a_crash_cut_off_spoils_no_other(store, files):
    keeper = keep_audit(store, files)
    with files.heads.open("ab") as lines:
        lines.write(b'{"seq": 7, "ha')
    read(store)
    keeper.sign()
    assert [head.seq for head in read_heads(files.heads)] == [1, 2]


def test_heads_that_cannot_be_written_are_told(store, files, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="Expected to write heads"):
        keep_audit(store, files._replace(heads=tmp_path / "file" / "heads.jsonl"))


def test_what_is_new_is_signed_while_the_service_runs_and_a_failure_is_retried(
    tmp_path, files, monkeypatch, caplog
):
    monkeypatch.setattr(module, "SIGNED_EVERY_S", 0.02)
    store = Store(tmp_path / "audited.sqlite")
    keeper = keep_audit(store, files)
    sign, calls = keeper.sign, []

    def fail_once():
        calls.append(1)
        if len(calls) == 1:
            raise SourceError
        sign()

    monkeypatch.setattr(keeper, "sign", fail_once)

    async def scene():
        task = asyncio.create_task(keeper.keep())
        read(store)
        for _ in range(250):
            await asyncio.sleep(0.02)
            if store.audit.unsigned_since() is None:
                break
        task.cancel()

    with caplog.at_level(logging.ERROR):
        asyncio.run(scene())
    assert store.audit.last_head().seq == 2
    assert "could not be signed" in caplog.text
    store.close()
