"""Print how well tracks tell on which street the time was spent, beside the nearest street.

`python -m tests.analytics.dosage_figures [--tours 5]` walks made-up tours of eight stops of 10 to
16 minutes, at least 15 m from junctions, through the Old Town and through the Hanoi reference where
it is present; records them with Gaussian errors, each on its own and alike over half a minute; and
matches the tracks. Three figures, of the matching and of the plain way that puts each position on
the street nearest to it:

- right: share of the time told for the right street;
- moved: share of all minutes that is told for the wrong street once sums by street are made;
- way: length wrongly added and left out, by the length of the true way (Newson and Krumm 2009),
  each stretch of street counted once.

Everything about these tours and tracks is made up.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.passages import minutes_of
from geo.map_matching import match_track
from geo.osm import read_osm, street_edges
from geo.street_graph import StreetGraph
from geo.zone import Zone
from tests.geo.track_cases import (
    made_tour,
    nearest_streets,
    recorded,
    route_mismatch,
    share_right,
)

ROOT = Path(__file__).parents[2]
HANOI = ROOT.parent / "shared" / "data" / "osm" / "hanoi_vanmieu_full.osm"
STOPS = 8
EVERY_S = (1.0, 5.0, 15.0, 30.0)
NOISE_M = (5.0, 10.0, 15.0)
MEMORY_S = (0.0, 30.0)


def tell(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def graphs():
    """Give the towns by name."""
    zone = Zone.load(ROOT / "data" / "old_town")
    yield "Old Town", StreetGraph.from_streets(zone.streets)
    if HANOI.exists():
        yield "Hanoi", StreetGraph.from_streets(street_edges(read_osm(HANOI).streets))


def moved(tour, passages):
    """Return the share of minutes that sums by street tell for the wrong street."""
    sums = [
        pd.Series(minutes_of(frame)).groupby(frame["street"].to_numpy()).sum()
        for frame in (tour, passages)
    ]
    table = pd.DataFrame({"true": sums[0], "told": sums[1]}).fillna(0.0)
    return float((table["true"] - table["told"]).abs().sum() / 2 / table["true"].sum())


def figures(graph, tours, **track):
    """Return sigma and, for the matching and the nearest street, right, moved and way."""
    rows = []
    for seed in range(tours):
        rng = np.random.default_rng(seed)
        tour = made_tour(graph, STOPS, rng=rng)
        walked = recorded(graph, tour, rng=rng, **track)
        match = match_track(graph, walked)
        told = [match.sigma_m]
        for passages in (match.passages, nearest_streets(graph, walked)):
            told += [share_right(graph, tour, passages), moved(tour, passages)]
            told.append(route_mismatch(tour, passages))
        rows.append(told)
    return np.mean(rows, axis=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tours", type=int, default=5, help="tours of each kind")
    tours = parser.parse_args().tours
    for town, graph in graphs():
        tell(f"{town}: {len(graph.lines)} streets; {tours} tours of {STOPS} stops a row")
        tell("                              matching              nearest street")
        tell("every  noise  alike   sigma   right  moved   way    right  moved   way")
        for memory_s in MEMORY_S:
            for every_s in EVERY_S:
                for noise_m in NOISE_M:
                    found = figures(
                        graph, tours, every_s=every_s, noise_m=noise_m, memory_s=memory_s
                    )
                    shares = "  ".join(f"{100 * share:5.1f}" for share in found[1:])
                    tell(
                        f"{every_s:3.0f} s  {noise_m:3.0f} m  {memory_s:3.0f} s  "
                        f"{found[0]:5.1f} m  {shares}"
                    )


if __name__ == "__main__":
    main()
