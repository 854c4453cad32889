"""Parts of streets as intervals, in metres from the start of their street.

How many intervals overlap is told by a sweep over their ends, street by street. What it gives for
a street depends on the values of that street's intervals alone: neither on their order nor on any
other street, down to the last bit.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Coordinates of a projected system are rounded to some 1e-10 m, and crossings to a few times that:
# what is shorter than this is a point.
ROUNDING_M = 1e-8


@dataclass(frozen=True)
class Intervals:
    """Closed parts of streets, in any order, overlapping or not.

    Attributes
    ----------
    street
        Street of each, by position.
    from_m
        Where each begins, from the start of the street.
    to_m
        Where each ends; >= `from_m`.
    """

    street: Ints
    from_m: Floats
    to_m: Floats

    def __len__(self) -> int:
        return self.street.size

    def taken(self, which: Flags | Ints) -> Self:
        """Choose some of the intervals.

        Parameters
        ----------
        which
            Flags, one an interval, or numbers of intervals.

        Returns
        -------
        intervals
            The chosen ones.
        """
        return type(self)(self.street[which], self.from_m[which], self.to_m[which])

    def joined(self, others: Self) -> Self:
        """Put other intervals after these.

        Parameters
        ----------
        others
            The other intervals.

        Returns
        -------
        intervals
            Both.
        """
        return type(self)(
            np.append(self.street, others.street),
            np.append(self.from_m, others.from_m),
            np.append(self.to_m, others.to_m),
        )

    def overlapping(self, at_least: int = 1) -> Self:
        """Find where at least so many intervals overlap.

        Parameters
        ----------
        at_least
            How many, >= 1.

        Returns
        -------
        intervals
            The longest parts in which they do, disjoint, by street and place; points left out.
        """
        street = np.tile(self.street, 2)
        place = np.concatenate([self.from_m, self.to_m])
        change = np.repeat([1, -1], len(self))
        # In whichever order ends at one place come: what they part there is joined below.
        order = np.lexsort((place, street))
        change = change[order]
        depth = np.cumsum(change)
        begin = order[(change == 1) & (depth == at_least)]
        end = order[(change == -1) & (depth == at_least - 1)]
        found = type(self)(street[begin], place[begin], place[end])
        if not len(found):
            return found
        apart = np.flatnonzero(
            (found.street[1:] != found.street[:-1])
            | (found.from_m[1:] - found.to_m[:-1] > ROUNDING_M)
        )
        first, last = np.append(0, apart + 1), np.append(apart, len(found) - 1)
        joined = type(self)(found.street[first], found.from_m[first], found.to_m[last])
        return joined.taken(joined.to_m - joined.from_m > ROUNDING_M)

    def gaps(self, length_m: Floats) -> Self:
        """Find what the intervals leave of their streets.

        Parameters
        ----------
        length_m
            Length of each street.

        Returns
        -------
        intervals
            The longest parts in no interval, disjoint, by street and place; points left out.
        """
        held = self.overlapping()
        ends = np.arange(length_m.size)
        street = np.concatenate([ends, held.street, ends])
        from_m = np.concatenate([np.zeros_like(length_m), held.from_m, length_m])
        to_m = np.concatenate([np.zeros_like(length_m), held.to_m, length_m])
        order = np.lexsort((to_m, from_m, street))
        street, from_m, to_m = street[order], from_m[order], to_m[order]
        between = (street[1:] == street[:-1]) & (from_m[1:] - to_m[:-1] > ROUNDING_M)
        return type(self)(street[1:][between], to_m[:-1][between], from_m[1:][between])

    def lengths(self, streets: int) -> Floats:
        """Add up the intervals of each street.

        Parameters
        ----------
        streets
            Number of streets.

        Returns
        -------
        length_m
            Sum of the lengths of the intervals of each street, in metres.
        """
        return np.bincount(self.street, self.to_m - self.from_m, streets).astype(np.float64)
