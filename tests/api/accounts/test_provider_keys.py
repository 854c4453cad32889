"""The provider's keys: asked for when they are old or unknown, and nobody waits without need."""

import anyio
import pytest
from joserfc.jwk import ECKey

from api.accounts.provider_keys import OLDEST_S, PAUSE_S, ProviderKeys
from geo.errors import SourceError

ISSUER = "https://id.example.org"
KEY = ECKey.generate_key("P-256").as_dict(private=False)


class Source:
    """What a provider answers; it counts, may change, be down, or let wait."""

    def __init__(self):
        self.now = 0.0
        self.asked = 0
        self.down = False
        self.keys = {"keys": [KEY | {"kid": "first"}]}
        self.configuration = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/a",
            "token_endpoint": f"{ISSUER}/t",
            "jwks_uri": f"{ISSUER}/k",
        }
        self.gate = None

    async def fetch(self, url):
        if self.down:
            raise SourceError("down")
        if url.endswith("/k"):
            self.asked += 1
            if self.gate is not None:
                await self.gate.wait()
            return self.keys
        return self.configuration


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def keys(source):
    return ProviderKeys(ISSUER, fetch=source.fetch, monotonic=lambda: source.now)


def key(keys, name):
    return anyio.run(keys.key, name)


def test_known_keys_are_not_asked_for_until_they_are_old(keys, source):
    for source.now in (0.0, 1.0, OLDEST_S):
        assert key(keys, "first") is not None
    assert source.asked == 1
    source.now = OLDEST_S + 1
    source.keys = {"keys": []}
    with pytest.raises(SourceError):
        key(keys, "first")
    assert source.asked == 2


def test_unknown_keys_are_asked_for_once_a_minute(keys, source):
    assert key(keys, "second") is None
    source.keys = {"keys": [KEY | {"kid": "second"}]}
    source.now = PAUSE_S - 1
    assert key(keys, "second") is None
    source.now = PAUSE_S
    assert key(keys, "second") is not None
    assert key(keys, "first") is None
    assert source.asked == 2


def test_old_keys_serve_on_while_the_provider_is_down(keys, source):
    assert key(keys, "first") is not None
    source.down = True
    for source.now in (OLDEST_S + 1, 3 * OLDEST_S):
        assert key(keys, "first") is not None
        assert key(keys, "second") is None


async def _known_beside_unknown(keys, source):
    await keys.key("first")
    source.now, source.gate = PAUSE_S + 1, anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(keys.key, "second")
        await anyio.wait_all_tasks_blocked()
        with anyio.fail_after(1):
            assert await keys.key("first") is not None
        source.gate.set()


def test_a_known_key_does_not_wait_behind_an_unknown_one(keys, source):
    anyio.run(_known_beside_unknown, keys, source)


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://other.example.org"},
        {"issuer": None},
        {"jwks_uri": "http://id.example.org/k"},
        {"token_endpoint": None},
        {"end_session_endpoint": "http://id.example.org/end"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "https://user@id.example.org/t"},
    ],
)
def test_a_configuration_that_leads_astray_is_not_taken(keys, source, change):
    source.configuration |= change
    with pytest.raises(SourceError, match="does not answer"):
        key(keys, "first")
    assert source.asked == 0


@pytest.mark.parametrize(
    "listed",
    [
        None,
        {},
        "keys",
        [None, 7, "x", {}],
        [{"kty": "RSA", "n": "?", "e": "AQAB", "kid": "first"}],
        [{"kty": "oct", "k": "c2VjcmV0", "kid": "first"}],
        [KEY | {"kid": "first", "use": "enc"}],
        [KEY | {"kty": "XX", "kid": "first"}],
    ],
)
def test_what_is_no_public_key_for_signatures_is_left_out(keys, source, listed):
    source.keys = {"keys": listed}
    with pytest.raises(SourceError, match="does not answer"):
        key(keys, "first")
