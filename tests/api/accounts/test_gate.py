"""The gate: quick for strangers, one look-up in two seconds for whoever signed in."""

import asyncio
import datetime as dt

import pytest

from api.accounts import gate as module
from api.accounts.gate import Gate
from api.accounts.tokens import ACCESS, BadTokenError, Tokens
from api.store import Store
from api.store.accounts import Rights
from api.store.sessions import SignedIn
from tests.api.signing import filled, guarded, signed_in

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=12)
RIGHTS = Rights("officer", frozenset({"sample"}))


class Counted:
    """Sessions that count how often they are looked up."""

    def __init__(self, sessions):
        self.sessions = sessions
        self.looked_up = 0

    def __getattr__(self, name):
        return getattr(self.sessions, name)

    def find(self, session_id, *, now):
        self.looked_up += 1
        return self.sessions.find(session_id, now=now)


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "store.sqlite")
    store.sessions = Counted(store.sessions)
    yield store
    store.close()


@pytest.fixture
def gate(store):
    return Gate(store, Tokens(b"k" * 32), clock=lambda: NOW)


def token_of(gate, store, name="s1", until=LATER):
    session = SignedIn(name, "badge-1", RIGHTS, until)
    store.sessions.open(session, now=NOW)
    return gate.tokens.access(session, now=NOW, lifetime=ACCESS)


def test_a_session_is_looked_up_once_while_it_is_fresh(gate, store, monkeypatch):
    token = token_of(gate, store)
    for _ in range(9):
        assert asyncio.run(gate.principal(token)).subject == "badge-1"
    assert store.sessions.looked_up == 1
    monkeypatch.setattr(module.time, "monotonic", lambda: 10.0**9)
    asyncio.run(gate.principal(token))
    assert store.sessions.looked_up == 2


def test_a_closed_session_is_not_believed_for_a_moment(gate, store):
    token = token_of(gate, store)
    asyncio.run(gate.principal(token))
    asyncio.run(gate.close(token))
    with pytest.raises(BadTokenError):
        asyncio.run(gate.principal(token))


def test_a_session_that_was_seen_ends_at_its_instant(store):
    now = NOW
    gate = Gate(store, Tokens(b"k" * 32), clock=lambda: now)
    token = token_of(gate, store, until=NOW + dt.timedelta(seconds=3))
    asyncio.run(gate.principal(token))
    now = NOW + dt.timedelta(seconds=3)
    with pytest.raises(BadTokenError):
        asyncio.run(gate.principal(token))


def test_the_gate_remembers_no_more_sessions_than_it_may(gate, store, monkeypatch):
    monkeypatch.setattr(module, "_MOST", 4)
    for number in range(9):
        asyncio.run(gate.principal(token_of(gate, store, f"s{number}")))
    assert len(gate._seen) <= 4


def test_nothing_is_looked_up_for_whoever_has_no_token(tmp_path, monkeypatch):
    looked_up = []
    look = Gate._look_up
    monkeypatch.setattr(Gate, "_look_up", lambda *given: looked_up.append(1) or look(*given))
    with guarded(filled(tmp_path / "store.sqlite"), jobs=0) as client:
        for _ in range(5):
            assert client.get("/auth/me").status_code == 200
        assert looked_up == []
        client.get("/auth/me", headers=signed_in(client, "officer-1"))
        assert looked_up == [1]


def test_accounts_work_alike_on_a_server(postgres, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FRESH_S", -1.0)
    place = postgres.new()
    filled(place)
    audit = {f"audit_{name}": tmp_path / name for name in ("key", "heads")}
    with guarded(place, jobs=0, **audit) as client:
        header = signed_in(client, "officer-1")
        assert client.get("/auth/me", headers=header).json()["role"] == "officer"
        assert client.request("DELETE", "/auth/session", headers=header).status_code == 204
        assert client.get("/auth/me", headers=header).status_code == 401
    postgres.drop(place)
