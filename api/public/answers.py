"""Answers of the public API: written once for all who ask, and 304 for who has them already."""

import hashlib
import json
from collections.abc import Callable, Hashable
from typing import NamedTuple, Self

from fastapi import Request
from starlette.responses import Response

from api.etags import is_known
from api.shelf import Shelf

_OVERHEAD = 500


class Text(NamedTuple):
    """A document as it is sent.

    Attributes
    ----------
    body
        Its bytes.
    tag
        Its entity tag, with quotes.
    """

    body: bytes
    tag: str

    @classmethod
    def of(cls, body: bytes) -> Self:
        """Tag a body.

        Parameters
        ----------
        body
            The body.

        Returns
        -------
        text
            The body with its tag, which differs where the body does.
        """
        return cls(body, f'W/"{hashlib.sha256(body).hexdigest()[:20]}"')


class Texts:
    """Documents that were asked for of late. Threads may share them.

    Parameters
    ----------
    most_bytes
        About how much memory they may take.
    """

    def __init__(self, most_bytes: int = 16_000_000) -> None:
        self._shelf: Shelf[Text] = Shelf(most_bytes)

    def text(self, key: Hashable, document: Callable[[], object]) -> Text:
        """Return a document as it is sent.

        Parameters
        ----------
        key
            Differs where the document does.
        document
            Writes it, where it is not at hand.

        Returns
        -------
        text
            The document.
        """

        def written() -> Text:
            return Text.of(json_text(document()).encode())

        return self._shelf.made(key, written, size=lambda text: len(text.body) + _OVERHEAD)


def json_text(document: object) -> str:
    """Write a document.

    Parameters
    ----------
    document
        The document.

    Returns
    -------
    text
        As JSON, without blanks.
    """
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def answer(request: Request, text: Text, *, media_type: str, keep: str) -> Response:
    """Send a document, or tell that the client has it, or that there is nothing in it.

    Parameters
    ----------
    request
        The request.
    text
        The document.
    media_type
        Its media type.
    keep
        How long it may be kept, as the header `Cache-Control`.

    Returns
    -------
    response
        The answer.
    """
    headers = {"ETag": text.tag, "Cache-Control": keep}
    if is_known(text.tag, request.headers.get("If-None-Match", "")):
        return Response(status_code=304, headers=headers)
    if not text.body:
        return Response(status_code=204, headers=headers)
    return Response(text.body, media_type=media_type, headers=headers)
