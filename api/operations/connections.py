"""What a connection may do before a request is known: uvicorn leaves a client all the time."""

import asyncio
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

MAX_HEADER_BYTES: Final = 32_768
"""Most bytes of a request's line and headers."""

MAX_HEADERS: Final = 100
"""Most headers of a request."""

_TOO_LARGE = (
    b'{"title":"Request Header Fields Too Large","status":431,"detail":"Expected at most '
    + f'{MAX_HEADERS} headers of together {MAX_HEADER_BYTES:,} bytes, got more."}}'.encode()
)


class PatientProtocol(HttpToolsProtocol):
    """A connection that is closed when its client sends headers or takes answers too slowly.

    Parameters
    ----------
    config
        Configuration of the server.
    server_state
        What the server's connections share.
    app_state
        What the application's start left.
    _loop
        The event loop; the running one where none.
    """

    receive_s = 30.0
    send_s = 60.0

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._awaiting: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for a request.

        Parameters
        ----------
        transport
            The connection.
        """
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting.

        Parameters
        ----------
        exc
            Why the connection ended.
        """
        self._stop(self._awaiting)
        self._stop(self._stuck)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the bytes of a request's head, and refuse it once it is too large.

        Parameters
        ----------
        data
            What the client sent.
        """
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_HEADER_BYTES:
            self._refuse()

    def on_message_begin(self) -> None:
        """Begin to read a request's head."""
        self._in_head = True
        if self._awaiting is None:
            self._await_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Hand a request on, its head being within the limits."""
        self._stop(self._awaiting)
        self._awaiting = None
        self._in_head, self._head_bytes = False, 0
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if len(self.headers) > MAX_HEADERS or size > MAX_HEADER_BYTES:
            self._refuse()
        else:
            super().on_headers_complete()

    def pause_writing(self) -> None:
        """Begin to wait for a client that takes its answer slowly."""
        super().pause_writing()
        self._stuck = self.loop.call_later(self.send_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop waiting, as the client took a part."""
        self._stop(self._stuck)
        super().resume_writing()

    def _await_head(self) -> None:
        self._awaiting = self.loop.call_later(self.receive_s, self.transport.abort)

    def _stop(self, timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()

    def _refuse(self) -> None:
        """Answer 431 and close; nothing of the request reaches the application."""
        head = (
            b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
            b"content-type: application/problem+json\r\nconnection: close\r\n"
            b"content-length: " + str(len(_TOO_LARGE)).encode() + b"\r\n\r\n"
        )
        if not self.transport.is_closing():
            self.transport.write(head + _TOO_LARGE)
            self.transport.close()
