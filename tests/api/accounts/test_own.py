"""One's own account: who knows its password changes it, and all its other sessions end."""

import datetime as dt
import secrets
import time

import pytest
from typer.testing import CliRunner

import api.cli
from api.accounts import gate as gate_module
from api.accounts import own as module
from api.accounts import passwords as module_of_passwords
from api.store import Store
from tests.api.serving import client_of
from tests.api.signing import PASSWORD, bearer, filled, guarded, signed_in, tokens_of

NEW = secrets.token_urlsafe(18)
OWN = {"X-Smartzone": "1"}


@pytest.fixture
def own(tmp_path):
    """Return a service of its own and its store."""
    path = filled(tmp_path / "store.sqlite")
    store = Store(path)
    with guarded(path) as client:
        yield client, store
    store.close()


def change(client, headers, password=PASSWORD, new=NEW):
    form = {"password": password, "new_password": new}
    return client.post("/auth/password", data=form, headers=headers)


def browser(client, account="officer-1", password=PASSWORD):
    """Sign a browser in and return the headers of what its pages send."""
    form = {"username": account, "password": password}
    return cookie_of(client.post("/auth/session", data=form, headers=OWN))


def cookie_of(answer):
    assert answer.status_code == 204, answer.text
    return OWN | {"Cookie": answer.headers["set-cookie"].split(";")[0]}


def asks(client, headers):
    return client.get("/auth/me", headers=headers).status_code


def entries(store):
    return [
        (entry.action, entry.subject, entry.target)
        for entry in store.audit.page(after=0, limit=99)
        if entry.action != "begin_signing"
    ]


def test_a_password_is_changed_all_other_sessions_end_and_the_browser_goes_on(own):
    client, store = own
    here, there = browser(client), browser(client)
    tokens = tokens_of(client, "officer-1")
    other = signed_in(client, "planner-1")
    changed = change(client, here)
    assert (changed.status_code, changed.headers["cache-control"]) == (204, "no-store")
    for headers in (here, there, bearer(tokens["access_token"])):
        assert asks(client, headers) == 401
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert client.post("/auth/token", data=form).status_code == 401
    assert asks(client, cookie_of(changed)) == 200
    assert asks(client, other) == 200
    form = {"grant_type": "password", "username": "officer-1", "password": PASSWORD}
    assert client.post("/auth/token", data=form).status_code == 401
    tokens_of(client, "officer-1", NEW)
    assert ("set_password", "officer-1", "account:officer-1") in entries(store)


def test_a_program_signs_in_again_with_the_new_password(own):
    client, _ = own
    header = signed_in(client, "officer-1")
    changed = change(client, header)
    assert (changed.status_code, "set-cookie" in changed.headers) == (204, False)
    assert asks(client, header) == 401
    assert asks(client, bearer(tokens_of(client, "officer-1", NEW)["access_token"])) == 200


def test_whoever_finds_a_browser_open_cannot_guess_its_password_without_end(own):
    client, store = own
    here = browser(client)
    answers = [change(client, here, password=f"a wrong sentence {number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]
    assert "present one, got another" in answers[0].json()["detail"]
    assert asks(client, here) == 200
    refused = [entry for entry in entries(store) if entry[0] == "refused"]
    assert refused == [("refused", "officer-1", "session")] * 5


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("short", "`new_password` of 15 to 1,024 characters, got 5"),
        ("a" * 20, "`new_password` of at least 5 different characters"),
        ("I am officer-1 of the town", "without the id"),
        (PASSWORD, "`new_password` to differ from `password`"),
        ("", "`new_password`: Expected a value, got none."),
    ],
    ids=["short", "dull", "id", "same", "none"],
)
def test_a_weak_password_changes_nothing_and_is_not_repeated(own, new, expected):
    client, _ = own
    here = browser(client)
    refused = change(client, here, new=new)
    assert refused.status_code == 422
    assert expected in refused.json()["detail"]
    assert len(new) < 15 or new not in refused.text
    assert asks(client, here) == 200
    assert "set-cookie" not in refused.headers


def test_only_an_account_changes_its_password_from_a_page_of_ours(own):
    client, _ = own
    assert change(client, {}).status_code == 401
    here = browser(client)
    strange = {"Cookie": here["Cookie"], "Origin": "https://example.org"}
    assert change(client, strange).status_code == 403
    assert asks(client, here) == 200


