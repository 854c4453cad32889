"""Sign-in of a browser at an OpenID provider: code, PKCE, state, nonce, and what goes wrong."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.api.accounts.oidc_provider import AUDIENCE, CLIENT, CLIENT_SECRET, providing
from tests.api.signing import filled, guarded, signed_in

COOKIE = "__Host-smartzone"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    place = filled(tmp_path_factory.mktemp("flow") / "store.sqlite")
    with providing() as provider:
        settings = {
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": CLIENT_SECRET,
            "jobs": 0,
        }
        with guarded(place, **settings) as client:
            yield provider, client


@pytest.fixture(autouse=True)
def usual(service):
    service[0].changes = {}
    service[1].cookies.clear()


def cookies_of(answer):
    """Return the header of a browser that keeps an answer's cookies, ours by HTTPS alone."""
    kept = {}
    for line in answer.headers.get_list("set-cookie"):
        name, _, value = line.split(";")[0].partition("=")
        kept[name] = value
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items())}


def begin(client, then="/console"):
    answer = client.get("/auth/oidc/start", params={"next": then})
    assert answer.status_code == 303
    return answer.headers["location"], cookies_of(answer)


def finish(client, url, cookie):
    parts = urlsplit(url)
    return client.get(f"{parts.path}?{parts.query}", headers=cookie)


def refused(answer, why="provider"):
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sign-in?refused={why}"
    assert f"{COOKIE}=" not in [
        line.split(";")[0][: len(COOKIE) + 1] for line in answer.headers.get_list("set-cookie")
    ]
    return True


def test_a_browser_signs_in_at_the_provider_and_comes_back_to_where_it_was(service):
    provider, client = service
    page = client.get("/sign-in", params={"next": "/zones/sample/console", "lang": "en"}).text
    assert "/auth/oidc/start?next=%2Fzones%2Fsample%2Fconsole" in page
    location, cookie = begin(client, "/zones/sample/console")
    assert location.startswith(f"{provider.issuer}/authorize?")
    answer = finish(client, provider.sign_in(location), cookie)
    assert answer.status_code == 200
    assert 'content="0;url=/zones/sample/console"' in answer.text
    told = client.get("/auth/me", headers=cookies_of(answer)).json()
    assert (told["role"], told["subject"][:5]) == ("officer", "oidc-")


def test_what_a_browser_carries_tells_it_no_secret(service):
    _, client = service
    location, cookie = begin(client)
    query = parse_qs(urlsplit(location).query)
    assert query["response_type"] == ["code"]
    assert query["scope"] == ["openid"]
    for secret in (query["state"][0], query["nonce"][0], CLIENT_SECRET):
        assert secret not in cookie["Cookie"]
    attributes = client.get("/auth/oidc/start").headers["set-cookie"]
    assert "HttpOnly" in attributes
    assert "Secure" in attributes
    assert "SameSite=lax" in attributes
    assert query["state"] != parse_qs(urlsplit(begin(client)[0]).query)["state"]


def test_an_answer_to_another_browsers_sign_in_is_refused(service):
    provider, client = service
    mine, my_cookie = begin(client)
    theirs, their_cookie = begin(client)
    assert refused(finish(client, provider.sign_in(theirs), my_cookie))
    assert refused(finish(client, provider.sign_in(mine), their_cookie))
    assert refused(finish(client, provider.sign_in(mine), {}))


def test_a_code_serves_once(service):
    provider, client = service
    location, cookie = begin(client)
    url = provider.sign_in(location)
    assert finish(client, url, cookie).status_code == 200
    assert refused(finish(client, url, cookie))


