"""Bodies of requests that change features: read, bounded, and refused with every fault."""

from collections.abc import Mapping
from typing import Final

from fastapi import HTTPException, Request

from api.json_bodies import expect_type, read_json
from geo.errors import Fault, LayerError

MAX_BYTES: Final = 1_000_000
GEOJSON_TYPES: Final = ("application/geo+json", "application/json")
PATCH_TYPES: Final = ("application/merge-patch+json",)
Json = dict[str, object]


async def read_body(request: Request, types: tuple[str, ...]) -> Json:
    """Read the JSON object that a request brings.

    Parameters
    ----------
    request
        The request.
    types
        Media types that the route takes.

    Returns
    -------
    document
        The object.

    Raises
    ------
    HTTPException
        The body is of another media type, or too large.
    UnreadableError
        It is no JSON.
    LayerError
        It is no JSON object.
    """
    expect_type(request, types)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            detail = f"Expected a feature of at most {MAX_BYTES:,} bytes, got more."
            raise HTTPException(413, detail, headers={"Connection": "close"})
    document = read_json(bytes(body))
    if not isinstance(document, dict):
        raise LayerError([Fault("feature", "a JSON object", type(document).__name__)])
    return document


def patched(feature: Mapping[str, object], patch: Mapping[str, object]) -> Json:
    """Apply a merge patch (RFC 7396) to an object.

    Parameters
    ----------
    feature
        The object.
    patch
        What is to be changed; a member that is null is removed.

    Returns
    -------
    patched
        The object as changed.
    """
    result = dict(feature)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            before = result.get(name)
            result[name] = patched(before if isinstance(before, Mapping) else {}, value)
        else:
            result[name] = value
    return result
