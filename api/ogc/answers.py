"""Answers with what caches need: a tag of the version, who may keep it, and 304 where known."""

from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response

from api.etags import is_known
from api.forms import VARY
from api.identity import Principal


def headers_of(tag: str, principal: Principal) -> dict[str, str]:
    """Return the headers that let an answer be kept by those who may.

    Parameters
    ----------
    tag
        The entity tag, with its quotes.
    principal
        Who asks.

    Returns
    -------
    headers
        Tag and rules for caches.
    """
    kept = "private, no-cache" if principal.subject else "no-cache"
    return {"ETag": tag, "Cache-Control": kept, "Vary": VARY}


def answer(request: Request, body: str, media_type: str, *, headers: Mapping[str, str]) -> Response:
    """Send a body, or tell that the client has it.

    Parameters
    ----------
    request
        The request.
    body
        The body.
    media_type
        Its media type.
    headers
        Its headers, with its tag.

    Returns
    -------
    response
        Status 200 with the body or 304 without.
    """
    if is_known(headers["ETag"], request.headers.get("If-None-Match", "")):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
