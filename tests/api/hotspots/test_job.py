"""The job: every figure by a second way, and what must not count does not."""

from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas import GeoDataFrame

import api.hotspots.record
from analytics.network_density import network_density
from analytics.time_profiles import weekday_hour_profile
from api.hotspots.job import STEPS, HotspotsInputs, run_hotspots
from api.hotspots.result import LAYERS, HotspotsParams
from api.hotspots.withheld import FEW
from geo.errors import LayerError, ParameterError
from geo.zone import Zone
from tests.api.hotspots.town import BUSY, DAY, PARAMS, SIDE, incidents

LATE = pd.Timestamp("2026-02-28T17:00:00Z")  # the day of the report begins


def run(inputs, layer=None, **changes):
    zone = inputs.zone if layer is None else replace(inputs.zone, incidents=layer)
    return run_hotspots(replace(inputs, zone=zone, **changes), seed=1, params=PARAMS)


def assert_same(one, other):
    """Assert that two results say the same of places, times and what to expect."""
    for name in LAYERS:
        pd.testing.assert_frame_equal(one.layers[name], other.layers[name])
    for name in ("week", "near_repeats", "forecast", "streets"):
        pd.testing.assert_frame_equal(getattr(one.tables, name), getattr(other.tables, name))
    assert one.forecast == other.forecast
    assert one.busiest == other.busiest


def test_steps_are_told_in_order(inputs):
    told = []
    parts = {}
    run_hotspots(
        inputs,
        seed=0,
        params=PARAMS,
        progress=told.append,
        advance=lambda done, of: parts.setdefault(told[-1], []).append((done, of)),
    )
    assert told == list(STEPS)
    assert list(parts) == ["stability", "trials"]
    for steps in parts.values():
        done, of = zip(*steps, strict=True)
        assert list(done) == sorted(done)
        assert done[-1] == of[-1]


def test_figures_are_counts_of_the_layer(inputs, result):
    layer = inputs.zone.incidents
    reported = layer[layer["reporting"] == "reported"]
    figures = result.figures
    assert (figures.reported, figures.discovered) == (len(reported), len(layer) - len(reported))
    assert figures.windows == reported["occurred_until"].notna().sum()
    local = reported["occurred_at"].dt.tz_convert("Asia/Bangkok").dt.date
    assert (figures.first, figures.last) == (local.min(), local.max())
    assert figures.age_days == (DAY - local.max()).days
    assert figures.later == 0
    assert figures.street_m == pytest.approx(6 * SIDE, rel=1e-4)


def test_the_busy_street_comes_first_and_its_incidents_are_counted(inputs, result):
    stretches = result.layers["hotspot_stretches"]
    assert stretches["name_en"].iloc[0] == BUSY
    assert stretches["rank"].tolist() == [1, 2, 3, 4]
    reported = inputs.zone.incidents[inputs.zone.incidents["reporting"] == "reported"]
    first = stretches.iloc[0]
    near = reported.distance(first.geometry) < 0.1  # metres: places are kept in degrees
    assert first["incidents"] == pytest.approx(near.sum(), abs=2)  # at its ends either may count
    assert (stretches["rank_low"] <= stretches["rank"]).all()
    assert (stretches["rank_high"] >= stretches["rank"]).all()
    assert result.layers["hotspot_areas"]["incidents"].iloc[0] > 0.3 * len(reported)


def test_what_happened_from_the_day_on_is_not_known(inputs, result):
    later = incidents(200, seed=8)
    later = later.set_index("late-" + later.index).rename_axis("id")
    later["occurred_at"] = LATE + pd.to_timedelta(np.arange(200), unit="h")
    later["occurred_until"] = pd.Series(pd.NaT, index=later.index, dtype="datetime64[us, UTC]")
    poisoned = pd.concat([inputs.zone.incidents, later])
    found = run(inputs, poisoned)
    assert_same(found, result)
    assert found.figures.later == 200
    assert replace(found.figures, later=0) == result.figures


def test_what_is_on_record_outside_the_zone_counts_nowhere(inputs, result):
    """Were it counted, it would be so on the street that is nearest to it."""
    away = incidents(200, seed=8)
    away = away.set_index("away-" + away.index).rename_axis("id")
    far = away.set_geometry(away.translate(0, SIDE + 500))
    found = run(inputs, pd.concat([inputs.zone.incidents, far]))
    assert_same(found, result)
    assert found.figures.outside == 200
    assert replace(found.figures, outside=0) == result.figures


def test_the_edge_of_the_zone_is_as_wide_as_its_boundary_is_sure(inputs, result):
    edge = inputs.zone.boundary.bounds[3]
    for beyond_m, outside in ((PARAMS.boundary_tolerance_m - 1, 0), (21, 1)):
        layer = inputs.zone.incidents.copy()
        layer.iloc[0, layer.columns.get_loc("geometry")] = shapely.Point(
            inputs.zone.boundary.centroid.x, edge + beyond_m
        )
        assert run(inputs, layer).figures.outside == outside
    assert result.figures.outside == 0


