"""Fear of crime before and after: the programme's own measure, from anonymous answers.

Means are compared by the interval of Welch, B. L. (1947), "The generalization of Student's problem
when several different population variances are involved", Biometrika 34 (1-2), 28-35. Scores are
an order rather than a measure, so beside it stands the chance that an answer after tells of more
fear than one before, by Brunner, E. and Munzel, U. (2000), "The nonparametric Behrens-Fisher
problem: asymptotic theory and a small-sample approximation", Biometrical Journal 42 (1), 17-25.

Nothing is told of a group of fewer than ten answers, and no group can be worked out from what is
told of the others. A table with any column but the wave, the score and the group is refused.
"""

import math
from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit
from scipy.stats import rankdata

from analytics._arguments import faults_of_confidence
from geo.errors import Fault, LayerError, ParameterError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WAVES: Final = ("before", "after")
EVERYONE: Final = ""
"""Group of all answers."""

_SOURCE: Final = "answers"
_COLUMNS: Final = ("wave", "score", "group")
_VALUES: Final = (
    *("n_before", "n_after", "mean_before", "mean_after"),
    *("difference", "low", "high", "p_difference"),
    *("more_fear", "more_low", "more_high", "p_more"),
)
_LEAST_GROUP: Final = 10
# What a fault found is not repeated: it may be a name or a number in the wrong column.
_WITHHELD: Final = "another value"


