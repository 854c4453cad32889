"""Errors over HTTP: one table from error to status, answered as problem details (RFC 9457)."""

import http
import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from api.faults import told_fault
from api.forms import Form
from api.headers import SECURITY_HEADERS
from api.problem_pages import problem_page
from geo.errors import (
    ConflictError,
    InfeasiblePlanError,
    LayerError,
    NotFoundError,
    ParameterError,
    SourceError,
    ZoneError,
)

UNANSWERED: Final = "A source of the service does not answer; its log says more."
"""What an answer 503 tells: an error of a source names the store's machine and files."""

CLOSED_BY_CLIENT: Final = 499
"""Status of requests whose client left; no client is told it."""
CHALLENGE: Final = 'Bearer realm="smartzone"'
"""What an answer 401 asks for (RFC 6750, 3)."""


class NotKnownError(ZoneError, PermissionError):
    """The service does not know who asks, and the public may not.

    Parameters
    ----------
    message
        What to tell them.
    """

    def __init__(self, message: str = "Sign in first: the public may not do this.") -> None:
        super().__init__(message)


class NotAllowedError(ZoneError, PermissionError):
    """Who asks may not do this.

    Parameters
    ----------
    message
        What to tell them.
    """

    def __init__(self, message: str = "Your role does not allow this.") -> None:
        super().__init__(message)


class TooManyError(ZoneError, RuntimeError):
    """Too many requests of one kind came; this one was not looked at.

    Parameters
    ----------
    message
        What there was too much of.
    retry_after_s
        Seconds after which the next is looked at.
    """

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)


class UnreadableError(ZoneError, ValueError):
    """The body of a request cannot be read as what it says to be.

    Parameters
    ----------
    faults
        What is wrong with it, a sentence each.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(self.faults))


STATUS_BY_ERROR: Mapping[type[ZoneError], int] = {
    LayerError: 422,
    ParameterError: 422,
    NotFoundError: 404,
    InfeasiblePlanError: 409,
    SourceError: 503,
    NotKnownError: 401,
    NotAllowedError: 403,
    ConflictError: 412,
    TooManyError: 429,
    UnreadableError: 400,
}

_log = logging.getLogger(__name__)


class Problem(JSONResponse):
    """An answer that says what went wrong: to programs as problem details, to people as a page.

    Parameters
    ----------
    status
        HTTP status.
    detail
        What went wrong, for a person.
    headers
        Further headers.
    **members
        Further members of the problem, for a program.
    """

    media_type = "application/problem+json"

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        phrase = http.HTTPStatus(status).phrase
        # RFC 9457 needs no type where it is this one; the schema of OGC 18-062r2 does.
        self._told = {"type": "about:blank", "title": phrase, "status": status, "detail": detail}
        self._told |= members
        varied = {"Vary": "Accept, Accept-Language", **(headers or {})}
        super().__init__(self._told, status_code=status, headers=varied)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer as it is wanted.

        Parameters
        ----------
        scope
            The connection.
        receive
            Source of the client's messages.
        send
            Sink of the answer's messages.
        """
        request = Request(scope)
        form = Form.of(request)
        if form.kind == "json":
            await super().__call__(scope, receive, send)
            return
        text = problem_page(request, form, self._told, wait=self.headers.get("Retry-After"))
        page = HTMLResponse(text, status_code=self.status_code)
        own = {name for name, _ in page.raw_headers}
        page.raw_headers += [pair for pair in self.raw_headers if pair[0] not in own]
        # What went wrong now need not go wrong again, and some of it is for one reader alone.
        page.headers.setdefault("Cache-Control", "no-store")
        await page(scope, receive, send)


def add_error_handlers(app: FastAPI) -> None:
    """Let an application answer every error as problem details.

    Parameters
    ----------
    app
        The application.
    """
    app.add_exception_handler(ZoneError, _zone_problem)
    app.add_exception_handler(RequestValidationError, _request_problem)
    app.add_exception_handler(HTTPException, _routing_problem)
    app.add_exception_handler(ClientDisconnect, _nobody_left)
    app.add_exception_handler(Exception, _unexpected_problem)


def _zone_problem(request: Request, error: Exception) -> Problem:
    status = next(
        (STATUS_BY_ERROR[kind] for kind in type(error).__mro__ if kind in STATUS_BY_ERROR), None
    )
    if status is None:
        return _unexpected_problem(request, error)
    if isinstance(error, LayerError):
        faults = [str(fault) for fault in error.faults]
        return Problem(status, f"The layer has {len(faults)} faults.", faults=faults)
    if isinstance(error, UnreadableError):
        return Problem(status, str(error), faults=error.faults)
    if isinstance(error, SourceError):
        _log.error("a source does not answer", exc_info=error)
        return Problem(status, UNANSWERED)
    return Problem(status, str(error), headers=_headers_of(error))


def _headers_of(error: Exception) -> dict[str, str]:
    """Say what the client is to do next, where a header has a word for it."""
    if isinstance(error, NotKnownError):
        return {"WWW-Authenticate": CHALLENGE}
    if isinstance(error, TooManyError):
        return {"Retry-After": str(math.ceil(error.retry_after_s))}
    return {}


def _request_problem(_: Request, error: Exception) -> Problem:
    """Answer what does not fit the route's description: 400 for a query, 422 for a body.

    The former is requirement /req/core/query-param-invalid of OGC 17-069r4.
    """
    found = error.errors() if isinstance(error, RequestValidationError) else []
    faults = [{"parameter": _named(fault["loc"]), "message": _told(fault)} for fault in found]
    detail = "; ".join(f"`{fault['parameter']}`: {fault['message']}" for fault in faults)
    status = 400 if all(fault["loc"][0] == "query" for fault in found) else 422
    return Problem(status, detail, parameters=faults)


def _named(place: tuple[str | int, ...]) -> str:
    """Name what is wrong: by its path in a body, or as it is called in a query."""
    return ".".join(str(part) for part in place[1:]) or str(place[0])


def _told(fault: Mapping[str, Any]) -> str:
    """Say what was expected, and of a query what came; a body may hold what nobody is to see."""
    return told_fault(fault, shown=fault["loc"][0] == "query")


def _routing_problem(request: Request, error: Exception) -> Problem:
    """Answer paths and methods that no route takes."""
    if not isinstance(error, HTTPException):
        return _unexpected_problem(request, error)
    detail = f"{request.method} {request.url.path}: {error.detail}"
    return Problem(error.status_code, detail, headers=error.headers)


def _nobody_left(_: Request, _error: Exception) -> Response:
    """Answer a client that left while it sent: for the log alone, which counts it as no error."""
    return Response(status_code=CLOSED_BY_CLIENT)


def _unexpected_problem(_: Request, error: Exception) -> Problem:
    _log.error("unexpected error", exc_info=error)
    detail = "Something went wrong inside the service; its log says more."
    return Problem(500, detail, headers=SECURITY_HEADERS)