def test_what_the_police_discovered_counts_nowhere(inputs, result):
    layer = inputs.zone.incidents
    without = layer[layer["reporting"] == "reported"]
    found = run(inputs, without)
    assert_same(found, result)
    assert replace(found.figures, discovered=result.figures.discovered) == result.figures


def test_an_estimate_that_reads_discovered_incidents_is_caught(inputs, result, monkeypatch):
    monkeypatch.setattr(
        api.hotspots.record,
        "reported_incidents",
        lambda layer: layer.assign(reporting="reported"),
    )
    with pytest.raises(AssertionError):
        assert_same(run(inputs), result)


def test_police_work_is_refused_with_its_rows(inputs):
    layer = inputs.zone.incidents.copy()
    layer.iloc[[3, 9], layer.columns.get_loc("category")] = "arrest"
    with pytest.raises(LayerError) as refused:
        run(inputs, layer)
    assert len(refused.value.faults) == 2


def test_the_week_holds_every_reported_incident_once(inputs, result):
    layer = inputs.zone.incidents
    reported = layer[layer["reporting"] == "reported"]
    week = weekday_hour_profile(reported, timezone="Asia/Bangkok")
    pd.testing.assert_frame_equal(result.tables.week, week)
    assert week.to_numpy().sum() == pytest.approx(len(reported))


def test_streets_share_patrols_and_incidents_as_by_hand(inputs, result):
    """Each street name is one street; what is nearest to it counts for it."""
    streets, table = inputs.zone.streets, result.tables.streets
    reported = inputs.zone.incidents[inputs.zone.incidents["reporting"] == "reported"]
    whole = streets.dissolve("name_en").geometry
    sole = Counter()
    doubtful = 0
    for point in reported.geometry:
        away = whole.distance(point)
        nearest = away[away < away.min() + 1e-6]
        doubtful += len(nearest) > 1
        sole[nearest.index[0]] += 1
    rows = table.set_index("name_en")
    assert rows["incidents"].sum() == len(reported)
    for name in whole.index:
        assert abs(rows.loc[name, "incidents"] - sole[name]) <= doubtful
    minutes = rows["minutes"]
    assert minutes[minutes > 0].to_dict() == {"East 1 Road": 60.0, "North 3 Road": 20.0}
    assert rows["patrol_share"].max() == 0.75
    assert rows["length_m"].tolist() == pytest.approx([SIDE] * 6, rel=1e-4)
    assert result.audit.night == date(2026, 3, 1)
    assert (result.audit.minutes, result.audit.patrolled) == (80.0, 2)
    gap = (rows["patrol_share"] - rows["incident_share"]).abs().sum() / 2
    assert result.audit.distance == pytest.approx(gap)


def test_without_a_plan_there_is_no_audit_but_the_incidents(inputs, result):
    found = run(inputs, patrols=None)
    assert found.audit is None
    assert found.tables.streets["incidents"].tolist() == result.tables.streets["incidents"].tolist()
    assert found.tables.streets["patrol_share"].isna().all()


def test_the_cells_hold_all_that_is_expected(inputs, result):
    cells = result.layers["forecast_cells"]
    assert cells["expected"].sum() == pytest.approx(result.forecast.expected, abs=5e-4 * len(cells))
    assert (cells["expected"].round(3) == cells["expected"]).all()
    assert (cells["expected"] >= 0).all()
    near = inputs.zone.boundary.buffer(PARAMS.boundary_tolerance_m)
    assert cells["area_m2"].sum() == pytest.approx(near.area)
    # As in the weeks before, within chance: 900 reports in 755 days.
    assert 4 < result.forecast.expected < 16
    busy = shapely.box(432_100, 871_750, 432_300, 871_850)
    assert cells["expected"][cells.intersects(busy)].sum() > 0.3 * result.forecast.expected


def test_layers_are_labelled_and_say_what_they_rest_on(inputs, result):
    assert set(result.layers) == set(LAYERS)
    for layer in result.layers.values():
        assert isinstance(layer, GeoDataFrame)
        assert layer.index.name == "id"
        assert layer.index.is_unique
        assert layer["synthetic"].all()
    real = inputs.zone.incidents.assign(synthetic=False)
    assert not run(inputs, real).layers["hotspot_stretches"]["synthetic"].any()


def test_the_same_seed_gives_the_same_and_the_day_is_kept(inputs, result):
    assert_same(run(inputs), result)
    assert result.day == DAY
    other = run_hotspots(inputs, seed=2, params=PARAMS)
    assert other.layers["hotspot_stretches"]["rank"].tolist() == [1, 2, 3, 4]
    assert not other.layers["hotspot_stretches"].equals(result.layers["hotspot_stretches"])


