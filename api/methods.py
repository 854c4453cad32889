"""HEAD and OPTIONS for every route, and a whole header Allow where a method is refused."""

from typing import Final

from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ASKED: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


class HeadAndOptions:
    """Middleware that answers HEAD as GET without its body, and OPTIONS by what the routes take.

    Parameters
    ----------
    app
        The application around which it stands.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on.

        Parameters
        ----------
        scope
            The connection.
        receive
            Source of the client's messages.
        send
            Sink of the answer's messages.
        """
        if scope["type"] != "http" or scope["method"] == "GET":
            await self._app(scope, receive, send)
        elif scope["method"] == "HEAD":
            await self._app({**scope, "method": "GET"}, receive, _bodiless(send))
        elif scope["method"] == "OPTIONS" and (allowed := _allowed(scope)):
            await Response(status_code=204, headers={"Allow": allowed})(scope, receive, send)
        else:
            await self._app(scope, receive, _told_allowed(scope, send))


def _bodiless(send: Send) -> Send:
    async def send_without_body(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_without_body


def _told_allowed(scope: Scope, send: Send) -> Send:
    """Name every method that a path takes; a router names those of the first route alone."""

    async def send_told(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 405:  # noqa: PLR2004
            others = [pair for pair in message["headers"] if pair[0].lower() != b"allow"]
            told = (b"allow", _allowed(scope).encode())
            message = {**message, "headers": [*others, told]}
        await send(message)

    return send_told


def _allowed(scope: Scope) -> str:
    """Return the methods that a path takes; empty where there is no such path."""
    routes = scope["app"].router.routes
    found = [
        method
        for method in _ASKED
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    if not found:
        return ""
    return ", ".join([*found, *(["HEAD"] if "GET" in found else []), "OPTIONS"])
