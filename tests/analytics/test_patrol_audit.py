import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from shapely import LineString, Point

from analytics import patrol_audit
from analytics.patrol_audit import audit_patrols, minutes_of_stops
from geo.errors import LayerError, ParameterError
from geo.zone import Zone

CRS = "EPSG:32647"


def streets(count=4):
    """Return parallel streets, the first two of one name."""
    names = ["a", "a", *"bcdefgh"][:count]
    return gpd.GeoDataFrame(
        {"name_th": [f"ถนน {name}" for name in names], "name_en": names},
        index=[f"s{number}" for number in range(count)],
        geometry=[LineString([(0, 10 * row), (100, 10 * row)]) for row in range(count)],
        crs=CRS,
    )


def incidents(*counts, discovered=()):
    """Return so many reported incidents on each street, and further discovered ones."""
    rows = [
        {"reporting": how, "category": "theft", "geometry": Point(50, 10 * street + 1)}
        for how, numbers in (("reported", counts), ("discovered", discovered))
        for street, number in enumerate(numbers)
        for _ in range(number)
    ]
    return gpd.GeoDataFrame(rows, columns=["reporting", "category", "geometry"], crs=CRS)


def minutes(*times):
    return pd.Series(times, index=[f"s{number}" for number in range(len(times))], dtype=float)


def test_shares_and_their_differences_are_those_worked_out_by_hand():
    audit = audit_patrols(streets(), minutes(30, 60, 10, 0), incidents(10, 10, 20, 0))
    table = audit.streets
    assert list(table.index) == ["s0", "s1", "s2", "s3"]
    assert table["name_en"].tolist() == ["a", "a", "b", "c"]
    assert table["patrol_share"].tolist() == [0.3, 0.6, 0.1, 0]
    assert table["incident_share"].tolist() == [0.25, 0.25, 0.5, 0]
    np.testing.assert_allclose(table["ratio"], [1.2, 2.4, 0.2, np.nan])
    np.testing.assert_allclose(table["difference"], [0.05, 0.35, -0.4, 0])
    assert (audit.minutes, audit.incidents) == (100, 40)
    assert audit.distance == pytest.approx(0.4)
    assert table["verdict"].tolist() == ["unclear", "over", "under", "unclear"]
    assert audit.most_over[:3] == ("s1", "ถนน a", "a")
    assert audit.most_under[:3] == ("s2", "ถนน b", "b")
    assert (audit.most_over.verdict, audit.most_under.verdict) == ("over", "under")


def test_intervals_are_the_exact_ones_of_scipy_for_all_streets_together():
    counts = (0, 3, 17, 1)
    table = audit_patrols(streets(), minutes(1, 1, 1, 1), incidents(*counts), confidence=0.9)
    for row, count in zip(table.streets.itertuples(), counts, strict=True):
        exact = binomtest(count, sum(counts)).proportion_ci(1 - 0.1 / 4, method="exact")
        assert (row.share_low, row.share_high) == pytest.approx((exact.low, exact.high))
        assert row.difference_low == pytest.approx(0.25 - exact.high)
        assert row.difference_high == pytest.approx(0.25 - exact.low)


def test_few_incidents_accuse_no_street():
    audit = audit_patrols(streets(), minutes(1, 1, 1, 1), incidents(2, 0, 0, 0))
    assert set(audit.streets["verdict"]) == {"unclear"}
    assert audit.streets["ratio"].tolist() == [0.25, np.inf, np.inf, np.inf]


def test_patrols_that_stand_right_are_seldom_called_wrong():
    rng, wrong = np.random.default_rng(0), []
    share = np.array([0.05, 0.15, 0.3, 0.5])
    for _ in range(150):
        counts = rng.multinomial(60, share)
        audit = audit_patrols(streets(), minutes(*share), incidents(*counts))
        wrong.append((audit.streets["verdict"] != "unclear").any())
    assert np.mean(wrong) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 150)


@pytest.mark.parametrize("total", [1, 7, 60])
def test_the_distance_by_chance_is_that_of_many_draws(total):
    share = np.array([0.05, 0.15, 0.8, 0.0])
    audit = audit_patrols(streets(), minutes(*share), incidents(0, 0, total, 0))
    drawn = np.random.default_rng(1).multinomial(total, share, 20_000) / total
    distances = np.abs(drawn - share).sum(axis=1) / 2
    tolerance = 4 * distances.std() / np.sqrt(len(distances))
    assert abs(audit.chance_distance - distances.mean()) < tolerance


def test_discovered_incidents_do_not_count_and_let_in_they_are_caught(monkeypatch):
    times, found = minutes(5, 1, 1, 1), incidents(2, 4, 4, 4, discovered=(90, 0, 0, 0))
    clean = audit_patrols(streets(), times, incidents(2, 4, 4, 4))
    pd.testing.assert_frame_equal(audit_patrols(streets(), times, found).streets, clean.streets)
    monkeypatch.setattr(
        patrol_audit, "examine_reporting", lambda layer, **_: (np.ones(len(layer), bool), [])
    )
    fooled = audit_patrols(streets(), times, found)
    assert fooled.streets.loc["s0", "difference"] < 0 < clean.streets.loc["s0", "difference"]


