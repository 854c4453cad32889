"""Made-up streets and fields of view, and what brute force says of them."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely

CRS = "EPSG:32647"

# A street that turns back, one there and back, one that turns back twice, a lollipop and an eight.
TANGLED = [
    [(0, 0), (30, 0), (10, 0)],
    [(0, 0), (30, 0), (0, 0)],
    [(0, 0), (20, 0), (5, 0), (5, 0), (40, 0), (40, 9)],
    [(0, 0), (20, 0), (20, 10), (10, 10), (10, 0), (10, -8)],
    [(0, 0), (20, 20), (20, 0), (0, 20), (0, 0)],
]
BOW = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
"""No valid polygon."""


def streets_of(*lines, names=None, index=None):
    names = [""] * len(lines) if names is None else names
    return gpd.GeoDataFrame(
        {"name_th": [f"ถนน{name}" if name else "" for name in names], "name_en": names},
        geometry=[shapely.LineString(line) for line in lines],
        index=index,
        crs=CRS,
    )


def fields_of(*shapes, index=None):
    return gpd.GeoSeries(list(shapes), index=index, crs=CRS)


def random_quarter(seed):
    """Lay a grid of streets of random names and throw fields of view over it, some empty."""
    rng = np.random.default_rng(seed)
    spots = rng.uniform(-4.0, 4.0, (6, 6, 2)) + 30.0 * np.stack(np.mgrid[:6, :6], axis=-1)
    lines = [spots[i, j : j + 2] for i in range(6) for j in range(5)]
    lines += [spots[i : i + 2, j][::-1] for i in range(5) for j in range(6)]
    streets = streets_of(*lines, names=rng.choice(["", "Thalang", "Dibuk"], len(lines)))
    discs = shapely.buffer(shapely.points(rng.uniform(0.0, 150.0, (25, 2))), 17.3)
    return streets, fields_of(*discs, shapely.Polygon(), shapely.MultiPolygon())


def tangled_quarter(seed):
    """Lay streets that cross, meet and retrace themselves under fields with holes and in parts."""
    rng = np.random.default_rng(seed)
    walks = [rng.integers(0, 12, (rng.integers(2, 9), 2)) * 5.0 for _ in range(6)]
    walks = [walk for walk in walks if np.ptp(walk, axis=0).any()]
    streets = streets_of(*walks, *TANGLED)
    spots = shapely.points(rng.uniform(0.0, 60.0, (24, 2)))
    discs = shapely.buffer(spots, rng.uniform(4.0, 14.0, 24))
    rings = shapely.difference(discs[:8], shapely.buffer(spots[:8], 3.0))
    pairs = [shapely.union(*pair) for pair in discs[8:20].reshape(-1, 2)]
    west, south = rng.integers(0, 9, (2, 4)) * 5
    boxes = shapely.box(west, south, west + 10, south + 15)
    fields = fields_of(*rings, *pairs, *discs[20:], *boxes, shapely.Polygon())
    fields.index = [f"camera-{number:02d}" for number in rng.permutation(len(fields))]
    return streets, fields


def passes(streets, fields, *, spacing_m):
    """Walk each street by small steps: its row, offset and length, and the fields that see it.

    Every segment is walked by itself, so that a street that retraces itself is walked twice.
    """
    steps = []
    for row, line in enumerate(streets.geometry):
        corners = np.asarray(line.coords)
        start_m = 0.0
        for tail, head in pairwise(corners):
            length_m = float(np.hypot(*(head - tail)))
            count = int(np.ceil(length_m / spacing_m))
            along = (np.arange(count) + 0.5) / max(count, 1)
            xy = tail + along[:, None] * (head - tail)
            shapes = fields.to_numpy()[:, None]
            seen = shapely.intersects_xy(shapes, xy[None, :, 0], xy[None, :, 1])
            steps += [
                (row, start_m + part * length_m, length_m / count, flags)
                for part, flags in zip(along, seen.T, strict=True)
            ]
            start_m += length_m
    street, offset_m, length_m, seen = zip(*steps, strict=True)
    return np.array(street), np.array(offset_m), np.array(length_m), np.array(seen)
