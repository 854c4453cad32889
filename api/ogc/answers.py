"""Answers with what caches need: a tag of the version, who may keep it, and 304 where known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fastapi import Request
from starlette.responses import Response

from api.identity import Principal
from api.words import Language

VARY = "Authorization, Cookie, Accept, Accept-Encoding"
_HTML_TYPES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True)
class Form:
    """How an answer is to be written.

    Attributes
    ----------
    kind
        As JSON for programs or as a page for people.
    language
        Language of the page.
    """

    kind: Literal["json", "html"]
    language: Language

    @classmethod
    def of(cls, request: Request) -> "Form":
        """Read how an answer is wanted: by the parameters `f` and `lang`, else by the headers.

        Parameters
        ----------
        request
            The request; a value of `f` or `lang` that is none was refused before.

        Returns
        -------
        form
            JSON and Thai where nothing else is asked for.
        """
        query, headers = request.query_params, request.headers
        asked = query.get("f") or ("html" if _wants_page(headers.get("accept", "")) else "json")
        spoken = query.get("lang") or headers.get("accept-language", "").strip()[:2].lower()
        return cls("html" if asked == "html" else "json", "en" if spoken == "en" else "th")

    @property
    def mark(self) -> str:
        """What the form adds to the tag of a version.

        Returns
        -------
        mark
            The language of a page; nothing for JSON.
        """
        return "" if self.kind == "json" else f"-{self.language}"


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


def is_known(tag: str, given: str) -> bool:
    """Tell whether a client has a version, by the weak comparison of RFC 9110, 13.1.2.

    Parameters
    ----------
    tag
        Tag of the version.
    given
        The header If-None-Match; empty where there is none.

    Returns
    -------
    known
        Whether the version need not be sent again.
    """
    if not given or given == tag:
        return bool(given)
    tags = {known.strip().removeprefix("W/") for known in given.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags


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


def _wants_page(accept: str) -> bool:
    """Tell whether a page is named, and liked no less than any JSON that is named."""
    liked: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        liked[name] = _quality(parameters)
    page = max((liked.get(name, 0.0) for name in _HTML_TYPES), default=0.0)
    json = max((weight for name, weight in liked.items() if name.endswith("json")), default=0.0)
    return page > 0 and page >= json


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter.removeprefix("q="))
            except ValueError:
                return 0.0
    return 1.0
