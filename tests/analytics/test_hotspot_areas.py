"""Ranked areas against kernels summed one by one, a count by containment, and the edge."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point, Polygon, box

from analytics import hotspot_areas
from analytics.hotspot_areas import rank_areas
from geo.errors import LayerError, ParameterError
from geo.zone import Zone
from tests.analytics.hotspot_cases import CRS, grid_streets, incident_frame, planted, street_frame

SQUARE = box(-50, -50, 850, 850)


def kernel_sum(xy, places, bandwidth_m):
    """Sum Gaussian kernels at places one by one."""
    square = ((places[:, None, :] - np.asarray(xy, dtype=float)[None, :, :]) ** 2).sum(axis=2)
    return np.exp(-square / (2 * bandwidth_m**2)).sum(axis=1) / (2 * np.pi * bandwidth_m**2)


@pytest.mark.parametrize("seed", range(3))
def test_planted_clusters_are_the_first_areas_and_named_after_their_streets(seed):
    found = rank_areas(SQUARE, grid_streets(), incident_frame(planted(seed)))
    assert list(found["rank"]) == list(range(1, len(found) + 1))
    for centre, street, row in zip(
        [(250, 200), (700, 350), (150, 600)],
        ["East 2", "North 7", "East 6"],
        found.head(3).itertuples(),
        strict=True,
    ):
        assert row.geometry.contains(Point(centre))
        assert street in row.name_en.split(", ")
        assert 1 <= len(row.name_en.split(", ")) <= 3
    assert found["incidents"].is_monotonic_decreasing
    first = found.iloc[0]
    assert first["name_th"].count(", ") == first["name_en"].count(", ")


@pytest.mark.parametrize("seed", range(3))
def test_incidents_and_shares_are_those_counted_by_containment(seed):
    incidents = incident_frame(planted(seed))
    found = rank_areas(SQUARE, grid_streets(), incidents, count=50)
    inside = incidents[incidents.within(SQUARE)]
    for row in found.itertuples():
        assert row.incidents == inside.within(row.geometry.buffer(1e-6)).sum() >= 1
        assert row.share == pytest.approx(row.incidents / len(inside))
        assert row.area_share == pytest.approx(row.geometry.area / SQUARE.area)
        assert row.area_m2 == pytest.approx(row.geometry.area)
        assert row.geometry.geom_type == "Polygon"
    overlap = sum(found.geometry.area) - shapely.union_all(found.geometry.to_numpy()).area
    assert overlap == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("level", [1.5, 4.0])
def test_cells_of_areas_are_those_above_the_level(level):
    """Every cell, by kernels summed one by one and integrated over the zone cell by cell."""
    zone = Polygon([(0, 0), (400, 0), (400, 300), (150, 380), (0, 200)])
    xy = np.random.default_rng(2).normal([90, 120], 70, (60, 2))
    incidents = incident_frame(xy)
    found = rank_areas(
        zone, grid_streets(5), incidents, level=level, cell_m=20.0, bandwidth_m=40.0, count=99
    )
    x, y = np.meshgrid(np.arange(10, 400, 20), np.arange(10, 380, 20))
    middles = np.stack([x.ravel(), y.ravel()], axis=1)
    middles = middles[shapely.contains_xy(zone, *middles.T)]
    held = xy[shapely.contains_xy(zone, *xy.T)]
    known = kernel_sum(middles, middles, 40.0) * 400
    density = kernel_sum(held, middles, 40.0) / known
    dense = density >= level * len(held) / zone.area
    areas = shapely.union_all(found.geometry.to_numpy())
    in_areas = shapely.contains_xy(areas, *middles.T)
    assert not (in_areas & ~dense).any()
    # What is dense and in no area touches no incident.
    left = shapely.union_all(
        [box(a - 10, b - 10, a + 10, b + 10) for a, b in middles[dense & ~in_areas]]
    )
    assert not shapely.contains_xy(left, *held.T).any()
    assert found["density"].max() == pytest.approx(density.max(), rel=0.01)


def density_ratio_at_the_edge():
    """Return the greatest density of a cluster on the zone's edge over that of one amid it."""
    rng = np.random.default_rng(0)
    spread = rng.uniform(-40, 40, (400, 2))
    amid = spread + np.array([400, 400])
    edge = np.stack([np.abs(spread[:, 0]), spread[:, 1] + 400], axis=1)
    both = [
        rank_areas(box(0, 0, 800, 800), grid_streets(), incident_frame(xy), bandwidth_m=80.0)
        for xy in (amid, edge[::2])
    ]
    return both[1]["density"].iloc[0] / both[0]["density"].iloc[0]


