"""Holds on the audit of a store: many may sign, one alone may change the key, a crash lets go."""

import fcntl
import signal
import subprocess
import sys

import psycopg
import pytest

from api.store import Store
from geo.errors import SourceError

HOLDER = """
import sys, time
from api.store import Store
hold = Store(sys.argv[1]).engine.hold(alone=False)
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def engine(store_place):
    store = Store(store_place)
    yield store.engine
    store.close()


def test_several_hold_an_audit_together_and_nobody_beside_them_alone(engine):
    first, second = engine.hold(alone=False), engine.hold(alone=False)
    first.release()
    with pytest.raises(SourceError, match=r"Expected no service to run on the store at .*got one"):
        engine.hold(alone=True)
    second.release()
    only = engine.hold(alone=True)
    for alone in (True, False):
        with pytest.raises(SourceError, match="Expected"):
            engine.hold(alone=alone)
    only.release()
    only.release()
    engine.hold(alone=False).release()


def test_a_hold_that_nobody_has_any_more_has_ended(engine):
    hold = engine.hold(alone=False)
    del hold
    engine.hold(alone=True).release()


def test_a_process_that_is_killed_lets_go(engine, store_place):
    command = [sys.executable, "-c", HOLDER, str(store_place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(SourceError, match="Stop it first; nothing was changed"):
            engine.hold(alone=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
        engine.hold(alone=True).release()


def test_a_store_has_one_lock_by_whatever_path_it_is_opened(tmp_path):
    place = tmp_path / "store.sqlite"
    (tmp_path / "other.sqlite").symlink_to(place)
    store, other = Store(place), Store(tmp_path / "other.sqlite")
    hold = store.engine.hold(alone=False)
    with pytest.raises(SourceError, match=r"other\.sqlite"):
        other.engine.hold(alone=True)
    hold.release()
    for opened in (store, other):
        opened.close()


def test_a_lock_that_cannot_be_made_is_told(tmp_path):
    store = Store(tmp_path / "store.sqlite")
    (tmp_path / "store.sqlite.audit").write_text("")
    with pytest.raises(SourceError, match=r"Expected to lock .*, got: file exists\."):
        store.engine.hold(alone=False)
    store.close()


def test_a_hold_whose_connection_was_lost_is_taken_again_unless_the_key_is_changed(postgres):
    url = postgres.new()
    store = Store(url)
    try:
        hold = store.engine.hold(alone=False)
        assert end_connections(url) == 1
        other = store.engine.hold(alone=True)  # which could not be had before
        with pytest.raises(SourceError, match="Try again in a moment"):
            hold.renew()
        other.release()
        hold.renew()
        with pytest.raises(SourceError, match="Expected no service"):
            store.engine.hold(alone=True)
        hold.release()
    finally:
        store.close()
        postgres.drop(url)


def end_connections(url):
    """End those that hold the lock, as a server does that is started anew."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks"
            " WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return len(found.fetchall())


def test_the_test_finds_a_lock_that_holds_nobody_off(tmp_path, monkeypatch):
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)
    store = Store(tmp_path / "store.sqlite")
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        test_several_hold_an_audit_together_and_nobody_beside_them_alone(store.engine)
    store.close()
