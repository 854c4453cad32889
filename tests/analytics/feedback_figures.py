"""Print whether rules that send patrols feed on their own patrols.

`python -m tests.analytics.feedback_figures [--runs 100] [--days 1000]` puts each rule to the test
of `feedback_cases` for several rates of discovery and of report: the most runs that ran away in
any case, the mean distance of the last day's share from the truth, and that of the worst case.
"""

import argparse
import sys

from analytics.feedback import ESTIMATORS
from tests.analytics.feedback_cases import judged

DISCOVERY_RATES = (0.1, 1.0)
REPORT_RATES = (0.0, 0.05, 0.1, 0.5, 1.0)


def tell(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def tell_figures(runs, days):
    """Write a row for every rule and every pair of rates."""
    tell("rule                discovery  report  runaway  distance  worst case")
    for name in ESTIMATORS:
        for discovery_rate in DISCOVERY_RATES:
            for report_rate in REPORT_RATES:
                verdict = judged(
                    name,
                    runs=runs,
                    days=days,
                    discovery_rate=discovery_rate,
                    report_rate=report_rate,
                )
                tell(
                    f"{name:<18} {discovery_rate:10.2f} {report_rate:7.2f} {verdict.runaway:8.0%} "
                    f"{verdict.distance:9.3f} {verdict.worst_distance:11.3f}  "
                    f"{'passed' if verdict.passed else 'failed'}"
                )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--days", type=int, default=1000)
    options = parser.parse_args()
    tell_figures(options.runs, options.days)
