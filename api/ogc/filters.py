"""Filters in CQL2 (OGC 21-065r2), read by the `cql2` library and put to what the asker may see.

A filter never becomes SQL. The library recurses without a floor on its stack, so brackets and
chains of prefixes are counted before it sees a text; what parts it then has are counted as well.
A comparison with a value that is missing is unknown, and a feature is kept only where the whole
filter is true.
"""

import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import cql2
import numpy as np

from api.ogc.crs import CRS84, out_of
from geo.errors import ParameterError

FilterLanguage = Literal["cql2-text", "cql2-json"]

MAX_LENGTH = 4_096
MAX_DEPTH = 24
MAX_OPERATORS = 64
MAX_VALUES = 512

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_PREFIX = re.compile(r"\bnot\b|[-+^]", re.IGNORECASE)
_GEOMETRIES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}
)
# Number of operands by operator; what the library can tell of a feature and nothing else.
_COMPARISONS = dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), 2)
_SPATIAL = {
    f"s_{relation}": 2
    for relation in (
        *("intersects", "disjoint", "equals", "touches"),
        *("crosses", "within", "contains", "overlaps"),
    )
}
_TEMPORAL = {f"t_{relation}": 2 for relation in ("after", "before", "during", "equals")}
_FUNCTIONS = {"casei": 1, "accenti": 1, **dict.fromkeys(("+", "-", "*", "/", "%", "^", "div"), 2)}
_PREDICATES: Mapping[str, int | None] = {
    **dict.fromkeys(("and", "or")),
    "not": 1,
    "isnull": 1,
    "like": 2,
    "in": 2,
    "between": 3,
    **_COMPARISONS,
    **_SPATIAL,
    **_TEMPORAL,
    **{f"a_{relation}": 2 for relation in ("equals", "contains", "containedby", "overlaps")},
}


@dataclass(frozen=True)
class Filter:
    """A filter, ready to be put to features.

    Attributes
    ----------
    text
        The filter as it was read, which tells equal filters.
    properties
        Names of the properties that it asks for.
    expression
        The filter as the library holds it.
    """

    text: str
    properties: frozenset[str]
    expression: cql2.Expr

    def matches(self, feature: dict[str, object]) -> bool:
        """Tell whether a feature is to be kept.

        Parameters
        ----------
        feature
            The GeoJSON Feature.

        Returns
        -------
        kept
            Whether the filter is true of it.
        """
        try:
            return bool(self.expression.matches(feature))
        except Exception:  # noqa: BLE001  # the library has no other word for "unknown"
            return False


def read_filter(text: str, *, language: FilterLanguage, system: str = CRS84) -> Filter:
    """Read a filter.

    Parameters
    ----------
    text
        The filter.
    language
        Whether it is CQL2 as text or as JSON.
    system
        Address of the reference system of its coordinates.

    Returns
    -------
    filter
        The filter, its coordinates in longitude and latitude.

    Raises
    ------
    ParameterError
        When it is not CQL2, asks what the service cannot tell, or is too much.
    """
    if len(text) > MAX_LENGTH:
        raise ParameterError(f"Expected `filter` of {MAX_LENGTH:,} letters, got {len(text):,}.")
    _refuse_depth(text)
    tree = _parsed(text, language)
    _refuse_amount(tree)
    _refuse_sentence(tree)
    _refuse_times(tree)
    if system != CRS84:
        tree = _in_degrees(tree, system)
    return Filter(
        f"{language}:{system}:{text}", frozenset(_names(tree)), cql2.parse_json(json.dumps(tree))
    )


def refuse_unknown(asked: Filter, queryables: Collection[str]) -> None:
    """Refuse a filter that asks for properties which a layer does not have for the asker.

    Parameters
    ----------
    asked
        The filter.
    queryables
        Names of the properties that may be asked for.

    Raises
    ------
    ParameterError
        When it asks for others, which it names.
    """
    unknown = sorted(asked.properties.difference(queryables))
    if unknown:
        known = ", ".join(queryables)
        raise ParameterError(f"Expected `filter` on {known}, got {', '.join(unknown)}.")


def _parsed(text: str, language: FilterLanguage) -> object:
    parse = cql2.parse_text if language == "cql2-text" else cql2.parse_json
    try:
        tree: object = parse(text).to_json()
        json.dumps(tree, allow_nan=False)
    except cql2.ParseError as error:
        reason = str(error).strip().splitlines()[-1].strip(" =")
        raise ParameterError(f"Expected `filter` in {language}: {reason}.") from error
    except ValueError as error:
        raise ParameterError("Expected `filter` of finite numbers, got others.") from error
    except Exception as error:  # the library has no other word for a shape that it cannot write
        raise ParameterError("Expected `filter` of whole geometries, got others.") from error
    return tree


def _refuse_depth(text: str) -> None:
    """Refuse nesting that the parser would follow down without end."""
    bare = _QUOTED.sub("''", text)
    depth = deepest = 0
    for letter in bare:
        if letter in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in ")]}":
            depth -= 1
    prefixes = 0 if deepest > MAX_DEPTH else _longest_chain(bare)
    if max(deepest, prefixes) > MAX_DEPTH:
        raise ParameterError(f"Expected `filter` nested at most {MAX_DEPTH} deep, got more.")


