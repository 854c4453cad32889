"""How fast fields of view are traced among 12,000 wall edges, beside two peers and a plain scan.

All are asked about the same cameras and walls, and timed by the CPU they take. `fields_of_view`
prepares the buildings whenever it is called; the others are timed with all ready that does not
depend on the cameras. CGAL is given the open ground, and what it sees is cut to the wedge. It looks
for 60 cameras only: it shares nothing between them, and takes about 500 / 60 of that for 500.

`extra_info` (in the file of --benchmark-json) holds cameras per second of CPU; how many times ours
the peer's time is, with all ready and, where it says so, from the walls to what is seen; and the
share of the scan in our time.
"""

import math
import time

import numba
import numpy as np
import pysovist
import pytest
import shapely

from geo import _views
from geo.visibility import fields_of_view
from tests.geo.shophouses import (
    CORNER,
    cgal_calculator,
    cgal_field,
    random_cameras,
    shophouse_rows,
)

RANGE_M = 50.0
at_60 = pytest.param(60, marks=pytest.mark.benchmark(group="fields of view: 60 cameras"))
at_500 = pytest.param(500, marks=pytest.mark.benchmark(group="fields of view: 500 cameras"))
both = pytest.mark.parametrize("count", [at_60, at_500])
pytestmark = pytest.mark.benchmark(timer=time.process_time)


@pytest.fixture(scope="module")
def buildings():
    buildings = shophouse_rows(seed=7, blocks=12, shops=14)
    assert 11_000 < shapely.get_num_coordinates(buildings.geometry.to_numpy()).sum() < 15_000
    return buildings


@pytest.fixture(scope="module")
def street(buildings):
    """Return the largest piece of open ground, where every camera of the benchmark stands."""
    solid = shapely.union_all(buildings.geometry.to_numpy())
    ground = shapely.box(*shapely.buffer(solid, 60.0).bounds).difference(solid)
    return shapely.orient_polygons(max(shapely.get_parts(ground), key=shapely.area))


@pytest.fixture(scope="module")
def cameras(buildings, street):
    cameras = random_cameras(buildings, 600, seed=8).assign(range_m=RANGE_M)
    cameras = cameras[cameras.intersects(street)].iloc[:500]
    assert len(cameras) == 500
    return cameras.reset_index(drop=True)


@pytest.fixture(scope="module")
def walls(buildings):
    """Return the wall edges as pysovist takes them, near the origin, where its rounding is fine."""
    corners, ring = shapely.get_coordinates(
        shapely.get_rings(buildings.geometry.to_numpy()), return_index=True
    )
    edges = np.stack([corners[:-1], corners[1:]], axis=1)[ring[1:] == ring[:-1]]
    assert 11_000 < len(edges) < 13_000
    return edges - CORNER


@pytest.fixture(scope="module")
def plan(walls):
    """Return pysovist's plan, and the time it took to make: it looks for walls that cross."""
    begin_s = time.process_time()
    plan = pysovist.Plan(walls)
    return plan, time.process_time() - begin_s


@pytest.fixture(scope="module")
def ours(buildings, cameras):
    """Return our shortest times, for the peers in whatever order they run, and the areas seen."""
    fields_of_view(cameras.iloc[:1], buildings)  # compiles
    solids = _views.solids_of(buildings.geometry)
    times = {}
    for count in (60, 500):
        chosen, views = cameras.iloc[:count], views_of(cameras.iloc[:count])
        times["whole", count] = shortest(fields_of_view, chosen, buildings)
        times["ready", count] = shortest(look, views, solids)
    # Pysovist has no chords: its areas are those of ours with very short ones.
    return times, fields_of_view(cameras, buildings, arc_tolerance_m=1e-6).area.to_numpy()


def shortest(work, *arguments):
    """Return the least CPU time of ten rounds of work."""
    times = []
    for _ in range(10):
        begin_s = time.process_time()
        work(*arguments)
        times.append(time.process_time() - begin_s)
    return min(times)


