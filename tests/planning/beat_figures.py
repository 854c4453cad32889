"""Print how evenly beats share the load of the Old Town, and what no partition can beat.

`python -m tests.planning.beat_figures [--beats 4 7 12] [--seeds 0 1 2] [--time-limit 60]` shares
the synthetic incidents that were reported, spread along streets by heat, and walking length, half
and half: once within the tolerance, once as evenly as the search can.
"""

import argparse
import sys
import time
from pathlib import Path

from analytics.network_density import network_density
from geo.zone import Zone
from planning.beats import make_beats

ZONE = Path(__file__).parents[2] / "data" / "old_town"


def tell(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def tell_figures(numbers, seeds, time_limit_s):
    """Write a row for every run."""
    zone = Zone.load(ZONE)
    reported = zone.incidents[zone.incidents["reporting"] == "reported"]
    risk = network_density(zone.streets, reported, bandwidth_m=100.0)
    # Compiles, so that no row counts it.
    make_beats(zone.streets, risk, beats=2, seed=0, time_limit_s=1e-3)
    tell("beats tolerance seed  imbalance      bound  of risk  of length  spread m  CPU s")
    for beats in numbers:
        for tolerance in (0.05, 0.0):
            for seed in seeds:
                begin_s = time.process_time()
                result = make_beats(
                    zone.streets,
                    risk,
                    beats=beats,
                    tolerance=tolerance,
                    seed=seed,
                    time_limit_s=time_limit_s,
                )
                used_s = time.process_time() - begin_s
                tell(
                    f"{beats:5d} {tolerance:9.2f} {seed:4d} {result.imbalance:10.4%} "
                    f"{result.bound:10.4%} {result.risk_imbalance:8.1%} "
                    f"{result.length_imbalance:10.1%} {result.spread_m:9.0f} {used_s:6.1f}"
                )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--beats", type=int, nargs="+", default=[4, 7, 12])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--time-limit", type=float, default=60.0)
    options = parser.parse_args()
    tell_figures(options.beats, options.seeds, options.time_limit)
