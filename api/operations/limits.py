"""Limits of what a client may send as a body and how long it may take, answered as problems."""

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Problem

_CLOSE = {"Connection": "close"}


class BodyLimits:
    """Middleware that refuses big bodies, those sent too slowly, and the rest of unread ones.

    Parameters
    ----------
    app
        The application around which it stands.
    max_bytes
        Largest body, in bytes.
    receive_s
        Longest time for a client to send it, in seconds.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, receive_s: float) -> None:
        self._app, self._max_bytes, self._receive_s = app, max_bytes, receive_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on whose body is within the limits.

        Parameters
        ----------
        scope
            The connection.
        receive
            Source of the client's messages.
        send
            Sink of the answer's messages.
        """
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("Content-Length", "")
        if declared.isdecimal() and int(declared[:20]) > self._max_bytes:
            too_big = self._too_big()
            problem = Problem(too_big.status_code, too_big.detail, headers=too_big.headers)
            await problem(scope, receive, send)
            return
        body = _Body(receive, self)

        async def send_closing(message: Message) -> None:
            # Whoever was answered before the whole body came might send the rest without end.
            if message["type"] == "http.response.start" and not body.whole:
                headers = message.get("headers", [])
                others = [pair for pair in headers if pair[0].lower() != b"connection"]
                message = {**message, "headers": [*others, (b"connection", b"close")]}
            await send(message)

        await self._app(scope, body.receive, send_closing)

    def counted(self, size: int) -> None:
        """Refuse a body once it is too big.

        Parameters
        ----------
        size
            Bytes that came so far.

        Raises
        ------
        HTTPException
            They are too many.
        """
        if size > self._max_bytes:
            raise self._too_big()

    async def in_time(self, receive: Receive, until: float) -> Message:
        """Wait for the next part of a body.

        Parameters
        ----------
        receive
            Source of the client's messages.
        until
            Until when, by the event loop's clock.

        Returns
        -------
        message
            The next part.

        Raises
        ------
        HTTPException
            It did not come in time.
        """
        try:
            async with asyncio.timeout_at(until):
                return await receive()
        except TimeoutError as error:
            detail = f"Expected the whole request within {self._receive_s:g} s, got a part of it."
            raise HTTPException(408, detail, headers=_CLOSE) from error

    def deadline(self) -> float:
        """Return until when a request that begins now must have come.

        Returns
        -------
        until
            By the event loop's clock.
        """
        return asyncio.get_running_loop().time() + self._receive_s

    def _too_big(self) -> HTTPException:
        detail = f"Expected a body of at most {self._max_bytes:,} bytes, got a bigger one."
        return HTTPException(413, detail, headers=_CLOSE)


def _has_body(scope: Scope) -> bool:
    """Tell whether a request says that a body comes after its head (RFC 9112, 6)."""
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0 "))
        for name, value in scope["headers"]
    )


class _Body:
    """The body of one request, as it comes."""

    def __init__(self, receive: Receive, limits: BodyLimits) -> None:
        self._receive, self._limits = receive, limits
        self._until = limits.deadline()
        self._size = 0
        self.whole = False

    async def receive(self) -> Message:
        """Hand on the next message; after the body, the word that the client left may take long."""
        if self.whole:
            return await self._receive()
        message = await self._limits.in_time(self._receive, self._until)
        self._size += len(message.get("body", b""))
        self._limits.counted(self._size)
        self.whole = not message.get("more_body", False)
        return message