def compare_fear(
    answers: pd.DataFrame,
    *,
    scale: tuple[int, int] = (1, 5),
    smallest_group: int = 10,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare how much people fear before and after a measure.

    The answers of the two waves are taken as given by different people: anonymous answers cannot be
    paired, and where the same people answered twice the intervals are wider than need be.

    Parameters
    ----------
    answers
        An answer a row: `wave`, "before" or "after"; `score`, a whole number of `scale`, the higher
        the more fear; and, if wanted, `group`, such as residents or women. No other column.
    scale
        Lowest and highest score.
    smallest_group
        Fewest answers in each wave that a group is told of, >= 10.
    confidence
        Of the intervals, > 0 and < 1.

    Returns
    -------
    pandas.DataFrame
        A row a group, index "group": everyone (""), then by name the groups that can be told of;
        a group goes untold, and unnamed, where it has too few answers or would give away one that
        has. `n_before` and `n_after`, answers; `mean_before` and `mean_after`; `difference`, after
        less before, < 0 where fear fell, with `low` and `high`; `p_difference`, the chance of a
        difference so large where nothing has changed; `more_fear`, chance that an answer after
        tells of more fear than one before, ties for half, < 0.5 where fear fell, with `more_low`
        and `more_high`; `p_more`. Everyone's row is missing its values where there are too few
        answers; intervals and chances are missing where those of each wave are all alike.

    Raises
    ------
    LayerError
        If a column is missing or not known, or a value does not fit; names every fault without
        repeating a value.
    ParameterError
        If another argument is out of its range; names all that are.

    Examples
    --------
    >>> answers = pd.DataFrame({"wave": ["before"] * 12 + ["after"] * 12})
    >>> answers["score"] = [4, 3, 5, 4, 3, 4, 4, 5, 3, 4, 2, 4, 3, 2, 3, 4, 2, 3, 3, 2, 4, 3, 2, 3]
    >>> compare_fear(answers).loc["", ["difference", "low", "high", "more_fear"]].round(2).tolist()
    [-0.92, -1.59, -0.24, 0.22]
    """
    _refuse_arguments(scale, smallest_group, confidence)
    scores, after, groups = _checked(answers, scale)
    names = sorted(set(groups) - {EVERYONE})
    sizes = _sizes(groups, after, [EVERYONE, *names])
    everyone = bool((sizes.sum(axis=0) >= smallest_group).all())
    rows = [_row(scores, after, confidence) if everyone else dict.fromkeys(_VALUES, math.nan)]
    told = _told(sizes[1:], sizes[0], smallest_group) & everyone
    shown = [name for name, tell in zip(names, told, strict=True) if tell]
    rows += [_row(scores[groups == name], after[groups == name], confidence) for name in shown]
    table = pd.DataFrame(rows, index=pd.Index([EVERYONE, *shown], name="group", dtype="str"))
    return table.astype({"n_before": "Int64", "n_after": "Int64"})


def _sizes(groups: NDArray[np.str_], after: Ints, names: Sequence[str]) -> Ints:
    """Count the answers of each group (row) before and after."""
    counts = [[((groups == name) & (after == wave)).sum() for wave in (0, 1)] for name in names]
    return np.array(counts, dtype=np.int64)


def _told(sizes: Ints, in_none: Ints, smallest: int) -> NDArray[np.bool_]:
    """Choose the groups that can be told of.

    What everyone's answers leave when those of the groups told are taken away must be either
    nothing or enough answers of each wave; groups are left out, the smallest first, until it is.
    """
    told = np.asarray((sizes >= smallest).all(axis=1))
    for group in np.argsort(sizes.sum(axis=1), kind="stable"):
        rest = sizes[~told].sum(axis=0) + in_none
        if not rest.any() or (rest >= smallest).all():
            break
        told[group] = False
    return told


class _Comparison(NamedTuple):
    """An estimate with its interval and its chance under no change."""

    estimate: float
    low: float
    high: float
    p_value: float


def _row(scores: Ints, after: Ints, confidence: float) -> dict[str, float]:
    x, y = (scores[after == wave].astype(np.float64) for wave in (0, 1))
    means = float(x.mean()), float(y.mean())
    compared = (*_welch(x, y, confidence), *_brunner_munzel(x, y, confidence))
    return dict(zip(_VALUES, (x.size, y.size, *means, *compared), strict=True))


def _welch(x: Floats, y: Floats, confidence: float) -> _Comparison:
    estimate = float(y.mean() - x.mean())
    parts = np.array([x.var(ddof=1) / x.size, y.var(ddof=1) / y.size])
    return _with_t(estimate, 0.0, parts, np.array([x.size - 1, y.size - 1]), confidence)


def _brunner_munzel(x: Floats, y: Floats, confidence: float) -> _Comparison:
    """Estimate P(X < Y) + P(X = Y) / 2 by ranks, with its interval between 0 and 1."""
    ranks = rankdata(np.concatenate([x, y]))
    above = ranks[: x.size] - rankdata(x)  # for each of x, how many of y lie below it
    below = ranks[x.size :] - rankdata(y)  # for each of y, how many of x lie below it
    parts = np.array([above.var(ddof=1), below.var(ddof=1)])
    parts /= np.array([x.size * y.size**2, y.size * x.size**2])
    estimate = float(below.mean() / x.size)
    found = _with_t(estimate, 0.5, parts, np.array([x.size - 1, y.size - 1]), confidence)
    return found._replace(low=max(found.low, 0.0), high=min(found.high, 1.0))


def _with_t(
    estimate: float, neutral: float, parts: Floats, freedom: Ints, confidence: float
) -> _Comparison:
    """Return an estimate with its interval, from the variances of its two parts."""
    variance = float(parts.sum())
    if variance == 0:
        return _Comparison(estimate, math.nan, math.nan, math.nan)
    degrees = variance**2 / float((parts**2 / freedom).sum())
    error = math.sqrt(variance)
    half = float(stdtrit(degrees, (1 + confidence) / 2)) * error
    p_value = float(2 * stdtr(degrees, -abs(estimate - neutral) / error))
    return _Comparison(estimate, estimate - half, estimate + half, p_value)


def _checked(answers: pd.DataFrame, scale: tuple[int, int]) -> tuple[Ints, Ints, NDArray[np.str_]]:
    """Return score, wave (0 or 1) and group of each answer."""
    faults = [
        Fault(_SOURCE, f"no column but {', '.join(_COLUMNS)}", "a further one", field=str(name))
        for name in answers.columns
        if name not in _COLUMNS
    ]
    faults += [
        Fault(_SOURCE, "the column", "none of that name", field=name)
        for name in _COLUMNS[:2]
        if name not in answers
    ]
    if not answers.columns.is_unique:
        faults.append(Fault(_SOURCE, "each column once", "one repeated"))
    if faults:
        raise LayerError(faults)
    scores = pd.to_numeric(answers["score"], errors="coerce").to_numpy(dtype=np.float64)
    fits = (scores >= scale[0]) & (scores <= scale[1]) & (scores == np.floor(scores))
    wave = answers["wave"].astype("object").map({"before": 0, "after": 1}).to_numpy(np.float64)
    faults = _unfit(np.flatnonzero(~fits), "score", f"a whole number {scale[0]} to {scale[1]}")
    faults += _unfit(np.flatnonzero(np.isnan(wave)), "wave", "one of before, after")
    if faults:
        raise LayerError(sorted(faults, key=lambda fault: fault.row or 0))
    if "group" not in answers:
        groups = np.full(len(answers), EVERYONE)
    else:
        given = answers["group"].astype("object")
        groups = given.where(given.notna(), EVERYONE).astype("str").str.strip().to_numpy("U")
    return scores.astype(np.int64), wave.astype(np.int64), groups


def _unfit(rows: Iterable[int], field: str, expected: str) -> list[Fault]:
    return [Fault(_SOURCE, expected, _WITHHELD, int(row) + 1, field) for row in rows]


def _refuse_arguments(scale: object, smallest_group: object, confidence: object) -> None:
    faults = faults_of_confidence(confidence)
    ends = scale if isinstance(scale, tuple | list) else ()
    whole = len(ends) == len(WAVES) and all(isinstance(end, Integral) for end in ends)
    if not (whole and ends[0] < ends[1]):
        faults.append(f"Expected `scale` as two whole numbers, the lower first, got {scale!r}.")
    if not (isinstance(smallest_group, Integral) and int(smallest_group) >= _LEAST_GROUP):
        faults.append(f"Expected whole `smallest_group` >= {_LEAST_GROUP}, got {smallest_group!r}.")
    if faults:
        raise ParameterError("\n".join(faults))
