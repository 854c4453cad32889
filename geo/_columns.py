"""The values of a layer: parsed as their columns ask, every one that does not fit reported."""

import math
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Final

import numpy as np
import pandas as pd

from geo._contract import REQUIRED, Column, Kind
from geo._privacy import WITHHELD
from geo.errors import Fault


class _UnfitError(ValueError):
    """A value does not fit its column; the message says what was expected."""


_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False}
_INTEGER: Final = re.compile(r"[+-]?\d+(\.0*)?")
_SHOWN: Final = 60
_YEARS: Final = (1900, 2400)  # later years are counted from the Buddha, 543 years earlier


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _UnfitError("text")
    return value.strip()


def _number(value: object) -> float:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise _UnfitError("a number") from None
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        raise _UnfitError("a number")
    number = float(value)
    if not math.isfinite(number):
        raise _UnfitError("a finite number")
    return number


def _integer(value: object) -> int:
    if isinstance(value, str) and not _INTEGER.fullmatch(value.strip()):
        raise _UnfitError("a whole number")
    number = _number(value)
    if not number.is_integer():
        raise _UnfitError("a whole number")
    return int(number)


def _flag(value: object) -> bool:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    # Shapefiles and spreadsheets know no flags: they hold 0 and 1, or the words.
    word = str(value).strip().lower()
    if word.removesuffix(".0") not in _FLAGS:
        raise _UnfitError("true or false")
    return _FLAGS[word.removesuffix(".0")]


def _instant(value: object) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise _UnfitError("a date and time in ISO 8601") from None
    if not isinstance(value, datetime):
        raise _UnfitError("a date and time in ISO 8601")
    if value.tzinfo is None:
        raise _UnfitError("a time with its offset from UTC, such as 2026-01-31T20:15:00+07:00")
    return value


def _date(value: object) -> str:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise _UnfitError("a date as 2026-01-31") from None
    if isinstance(value, datetime):
        if value.time() != time():
            raise _UnfitError("a date without a time")
        value = value.date()
    if not isinstance(value, date):
        raise _UnfitError("a date as 2026-01-31")
    first, last = _YEARS
    if not first <= value.year <= last:
        raise _UnfitError("a date of the common era (2026, not 2569)")
    return value.isoformat()


_PARSERS: Final[Mapping[Kind, Callable[[object], object]]] = {
    "text": _text,
    "number": _number,
    "integer": _integer,
    "flag": _flag,
    "instant": _instant,
    "date": _date,
}


def is_missing(value: object) -> bool:
    """Say whether a value is none of any kind that pandas knows."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float | np.floating) and math.isnan(value)


def _is_empty(value: object) -> bool:
    return is_missing(value) or (isinstance(value, str) and not value.strip())


def _fit(value: object, column: Column) -> object:
    """Return `value` as the column holds it, or raise `_UnfitError`."""
    if _is_empty(value):
        if column.default is REQUIRED:
            raise _UnfitError("a value")
        return column.default
    parsed = _PARSERS[column.kind](value)
    if isinstance(parsed, str):
        if column.choices and parsed not in column.choices and parsed != column.default:
            raise _UnfitError("one of " + ", ".join(column.choices))
        objection = column.refuse(parsed) if column.refuse is not None else None
        if objection is not None:
            raise _UnfitError(objection)
    if isinstance(parsed, int | float) and not isinstance(parsed, bool):
        too_low = (column.above is not None and parsed <= column.above) or (
            column.at_least is not None and parsed < column.at_least
        )
        if too_low or (column.at_most is not None and parsed > column.at_most):
            raise _UnfitError(f"a number {column.range_text}")
    return parsed


def show(value: object) -> str:
    """Return `value` as a message shows it: short, on one line, "nothing" where it is missing."""
    if _is_empty(value):
        return "nothing"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return f"{value:.12g}"
    text = repr(str(value)) if isinstance(value, str | datetime) else repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def parse_column(
    values: Iterable[object], column: Column, *, source: str, rows: Sequence[int]
) -> tuple[list[object], list[Fault]]:
    """Return the values as the column holds them, and a fault for each that does not fit."""
    parsed: list[object] = []
    faults: list[Fault] = []
    for row, value in zip(rows, values, strict=True):
        try:
            parsed.append(_fit(value, column))
        except _UnfitError as unfit:
            found = WITHHELD if column.private and not _is_empty(value) else show(value)
            faults.append(Fault(source, str(unfit), found, row, column.name))
    return parsed, faults


def as_id(value: object) -> object:
    """Return an id as text; a whole number is an id too, anything else stays as it is."""
    if isinstance(value, bool | np.bool_):
        return value
    if isinstance(value, int | np.integer):
        return str(value)
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return value


def duplicate_faults(ids: Sequence[object], *, source: str, rows: Sequence[int]) -> list[Fault]:
    """Return a fault for each id that an earlier row already has."""
    first: dict[object, int] = {}
    faults: list[Fault] = []
    for row, name in zip(rows, ids, strict=True):
        # What is no id at all is told elsewhere, and may not even be comparable.
        if _is_empty(name) or not isinstance(name, Hashable):
            continue
        if name in first:
            found = f"{show(name)} as in row {first[name]}"
            faults.append(Fault(source, "an id of its own", found, row, "id"))
        else:
            first[name] = row
    return faults
