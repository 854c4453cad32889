"""Query parameters of OGC API Features: read, checked, refused by name with status 400."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from api.ogc.crs import CRS84, box_from
from api.ogc.filters import Filter, FilterLanguage, read_filter
from api.ogc.marks import is_mark
from api.ogc.times import Period, read_period
from api.store import Box
from geo.errors import ParameterError

DEFAULT_LIMIT = 1_000
MAX_LIMIT = 10_000
REPRESENTATION = ("f", "lang")
"""Parameters that choose how an answer is written; every resource takes them."""

_SELECTING = ("bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs")
_PAGING = ("limit", "offset", "after")
_FORMATS = ("json", "html")
_LANGUAGES = ("th", "en")
_LARGEST = 2**63
_MOST_TOLD = 100
"""Most faults that are told: a query may have thousands, and the answer be sixty times as long."""

_CORNERS = 4
_SPACE = 6


@dataclass(frozen=True)
class ItemsQuery:
    """Which features of a layer are asked for, and how they are to be placed.

    Attributes
    ----------
    limit
        Largest number of features on a page.
    offset
        Number of matching features to skip.
    after
        Mark after which the page begins; empty for the first page.
    box
        Only features that meet this box.
    period
        Only features that meet this period.
    filter
        Only features of which this is true.
    crs
        Address of the reference system of the geometries.
    given
        The parameters that select and place, as given, for links to other pages.
    """

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    after: str = ""
    box: Box | None = None
    period: Period | None = None
    filter: Filter | None = None
    crs: str = CRS84
    given: tuple[tuple[str, str], ...] = ()


class Reading:
    """Parameters as they are read, and everything found wrong with them.

    Parameters
    ----------
    pairs
        Names and values in their order.
    known
        Names that the route takes.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]], known: Sequence[str]) -> None:
        self.values: dict[str, str] = {}
        self.faults: list[dict[str, object]] = []
        for name, value in pairs:
            if name not in known:
                expected = f"one of {', '.join(known)}" if known else "no parameters"
                self.fault(name, f"Expected {expected}, got {name[:40]!r}.")
            elif name in self.values:
                self.fault(name, "Expected the parameter once, got it twice.")
            else:
                self.values[name] = value
        self._choice("f", _FORMATS)
        self._choice("lang", _LANGUAGES)

    def fault(self, name: str, message: str) -> None:
        """Note a fault, unless a hundred are noted.

        Parameters
        ----------
        name
            Name of the parameter.
        message
            What was expected and what came.
        """
        if len(self.faults) < _MOST_TOLD:
            self.faults.append({"type": "value_error", "loc": ("query", name), "msg": message})

    def check(self) -> None:
        """Refuse the request where anything is wrong.

        Raises
        ------
        RequestValidationError
            With every fault.
        """
        if self.faults:
            raise RequestValidationError(self.faults)

    def number(self, name: str, default: int, *, least: int) -> int:
        """Read a whole number.

        Parameters
        ----------
        name
            Name of the parameter.
        default
            What it is where it is not given.
        least
            Smallest number allowed.

        Returns
        -------
        number
            The number; the default where what was given is wrong, which is noted.
        """
        text = self.values.get(name)
        if text is None:
            return default
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1  # noqa: PLR2004
        if least <= number < _LARGEST:
            return number
        self.fault(name, f"Expected a whole number >= {least} and below 2^63, got {text!r}.")
        return default

    def system(self, name: str, systems: Sequence[str]) -> str:
        """Read the address of a reference system.

        Parameters
        ----------
        name
            Name of the parameter.
        systems
            Those that the layer can be read in.

        Returns
        -------
        system
            The address; CRS84 where none is given.
        """
        return self._choice(name, systems) or CRS84

    def _choice(self, name: str, choices: Sequence[str]) -> str | None:
        text = self.values.get(name)
        if text is not None and text not in choices:
            self.fault(name, f"Expected one of {', '.join(choices)}, got {text!r}.")
            return None
        return text


