"""Small counts: told as "fewer than", and so that no sum gives them away.

Who knows a total and all counts but one knows that one too. Where a single count is small, the
next smallest is therefore told as "at least" besides.
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FEW: Final = 5
"""A count of a category, a street, a stretch or an area below this is told as "fewer than"."""


def withheld(counts: "pd.Series[int]") -> NDArray[np.bool_]:
    """Tell which counts are not to be told as they are.

    Parameters
    ----------
    counts
        Counts whose sum is known.

    Returns
    -------
    ndarray
        Whether each is from 1 to below `FEW`, or the smallest of the others where only one is.
    """
    given = counts.to_numpy()
    hidden = (given > 0) & (given < FEW)
    others = np.flatnonzero(given >= FEW)
    if hidden.sum() == 1 and len(others):
        hidden[others[np.argmin(given[others])]] = True
    return hidden


def told_counts(counts: "pd.Series[int]") -> list[str]:
    """Write counts, as far as they may be told.

    Parameters
    ----------
    counts
        Counts whose sum is known.

    Returns
    -------
    list of str
        Each count, or "< 5" or "≥ 5".
    """
    return [
        f"{'<' if count < FEW else '≥'} {FEW}" if hidden else f"{count:,}"
        for count, hidden in zip(counts, withheld(counts), strict=True)
    ]


def without(table: pd.DataFrame, columns: list[str], *, where: NDArray[np.bool_]) -> pd.DataFrame:
    """Blank cells of a table.

    Parameters
    ----------
    table
        The table.
    columns
        Columns to blank.
    where
        Rows to blank them in.

    Returns
    -------
    DataFrame
        A copy with nothing in these cells.
    """
    blank = {name: table[name].astype(object).mask(where, None) for name in columns}
    return table.assign(**blank)