@pytest.mark.parametrize("count", [0, 1, 2])
def test_next_to_nothing_is_said_of_next_to_nothing(inputs, count):
    found = run(inputs, incidents(40)[lambda layer: layer["reporting"] == "reported"][:count])
    assert found.figures.reported == count
    assert found.claims.statement == ("counts_only" if count else "no_incidents")
    assert found.layers["hotspot_stretches"].empty
    assert found.layers["hotspot_areas"].empty
    assert found.layers["street_densities"].empty
    assert found.layers["forecast_cells"]["expected"].isna().all()
    assert found.forecast.reason
    assert found.tables.forecast.empty
    assert found.busiest is None
    assert (found.any_p_value is None) == (count == 0)
    assert found.tables.week.empty


def test_incidents_on_one_point_make_one_stretch(inputs):
    layer = incidents(300).copy()
    layer["geometry"] = layer.geometry.iloc[0]
    found = run(inputs, layer)
    stretches = found.layers["hotspot_stretches"]
    assert len(stretches) == 1
    assert stretches["incidents"].iloc[0] == found.figures.reported


def test_few_incidents_are_told_from_chance_without_ranks(inputs):
    found = run(inputs, incidents(150))
    assert found.claims.statement == "tested"
    stretches = found.layers["hotspot_stretches"]
    assert (stretches["p_value"] <= 0.05).all()
    assert stretches["name_en"].is_monotonic_increasing
    assert stretches["rank"].tolist() == list(range(1, len(stretches) + 1))
    assert stretches["rank_low"].isna().all()
    assert BUSY in set(stretches["name_en"])
    assert found.layers["hotspot_areas"].empty


def test_densities_tell_of_no_lone_incident(inputs):
    layer = incidents(150)
    found = run(inputs, layer).layers["street_densities"]["density"]
    reported = layer[layer["reporting"] == "reported"]
    streets = inputs.zone.streets
    exact = network_density(streets, reported, bandwidth_m=60.0, lixel_m=50.0)["density"].to_numpy()
    one = network_density(streets, reported.iloc[[0]], bandwidth_m=60.0, lixel_m=10.0)["density"]
    told = found.notna().to_numpy()
    assert 0 < told.sum() < len(exact)
    assert exact[told].min() > 0.9 * FEW * one.max()  # near a junction a bump spreads otherwise
    assert exact[~told].max() < 1.1 * FEW * one.max()
    assert found[told].to_numpy() == pytest.approx(exact[told], abs=5.1e-4)
    assert (found[told].round(3) == found[told]).all()


def test_no_stretch_of_few_incidents_is_listed(inputs):
    listed = [run(inputs, incidents(count)).layers["hotspot_stretches"] for count in (150, 260)]
    assert all((stretches["incidents"] >= FEW).all() for stretches in listed)


BAD = {
    "days": (HotspotsParams(days=0), "Expected `days` from 1 to 366, got 0."),
    "far days": (HotspotsParams(days=400), "Expected `days` from 1 to 366, got 400."),
    "fine cells": (HotspotsParams(cell_m=20.0), "Expected `cell_m` >= 50, got 20.0."),
    "no cells": (HotspotsParams(cell_m=float("nan")), "Expected `cell_m` >= 50, got nan."),
    "wide cells": (
        HotspotsParams(cell_m=5000.0),
        "Expected `cell_m` <= {widest:.0f} (a cell of 10% of the zone), got 5000.0.",
    ),
    "no drawings": (HotspotsParams(resamples=0), "Expected `resamples` >= 1, got 0."),
    "no trials": (HotspotsParams(origins=0), "Expected `origins` >= 1, got 0."),
    "level": (HotspotsParams(level=1.0), "Expected `level` > 0 and < 1, got 1.0."),
    "all at once": (
        HotspotsParams(days=-1, count=0, near_m=0.0),
        (
            "Expected `count` >= 1, got 0.\nExpected `near_m` >= 1, got 0.0.\n"
            "Expected `days` from 1 to 366, got -1."
        ),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_parameters_out_of_their_range_are_refused_at_once(inputs, name):
    params, expected = BAD[name]
    with pytest.raises(ParameterError) as refused:
        run_hotspots(inputs, seed=0, params=params)
    widest = (inputs.zone.boundary.area / 10) ** 0.5
    assert str(refused.value) == expected.format(widest=widest)


def test_a_plan_in_the_folder_is_among_the_inputs_and_else_not(folder, planned, tmp_path):
    zone = Zone.load(folder)
    gathered = HotspotsInputs.gather(zone, folder, day=DAY, planned=planned)
    assert "plan.json" in gathered.digests
    alone = HotspotsInputs.gather(zone, folder, day=DAY, planned=tmp_path)
    assert alone.patrols is None
    assert set(gathered.digests) - set(alone.digests) == {"plan.json"}