class KnownParameters:
    """A dependency that refuses query parameters a route does not take.

    Requirements /req/core/query-param-unknown and query-param-invalid of OGC 17-069r4.

    Parameters
    ----------
    *names
        The parameters the route takes.
    """

    def __init__(self, *names: str) -> None:
        self.names = names

    async def __call__(self, request: Request) -> None:
        """Check a request.

        Parameters
        ----------
        request
            The request.

        Raises
        ------
        RequestValidationError
            When it has other parameters, some twice or some that are wrong.
        """
        Reading(request.query_params.multi_items(), self.names).check()


def read_item_query(pairs: Iterable[tuple[str, str]], *, systems: Sequence[str]) -> str:
    """Check the parameters of a single feature.

    Parameters
    ----------
    pairs
        Names and values in their order.
    systems
        Addresses of the reference systems that the layer can be read in.

    Returns
    -------
    crs
        Address of the reference system of the geometry.

    Raises
    ------
    RequestValidationError
        When any parameter is unknown or wrong.
    """
    reading = Reading(pairs, ("crs", *REPRESENTATION))
    crs = reading.system("crs", systems)
    reading.check()
    return crs


def read_items_query(pairs: Iterable[tuple[str, str]], *, systems: Sequence[str]) -> ItemsQuery:
    """Read the parameters of a page of features.

    Parameters
    ----------
    pairs
        Names and values in their order.
    systems
        Addresses of the reference systems that the layer can be read in.

    Returns
    -------
    query
        What is asked for.

    Raises
    ------
    RequestValidationError
        When any parameter is unknown or wrong; all of them at once.
    """
    reading = Reading(pairs, (*_SELECTING, *_PAGING, *REPRESENTATION))
    values = reading.values
    crs = reading.system("crs", systems)
    query = ItemsQuery(
        limit=min(reading.number("limit", DEFAULT_LIMIT, least=1), MAX_LIMIT),
        offset=reading.number("offset", 0, least=0),
        after=_after(reading),
        box=_box(reading, systems),
        period=_period(reading),
        filter=_filter(reading, systems),
        crs=crs,
        given=tuple((name, values[name]) for name in _SELECTING if name in values),
    )
    if "offset" in values and "after" in values:
        reading.fault("offset", "Expected `offset` or `after`, got both.")
    reading.check()
    return query


def _after(reading: Reading) -> str:
    text = reading.values.get("after")
    if text is None or is_mark(text):
        return text or ""
    reading.fault("after", f"Expected `after` as a link to a next page has it, got {text!r}.")
    return ""


def _box(reading: Reading, systems: Sequence[str]) -> Box | None:
    system = reading.system("bbox-crs", systems)
    text = reading.values.get("bbox")
    if text is None:
        return None
    try:
        return Box.parse(text) if system == CRS84 else box_from(system, _corners(text))
    except ParameterError as error:
        reading.fault("bbox", str(error))
        return None


def _corners(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == _SPACE:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != _CORNERS or not all(map(math.isfinite, numbers)):
        raise ParameterError(f"Expected `bbox` of 4 or 6 numbers, got {text!r}.")
    return numbers


def _period(reading: Reading) -> Period | None:
    text = reading.values.get("datetime")
    if text is None:
        return None
    period = read_period(text)
    if period is None:
        reading.fault("datetime", f"Expected an RFC 3339 instant or interval, got {text!r}.")
    return period


def _filter(reading: Reading, systems: Sequence[str]) -> Filter | None:
    text = reading.values.get("filter")
    named = reading.values.get("filter-lang", "cql2-text")
    language = next((known for known in get_args(FilterLanguage) if known == named), None)
    system = reading.system("filter-crs", systems)
    if language is None:
        known = ", ".join(get_args(FilterLanguage))
        reading.fault("filter-lang", f"Expected one of {known}, got {named!r}.")
    if text is None or language is None:
        return None
    try:
        return read_filter(text, language=language, system=system)
    except ParameterError as error:
        reading.fault("filter", str(error))
        return None
