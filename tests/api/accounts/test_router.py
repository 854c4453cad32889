"""Sign-in over HTTP: tokens, refreshing, sessions of browsers, signing out, and being refused."""

import datetime as dt
import json
import statistics
import time

import pytest
from argon2 import PasswordHasher

from api.accounts import gate as gate_module
from api.accounts import signing_in
from api.accounts.demo import OWNER
from api.accounts.passwords import Passwords
from api.store import Store
from api.store.accounts import Rights
from tests.api.sample import ZONE, fill
from tests.api.serving import client_of
from tests.api.signing import (
    PASSWORD,
    add_everyone,
    bearer,
    filled,
    guarded,
    signed_in,
    tokens_of,
)

OWN = {"X-Smartzone": "1"}


def me(client, **headers):
    answer = client.get("/auth/me", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refresh(client, token):
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return client.post("/auth/token", data=form)


def open_session(client, account="officer-1", password=PASSWORD, headers=OWN):
    form = {"username": account, "password": password}
    return client.post("/auth/session", data=form, headers=headers)


def cookie_of(answer):
    """Return the header of a browser that keeps the cookie, as ours is sent by HTTPS alone."""
    return {"Cookie": answer.headers["set-cookie"].split(";")[0]}


def test_a_stranger_is_the_public(stranger):
    told = {"subject": None, "role": "public", "owner": None, "zone": ZONE, "mode": "accounts"}
    assert me(stranger) == told


def test_a_password_is_changed_for_a_token_that_tells_who_asks(stranger):
    tokens = tokens_of(stranger, "partner-1")
    assert tokens["token_type"] == "Bearer"  # noqa: S105
    assert tokens["expires_in"] == 900
    told = me(stranger, **bearer(tokens["access_token"]))
    assert (told["subject"], told["role"], told["owner"]) == ("partner-1", "partner", OWNER)


def test_answers_with_tokens_are_not_kept_by_anyone(stranger):
    form = {"grant_type": "password", "username": "officer-1", "password": PASSWORD}
    assert stranger.post("/auth/token", data=form).headers["cache-control"] == "no-store"


def test_a_refresh_token_serves_once_and_the_session_ends_when_it_is_used_twice(stranger):
    first = tokens_of(stranger, "planner-1")
    second = refresh(stranger, first["refresh_token"]).json()
    assert me(stranger, **bearer(second["access_token"]))["subject"] == "planner-1"
    third = refresh(stranger, second["refresh_token"]).json()
    stolen = refresh(stranger, first["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (401, "invalid_grant")
    for tokens in (first, second, third):
        assert refresh(stranger, tokens["refresh_token"]).status_code == 401
        answer = stranger.get("/auth/me", headers=bearer(tokens["access_token"]))
        assert answer.status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 8_000])
def test_what_is_no_refresh_token_is_refused(stranger, token):
    answer = refresh(stranger, token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_grant")


def test_an_access_token_refreshes_nothing(stranger):
    tokens = tokens_of(stranger, "planner-1")
    assert refresh(stranger, tokens["access_token"]).status_code == 401
    assert stranger.get("/auth/me", headers=bearer(tokens["refresh_token"])).status_code == 401


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"grant_type": "client_credentials"},
        {"grant_type": "password", "username": "x" * 65, "password": "y"},
        {"grant_type": "password", "username": "x", "password": "y" * 5_000},
    ],
)
def test_a_form_that_is_none_is_named_without_what_was_typed(stranger, form):
    answer = stranger.post("/auth/token", data=form)
    assert answer.status_code == 422
    assert answer.json()["parameters"]
    assert "yyy" not in answer.text
    assert "xxx" not in answer.text


