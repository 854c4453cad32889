"""How fast a zone of 500 cameras and 12,000 street points is judged, and how fast a change."""

import time

import geopandas as gpd
import pytest
import shapely

from analytics.blind_areas import blind_areas
from analytics.blindspots import blind_spots, coverage_of, street_coverage
from analytics.live_coverage import LiveCoverage
from analytics.sightings import sightings
from geo.visibility import fields_of_view
from tests.geo.shophouses import CORNER, CRS, random_cameras, shophouse_rows

OFF = 7
LENGTHS = "lengths seen: 500 cameras, 24 km of street"
CHANGE = "one of 500 cameras goes off"


@pytest.fixture(scope="module")
def quarter():
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
    return streets, fields_of_view(cameras, buildings), buildings


@pytest.fixture(scope="module")
def zone(quarter):
    return quarter[:2]


def cpu_s(work, rounds=5):
    """CPU seconds of a piece of work, the least of some rounds."""
    spent = []
    for _ in range(rounds):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return min(spent)


@pytest.mark.benchmark(group="12,000 street points, 500 cameras")
def test_street_coverage(benchmark, zone):
    points = benchmark(street_coverage, *zone)
    assert len(points) == 12_096
    benchmark.extra_info["cpu_s"] = cpu_s(lambda: street_coverage(*zone))


@pytest.mark.benchmark(group="12,000 street points, 500 cameras")
def test_street_coverage_point_by_point(benchmark, zone):
    """The plain way: every point in every field, prepared and compiled, without an index."""
    streets, fields = zone
    points = street_coverage(streets, fields)
    xy = shapely.get_coordinates(points.geometry)

    def count():
        return sum(shapely.intersects_xy(field, xy).astype(int) for field in fields)

    assert benchmark.pedantic(count, rounds=1).tolist() == points["seen_by"].tolist()


@pytest.mark.benchmark(group=LENGTHS)
def test_sightings(benchmark, zone):
    seen = benchmark(sightings, *zone)
    assert (seen["to_m"] > seen["from_m"]).all()


@pytest.mark.benchmark(group=LENGTHS)
def test_lengths(benchmark, zone):
    benchmark(coverage_of, *zone)
    ours = cpu_s(lambda: coverage_of(*zone))
    benchmark.extra_info["union_over_ours"] = cpu_s(lambda: union_length(*zone), 2) / ours


@pytest.mark.benchmark(group=LENGTHS)
def test_lengths_by_union(benchmark, zone):
    """The peer: one union of all fields, cut out of every street."""
    seen_m = benchmark.pedantic(union_length, args=zone, rounds=2)
    assert seen_m == pytest.approx(coverage_of(*zone).seen_m, rel=1e-9)


def union_length(streets, fields):
    return streets.intersection(fields.union_all()).length.sum()


def test_blind_spots(benchmark, zone):
    streets, fields = zone
    spots = benchmark(blind_spots, streets, fields, min_length_m=0.0)
    seen = streets.intersection(fields.union_all()).length.sum()
    assert seen + spots["length_m"].sum() == pytest.approx(streets.length.sum(), rel=1e-9)


def test_blind_areas(benchmark, quarter):
    areas = benchmark.pedantic(blind_areas, args=quarter, rounds=3)
    assert areas["area_m2"].sum() > 1000.0


def told(live):
    """Everything that a control room asks for."""
    return live.points, live.streets, live.coverage


def anew(streets, fields):
    return told(LiveCoverage.of(streets, fields))


@pytest.mark.benchmark(group=CHANGE)
def test_one_camera_off(benchmark, zone):
    streets, fields = zone
    live = LiveCoverage.of(streets, fields)
    without = fields.drop(OFF)
    points, lengths, coverage = benchmark(lambda: told(live.switch(OFF, on=False)))
    expected = anew(streets, without)
    assert points.equals(expected[0])
    assert lengths.equals(expected[1])
    assert coverage == expected[2]
    spent = cpu_s(lambda: told(live.switch(OFF, on=False)), 20)
    benchmark.extra_info["share_of_anew"] = spent / cpu_s(lambda: anew(streets, without))


@pytest.mark.benchmark(group=CHANGE)
def test_one_camera_turned(benchmark, zone):
    streets, fields = zone
    live = LiveCoverage.of(streets, fields)
    turned = fields.copy()
    turned[OFF] = fields[OFF + 1]
    points, lengths, coverage = benchmark(lambda: told(live.replaced(OFF, turned[OFF])))
    expected = anew(streets, turned)
    assert points.equals(expected[0])
    assert lengths.equals(expected[1])
    assert coverage == expected[2]
    spent = cpu_s(lambda: told(live.replaced(OFF, turned[OFF])), 20)
    benchmark.extra_info["share_of_anew"] = spent / cpu_s(lambda: anew(streets, turned))


@pytest.mark.benchmark(group=CHANGE)
def test_all_anew(benchmark, zone):
    streets, fields = zone
    benchmark(anew, streets, fields.drop(OFF))
