"""Shares of tomorrow's patrols from what is known today, by region.

The shipped rule reads reported incidents alone. What patrols discover follows the patrols and
feeds on itself (Ensign, D., Friedler, S. A., Neville, S., Scheidegger, C. and Venkatasubramanian,
S. (2018), "Runaway feedback loops in predictive policing", Proceedings of Machine Learning Research
81, 160-171), and counts of unknown origin may have come about like that.

Where nobody reports anything, the shipped rule knows nothing and sends the patrols everywhere
alike. For that case alone stands `exposure_corrected_shares` beside it: it weighs each discovered
incident by the inverse of the chance that a patrol was there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Twenty incidents spread evenly over the regions stand for knowing nothing: enough that the first
# few that are known, or that one whose patrol was unlikely, do not throw the patrols about.
PRIOR_INCIDENTS = 20.0
# Counts of unknown origin are a hint for the first weeks: together they weigh no more than two
# reported incidents, and half as much with every thirty days.
START_REPORTS = 2.0
START_HALF_LIFE_DAYS = 30.0


@dataclass(frozen=True, eq=False)
class PatrolHistory:
    """What is known of some regions at the end of a day.

    Attributes
    ----------
    start_counts
        Incidents recorded before the first day, of unknown origin, one number a region.
    reported
        Incidents of each day that people reported; shape (days, regions).
    discovered
        Incidents of each day that a patrol discovered, reported or not; shape (days, regions).
    patrolled
        Patrol exposure: whether the patrol of each day went to the region; shape (days, regions).
    shares
        Chance of each region to get the patrol of each day, 0 to 1; shape (days, regions).
    """

    start_counts: Floats
    reported: Ints
    discovered: Ints
    patrolled: NDArray[np.bool_]
    shares: Floats

    @property
    def days(self) -> int:
        """How many days are over.

        Returns
        -------
        days
            Days of which everything is known.
        """
        return len(self.reported)

    @property
    def regions(self) -> int:
        """How many regions there are.

        Returns
        -------
        regions
            Regions that share the patrols.
        """
        return len(self.start_counts)


def reported_shares(history: PatrolHistory) -> Floats:
    """Share the patrols by reported incidents: the shipped rule.

    What is reported does not depend on where the patrols are, so these shares approach those of
    the reported incidents, wherever they start.

    Parameters
    ----------
    history
        What is known.

    Returns
    -------
    shares
        Share of the patrols of each region, 0 to 1, summing to 1; all alike while nothing is
        known.

    Examples
    --------
    >>> known = np.array([[3, 1]]), np.array([[0, 9]]), np.array([[False, True]])
    >>> history = PatrolHistory(np.zeros(2), *known, np.array([[0.5, 0.5]]))
    >>> reported_shares(history).round(3).tolist()
    [0.542, 0.458]
    """
    counts = history.reported.sum(axis=0) + PRIOR_INCIDENTS / history.regions + _start(history)
    return np.asarray(counts / counts.sum())


def exposure_corrected_shares(history: PatrolHistory) -> Floats:
    """Share the patrols by discovered incidents, each weighed by the inverse chance of its patrol.

    Horvitz-Thompson weights: expected weights are what patrols everywhere would have discovered, so
    the loop is cut. Only for places where nothing is reported: the shipped pipeline never reads
    discovered incidents, and where patrols discover little the weights make these shares jump.

    Parameters
    ----------
    history
        What is known, with the chances by which the patrols were sent.

    Returns
    -------
    shares
        Share of the patrols of each region, 0 to 1, summing to 1; all alike while nothing is
        known.

    Examples
    --------
    >>> known = np.array([[0, 0]]), np.array([[0, 9]]), np.array([[False, True]])
    >>> history = PatrolHistory(np.zeros(2), *known, np.array([[0.1, 0.9]]))
    >>> exposure_corrected_shares(history).round(3).tolist()
    [0.333, 0.667]
    """
    weights = np.divide(
        history.discovered,
        history.shares,
        out=np.zeros(history.shares.shape),
        where=history.discovered > 0,
    )
    counts = weights.sum(axis=0) + PRIOR_INCIDENTS / history.regions + _start(history)
    return np.asarray(counts / counts.sum())


def _start(history: PatrolHistory) -> Floats:
    """Return what the start counts weigh by now."""
    total = history.start_counts.sum()
    if not total:
        return history.start_counts
    weight = min(total, START_REPORTS) * 0.5 ** (history.days / START_HALF_LIFE_DAYS)
    return np.asarray(history.start_counts / total * weight)
