"""Where and when a plan holds back: hours in which a place is closed, and hours that cost.

A plan that comes everywhere in every hour is worth most and hides nothing. Each plan of a mixture
therefore leaves every place alone for some hours, in turns: an hour in which units would come on
every night is closed in just as many plans as the cap asks for, and where the caps still bind their
prices are taken off what a first visit of the hour is worth.

What is left open of a point's hours is offered as slots, a visit each, as many as keep their
distance: units that come wherever they find a window open would leave gaps that no further visit
fits into (Renyi's parking problem).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning._patrol_windows import Window, visits_of

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

# A piece of a window shorter than this is no use to a tour, unless the window is no longer.
_SHORTEST_S = 120.0
# Places rest at most different times where they begin this far apart in the cycle.
_GOLDEN = (5**0.5 - 1) / 2
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


class Turns:
    """Closes the hours of each place in turns, each in just the same share of the plans.

    In a plan the hours that a place is closed in lie as far apart as they can, so that one which
    opens for few hours loses few of them (systematic sampling: Madow and Madow 1944, "On the theory
    of systematic sampling", Annals of Mathematical Statistics 15, 1-24). Where the share is a
    fraction, the turns come round again: what was closed first is closed again, in a plan that may
    take the place of the first.

    Parameters
    ----------
    shape
        Number of places, and of hours.
    share
        Share of the plans in which each hour is closed, in [0, 1].
    rng
        Source of where each place begins.
    """

    def __init__(self, shape: tuple[int, int], share: float, rng: np.random.Generator) -> None:
        places, hours = shape
        start = rng.random() + _GOLDEN * np.arange(places)
        self._turn = start[:, None] + share * np.arange(hours)
        self._share = share

    def take(self, number: int) -> Flags:
        """Return what a plan closes.

        Parameters
        ----------
        number
            Number of the plan, from 0.

        Returns
        -------
        closed
            Shape (places, hours).
        """
        # Turns that come round must not differ by the rounding of their sums.
        turn = np.round(self._turn + self._share * number, 9) % 1.0
        return np.asarray(turn < self._share)


def offer_slots(
    points: pd.DataFrame,
    quiet: Quiet,
    due: Numbers,
    *,
    span_s: float,
    least_gap_s: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Offer each point as often as visits to it keep their distance outside of what is closed.

    As many visits as are due count in full, spread over the night from a moment of their own; the
    others the less, the more there are.

    Parameters
    ----------
    points
        Points of demand: weight, dwell_s, opens_s, closes_s, revisit_s.
    quiet
        What the plan keeps clear of.
    due
        How often each point is due.
    span_s
        Length of the night.
    least_gap_s
        Shortest time between the beginnings of two visits to a point.
    rng
        Source of the moments and of the order of the others.

    Returns
    -------
    visits
        A row a visit: point, earliest_s, latest_s, weight; what is worth nothing is left out.
    """
    columns = points[["weight", "dwell_s", "opens_s", "closes_s", "revisit_s"]]
    rows: list[tuple[int, float, float, float]] = []
    for point, (weight, dwell_s, opens_s, closes_s, revisit_s) in enumerate(
        columns.itertuples(index=False)
    ):
        hours = max(opens_s, 0.0), min(closes_s, span_s)
        if hours[1] < hours[0]:
            continue
        cost = np.where(quiet.closed[point], np.inf, quiet.price[point])
        pieces = _pieces(hours, cost, edges_s=quiet.edges_s, dwell_s=dwell_s)
        slots = (
            [(cost, piece) for cost, piece in pieces if np.isfinite(cost)]
            if np.isinf(revisit_s)
            else _slots(pieces, least_gap_s)
        )
        worth = _worth(
            [cost for cost, _ in slots], weight + quiet.prize[point], int(due[point]), rng
        )
        if np.isinf(revisit_s) and slots:
            best = max(range(len(slots)), key=lambda one: (worth[one], _length(slots[one][1])))
            slots, worth = [slots[best]], [worth[best]]
        rows += [
            (point, *slot, value)
            for (_, slot), value in zip(slots, worth, strict=True)
            if value > 0
        ]
    return visits_of(rows)


def _slots(pieces: Sequence[tuple[float, Window]], gap_s: float) -> list[tuple[float, Window]]:
    """Cut pieces, in their order in time, into as many slots as keep their distance."""
    slots: list[tuple[float, Window]] = []
    free_s = -np.inf
    for cost, (opens_s, closes_s) in pieces:
        first = max(opens_s, free_s)
        if not np.isfinite(cost) or closes_s < first:
            continue
        count = max(1, int((closes_s - first + gap_s) // (gap_s + _SHORTEST_S)))
        open_s = (closes_s - first - (count - 1) * gap_s) / count
        starts = first + (open_s + gap_s) * np.arange(count)
        slots += [(cost, (start, start + open_s)) for start in starts.tolist()]
        free_s = slots[-1][1][1] + gap_s
    return slots


def _worth(
    costs: Sequence[float], weight: float, due: int, rng: np.random.Generator
) -> list[float]:
    """Return what each slot of a point is worth: those due in full, spread over the cheapest."""
    free = np.flatnonzero(np.asarray(costs) == 0.0)
    due = min(due, len(free))
    first = free[((np.arange(due) + rng.random()) * len(free) / max(due, 1)).astype(np.intp)]
    others = rng.permutation(np.setdiff1d(np.arange(len(costs)), first))
    worth = np.full(len(costs), weight)
    worth[others] /= due + 1 + np.arange(len(others))
    return [float(value) for value in worth - np.asarray(costs)]


def _length(window: Window) -> float:
    return window[1] - window[0]


def hold_back(
    visits: pd.DataFrame,
    quiet: Quiet,
    *,
    dwell_s: Floats,
    taken: Flags,
    least_gap_s: float,
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

    Returns
    -------
    visits
        In the form of the visits given; what is worth nothing is left out.
    """
    rows: list[tuple[int, float, float, float]] = []
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
        rows += [(point, *piece, worth) for worth, piece in _apart(pieces, least_gap_s)]
    return visits_of(rows)


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
