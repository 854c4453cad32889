"""Local accounts: added, changed, removed, on both stores."""

import datetime as dt

import pytest

from api.store import accounts as module
from api.store.accounts import Accounts, Rights
from api.store.audit import AuditLog
from api.store.sessions import Sessions, SignedIn
from geo.errors import NotFoundError, ParameterError, SourceError

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)
COMMANDER = Rights("commander", frozenset({"old_town"}))
PARTNER = Rights("partner", None, "เจ้าของ 01")


@pytest.fixture
def accounts(account_engine):
    return Accounts(account_engine)


def test_an_account_is_read_as_it_was_added(accounts):
    added = accounts.add("commander-1", COMMANDER, hashed="h1", now=NOW)
    partner = accounts.add("a.shop_2", PARTNER, hashed="h2", now=NOW)
    assert accounts.find("commander-1") == added
    assert accounts.all() == [partner, added]
    assert (added.version, added.changed_at, partner.rights) == (1, NOW, PARTNER)
    assert accounts.find("commander-2") is None


def test_a_change_gives_a_new_version_and_keeps_the_rest(accounts):
    accounts.add("planner-1", Rights("planner", None), hashed="h1", now=NOW)
    changed = accounts.change("planner-1", rights=COMMANDER, now=LATER)
    assert (changed.rights, changed.password_hash, changed.version) == (COMMANDER, "h1", 2)
    changed = accounts.change("planner-1", hashed="h2", now=LATER)
    assert (changed.rights, changed.password_hash, changed.version) == (COMMANDER, "h2", 3)
    assert accounts.find("planner-1") == changed


@pytest.mark.parametrize(
    "account_id",
    ["", "a", "A1", "นาย", "a b", "-a", "a" * 65, "oidc:1", "a\n", "x'; --", "a\0", "\ud800"],
)
def test_an_id_that_is_none_is_refused(accounts, account_id):
    with pytest.raises(ParameterError, match="`id` of 2 to 64 small letters"):
        accounts.add(account_id, COMMANDER, hashed="h", now=NOW)
    assert accounts.all() == []
    assert accounts.find(account_id) is None


def test_nobody_is_called_as_the_service_is_in_its_audit(accounts):
    with pytest.raises(ParameterError, match="other than that of the service in its audit"):
        accounts.add("smartzone", COMMANDER, hashed="h", now=NOW)
    assert accounts.all() == []


def test_a_taken_id_is_refused_and_the_account_stays(accounts):
    first = accounts.add("officer-1", Rights("officer", None), hashed="h1", now=NOW)
    with pytest.raises(ParameterError, match="'officer-1', which is taken"):
        accounts.add("officer-1", COMMANDER, hashed="h2", now=LATER)
    assert accounts.all() == [first]


@pytest.mark.parametrize(
    ("role", "zones", "owner", "expected"),
    [
        ("public", None, None, "`role` among commander, planner, operator, officer, partner, aud"),
        ("mayor", None, None, "`role` among"),
        ("partner", None, None, "`owner` to be the name of an owner, got none"),
        ("officer", None, "Owner 1", "`owner` to be none but for partners, got Owner 1"),
        ("officer", frozenset(), None, "at least one zone, got none"),
    ],
)
def test_rights_that_are_none_are_refused(role, zones, owner, expected):
    with pytest.raises(ParameterError, match=expected):
        Rights(role, zones, owner)


def test_what_is_not_there_is_neither_changed_nor_removed(accounts):
    for change in (
        lambda: accounts.change("officer-9", rights=COMMANDER, now=NOW),
        lambda: accounts.remove("officer-9", now=NOW),
    ):
        with pytest.raises(NotFoundError, match="'officer-9'"):
            change()


def test_the_sessions_of_an_account_end_with_any_change_of_it(accounts, account_engine):
    sessions = Sessions(account_engine)
    for number, change in enumerate(
        (
            lambda: accounts.change("officer-1", rights=COMMANDER, now=NOW),
            lambda: accounts.change("officer-1", hashed="h2", now=NOW),
            lambda: accounts.remove("officer-1", now=NOW),
        )
    ):
        if number == 0:
            accounts.add("officer-1", Rights("officer", None), hashed="h1", now=NOW)
        account = accounts.find("officer-1")
        own = SignedIn(f"own-{number}", account.id, account.rights, LATER, account.version)
        sessions.open(own, now=NOW)
        assert sessions.find(own.id, now=NOW) == own
        change()
        assert sessions.find(own.id, now=NOW) is None


def test_each_change_is_in_the_audit_by_id_and_role_alone(accounts, account_engine):
    log = AuditLog(account_engine)
    before = 0 if log.last() is None else log.last().seq
    accounts.add("officer-1", Rights("officer", None), hashed="h1", now=NOW)
    accounts.change("officer-1", rights=COMMANDER, now=NOW)
    accounts.change("officer-1", hashed="h2", now=NOW)
    accounts.remove("officer-1", now=NOW)
    told = log.page(after=before, limit=9)
    assert [entry.action for entry in told] == [
        *("add_account", "set_role", "set_password", "remove_account")
    ]
    assert {(entry.subject, entry.target) for entry in told} == {("smartzone", "account:officer-1")}
    assert "h1" not in repr(told)


def test_a_change_that_the_audit_cannot_take_is_not_made(accounts, monkeypatch):
    def full(*_, **__):
        raise SourceError("disk full")

    first = accounts.add("officer-1", Rights("officer", None), hashed="h1", now=NOW)
    monkeypatch.setattr(module, "append_within", full)
    for change in (
        lambda: accounts.add("officer-2", COMMANDER, hashed="h", now=NOW),
        lambda: accounts.change("officer-1", rights=COMMANDER, now=NOW),
        lambda: accounts.remove("officer-1", now=NOW),
    ):
        with pytest.raises(SourceError, match="disk full"):
            change()
    assert accounts.all() == [first]


def test_a_session_opened_by_a_password_of_before_never_begins(accounts, account_engine):
    sessions = Sessions(account_engine)
    before = accounts.add("officer-1", Rights("officer", None), hashed="h1", now=NOW)
    accounts.change("officer-1", hashed="h2", now=NOW)
    late = SignedIn("late", before.id, before.rights, LATER, before.version)
    sessions.open(late, now=NOW)
    assert sessions.find("late", now=NOW) is None
