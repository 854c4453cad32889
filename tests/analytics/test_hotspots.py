"""Hotspots against planted clusters, a count by hand and the rules of a stretch."""

from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from analytics.hotspots import find_hotspots, rank_hotspots
from analytics.network_density import network_density
from analytics.street_clusters import street_clusters
from geo.errors import LayerError, ParameterError
from tests.analytics.hotspot_cases import (
    CRS,
    cluster,
    grid_streets,
    incident_frame,
    planted,
    street_frame,
)

COLUMNS = ["rank", "street", "name_th", "name_en", "length_m", "incidents", "share", "density"]


@pytest.mark.parametrize("seed", range(5))
def test_planted_clusters_are_found_in_their_order(seed):
    found = rank_hotspots(grid_streets(), incident_frame(planted(seed)), count=3)
    assert list(found["rank"]) == [1, 2, 3]
    assert list(found["name_en"]) == ["East 2", "North 7", "East 6"]
    assert list(found["name_th"]) == ["ตะวันออก 2", "เหนือ 7", "ตะวันออก 6"]
    assert list(found["street"]) == ["e2-2", "n7-3", "e6-1"]
    assert found["density"].is_monotonic_decreasing
    for centre, stretch in zip([(250, 200), (700, 350), (150, 600)], found.geometry, strict=True):
        assert stretch.distance(Point(centre)) < 1e-6
    assert (found["incidents"] >= [60, 40, 25]).all()


@pytest.mark.parametrize("seed", range(5))
def test_incidents_of_each_stretch_are_those_counted_one_by_one(seed):
    streets = grid_streets()
    incidents = incident_frame(planted(seed))
    found = rank_hotspots(streets, incidents, bandwidth_m=40.0)
    counted = np.zeros(len(found), dtype=int)
    for point in incidents.geometry:
        line = min(streets.geometry, key=point.distance)
        place = line.interpolate(line.project(point))
        for number, stretch in enumerate(found.geometry):
            # A stretch ends at a junction without the street that crosses there.
            own = stretch.intersection(line.buffer(1e-6)).length > 1e-3
            counted[number] += own and stretch.distance(place) < 1e-6
    assert list(found["incidents"]) == list(counted)
    assert found["share"].to_numpy() == pytest.approx(counted / len(incidents))
    assert found["incidents"].sum() <= len(incidents)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("max_length_m", [40.0, 200.0])
def test_stretches_keep_their_rules(seed, max_length_m):
    streets, incidents = grid_streets(), incident_frame(planted(seed))
    found = rank_hotspots(streets, incidents, count=20, max_length_m=max_length_m)
    lixels = network_density(streets, incidents, bandwidth_m=60.0)
    lixels["name"] = lixels["street"].map(streets["name_en"])
    assert len(found) > 3
    assert (found["length_m"] <= max_length_m).all()
    assert found.length.to_numpy() == pytest.approx(found["length_m"].to_numpy())
    assert (found["incidents"] >= 1).all()
    for row in found.itertuples():
        assert row.geometry.geom_type == "LineString"
        inside = lixels[lixels.centroid.distance(row.geometry) < 1e-6]
        assert set(inside["name"]) == {row.name_en}
        assert inside["length_m"].sum() == pytest.approx(row.length_m)
        assert inside["density"].min() >= row.density / 2
    for first in range(len(found)):
        for second in range(first):
            shared = found.geometry.iloc[first].intersection(found.geometry.iloc[second])
            assert shared.length < 1e-6


def test_a_stretch_is_as_wide_as_the_kernel_at_half_its_height():
    streets = street_frame([("a", "ก", "A", [(0, 0), (1000, 0)])])
    incidents = incident_frame([(502, 0)] * 7)
    found = rank_hotspots(streets, incidents, bandwidth_m=40.0, lixel_m=2.0)
    assert len(found) == 1
    assert found["length_m"].iloc[0] == pytest.approx(2.3548 * 40, abs=4)
    assert found.geometry.iloc[0].centroid.x == pytest.approx(502, abs=2)
    assert found["incidents"].iloc[0] == 7
    assert found["share"].iloc[0] == 1.0


def test_what_a_stretch_leaves_of_its_rise_is_no_further_hotspot():
    streets = street_frame(
        [("a", "ก", "A", [(0, 0), (500, 0)]), ("b", "ข", "B", [(500, 0), (500, 400)])]
    )
    incidents = incident_frame([(x, 0) for x in range(420, 500, 8)] + [(500, 30), (500, 300)])
    found = rank_hotspots(streets, incidents, bandwidth_m=50.0, max_length_m=60.0)
    assert list(found["name_en"]) == ["A", "B"]
    assert found["incidents"].iloc[1] == 1
    assert found.geometry.iloc[1].distance(Point(500, 300)) < 1e-6


