"""The commands of the audit as an auditor meets them."""

import datetime as dt
import json
import secrets
import sqlite3
import stat
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import api.cli
from api.audit.files import ExportedAudit, audit_files, keep_audit
from api.audit.keeper import HeadKeeper
from api.audit.keys import SigningKey
from api.audit.verification import verify_audit
from api.identity import Principal
from api.store import Store
from geo.errors import SourceError, ZoneError
from tests.api.commanding import told
from tests.api.operations.tried_service import tried_service
from tests.api.sample import fill as fill_sample

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
OFFICER = Principal("officer-1", "officer")


def fill(place, *, count=4):
    """Make a store whose audit has a few entries, all of them signed."""
    store = Store(place)
    keeper = keep_audit(store, audit_files(str(place)))
    for number in range(count):
        store.audit.append(NOW, OFFICER, "read", "old_town", "incidents", {"count": number})
    keeper.sign()
    store.close()
    return place


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return fill(tmp_path / "store.sqlite")


@pytest.fixture
def run(monkeypatch, place):
    monkeypatch.setenv("SMARTZONE_STORE", str(place))
    runner = CliRunner()

    def call(*arguments):
        return runner.invoke(api.cli.app, ["audit", *(str(part) for part in arguments)])

    return call


def tamper(place, *statements):
    """Change a store as somebody would who has its file and not its key."""
    with closing(sqlite3.connect(place)) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_sound_audit_is_said_to_be(run):
    result = run("verify")
    assert result.exit_code == 0, result.stderr
    assert "5 entries" in result.stdout
    assert "signed up to entry 5" in result.stdout
    assert "Nothing was edited" in result.stdout
    assert "ไม่พบการแก้ไข" in run("verify", "--lang", "th").stdout


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit SET target = 'cameras' WHERE seq = 3", "Entry 3 was edited"),
        ("UPDATE audit SET detail = '{\"count\": 1}' WHERE seq = 4", "Entry 4 was edited"),
        ("DELETE FROM audit WHERE seq = 2", "Entry 2 is missing"),
        ("DELETE FROM audit WHERE seq > 3", "cut off: entry 4"),
        ("UPDATE audit SET seq = 7 - seq WHERE seq IN (3, 4)", None),
        ("UPDATE audit_heads SET hash = 'f' WHERE seq = 5", "The signed head of entry 5 is forged"),
    ],
)
def test_tampering_is_found_and_named(run, place, statement, told):
    if told is None:
        swap = "UPDATE audit SET seq = {} WHERE seq = {}"
        tamper(place, swap.format(99, 3), swap.format(3, 4), swap.format(4, 99))
        told = "Entry 3 was edited"
    else:
        tamper(place, statement)
    result = run("verify")
    assert result.exit_code == 1
    assert told in result.stderr
    assert "Nothing was edited" not in result.stdout


def test_a_truncated_store_is_found_by_the_file_beside_it_alone(run, place):
    tamper(place, "DELETE FROM audit WHERE seq > 2", "DELETE FROM audit_heads WHERE seq > 2")
    result = run("verify")
    assert (result.exit_code, "entry 3" in result.stderr) == (1, True)


def test_an_audit_made_anew_with_another_key_is_found_by_what_the_auditor_kept(
    run, place, tmp_path
):
    key = run("key").stdout.strip()
    kept = tmp_path / "kept.jsonl"
    kept.write_text(run("head").stdout)
    for file in (place, *audit_files(str(place))):
        file.unlink()
    fill(place)
    assert run("verify").exit_code == 0
    by_key = run("verify", "--key", key)
    assert (by_key.exit_code, "began with another key" in by_key.stderr) == (1, True)
    by_head = run("verify", "--heads", kept)
    assert (by_head.exit_code, "signed with another key" in by_head.stderr) == (1, True)


