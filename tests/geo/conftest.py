"""Layers that several tests write and read."""

import geopandas as gpd
import pytest
from shapely import Point

from geo.layers import check_layer


@pytest.fixture
def places() -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"id": ["t1", "t2"], "kind": ["temple", "hotel"], "name_th": ["วัด", ""]},
        geometry=[Point(98.3893, 7.8861), Point(98.3901, 7.8850)],
        crs=4326,
    )
    return check_layer(frame, "places", source="places", crs="EPSG:32647")
