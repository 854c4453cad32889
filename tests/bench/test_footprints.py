"""How fast footprints are traced: beside the plan alone, and beside an overlay for each camera."""

import math

import numpy as np
import pytest
import shapely

from geo.pixel_density import px_per_m, reach_m
from geo.visibility import fields_of_view, footprints
from tests.geo.shophouses import random_cameras, shophouse_rows, wedge

GROUP = "footprints: 60 cameras, 2,000 shops of all heights"
REACH_M = 50.0


@pytest.fixture(scope="module")
def quarter():
    shops = shophouse_rows(seed=7, blocks=12, shops=14)
    shops["height_m"] = np.random.default_rng(8).uniform(2.0, 9.0, len(shops))
    cameras = random_cameras(shops, 60, seed=8).assign(range_m=REACH_M)
    return cameras.assign(height_m=5.0, tilt_deg=20.0, vfov_deg=60.0, resolution_px=8000.0), shops


@pytest.mark.benchmark(group=GROUP)
def test_the_plan_alone(benchmark, quarter):
    cameras, shops = quarter
    fields_of_view(cameras.iloc[:1], shops)  # compiles
    assert benchmark(fields_of_view, cameras, shops).is_valid.all()


@pytest.mark.benchmark(group=GROUP)
def test_footprints(benchmark, quarter):
    cameras, shops = quarter
    footprints(cameras.iloc[:1], shops)  # compiles
    assert benchmark(footprints, cameras, shops, task="detect").is_valid.all()


def overlaid(camera, shops):
    """Return what a camera sees: its wedge without the shadow of every single wall in reach."""
    place = camera.geometry
    density = px_per_m("EN 62676-4:2015", "detect")
    reach = min(camera.range_m, float(reach_m(camera.fov_deg, camera.resolution_px, density)))
    near = shops[shapely.dwithin(shops.geometry.to_numpy(), place, reach)]
    hiding = [place.buffer(5.0 / math.tan(math.radians(50.0)), quad_segs=64)]
    for shape, height in zip(near.geometry, near["height_m"], strict=True):
        away = 5.0 / (5.0 - height) if height < 5.0 else 1e3
        hiding.append(shape)
        for ring in (shape.exterior, *shape.interiors):
            corners = shapely.get_coordinates(ring)
            walls = np.stack([corners[:-1], corners[1:]], axis=1)
            stretched = (place.x, place.y) + away * (walls - (place.x, place.y))
            both = shapely.multipoints(np.concatenate([walls, stretched], axis=1))
            hiding.extend(shapely.convex_hull(both))
    return wedge(camera._replace(range_m=reach)).difference(shapely.union_all(hiding))


@pytest.mark.benchmark(group=GROUP)
def test_overlays(benchmark, quarter):
    cameras, shops = quarter

    def overlay():
        return [overlaid(camera, shops) for camera in cameras.itertuples()]

    fields = benchmark.pedantic(overlay, rounds=1)
    traced = footprints(cameras, shops, task="detect")
    assert shapely.area(shapely.symmetric_difference(fields, traced.to_numpy())).max() < 2.0
