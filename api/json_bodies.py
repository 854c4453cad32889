"""JSON that requests bring: read in one way by every route that takes some.

Python's own reader takes more than JSON is: of a member that stands twice it keeps the last, and
NaN for a number. What is read here is JSON as every program reads it (RFC 7493, I-JSON): each
member once, finite numbers, text that can be written down everywhere, and no endless nesting.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import HTTPException, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from api.errors import UnreadableError

JSON_TYPES: Final = ("application/json",)
_BROKEN: Final = re.compile("[\0\ud800-\udfff]")
_DIGITS: Final = 308
"""Most digits of a whole number, that every such number is also a float."""
_DEEPEST: Final = 64
"""Most brackets within brackets: some programs read no more, and ours must get to the bottom."""
_SHOWN: Final = 40  # characters of what a body holds
_MOST_TOLD: Final = 100
"""Most faults that are told of a body: one of a megabyte may have a hundred thousand."""


class JsonRoute(APIRoute):
    """A route whose JSON body is refused where it cannot be read.

    A request without a body goes on, to be told who may ask for what before it is told what to ask.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers the route's requests.

        Returns
        -------
        answer
            Called with a request.
        """
        answered = super().get_route_handler()
        if self.body_field is None:
            return answered

        async def answer(request: Request) -> Response:
            if body := await request.body():
                expect_type(request, JSON_TYPES)
                read_json(body)
            return await answered(request)

        return answer


def expect_type(request: Request, types: tuple[str, ...]) -> None:
    """Refuse a body of a media type that a route does not take.

    Parameters
    ----------
    request
        The request.
    types
        Media types that the route takes.

    Raises
    ------
    HTTPException
        It is of another.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in types:
        detail = f"Expected a body of {' or '.join(types)}, got {given or 'no media type'}."
        accepted = "Accept-Patch" if request.method == "PATCH" else "Accept-Post"
        raise HTTPException(415, detail, headers={accepted: ", ".join(types)})


def read_json(body: bytes) -> object:
    """Read JSON.

    Parameters
    ----------
    body
        Its text in UTF-8.

    Returns
    -------
    document
        What it says; no member stands in an object twice, its numbers are finite, and its texts can
        be stored everywhere.

    Raises
    ------
    UnreadableError
        It is no JSON, or has what not every program reads alike; all such faults at once, but no
        more than a hundred.
    """
    reading = _Reading()
    try:
        document = json.loads(
            body.decode(),
            parse_float=reading.finite,
            parse_int=reading.whole,
            parse_constant=reading.no_number,
            object_pairs_hook=reading.once,
        )
    except UnicodeDecodeError as error:
        reading.refuse("UTF-8 text", f"byte 0x{body[error.start]:02x}")
    except json.JSONDecodeError as error:
        reading.refuse("JSON", f"{error.msg} at line {error.lineno}, column {error.colno}")
    except RecursionError:
        reading.refuse_depth()
    else:
        reading.look_within(document)
    if reading.faults:
        raise UnreadableError([*reading.faults])
    return document


class _Reading:
    """What is wrong with a document, gathered while it is read."""

    def __init__(self) -> None:
        self.faults: dict[str, None] = {}

    def refuse(self, expected: str, found: str) -> None:
        if len(self.faults) < _MOST_TOLD:
            self.faults[f"Expected {expected}, got {found}."] = None

    def finite(self, text: str) -> float:
        number = float(text)
        if not math.isfinite(number):
            self.refuse("finite numbers", text[:_SHOWN])
        return number

    def whole(self, text: str) -> int:
        if len(text) <= _DIGITS:
            return int(text)
        self.refuse("finite numbers", f"one of {len(text):,} digits")
        return 0

    def no_number(self, name: str) -> None:
        self.refuse("finite numbers", name)

    def once(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        document = dict(pairs)
        if len(document) < len(pairs):
            for name, count in Counter(name for name, _ in pairs).items():
                if count > 1:
                    self.refuse(f"member {_shown(name)} of an object once", f"it {count} times")
        return document

    def refuse_depth(self) -> None:
        self.refuse(f"brackets nested at most {_DEEPEST} deep", "deeper ones")

    def look_within(self, document: object) -> None:
        """Find half surrogates, which no encoding has, NUL, which no column holds, and depths."""
        level, depth = [document], 0
        while level:
            within: list[object] = []
            for value in level:
                if isinstance(value, dict):
                    within += [*value, *value.values()]
                elif isinstance(value, list):
                    within += value
                elif isinstance(value, str) and _BROKEN.search(value):
                    self.refuse("text without half surrogates and NUL", _shown(value))
            level, depth = within, depth + 1
            if depth > _DEEPEST and level:
                self.refuse_depth()
                return


def _shown(text: str) -> str:
    return ascii(text[:_SHOWN])