def test_a_replaced_key_is_refused_before_anything_is_signed(place):
    key = audit_files(str(place)).key
    key.unlink()
    store = Store(place)
    with pytest.raises(SourceError, match="with which the audit is signed"):
        keep_audit(store, audit_files(str(place)))
    store.close()
    other = fill(place.with_name("other.sqlite"))
    key.write_bytes(audit_files(str(other)).key.read_bytes())
    key.chmod(0o600)
    store = Store(place)
    with pytest.raises(SourceError, match="Expected the key ed25519:"):
        keep_audit(store, audit_files(str(place)))
    store.close()


def test_a_renewed_key_is_vouched_for_by_the_one_before(run, place):
    before = run("key").stdout.strip()
    new = run("new-key").stdout.strip()
    assert new == run("key").stdout.strip() != before
    read_and_sign(place)
    result = run("verify")
    assert (result.exit_code, "signed up to entry 7" in result.stdout) == (0, True)
    assert run("verify", "--key", before).exit_code == 0
    wrong = run("verify", "--key", new)
    assert (wrong.exit_code, "began with another key" in wrong.stderr) == (1, True)
    tamper(place, "UPDATE audit SET target = 'x' WHERE seq = 7")
    assert "Entry 7 was edited" in run("verify").stderr


def test_a_lost_key_is_replaced_only_when_it_is_said_to_be_and_is_told_of(run, place):
    before = run("key").stdout.strip()
    audit_files(str(place)).key.unlink()
    refused = run("new-key")
    assert (refused.exit_code, "--lost" in " ".join(refused.stderr.split())) == (1, True)
    new = run("new-key", "--lost").stdout.strip()
    read_and_sign(place)
    found = run("verify", "--key", before)
    assert (found.exit_code, "Entry 6 names a new key" in found.stderr) == (1, True)
    assert run("verify", "--key", before, "--key", new).exit_code == 0


def test_a_forger_who_names_a_key_of_his_own_is_found(run, place):
    theirs = audit_files(str(place.with_name("theirs.sqlite")))
    store = Store(place)
    key, hold = SigningKey.load_or_make(theirs.key), store.engine.hold(alone=False)
    forger = HeadKeeper(store.audit, key, theirs.heads, hold=hold)
    forger.renew(forger.key.public)
    store.audit.append(NOW, OFFICER, "read", "old_town", "nothing")
    forger.sign()
    store.close()
    found = run("verify")
    assert (found.exit_code, "Entry 6 names a new key" in found.stderr) == (1, True)


def read_and_sign(place):
    store = Store(place)
    keeper = keep_audit(store, audit_files(str(place)))
    store.audit.append(NOW, OFFICER, "read", "old_town", "incidents")
    keeper.sign()
    store.close()


def test_an_export_is_verified_by_itself(run, tmp_path):
    out = tmp_path / "out" / "audit.jsonl"
    assert "6 entries" in run("export", "--out", out).stdout
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    # Each export is an entry itself, and the last of what it writes.
    shown = run("export").stdout.splitlines()
    assert out.read_text().splitlines() == shown[:-1]
    assert json.loads(shown[-1])["action"] == "export"
    result = run("verify", out, "--key", run("key").stdout.strip())
    assert result.exit_code == 0, result.stderr
    lines = out.read_text().splitlines()
    out.write_text("\n".join(lines[:-3]) + "\n")
    assert "cut off: entry 4" in run("verify", out).stderr


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    place = fill(folder / "store.sqlite")
    store = Store(place)
    key = store.audit.signing_key()
    store.close()
    runner = CliRunner()
    result = runner.invoke(api.cli.app, ["audit", "export", "--store", str(place)])
    return folder / "tampered.jsonl", result.stdout.encode(), key


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.data())
def test_no_byte_of_an_export_can_be_changed_unseen(exported, data):
    path, whole, key = exported
    index = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[index] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(changed)
    assert is_bad(path, key) or says_the_same(changed, whole)


