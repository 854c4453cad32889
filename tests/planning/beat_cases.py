"""Networks to be shared out among beats, and every way to do it, made for tests."""

from itertools import product

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
from shapely import LineString

from tests.planning.grid_town import TOWN_CRS

LIMITS = {"seed": 0, "time_limit_s": 60.0}


def streets_of(ends, *, names=None):
    """Return straight streets between places, a pair of (x, y) each, labelled s0, s1, ..."""
    labels = [f"s{number}" for number in range(len(ends))]
    names = labels if names is None else names
    return gpd.GeoDataFrame(
        {"name_th": [f"ถนน {name}" for name in names], "name_en": names},
        geometry=[LineString(pair) for pair in ends],
        crs=TOWN_CRS,
        index=labels,
    )


def grid(columns, rows):
    """Return the streets of square blocks, 100 m apart, named after their line of the grid."""
    across = [((x, y), (x + 1, y)) for y in range(rows) for x in range(columns - 1)]
    along = [((x, y), (x, y + 1)) for y in range(rows - 1) for x in range(columns)]
    names = [f"Road {start[1]}" for start, _ in across] + [f"Lane {start[0]}" for start, _ in along]
    ends = [tuple((100.0 * x, 100.0 * y) for x, y in pair) for pair in across + along]
    return streets_of(ends, names=names)


def random_case(rng, *, most=8):
    """Return a network of a few streets, often in loose pieces, and a risk of each."""
    places = [(100.0 * x, 70.0 * y) for x in range(3) for y in range(3)]
    pairs = [(a, b) for a in range(9) for b in range(a) if np.hypot(*_apart(places, a, b)) < 130]
    chosen = rng.choice(len(pairs), size=rng.integers(2, most + 1), replace=False)
    streets = streets_of([(places[pairs[i][0]], places[pairs[i][1]]) for i in chosen])
    risk = pd.Series(rng.gamma(0.7, size=len(streets)) + 1e-3, index=streets.index)
    return streets, risk


def _apart(places, a, b):
    return np.subtract(places[a], places[b])


def meeting(streets):
    """Return, by networkx, which streets share an end."""
    graph = nx.MultiGraph()
    for label, line in streets.geometry.items():
        graph.add_edge(line.coords[0], line.coords[-1], key=label)
    around = nx.Graph()
    around.add_nodes_from(streets.index)
    for node in graph:
        keys = [key for _, _, key in graph.edges(node, keys=True)]
        around.add_edges_from((a, b) for a in keys for b in keys if a != b)
    return around


def is_contiguous(streets, beat):
    """Tell whether the streets of each beat hang together."""
    around = meeting(streets)
    return all(nx.is_connected(around.subgraph(own.index)) for _, own in beat.groupby(beat))


def loads(streets, risk, risk_weight=0.5):
    length = streets.length / streets.length.sum()
    return risk_weight * risk / risk.sum() + (1 - risk_weight) * length


def unevenness(load, beat, beats):
    return float((load.groupby(beat).sum() * beats - 1).abs().max())


def least_imbalance(streets, load, beats):
    """Return the least imbalance of all partitions into contiguous beats, infinite without one."""
    around, best = meeting(streets), np.inf
    whole = load.sum()
    for rest in product(range(beats), repeat=len(streets) - 1):
        owner = pd.Series([0, *rest], index=streets.index)
        if owner.nunique() < beats:
            continue
        total = load.groupby(owner).sum()
        uneven = float((total * beats / whole - 1).abs().max())
        if uneven < best and all(
            nx.is_connected(around.subgraph(own.index)) for _, own in owner.groupby(owner)
        ):
            best = uneven
    return best
