"""Streets in a grid, planted clusters and incidents by chance, for the tests of hotspots."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString

CRS = "EPSG:32647"


def street_frame(rows):
    """Return streets from tuples of label, Thai name, English name and coordinates."""
    return gpd.GeoDataFrame(
        {"name_th": [row[1] for row in rows], "name_en": [row[2] for row in rows]},
        geometry=[LineString(row[3]) for row in rows],
        index=pd.Index([row[0] for row in rows], name="id"),
        crs=CRS,
    )


def grid_streets(size=9, block_m=100.0):
    """Return streets running east (named E0, E1, ..) and north (N0, N1, ..), an edge a block."""
    rows = []
    for lane in range(size):
        for block in range(size - 1):
            low, high, across = block * block_m, (block + 1) * block_m, lane * block_m
            east, north = [(low, across), (high, across)], [(across, low), (across, high)]
            rows.append((f"e{lane}-{block}", f"ตะวันออก {lane}", f"East {lane}", east))
            rows.append((f"n{lane}-{block}", f"เหนือ {lane}", f"North {lane}", north))
    return street_frame(rows)


def incident_frame(xy, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapely.points(np.reshape(xy, (-1, 2))), crs=CRS)


def cluster(rng, centre, count, *, axis=0, spread_m=15.0):
    """Return incidents along an axis through a place and up to 2 m beside it."""
    xy = np.tile(np.asarray(centre, dtype=float), (count, 1))
    xy[:, axis] += rng.uniform(-spread_m, spread_m, count)
    xy[:, 1 - axis] += rng.uniform(-2, 2, count)
    return xy


def planted(seed):
    """Return 60 incidents amid East 2, 40 amid North 7, 25 amid East 6 and 20 anywhere."""
    rng = np.random.default_rng(seed)
    return np.vstack(
        [
            cluster(rng, (250, 200), 60),
            cluster(rng, (700, 350), 40, axis=1),
            cluster(rng, (150, 600), 25),
            rng.uniform(0, 800, (20, 2)),
        ]
    )


def chance(rng, streets, count):
    """Return incidents spread evenly along streets."""
    length = streets.length.to_numpy()
    chosen = rng.choice(len(length), count, p=length / length.sum())
    return gpd.GeoDataFrame(
        geometry=streets.geometry.iloc[chosen]
        .interpolate(rng.uniform(0, 1, count), normalized=True)
        .reset_index(drop=True),
        crs=streets.crs,
    )


def lone_streets(count, *, length_m=200.0):
    """Return streets that touch no other, named S0, S1, .., one above the other."""
    return street_frame(
        [
            (f"s{row}", f"ส {row}", f"S{row}", [(0, 1000.0 * row), (length_m, 1000.0 * row)])
            for row in range(count)
        ]
    )


def on_lone_streets(counts, *, at_m=100.0):
    """Return so many incidents on each of the lone streets, all at one place of it."""
    return incident_frame(
        [(at_m, 1000.0 * row) for row, count in enumerate(counts) for _ in range(count)]
    )
