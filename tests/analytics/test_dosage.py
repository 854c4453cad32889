import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from analytics import dosage
from analytics.dosage import (
    VERDICTS,
    audit_stops,
    dosage_by_hotspot,
    dosage_by_street,
    minutes_by_street,
    stays,
    stop_stretches,
)
from analytics.passages import minutes_of, stretches_of
from analytics.patrol_audit import audit_patrols
from analytics.planned_passages import planned_passages
from geo.errors import ParameterError
from geo.map_matching import match_track
from tests.analytics.dosage_cases import CRS, after, graph, passages, plan, streets
from tests.geo.track_cases import recorded

PLANNED = passages(("a", 0, 200, 0, 4), ("a", 200, 200, 4, 19), ("b", 0, 100, 21, 23))


def lines(*shapes, labels=None):
    return gpd.GeoSeries(list(shapes), index=labels or range(len(shapes)), crs=CRS)


def test_minutes_of_streets_feed_the_audit_of_patrols():
    minutes = minutes_by_street(PLANNED, streets())
    assert minutes.to_dict() == {"a": 19.0, "b": 2.0}
    incidents = gpd.GeoDataFrame(
        {"reporting": "reported", "category": "theft"},
        geometry=[Point(10, 0), Point(300, 50)],
        index=[0, 1],
        crs=CRS,
    )
    audit = audit_patrols(streets(), minutes, incidents)
    assert audit.streets["patrol_share"].tolist() == pytest.approx([19 / 21, 2 / 21])
    assert minutes_by_street(PLANNED.iloc[:0], streets()).tolist() == [0, 0]


def test_minutes_are_told_by_unit_and_street():
    other = passages(("b", 0, 0, 0, 7), unit="foot-2")
    table = dosage_by_street(PLANNED, pd.concat([other, PLANNED.iloc[[1]]]))
    assert table.to_numpy().tolist() == [
        ["foot-1", "a", 19.0, 15.0],
        ["foot-1", "b", 2.0, 0.0],
        ["foot-2", "b", 0.0, 7.0],
    ]


def test_minutes_in_a_hotspot_are_those_within_its_stretch():
    stretch = stretches_of(graph(), lines(LineString([(150, 0), (300, 0)]), labels=["h1"]))
    table = dosage_by_hotspot(PLANNED, PLANNED.iloc[:1], stretch)
    assert table.to_numpy().tolist() == [["foot-1", "h1", 16.0, 1.0]]
    assert dosage_by_hotspot(PLANNED.iloc[:0], PLANNED.iloc[:0], stretch).empty


def test_a_stop_reaches_into_every_street_around_it():
    found = stop_stretches(graph(), lines(Point(290, 0), labels=["s"]), reach_m=30.0)
    assert found["line"].tolist() == ["s", "s"]
    ends = found.set_index("street")[["from_m", "to_m"]]
    assert ends.loc["a"].tolist() == [260, 300]
    # The circle is a polygon of many corners.
    assert ends.loc["b", "to_m"] == pytest.approx(np.sqrt(30**2 - 10**2), abs=0.2)


PLACE = pd.DataFrame({"line": ["p"], "street": ["a"], "from_m": [90.0], "to_m": [110.0]})


def test_a_short_absence_does_not_end_a_stay():
    walked = passages(
        ("a", 100, 100, 0, 5),
        ("a", 150, 150, 5, 5.5),
        ("a", 100, 100, 5.5, 8),
        ("a", 200, 200, 8, 10),
        ("a", 95, 95, 10, 12),
    )
    found = stays(walked, PLACE, bridge_s=60.0)
    assert found["minutes"].tolist() == [7.5, 2.0]
    assert found["arrived_at"].tolist() == [after(0), after(10)]
    assert found["left_at"].tolist() == [after(8), after(12)]
    assert len(stays(walked, PLACE, bridge_s=0.0)) == 3
    assert stays(walked.iloc[:0], PLACE, bridge_s=0.0).empty


def test_another_unit_at_the_place_is_another_stay():
    walked = pd.concat(
        [passages(("a", 100, 100, 0, 5)), passages(("a", 100, 100, 5, 9), unit="foot-2")]
    )
    assert stays(walked, PLACE, bridge_s=60.0)["unit"].tolist() == ["foot-1", "foot-2"]


def audited(*spent, tolerance_s=900.0):
    """Return verdict and minutes of the two planned stops of 15 and 10 minutes."""
    _, stops = plan()
    at = stop_stretches(graph(), stops.geometry, reach_m=30.0)
    planned = stays(passages(("a", 200, 200, 4, 19), ("b", 100, 100, 23, 33)), at, bridge_s=60.0)
    found = stays(passages(*spent), at, bridge_s=60.0)
    table = audit_stops(stops, planned, found, tolerance_s=tolerance_s)
    assert table["planned_min"].tolist() == [15.0, 10.0]
    return list(zip(table["verdict"], table["spent_min"], strict=True))


@pytest.mark.parametrize(
    ("minutes", "verdict"),
    [(0.5, "missed"), (8.9, "short"), (9.5, "kept"), (12, "kept"), (16.9, "kept"), (17, "long")],
)
def test_a_stop_is_judged_by_its_minutes(minutes, verdict):
    assert verdict in VERDICTS
    assert audited(("a", 205, 205, 6, 6 + minutes))[0] == (verdict, pytest.approx(minutes))


def test_a_stay_far_from_its_time_or_place_does_not_count():
    assert audited(("a", 200, 200, 60, 75)) == [("missed", 0.0), ("missed", 0.0)]
    assert audited(("a", 200, 200, 60, 75), tolerance_s=3600.0)[0] == ("kept", 15.0)
    assert audited(("a", 50, 50, 4, 19))[0] == ("missed", 0.0)


def test_two_stops_at_one_place_share_no_stay():
    _, stops = plan()
    stops = stops.set_geometry([Point(200, 0), Point(200, 0)], crs=CRS)
    at = stop_stretches(graph(), stops.geometry, reach_m=30.0)
    found = stays(passages(("a", 200, 200, 5, 17), ("a", 200, 200, 24, 34)), at, bridge_s=60.0)
    table = audit_stops(stops, found, found, tolerance_s=3600.0)
    assert table["spent_min"].tolist() == [12.0, 10.0]


def walked_minutes(noise_m=8.0):
    """Return minutes planned and found when an officer follows the plan."""
    planned = planned_passages(graph(), *plan())
    track = recorded(graph(), planned, every_s=5.0, noise_m=noise_m, rng=np.random.default_rng(3))
    spent = match_track(graph(), track).passages.assign(unit="foot-1")
    return dosage_by_street(planned, spent)


def test_who_follows_the_plan_spends_what_was_planned():
    table = walked_minutes()
    np.testing.assert_allclose(table["spent_min"], table["planned_min"], atol=1.0)


def test_minutes_counted_twice_would_be_found_out(monkeypatch):
    monkeypatch.setattr(dosage, "minutes_of", lambda passages: 2 * minutes_of(passages))
    table = walked_minutes()
    assert (table["spent_min"] > 30).any()


def test_arguments_out_of_range_are_refused():
    with pytest.raises(ParameterError, match="reach_m"):
        stop_stretches(graph(), lines(Point(0, 0)), reach_m=0.0)
    with pytest.raises(ParameterError, match="bridge_s"):
        stays(PLANNED, PLACE, bridge_s=-1.0)
    with pytest.raises(ParameterError, match="tolerance_s"):
        audit_stops(plan()[1], PLANNED, PLANNED, tolerance_s=np.nan)
