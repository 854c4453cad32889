"""Cells of tables as values that JSON can hold."""

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

_DECIMALS: Final = 4
_POSITION: Final = ("lon", "lat")


def plain(value: Any, name: str = "") -> str | bool | int | float | None:  # noqa: ANN401  # a cell
    """Give a cell as JSON holds it.

    Parameters
    ----------
    value
        The cell.
    name
        Its column; the numbers of a position keep all their digits, others four decimals.

    Returns
    -------
    str, bool, int, float or None
        The value; none where it is not known, or not finite.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if not np.isfinite(value):
            return None
        return value if name in _POSITION else round(value, _DECIMALS)
    if isinstance(value, str | bool | int):
        return value
    return None


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a table.

    Parameters
    ----------
    table
        Table of plain columns.

    Returns
    -------
    list of dict
        Cells by column.
    """
    return [
        {str(name): plain(value, str(name)) for name, value in record.items()}
        for record in table.to_dict("records")
    ]


def written(document: Mapping[str, Any]) -> str:
    """Write plain values as JSON.

    Parameters
    ----------
    document
        Strings, numbers, lists and objects only.

    Returns
    -------
    str
        The document, indented, ending in a line break.
    """
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
