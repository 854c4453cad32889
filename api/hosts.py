"""The names by which clients may call this service.

Whoever owns a name of the internet may let it point to this machine, and a browser that was lured
there would take our answers for theirs (DNS rebinding): a request that calls us by a strange name
is refused. Loopback names are always ours.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from api.access_settings import is_loopback
from api.errors import Problem

# Links of answers begin with it, and what is written once for many is remembered by it: an address
# of IPv6 or a name as the domain name system has them, and a port.
_AUTHORITY: Final = re.compile(
    r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253}))(?::[0-9]{0,5})?"
)


class OwnHosts:
    """Middleware that refuses requests for other hosts.

    Parameters
    ----------
    app
        The application around which it stands.
    hosts
        Names and addresses of this service beside loopback ones, without ports.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower().strip("[]") for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on that calls this service by one of its names.

        Parameters
        ----------
        scope
            The connection.
        receive
            Source of the client's messages.
        send
            Sink of the answer's messages.
        """
        given = [value for name, value in scope.get("headers", ()) if name == b"host"]
        if scope["type"] == "http" and not self._is_own(given):
            detail = "Expected one header `Host` with a name of this service, got another."
            await Problem(421, detail)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_own(self, given: list[bytes]) -> bool:
        if len(given) != 1:
            return False
        host, loops_back = _told(given[0])
        return host in self._hosts or loops_back


@lru_cache(maxsize=256)
def _told(authority: bytes) -> tuple[str, bool]:
    """Return a host, and whether it is this machine; each request asks, and hosts are few."""
    host = host_of(authority.decode("latin-1"))
    return host, is_loopback(host)


def host_of(authority: str) -> str:
    """Return the host of an authority, in small letters.

    Parameters
    ----------
    authority
        Host and perhaps port, as the header `Host` has them.

    Returns
    -------
    host
        The host without port and brackets; empty where there is none.

    Examples
    --------
    >>> host_of("Zone.example.org:8000"), host_of("[::1]:80"), host_of("user@127.0.0.1")
    ('zone.example.org', '::1', '')
    """
    found = _AUTHORITY.fullmatch(authority)
    return (found[1] or found[2]).lower() if found else ""
