"""Names of the service: a page that was led here by a strange name gets nothing."""

from contextlib import closing
from http.client import HTTPConnection

import httpx
import pytest

from api.hosts import host_of
from api.main import create_app
from tests.api.serving import serving
from tests.api.signing import account_settings

NAMED = ("zone.example.org", "2001:db8::7")


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    settings = account_settings(tmp_path_factory.mktemp("h") / "s.sqlite", hosts=NAMED, jobs=0)
    with serving(create_app(settings)) as address, httpx.Client(base_url=address) as client:
        yield client


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1:8000", True),
        ("localhost", True),
        ("[::1]:8000", True),
        ("zone.example.org", False),
        ("rebound.example.org:8000", False),
        ("localhost.example.org", False),
        ("127.0.0.1.example.org", False),
        ("127.0.0.1@example.org", False),
        ("0.0.0.0", False),  # noqa: S104
        ("", False),
        ("[::1", False),
        ("127.0.0.1:80:80", False),
    ],
)
def test_in_demo_mode_loopback_names_alone_are_ours(client, host, own):
    for path in ("/healthz", "/ogc", "/console", "/zones/sample/ogc"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == (200 if own else 421 if host else answer.status_code)
        assert own or answer.status_code in {400, 421}
        if answer.status_code == 421:
            assert answer.headers["content-type"] == "application/problem+json"
            assert "content-security-policy" in answer.headers
            assert "example.org" not in answer.text


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("zone.example.org", True),
        ("ZONE.example.org:443", True),
        ("[2001:db8::7]:443", True),
        ("127.0.0.1", True),
        ("other.example.org", False),
        ("zone.example.org.evil.example", False),
    ],
)
def test_with_accounts_the_names_of_the_settings_are_ours_too(named, host, own):
    status = named.get("/healthz", headers={"Host": host}).status_code
    assert status == (200 if own else 421)


def test_two_names_are_none(client):
    connection = HTTPConnection(client.base_url.host, client.base_url.port, timeout=30)
    with closing(connection):
        connection.putrequest("GET", "/healthz", skip_host=True)
        for _ in range(2):
            connection.putheader("Host", "127.0.0.1")
        connection.endheaders()
        assert connection.getresponse().status in {400, 421}


def test_an_authority_without_end_is_none(client):
    endless = f"127.0.0.1:{'0' * 300}80"
    assert client.get("/ogc", headers={"Host": endless}).status_code == 421
    assert host_of(f"{'a' * 253}:65535") == "a" * 253


STRANGE = ("a/b", "a\\b", "a?b", "a#b", "a b", "a:b", "[a]b", "[a]:b", "[::1%25a]", 'a"b', "é", "")


@pytest.mark.parametrize("authority", STRANGE)
def test_what_is_no_authority_has_no_host(authority):
    assert host_of(authority) == ""
