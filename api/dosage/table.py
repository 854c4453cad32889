"""The dosage as one table for a spreadsheet (RFC 4180, with a byte order mark): sums only."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any, Final

from api.dosage.result import DosageResult

COLUMNS: Final = (
    *("table", "unit", "id", "name_th", "name_en", "planned_min", "spent_min"),
    *("under_10", "from_10_to_16", "over_16", "verdict"),
    *("gap_min", "away_min", "outside_min", "night", "synthetic"),
)
"""Columns of the table; what a row has no value for is empty."""

_DECIMALS: Final = 1
# Excel takes UTF-8 for the machine's old code page without it, and shows Thai as debris.
_BYTE_ORDER_MARK: Final = "\ufeff"
# What a spreadsheet computes rather than shows; names come from files that strangers edit.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def write_table(result: DosageResult) -> str:
    """Write the dosage as CSV.

    Parameters
    ----------
    result
        Dosage to write.

    Returns
    -------
    str
        The table with a heading: rows of units, then of hotspots, of stops and of streets, told
        apart by `table`. Minutes have one decimal. `synthetic` is true where the plan rests on
        generated data. A text that a spreadsheet would compute begins with an apostrophe.
    """
    text = StringIO()
    table = csv.DictWriter(text, COLUMNS, restval="", extrasaction="ignore", lineterminator="\r\n")
    table.writeheader()
    always = {
        "night": result.night.isoformat(),
        "synthetic": "true" if result.synthetic else "false",
    }
    for row in _rows(result):
        table.writerow({**{name: _shown(cell) for name, cell in row.items()}, **always})
    return _BYTE_ORDER_MARK + text.getvalue()


def _rows(result: DosageResult) -> Iterator[dict[str, Any]]:
    tables = result.tables
    for kind, frame, label in (
        ("unit", tables.units, "unit"),
        ("hotspot", tables.hotspots, "rank"),
        ("stop", tables.stops, "order"),
        ("street", tables.streets, "street"),
    ):
        for row in frame.to_dict("records"):
            yield {"table": kind, "id": row[label], **{str(name): row[name] for name in row}}


def _shown(cell: object) -> object:
    if isinstance(cell, float):
        return f"{cell:.{_DECIMALS}f}"
    if not isinstance(cell, str):
        return cell
    text = " ".join(cell.split())
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