def views_of(cameras):
    columns = (cameras[name] for name in ("azimuth_deg", "fov_deg", "range_m"))
    return _views.views_of(cameras.geometry, *columns, arc_tolerance_m=0.01)


def look(views, solids):
    return _views.look(views, solids.scene, *_views.near(views, solids))


def timed(benchmark, *, cameras):
    """Return the shortest time of a benchmark, none where benchmarks are off; note the speed."""
    if benchmark.stats is None:
        return math.nan
    shortest = benchmark.stats.stats.min
    benchmark.extra_info["cameras_per_cpu_s"] = cameras / shortest
    return shortest


def isovists(plan, cameras):
    return [
        pysovist.isovist(
            plan,
            (camera.geometry.x - CORNER[0], camera.geometry.y - CORNER[1]),
            max_distance=camera.range_m,
            fov=math.radians(camera.fov_deg),
            direction=math.remainder(math.radians(90.0 - camera.azimuth_deg), math.tau),
        )
        for camera in cameras.itertuples()
    ]


@both
def test_fields_of_view(benchmark, buildings, cameras, count):
    fields_of_view(cameras.iloc[:1], buildings)  # compiles
    fields = benchmark(fields_of_view, cameras.iloc[:count], buildings)
    assert fields.is_valid.all()
    timed(benchmark, cameras=count)


@both
def test_fields_of_view_among_buildings_made_ready(benchmark, buildings, cameras, count):
    solids, views = _views.solids_of(buildings.geometry), views_of(cameras.iloc[:count])
    look(views[:1], solids)  # compiles
    assert shapely.is_valid(benchmark(look, views, solids)).all()
    timed(benchmark, cameras=count)


@pytest.mark.slow
@both
def test_pysovist(benchmark, plan, cameras, ours, count):
    (plan, plan_s), (times, areas) = plan, ours
    seen = benchmark.pedantic(isovists, (plan, cameras.iloc[:count]), rounds=3)
    assert [isovist.area for isovist in seen] == pytest.approx(areas[:count], rel=1e-7)
    time_s = timed(benchmark, cameras=count)
    benchmark.extra_info["times_ours"] = time_s / times["ready", count]
    benchmark.extra_info["times_ours_from_the_walls"] = (plan_s + time_s) / times["whole", count]


@pytest.mark.slow
@pytest.mark.parametrize("count", [at_60])
def test_cgal(benchmark, street, cameras, ours, count):
    calculator = cgal_calculator(street)
    chosen = list(cameras.iloc[:count].itertuples())
    seen = benchmark.pedantic(
        lambda: [cgal_field(camera, calculator) for camera in chosen], rounds=1
    )
    assert len(seen) == count
    time_s = timed(benchmark, cameras=count)
    benchmark.extra_info["times_ours"] = time_s / ours[0]["ready", count]


@numba.njit
def scan(views, scene, blocks, starts):
    """Read every wall edge that our sweep is given, as seen from its camera, and no more."""
    total = 0.0
    for number in range(views.shape[0]):
        x, y = views[number, _views.X], views[number, _views.Y]
        for block in blocks[starts[number] : starts[number + 1]]:
            for wall in range(scene.starts[block], scene.starts[block + 1]):
                ax, ay = scene.walls[wall, 2] - x, scene.walls[wall, 3] - y
                total += ax * (scene.walls[wall, 5] - y) - ay * (scene.walls[wall, 4] - x)
    return total


@both
def test_plain_scan_of_the_edges_in_range(benchmark, buildings, cameras, ours, count):
    solids, views = _views.solids_of(buildings.geometry), views_of(cameras.iloc[:count])
    camera, block = _views.near(views, solids)
    starts = np.searchsorted(camera, np.arange(count + 1))
    scan(views, solids.scene, block, starts)  # compiles
    assert benchmark(scan, views, solids.scene, block, starts) != 0.0
    time_s = timed(benchmark, cameras=count)
    benchmark.extra_info["share_of_ours"] = time_s / ours[0]["ready", count]
