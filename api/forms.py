"""How an answer is wanted: as JSON for programs or as a page for people, in Thai or English."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args

from fastapi import Depends, Query
from pydantic import WithJsonSchema
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from api.words import LANGUAGES, Language

VARY: Final = "Authorization, Cookie, Accept, Accept-Language, Accept-Encoding"
"""What an answer that is a page for some depends on beside its address."""

Kind = Literal["json", "html"]
_HTML_TYPES: Final = ("text/html", "application/xhtml+xml")


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

    kind: Kind
    language: Language

    @classmethod
    def of(cls, request: Request) -> "Form":
        """Read how an answer is wanted: by the parameters `f` and `lang`, else by the headers.

        Parameters
        ----------
        request
            The request; a value of `f` or `lang` that is none is read as not given.

        Returns
        -------
        form
            JSON and Thai where nothing else is asked for.
        """
        query, headers = request.query_params, request.headers
        kind: Kind = "html" if _wants_page(headers.get("accept", "")) else "json"
        kind = next((known for known in get_args(Kind) if known == query.get("f")), kind)
        language = next((known for known in LANGUAGES if known == query.get("lang")), None)
        return cls(kind, language or preferred_language(headers.get("accept-language", "")))

    @property
    def mark(self) -> str:
        """What the form adds to the tag of a version.

        Returns
        -------
        mark
            The language of a page; nothing for JSON.
        """
        return "" if self.kind == "json" else f"-{self.language}"

    def answer(
        self,
        document: object,
        page: Callable[[], str],
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Answer with a document or with its page.

        Parameters
        ----------
        document
            The document for programs, of values that JSON knows.
        page
            Writes the page of it.
        headers
            Further headers.

        Returns
        -------
        response
            The answer, as it is wanted.
        """
        varied = {"Vary": VARY, **(headers or {})}
        if self.kind == "html":
            return HTMLResponse(page(), headers=varied)
        return JSONResponse(document, headers=varied)


PAGE_TOO: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/html": {}}},
    400: {
        "description": "A parameter is wrong; all such are named.",
        "content": {"application/problem+json": {}},
    },
}
"""What the OpenAPI document says of an answer that is a page for people beside its JSON."""


def _one_of(choices: object) -> WithJsonSchema:
    """Describe a parameter that may be left out, but is never null."""
    return WithJsonSchema({"type": "string", "enum": list(get_args(choices))})


async def form_of(
    request: Request,
    *,
    asked: Annotated[
        Kind | None, _one_of(Kind), Query(alias="f", description="JSON or a page for people.")
    ] = None,
    spoken: Annotated[
        Language | None,
        _one_of(Language),
        Query(alias="lang", description="Language of the page."),
    ] = None,
) -> Form:
    """Read how an answer is wanted; a value of `f` or `lang` that is none is refused.

    Parameters
    ----------
    request
        The request.
    asked
        What the parameter `f` says.
    spoken
        What the parameter `lang` says.

    Returns
    -------
    form
        JSON and Thai where nothing else is asked for.
    """
    form = Form.of(request)
    return Form(asked or form.kind, spoken or form.language)


FormDep = Annotated[Form, Depends(form_of)]


def preferred_language(accepted: str) -> Language:
    """Return the first of our languages that a browser asks for.

    Parameters
    ----------
    accepted
        The header Accept-Language; empty where there is none.

    Returns
    -------
    language
        Thai where it asks for neither.

    Examples
    --------
    >>> preferred_language("fr-FR, en;q=0.5"), preferred_language("de")
    ('en', 'th')
    """
    for part in accepted.split(","):
        match part.strip()[:2].lower():
            case "th":
                return "th"
            case "en":
                return "en"
    return "th"


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
