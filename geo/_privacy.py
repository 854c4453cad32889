"""What a message about a private layer must never repeat, and the ID numbers no such layer holds.

A number is judged by its form, never by its check digit: one typed wrongly is still someone's.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np

from geo.errors import Fault

WITHHELD: Final = "a value that is not repeated here"

_ID_DIGITS: Final = 13  # of a Thai national ID number, written 1-4-5-2-1
_TELEPHONE_DIGITS: Final = 9  # of the shortest Thai telephone number that is not a service's
_GAP: Final = r"[\s\-‐‑–—/()]{0,2}"
# Runs of digits, with hyphens and spaces between; the decimals of a coordinate do not begin one.
_RUN: Final = re.compile(rf"(?<!\d)(?<!\d\.)\d(?:{_GAP}\d)*")
_WRITTEN_ID: Final = re.compile(
    r"(?<!\d)(?:\d{13}|\d[\s.\-]{1,2}\d{4}[\s.\-]{1,2}\d{5}[\s.\-]{1,2}\d{2}[\s.\-]{1,2}\d)(?!\d)"
)
_DECIMAL: Final = re.compile(r"\s*[+-]?\d{1,12}\.\d+\s*")
_ADDRESS: Final = re.compile(r"@")
_DOTTED: Final = re.compile(r"\d+(?:\.\d+){2,}")
_POWER: Final = re.compile(r"\de[+]?\d\d")  # a long number that a message has shortened
_CUT: Final = "..."


def has_id_number(value: object) -> bool:
    """Say whether a number like that of a Thai ID card stands anywhere in a value."""
    if isinstance(value, float | np.floating):
        text = f"{value:.0f}" if float(value).is_integer() else ""
    else:
        text = "" if _DECIMAL.fullmatch(str(value)) else str(value)
    return _WRITTEN_ID.search(text) is not None or _ID_DIGITS in _run_lengths(text)


def id_number_faults(frame: gpd.GeoDataFrame, *, source: str, rows: Sequence[int]) -> list[Fault]:
    """Return a fault for each value of any column, known or not, that holds such a number."""
    table = frame.drop(columns=frame.geometry.name)
    if frame.index.name is not None:
        table = table.reset_index()
    return [
        Fault(source, "no number like that of an ID card", WITHHELD, row, str(name))
        for name in table.columns
        for row, value in zip(rows, table[name], strict=True)
        if has_id_number(value)
    ]


def discreet(faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults without any address, telephone or ID number that they had found."""
    return [
        replace(fault, found=WITHHELD) if _may_tell_too_much(fault.found) else fault
        for fault in faults
    ]


def _may_tell_too_much(found: str) -> bool:
    return (
        found.endswith(_CUT)  # what was cut off may have told more of what is left
        or any(pattern.search(found) for pattern in (_WRITTEN_ID, _ADDRESS, _DOTTED, _POWER))
        or max(_run_lengths(found), default=0) >= _TELEPHONE_DIGITS
    )


def _run_lengths(text: str) -> list[int]:
    return [sum(map(str.isdecimal, run)) for run in _RUN.findall(text)]
