"""Who asks, told to every route: pure ASGI, and nothing is looked up for whoever has no token."""

import logging
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.accounts.gate import Gate
from api.errors import CHALLENGE, UNANSWERED, NotKnownError, Problem
from api.forms import Form
from api.identity import Principal
from api.own_paths import sign_in_path
from geo.errors import SourceError

OWN_HEADER: Final = "X-Smartzone"
"""A header that only this service's own pages can send with a cookie."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_STRANGE_PAGE: Final = (
    f"Expected a request from a page of this service, with the header `{OWN_HEADER}`, as it comes "
    "with a cookie and changes something."
)
_log = logging.getLogger(__name__)
_REFUSED: Final = f'{CHALLENGE}, error="invalid_token"'


class Authentication:
    """Middleware that tells routes who asks, as `scope["principal"]`.

    Parameters
    ----------
    app
        The application around which it stands.
    gate
        Tells whose token it is.
    stranger
        Who asks without a token.
    cookie
        Name of the cookie that holds the token of a browser.
    """

    def __init__(self, app: ASGIApp, *, gate: Gate, stranger: Principal, cookie: str) -> None:
        self._app = app
        self._gate = gate
        self._stranger = stranger
        self._cookie = cookie
        self._cookie_start = f"{cookie}=".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell who sent a request, and pass it on.

        Parameters
        ----------
        scope
            The connection.
        receive
            Source of the client's messages.
        send
            Sink of the answer's messages.
        """
        if scope["type"] == "http" and self._has_credentials(scope):
            refusal = await self._authenticate(scope)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
            send = _kept_by_nobody(send)
        else:
            scope["principal"] = self._stranger
        await self._app(scope, receive, send)

    def _has_credentials(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"authorization" or (name == b"cookie" and self._cookie_start in value):
                return True
        return False

    async def _authenticate(self, scope: Scope) -> Response | None:
        """Set who asks, or return why the request goes no further."""
        request = Request(scope)
        given = request.headers.getlist("Authorization")
        token = _bearer(given) if given else request.cookies.get(self._cookie)
        if token is None:  # the cookie of another service, whose name ends like ours
            scope["principal"] = self._stranger
            return None
        try:
            principal = await self._gate.principal(token)
        except NotKnownError as error:
            return self._refusal(request, error, by_cookie=not given)
        except SourceError as error:
            _log.error("nobody can tell who asks", exc_info=error)
            return Problem(503, UNANSWERED)
        if not given and request.method not in _SAFE and not is_of_own_page(request):
            return Problem(403, _STRANGE_PAGE)
        scope["principal"] = principal
        return None

    def _refusal(self, request: Request, error: NotKnownError, *, by_cookie: bool) -> Response:
        """Refuse a bad token; of a browser it is deleted, and a page leads to the sign-in."""
        refusal: Response = Problem(401, str(error), headers={"WWW-Authenticate": _REFUSED})
        if by_cookie:
            if Form.of(request).kind == "html" and request.method in _SAFE:
                way = f"{sign_in_path(request.scope)}&ended=1"
                refusal = RedirectResponse(way, status_code=303)
            drop_cookie(refusal, self._cookie)
        return refusal


def _kept_by_nobody(send: Send) -> Send:
    """Let no cache keep what somebody was answered, where the route says nothing of caches."""

    async def send_unkept(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return send_unkept


def is_of_own_page(request: Request) -> bool:
    """Tell whether a page of this service sent a request, not one of somebody else.

    A browser names the origin of a page that changes something, and lets a page of another origin
    send a header of its own only by leave that this service never gives.

    Parameters
    ----------
    request
        The request.

    Returns
    -------
    own
        Whether it is of the same origin, or carries the service's own header.
    """
    if "Origin" in request.headers:
        return not is_of_strange_page(request)
    return OWN_HEADER in request.headers


def is_of_strange_page(request: Request) -> bool:
    """Tell whether a browser says that a page of another origin sent a request.

    Parameters
    ----------
    request
        The request.

    Returns
    -------
    strange
        False where it comes from no page, as of a program, too.
    """
    origin, host = request.headers.get("Origin"), request.headers.get("Host", "")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc.lower() != host.lower() or not host
    except ValueError:
        return True


def drop_cookie(response: Response, name: str) -> None:
    """Let a browser forget the cookie of its session.

    Parameters
    ----------
    response
        The answer.
    name
        Name of the cookie.
    """
    secure = name.startswith("__Host-")
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="strict")


def _bearer(given: list[str]) -> str:
    """Return the token of a header `Authorization`, empty where it is another, or not the only."""
    scheme, _, token = given[0].partition(" ")
    return token.strip() if len(given) == 1 and scheme.lower() == "bearer" else ""
