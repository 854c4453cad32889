"""How fast fields of view are traced: ours and CGAL's, in the same scene."""

import pytest
import shapely

from geo.visibility import fields_of_view
from tests.geo.shophouses import cgal_calculator, cgal_field, random_cameras, shophouse_rows


@pytest.fixture(scope="module")
def quarter():
    buildings = shophouse_rows(seed=7, blocks=12, shops=14)
    assert 11_000 < shapely.get_num_coordinates(buildings.geometry.to_numpy()).sum() < 15_000
    return random_cameras(buildings, 60, seed=8).assign(range_m=50.0), buildings


@pytest.mark.benchmark(group="fields of view: 60 cameras, 12,000 walls")
def test_ours(benchmark, quarter):
    cameras, buildings = quarter
    fields_of_view(cameras.iloc[:1], buildings)  # compiles
    fields = benchmark(fields_of_view, cameras, buildings)
    assert fields.is_valid.all()


@pytest.mark.benchmark(group="fields of view: 60 cameras, 12,000 walls")
def test_cgal(benchmark, quarter):
    """CGAL is given the open ground of the whole quarter once, outside the clock."""
    cameras, buildings = quarter
    solid = shapely.union_all(buildings.geometry.to_numpy())
    open_ground = shapely.get_parts(
        shapely.box(*shapely.buffer(solid, 60.0).bounds).difference(solid)
    )
    street = shapely.orient_polygons(max(open_ground, key=shapely.area))
    chosen = [
        camera for camera in cameras.itertuples() if shapely.intersects(street, camera.geometry)
    ]
    calculator = cgal_calculator(street)

    def look():
        return [cgal_field(camera, calculator) for camera in chosen]

    assert len(benchmark.pedantic(look, rounds=1)) == len(chosen)