def test_a_provider_that_is_down_is_told_as_such(service):
    provider, client = service
    location, cookie = begin(client)
    url = provider.sign_in(location)
    provider.down = True
    answer = finish(client, url, cookie)
    provider.down = False
    assert answer.status_code == 503
    assert finish(client, url, cookie).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["", "?error=access_denied", "?code=x", "?code=&state=", "?state=é", "?iss=https://x.example"],
)
def test_an_answer_that_is_none_is_refused(service, query):
    _, client = service
    _, cookie = begin(client)
    assert refused(client.get(f"/auth/oidc/callback{query}", headers=cookie))


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": AUDIENCE},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "https://id.example.org"},
        {"exp": int(time.time()) - 120},
        {"iat": None},
        {"sub": None},
    ],
)
def test_a_token_that_does_not_tell_of_this_sign_in_is_refused(service, changes):
    provider, client = service
    location, cookie = begin(client)
    provider.changes = changes
    assert refused(finish(client, provider.sign_in(location), cookie))


def test_a_token_for_several_that_was_made_for_us_is_taken(service):
    provider, client = service
    provider.changes = {"aud": [CLIENT, "another"], "azp": CLIENT}
    location, cookie = begin(client)
    assert finish(client, provider.sign_in(location), cookie).status_code == 200


def test_whoever_has_no_role_is_told_so(service):
    provider, client = service
    provider.changes = {"smartzone_role": None}
    location, cookie = begin(client)
    assert refused(finish(client, provider.sign_in(location), cookie), why="rights")
    page = client.get("/sign-in", params={"refused": "rights", "lang": "en"}).text
    assert "no role here" in page


def test_a_session_from_the_provider_ends_within_the_hour_and_by_signing_out(service):
    provider, client = service
    location, cookie = begin(client)
    answer = finish(client, provider.sign_in(location), cookie)
    line = next(
        line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{COOKIE}=")
    )
    lasting = next(part for part in line.split("; ") if part.startswith("Max-Age="))
    assert 3_500 < int(lasting.removeprefix("Max-Age=")) <= 3_600
    session = {"Cookie": line.split(";")[0]}
    done = client.request("DELETE", "/auth/session", headers=session | {"X-Smartzone": "1"})
    assert (done.status_code, done.headers["link"]) == (204, '</auth/oidc/end>; rel="next"')
    assert client.get("/auth/me", headers=session).status_code == 401


def test_whoever_signs_out_here_is_led_to_sign_out_of_the_provider(service):
    provider, client = service
    away = client.get("/auth/oidc/end")
    address, _, query = away.headers["location"].partition("?")
    assert (away.status_code, address) == (303, f"{provider.issuer}/end")
    back = f"http://{client.base_url.host}:{client.base_url.port}/sign-in"
    assert parse_qs(query) == {"client_id": [CLIENT], "post_logout_redirect_uri": [back]}
    local = signed_in(client, "officer-1")
    done = client.request("DELETE", "/auth/session", headers=local)
    assert (done.status_code, "link" in done.headers) == (204, False)


def test_a_provider_that_ends_no_sessions_is_not_asked_to(tmp_path):
    with providing() as provider:
        provider.ends_sessions = False
        settings = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "jobs": 0}
        with guarded(filled(tmp_path / "store.sqlite"), **settings) as client:
            assert client.get("/auth/oidc/end").headers["location"] == "/sign-in"


def test_the_way_back_is_encrypted_beyond_this_machine(tmp_path, service):
    provider, _ = service
    settings = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "hosts": ("zone.example.org",),
        "jobs": 0,
    }
    with guarded(filled(tmp_path / "store.sqlite"), **settings) as client:
        answer = client.get("/auth/oidc/start", headers={"Host": "zone.example.org"})
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        assert query["redirect_uri"] == ["https://zone.example.org/auth/oidc/callback"]


def test_without_a_provider_there_is_no_way_to_one(stranger):
    assert stranger.get("/auth/oidc/start").status_code == 404
    assert stranger.get("/auth/oidc/callback").status_code == 404
    assert stranger.get("/auth/oidc/end").status_code == 404
    assert "oidc" not in stranger.get("/sign-in").text
