import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from analytics import planned_passages as module
from analytics.passages import minutes_of
from analytics.patrol_audit import minutes_of_stops
from analytics.planned_passages import planned_passages
from geo.errors import LayerError
from geo.street_graph import StreetGraph
from geo.zone import Zone
from planning.patrol import PatrolParams, plan_patrol
from planning.units import read_units
from tests.analytics.dosage_cases import CRS, after, graph, plan

TONIGHT = pd.Timestamp("2026-03-06").date()


def told(frame):
    minutes = (frame["starts_at"] - after(0)).dt.total_seconds() / 60
    ends = (frame["ends_at"] - after(0)).dt.total_seconds() / 60
    rows = zip(frame["street"], frame["from_m"], frame["to_m"], minutes, ends, strict=True)
    return [(street, *(round(float(number), 6) for number in rest)) for street, *rest in rows]


def test_a_tour_is_passed_as_by_hand():
    found = planned_passages(graph(), *plan())
    assert told(found) == [
        ("a", 0, 200, 0, 4),
        ("a", 200, 200, 4, 19),
        ("a", 200, 300, 19, 21),
        ("b", 0, 100, 21, 23),
        ("b", 100, 100, 23, 33),
        ("b", 100, 0, 33, 35),
        ("a", 300, 0, 35, 41),
    ]
    assert set(found["unit"]) == {"foot-1"}


def test_time_that_a_leg_leaves_is_waited_where_it_ends():
    tours, stops = plan(ends_at=after(51))
    stops.loc["two", ["arrives_at", "leaves_at"]] = [after(33), after(43)]
    assert told(planned_passages(graph(), tours, stops))[2:5] == [
        ("a", 200, 300, 19, 21),
        ("b", 0, 100, 21, 23),
        ("b", 100, 100, 23, 43),
    ]


def test_a_way_to_and_fro_is_not_cut_where_it_comes_by_first():
    line = LineString([(0, 0), (250, 0), (100, 0), (300, 0)])
    tours = gpd.GeoDataFrame(
        [{"unit": "x", "starts_at": after(0), "ends_at": after(20)}], geometry=[line], crs=CRS
    )
    stops = gpd.GeoDataFrame(
        {
            "unit": "x",
            "order": [2, 1],
            "arrives_at": [after(15), after(5)],
            "leaves_at": [after(16), after(12)],
        },
        geometry=[Point(100, 0), Point(250, 0)],
        crs=CRS,
    )
    found = planned_passages(graph(), tours, stops)
    assert [row[1:3] for row in told(found)][:4] == [(0, 250), (250, 250), (250, 100), (100, 100)]


@pytest.fixture(scope="module")
def old_town(request):
    folder = request.config.rootpath / "data" / "old_town"
    zone = Zone.load(folder)
    units = read_units(folder / "units.toml", crs=zone.crs, night=TONIGHT, timezone=zone.timezone)[
        :3
    ]
    points = gpd.GeoDataFrame(
        {
            "name_th": "จุด",
            "name_en": [f"Point {n}" for n in range(15)],
            "reason_th": "",
            "reason_en": "",
            "weight": 1.0,
            "dwell_s": np.linspace(300, 900, 15),
        },
        geometry=zone.streets.geometry.iloc[5:65:4].interpolate(0.4, normalized=True).array,
        crs=zone.crs,
    )
    params = PatrolParams(iterations=30, time_limit_s=5.0)
    planned = plan_patrol(zone, units, points, params=params, seed=1)
    return zone, planned


def test_a_plan_of_the_old_town_takes_all_its_time_and_its_stops(old_town):
    zone, planned = old_town
    tours, stops = planned.tours_layer(), planned.stops_layer()
    found = planned_passages(StreetGraph.from_streets(zone.streets), tours, stops)
    minutes = pd.Series(minutes_of(found)).groupby(found["unit"].to_numpy()).sum()
    lasts = (tours["ends_at"] - tours["starts_at"]).dt.total_seconds() / 60
    np.testing.assert_allclose(minutes[tours["unit"]], lasts, atol=0.01)
    moved_m = (found["to_m"] - found["from_m"]).abs().groupby(found["unit"]).sum()
    np.testing.assert_allclose(moved_m[tours["unit"]], tours.length, rtol=0.002)
    still = found[found["from_m"] == found["to_m"]]
    stood = pd.Series(minutes_of(still)).groupby(still["street"].to_numpy()).sum()
    stopped = minutes_of_stops(zone.streets, stops)
    assert (stood.reindex(stopped.index).fillna(0) >= stopped - 0.01).all()


def test_units_without_stops_only_move():
    tours, stops = plan()
    found = planned_passages(graph(), tours, stops.iloc[:0])
    assert minutes_of(found).sum() == pytest.approx(41)
    assert planned_passages(graph(), tours.iloc[:0], stops).empty


def test_where_a_mode_may_not_go_it_stops_where_its_tour_comes_nearest():
    tours, stops = plan()
    stops = stops.set_geometry([Point(200, 3), Point(300, 190)], crs=CRS)
    assert told(planned_passages(graph(), tours, stops)) == told(planned_passages(graph(), *plan()))


def test_every_stop_off_its_tour_and_time_that_falls_is_named():
    tours, stops = plan()
    stops = stops.set_geometry([Point(200, 3), Point(300, 190)], crs=CRS)
    stops.loc["one", "leaves_at"] = after(3)
    with pytest.raises(LayerError) as refused:
        planned_passages(graph(), tours, stops, reach_m=80)
    assert [fault.row for fault in refused.value.faults] == [2, None]
    assert "foot-1" in refused.value.faults[0].source


def test_stops_put_elsewhere_on_the_tour_would_be_found_out(monkeypatch):
    right = told(planned_passages(graph(), *plan()))
    exact = module._along
    monkeypatch.setattr(module, "_along", lambda *given: [at / 2 for at in exact(*given)])
    assert told(planned_passages(graph(), *plan())) != right