def test_a_demo_and_a_provider_keep_their_passwords(tmp_path, own, monkeypatch):
    with client_of(filled(tmp_path / "demo.sqlite")) as demo:
        form = {"username": "officer", "password": "demo"}
        here = cookie_of(demo.post("/auth/session", data=form, headers=OWN))
        assert change(demo, here, password="demo").status_code == 403  # noqa: S106
        assert "demo account" in demo.get("/account?lang=en", headers=here).text
    client, _ = own
    here = browser(client)
    monkeypatch.setattr(type(own[1].accounts), "find", lambda *_: None)
    refused = change(client, here)
    assert (refused.status_code, "of the provider" in refused.json()["detail"]) == (403, True)
    assert "keeps the password" in client.get("/account?lang=en", headers=here).text


@pytest.mark.parametrize(("language", "told"), [("en", "Your account"), ("th", "บัญชีของฉัน")])
def test_the_page_is_for_whoever_signed_in(own, language, told):
    client, _ = own
    away = client.get("/account")
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in?next=/account")
    page = client.get("/account", params={"lang": language}, headers=browser(client))
    assert page.status_code == 200
    assert told in page.text
    assert "officer-1" in page.text
    assert client.get("/sign-in/account.js").status_code == 200


@pytest.mark.parametrize("command", [["remove"], ["sign-out"], ["set-role", "--role", "planner"]])
def test_whose_account_an_administrator_ends_is_out_within_two_seconds(
    own, tmp_path, monkeypatch, command
):
    client, store = own
    monkeypatch.setenv("SMARTZONE_STORE", str(tmp_path / "store.sqlite"))
    tokens, here = tokens_of(client, "officer-1"), browser(client)
    kept = browser(client, "planner-1")
    header = bearer(tokens["access_token"])
    assert (asks(client, header), asks(client, here)) == (200, 200)
    name, *options = command
    done = CliRunner().invoke(api.cli.app, ["user", name, "officer-1", *options])
    assert done.exit_code == 0, done.stderr
    time.sleep(gate_module.FRESH_S)
    assert (asks(client, header), asks(client, here)) == (401, 401)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert client.post("/auth/token", data=form).status_code == 401
    assert asks(client, kept) == 200
    actions = {"remove": "remove_account", "sign-out": "end_sessions", "set-role": "set_role"}
    assert entries(store)[-1] == (actions[name], "smartzone", "account:officer-1")
    if name == "remove":
        form = {"grant_type": "password", "username": "officer-1", "password": PASSWORD}
        assert client.post("/auth/token", data=form).status_code == 401


@pytest.mark.parametrize("removed", [False, True])
def test_a_password_that_an_administrator_set_meanwhile_stays(own, monkeypatch, removed):
    client, store = own
    here, hashed = browser(client), module_of_passwords.Passwords.hashed
    set_meanwhile = store.accounts.find("planner-1").password_hash

    def late(*given):
        now = dt.datetime.now(dt.UTC)
        if removed:
            store.accounts.remove("officer-1", now=now)
        else:
            store.accounts.change("officer-1", hashed=set_meanwhile, now=now)
        return hashed(*given)

    monkeypatch.setattr(module_of_passwords.Passwords, "hashed", late)
    refused = change(client, here)
    assert (refused.status_code, "set-cookie" in refused.headers) == (401, False)
    found = store.accounts.find("officer-1")
    assert found is None if removed else found.password_hash == set_meanwhile


def test_the_test_finds_sessions_that_go_on(own, monkeypatch):
    monkeypatch.setattr(gate_module, "FRESH_S", 3_600.0)  # however slow the machine is
    monkeypatch.setattr(gate_module.Gate, "forget_all", lambda *_: None)
    with pytest.raises(AssertionError):
        test_a_password_is_changed_all_other_sessions_end_and_the_browser_goes_on(own)


def test_all_sessions_end_on_both_stores_and_of_a_provider_too(store_place):
    store = Store(filled(store_place))
    now = dt.datetime.now(dt.UTC)
    try:
        assert store.accounts.sign_out("officer-1", now=now) == 0
        account = store.accounts.find("officer-1")
        opened = [("a", "officer-1", 1), ("b", "officer-1", 1), ("c", "oidc-7", None)]
        for session_id, subject, version in opened:
            ends = now + dt.timedelta(hours=1)
            session = module.SignedIn(session_id, subject, account.rights, ends, version)
            store.sessions.open(session, now=now)
        assert store.accounts.sign_out("officer-1", now=now) == 2
        assert store.accounts.sign_out("oidc-7", now=now) == 1
        assert [store.sessions.find(name, now=now) for name in "abc"] == [None] * 3
    finally:
        store.close()
