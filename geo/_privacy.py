"""What a message about a private layer must never repeat, and the ID numbers no such layer holds.

A number is judged by its form, never by its check digit: one typed wrongly is still someone's.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Final

import geopandas as gpd
import numpy as np

from geo.errors import Fault

WITHHELD: Final = "a value that is not repeated here"

_ID_DIGITS: Final = 13  # of a Thai national ID number, written 1-4-5-2-1
# Digits with so little between them that they may be one number.
_RUN: Final = re.compile(r"\d+(?:[\W_]{1,5}\d+)*")
_DECIMAL: Final = re.compile(r"\s*[+-]?\d{1,12}\.\d+\s*")
_POWER: Final = re.compile(r"(?<![\w.])\d+\.\d+e\+?\d{1,2}(?!\w)", re.IGNORECASE)
# What holds many digits and begins no ID number: a day, with its time or without, and a fixed
# telephone in a list of several.
_MOMENT: Final = re.compile(
    r"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?!\d)"
)
_LIST: Final = re.compile(r"([,;/#])")
_FIXED_LINE: Final = re.compile(r"(?:0|\+660?)[2-57]\d{7,8}")

_SHAPE: Final = r"(?:Multi)?(?:Point|LineString|Polygon)|LinearRing|GeometryCollection"
_HARMLESS: Final = re.compile(
    r"nothing|none|no geometry|no object|an empty layer|a table without"
    rf"|an? (?:empty )?(?:{_SHAPE})"
    r"|byte 0x[0-9a-f]{2}(?:, as in (?:UTF-16|TIS-620 \(cp874\)))?"
    r"|[0-9.]{1,8} MB"
    r"|one [0-9]{1,7}\.[0-9] m outside its boundary"
    r"|'?[+-]?(?!(?:\.?[0-9]){8})(?:[0-9]+\.?[0-9]*|\.[0-9]+)'?"  # a number of at most 7 digits
)
# What the end of a message says of a value, and nothing that the value says.
_HINT: Final = re.compile(
    r"(?: as in row [0-9]{1,7}| at line [0-9]{1,7}, column [0-9]{1,7}"
    r"|(?:: lon and lat look swapped)?(?:; likewise in all [0-9]{1,7} rows)?)\Z"
)


def has_id_number(value: object) -> bool:
    """Say whether a number like that of a Thai ID card stands anywhere in a value."""
    if isinstance(value, float | np.floating):
        text = f"{value:.0f}" if float(value).is_integer() else ""
    else:
        text = unicodedata.normalize("NFKC", str(value))
    if _DECIMAL.fullmatch(text):
        return False
    text = _POWER.sub(lambda power: f"{float(power[0]):.0f}", text)
    text = _without_lines(_MOMENT.sub("x", text))
    return any(map(_holds_id_digits, _RUN.findall(text)))


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
    """Return the faults without what they had found, unless that is known to tell of nobody.

    What was expected, the row and the field are enough to mend a file.
    """
    return [
        fault
        if _HARMLESS.fullmatch(fault.found)
        else replace(fault, found=WITHHELD + _HINT.findall(fault.found)[0])
        for fault in faults
    ]


def _without_lines(text: str) -> str:
    """Return a text without the fixed telephone lines of any list in it."""
    parts = _LIST.split(text)
    return "".join(
        "x" if _FIXED_LINE.fullmatch(re.sub(r"[^\d+]", "", part)) else part for part in parts
    )


def _holds_id_digits(run: str) -> bool:
    """Say whether neighbouring groups of digits make up an ID number."""
    ends = {0, *accumulate(map(len, re.findall(r"\d+", run)))}
    return any(end + _ID_DIGITS in ends for end in ends)
