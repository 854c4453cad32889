"""Security headers on every answer."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "accelerometer=(), camera=(), display-capture=(), "
        "geolocation=(self), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
    }
)
_TRANSPORT: Final = ("Strict-Transport-Security", "max-age=31536000")


class SecurityHeaders:
    """Middleware that adds the security headers to every answer of the routes.

    Parameters
    ----------
    app
        The application around which it stands.
    encrypted
        Whether clients reach the service by https alone, so that browsers may be told to.
    """

    def __init__(self, app: ASGIApp, *, encrypted: bool) -> None:
        self._app = app
        pairs = [*SECURITY_HEADERS.items(), *([_TRANSPORT] if encrypted else [])]
        self._raw = [(name.lower().encode(), value.encode()) for name, value in pairs]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and add the headers to its answer.

        Parameters
        ----------
        scope
            The connection.
        receive
            Source of the client's messages.
        send
            Sink of the answer's messages.
        """

        async def send_with_headers(message: Message) -> None:
            # The answer that a client has keeps its own headers when it is told to be still good.
            is_answer = message["type"] == "http.response.start"
            if is_answer and message["status"] != HTTPStatus.NOT_MODIFIED:
                given = {name for name, _ in message["headers"]}
                added = [pair for pair in self._raw if pair[0] not in given]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, send_with_headers)
