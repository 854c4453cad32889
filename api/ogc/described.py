"""What the OpenAPI document tells of the OGC routes' parameters and answers."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Path

from api.ogc.filters import MAX_DEPTH, MAX_LENGTH, MAX_OPERATORS, MAX_VALUES
from api.ogc.marks import MARK_PATTERN
from api.ogc.queries import DEFAULT_LIMIT, MAX_LIMIT
from api.rights import READERS

Collection = Annotated[
    str,
    Path(
        description="Name of a layer.",
        examples=["places"],
        json_schema_extra={"enum": list(READERS)},
    ),
]
"""The collection in a path; a name that is none is told as one that may not be read."""

PROBLEM: Final = "application/problem+json"
Answers = dict[int | str, dict[str, Any]]


def _query(name: str, schema: Mapping[str, object], told: str, **more: object) -> dict[str, object]:
    return {"name": name, "in": "query", "required": False, "schema": schema} | {
        "description": told,
        **more,
    }


_FORM: Final = [
    _query("f", {"type": "string", "enum": ["json", "html"]}, "JSON or a page for people."),
    _query("lang", {"type": "string", "enum": ["th", "en"]}, "Language of the page."),
]
_TEXT: Final = {"type": "string", "minLength": 1}
_SYSTEM: Final = {"type": "string", "format": "uri"}
SYSTEM_PARAMETERS: Final = frozenset({"crs", "bbox-crs", "filter-crs"})
"""Parameters that name a reference system; which there are depends on the zones served."""
_CRS: Final = _query(
    "crs", _SYSTEM, "Reference system of the geometries: one of the collection's `crs`."
)

PLAIN: Final[dict[str, Any]] = {"parameters": _FORM}
ITEM: Final[dict[str, Any]] = {"parameters": [_CRS, *_FORM]}
ITEMS: Final[dict[str, Any]] = {
    "parameters": [
        _query(
            "limit",
            {"type": "integer", "minimum": 1, "default": DEFAULT_LIMIT},
            f"Features on a page; more than {MAX_LIMIT:,} is read as {MAX_LIMIT:,}.",
        ),
        _query(
            "after",
            {"type": "string", "pattern": MARK_PATTERN},
            "Where the page begins, as the link to it from the page before has it.",
        ),
        _query(
            "offset", {"type": "integer", "minimum": 0, "default": 0}, "Features to skip instead."
        ),
        _query(
            "bbox",
            {
                "type": "array",
                "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
                "items": {"type": "number"},
            },
            "Only features whose geometry meets this box: west,south,east,north in degrees, or in "
            "the axes of `bbox-crs`; or six numbers with heights, which are set aside.",
            style="form",
            explode=False,
            example=[98.385, 7.882, 98.39, 7.886],
        ),
        _query("bbox-crs", _SYSTEM, "Reference system of `bbox`."),
        _CRS,
        _query(
            "datetime",
            _TEXT,
            "Only features within this instant or interval by RFC 3339. Which properties tell "
            "when a feature is stands in the collection; features without match every time.",
            example="2026-03-01T18:00:00+07:00/..",
        ),
        _query(
            "filter",
            _TEXT | {"maxLength": MAX_LENGTH},
            f"Only features of which this CQL2 filter is true; at most {MAX_DEPTH} deep, "
            f"{MAX_OPERATORS} operators and {MAX_VALUES} values. The collection's queryables tell "
            "what it may ask for.",
            example="S_INTERSECTS(geometry, BBOX(98.385, 7.882, 98.39, 7.886))",
        ),
        _query(
            "filter-lang",
            {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"},
            "How the filter is written.",
        ),
        _query("filter-crs", _SYSTEM, "Reference system of the filter's coordinates."),
        *_FORM,
    ]
}


def problems(*statuses: int) -> Answers:
    """Describe answers that say what is wrong.

    Parameters
    ----------
    *statuses
        Statuses that may come.

    Returns
    -------
    answers
        Descriptions by status.
    """
    return {status: {"description": _TOLD[status], "content": {PROBLEM: {}}} for status in statuses}


_TOLD: Final = {
    400: "A parameter is unknown, wrong or given twice; all of them are named.",
    401: "Sign in first, or again: the token is not one that is taken.",
    403: "Your role does not allow this.",
    404: "There is no such thing, or you may not know of it.",
    409: "The id is taken.",
    412: "Somebody else changed the feature meanwhile.",
    413: "The body is too large.",
    415: "The body is of another media type than the route takes.",
    422: "The feature breaks its layer's contract; every fault is named.",
    428: "Say by If-Match which version you change.",
    503: "The store does not answer.",
}
_UNCHANGED: Final[Answers] = {304: {"description": "The client already has this version."}}


def found(media_type: str) -> Answers:
    """Describe the answers of a resource that is read.

    Parameters
    ----------
    media_type
        What it is for programs.

    Returns
    -------
    answers
        Descriptions by status.
    """
    content: dict[str, Any] = {media_type: {}, "text/html": {}}
    return {200: {"content": content}, **_UNCHANGED, **problems(400, 401, 404, 503)}