def test_the_edge_of_the_zone_is_no_safer():
    """Half the cluster lies beyond the edge, where nothing is known: the density is the same."""
    assert density_ratio_at_the_edge() == pytest.approx(1, abs=0.1)


def test_an_uncorrected_edge_is_caught(monkeypatch):
    kept = hotspot_areas.density_surface

    def uncorrected(xy, *, weights, shape, **options):
        if weights is not None:
            return np.ones(shape)
        return kept(xy, weights=weights, shape=shape, **options)

    monkeypatch.setattr(hotspot_areas, "density_surface", uncorrected)
    assert density_ratio_at_the_edge() < 0.7


def test_only_reported_incidents_within_the_zone_count():
    xy = [(100, 100)] * 5 + [(600, 600)] * 50 + [(2000, 2000)] * 50
    reporting = ["reported"] * 5 + ["discovered"] * 50 + ["reported"] * 50
    found = rank_areas(SQUARE, grid_streets(), incident_frame(xy, reporting=reporting))
    assert found["incidents"].tolist() == [5]
    assert found["share"].tolist() == [1.0]


def test_an_area_without_a_named_street_is_called_after_the_nearest():
    streets = street_frame(
        [
            ("a", "ถนนถลาง", "Thalang Road", [(0, 0), (300, 0)]),
            ("b", "", "", [(300, 0), (300, 900)]),
        ]
    )
    zone = box(0, -10, 600, 900)
    found = rank_areas(zone, streets, incident_frame([(300, 700)] * 9), bandwidth_m=20.0)
    assert found["name_en"].tolist() == ["near Thalang Road"]
    assert found["name_th"].tolist() == ["ใกล้ถนนถลาง"]


@pytest.mark.parametrize("count", [1, 30])
def test_incidents_all_on_one_point_make_one_area_around_it(count):
    found = rank_areas(SQUARE, grid_streets(), incident_frame([(405, 405)] * count))
    assert found["incidents"].tolist() == [count]
    assert found.geometry.iloc[0].centroid.distance(Point(405, 405)) < 1
    # The kernel of 60 m is twice the mean of the zone up to this distance.
    radius = 60 * np.sqrt(2 * np.log(SQUARE.area / (2 * 2 * np.pi * 60**2)))
    assert found["area_m2"].iloc[0] == pytest.approx(np.pi * radius**2, rel=0.02)


@pytest.mark.parametrize("bandwidth_m", [5000.0, 1e12, 1e300])
def test_a_bandwidth_larger_than_the_zone_sees_no_area(bandwidth_m):
    incidents = incident_frame(planted(0))
    assert not len(rank_areas(SQUARE, grid_streets(), incidents, bandwidth_m=bandwidth_m))


def test_no_incidents_give_no_rows_of_the_same_columns():
    full = rank_areas(SQUARE, grid_streets(), incident_frame(planted(0)))
    for nobody in (incident_frame([]), incident_frame([(5, 5)], reporting=["discovered"])):
        none = rank_areas(SQUARE, grid_streets(), nobody)
        assert len(none) == 0
        assert list(none.columns) == list(full.columns)
        assert list(none.dtypes) == list(full.dtypes)
        assert none.crs == full.crs