def test_a_joining_street_without_incidents_hides_no_hotspot():
    rows = [("join", "ต่อ", "Join", [(0, 0), (10, 0)])]
    for number, (x, y) in enumerate([(-200, 100), (-200, -100), (210, 100), (210, -100)]):
        start = (0, 0) if x < 0 else (10, 0)
        rows.append((f"arm-{number}", f"แขน {number}", f"Arm {number}", [start, (x, y)]))
    streets = street_frame(rows)
    arms = streets.geometry.iloc[1:]
    points = [arm.interpolate(3 + 4 * step) for arm in arms for step in range(4)]
    incidents = incident_frame([(point.x, point.y) for point in points])
    lixels = network_density(streets, incidents, bandwidth_m=60.0)
    assert lixels.loc[lixels["density"].idxmax(), "street"] == "join"
    found = rank_hotspots(streets, incidents)
    assert found["name_en"].iloc[0].startswith("Arm")
    assert found["incidents"].iloc[0] == 4


@pytest.mark.parametrize("seed", range(3))
def test_discovered_incidents_change_nothing(seed):
    rng = np.random.default_rng(seed)
    reported = planted(seed)
    discovered = cluster(rng, (450, 400), 300)
    streets = grid_streets()
    mixed = incident_frame(
        np.vstack([discovered, reported]),
        reporting=["discovered"] * len(discovered) + ["reported"] * len(reported),
    )
    alone = rank_hotspots(streets, incident_frame(reported))
    pd.testing.assert_frame_equal(rank_hotspots(streets, mixed), alone)
    unmarked = rank_hotspots(streets, mixed.drop(columns="reporting"))
    assert unmarked["name_en"].iloc[0] == "East 4"


def test_order_of_streets_decides_nothing_even_between_equals():
    streets = grid_streets()
    incidents = incident_frame([(255, 200), (255, 600), (545, 200), (545, 600)])
    found = rank_hotspots(streets, incidents)
    assert list(found["street"]) == ["e2-2", "e2-5", "e6-2", "e6-5"]
    for seed in range(5):
        shuffled = streets.iloc[np.random.default_rng(seed).permutation(len(streets))]
        again = rank_hotspots(shuffled, incidents)
        assert list(again["street"]) == list(found["street"])
        assert again.geometry.geom_equals_exact(found.geometry, 1e-9).all()


def test_streets_of_several_index_levels_keep_their_labels():
    streets = grid_streets()
    streets.loc[["e2-2", "n7-3"], ["name_th", "name_en"]] = ""
    incidents = incident_frame(planted(0))
    expected = rank_hotspots(streets, incidents)
    assert expected["name_en"].str.startswith("near ").any()
    pairs = [tuple(label.split("-")) for label in streets.index]
    several = streets.set_index(pd.MultiIndex.from_tuples(pairs, names=["lane", "block"]))
    found = rank_hotspots(several, incidents)
    assert ["-".join(label) for label in found["street"]] == expected["street"].tolist()
    rest = expected.columns.drop("street")
    pd.testing.assert_frame_equal(found[rest], expected[rest])
    none = rank_hotspots(several, incident_frame([]))
    assert none["street"].dtype == found["street"].dtype


def test_unnamed_streets_are_named_after_the_nearest_named_street():
    streets = street_frame(
        [
            ("t", "ถนนถลาง", "Thalang Road", [(0, 0), (300, 0)]),
            ("d", "ถนนดีบุก", "Dibuk Road", [(0, 200), (300, 200)]),
            ("soi-1", "", "", [(300, 0), (300, 80)]),
            ("soi-2", "", "", [(300, 80), (300, 200)]),
        ]
    )
    low = rank_hotspots(streets, incident_frame([(300, 60)] * 3), bandwidth_m=15.0)
    assert list(low["name_en"]) == ["near Thalang Road"]
    assert list(low["name_th"]) == ["ใกล้ถนนถลาง"]
    high = rank_hotspots(streets, incident_frame([(300, 150)] * 3), bandwidth_m=15.0)
    assert list(high["name_en"]) == ["near Dibuk Road"]


def test_a_name_known_in_one_language_stands_for_both():
    streets = street_frame([("a", "ซอยรมณีย์", "", [(0, 0), (200, 0)])])
    found = rank_hotspots(streets, incident_frame([(50, 0)]))
    assert list(found["name_th"]) == list(found["name_en"]) == ["ซอยรมณีย์"]


def test_streets_without_any_name_say_so():
    streets = street_frame([("a", "", "", [(0, 0), (200, 0)])]).drop(columns=["name_th", "name_en"])
    found = rank_hotspots(streets, incident_frame([(50, 0)]))
    assert list(found["name_en"]) == ["unnamed street"]
    assert list(found["name_th"]) == ["ถนนไม่มีชื่อ"]


@pytest.mark.parametrize("reporting", [None, "discovered"])
def test_no_reported_incidents_give_no_rows_of_the_same_columns(reporting):
    streets = grid_streets(3)
    incidents = (
        incident_frame([]) if reporting is None else incident_frame([(5, 5)], reporting=[reporting])
    )
    found = rank_hotspots(streets, incidents)
    assert len(found) == 0
    assert list(found.columns) == [*COLUMNS, "geometry"]
    assert found.crs == streets.crs
    full = rank_hotspots(streets, incident_frame([(5, 5)]))
    assert list(found.dtypes) == list(full.dtypes)


