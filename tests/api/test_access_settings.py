"""Who is let in: nothing unsafe starts, and no message shows a secret."""

import secrets

import pytest

from api.access_settings import is_loopback
from api.settings import Settings
from geo.errors import ParameterError

SECRET = secrets.token_urlsafe(48)
EVERYWHERE = "0.0.0.0"  # noqa: S104 - in settings, never listened on


def test_demo_is_the_default_and_needs_nothing():
    settings = Settings.load()
    assert (settings.mode, settings.host, settings.secret) == ("demo", "127.0.0.1", None)


def test_with_accounts_and_a_secret_other_machines_may_be_served(monkeypatch):
    monkeypatch.setenv("SMARTZONE_MODE", "accounts")
    monkeypatch.setenv("SMARTZONE_SECRET", SECRET)
    monkeypatch.setenv("SMARTZONE_HOST", EVERYWHERE)
    monkeypatch.setenv("SMARTZONE_HOSTS", "zone.example.org, 10.0.0.5")
    settings = Settings.load()
    assert settings.hosts == ("zone.example.org", "10.0.0.5")
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"host": EVERYWHERE}, "to be a loopback address such as 127.0.0.1 in demo mode"),
        ({"hosts": ("localhost", "zone.example.org")}, "loopback ones .*, got zone.example.org"),
        ({"mode": "accounts"}, "of 32 characters or more, got none"),
        ({"mode": "accounts", "secret": SECRET[:31]}, "of 32 characters or more, got 31"),
        ({"mode": "accounts", "secret": "changeme" * 8}, "that nobody can guess"),
        ({"mode": "accounts", "secret": "abab" * 16}, "that nobody can guess"),
        ({"mode": "accounts", "secret": SECRET, "host": EVERYWHERE}, "`hosts` .* got none"),
        ({"oidc_issuer": "https://id.example.org", "oidc_client_id": "z"}, "`mode`"),
        (
            {"mode": "accounts", "secret": SECRET, "oidc_issuer": "https://id.example.org"},
            "`oidc_client_id` .* got none",
        ),
        (
            {
                "mode": "accounts",
                "secret": SECRET,
                "oidc_issuer": "https://id.example.org",
                "oidc_client_id": "zone",
                "oidc_audience": "zone",
            },
            "`oidc_audience` .* to differ from `oidc_client_id`",
        ),
    ],
)
def test_what_would_let_in_strangers_is_refused_in_one_line(given, expected):
    with pytest.raises(ParameterError, match=expected) as refused:
        Settings.load(**given)
    (line,) = str(refused.value).splitlines()
    assert given.get("secret", SECRET) not in line
    # However they are made, settings are never unsafe.
    with pytest.raises(ValueError, match=expected):
        Settings(**given)


@pytest.mark.parametrize("given", ['{"chief"', "[]", '{"chief": "king"}', "7"])
def test_roles_that_are_none_are_told_by_the_name_of_their_setting(monkeypatch, given):
    monkeypatch.setenv("SMARTZONE_OIDC_ROLES", given)
    told = r"^Expected `oidc_roles` \(SMARTZONE_OIDC_ROLES\) to be a JSON object .*, got .*\.$"
    with pytest.raises(ParameterError, match=told):
        Settings.load()


def test_the_providers_words_for_roles_are_read(monkeypatch):
    monkeypatch.setenv("SMARTZONE_OIDC_ROLES", '{"chief": "commander"}')
    assert Settings.load().oidc_roles == {"chief": "commander"}


def test_a_secret_of_the_wrong_kind_is_not_shown(monkeypatch):
    with pytest.raises(ParameterError) as refused:
        Settings.load(secret=("hidden", 1), mode="accounts")
    assert "hidden" not in str(refused.value)
    assert "`secret` (SMARTZONE_SECRET)" in str(refused.value)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("localhost.example.org", False),
        ("127.0.0.1.example.org", False),
        ("10.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("", False),
    ],
)
def test_loopback_is_told_from_names_that_look_like_it(host, expected):
    assert is_loopback(host) is expected
