"""What speaks for each stretch of each street, and how much of a part of a street it covers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class Stretches(NamedTuple):
    """Stretches street by street; each begins where the one before ends, or at 0.

    Attributes
    ----------
    first
        Number of each street's first stretch, and one more at the end, shape (streets + 1,).
    end_mm
        Where on its street each ends, shape (stretches,).
    quarters
        How much of each merit it has, from 0 to 4, shape (stretches, merits).
    """

    first: Ints
    end_mm: Ints
    quarters: Ints

    def covered(self, street: int, low_mm: int, high_mm: int) -> Ints:
        """Tell how much of part of a street has each merit.

        Parameters
        ----------
        street
            Row of the street.
        low_mm
            Where on it the part begins.
        high_mm
            Where it ends.

        Returns
        -------
        covered
            Quarters of millimetres by merit.
        """
        own = slice(self.first[street], self.first[street + 1])
        end = self.end_mm[own]
        start = np.append(0, end[:-1])
        within = np.clip(np.minimum(end, high_mm) - np.maximum(start, low_mm), 0, None)
        covered: Ints = within @ self.quarters[own]
        return covered

    def every_covered(self) -> Ints:
        """Tell `covered` of every whole street.

        Returns
        -------
        covered
            Quarters of millimetres, shape (streets, merits).
        """
        start = np.append(0, self.end_mm[:-1])
        start[self.first[:-1]] = 0
        last = np.repeat(self.every_last_mm(), np.diff(self.first))
        within = np.clip(np.minimum(self.end_mm, last) - start, 0, None)
        covered: Ints = np.add.reduceat(within[:, None] * self.quarters, self.first[:-1])
        return covered

    def last_mm(self, street: int) -> int:
        """Tell where a street ends.

        Parameters
        ----------
        street
            Row of the street.

        Returns
        -------
        last_mm
            Its length.
        """
        return int(self.end_mm[self.first[street + 1] - 1])

    def every_last_mm(self) -> Ints:
        """Tell where every street ends.

        Returns
        -------
        last_mm
            Their lengths, shape (streets,).
        """
        return self.end_mm[self.first[1:] - 1]
