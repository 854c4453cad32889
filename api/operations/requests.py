"""What is told of each request: a line in the log and a count, by the template of its route.

Never its path, query, headers, body or sender: the template has names where the path has values.
"""

import logging
import random
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import CLOSED_BY_CLIENT, Problem
from api.logs import log_facts
from api.operations.metrics import Metrics

METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
UNROUTED: Final = "-"
"""Route of a request that no route took, or that was refused before one was looked for."""

_NUMBERS: Final = random.Random()  # noqa: S311  # names of requests are no secrets
_log = logging.getLogger(__name__)


class RequestLog:
    """Middleware that tells of each request, gives it an id, and answers what nobody caught.

    Parameters
    ----------
    app
        The application around which it stands; `Routed` stands at its heart.
    metrics
        What counts.
    zone
        Name of the zone that is served where a path names none.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, zone: str) -> None:
        self._app, self._metrics, self._zone = app, metrics, zone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and tell of it.

        Parameters
        ----------
        scope
            The connection.
        receive
            Source of the client's messages.
        send
            Sink of the answer's messages.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = f"{_NUMBERS.getrandbits(64):016x}"
        heart: dict[str, Scope] = {}
        scope["heart"] = heart
        status, began = 0, time.perf_counter()

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", [])
                message["headers"] = [*message["headers"], (b"x-request-id", request.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_named)
        except Exception as error:
            _log.error("unexpected error", exc_info=error, extra={"request": request})
            if status:
                raise  # the answer is under way: only cutting it off tells the client
            detail = "Something went wrong inside the service; its log says more."
            await Problem(500, detail)(scope, receive, send_named)
        finally:
            took_s = time.perf_counter() - began
            # Within, what asks for a head alone is a GET.
            asked = {**heart.get("scope", scope), "method": scope["method"]}
            self._tell(asked, request, status or CLOSED_BY_CLIENT, took_s)

    def _tell(self, scope: Scope, request: str, status: int, took_s: float) -> None:
        route, method = route_of(scope), scope["method"]
        method = method if method in METHODS else UNROUTED
        self._metrics.count(route, method, status, took_s)
        if not _log.isEnabledFor(logging.INFO):
            return
        principal, zone = scope.get("principal"), scope.get("zone", self._zone)
        facts = {
            "request": request,
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": round(took_s * 1000, 3),
            "role": "public" if principal is None else principal.in_zone(zone).role,
            "zone": zone,
        }
        log_facts(_log, "request", facts)


class Routed:
    """Innermost middleware: shows `RequestLog` the scope that the router writes its route into.

    Parameters
    ----------
    app
        The router.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on.

        Parameters
        ----------
        scope
            The connection; others between here and the log may have copied it.
        receive
            Source of the client's messages.
        send
            Sink of the answer's messages.
        """
        heart = scope.get("heart")
        if heart is not None:
            heart["scope"] = scope
        await self._app(scope, receive, send)


def route_of(scope: Scope) -> str:
    """Return the template of the route that took a request.

    Parameters
    ----------
    scope
        The connection, as the router left it.

    Returns
    -------
    route
        Such as "/ogc/collections/{collection}"; the place of mounted files; `UNROUTED` where no
        route took it.
    """
    route = scope.get("route")
    if route is not None:
        return str(route.path)
    if "lane" in scope:
        return str(scope["lane"])
    mounted = scope.get("endpoint") is not None and scope.get("app_root_path") is not None
    return "files" if mounted else UNROUTED