def is_bad(path, key):
    try:
        source = ExportedAudit(path)
        heads, keys = source.heads(), source.keys()
        named = keys[0].key if keys else None
        found = verify_audit(source.entries(), heads, named_key=named, expected_keys=[key])
    except ZoneError:
        return True
    return bool(found.findings)


def says_the_same(changed, whole):
    """A blank for another between two members changes no value."""
    try:
        return [json.loads(line) for line in changed.decode().splitlines()] == [
            json.loads(line) for line in whole.decode().splitlines()
        ]
    except ValueError:
        return False


@pytest.mark.parametrize("arguments", [("--store", "absent.sqlite"), ("--heads", "absent.jsonl")])
def test_what_is_not_there_is_not_taken_for_an_empty_audit(run, arguments):
    result = run("verify", *arguments)
    assert result.exit_code == 1
    assert "absent" in result.stderr


def test_a_key_that_is_none_and_a_file_of_another_kind_are_refused(run, tmp_path):
    assert "--key" in run("verify", "--key", "mine").stderr
    other = tmp_path / "other.jsonl"
    for text in ("", "{}\n", "not json\n", "\x00"):
        other.write_text(text)
        result = run("verify", other)
        assert (result.exit_code, "smartzone-audit/1" in " ".join(result.stderr.split())) == (
            1,
            True,
        )


@pytest.mark.slow
def test_the_key_of_a_running_service_stays_and_of_one_that_was_killed_may_go(
    store_place, tmp_path, monkeypatch
):
    monkeypatch.setenv("SMARTZONE_STORE", str(store_place))
    runner = CliRunner()
    fill_zone(store_place)
    with tried_service(store_place, tmp_path / "service.log") as (process, client):
        before = state_of(store_place)
        for options in ([], ["--lost"]):
            refused = runner.invoke(api.cli.app, ["audit", "new-key", *options])
            assert (refused.exit_code, refused.stdout) == (1, "")
            assert "Stop it first; nothing was changed." in told(refused)
        assert state_of(store_place) == before
        assert client.get("/readyz").status_code == 200
        process.kill()
        process.wait()
        new = runner.invoke(api.cli.app, ["audit", "new-key"])
        assert (new.exit_code, new.stdout.strip()) == (0, state_of(store_place)[0])
        assert new.stdout.strip() != before[0]


def fill_zone(place):
    store = Store(place)
    fill_sample(store)
    store.close()


def state_of(place):
    store = Store(place)
    try:
        return store.audit.signing_key(), store.audit.last()
    finally:
        store.close()


@pytest.fixture
def on_server(monkeypatch, tmp_path):
    """Return an environment outside demo mode, whose store is on a server that is not there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SMARTZONE_MODE", "accounts")
    monkeypatch.setenv("SMARTZONE_SECRET", secrets.token_urlsafe(48))
    monkeypatch.setenv("SMARTZONE_STORE", "postgresql://smartzone@127.0.0.1:1/none")
    return monkeypatch


@pytest.mark.parametrize("command", [["serve"], ["audit", "new-key"], ["audit", "verify"]])
def test_of_a_store_on_a_server_the_audits_files_must_be_named(on_server, tmp_path, command):
    on_server.setenv("SMARTZONE_AUDIT_KEY", "key.pem")
    refused = CliRunner().invoke(api.cli.app, command)
    assert refused.exit_code == 1
    assert (
        "`audit_key` (SMARTZONE_AUDIT_KEY) to be the whole path of a file, as the store is on a "
        "server, got 'key.pem'. Expected `audit_heads` (SMARTZONE_AUDIT_HEADS) to be the whole "
        "path of a file, as the store is on a server, got none."
    ) in told(refused)
    assert list(tmp_path.iterdir()) == []


def test_what_signs_nothing_needs_no_files_of_the_audit(on_server):
    for command in (["user", "list"], ["worker"], ["audit", "key"]):
        refused = CliRunner().invoke(api.cli.app, command)
        assert "audit_key" not in refused.stderr
        assert "127.0.0.1" in refused.stderr
