"""The test of runaway feedback, as the tests and the figures put it to a rule.

True shares .5, .6 and .4 of two regions from starts 1:1 and 60:20. A run has run away where the
last day's share of the first region is above .9 or below .1.
"""

from itertools import product
from typing import NamedTuple

import numpy as np

from analytics.feedback import simulate_feedback

TRUE_SHARES = (0.5, 0.6, 0.4)
STARTS = ((1, 1), (60, 20))
CASES = tuple(product(TRUE_SHARES, STARTS))


class Verdict(NamedTuple):
    """How a rule did: the worst of the cases, and the mean over all runs."""

    runaway: float
    distance: float
    worst_distance: float

    @property
    def passed(self):
        return self.runaway == 0 and self.distance <= 0.05


def final_shares(estimator, share, start, *, runs, days=1000, discovery_rate, report_rate):
    """Return the share of the first region on the last day of each run."""
    return np.array(
        [
            simulate_feedback(
                estimator,
                true_rates=(share, 1 - share),
                start_counts=start,
                days=days,
                discovery_rate=discovery_rate,
                report_rate=report_rate,
                seed=seed,
            ).iloc[-1, 0]
            for seed in range(runs)
        ]
    )


def judged(estimator, *, cases=CASES, runs=100, days=1000, discovery_rate=1.0, report_rate=0.1):
    """Put a rule to the test."""
    runaway, distance = [], []
    for share, start in cases:
        final = final_shares(
            estimator,
            share,
            start,
            runs=runs,
            days=days,
            discovery_rate=discovery_rate,
            report_rate=report_rate,
        )
        runaway.append(((final > 0.9) | (final < 0.1)).mean())
        distance.append(np.abs(final - share).mean())
    return Verdict(float(max(runaway)), float(np.mean(distance)), float(max(distance)))
