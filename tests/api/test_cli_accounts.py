"""`smartzone user`: accounts by pseudonym, passwords never as arguments, every change audited."""

import datetime as dt
import secrets

import pytest
from typer.testing import CliRunner

from api.accounts.passwords import Passwords
from api.accounts.tokens import Tokens
from api.cli import app
from api.roles import ROLES
from api.store import Store
from api.store.attempts import Attempt

PASSWORD = secrets.token_urlsafe(18)
SECRET = secrets.token_urlsafe(48)


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Return a function that runs a command on a store of its own."""
    Store(tmp_path / "store.sqlite").close()
    monkeypatch.setenv("SMARTZONE_STORE", str(tmp_path / "store.sqlite"))
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()

    def run(*arguments, password=PASSWORD):
        return runner.invoke(app, ["user", *arguments], input=f"{password}\n")

    return run


@pytest.fixture
def look(tmp_path):
    """Return a function that looks at the store."""

    def look(what):
        store = Store(tmp_path / "store.sqlite")
        try:
            return what(store)
        finally:
            store.close()

    return look


def test_the_roles_that_are_offered_are_those_that_an_account_may_have(run):
    offered = run("add", "--help").stdout
    assert f"<{'|'.join(role for role in ROLES if role != 'public')}>" in offered
    refused = run("add", "o-1", "--role", "public")
    assert refused.exit_code == 2
    assert "Expected `--role` to be one of 'commander'" in refused.stderr


def test_an_account_is_added_listed_changed_and_removed(run, look):
    done = run("add", "badge-0412", "--role", "officer")
    assert (done.exit_code, done.stdout) == (0, "Added badge-0412 (Officer).\n")
    account = look(lambda store: store.accounts.find("badge-0412"))
    assert (account.rights.role, account.rights.zones) == ("officer", {"old_town"})
    assert Passwords().match(account.password_hash, PASSWORD)
    listed = run("list").stdout
    assert "badge-0412" in listed
    assert "old_town" in listed
    assert "argon2" not in listed
    zones = ("--zone", "old_town", "--zone", "patong")
    assert run("set-role", "badge-0412", "--role", "planner", *zones).exit_code == 0
    assert run("set-password", "badge-0412", password=PASSWORD[::-1]).exit_code == 0
    account = look(lambda store: store.accounts.find("badge-0412"))
    assert (account.rights.role, account.rights.zones) == ("planner", {"old_town", "patong"})
    assert Passwords().match(account.password_hash, PASSWORD[::-1])
    assert run("sign-out", "badge-0412").stdout == "Ended the sessions of badge-0412: 0.\n"
    assert run("remove", "badge-0412").exit_code == 0
    assert look(lambda store: store.accounts.all()) == []
    told = look(lambda store: store.audit.page(after=0, limit=9))
    actions = ["add_account", "set_role", "set_password", "end_sessions", "remove_account"]
    assert [entry.action for entry in told] == actions
    assert {(entry.subject, entry.target) for entry in told} == {
        ("smartzone", "account:badge-0412")
    }


def test_a_partner_and_an_account_for_all_zones(run, look):
    owner = "Private owner 01"
    assert run("add", "p-1", "--role", "partner", "--owner", owner, "--all-zones").exit_code == 0
    rights = look(lambda store: store.accounts.find("p-1")).rights
    assert (rights.zones, rights.owner) == (None, owner)


def test_the_commands_speak_thai(run):
    done = run("add", "badge-0412", "--role", "officer", "--lang", "th")
    assert done.stdout == "เพิ่มบัญชี badge-0412 แล้ว (เจ้าหน้าที่สายตรวจ)\n"
    assert "ทุกพื้นที่" not in run("list", "--lang", "th").stdout


@pytest.mark.parametrize(
    ("arguments", "password", "expected"),
    [
        (("add", "?", "--role", "officer"), None, "`id` of 2 to 64 small letters"),
        (("add", "p-1", "--role", "partner"), None, "`owner` to be the name of an owner"),
        (("add", "o-1", "--role", "officer"), "short", "`password` of 15 to 1,024 characters"),
        (("add", "o-1", "--role", "officer"), "", "`password` of 15 to 1,024 characters, got 0"),
        (
            ("add", "o-1", "--role", "officer", "--zone", "a", "--all-zones"),
            None,
            "`--zone` or `--all-zones`, got both",
        ),
        (("set-role", "o-9", "--role", "officer"), None, "the id of an account, got 'o-9'"),
        (("set-password", "o-9"), None, "the id of an account, got 'o-9'"),
        (("remove", "o-9"), None, "the id of an account, got 'o-9'"),
        (("sign-out", "o-9"), None, "the id of an account, got 'o-9'"),
        (("unlock", "o-9"), None, "`mode` (SMARTZONE_MODE) to be accounts"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line_and_changes_nothing(
    run, look, arguments, password, expected
):
    done = run(*arguments, password=PASSWORD if password is None else password)
    assert done.exit_code == 1
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert look(lambda store: store.accounts.all()) == []


def test_a_held_account_is_unlocked(run, look, monkeypatch):
    monkeypatch.setenv("SMARTZONE_MODE", "accounts")
    monkeypatch.setenv("SMARTZONE_SECRET", SECRET)
    run("add", "officer-1", "--role", "officer")
    key = Tokens(SECRET.encode()).mark("account", "officer-1")
    now = dt.datetime.now(dt.UTC)
    attempt = [Attempt(key, 1)]
    assert look(lambda store: store.attempts.begin(attempt, now=now)) is None
    assert look(lambda store: store.attempts.begin(attempt, now=now)) is not None
    assert run("unlock", "officer-1").stdout == "Unlocked officer-1.\n"
    assert look(lambda store: store.attempts.begin(attempt, now=now)) is None
    run("unlock", "officer-1")
    assert run("unlock", "officer-1").stdout == "officer-1 was not locked.\n"
    last = look(lambda store: store.audit.last())
    assert (last.action, last.target) == ("unlock_account", "account:officer-1")
    assert "'officer-9'" in run("unlock", "officer-9").stderr


def test_a_password_is_never_an_argument(run):
    shown = CliRunner().invoke(app, ["user", "add", "--help"]).stdout
    assert "--password" not in shown
    assert "never names" in CliRunner().invoke(app, ["user", "--help"]).stdout