def test_count_limits_the_rows_to_the_first():
    streets, incidents = grid_streets(), incident_frame(planted(0))
    every = rank_areas(SQUARE, streets, incidents, count=99)
    assert len(every) > 2
    pd.testing.assert_frame_equal(rank_areas(SQUARE, streets, incidents, count=2), every.head(2))


def test_the_zone_of_the_project_has_areas(root):
    zone = Zone.load(root / "data" / "old_town")
    found = rank_areas(zone.boundary, zone.streets, zone.incidents)
    assert found["share"].iloc[0] > 2 * found["area_share"].iloc[0]
    assert "Thalang Road" in found["name_en"].iloc[0]


def test_small_areas_are_left_out():
    incidents = incident_frame(planted(0))
    every = rank_areas(SQUARE, grid_streets(), incidents, min_area_m2=0.0, count=99)
    least = every["area_m2"].median()
    large = rank_areas(SQUARE, grid_streets(), incidents, min_area_m2=least, count=99)
    assert large["area_m2"].tolist() == every.loc[every["area_m2"] >= least, "area_m2"].tolist()
    assert 0 < len(large) < len(every)


def test_an_incident_of_tomorrow_is_refused_where_an_instant_is_given():
    when = pd.to_datetime(["2026-01-01", "2026-01-03"], utc=True)
    incidents = incident_frame([(5, 5), (6, 5)], occurred_at=when)
    with pytest.raises(LayerError, match="row 2, `occurred_at`: expected an instant up to"):
        rank_areas(SQUARE, grid_streets(3), incidents, as_of=when[0])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"bandwidth_m": 0.0}, "Expected `bandwidth_m` > 0, got 0.0"),
        ({"bandwidth_m": np.inf}, "Expected `bandwidth_m` > 0, got inf"),
        ({"cell_m": np.nan}, "Expected `cell_m` > 0, got nan"),
        ({"cell_m": 0.01}, "at most 1000000 cells"),
        ({"level": 1.0}, "Expected `level` > 1, got 1.0"),
        ({"min_area_m2": -1.0}, "Expected `min_area_m2` >= 0, got -1.0"),
        ({"count": 0}, "Expected whole `count` >= 1, got 0"),
        ({"bandwidth_m": 1e-300}, "Expected `bandwidth_m` of at least"),
        ({"boundary": Polygon()}, "Expected `boundary` of a valid polygon"),
        ({"boundary": 5}, "Expected `boundary` of a valid polygon"),
        ({"boundary": None}, "Expected `boundary` of a valid polygon"),
        ({"boundary": box(0, 0, 1, 1).difference(box(0.2, 0.2, 1, 1))}, "leaves the zone some"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    changed = {"boundary": SQUARE} | changed
    with pytest.raises(ParameterError, match=message):
        rank_areas(changed.pop("boundary"), grid_streets(3), incident_frame([(5, 5)]), **changed)


def test_incidents_without_a_place_are_named():
    incidents = gpd.GeoDataFrame(geometry=[Point(1, 1), Point()], crs=CRS)
    with pytest.raises(LayerError, match="row 2"):
        rank_areas(SQUARE, grid_streets(3), incidents)


def test_faults_are_named_at_once_by_the_rows_of_the_whole_layer():
    incidents = incident_frame(
        [(5, 5), (np.nan, 5), (6, 5)],
        reporting=["discovered", "reported", "reported"],
        category=["theft", "theft", "arrest"],
    )
    with pytest.raises(LayerError) as caught:
        rank_areas(box(0, 0, 200, 200), grid_streets(3), incidents)
    assert [(fault.source, fault.row, fault.field) for fault in caught.value.faults] == [
        ("incidents", 2, "geometry"),
        ("incidents", 3, "category"),
    ]
    nothing = gpd.GeoDataFrame()
    assert len(rank_areas(box(0, 0, 200, 200), grid_streets(3), nothing)) == 0
