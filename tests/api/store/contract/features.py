"""Features and layers for the contract of the store, in longitude and latitude."""

import json

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point

PROVENANCE = {"created_at": "2026-03-01T12:00:00+00:00"}


def layer(shapes, **columns):
    """Return a layer from shapes by id."""
    index = pd.Index(list(shapes), dtype="object", name="id")
    return gpd.GeoDataFrame(columns, index=index, geometry=list(shapes.values()), crs="EPSG:4326")


def dots(ids, **columns):
    """Return a layer of points on one parallel, a hundredth of a degree apart."""
    return layer({name: Point(n / 100, 1) for n, name in enumerate(ids)}, **columns)


def put(store, zone, name, frame, kind="layer"):
    return store.put_layer(zone, name, frame, kind=kind, provenance=PROVENANCE)


def ids(page):
    return [json.loads(text)["id"] for text in page.features]


def found(store, zone, name, **options):
    return ids(store.items(zone, name, **({"limit": 10_000} | options)))


def lamp(name, place=(98.39, 7.88), /, **properties):
    geometry = None if place is None else {"type": "Point", "coordinates": list(place)}
    return {"type": "Feature", "id": name, "geometry": geometry, "properties": properties}
