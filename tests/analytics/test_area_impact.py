from datetime import UTC, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from analytics import area_impact
from analytics.area_impact import Period, impact_on_areas
from analytics.impact import displacement_difference
from geo.errors import LayerError, ParameterError

CRS = "EPSG:32647"
MEASURE = datetime(2026, 1, 1, tzinfo=UTC)
BEFORE = Period(MEASURE - timedelta(days=100), MEASURE)
AFTER = Period(MEASURE, MEASURE + timedelta(days=50))
TREATED = gpd.GeoSeries([box(0, 0, 50, 100), box(50, 0, 100, 100)], crs=CRS)
CONTROL = gpd.GeoSeries([box(500, 0, 600, 100)], crs=CRS)


def incidents(count=400, seed=0):
    rng = np.random.default_rng(seed)
    days = rng.uniform(-120, 70, count)
    return gpd.GeoDataFrame(
        {
            "category": "theft",
            "reporting": rng.choice(["reported", "discovered"], count, p=[0.8, 0.2]),
            "occurred_at": [MEASURE + timedelta(days=float(day)) for day in days],
        },
        geometry=gpd.points_from_xy(rng.uniform(-100, 700, count), rng.uniform(-80, 180, count)),
        crs=CRS,
    )


def compared(layer, **changed):
    arguments = {
        "treated": TREATED,
        "control": CONTROL,
        "buffer_m": 40.0,
        "before": BEFORE,
        "after": AFTER,
    }
    return impact_on_areas(layer, **arguments | changed)


def counted_by_hand(layer):
    """Count each incident by plain coordinates and comparisons."""
    counts = dict.fromkeys(["treated", "control", "treated_buffer", "control_buffer"], 0)
    table = {name: {"before": 0, "after": 0} for name in counts}
    for row in layer.itertuples():
        if row.reporting != "reported":
            continue
        if BEFORE.start <= row.occurred_at < BEFORE.end:
            period = "before"
        elif AFTER.start <= row.occurred_at < AFTER.end:
            period = "after"
        else:
            continue
        for name, left in (("treated", 0), ("control", 500)):
            x, y = row.geometry.x - left, row.geometry.y
            out = np.hypot(max(-x, x - 100, 0), max(-y, y - 100, 0))
            if out == 0:
                table[name][period] += 1
            elif out <= 40:
                table[f"{name}_buffer"][period] += 1
    return pd.DataFrame(table).T


def test_counts_are_those_of_a_count_by_hand():
    layer = incidents()
    found = compared(layer)
    expected = counted_by_hand(layer)
    assert expected.to_numpy().min() > 3
    pd.testing.assert_frame_equal(found.counts, expected, check_names=False)
    again = displacement_difference(
        *(tuple(expected.loc[name]) for name in ("treated", "control")),
        treated_buffer=tuple(expected.loc["treated_buffer"]),
        control_buffer=tuple(expected.loc["control_buffer"]),
        period_days=(100, 50),
    )
    assert found.total == again.total


def test_discovered_incidents_let_in_are_caught(monkeypatch):
    layer = incidents()
    monkeypatch.setattr(
        area_impact, "examine_reporting", lambda layer, **_: (np.ones(len(layer), bool), [])
    )
    assert not compared(layer).counts.equals(counted_by_hand(layer))


def test_edges_belong_to_the_area_and_the_buffer_and_periods_end_before_their_end():
    places = [(0, 50), (-40, 50), (-40.001, 50), (500, 0), (550, 140)]
    layer = gpd.GeoDataFrame(
        {"occurred_at": [BEFORE.start, BEFORE.end, BEFORE.start, AFTER.end, AFTER.start]},
        geometry=[Point(*place) for place in places],
        crs=CRS,
    )
    counts = compared(layer).counts
    assert counts.loc["treated"].tolist() == [1, 0]
    assert counts.loc["treated_buffer"].tolist() == [0, 1]
    assert counts.loc["control"].tolist() == [0, 0]
    assert counts.loc["control_buffer"].tolist() == [0, 1]


def test_without_a_buffer_only_the_areas_count():
    counts = compared(incidents(), buffer_m=0).counts
    assert not counts.loc[["treated_buffer", "control_buffer"]].to_numpy().any()


def test_areas_whose_buffers_meet_are_refused():
    with pytest.raises(
        LayerError, match="control, `geometry`: expected a control farther than two"
    ):
        compared(incidents(), buffer_m=200.0)
    with pytest.raises(LayerError, match="farther than two buffers"):
        compared(incidents(), control=TREATED, buffer_m=0)


def test_every_fault_of_every_layer_is_named_at_once():
    layer = incidents(4)
    layer["occurred_at"] = layer["occurred_at"].astype(object)
    layer.loc[1, "occurred_at"] = None
    layer.loc[2, "category"] = "arrest"
    layer.loc[3, "geometry"] = None
    with pytest.raises(LayerError) as error:
        compared(layer, control=CONTROL.iloc[:0], treated=TREATED.to_crs("EPSG:4326"))
    told = [(fault.source, fault.row, fault.field) for fault in error.value.faults]
    assert told[:3] == [
        ("incidents", 2, "occurred_at"),
        ("incidents", 3, "category"),
        ("incidents", 4, "geometry"),
    ]
    assert ("treated", None, "geometry") in told
    assert ("control", None, None) in told


def test_incidents_without_times_are_refused():
    with pytest.raises(LayerError, match="`occurred_at`: expected the column"):
        compared(incidents().drop(columns="occurred_at"))


def test_no_incident_in_either_area_is_told():
    with pytest.raises(ParameterError, match="Expected at least one incident"):
        compared(incidents(0))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"buffer_m": -1}, "Expected finite `buffer_m` >= 0, got -1"),
        ({"buffer_m": np.inf}, "Expected finite `buffer_m` >= 0, got inf"),
        ({"before": Period(MEASURE, BEFORE.start)}, "Expected `before` to end after its start"),
        ({"after": BEFORE}, "Expected `after` to start at or after the end of `before`"),
        (
            {"after": Period(*(at.replace(tzinfo=None) for at in AFTER))},
            "Expected `after` with offsets from UTC",
        ),
        (
            {"after": Period(AFTER.start.date(), AFTER.end.date())},
            "Expected `after` as a Period of two instants, got Period",
        ),
        ({"before": None}, "Expected `before` as a Period of two instants, got None"),
        ({"before": Period("2024", None)}, "Expected `before` as a Period of two instants"),
        ({"confidence": 0}, "Expected 0 < `confidence` < 1, got 0"),
    ],
)
def test_bad_arguments_are_named(changed, message):
    with pytest.raises(ParameterError, match=message):
        compared(incidents(20), **changed)
