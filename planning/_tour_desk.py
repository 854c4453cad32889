"""Room for one move of the search for tours, and the chance that it takes."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from planning._tour_state import Case, Flags, Floats, Integers, Tours

Bits = NDArray[np.uint64]

# In a desk: a place that has still to be found.
UNKNOWN = -2


class Desk(NamedTuple):
    """Room for one move.

    Attributes
    ----------
    gone
        Whether each location is to be removed.
    taken
        Vehicles whose tours are changed.
    changed
        Whether each of them has been, since it was last looked at.
    stops
        Stops that might be inserted.
    counts
        What each of them counts, with noise.
    merit
        How good its best place in each tour is, -1 for none.
    place
        That place, -1 for none, -2 where it has still to be found.
    line
        Places of a tour in another order.
    """

    gone: Flags
    taken: Integers
    changed: Flags
    stops: Integers
    counts: Floats
    merit: Floats
    place: Integers
    line: Integers


def desk_for(case: Case, tours: Tours, most: int) -> Desk:
    """Return room for moves of up to so many tours at once.

    Parameters
    ----------
    case
        The problem.
    tours
        Its tours.
    most
        Number of tours.

    Returns
    -------
    desk
        Empty room.
    """
    stops = len(case.stops)
    return Desk(
        gone=np.zeros(len(case.worth), dtype=np.bool_),
        taken=np.zeros(most, dtype=np.int64),
        changed=np.zeros(most, dtype=np.bool_),
        stops=np.zeros(stops, dtype=np.int64),
        counts=np.zeros(stops),
        merit=np.zeros((stops, most)),
        place=np.zeros((stops, most), dtype=np.int64),
        line=np.zeros(tours.path.shape[1], dtype=np.int64),
    )


@njit(cache=True)
def chance(state: Bits) -> float:
    """Draw from (0, 1): splitmix64 (Steele, Lea and Flood 2014); generators compile slowly."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (float(z >> np.uint64(11)) + 0.5) / 9007199254740992.0
