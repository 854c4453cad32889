"""The door: every site may ask, nobody too much, and nobody is known."""

import asyncio
import gc

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.operations.server import _config
from api.public.door import PublicDoor
from api.settings import Settings
from tests.api.public.conftest import public_client


async def app(scope, receive, send):
    """Answer with a cookie, and tell which headers came."""
    names = " ".join(sorted(name.decode() for name, _ in scope["headers"]))
    headers = [(b"set-cookie", b"a=b"), (b"x-came", names.encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"in"})


def asked(
    door, path="/public/v1/places", *, client="203.0.113.9", method="GET", headers=(), root=""
):
    """Send one request through a door and return its answer's status and headers."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "path": path,
        "root_path": root,
        "method": method,
        "query_string": b"",
        "headers": list(headers),
        "client": (client, 5000) if client else None,
    }
    return door(scope, receive, send), sent


def ask(door, times=1, **options):
    async def run():
        answers = []
        for _ in range(times):
            call, sent = asked(door, **options)
            await call
            start = sent[0]
            told = {k.decode().lower(): v.decode() for k, v in start["headers"]}
            answers.append((start["status"], told))
        return answers

    return asyncio.run(run())


def test_who_asks_too_often_is_told_when_again(old_town_store):
    with public_client(old_town_store, rate="5/minute") as client:
        statuses = [client.get("/releases").status_code for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2
        answer = client.get("/walk")
        assert answer.status_code == 429
        assert answer.headers["content-type"] == "application/problem+json"
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "127.0.0.1" not in answer.text
        assert client.get(f"{client.base_url.join('/healthz')}").status_code == 200
        # A word for who asks is nobody's to choose where no proxy stands before the service.
        liar = {"X-Forwarded-For": "198.51.100.7", "Forwarded": "for=198.51.100.7"}
        assert client.get("/releases", headers=liar).status_code == 429


def test_each_client_is_counted_alone_and_a_household_once():
    door = PublicDoor(app, rate="1/minute")

    async def run():
        statuses = []
        for client in (
            "203.0.113.9",
            "203.0.113.10",
            "2001:db8::1",
            "2001:db8::2",
            "2001:db8:0:1::1",
        ):
            call, sent = asked(door, client=client)
            await call
            statuses.append(sent[0]["status"])
        return statuses

    assert asyncio.run(run()) == [200, 200, 200, 429, 200]


def test_the_address_is_kept_nowhere():
    door = PublicDoor(app, rate="10/minute")
    ask(door, times=3, client="203.0.113.77")
    gc.collect()
    storage = door._limiter.storage
    kept = repr([storage.storage, storage.expirations, storage.events, vars(door)])
    assert storage.storage
    assert "203.0.113.77" not in kept
    other = PublicDoor(app, rate="10/minute")
    scope = {"client": ("203.0.113.77", 1)}
    assert door._client(scope) == door._client({"client": ("203.0.113.77", 2)})
    assert door._client(scope) != other._client(scope)


def test_other_paths_pass_by():
    door = PublicDoor(app, rate="1/minute")
    answers = ask(door, times=3, path="/ogc/collections") + ask(door, times=2, path="/publicity")
    assert [status for status, _ in answers] == [200] * 5
    assert all("access-control-allow-origin" not in headers for _, headers in answers)


def test_a_zone_before_the_path_is_the_same_door():
    door = PublicDoor(app, rate="1/minute")
    statuses = [
        status for status, _ in ask(door, times=2, path="/zones/a/public/v1/walk", root="/zones/a")
    ]
    assert statuses == [200, 429]


def test_nobody_says_who_they_are_and_no_cookie_is_set():
    door = PublicDoor(app, rate="9/minute")
    given = [(b"cookie", b"session=1"), (b"authorization", b"Bearer x"), (b"accept", b"*/*")]
    ((status, headers),) = ask(door, headers=given)
    assert (status, headers["x-came"]) == (200, "accept")
    assert "set-cookie" not in headers


def test_a_forged_token_changes_nothing(public):
    answer = public.get("/releases", headers={"Authorization": "Bearer forged", "Cookie": "a=b"})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


def test_every_site_may_ask_and_only_here(public):
    answer = public.get("/releases", headers={"Origin": "https://app.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    preflight = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    allowed = public.options("/releases", headers=preflight)
    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-methods"] == "GET, HEAD"
    assert allowed.headers["access-control-allow-headers"] == "If-None-Match"
    for path in ("/ogc", "/healthz", "/console"):
        elsewhere = public.get(f"{public.base_url.join(path)}", headers={"Origin": "https://a.b"})
        assert "access-control-allow-origin" not in elsewhere.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/safe-areas", "/walk"])
def test_there_is_nothing_to_change(public, method, path):
    assert public.request(method, path).status_code == 405


def test_a_client_without_an_address_is_counted_too():
    door = PublicDoor(app, rate="1/minute")
    assert [status for status, _ in ask(door, times=2, client=None)] == [200, 429]


def test_a_proxy_is_believed_where_the_setting_names_it():
    assert _config(app, Settings()).proxy_headers is False
    told = _config(app, Settings(proxies="10.0.0.0/8, 127.0.0.1"))
    assert (told.proxy_headers, told.forwarded_allow_ips) == (True, ["10.0.0.0/8", "127.0.0.1"])
    door = PublicDoor(app, rate="1/minute")
    behind = ProxyHeadersMiddleware(door, trusted_hosts=told.forwarded_allow_ips)

    def statuses(client, *words):
        return [
            ask(behind, client=client, headers=[(b"x-forwarded-for", word)])[0][0] for word in words
        ]

    # What a client itself says before the proxy's word for it is not believed.
    assert statuses("10.1.2.3", b"203.0.113.1", b"203.0.113.2", b"198.51.100.9, 203.0.113.1") == [
        200, 200, 429
    ]  # fmt: skip
    assert statuses("192.0.2.1", b"203.0.113.3", b"203.0.113.4") == [200, 429]
