"""The survey of fear before and after a measure: found from a file of anonymous answers, and told.

Nothing that stands in a row of the file is ever repeated, and nothing is told of a small group.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from rich.table import Table
from rich.text import Text

from analytics.fear_survey import EVERYONE, compare_fear
from api.words import Language, Words
from geo.errors import Fault, LayerError
from geo.formats import read_table

_NEEDED: Final = ("wave", "score")
_CONFIDENCE: Final = 0.95
_NOTHING: Final = "–"


@dataclass(frozen=True, eq=False)
class FearFound:
    """What was found, and all that is needed to tell it.

    Attributes
    ----------
    table
        A row a group, as `analytics.fear_survey.compare_fear` gives it.
    left_out
        Groups that nothing is told of.
    scale
        Lowest and highest score.
    smallest
        Fewest answers in each wave that a group is told of.
    """

    table: pd.DataFrame
    left_out: int
    scale: tuple[int, int]
    smallest: int


def find_fear(
    file: Path, *, scale: tuple[int, int] = (1, 5), smallest: int = 10, encoding: str = "UTF-8"
) -> FearFound:
    """Compare the answers of a file before and after a measure.

    Parameters
    ----------
    file
        CSV of an answer a row: `wave`, `score` and, if wanted, `group`; no other column.
    scale
        Lowest and highest score.
    smallest
        Fewest answers in each wave that a group is told of, >= 10.
    encoding
        Encoding of the file.

    Returns
    -------
    FearFound
        What was found.

    Raises
    ------
    LayerError
        The file is no such CSV; names every fault with its line, and repeats no value.
    ParameterError
        Another argument is out of its range.
    SourceError
        The file cannot be read.
    """
    answers = read_table(file, encoding=encoding)
    if not set(_NEEDED).intersection(answers.columns):
        # A file without a header shows an answer as one: its names are not repeated.
        expected = f"a first line that names the columns, {' and '.join(_NEEDED)} among them"
        raise LayerError([Fault(str(file), expected, "one without", 1)])
    try:
        table = compare_fear(answers, scale=scale, smallest_group=smallest, confidence=_CONFIDENCE)
    except LayerError as error:
        raise LayerError([_in_file(fault, file, answers.index) for fault in error.faults]) from None
    groups = set(answers["group"]) - {EVERYONE} if "group" in answers else set()
    return FearFound(table, len(groups - set(table.index)), scale, smallest)


def _in_file(fault: Fault, file: Path, lines: "pd.Index[int]") -> Fault:
    """Return a fault of the answers with their file, and the line instead of the number."""
    row = 1 if fault.row is None else int(lines[fault.row - 1])
    return replace(fault, source=str(file), row=row)


def tell_fear(found: FearFound, *, words: Words, language: Language) -> list[str | Table]:
    """Tell what was found: a row a group, one sentence, and what it cannot tell.

    Parameters
    ----------
    found
        What was found.
    words
        Words to speak with.
    language
        Language to speak.

    Returns
    -------
    list of str or Table
        Lines and tables, in order.
    """
    return [
        words.text("survey.title", language),
        words.text("survey.scale", language, low=found.scale[0], high=found.scale[1]),
        _table(found.table, words, language),
        *_closing(found, words, language),
    ]


def _table(rows: pd.DataFrame, words: Words, language: Language) -> Table:
    level = words.text("unit.percent", language, value=f"{_CONFIDENCE:.0%}".rstrip("%"))
    names = ("group", "n", "means", "difference", "more_fear")
    table = Table(*(words.text(f"survey.{name}", language, level=level) for name in names))
    everyone = words.text("survey.everyone", language)
    for group in rows.index:
        row = _row(rows, group)
        # As `Text`, so that brackets in a name are no markup.
        table.add_row(
            Text(str(group) or everyone),
            _pair(row, "n", "{:,.0f}"),
            _pair(row, "mean", "{:.2f}"),
            _estimate(row, ("difference", "low", "high"), "{:+.2f}", words, language),
            _estimate(row, ("more_fear", "more_low", "more_high"), "{:.2f}", words, language),
        )
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _row(rows: pd.DataFrame, group: str) -> dict[str, float]:
    """Return what was found of one group; not a number where nothing is told."""
    (values,) = rows.loc[[group]].to_numpy(np.float64, na_value=math.nan).tolist()
    return dict(zip(map(str, rows.columns), values, strict=True))


def _pair(row: Mapping[str, float], name: str, form: str) -> str:
    """Write what a group has before and after."""
    waves = [row[f"{name}_before"], row[f"{name}_after"]]
    return " → ".join(_NOTHING if math.isnan(value) else form.format(value) for value in waves)


def _estimate(
    row: Mapping[str, float],
    names: tuple[str, str, str],
    form: str,
    words: Words,
    language: Language,
) -> str:
    estimate, low, high = (row[name] for name in names)
    if math.isnan(estimate):
        return _NOTHING
    if math.isnan(low):
        return form.format(estimate)
    told = {"low": form.format(low), "high": form.format(high)}
    return words.text("survey.with_interval", language, value=form.format(estimate), **told)


def _closing(found: FearFound, words: Words, language: Language) -> Iterator[str]:
    everyone = _row(found.table, EVERYONE)
    yield words.text(f"survey.{_verdict(everyone)}", language, smallest=found.smallest)
    yield words.text("survey.cannot", language)
    if found.left_out:
        yield words.text("survey.left_out", language, count=found.left_out, smallest=found.smallest)


def _verdict(everyone: Mapping[str, float]) -> str:
    """Name the sentence: which way fear went, if chance allows it to."""
    if math.isnan(everyone["difference"]):
        return "too_few"
    low, high = float(everyone["low"]), float(everyone["high"])
    if math.isnan(low):
        return "alike"
    if high < 0:
        return "less"
    return "more" if low > 0 else "chance"