@pytest.mark.parametrize(
    "header",
    [
        {"Authorization": "Bearer x"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic b2ZmaWNlci0xOng="},
        {"Authorization": ""},
        {"Cookie": "__Host-smartzone=x"},
        {"Cookie": "__Host-smartzone="},
    ],
)
@pytest.mark.parametrize("path", ["/auth/me", "/ogc/collections/streets/items", "/healthz"])
def test_a_bad_token_is_never_taken_for_none(stranger, header, path):
    answer = stranger.get(path, headers=header)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith('Bearer realm="smartzone"')


def test_two_tokens_are_none(stranger):
    good = signed_in(stranger, "officer-1")["Authorization"]
    headers = [("Authorization", good), ("Authorization", good)]
    assert stranger.get("/auth/me", headers=headers).status_code == 401


def test_a_browser_keeps_a_cookie_that_no_script_and_no_other_site_can_use(stranger):
    answer = open_session(stranger)
    assert (answer.status_code, answer.content) == (204, b"")
    cookie, *attributes = answer.headers["set-cookie"].split("; ")
    assert cookie.startswith("__Host-smartzone=")
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(attributes)
    assert "Domain" not in answer.headers["set-cookie"]
    assert me(stranger, **cookie_of(answer))["subject"] == "officer-1"


def test_a_change_by_cookie_needs_a_page_of_this_service(stranger):
    cookie = cookie_of(open_session(stranger))
    host = f"{stranger.base_url.host}:{stranger.base_url.port}"
    for headers in (
        {},
        {"Origin": "https://example.org"},
        {"Origin": "https://example.org"} | OWN,
        {"Origin": "null"} | OWN,
        {"Origin": f"http://{host}.example.org"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://["},
    ):
        answer = stranger.request("DELETE", "/auth/session", headers=cookie | headers)
        assert answer.status_code == 403, headers
    assert me(stranger, **cookie)["subject"] == "officer-1"
    for headers in (OWN, {"Origin": f"http://{host}"}):
        cookie = cookie_of(open_session(stranger))
        answer = stranger.request("DELETE", "/auth/session", headers=cookie | headers)
        assert answer.status_code == 204


def test_no_other_page_signs_a_browser_in(stranger):
    assert open_session(stranger, headers={}).status_code == 403
    assert open_session(stranger, headers={"Origin": "https://example.org"}).status_code == 403


def test_no_other_page_tries_passwords(stranger):
    form = {"grant_type": "password", "username": "officer-1", "password": PASSWORD}
    for origin in ("https://example.org", "null", "http://["):
        answer = stranger.post("/auth/token", data=form, headers={"Origin": origin})
        assert answer.status_code == 403, origin


def test_no_cache_keeps_what_somebody_was_answered_unless_a_route_says_how(stranger):
    signed = signed_in(stranger, "commander-1")
    for path in ("/ogc/jobs", "/ogc/processes", "/ogc/collections/incidents/tiles", "/absent"):
        answer = stranger.get(path, headers=signed)
        assert answer.headers["cache-control"] == "no-store", path
    kept = stranger.get("/ogc/collections/incidents/items", headers=signed)
    assert kept.headers["cache-control"] == "private, no-cache"
    assert "cache-control" not in stranger.get("/ogc/collections/streets/tiles").headers


def test_the_cookie_of_another_service_is_none(stranger):
    cookie = {"Cookie": "other__Host-smartzone=x; smartzone=y"}
    assert me(stranger, **cookie)["role"] == "public"
    changing = stranger.post("/ogc/collections/places/items", headers=cookie, json={})
    assert changing.status_code == 401


def test_whoever_signs_out_is_out_at_once_and_the_cookie_goes(stranger):
    cookie = cookie_of(open_session(stranger))
    answer = stranger.request("DELETE", "/auth/session", headers=cookie | OWN)
    assert answer.status_code == 204
    assert 'smartzone=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    again = stranger.get("/auth/me", headers=cookie)
    assert again.status_code == 401
    assert "Max-Age=0" in again.headers["set-cookie"]
    assert stranger.request("DELETE", "/auth/session", headers=OWN).status_code == 401


def test_a_page_asked_for_with_an_ended_session_leads_to_the_sign_in(stranger):
    headers = {"Cookie": "__Host-smartzone=ended", "Accept": "text/html"}
    answer = stranger.get("/zones/sample/ogc/jobs?limit=2&lang=en", headers=headers)
    assert answer.status_code == 303
    back = "%2Fzones%2Fsample%2Fogc%2Fjobs%3Flimit%3D2%26lang%3Den"
    location = f"/zones/sample/sign-in?lang=en&next={back}&ended=1"
    assert answer.headers["location"] == location
    assert "Max-Age=0" in answer.headers["set-cookie"]


@pytest.fixture
def own(tmp_path):
    """Return a service of its own, its store, and a clock that the test moves."""
    path = filled(tmp_path / "store.sqlite")
    store = Store(path)
    with guarded(path) as client:
        yield client, store
    store.close()


@pytest.mark.parametrize("fresh_s", [-1.0, 0.3])
def test_whoever_loses_rights_loses_them_within_the_time_that_sessions_are_believed(
    own, monkeypatch, fresh_s
):
    client, store = own
    monkeypatch.setattr(gate_module, "FRESH_S", fresh_s)
    tokens = tokens_of(client, "commander-1")
    header = bearer(tokens["access_token"])
    assert me(client, **header)["role"] == "commander"
    store.accounts.change(
        "commander-1", rights=Rights("officer", None), now=dt.datetime.now(dt.UTC)
    )
    time.sleep(max(0.0, fresh_s))
    assert client.get("/auth/me", headers=header).status_code == 401
    assert refresh(client, tokens["refresh_token"]).status_code == 401
    assert me(client, **signed_in(client, "commander-1"))["role"] == "officer"


def test_five_wrong_passwords_hold_an_account_and_an_unknown_one_alike(own):
    client, _ = own
    answers = {}
    for account in ("commander-1", "nobody-9"):
        for _ in range(6):
            form = {"grant_type": "password", "username": account, "password": "x" * 15}
            answer = client.post("/auth/token", data=form)
            told = (answer.status_code, answer.json()["detail"], "retry-after" in answer.headers)
            answers.setdefault(account, []).append(told)
    assert answers["commander-1"] == answers["nobody-9"]
    assert [status for status, *_ in answers["nobody-9"]] == [401] * 5 + [429]
    held = client.post(
        "/auth/session", headers=OWN, data={"username": "commander-1", "password": PASSWORD}
    )
    assert held.status_code == 429
    assert 0 < int(held.headers["retry-after"]) <= 60
    assert signed_in(client, "officer-1")


@pytest.mark.slow
def test_an_unknown_account_takes_as_long_as_a_known_one(tmp_path, monkeypatch):
    path = filled(tmp_path / "store.sqlite", hasher=PasswordHasher)
    with guarded(path, hasher=PasswordHasher) as client:
        known, unknown = sign_in_times(client, monkeypatch)
    assert 0.5 < known / unknown < 2


def sign_in_times(client, monkeypatch):
    """Return the median times that sign-in is refused to a known account and to an unknown one."""
    monkeypatch.setattr(signing_in, "_FREE_OF_ACCOUNT", 10**6)
    monkeypatch.setattr(signing_in, "_FREE_OF_ADDRESS", 10**6)
    times = {"officer-1": [], "nobody-9": []}
    for account in ["officer-1", "nobody-9"] * 6:
        form = {"grant_type": "password", "username": account, "password": "x" * 15}
        before = time.perf_counter()
        client.post("/auth/token", data=form)
        times[account].append(time.perf_counter() - before)
    return [statistics.median(several[1:]) for several in times.values()]


@pytest.mark.slow
def test_the_test_finds_an_unknown_account_that_is_refused_at_once(tmp_path, monkeypatch):
    slow = Passwords.match
    monkeypatch.setattr(
        Passwords, "match", lambda self, hashed, text: bool(hashed) and slow(self, hashed, text)
    )
    path = filled(tmp_path / "store.sqlite", hasher=PasswordHasher)
    with guarded(path, hasher=PasswordHasher) as client:
        known, unknown = sign_in_times(client, monkeypatch)
    assert known / unknown > 2


def test_the_store_keeps_neither_addresses_nor_what_was_typed(own):
    client, store = own
    typed = "a-name-typed-by-mistake"
    form = {"grant_type": "password", "username": typed, "password": "another secret thing"}
    client.post("/auth/token", data=form)
    tokens_of(client, "officer-1")
    with store.engine.reading() as session:
        tables = [
            row["name"]
            for row in session.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
            if not row["name"].startswith(("feature", "layers"))
        ]
        kept = json.dumps(
            [
                [str(value) for value in tuple(row)]
                for table in tables
                for row in session.rows(f"SELECT * FROM {table}")  # noqa: S608
            ]
        )
    assert "officer-1" in kept
    for secret in (typed, "another secret thing", PASSWORD, "127.0.0.1"):
        assert secret not in kept


def test_the_audit_tells_of_signing_in_out_and_of_refusals(own):
    client, store = own
    header = signed_in(client, "auditor-1")
    client.request("DELETE", "/auth/session", headers=header)
    client.post("/auth/token", data={"grant_type": "password", "username": "x", "password": "y"})
    told = [(entry.action, entry.subject) for entry in store.audit.page(after=0, limit=100)]
    assert told[-3:] == [("sign_in", "auditor-1"), ("sign_out", "auditor-1"), ("refused", "")]


def test_the_audit_tells_once_whose_token_was_used_twice(own):
    client, store = own
    first = tokens_of(client, "auditor-1")["refresh_token"]
    assert refresh(client, first).status_code == 200
    for _ in range(3):
        assert refresh(client, first).status_code == 401
    told = [
        (entry.subject, entry.detail)
        for entry in store.audit.page(after=0, limit=100)
        if entry.action == "refused"
    ]
    assert told == [("auditor-1", '{"reason":"token_used_twice"}')]


def test_demo_accounts_serve_in_demo_mode_alone(tmp_path, stranger):
    form = {"grant_type": "password", "username": "planner", "password": "demo"}
    path = tmp_path / "store.sqlite"
    store = Store(path)
    fill(store)
    add_everyone(store)
    store.close()
    with client_of(path) as demo:
        tokens = demo.post("/auth/token", data=form).json()
        told = me(demo, **bearer(tokens["access_token"]))
        assert (told["subject"], told["role"], told["mode"]) == ("planner", "planner", "demo")
        real = form | {"username": "planner-1", "password": PASSWORD}
        assert demo.post("/auth/token", data=real).status_code == 401
        cookie = open_session(demo, "planner", "demo").headers["set-cookie"]
        assert cookie.startswith("smartzone=")
        assert "Secure" not in cookie
    assert stranger.post("/auth/token", data=form).status_code == 401
    # A demo's tokens end with it, and are worth nothing outside it.
    with guarded(path) as client, client_of(path) as other:
        for service in (client, other):
            header = bearer(tokens["access_token"])
            assert service.get("/auth/me", headers=header).status_code == 401
            assert refresh(service, tokens["refresh_token"]).status_code == 401


def test_a_store_that_does_not_answer_lets_nobody_in(tmp_path):
    path = filled(tmp_path / "store.sqlite")
    with guarded(path) as client:
        header = signed_in(client, "officer-1")
        store = Store(path)
        with store.engine.writing() as session:
            session.run("ALTER TABLE sessions RENAME TO gone")
        store.close()
        assert client.get("/auth/me", headers=header).status_code == 503
        assert me(client)["role"] == "public"


def test_the_sign_in_page_leads_to_no_other_host(stranger):
    for wanted in ("//example.org", "https://example.org", "/\\example.org", "javascript:alert(1)"):
        text = stranger.get("/sign-in", params={"next": wanted}).text
        assert 'data-then="/console"' in text
        assert "example.org" not in text
        assert "javascript:" not in text
