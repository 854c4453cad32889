"""Print how near the sitings of the reference instances come to the best known values.

`python -m tests.planning.siting_figures [--p 50 60] [--seeds 0 1 2] [--time-limit 60]` runs every
instance with every seed; what one run needs is its CPU time, without what compiling takes.
"""

import argparse
import os
import sys
from pathlib import Path

from planning.siting import maximal_coverage
from tests.planning.siting_cases import reference_case

DATA = Path(__file__).parents[3] / "shared" / "data"

# Best known values of AILS-MCLP (vinymax10/AILS-MCLP): name and radius, then sites and value.
BEST_KNOWN = {
    ("NewYork", 400): {
        50: 1153640,
        60: 1288174,
        70: 1396333,
        80: 1481434,
        90: 1539992,
        100: 1574256,
    },
    ("Bronx", 600): {
        50: 1205051,
        60: 1290635,
        70: 1348232,
        80: 1376061,
        90: 1384376,
        100: 1385099,
    },
}


def cpu_s():
    """Return the CPU time of this process and of those it began, as for a proof, in seconds."""
    return sum(os.times()[:4])


def figures(name, radius_m, sites, *, seed, time_limit_s):
    """Solve an instance; return covered, bound, gap and CPU seconds."""
    case = reference_case(DATA, name, radius_m=radius_m, sites=sites)
    begin_s = cpu_s()
    result = maximal_coverage(
        case.cover, case.demand, budget=sites, time_limit_s=time_limit_s, seed=seed
    )
    return result, cpu_s() - begin_s


def tell(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def tell_figures(numbers, seeds, time_limit_s):
    """Write a row for every run, and the worst of all at the end."""
    tell("instance     p seed    covered  below best      bound     gap  CPU s")
    worst, longest = 0.0, 0.0
    for (name, radius_m), values in BEST_KNOWN.items():
        for sites in values:
            if sites not in numbers:
                continue
            for seed in seeds:
                result, used_s = figures(
                    name, radius_m, sites, seed=seed, time_limit_s=time_limit_s
                )
                below = 1 - result.covered / values[sites]
                worst, longest = max(worst, below), max(longest, used_s)
                wrong = "" if result.upper_bound >= values[sites] else "  BOUND BELOW BEST KNOWN"
                tell(
                    f"{name:<9} {sites:4d} {seed:4d} {result.covered:10.0f} {below:10.3%} "
                    f"{result.upper_bound:10.0f} {result.gap:7.3%} {used_s:6.1f}{wrong}",
                )
    tell(f"at most {worst:.3%} below the best known value, {longest:.1f} CPU seconds")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    every = sorted({sites for values in BEST_KNOWN.values() for sites in values})
    parser.add_argument("--p", type=int, nargs="+", default=every, choices=every)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--time-limit", type=float, default=60.0)
    options = parser.parse_args()
    # Compiles, so that no row counts it.
    figures("NewYork", 400, 50, seed=0, time_limit_s=1e-3)
    tell_figures(options.p, options.seeds, options.time_limit)
