"""Room for one move of the search for tours."""

from typing import NamedTuple

import numpy as np

from planning._tour_state import Case, Flags, Floats, Integers, Tours

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