def test_count_limits_the_rows_to_the_first():
    streets, incidents = grid_streets(), incident_frame(planted(0))
    every = rank_hotspots(streets, incidents, count=50)
    pd.testing.assert_frame_equal(rank_hotspots(streets, incidents, count=2), every.head(2))
    pd.testing.assert_frame_equal(rank_hotspots(streets, incidents, count=10**30), every)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"count": 0}, "Expected whole `count` >= 1, got 0"),
        ({"count": 2.5}, "Expected whole `count` >= 1, got 2.5"),
        ({"count": np.inf}, "Expected whole `count` >= 1, got inf"),
        ({"count": np.nan}, "Expected whole `count` >= 1, got nan"),
        ({"max_length_m": 5.0}, "Expected `max_length_m` >= `lixel_m`"),
        ({"max_length_m": np.nan}, "Expected `max_length_m` >= `lixel_m`"),
        ({"bandwidth_m": 0.0}, "Expected `bandwidth_m` > 0"),
        ({"lixel_m": 0.0}, "Expected `lixel_m` > 0"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    with pytest.raises(ParameterError, match=message):
        rank_hotspots(grid_streets(3), incident_frame([(5, 5)]), **changed)


def test_incidents_without_a_place_are_named():
    incidents = gpd.GeoDataFrame(geometry=[Point(1, 1), Point()], crs=CRS)
    with pytest.raises(LayerError, match="row 2"):
        rank_hotspots(grid_streets(3), incidents)


@pytest.mark.parametrize("seed", range(3))
def test_every_incident_knows_its_hotspot(seed):
    incidents = incident_frame(planted(seed))
    incidents.index = [f"inc-{number}" for number in range(len(incidents))]
    found = find_hotspots(grid_streets(), incidents, count=4)
    assert list(found.rank_of.index) == list(incidents.index)
    counted = found.rank_of.value_counts().sort_index()
    assert counted.to_dict() == found.table.set_index("rank")["incidents"].to_dict()
    assert found.rank_of.isna().sum() == len(incidents) - found.table["incidents"].sum()
    snapped = found.table.set_index("rank").geometry.loc[found.rank_of.dropna().astype(int)]
    placed = incidents.geometry[found.rank_of.notna()].reset_index(drop=True)
    away = placed.distance(snapped.reset_index(drop=True))
    assert away.max() <= 50


def test_an_incident_of_tomorrow_is_refused_where_an_instant_is_given():
    incidents = incident_frame(
        [(5, 5), (6, 5)],
        occurred_at=pd.to_datetime(["2026-01-01", "2026-01-03"], utc=True),
    )
    as_of = pd.Timestamp("2026-01-02", tz="UTC")
    with pytest.raises(LayerError, match="row 2, `occurred_at`: expected an instant up to"):
        find_hotspots(grid_streets(3), incidents, as_of=as_of)
    assert len(find_hotspots(grid_streets(3), incidents.iloc[:1], as_of=as_of).table) == 1


def test_police_work_is_refused():
    incidents = incident_frame([(5, 5), (6, 5)], category=["theft", "arrest"])
    with pytest.raises(LayerError, match="row 2"):
        rank_hotspots(grid_streets(3), incidents)


@pytest.mark.parametrize("count", [1, 50])
def test_incidents_all_on_one_point_make_one_hotspot(count):
    found = rank_hotspots(grid_streets(3), incident_frame([(50, 0)] * count))
    assert found["incidents"].tolist() == [count]
    assert found["share"].tolist() == [1.0]


@pytest.mark.parametrize("ask", [find_hotspots, partial(street_clusters, seed=0)])
def test_faults_are_named_at_once_by_the_rows_of_the_whole_layer(ask):
    incidents = incident_frame(
        [(5, 5), (np.nan, 5), (6, 5)],
        reporting=["discovered", "reported", "reported"],
        category=["theft", "theft", "arrest"],
    )
    with pytest.raises(LayerError) as caught:
        ask(grid_streets(3), incidents)
    assert [(fault.source, fault.row, fault.field) for fault in caught.value.faults] == [
        ("incidents", 2, "geometry"),
        ("incidents", 3, "category"),
    ]


@pytest.mark.parametrize("nothing", [gpd.GeoDataFrame(), pd.DataFrame({"occurred_at": []})])
@pytest.mark.parametrize("ask", [rank_hotspots, partial(street_clusters, seed=0)])
def test_a_table_without_rows_needs_no_geometry(ask, nothing):
    ask(grid_streets(3), nothing)


def test_streets_without_a_geometry_column_are_one_fault():
    with pytest.raises(LayerError, match="streets, `geometry`: expected a geometry column"):
        rank_hotspots(gpd.GeoDataFrame({"name_en": ["A"]}), incident_frame([(5, 5)]))
