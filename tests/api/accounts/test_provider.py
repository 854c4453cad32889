"""Bearer tokens of an OpenID provider: real keys that change, and every forgery refused."""

import time

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from api.access_settings import AccessSettings
from api.accounts import provider as module
from api.accounts import provider_keys
from api.accounts.provider import NoRightsError, Provider, issuer_of
from api.accounts.provider_keys import ProviderKeys, fetch_json
from tests.api.accounts.oidc_provider import (
    AUDIENCE,
    CLIENT,
    CLIENT_SECRET,
    SHARED,
    encoded,
    providing,
)
from tests.api.signing import SECRET, bearer, filled, guarded, signed_in


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return filled(tmp_path_factory.mktemp("oidc") / "store.sqlite")


def settings_of(provider, **more):
    return {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_audience": AUDIENCE,
        "zones": ("other",),
        "jobs": 0,
    } | more


@pytest.fixture
def service(place, monkeypatch):
    """Return a provider, and a client of a service that trusts it and asks for keys at will."""
    monkeypatch.setattr(provider_keys, "PAUSE_S", 0.0)
    with providing() as provider, guarded(place, **settings_of(provider)) as client:
        yield provider, client


def who(client, token, path="/auth/me"):
    answer = client.get(path, headers=bearer(token))
    if answer.status_code == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")
    return answer.json() if answer.status_code == 200 else answer.status_code


def test_a_token_of_the_provider_gives_its_rights_in_its_zones(service):
    provider, client = service
    told = who(client, provider.token())
    assert (told["role"], told["subject"].split("-")[0]) == ("officer", "oidc")
    assert "person-1" not in told["subject"]
    assert who(client, provider.token())["subject"] == told["subject"]
    assert who(client, provider.token(sub="person-2"))["subject"] != told["subject"]
    assert who(client, provider.token(), "/zones/other/auth/me")["role"] == "public"
    assert who(client, provider.token(smartzone_zones="*"), "/zones/other/auth/me")["role"] == (
        "officer"
    )
    incidents = client.get("/ogc/collections/incidents/items", headers=bearer(provider.token()))
    assert incidents.status_code == 200


def test_local_accounts_go_on_beside_it(service):
    _, client = service
    answer = client.get("/auth/me", headers=signed_in(client, "planner-1"))
    assert answer.json()["role"] == "planner"


@pytest.mark.parametrize("kind", ["RSA", "EC"])
def test_a_new_key_is_taken_and_one_taken_back_is_forgotten(service, kind):
    provider, client = service
    old = provider.token()
    assert who(client, old)["role"] == "officer"
    provider.rotate(kind)
    assert who(client, provider.token())["role"] == "officer"
    assert who(client, old) == 401


def test_while_the_provider_is_down_known_keys_serve_and_strange_ones_do_not(service):
    provider, client = service
    assert who(client, provider.token())["role"] == "officer"
    provider.down = True
    assert who(client, provider.token())["role"] == "officer"
    assert who(client, provider.token(header={"kid": "unknown"})) == 401
    assert who(client, provider.token())["role"] == "officer"


def test_before_any_key_was_read_a_provider_that_is_down_is_told_as_such(service):
    provider, client = service
    provider.down = True
    assert who(client, provider.token()) == 503
    assert client.get("/auth/me").json()["role"] == "public"
    provider.down = False
    assert who(client, provider.token())["role"] == "officer"


def test_unknown_keys_make_us_ask_once_a_minute_at_most(place):
    with providing() as provider, guarded(place, **settings_of(provider)) as client:
        assert who(client, provider.token())["role"] == "officer"
        for number in range(20):
            assert who(client, provider.token(header={"kid": f"k{number}"})) == 401
        assert provider.asked.count("/keys") == 1


def public_pem(provider):
    return provider.keys[provider.key_id].as_pem(private=False)


def without_signature(token, alg):
    return f"{encoded({'alg': alg})}.{token.split('.')[1]}."


