"""Print what the hotspots of the Old Town rest on, and what may be said at each size of data.

`python -m tests.analytics.hotspot_figures` prints the hotspots of the project's zone with rank
intervals and chances, the areas, and the near repeats of the zone and of the Portland reference
where it is present. `--claims [--runs 60]` prints how often three planted hotspots are told from
chance and ranked rightly with few and with many incidents (`analytics.hotspot_claims`).
"""

import argparse
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.ops import substring

from analytics.hotspot_areas import rank_areas
from analytics.hotspot_significance import hotspot_significance
from analytics.hotspot_stability import rank_stability
from analytics.hotspots import find_hotspots
from analytics.near_repeats import near_repeats
from analytics.street_clusters import street_clusters
from geo.zone import Zone

ROOT = Path(__file__).parents[2]
CRIME = ROOT.parent / "shared" / "data" / "crime"
FOOT_M = 0.3048

SIZES = (10, 20, 30, 50, 100, 200, 400)
# How many times as dense incidents are on the planted stretches as elsewhere.
TIMES = (20, 12, 6)
STRETCH_M = 100.0
APART_M = 250.0


def tell(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def portland(kind):
    """Return calls for service of the Portland reference, in metres."""
    calls = pd.read_csv(CRIME / f"portland_{kind}_to_2016-05.csv")
    xy = calls[["x_ft_epsg2913", "y_ft_epsg2913"]].to_numpy() * FOOT_M
    return gpd.GeoDataFrame(
        {"occurred_at": pd.to_datetime(calls["occurred_on"], utc=True)},
        geometry=gpd.points_from_xy(*xy.T),
    )


def planted_stretches(streets):
    """Return a stretch amid each of the three longest streets that are far apart."""
    chosen = []
    for label in streets.length.sort_values(ascending=False, kind="stable").index:
        line = streets.geometry[label]
        middle = line.interpolate(0.5, normalized=True)
        if all(middle.distance(other.centroid) > APART_M for other in chosen):
            half = line.length / 2
            chosen.append(substring(line, half - STRETCH_M / 2, half + STRETCH_M / 2))
        if len(chosen) == len(TIMES):
            break
    return chosen


def planted_incidents(streets, stretches, count, rng):
    """Return incidents along all streets, so many times as dense on the planted stretches."""
    length = streets.length.to_numpy()
    mass = np.append(length.sum(), [STRETCH_M * (times - 1) for times in TIMES])
    anywhere, *on_stretches = rng.multinomial(count, mass / mass.sum())
    chosen = rng.choice(len(length), anywhere, p=length / length.sum())
    points = list(
        streets.geometry.iloc[chosen].interpolate(rng.uniform(0, 1, anywhere), normalized=True)
    )
    for stretch, number in zip(stretches, on_stretches, strict=True):
        points += [stretch.interpolate(at * STRETCH_M) for at in rng.uniform(0, 1, number)]
    return gpd.GeoDataFrame(geometry=points, crs=streets.crs)


def claims_of_a_run(streets, stretches, count, run):
    """Return whether each planted stretch is told from chance, ranked rightly, and the errors."""
    incidents = planted_incidents(streets, stretches, count, np.random.default_rng([count, run]))
    hotspots = find_hotspots(streets, incidents)
    p_value = hotspot_significance(hotspots, seed=run, simulations=99).table["p_value"].to_numpy()
    stability = rank_stability(hotspots, seed=run, resamples=99).table
    lines = hotspots.table.geometry
    near = np.array([lines.distance(stretch.centroid) < STRETCH_M / 3 for stretch in stretches]).T
    told = [bool((near[:, place] & (p_value <= 0.05)).any()) for place in range(len(stretches))]
    first = bool(near[0, 0])
    in_order = len(near) >= len(stretches) and bool(np.diag(near[: len(stretches)]).all())
    false_alarm = bool((~near.any(axis=1) & (p_value <= 0.05)).any())
    return [*told, first, in_order, false_alarm, stability["rank_high"].iloc[0]]


def tell_claims(streets, runs):
    tell(f"Stretches of {STRETCH_M:.0f} m, {TIMES} times as dense as all else; {runs} runs each")
    tell("incidents   told from chance   first  all in order  false alarm  rank_high of first")
    stretches = planted_stretches(streets)
    for count in SIZES:
        found = np.array(
            [claims_of_a_run(streets, stretches, count, run) for run in range(runs)], dtype=float
        )
        *told, first, in_order, false_alarm, high = found.mean(axis=0)
        shares = " ".join(f"{share:5.2f}" for share in told)
        tell(
            f"{count:9d}  {shares}  {first:6.2f}  {in_order:12.2f}  {false_alarm:11.2f}"
            f"  {high:6.1f}"
        )


def tell_hotspots(zone):
    begin_s = time.process_time()
    hotspots = find_hotspots(zone.streets, zone.incidents)
    sure = rank_stability(hotspots, seed=1)
    chance = hotspot_significance(hotspots, seed=1)
    table = hotspots.table[["rank", "name_en", "length_m", "incidents", "share", "density"]]
    ranks = sure.table[["rank", "rank_low", "rank_high", "top_share"]]
    tests = chance.table[["rank", "ratio", "p_value"]]
    tell(table.merge(ranks, on="rank").merge(tests, on="rank").round(3).to_string(index=False))
    tell(
        f"{sure.resamples} resamples and {chance.simulations} simulations:"
        f" {time.process_time() - begin_s:.1f} s of CPU"
    )
    clusters = street_clusters(zone.streets, zone.incidents, seed=1)
    tell(
        f"G*: {clusters.lixels['hot'].sum()} of {len(clusters.lixels)} pieces are hot at a false"
        " discovery rate of 5 %"
    )
    areas = rank_areas(zone.boundary, zone.streets, zone.incidents)
    tell(areas.drop(columns=["geometry", "name_th"]).round(4).to_string(index=False))


def tell_near_repeats(name, incidents):
    # The first call compiles.
    near_repeats(incidents.head(2), seed=1, permutations=1)
    begin_s = time.process_time()
    found = near_repeats(incidents, seed=1)
    tell(
        f"{name}: {found.incidents} incidents, {found.permutations} permutations,"
        f" {time.process_time() - begin_s:.2f} s of CPU"
    )
    tell(found.table.round(3).to_string(index=False))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", action="store_true")
    parser.add_argument("--runs", type=int, default=60)
    options = parser.parse_args()
    zone = Zone.load(ROOT / "data" / "old_town")
    if options.claims:
        tell_claims(zone.streets, options.runs)
        return
    tell_hotspots(zone)
    tell_near_repeats("Old Town, synthetic", zone.incidents)
    for kind in ("burglary", "vehicle_theft"):
        if CRIME.is_dir():
            tell_near_repeats(f"Portland, {kind}", portland(kind))


if __name__ == "__main__":
    main()
