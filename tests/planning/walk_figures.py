"""Print how long walks take to find, and how many of them no other beats.

`python -m tests.planning.walk_figures [--walks 100]`. The Old Town with its own lamps, cameras in
public view and places; and a bent grid of a city with stretches of random quarters, which is harder
than any town: nothing there is alike for longer than 50 m.
"""

import argparse
import sys
from time import perf_counter

import numpy as np
import pandas as pd
from shapely import Point

from analytics.walking_merits import walking_merits
from geo.errors import NotFoundError
from geo.zone import Zone
from planning.walk import MERITS, WalkNetwork, WalkParams
from tests.bench.test_travel import city
from tests.conftest import ROOT


def old_town():
    """Return the Old Town's network."""
    zone = Zone.load(ROOT / "data" / "old_town")
    stretches = walking_merits(
        zone.streets,
        cameras=zone.cameras[zone.cameras["owner_kind"] != "private"],
        buildings=zone.buildings,
        lamps=zone.lamps,
        places=zone.places,
    )
    return WalkNetwork.of(zone.streets, stretches)


def grid(size, *, seed=0):
    """Return the network of a grid of so many lanes."""
    streets, _ = city(places=1, size=size)
    rng = np.random.default_rng(seed)
    pieces = np.ceil(streets.geometry.length / 50).astype(int)
    street = np.repeat(streets.index, pieces)
    number = np.concatenate([np.arange(count) for count in pieces])
    each = np.repeat(streets.geometry.length / pieces, pieces).to_numpy()
    shares = rng.integers(0, 5, (len(street), len(MERITS))) / 4
    told = pd.DataFrame(shares, columns=list(MERITS))
    told = told.assign(street=street, from_m=number * each, to_m=(number + 1) * each)
    return WalkNetwork.of(streets, told)


def figures(name, network, *, walks, params, seed=0):
    """Return a line about random walks along a network."""
    rng = np.random.default_rng(seed)
    taken, found, longer, cut = [], [], [], 0
    west, south, east, north = network.graph.lines.total_bounds
    places = rng.uniform((west, south), (east, north), (50 * walks, 2, 2))
    network.walks(*(Point(line.coords[0]) for line in network.graph.lines.iloc[:2]), params=params)
    for start, goal in places:
        if len(taken) == walks:
            break
        begin = perf_counter()
        try:
            told = network.walks(Point(start), Point(goal), params=params)
        except NotFoundError:
            continue
        taken.append(1000 * (perf_counter() - begin))
        found.append(len(told.all))
        cut += told.detour_searched < params.most_detour
        if told.shortest.length_m > 1:
            longer.append(told.calm.length_m / told.shortest.length_m - 1)
    middle, worst = np.median(taken), max(taken)
    return (
        f"{name:26} {len(network.graph.lines):6} {middle:9.1f} {worst:8.1f} {max(found):9}"
        f" {np.mean(np.array(longer) > 0):8.2f} {np.mean(longer):9.3f} {cut / len(taken):7.2f}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--walks", type=int, default=100)
    walks, params = parser.parse_args().walks, WalkParams()
    told = [
        f"{walks} random walks each; a detour of {params.most_detour:.0%} at most",
        "                          streets ms median  slowest unbeaten  calm is   longer   cut",
        "                                                    at most another  on mean  short",
        figures("Old Town", old_town(), walks=walks, params=params),
        *(
            figures(f"grid of {size} x {size}", grid(size), walks=walks, params=params)
            for size in (21, 51, 101)
        ),
    ]
    sys.stdout.write("\n".join([*told, ""]))


if __name__ == "__main__":
    main()
