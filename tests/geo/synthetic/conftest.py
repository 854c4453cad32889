"""The committed zone, what the generator makes of it, and small towns to build by hand."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.formats import read_layer
from geo.gazetteer import read_gazetteer
from geo.layers import empty_layer
from geo.synthetic import DEFAULT_SEED, generate_layers

CRS = 32647


def streets_of(*rows):
    """Build street edges from tuples of name, class, width and coordinates."""
    names, classes, widths, lines = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {
            "name_th": [f"th {name}" if name else "" for name in names],
            "name_en": list(names),
            "street_class": list(classes),
            "oneway": False,
            "width_m": list(widths),
            "source": "test",
            "grade": "D",
        },
        geometry=[shapely.LineString(line) for line in lines],
        index=pd.Index([f"edge-{number:02d}" for number in range(len(rows))], name="id"),
        crs=CRS,
    )


def places_of(*rows):
    """Build places from tuples of kind, x and y."""
    frame = empty_layer("places", crs=CRS)
    if not rows:
        return frame
    kinds, x, y = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"kind": list(kinds), "name_th": "", "name_en": "", "source": "test", "grade": "D"},
        geometry=gpd.points_from_xy(x, y),
        index=pd.Index([f"place-{number}" for number in range(len(rows))], name="id"),
        crs=CRS,
    )


@pytest.fixture(scope="package")
def old_town(root):
    """Read what the generator is given: streets, boundary, places."""
    folder = root / "data" / "old_town"
    streets = read_gazetteer(folder, crs=CRS).streets
    boundary = read_layer(folder / "boundary.geojson", "boundary", crs=CRS).geometry.iloc[0]
    places = read_layer(folder / "places.csv", "places", crs=CRS)
    return streets, boundary, places


@pytest.fixture(scope="package")
def layers(old_town):
    """Generate the layers of the committed zone with the default seed."""
    return generate_layers(*old_town, seed=DEFAULT_SEED)
