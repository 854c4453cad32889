"""How long help takes to every point of street: the least of rising and falling lines.

Along a piece of street whoever comes from its start needs longer the farther in, whoever comes from
its end needs less, each by a pace of its own. The time of the first is the lower envelope of these
lines, which is concave: its largest value lies at an end or where one rising and one falling line
cross (in one dimension two constraints suffice, by Helly's theorem), and where it is above a limit
is one interval.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# How closely times are found that a share of the length decides.
_EXACT_S = 1e-9
# Share of a sum of lengths that rounding may make of nothing.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Pieces:
    """Pieces of street, and when whoever comes first is at their ends.

    Attributes
    ----------
    street
        Number of the street each is a piece of, shape (pieces,).
    start_m
        Where it begins on its street, in metres from the street's start.
    length_m
        Its length in metres.
    from_start_s
        When each way of moving is at its start and goes on along it, shape (pieces, ways);
        infinite where none comes that way.
    from_end_s
        When each is at its end and goes back along it.
    pace_s
        Seconds each needs for a metre of it, > 0, shape (pieces, ways).
    """

    street: Integers
    start_m: Floats
    length_m: Floats
    from_start_s: Floats
    from_end_s: Floats
    pace_s: Floats

    def at(self, kept: NDArray[np.bool_]) -> Self:
        """Return some of the pieces.

        Parameters
        ----------
        kept
            Which, shape (pieces,).

        Returns
        -------
        pieces
            Those, in their order.
        """
        return type(self)(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))

    def longest(self) -> tuple[Floats, Floats]:
        """Return the longest time to any point of each piece, and where on its street that is.

        Returns
        -------
        time_s
            Seconds, infinite where nobody comes.
        at_m
            Metres from the start of the street.
        """
        best = np.full(len(self.street), np.inf)
        at_m = self.start_m.copy()
        ways = range(self.pace_s.shape[1])
        for ahead in ways:
            for back in ways:
                time_s, in_m = self._crossing(ahead, back)
                lower = time_s < best
                best[lower] = time_s[lower]
                at_m[lower] = (self.start_m + in_m)[lower]
        return best, at_m

    def _crossing(self, ahead: int, back: int) -> tuple[Floats, Floats]:
        """Return the highest point below one rising and one falling line."""
        start, end = self.from_start_s[:, ahead], self.from_end_s[:, back]
        up, down = self.pace_s[:, ahead], self.pace_s[:, back]
        # Where one of the lines is missing, the other is highest at its far end.
        gap = np.where(np.isinf(start), -np.inf, end - np.where(np.isinf(start), 0.0, start))
        in_m = np.clip((gap + down * self.length_m) / (up + down), 0.0, self.length_m)
        time_s = np.minimum(start + up * in_m, end + down * (self.length_m - in_m))
        return time_s, in_m

    def longer_than(self, limit_s: Floats) -> Floats:
        """Return how much of each piece takes longer than a limit.

        Parameters
        ----------
        limit_s
            Seconds, finite, one for each piece.

        Returns
        -------
        length_m
            Metres.
        """
        limit = limit_s[:, None]
        ahead_m = ((limit - self.from_start_s) / self.pace_s).max(axis=1, initial=0.0)
        back_m = ((limit - self.from_end_s) / self.pace_s).max(axis=1, initial=0.0)
        return np.asarray(np.maximum(self.length_m - ahead_m - back_m, 0.0))

    def within(self, share: float, group: Integers, count: int) -> Floats:
        """Return the time in which a share of the length of each group is reached.

        Parameters
        ----------
        share
            Share in (0, 1] of the length of all pieces of a group.
        group
            Group that each piece belongs to, from 0.
        count
            Number of groups.

        Returns
        -------
        time_s
            Seconds, shape (groups,), to a billionth; infinite where nobody comes to more than the
            rest, NaN for a group without pieces.
        """
        longest, _ = self.longest()
        reached = np.isfinite(longest)
        total_m = np.bincount(group, self.length_m, count)
        rest_m = (1 - share) * total_m + _ROUNDING * total_m
        lost_m = np.bincount(group[~reached], self.length_m[~reached], count)
        low, high = np.zeros(count), np.zeros(count)
        np.maximum.at(high, group[reached], longest[reached])
        while (high - low - _EXACT_S * (1 + high)).max(initial=0.0) > 0:
            middle = (low + high) / 2
            over = np.bincount(group, self.longer_than(middle[group]), count) > rest_m
            low, high = np.where(over, middle, low), np.where(over, high, middle)
        # Of a piece that nobody enters all of it is beyond any time.
        return np.where(total_m > 0, np.where(lost_m > rest_m, np.inf, high), np.nan)


def together(parts: list[Pieces]) -> Pieces:
    """Return all pieces of several lots.

    Parameters
    ----------
    parts
        Lots of pieces with the same ways of moving, at least one.

    Returns
    -------
    pieces
        All of them, lot after lot.
    """
    return Pieces(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Pieces.__dataclass_fields__
        )
    )
