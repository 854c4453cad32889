"""Whole layers out of the store, as frames to compute with."""

import json

import geopandas as gpd
import pandas as pd
import shapely

from api.store.engine import Session
from api.store.records import read_record


def read_frame(session: Session, zone: str, layer: str) -> gpd.GeoDataFrame:
    """Read a whole layer, with everything that is known of its features.

    Parameters
    ----------
    session
        A transaction.
    zone
        Name of the zone.
    layer
        Name of the layer.

    Returns
    -------
    frame
        The features in longitude and latitude; the index "id" holds their ids.

    Raises
    ------
    NotFoundError
        When the zone has no such layer.
    """
    layer_id, _ = read_record(session, zone, layer)
    rows = session.rows(_SELECT, layer=layer_id)
    features = [json.loads(row["feature"]) for row in rows]
    shapes = [
        None if feature["geometry"] is None else shapely.geometry.shape(feature["geometry"])
        for feature in features
    ]
    ids = pd.Index([feature["id"] for feature in features], name="id", dtype="object")
    properties = pd.DataFrame([feature["properties"] for feature in features], index=ids)
    return gpd.GeoDataFrame(properties, geometry=gpd.GeoSeries(shapes, ids, "EPSG:4326"))


_SELECT = "SELECT feature FROM features WHERE layer_id = :layer ORDER BY position"
