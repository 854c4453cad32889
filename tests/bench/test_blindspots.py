"""How fast a zone of 500 cameras and 12,000 street points is judged."""

import geopandas as gpd
import pytest
import shapely

from analytics.blindspots import blind_spots, street_coverage
from geo.visibility import fields_of_view
from tests.geo.shophouses import CORNER, CRS, random_cameras, shophouse_rows


@pytest.fixture(scope="module")
def zone():
    buildings = shophouse_rows(seed=7, blocks=12, shops=14)
    cameras = random_cameras(buildings, 500, seed=8)
    x, y = CORNER
    lanes = [y - 8.0 + 48.0 * lane for lane in range(21)]
    lines = [
        shapely.LineString([(x + 95.0 * edge, lane), (x + 95.0 * (edge + 1), lane)])
        for lane in lanes
        for edge in range(12)
    ]
    names = [f"Lane {number // 12}" for number in range(len(lines))]
    streets = gpd.GeoDataFrame({"name_th": names, "name_en": names}, geometry=lines, crs=CRS)
    return streets, fields_of_view(cameras, buildings)


def test_street_coverage(benchmark, zone):
    points = benchmark(street_coverage, *zone)
    assert len(points) == 12_096


def test_blind_spots(benchmark, zone):
    streets, fields = zone
    spots = benchmark(blind_spots, streets, fields, min_length_m=0.0)
    seen = streets.intersection(fields.union_all()).length.sum()
    assert seen + spots["length_m"].sum() == pytest.approx(streets.length.sum(), rel=1e-9)
