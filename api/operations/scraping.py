"""A scraper of metrics, which is no account: known by a token of the settings."""

import hmac
from typing import Final

from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

METRICS: Final = "/metrics"


class Scraper:
    """Middleware that knows the scraper, as `scope["scraper"]`, before accounts are looked at.

    Parameters
    ----------
    app
        The application around which it stands.
    token
        What the scraper sends as a bearer token; none where there is none.
    """

    def __init__(self, app: ASGIApp, *, token: SecretStr | None) -> None:
        self._app = app
        text = "" if token is None else token.get_secret_value()
        self._header = f"Bearer {text}".encode() if text else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; that of the scraper without its token, which no account has.

        Parameters
        ----------
        scope
            The connection.
        receive
            Source of the client's messages.
        send
            Sink of the answer's messages.
        """
        if self._header is not None and scope["type"] == "http" and scope["path"] == METRICS:
            given = [value for name, value in scope["headers"] if name == b"authorization"]
            if len(given) == 1 and hmac.compare_digest(given[0], self._header):
                kept = [pair for pair in scope["headers"] if pair[0] != b"authorization"]
                scope = {**scope, "headers": kept, "scraper": True}
        await self._app(scope, receive, send)
