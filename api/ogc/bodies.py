"""Bodies of requests that change features: read, bounded, and refused with every fault."""

import json
import math
import re
from collections.abc import Mapping
from typing import Final, NoReturn

from fastapi import HTTPException, Request

from geo.errors import Fault, LayerError

MAX_BYTES: Final = 1_000_000
GEOJSON_TYPES: Final = ("application/geo+json", "application/json")
PATCH_TYPES: Final = ("application/merge-patch+json",)
_SOURCE: Final = "feature"
_BROKEN: Final = re.compile("[\0\ud800-\udfff]")
_DIGITS: Final = 308
"""Most digits of a whole number, that every such number is also a float."""

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
    LayerError
        It is no JSON object, or has a number that is none.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in types:
        detail = f"Expected a body of {' or '.join(types)}, got {given or 'no media type'}."
        accepted = "Accept-Patch" if request.method == "PATCH" else "Accept-Post"
        raise HTTPException(415, detail, headers={accepted: ", ".join(types)})
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            detail = f"Expected a feature of at most {MAX_BYTES:,} bytes, got more."
            raise HTTPException(413, detail, headers={"Connection": "close"})
    return read_object(bytes(body))


def read_object(body: bytes) -> Json:
    """Read a JSON object.

    Parameters
    ----------
    body
        Its text in UTF-8.

    Returns
    -------
    document
        The object; its numbers are finite, its texts can be stored everywhere, and no member stands
        in it twice.

    Raises
    ------
    LayerError
        It is none.
    """
    try:
        document = json.loads(
            body.decode(),
            parse_float=_finite,
            parse_int=_whole,
            parse_constant=_refuse_constant,
            object_pairs_hook=_once,
        )
    except LayerError:
        raise
    except json.JSONDecodeError as error:
        _refuse("JSON", f"{error.msg} at line {error.lineno}, column {error.colno}")
    except UnicodeDecodeError as error:
        _refuse("UTF-8 text", f"byte 0x{body[error.start]:02x}")
    except RecursionError:
        _refuse("JSON", "brackets nested without end")
    if not isinstance(document, dict):
        _refuse("a JSON object", type(document).__name__)
    _refuse_broken_text(document)
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


def _refuse(expected: str, found: str) -> NoReturn:
    raise LayerError([Fault(_SOURCE, expected, found)])


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse("finite numbers", text[:40])
    return number


def _whole(text: str) -> int:
    if len(text) > _DIGITS:
        _refuse("finite numbers", f"one of {len(text):,} digits")
    return int(text)


def _refuse_constant(name: str) -> NoReturn:
    _refuse("finite numbers", name)


def _refuse_broken_text(document: object) -> None:
    """Refuse half surrogates, which no encoding has, and NUL, which no column of text holds."""
    found = [document]
    while found:
        value = found.pop()
        if isinstance(value, dict):
            found += [*value, *value.values()]
        elif isinstance(value, list):
            found += value
        elif isinstance(value, str) and _BROKEN.search(value):
            _refuse("text without half surrogates and NUL", ascii(value[:40]))


def _once(pairs: list[tuple[str, object]]) -> Json:
    document = dict(pairs)
    if len(document) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        _refuse("each member once", f"{twice[:40]!r} twice")
    return document
