"""What visits to one point can be worth at most while each clock hour is capped.

Units are taken to be everywhere at once. What is left to choose is how often each set of hours is
the one in which somebody comes that night: a linear program over all sets, in each of which there
are as many visits as hours and gaps leave room for. It tells what a cap costs at points that open
for few hours: who comes in one of two hours only has half the room (a bound by marginals alone,
such as Jensen's inequality, would mix the numbers of visits as well).
"""

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.intp]

# Sets of hours double with every hour: beyond so many there is no bound of this kind.
_MOST_HOURS = 10
_ROUNDING_S = 1e-6


class Opening(NamedTuple):
    """When a point can be visited.

    Attributes
    ----------
    opens_s
        First moment at which a visit may begin.
    closes_s
        Last moment.
    dwell_s
        Length of a visit, > 0.
    gap_s
        Shortest time between the beginnings of two visits, > 0.
    """

    opens_s: float
    closes_s: float
    dwell_s: float
    gap_s: float


def most_worth(opening: Opening, worth: Floats, most_present: Floats, *, edges_s: Floats) -> float:
    """Return the most that visits to a point are worth on average.

    Parameters
    ----------
    opening
        When it can be visited.
    worth
        What no visit, one visit and so on are worth together, ascending; more visits are worth no
        more than the last.
    most_present
        Largest probability that some unit is there within each hour, shape (hours,).
    edges_s
        When each hour begins, and when the last one ends, shape (hours + 1,).

    Returns
    -------
    worth
        Infinite where the point is open in too many hours to go through.
    """
    if opening.closes_s < opening.opens_s:
        return float(worth[0])
    first = max(int(np.searchsorted(edges_s, opening.opens_s, side="right")) - 1, 0)
    last = int(np.searchsorted(edges_s, opening.closes_s + opening.dwell_s, side="left"))
    last = min(last, len(edges_s) - 1)
    if last - first > _MOST_HOURS:
        return np.inf
    edges_s, most_present = edges_s[first : last + 1], most_present[first:last]
    sets = _sets(last - first)
    made = room_within(sets, opening, edges_s=edges_s)
    solved = linprog(
        -worth[np.minimum(made, len(worth) - 1)],
        A_ub=sets.T.astype(np.float64),
        b_ub=most_present,
        A_eq=np.ones((1, len(sets))),
        b_eq=[1.0],
        method="highs",
    )
    # To come in no hour at all is a solution, which SciPy's stubs cannot know.
    return -cast("float", solved.fun)


def room_within(sets: Flags, opening: Opening, *, edges_s: Floats) -> Numbers:
    """Count the visits for which hours and gaps leave room.

    Parameters
    ----------
    sets
        Whether somebody may be there within each hour, shape (sets, hours).
    opening
        When the point can be visited.
    edges_s
        When each hour begins, and when the last one ends, shape (hours + 1,); nobody is there
        later.

    Returns
    -------
    made
        The most visits of each set, each as early as it can be, shape (sets,).
    """
    hours = sets.shape[1]
    # For each hour the end of the last one barred before it, so that a look at it is enough.
    barred = np.hstack([~sets, np.ones((len(sets), 1), dtype=np.bool_)])
    latest = np.maximum.accumulate(np.where(barred, np.arange(hours + 1), -1), axis=1)
    made = np.zeros(len(sets), dtype=np.intp)
    begins_s = np.full(len(sets), max(opening.opens_s, float(edges_s[0])))
    row = np.arange(len(sets))
    while (begins_s <= opening.closes_s + _ROUNDING_S).any():
        begin = np.searchsorted(edges_s, begins_s + _ROUNDING_S, side="right") - 1
        end = np.searchsorted(edges_s, begins_s + opening.dwell_s - _ROUNDING_S, side="left") - 1
        stops = latest[row, np.minimum(end, hours)]
        free = stops < begin
        made += free & (begins_s <= opening.closes_s + _ROUNDING_S)
        over_s = np.append(edges_s[1:], np.inf)[stops]
        begins_s = np.where(free, begins_s + opening.gap_s, np.maximum(over_s, begins_s))
    return made


def _sets(hours: int) -> Flags:
    """Return every set of some hours."""
    numbers = np.arange(2**hours)[:, None]
    return np.asarray((numbers >> np.arange(hours)) & 1, dtype=np.bool_)