def _longest_chain(bare: str) -> int:
    """Return the number of prefixes in the longest chain of them, with nothing but blanks."""
    longest = chain = end = 0
    for found in _PREFIX.finditer(bare):
        chain = chain + 1 if not bare[end : found.start()].strip() else 1
        longest, end = max(longest, chain), found.end()
    return max(longest, bare.count("^"))


def _refuse_amount(tree: object) -> None:
    nodes = list(_nodes(tree))
    operators = sum(isinstance(node, dict) and "op" in node for node in nodes)
    values = sum(not isinstance(node, dict | list) for node in nodes)
    if operators > MAX_OPERATORS:
        expected = f"Expected `filter` of at most {MAX_OPERATORS} operators"
        raise ParameterError(f"{expected}, got {operators:,}.")
    if values > MAX_VALUES:
        raise ParameterError(f"Expected `filter` of at most {MAX_VALUES} values, got {values:,}.")


def _refuse_sentence(tree: object) -> None:
    """Refuse what is no sentence that can be true of a feature, such as a number."""
    if isinstance(tree, bool) or (isinstance(tree, dict) and "property" in tree):
        return
    name = tree.get("op") if isinstance(tree, dict) else None
    if not isinstance(tree, dict) or str(name).lower() not in _PREDICATES:
        known = ", ".join(_PREDICATES)
        raise ParameterError(f"Expected `filter` to be a predicate ({known}), got {_shown(tree)}.")
    operands = tree.get("args")
    wanted = _PREDICATES[str(name).lower()]
    _refuse_count(str(name), operands, wanted)
    if not isinstance(operands, list):
        return
    if str(name).lower() in {"and", "or", "not"}:
        for operand in operands:
            _refuse_sentence(operand)
        return
    for operand in operands:
        _refuse_functions(operand)


def _refuse_functions(tree: object) -> None:
    for node in _nodes(tree):
        if isinstance(node, dict) and "op" in node:
            name = str(node["op"]).lower()
            if name not in _FUNCTIONS:
                known = ", ".join(_FUNCTIONS)
                raise ParameterError(f"Expected `filter` to calculate by {known}, got {name!r}.")
            _refuse_count(name, node.get("args"), _FUNCTIONS[name])


def _refuse_count(name: str, operands: object, wanted: int | None) -> None:
    found = len(operands) if isinstance(operands, list) else 0
    if found == 0 or (wanted is not None and found != wanted):
        expected = "one operand or more" if wanted is None else f"{wanted} operands"
        raise ParameterError(f"Expected `filter` to give {name!r} {expected}, got {found}.")


def _refuse_times(tree: object) -> None:
    """Refuse dates that are none; the library would read them only once put to a feature."""
    for node in _nodes(tree):
        if not isinstance(node, dict):
            continue
        ends = [node[name] for name in ("date", "timestamp") if name in node]
        if "interval" in node:
            given = node["interval"]
            ends = given if isinstance(given, list) and len(given) == 2 else [given]  # noqa: PLR2004
            ends = [end for end in ends if end != ".."]
        for end in ends:
            if not _is_time(end):
                raise ParameterError(f"Expected `filter` of times that exist, got {_shown(end)}.")


def _is_time(found: object) -> bool:
    if isinstance(found, dict):
        return bool(found.keys() & {"date", "timestamp", "property"})
    try:
        dt.datetime.fromisoformat(str(found))
    except ValueError:
        return False
    return True


def _in_degrees(tree: object, system: str) -> object:
    """Return a filter with its coordinates turned into longitude and latitude."""
    if isinstance(tree, list):
        return [_in_degrees(part, system) for part in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("type") in _GEOMETRIES:
        return tree | {"coordinates": _turned(tree["coordinates"], system)}
    if "bbox" in tree:
        raise ParameterError("Expected `filter` to draw its area as a polygon with `filter-crs`.")
    return {name: _in_degrees(part, system) for name, part in tree.items()}


def _turned(coordinates: Sequence[object], system: str) -> object:
    if coordinates and all(isinstance(number, int | float) for number in coordinates):
        turned = out_of(system)(np.array([coordinates[:2]], dtype=np.float64))[0]
        if not np.isfinite(turned).all():
            raise ParameterError(f"Expected `filter` on the earth in {system}, got {coordinates}.")
        return turned.tolist()
    return [_turned(part, system) for part in coordinates if isinstance(part, list)]


def _names(tree: object) -> Iterator[str]:
    for node in _nodes(tree):
        if isinstance(node, dict) and "property" in node:
            yield str(node["property"])


def _nodes(tree: object) -> Iterator[object]:
    yield tree
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for part in parts:
        yield from _nodes(part)


def _shown(tree: object) -> str:
    if isinstance(tree, dict) and "op" in tree:
        return repr(str(tree["op"]))
    text = json.dumps(tree, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004  # a line
