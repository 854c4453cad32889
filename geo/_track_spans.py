"""Positions of a track averaged: over short spans of time, and over all the time of a stay.

Newson and Krumm (2009) leave out positions within two standard deviations of the last, so that an
engine at rest does not seem to move. Officers stand for minutes, and their place is told best by
the mean of all that time.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_STILL = 2.0  # standard deviations that the halves of a stay may be apart
_WITHIN = 3.5  # standard deviations from its mean at which a stay ends
_FORGOTTEN_S = 60.0  # errors so far apart in time count as independent
_MOST = 16.0  # independent errors that a mean is believed to even out


class Spans(NamedTuple):
    """Averaged positions of a track, in seconds from its first.

    Attributes
    ----------
    xy
        Where each lies, shape (spans, 2).
    from_s, to_s
        When it is there: at the mean time of a short span, from first to last of a stay.
    first_s, last_s
        Times of the first and last position in it.
    piece
        Number of the piece of track between silences that it belongs to.
    precision
        How many times as precise as a short span it is.
    """

    xy: Floats
    from_s: Floats
    to_s: Floats
    first_s: Floats
    last_s: Floats
    piece: Integers
    precision: Floats


def averaged(at_s: Floats, xy: Floats, *, gap_s: float, step_s: float) -> Spans:
    """Split a track at silences, and average the positions of each piece over spans of time.

    Parameters
    ----------
    at_s
        Times of the positions, rising.
    xy
        Where they lie, shape (positions, 2).
    gap_s
        Longest silence that does not split.
    step_s
        Length of the spans; 0 keeps each position.

    Returns
    -------
    spans
        At least one.
    """
    piece = np.append(0, (np.diff(at_s) > gap_s).cumsum())
    begins_s = at_s[np.searchsorted(piece, piece)]
    number = np.arange(len(at_s))
    if step_s > 0:
        number = ((at_s - begins_s) // step_s).astype(np.int64)
    new = np.append(True, (np.diff(piece) != 0) | (np.diff(number) != 0))
    (x, y, mean_s), first, last = _means(new, (*xy.T, at_s))
    first_s, last_s = at_s[first], at_s[last]
    # A mean may be off by a hair where all are alike.
    mean_s = np.clip(mean_s, first_s, last_s)
    none = np.ones(len(first))
    return Spans(np.column_stack([x, y]), mean_s, mean_s, first_s, last_s, piece[first], none)


def gathered(spans: Spans, *, sigma_m: float, stay_s: float) -> Spans:
    """Make one of the spans in which an officer stands.

    A stay lasts `stay_s` or longer, the means of the two halves of its first `stay_s` are within
    two standard deviations of each other, and it goes on while positions are within 3.5 of its
    mean.

    Parameters
    ----------
    spans
        Averaged positions.
    sigma_m
        Standard deviation of their error.
    stay_s
        Shortest time of a stay.

    Returns
    -------
    spans
        As many or fewer.
    """
    new = _stays(spans.xy, spans.from_s, spans.piece, (stay_s, sigma_m))
    (x, y), first, last = _means(new, (*spans.xy.T,))
    first_s, last_s, stay = spans.first_s[first], spans.last_s[last], last > first
    independent = np.clip((last_s - first_s) / _FORGOTTEN_S, 1.0, _MOST)
    return Spans(
        np.column_stack([x, y]),
        np.where(stay, first_s, spans.from_s[first]),
        np.where(stay, last_s, spans.to_s[last]),
        first_s,
        last_s,
        spans.piece[first],
        np.where(stay, np.sqrt(independent), 1.0),
    )


def _means(
    new: NDArray[np.bool_], columns: Sequence[Floats]
) -> tuple[list[Floats], Integers, Integers]:
    """Average values that follow each other; return also the first and last row of each group."""
    group = new.cumsum() - 1
    count = np.bincount(group)
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(new)) - 1
    return [np.bincount(group, weights=column) / count for column in columns], first, last


@njit(cache=True)
def _stays(
    xy: Floats, at_s: Floats, piece: Integers, rule: tuple[float, float]
) -> NDArray[np.bool_]:
    """Tell where a stay, or a span that belongs to none, begins."""
    count, sigma_m = len(at_s), rule[1]
    new = np.ones(count, np.bool_)
    begin = 0
    while begin < count:
        end = _first_stay(xy, at_s, piece, begin, rule)
        if end > begin:
            mean = np.array([xy[begin:end, 0].mean(), xy[begin:end, 1].mean()])
            while end < count and piece[end] == piece[begin]:
                off = xy[end] - mean
                if np.hypot(off[0], off[1]) > _WITHIN * sigma_m:
                    break
                end += 1
                mean += off / (end - begin)
            new[begin + 1 : end] = False
        begin = max(end, begin + 1)
    return new


@njit(cache=True)
def _first_stay(
    xy: Floats, at_s: Floats, piece: Integers, begin: int, rule: tuple[float, float]
) -> int:
    """Return where the first `stay_s` of a stay from `begin` end; `begin` if there is none."""
    stay_s, sigma_m = rule
    end = middle = begin
    while end < len(at_s) and piece[end] == piece[begin] and at_s[end] - at_s[begin] < stay_s:
        end += 1
        if at_s[end - 1] - at_s[begin] < stay_s / 2:
            middle = end
    if end >= len(at_s) or piece[end] != piece[begin] or not begin < middle < end:
        return begin
    mean_x, mean_y = xy[begin:end, 0].mean(), xy[begin:end, 1].mean()
    for span in range(begin, end):
        if np.hypot(xy[span, 0] - mean_x, xy[span, 1] - mean_y) > _WITHIN * sigma_m:
            return begin
    apart_x = xy[begin:middle, 0].mean() - xy[middle:end, 0].mean()
    apart_y = xy[begin:middle, 1].mean() - xy[middle:end, 1].mean()
    return end if np.hypot(apart_x, apart_y) <= _STILL * sigma_m else begin
