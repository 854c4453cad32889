"""The configuration and the keys of an OpenID provider, as they change (OpenID Connect Discovery).

Keys that were read once stay until the provider shows others: while it does not answer, whoever is
known by them is let in on.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

import anyio
import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from api.access_settings import is_private
from geo.errors import SourceError

OLDEST_S: Final = 3_600.0
"""Age from which on keys are asked for anew, so that those taken back are forgotten."""
PAUSE_S: Final = 60.0
"""Least time between two requests for keys, whatever key a token names."""

_TIMEOUT_S: Final = 5.0
_LARGEST: Final = 1_000_000  # bytes of an answer
_PATH: Final = "/.well-known/openid-configuration"
_log = logging.getLogger(__name__)

Key = RSAKey | ECKey
_KINDS: Final[Mapping[str, type[Key]]] = {"RSA": RSAKey, "EC": ECKey}
Fetch = Callable[[str], Awaitable[Mapping[str, Any]]]


class ProviderRefusedError(SourceError):
    """The provider answers, and refuses what it was asked."""


class Configuration(NamedTuple):
    """Where a provider is asked for what.

    Attributes
    ----------
    authorization_endpoint
        Where a browser is sent to sign in.
    token_endpoint
        Where a code is changed for tokens.
    jwks_uri
        Where the keys stand.
    end_session_endpoint
        Where a browser is sent to sign out of the provider as well; none where it has none.
    """

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None


class ProviderKeys:
    """The keys that a provider signs with.

    Parameters
    ----------
    issuer
        Identifier of the provider.
    fetch
        Reads a JSON object from an address.
    monotonic
        Tells the seconds since some instant.
    """

    def __init__(
        self, issuer: str, *, fetch: Fetch, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._monotonic = monotonic
        self._lock = anyio.Lock()
        self._keys: Mapping[str | None, Key] = {}
        self._configuration: Configuration | None = None
        self._tried = self._read = float("-inf")

    async def key(self, key_id: str | None) -> Key | None:
        """Find a key, asking the provider where it is unknown or was read long ago.

        Parameters
        ----------
        key_id
            Its id; none serves where the provider has a single key.

        Returns
        -------
        key
            The key; none where the provider shows no such key.

        Raises
        ------
        SourceError
            No key was ever read, and the provider does not answer.
        """
        found = self._find(key_id)
        # While one request waits for the provider, those with a known key do not wait behind it.
        if found is None or (self._is_old() and not self._lock.locked()):
            async with self._lock:
                if self._find(key_id) is None or self._is_old():
                    await self._refresh()
            found = self._find(key_id)
        return found

    async def configuration(self) -> Configuration:
        """Return where the provider is asked for what.

        Returns
        -------
        configuration
            Its addresses.

        Raises
        ------
        SourceError
            They were never read, and the provider does not answer.
        """
        async with self._lock:
            if self._configuration is None:
                await self._refresh()
        if self._configuration is None:
            raise SourceError("The identity provider does not answer.")
        return self._configuration

    def _is_old(self) -> bool:
        return self._monotonic() - self._read > OLDEST_S

    def _find(self, key_id: str | None) -> Key | None:
        if key_id is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(key_id)

    async def _refresh(self) -> None:
        if self._monotonic() - self._tried >= PAUSE_S:
            self._tried = self._monotonic()
            try:
                found = await self._fetch(self._issuer.rstrip("/") + _PATH)
                configuration = _configuration(found, issuer=self._issuer)
                self._keys = _usable(await self._fetch(configuration.jwks_uri))
                self._configuration = configuration
                self._read = self._monotonic()
            except SourceError as error:
                _log.warning("identity provider: %s", error)
        if not self._keys:
            raise SourceError("The identity provider does not answer.")


async def fetch_json(url: str) -> Mapping[str, Any]:
    """Read a JSON object from an address.

    Parameters
    ----------
    url
        The address.

    Returns
    -------
    found
        The object.

    Raises
    ------
    SourceError
        There is none, or it does not come in time.
    """
    async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
        return await json_of(client, client.build_request("GET", url))


async def json_of(client: httpx.AsyncClient, request: httpx.Request) -> Mapping[str, Any]:
    """Send a request and read the JSON object that answers it.

    Parameters
    ----------
    client
        The client.
    request
        The request.

    Returns
    -------
    found
        The object.

    Raises
    ------
    ProviderRefusedError
        The answer's status says that the request was wrong.
    SourceError
        There is none, or it does not come in time.
    """
    try:
        with anyio.fail_after(2 * _TIMEOUT_S):
            answer = await client.send(request, stream=True)
            body = bytearray()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > _LARGEST:
                    raise SourceError(f"Expected at most {_LARGEST:,} bytes, got more.")
            await answer.aclose()
        if answer.is_client_error:
            raise ProviderRefusedError("The identity provider refuses what it was asked.")
        answer.raise_for_status()
        found = httpx.Response(200, content=bytes(body)).json()
    except (httpx.HTTPError, ValueError, TimeoutError, RecursionError) as error:
        raise SourceError(
            f"Expected JSON from the provider, got {type(error).__name__}."
        ) from error
    if not isinstance(found, dict):
        raise SourceError("Expected a JSON object from the provider, got another value.")
    return found


def _configuration(found: Mapping[str, Any], *, issuer: str) -> Configuration:
    """Read a configuration that is the issuer's own (OpenID Connect Discovery 1.0, 4.3)."""
    if found.get("issuer") != issuer:
        raise SourceError("Expected the configuration of the issuer itself, got another's.")
    needed = [name for name in Configuration._fields if name not in Configuration._field_defaults]
    given = {name: found[name] for name in Configuration._fields if found.get(name) is not None}
    fit = all(isinstance(address, str) and is_private(address) for address in given.values())
    if not fit or not given.keys() >= {*needed}:
        raise SourceError("Expected addresses https://... in the configuration, got others.")
    return Configuration(**given)


def _usable(found: Mapping[str, Any]) -> dict[str | None, Key]:
    """Keep the public keys that may sign; a shared secret among them never counts as one."""
    keys: dict[str | None, Key] = {}
    listed = found.get("keys")
    for given in listed if isinstance(listed, list) else []:
        if not isinstance(given, dict) or given.get("use", "sig") != "sig":
            continue
        kind = _KINDS.get(str(given.get("kty")))
        try:
            if kind is not None:
                keys[given.get("kid")] = kind.import_key(given)
        except (JoseError, ValueError, TypeError):
            _log.warning("identity provider: one of its keys cannot be read")
    return keys
