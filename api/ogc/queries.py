"""Query parameters of OGC API Features: read, checked, refused by name with status 400."""

import datetime as dt
from typing import Annotated

from fastapi import Query, Request
from fastapi.exceptions import RequestValidationError

from api.store import Box
from geo.errors import ParameterError

DEFAULT_LIMIT = 1_000
MAX_LIMIT = 10_000
_OPEN = ("", "..")


class KnownParameters:
    """A dependency that refuses query parameters a route does not take.

    Requirement /req/core/query-param-unknown of OGC 17-069r4.

    Parameters
    ----------
    *names
        The parameters the route takes.
    """

    def __init__(self, *names: str) -> None:
        self.names = names

    def __call__(self, request: Request) -> None:
        """Check a request.

        Parameters
        ----------
        request
            The request.

        Raises
        ------
        RequestValidationError
            When it has other parameters.
        """
        faults = [
            _fault(name, f"Expected one of {', '.join(self.names) or 'no parameters'}.")
            for name in dict.fromkeys(request.query_params)
            if name not in self.names
        ]
        if faults:
            raise RequestValidationError(faults)


def bbox_parameter(
    bbox: Annotated[
        str | None,
        Query(
            description="Only features whose geometry meets this box: west,south,east,north in "
            "degrees, or six numbers with heights, which are set aside.",
            examples=["98.385,7.882,98.390,7.886"],
        ),
    ] = None,
) -> Box | None:
    """Read the `bbox` parameter.

    Parameters
    ----------
    bbox
        Its text.

    Returns
    -------
    box
        The box; none where it is not given.

    Raises
    ------
    RequestValidationError
        When it is not a box.
    """
    if bbox is None:
        return None
    try:
        return Box.parse(bbox)
    except ParameterError as error:
        raise RequestValidationError([_fault("bbox", str(error))]) from error


def datetime_parameter(
    datetime: Annotated[
        str | None,
        Query(
            description="An instant or interval by RFC 3339. Features of these layers carry no "
            "time to be selected by, and such features match every time.",
            examples=["2026-03-01T18:00:00+07:00/.."],
        ),
    ] = None,
) -> None:
    """Check the `datetime` parameter, which every feature without a time matches.

    Parameters
    ----------
    datetime
        Its text.

    Raises
    ------
    RequestValidationError
        When it is neither an instant nor an interval.
    """
    if datetime is not None and not _is_time(datetime):
        message = f"Expected an RFC 3339 instant or interval, got {datetime!r}."
        raise RequestValidationError([_fault("datetime", message)])


def _is_time(text: str) -> bool:
    """Tell whether a text is an instant, or an interval with at least one end, in order."""
    start, slash, end = text.partition("/")
    ends = [start, end] if slash else [start]
    try:
        instants = [_instant(given) for given in ends if not (slash and given in _OPEN)]
    except ValueError:
        return False
    return bool(instants) and instants == sorted(instants)


def _instant(text: str) -> dt.datetime:
    instant = dt.datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)


def _fault(name: str, message: str) -> dict[str, object]:
    return {"type": "value_error", "loc": ("query", name), "msg": message}
