"""Print whether rules that send patrols feed on their own patrols.

`python -m tests.analytics.feedback_figures [--runs 100] [--days 1000]` puts each rule to the test
of `feedback_cases` for several rates of discovery and of report: the most runs that ran away in
any case, the mean distance of the last day's share from the truth, and that of the worst case. The
hotspots and the forecast follow, asked anew every hundred days, with at most twenty runs.
"""

import argparse
import sys
from itertools import product

from analytics.feedback import ESTIMATORS
from tests.analytics.feedback_cases import judged
from tests.analytics.feedback_pipelines import Pipeline, expected_incidents, hotspot_incidents

PIPELINES = {"hotspots": hotspot_incidents, "forecast": expected_incidents}

DISCOVERY_RATES = (0.1, 1.0)
REPORT_RATES = (0.0, 0.05, 0.1, 0.5, 1.0)


def tell(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def tell_verdict(name, estimator, *, runs, days, discovery_rate, report_rate):
    """Write the row of one rule for one pair of rates."""
    verdict = judged(
        estimator, runs=runs, days=days, discovery_rate=discovery_rate, report_rate=report_rate
    )
    tell(
        f"{name:<18} {discovery_rate:10.2f} {report_rate:7.2f} {verdict.runaway:8.0%} "
        f"{verdict.distance:9.3f} {verdict.worst_distance:11.3f}  "
        f"{'passed' if verdict.passed else 'failed'}"
    )


def tell_figures(runs, days):
    """Write a row for every rule and every pair of rates."""
    tell("rule                discovery  report  runaway  distance  worst case")
    for name in ESTIMATORS:
        for discovery_rate, report_rate in product(DISCOVERY_RATES, REPORT_RATES):
            tell_verdict(
                name,
                name,
                runs=runs,
                days=days,
                discovery_rate=discovery_rate,
                report_rate=report_rate,
            )
    for name, ask in PIPELINES.items():
        for report_rate in REPORT_RATES:
            tell_verdict(
                name,
                Pipeline(ask, every_days=100),
                runs=min(runs, 20),
                days=days,
                discovery_rate=1.0,
                report_rate=report_rate,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--days", type=int, default=1000)
    options = parser.parse_args()
    tell_figures(options.runs, options.days)
