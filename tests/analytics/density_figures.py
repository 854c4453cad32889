"""Print how exact densities along streets are, what they take, and what a shared pole costs.

`python -m tests.analytics.density_figures [--city 224]` measures the streets of Chicago against the
reference values, then a lattice of that many lanes each way (224 are 99,904 streets), with ten
events a junction, on a bandwidth of 60 m. Seconds are CPU time without what compiling takes.
"""

import argparse
import resource
import sys
import time
from pathlib import Path

import numpy as np

from analytics import _equal_split
from analytics._heat import shared_pole
from analytics._walks import spread
from analytics.bandwidth import choose_bandwidth
from analytics.network_density import network_density
from geo.zone import Zone
from tests.analytics.networks import chicago_crimes, mass
from tests.bench.test_densities import grid_network

ROOT = Path(__file__).parents[2]
WIDTHS = (10, 15, 20, 30, 40, 60, 80, 120, 160)
RULES = {
    "heat": {"method": "heat", "bandwidth_m": 60.0},
    "continuous": {
        "method": "continuous",
        "kernel": "epanechnikov",
        "bandwidth_m": 60 * 5**0.5,
    },
    "discontinuous": {
        "method": "discontinuous",
        "kernel": "epanechnikov",
        "bandwidth_m": 60 * 5**0.5,
    },
}
COLUMNS = {"heat": "heat_s60", "continuous": "esc_s60", "discontinuous": "esd_s60"}


def tell(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def timed(function, *arguments, **options):
    """Return what a call returns and its CPU seconds."""
    begin_s = time.process_time()
    found = function(*arguments, **options)
    return found, time.process_time() - begin_s


def tell_chicago():
    streets, events, golden = chicago_crimes(ROOT.parent / "shared" / "data")
    tell("Chicago          L1 error  largest/peak  mass - events   ms")
    for name, rule in RULES.items():
        expected, length = golden[COLUMNS[name]], golden["lixel_len"]
        at = network_density(streets, events, at=golden, **rule)["density"]
        lixels, seconds = timed(network_density, streets, events, lixel_m=25.0, **rule)
        off = np.abs(at - expected)
        tell(
            f"{name:14} {(off * length).sum() / (expected * length).sum():10.1e}"
            f" {off.max() / expected.max():13.1e} {mass(lixels) - len(events):14.1e}"
            f" {1000 * seconds:4.0f}"
        )


def tell_poles():
    tell("bandwidths apart  " + " ".join(f"{apart:4d}" for apart in (1, 2, 4, 8, 16, 64)))
    terms = [shared_pole(1.0, float(apart) ** 2)[1] for apart in (1, 2, 4, 8, 16, 64)]
    tell("terms             " + " ".join(f"{count:4d}" for count in terms))


def tell_bandwidths():
    zone = Zone.load(ROOT / "data" / "old_town")
    events = zone.incidents[zone.incidents["reporting"] == "reported"]
    choice, seconds = timed(choose_bandwidth, zone.streets, events, bandwidths_m=WIDTHS)
    curve = ", ".join(
        f"{row.bandwidth_m:.0f}: {row.log_likelihood:.3f}" for row in choice.curve.itertuples()
    )
    best = f"{choice.bandwidth_m:.0f} m in {seconds:.1f} s"
    tell(f"old town, {len(events)} incidents: {best} ({curve})")


def tell_city(lanes):
    streets, events = grid_network(lanes)
    followed = []

    def counted(sources, field, budget):
        left = spread(sources, field, budget)
        followed.append(budget - left)
        return left

    _equal_split.spread = counted
    for name, rule in RULES.items():
        followed.clear()
        lixels, seconds = timed(network_density, streets, events, **rule)
        walks = f", {sum(followed) / 1e6:.1f} million walks" if followed else ""
        tell(
            f"{len(streets)} streets, {len(events)} events, {name}: {seconds:.1f} s,"
            f" mass off by {abs(mass(lixels) / len(events) - 1):.0e}{walks};"
            f" at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB so far"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", type=int, default=224)
    lanes = parser.parse_args().city
    tell_chicago()
    tell_poles()
    tell_bandwidths()
    tell_city(lanes)


if __name__ == "__main__":
    main()
