import geopandas as gpd
import pandas as pd
import pytest

from api.dosage.job import run_dosage
from api.dosage.plan import read_plan
from api.dosage.result import BANDS, band_of
from geo.errors import LayerError
from tests.api.dosage.sample import layers, write_plan


def read(walked, zone, *, at=None, move=(0.0, 0.0)):
    places, times = walked
    points = gpd.GeoSeries(gpd.points_from_xy(*zip(*places, strict=True)), crs=4326).to_crs(
        zone.crs
    )
    moved = points.translate(*move)
    return gpd.GeoDataFrame({"at": pd.DatetimeIndex(times if at is None else at)}, geometry=moved)


def test_minutes_of_the_unit_are_those_it_walked(result):
    (unit,) = result.tables.units.to_dict("records")
    assert (unit["unit"], unit["planned_min"]) == ("foot-1", pytest.approx(39))
    assert unit["spent_min"] == pytest.approx(0.7 * 39, abs=0.2)
    assert (unit["gap_min"], unit["away_min"], unit["outside_min"]) == (0, 0, 0)
    table = result.tables.streets
    assert table["spent_min"].sum() == pytest.approx(unit["spent_min"])
    assert table["planned_min"].sum() == pytest.approx(39)
    assert result.ground.streets["spent_min"].sum() == pytest.approx(unit["spent_min"])


def test_hotspots_and_stops_tell_who_went_home_early(result):
    first, second = result.tables.hotspots.to_dict("records")
    assert (first["rank"], first["spent_min"]) == (1, pytest.approx(first["planned_min"], abs=3))
    assert first["from_10_to_16"] + first["over_16"] == 1
    assert second["spent_min"] < 0.7 * second["planned_min"]
    assert second["under_10"] == 1
    stops = result.tables.stops
    assert stops["verdict"].tolist() == ["kept", "short"]
    assert stops["planned_min"].tolist() == pytest.approx([15, 10], abs=1.5)


def test_breaks_are_time_of_the_plan_but_no_stops_to_keep(zone, plan, walked):
    other = {"foot-2": read(walked, zone)}
    found = run_dosage(zone, plan, other)
    assert found.tables.stops.empty
    assert found.tables.units["planned_min"].tolist() == pytest.approx([24])


def test_a_plan_that_knows_no_kinds_of_stops_has_visits(tmp_path, zone):
    stops = layers()["patrol_stops"].drop(columns="kind")
    older = read_plan(write_plan(tmp_path / "plan", patrol_stops=stops), zone="small", crs=zone.crs)
    assert set(older.stops["kind"]) == {"visit"}


def test_units_without_a_track_are_named_and_not_counted(result):
    assert result.without_track == {"foot-2": ("สายตรวจ 2", "Foot patrol 2")}
    assert set(result.tables.streets["unit"]) == {"foot-1"}
    assert result.tables.units["unit"].tolist() == ["foot-1"]


def test_time_outside_the_night_is_left_out_and_told(zone, plan, walked):
    early = [walked[1][0] - pd.Timedelta(hours=9), *walked[1][1:]]
    found = run_dosage(zone, plan, {"foot-1": read(walked, zone, at=early)})
    (unit,) = found.tables.units.to_dict("records")
    assert unit["outside_min"] == pytest.approx(540, abs=0.5)
    assert unit["spent_min"] == pytest.approx(0.7 * 39, abs=0.5)


def test_a_track_of_another_night_or_place_is_refused(zone, plan, walked):
    other = [instant + pd.Timedelta(days=1) for instant in walked[1]]
    with pytest.raises(LayerError, match="night of 2026-03-06, got none of"):
        run_dosage(zone, plan, {"foot-1": read(walked, zone, at=other)})
    with pytest.raises(LayerError, match="on the streets of small"):
        run_dosage(zone, plan, {"foot-1": read(walked, zone, move=(9000, 0))})
    with pytest.raises(LayerError, match="at least one track"):
        run_dosage(zone, plan, {})


def test_steps_are_told(zone, plan, walked):
    told = []
    run_dosage(zone, plan, {"foot-1": read(walked, zone)}, progress=told.append)
    assert told == ["matching", "dosage"]


@pytest.mark.parametrize(
    ("planned", "spent", "band"),
    [
        (0, 0.9, ""),
        (0.9, 1, "unplanned"),
        (10, 0, "missed"),
        (10, 5, "less"),
        (10, 8, "as_planned"),
        (10, 12.5, "more"),
    ],
)
def test_bands_begin_and_end_as_told(planned, spent, band):
    assert band_of(planned, spent) == band
    assert not band or band in BANDS
