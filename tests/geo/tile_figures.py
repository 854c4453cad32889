"""Print what a cold vector tile costs, beside mapbox-vector-tile and PostGIS' ST_AsMVT.

`python -m tests.geo.tile_figures [--features 5000]`. All three write the same features: a quarter
of them points, a quarter lines and half footprints, spread over a town. Each tile is written once
more than is timed, and ours projects and indexes the layer once, which is told by itself. Needs
PostgreSQL with PostGIS.
"""

import argparse
import json
import sys
from time import perf_counter

import mapbox_vector_tile
import numpy as np
import psycopg
import shapely

from geo.tile_grid import tile_at, to_mercator
from geo.vector_tiles import BUFFER, EXTENT, TiledLayer
from tests.api.postgres import postgres_cluster

CENTRE = (98.388, 7.884)
ZOOMS = (12, 14, 15, 16, 17, 18)
ST_AS_MVT = """
WITH bounds AS (SELECT ST_TileEnvelope(%(zoom)s, %(column)s, %(row)s) AS box),
drawn AS (
  SELECT ST_AsMVTGeom(ST_Transform(geometry, 3857), box, %(extent)s, %(buffer)s, true) AS geometry,
    name_th, kind, height_m, synthetic
  FROM town, bounds
  WHERE geometry && ST_Transform(
    ST_Expand(box, %(reach)s * (ST_XMax(box) - ST_XMin(box))), 4326)
)
SELECT ST_AsMVT(drawn, 'town', %(extent)s) FROM drawn WHERE geometry IS NOT NULL
"""


def town(count, *, seed=0, spread_deg=0.006):
    """Return shapes and properties of a made-up town."""
    rng = np.random.default_rng(seed)
    centre = np.array(CENTRE) + rng.uniform(-spread_deg, spread_deg, (count, 2))
    shapes = []
    for row, (x, y) in enumerate(centre):
        if row % 4 == 0:
            shapes.append(shapely.Point(x, y))
        elif row % 4 == 1:
            path = np.array([x, y]) + np.cumsum(rng.uniform(-1e-4, 1e-4, (8, 2)), axis=0)
            shapes.append(shapely.LineString(path))
        else:
            angle = np.sort(rng.uniform(0, 2 * np.pi, 8))
            ring = np.column_stack([np.cos(angle), np.sin(angle)]) * rng.uniform(3e-5, 1e-4)
            shapes.append(shapely.Polygon(np.array([x, y]) + ring).convex_hull)
    properties = [
        {
            "name_th": f"ถนนถลาง {row}",
            "kind": ("shophouse", "temple", "school")[row % 3],
            "height_m": float(row % 17) / 2,
            "synthetic": True,
        }
        for row in range(count)
    ]
    return np.array(shapes, dtype=object), properties


def peer_tile(shapes, properties, address):
    """Return the tile as mapbox-vector-tile writes it, of what lies in it."""
    projected = shapely.transform(shapes, to_mercator)
    west, south, east, north = address.bounds_m()
    reach = BUFFER * (east - west) / EXTENT
    cut = shapely.clip_by_rect(projected, west - reach, south - reach, east + reach, north + reach)
    features = [
        {"geometry": shape, "properties": told}
        for shape, told in zip(cut, properties, strict=True)
        if not shape.is_empty
    ]
    options = {"quantize_bounds": (west, south, east, north), "extents": EXTENT}
    return mapbox_vector_tile.encode(
        [{"name": "town", "features": features}], default_options=options
    )


def fill(connection, shapes, properties):
    """Put the town into PostGIS."""
    connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    connection.execute(
        "CREATE TABLE town (geometry geometry(Geometry, 4326), name_th text, kind text,"
        " height_m double precision, synthetic boolean)"
    )
    rows = [
        (shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True), *told.values())
        for shape, told in zip(shapes, properties, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO town VALUES (%s, %s, %s, %s, %s)", rows)
    connection.execute("CREATE INDEX ON town USING gist (geometry)")
    connection.execute("ANALYZE town")


def st_as_mvt(connection, address):
    """Return the tile as PostGIS writes it."""
    values = address._asdict() | {"extent": EXTENT, "buffer": BUFFER, "reach": BUFFER / EXTENT}
    (tile,) = connection.execute(ST_AS_MVT, values).fetchone()
    return bytes(tile)


def timed(write, *, rounds):
    """Return the fewest milliseconds of a call, which other work on the machine blurs least."""
    taken, given = [], write()
    for _ in range(rounds):
        start = perf_counter()
        given = write()
        taken.append(1000 * (perf_counter() - start))
    return min(taken), given


def count(tile):
    """Return how many features a tile holds."""
    return sum(len(layer["features"]) for layer in mapbox_vector_tile.decode(tile).values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--features", type=int, default=5000)
    shapes, properties = town(parser.parse_args().features)
    texts = [json.dumps(told, ensure_ascii=False) for told in properties]
    binary = shapely.to_geojson(shapes)

    def ready():
        return TiledLayer.of("town", shapely.from_geojson(binary), [json.loads(t) for t in texts])

    ready_ms, layer = timed(ready, rounds=5)
    size_mb = layer.byte_size / 1e6
    with postgres_cluster() as cluster, psycopg.connect(cluster.new(), autocommit=True) as database:
        fill(database, shapes, properties)
        told = [
            f"{len(shapes)} features, made ready in {ready_ms:.0f} ms, {size_mb:.1f} MB",
            "zoom  features ours/theirs  ms: ours  ST_AsMVT  mapbox-vector-tile  kB ours  ST_AsMVT",
        ]
        for zoom in ZOOMS:
            address = tile_at(*CENTRE, zoom)
            ours_ms, ours = timed(lambda address=address: layer.tile(address), rounds=15)
            theirs_ms, theirs = timed(
                lambda address=address: st_as_mvt(database, address), rounds=15
            )
            peer_ms, _ = timed(
                lambda address=address: peer_tile(shapes, properties, address), rounds=2
            )
            told.append(
                f"{zoom:4}  {count(ours):8} {count(theirs):8}   {ours_ms:11.1f} {theirs_ms:9.1f}"
                f" {peer_ms:19.1f}   {len(ours) / 1000:8.1f} {len(theirs) / 1000:9.1f}"
            )
    sys.stdout.write("\n".join([*told, ""]))


if __name__ == "__main__":
    main()
