"""Where and when a plan holds back: hours in which a point is closed, and hours that cost.

A plan that comes everywhere in every hour is worth most and hides nothing. Each plan of a mixture
therefore leaves every point alone for some hours, in turns: an hour in which units would come on
every night is closed in just as many plans as the cap asks for, and where the caps still bind their
prices are taken off what a first visit of the hour is worth.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Window = tuple[float, float]

# A piece of a window shorter than this is no use to a tour, unless the window is no longer.
_SHORTEST_S = 300.0
# What rates and shares may be off by.
_ROUNDING = 1e-9
_VISIT = ["point", "earliest_s", "latest_s", "weight"]


class Quiet(NamedTuple):
    """What a plan keeps clear of.

    Attributes
    ----------
    closed
        Whether nobody may be at a point within an hour, shape (points, hours).
    price
        What the first visit of an hour costs there, in units of weight, shape (points, hours).
    edges_s
        When each hour begins, and when the last one ends, shape (hours + 1,).
    prize
        What a visit of each point is worth beyond its weight, shape (points,).
    """

    closed: Flags
    price: Floats
    edges_s: Floats
    prize: Floats


def turns(rate: Floats, *, plans: int, rng: np.random.Generator) -> list[Flags]:
    """Close hours in turns, each in at least its share of the plans.

    Parameters
    ----------
    rate
        Share of the plans in which each hour of a point is closed, shape (points, hours).
    plans
        Number of plans.
    rng
        Source of the order of the turns.

    Returns
    -------
    closed
        For each plan, in the shape of the rate; hours of one point that are closed equally often
        take turns, so that no plan gives up a point for the night.
    """
    points, hours = rate.shape
    count = np.ceil(rate * plans - _ROUNDING)
    start = rng.integers(0, plans, (points, 1)) + np.arange(hours)[None]
    return [np.less((start + number) % plans, count) for number in range(plans)]


def plans_for(rate: float, *, most: int) -> int:
    """Return how many plans share an hour's rest out most exactly.

    Parameters
    ----------
    rate
        Share of the plans in which an hour must be closed, in [0, 1).
    most
        Largest number of plans, >= 2.

    Returns
    -------
    plans
        The smallest number from 2 on that rounds the rate up by the least.
    """
    numbers = np.arange(2, most + 1)
    above = np.ceil(rate * numbers - _ROUNDING) / numbers - rate
    return 2 + int(np.argmax(above <= above.min() + _ROUNDING))


def hold_back(
    visits: pd.DataFrame,
    quiet: Quiet,
    *,
    dwell_s: Floats,
    taken: Flags,
    least_gap_s: float,
    once: bool,
) -> pd.DataFrame:
    """Cut the windows of visits to what a plan does not keep clear of, and price what is left.

    Parameters
    ----------
    visits
        Visits offered: point, earliest_s, latest_s and weight.
    quiet
        What the plan keeps clear of.
    dwell_s
        Length of a visit to each point.
    taken
        Whether some unit is at a point within an hour already: another visit then costs nothing.
    least_gap_s
        Shortest time between the beginnings of two visits to a point.
    once
        Whether a window stands for one visit, so that only its best piece is kept; else all of its
        pieces that keep their distance are.

    Returns
    -------
    visits
        In the form of the visits given; what is worth nothing is left out.
    """
    rows = []
    for point, *window, weight in visits[_VISIT].itertuples(index=False):
        cost = np.where(quiet.closed[point], np.inf, quiet.price[point])
        pieces = [
            (weight + quiet.prize[point] - piece_cost, piece)
            for piece_cost, piece in _pieces(
                (window[0], window[1]),
                np.where(taken[point], 0.0, cost),
                edges_s=quiet.edges_s,
                dwell_s=dwell_s[point],
            )
        ]
        pieces = [(worth, piece) for worth, piece in pieces if worth > 0]
        pieces.sort(key=lambda entry: (-entry[0], entry[1][0] - entry[1][1]))
        kept = pieces[:1] if once else _apart(pieces, least_gap_s)
        rows += [(point, *piece, worth) for worth, piece in kept]
    return pd.DataFrame(rows, columns=_VISIT).astype(visits[_VISIT].dtypes.to_dict())


def _pieces(
    window: Window, cost: Floats, *, edges_s: Floats, dwell_s: float
) -> list[tuple[float, Window]]:
    """Cut a window of beginnings where the hours change that a visit touches.

    A visit costs what all hours cost together into which some part of it falls.
    """
    cuts = np.concatenate([window, edges_s, edges_s - dwell_s])
    cuts = np.unique(cuts[(cuts >= window[0]) & (cuts <= window[1])])
    if len(cuts) == 1:
        cuts = np.repeat(cuts, 2)
    middle = (cuts[:-1] + cuts[1:]) / 2
    first = np.searchsorted(edges_s, middle, side="right") - 1
    last = np.searchsorted(edges_s, middle + dwell_s, side="left")
    pieces: list[tuple[float, Window]] = []
    for opens_s, closes_s, begin, end in zip(cuts[:-1], cuts[1:], first, last, strict=True):
        here = float(cost[begin:end].sum())
        if pieces and pieces[-1][0] == here:
            opens_s = pieces.pop()[1][0]  # noqa: PLW2901  # the piece before goes on
        pieces.append((here, (float(opens_s), float(closes_s))))
    long = [piece for piece in pieces if piece[1][1] - piece[1][0] >= _SHORTEST_S]
    return long or pieces


def _apart(pieces: Sequence[tuple[float, Window]], gap_s: float) -> list[tuple[float, Window]]:
    """Trim pieces so that they keep their distance; those that come first keep their length."""
    kept: list[tuple[float, Window]] = []
    for worth, (opens_s, closes_s) in pieces:
        first, last = opens_s, closes_s
        for _, (other_opens_s, other_closes_s) in kept:
            if other_opens_s >= closes_s:
                last = min(last, other_opens_s - gap_s)
            else:
                first = max(first, other_closes_s + gap_s)
        if last - first >= min(_SHORTEST_S, closes_s - opens_s):
            kept.append((worth, (first, last)))
    return kept
