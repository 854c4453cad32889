"""The plan of a night: read as it was written, and refused where it is none."""

import json
from datetime import date

import pandas as pd
import pytest
import shapely
from pyproj import CRS
from shapely import Point

from api.hotspots.patrols import read_patrols
from api.plan.document import write_document
from geo.errors import SourceError
from tests.api.hotspots.town import SIDE, plan, write_plan
from tests.api.plan.sample import UTM, sample_plan
from tests.api.small_zone import X, Y

BAD = {
    "no json": "{",
    "no object": "[]",
    "number": "7",
    "nothing in it": "{}",
    "another format": json.dumps(plan(format="smartzone-plan/9")),
    "another zone": json.dumps(plan(zone="atlantis")),
    "no date": json.dumps(plan(tonight="tomorrow")),
    "tours are words": json.dumps(plan(tours="none")),
    "a stop without place": json.dumps(plan(tours=[{"stops": [{"lon": 1.0}]}])),
    "a stop that is nowhere": json.dumps(plan(("east", 7.9, 5))),
    "a stop off the earth": json.dumps(plan((98.0, 7.9, 5), (400.0, 7.9, 5))),
    "a stop without number": json.dumps(plan((float("nan"), 7.9, 5))),
    "a stop that ends before": json.dumps(plan((98.0, 7.9, 5), (98.0, 7.9, -5))),
    "a stop without end": json.dumps(plan((98.0, 7.9, 5))).replace(
        '"leaves_at": "2026-03-01T13:05:00Z"', '"leaves_at": null'
    ),
    "a stop at no time": json.dumps(
        plan(
            tours=[
                {"stops": [{"lon": 98.0, "lat": 7.0, "arrives_at": "x", "leaves_at": "y"}]},
            ]
        )
    ),
}


def read(folder, crs=UTM):
    return read_patrols(folder / "plan.json", zone="small", crs=crs)


def test_a_folder_without_a_plan_has_no_patrols(tmp_path):
    assert read(tmp_path) is None
    assert read(tmp_path / "nowhere") is None


def test_stops_are_read_in_metres_with_their_times(tmp_path):
    patrols = read(write_plan(tmp_path))
    assert patrols.night == date(2026, 3, 1)
    assert patrols.synthetic
    assert len(patrols.stops) == 3
    stayed = patrols.stops["leaves_at"] - patrols.stops["arrives_at"]
    assert [time / pd.Timedelta(minutes=1) for time in stayed] == [45, 15, 20]
    where = shapely.points([(X + 150, Y + 1)] * 2 + [(X + SIDE - 1, Y + 450)])
    assert shapely.distance(patrols.stops.geometry.to_numpy(), where).max() < 1e-6
    assert patrols.stops.crs == UTM


def test_a_plan_that_smartzone_wrote_is_read(tmp_path):
    written = sample_plan()
    path = tmp_path / "plan.json"
    path.write_text(write_document(written), encoding="utf-8")
    patrols = read_patrols(path, zone=written.zone, crs=written.crs)
    layer = written.layers["patrol_stops"]
    assert patrols.night == written.tonight
    assert len(patrols.stops) == len(layer)
    gathered = sorted((point.x, point.y) for point in patrols.stops.geometry)
    laid = sorted((point.x, point.y) for point in layer.geometry)
    assert Point(gathered[0]).distance(Point(laid[0])) < 0.1
    assert set(patrols.stops["arrives_at"]) == set(layer["arrives_at"])


@pytest.mark.parametrize("tours", [[], [{"stops": []}]])
def test_a_plan_without_stops_has_none(tmp_path, tours):
    patrols = read(write_plan(tmp_path, plan(tours=tours, synthetic=[])), CRS.from_epsg(32647))
    assert len(patrols.stops) == 0
    assert not patrols.synthetic


FAULTS = {
    "no json": "got something else: Expecting property name",
    "nothing in it": "got none of `format`.",
    "a stop that is nowhere": "could not convert string to float: 'east'.",
    "a stop off the earth": "got something else: stop 2 at lon 400.0, lat 7.9.",
    "a stop without number": "got something else: stop 1 at lon nan, lat 7.9.",
    "a stop that ends before": "got something else: stop 2 is not left at or after it is reached.",
    "a stop without end": "got something else: stop 1 is not left at or after it is reached.",
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_is_told_in_one_line_of_plain_words(tmp_path, name):
    (tmp_path / "plan.json").write_text(BAD[name], encoding="utf-8")
    with pytest.raises(SourceError) as refused:
        read(tmp_path)
    assert FAULTS[name] in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "Error(" not in str(refused.value)


def test_times_with_and_without_a_zone_are_one_kind_of_time(tmp_path):
    content = plan((98.0, 7.9, 5))
    content["tours"][0]["stops"][0]["arrives_at"] = "2026-03-01T13:00:00"
    patrols = read(write_plan(tmp_path, content))
    assert patrols.stops["arrives_at"].iloc[0] == pd.Timestamp("2026-03-01T13:00:00Z")


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_plan_of_the_zone_is_refused(tmp_path, name):
    (tmp_path / "plan.json").write_text(BAD[name], encoding="utf-8")
    with pytest.raises(SourceError, match=r"Expected a plan .*plan\.json"):
        read(tmp_path)


def test_a_folder_in_its_place_is_refused(tmp_path):
    (tmp_path / "plan.json").mkdir()
    with pytest.raises(SourceError, match="Expected a plan"):
        read(tmp_path)