FORGERIES = {
    "another RSA key": lambda it: it.token(key=RSAKey.generate_key(2048)),
    "another EC key": lambda it: it.token(key=ECKey.generate_key("P-256"), header={"alg": "ES256"}),
    "HS256 by the public key": lambda it: it.by_secret(public_pem(it), it.key_id),
    "HS256 by a secret among the keys": lambda it: it.by_secret(SHARED, "shared"),
    "HS256 by our client secret": lambda it: it.by_secret(CLIENT_SECRET.encode(), it.key_id),
    "alg none": lambda it: without_signature(it.token(), "none"),
    "alg None": lambda it: without_signature(it.token(), "None"),
    "an algorithm nobody asked for": lambda it: it.token(
        header={"alg": "RS512"}, algorithms=["RS512"]
    ),
    "a key of its own": lambda it: it.token(
        key=RSAKey.generate_key(2048),
        header={"jwk": RSAKey.generate_key(2048).as_dict(private=False), "kid": None},
    ),
    "an unknown key": lambda it: it.token(header={"kid": "unknown"}),
    "expired": lambda it: it.token(exp=int(time.time()) - 70),
    "not yet": lambda it: it.token(nbf=int(time.time()) + 90),
    "made in the future": lambda it: it.token(iat=int(time.time()) + 90),
    "without an end": lambda it: it.token(exp=None),
    "an end that is no number": lambda it: it.token(exp="2099"),
    "for another audience": lambda it: it.token(aud="another"),
    "for the console, telling who signed in": lambda it: it.token(aud=CLIENT),
    "without an audience": lambda it: it.token(aud=None),
    "without a subject": lambda it: it.token(sub=None),
    "of another issuer": lambda it: it.token(iss="https://id.example.org"),
    "of an issuer that is longer": lambda it: it.token(iss=it.issuer + "/"),
    "without a role": lambda it: it.token(smartzone_role=None),
    "with a role that is none": lambda it: it.token(smartzone_role="mayor"),
    "with the public's role": lambda it: it.token(smartzone_role="public"),
    "with two roles": lambda it: it.token(smartzone_role=["officer", "commander"]),
    "without zones": lambda it: it.token(smartzone_zones=None),
    "a partner of nobody": lambda it: it.token(smartzone_role="partner"),
}


@pytest.fixture(scope="module")
def steady(place):
    with providing() as provider, guarded(place, **settings_of(provider)) as client:
        who(client, provider.token())
        yield provider, client


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_or_foreign_token_is_refused(steady, forge):
    provider, client = steady
    assert who(client, forge(provider)) == 401
    assert who(client, provider.token())["role"] == "officer"


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": -50},
        {"nbf": 50},
        {"iat": 50},
        {"aud": ["another", AUDIENCE]},
        {"smartzone_role": ["officer"]},
    ],
)
def test_clocks_may_differ_by_a_minute_and_claims_be_lists(steady, claims):
    provider, client = steady
    now = int(time.time())
    given = {
        name: now + value if isinstance(value, int) else value for name, value in claims.items()
    }
    assert who(client, provider.token(**given))["role"] == "officer"


def test_a_token_without_the_name_of_its_key_serves_while_there_is_one(steady):
    provider, client = steady
    token = provider.token(header={"kid": None})
    assert who(client, token)["role"] == "officer"


def test_a_token_without_the_name_of_its_key_is_refused_among_several(service):
    provider, client = service
    first = provider.shown
    provider.rotate()
    provider.shown |= first
    assert who(client, provider.token())["role"] == "officer"
    assert who(client, provider.token(header={"kid": None})) == 401


def test_the_tests_find_a_reader_that_takes_shown_secrets_for_keys(service, monkeypatch):
    provider, client = service
    monkeypatch.setattr(module, "_ALGORITHMS", ("RS256", "HS256"))
    monkeypatch.setitem(provider_keys._KINDS, "oct", OctKey)
    assert who(client, provider.by_secret(SHARED, "shared"))["role"] == "officer"


def test_without_an_audience_no_program_is_let_in(place):
    with providing() as provider:
        more = settings_of(provider, oidc_audience=None)
        with guarded(place, **more) as client:
            assert who(client, provider.token()) == 401
            assert who(client, provider.token(aud=CLIENT)) == 401


def test_the_providers_own_words_for_roles_are_read_by_the_settings(place):
    words = {
        "oidc_role_claim": "realm_access.roles",
        "oidc_roles": {"police-chief": "commander", "patrol": "officer"},
        "oidc_zones_claim": "https://example.org/zones",
    }
    with providing() as provider, guarded(place, **settings_of(provider, **words)) as client:

        def role(*roles):
            return provider.token(
                **{"realm_access": {"roles": list(roles)}, "https://example.org/zones": "sample"}
            )

        assert who(client, role("patrol", "offline_access"))["role"] == "officer"
        assert who(client, role("police-chief"))["role"] == "commander"
        assert who(client, role("commander")) == 401
        assert who(client, role("patrol", "police-chief")) == 401


def test_a_partner_is_the_owner_that_the_provider_names():
    settings = AccessSettings(
        mode="accounts", secret=SECRET, oidc_issuer="https://id.example.org", oidc_client_id="c"
    )
    keys = ProviderKeys("https://id.example.org", fetch=fetch_json)
    provider = Provider(settings, keys)
    claims = {"smartzone_role": "partner", "smartzone_zones": ["a"], "smartzone_owner": "Owner 1"}
    assert provider.rights(claims).owner == "Owner 1"
    with pytest.raises(NoRightsError):
        provider.rights(claims | {"smartzone_owner": None})


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "....", "a.eyJpc3MiOjF9.c", "a.bnVsbA.c", "a.é.c", "." + "[" * 9_999]
)
def test_what_is_no_token_has_no_issuer(token):
    assert issuer_of(token) is None
