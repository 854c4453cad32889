"""The door of the public API: every site may ask, nobody too much, and nobody says who they are.

How often somebody asks is counted in memory, by a keyed hash of the address whose key no one knows
and which ends with the process: the address itself is neither kept nor logged. Clients of one IPv6
network of 64 bits, which one household has, are counted as one.
"""

import hashlib
import ipaddress
import math
import secrets
import time
from typing import Final

import limits
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Problem

PREFIX: Final = "/public"
_SITES: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After",
}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_WHO: Final = frozenset({b"cookie", b"authorization"})
_IPV6_NETWORK: Final = 64


class PublicDoor:
    """Middleware before the public API; other paths pass by it.

    Parameters
    ----------
    app
        The application around which it stands.
    rate
        Most requests of one client, such as "120/minute".
    """

    def __init__(self, app: ASGIApp, *, rate: str) -> None:
        self._app = app
        self._rate = limits.parse(rate)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._key = secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless its client asks too often.

        Parameters
        ----------
        scope
            The connection.
        receive
            Source of the client's messages.
        send
            Sink of the answer's messages.
        """
        if scope["type"] != "http" or not _is_public(scope):
            await self._app(scope, receive, send)
            return

        async def send_to_all(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_SITES)
                del headers["Set-Cookie"]
            await send(message)

        client = self._client(scope)
        if not await self._limiter.hit(self._rate, client):
            stats = await self._limiter.get_window_stats(self._rate, client)
            wait_s = max(1, math.ceil(stats.reset_time - time.time()))
            detail = f"Expected at most {self._rate}, got more. Ask again in {wait_s} s."
            problem = Problem(429, detail, headers={"Retry-After": str(wait_s)})
            await problem(scope, receive, send_to_all)
        elif scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, send_to_all)
        else:
            nameless = [pair for pair in scope["headers"] if pair[0].lower() not in _WHO]
            await self._app({**scope, "headers": nameless}, receive, send_to_all)

    def _client(self, scope: Scope) -> str:
        """Return a word for who asks that tells nobody who that is."""
        address = (scope.get("client") or ("",))[0]
        try:
            known = ipaddress.ip_address(address)
        except ValueError:
            network = address
        else:
            bits = known.max_prefixlen if known.version == 4 else _IPV6_NETWORK  # noqa: PLR2004
            network = str(ipaddress.ip_network((known, bits), strict=False))
        return hashlib.blake2b(network.encode(), key=self._key, digest_size=16).hexdigest()


def _is_public(scope: Scope) -> bool:
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return bool(path.startswith(PREFIX) and (path == PREFIX or path[len(PREFIX)] == "/"))