def test_rows_of_one_street_may_count_together():
    audit = audit_patrols(streets(), minutes(30, 60, 10, 0), incidents(10, 10, 20, 0), by="name_en")
    assert list(audit.streets.index) == ["a", "b", "c"]
    assert audit.streets["minutes"].tolist() == [90, 10, 0]
    assert audit.streets["incidents"].tolist() == [20, 20, 0]
    assert audit.streets.loc["a", "name_th"] == "ถนน a"
    assert audit.distance == pytest.approx(0.4)


def test_without_incidents_or_without_patrols_nothing_is_told():
    calm = audit_patrols(streets(), minutes(1, 1), incidents())
    assert calm.streets["incident_share"].isna().all()
    assert (calm.streets["share_low"].eq(0) & calm.streets["share_high"].eq(1)).all()
    idle = audit_patrols(streets(), minutes(), incidents(1, 2, 3, 4))
    assert idle.streets["patrol_share"].isna().all()
    for audit in (calm, idle):
        assert np.isnan(audit.distance)
        assert np.isnan(audit.chance_distance)
        assert (audit.most_over, audit.most_under) == (None, None)
        assert set(audit.streets["verdict"]) == {"unclear"}


def test_one_street_has_all_of_both():
    audit = audit_patrols(streets(1), minutes(4), incidents(3))
    assert (audit.distance, audit.chance_distance) == (0, 0)
    assert audit.streets[["patrol_share", "incident_share", "share_high"]].to_numpy().tolist() == [
        [1, 1, 1]
    ]


def stops(*places, stays_min=(10.0,)):
    arrives = pd.Timestamp("2026-01-01T13:00:00Z")
    return gpd.GeoDataFrame(
        {
            "arrives_at": [arrives] * len(places),
            "leaves_at": [arrives + pd.Timedelta(minutes=stay) for stay in stays_min],
        },
        geometry=[Point(*place) for place in places],
        crs=CRS,
    )


def test_stops_count_on_the_street_nearest_to_them():
    plan = stops((5, 1), (50, 9), (99, 11), (50, 33), stays_min=(10.0, 12.5, 7.5, 0.5))
    time = minutes_of_stops(streets(), plan)
    assert time.to_dict() == {"s0": 10, "s1": 20, "s2": 0, "s3": 0.5}
    assert minutes_of_stops(streets(), plan[:0]).eq(0).all()
    assert audit_patrols(streets(), time, incidents(1)).minutes == 30.5


def test_the_zone_can_be_audited(root):
    zone = Zone.load(root / "data" / "old_town")
    length_m = zone.streets.length
    audit = audit_patrols(zone.streets, length_m, zone.incidents, by="street")
    assert audit.incidents == (zone.incidents["reporting"] == "reported").sum()
    assert audit.distance > audit.chance_distance > 0
    assert audit.most_under.verdict == "under"


def test_every_fault_is_named_at_once():
    layer = incidents(1, 1, 1)
    layer.loc[1, "category"] = "ID check"
    layer.loc[2, "geometry"] = None
    times = pd.Series([1.0, -1.0, np.nan, 1.0], index=["s0", "s1", "s2", "elsewhere"])
    with pytest.raises(LayerError) as error:
        audit_patrols(streets(), times, layer)
    assert {(fault.source, fault.row) for fault in error.value.faults} == {
        ("incidents", 2),
        ("incidents", 3),
        ("minutes", 2),
        ("minutes", 3),
        ("minutes", 4),
    }


def test_repeated_labels_and_no_streets_are_refused():
    with pytest.raises(LayerError, match="minutes, row 2: expected an index label of its own"):
        audit_patrols(streets(), pd.Series([1.0, 2.0], index=["s0", "s0"]), incidents())
    with pytest.raises(LayerError, match="streets: expected at least one street"):
        audit_patrols(streets()[:0], minutes(), incidents())
    with pytest.raises(LayerError, match="incidents, `geometry`: expected the coordinate"):
        audit_patrols(streets(), minutes(), incidents(1).to_crs("EPSG:4326"))


def test_stops_that_end_before_they_begin_or_have_no_times_are_refused():
    with pytest.raises(LayerError, match="stops, row 1: expected an end at or after the start"):
        minutes_of_stops(streets(), stops((0, 0), stays_min=(-1.0,)))
    with pytest.raises(LayerError, match="`leaves_at`: expected the column"):
        minutes_of_stops(streets(), stops((0, 0)).drop(columns="leaves_at"))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"by": "ward"}, "Expected `by` among the columns of the streets, got 'ward'"),
        ({"confidence": 1.5}, "Expected 0 < `confidence` < 1, got 1.5"),
    ],
)
def test_bad_arguments_are_named(changed, message):
    with pytest.raises(ParameterError, match=message):
        audit_patrols(streets(), minutes(1), incidents(1), **changed)


def test_patrol_times_that_are_no_numbers_and_stops_without_instants_are_named(root):
    zone = Zone.load(root / "data" / "old_town")
    minutes = pd.Series([5.0, None, "long"], index=zone.streets.index[:3], dtype="object")
    with pytest.raises(LayerError) as caught:
        audit_patrols(zone.streets, minutes, zone.incidents)
    assert [(fault.source, fault.row) for fault in caught.value.faults] == [
        ("minutes", 2),
        ("minutes", 3),
    ]
    stops = zone.places[["geometry"]].assign(
        arrives_at=pd.Timestamp("2026-01-01", tz="UTC"), leaves_at=pd.Timestamp("2026-01-01")
    )
    with pytest.raises(LayerError, match="stops, `leaves_at`: expected instants with their time"):
        minutes_of_stops(zone.streets, stops)
