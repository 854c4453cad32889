"""Units of a night, and every way their file can be wrong."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely

from geo.errors import LayerError, ParameterError, SourceError
from planning.units import FASTEST_MPS, KINDS, Break, read_units
from tests.planning.grid_town import NIGHT, TOWN_CRS, at, unit

GOOD = """
[[unit]]
id = "walkers"
name_th = "สายตรวจเดินเท้า"
name_en = "Foot patrol"
kind = "police"
speed_mps = 1.2
lon = 98.39
lat = 7.884
starts_at = "18:00"
ends_at = "02:00"
synthetic = true
"""

FULL = (
    GOOD.replace("1.2", "3.5")
    + """
mode = "bicycle"
officers = 3
skills = ["english", "chinese"]
end_lon = 98.391
end_lat = 7.885

[[unit.breaks]]
earliest_at = "21:00"
latest_at = "22:30"
minutes = 30

[[unit.breaks]]
earliest_at = "00:15"
latest_at = "01:00"
minutes = 10
lon = 98.392
lat = 7.884
"""
)


HOUR = timedelta(hours=1)


def read(path, text):
    file = path / "units.toml"
    file.write_text(text, encoding="utf-8")
    return read_units(file, crs=TOWN_CRS, night=date(2026, 1, 3), timezone="Asia/Bangkok")


def test_shift_past_midnight(tmp_path):
    (walkers,) = read(tmp_path, GOOD)
    bangkok = ZoneInfo("Asia/Bangkok")
    assert walkers.starts_at == datetime(2026, 1, 3, 18, tzinfo=bangkok)
    assert walkers.ends_at == datetime(2026, 1, 4, 2, tzinfo=bangkok)
    assert walkers.starts_at.utcoffset() == datetime.now(UTC).utcoffset()
    assert walkers.on_foot
    assert walkers.synthetic
    assert walkers.post.x == pytest.approx(432_700, abs=100)
    assert walkers.post.y == pytest.approx(871_550, abs=100)


def test_everything_that_a_unit_may_say(tmp_path):
    (one,) = read(tmp_path, FULL)
    assert (one.mode, one.officers, one.on_foot) == ("bicycle", 3, False)
    assert one.skills == {"english", "chinese"}
    assert one.end_post.distance(one.post) == pytest.approx(156, abs=2)
    first, second = one.breaks
    assert first == Break(one.starts_at + 3 * HOUR, one.starts_at + 4.5 * HOUR, 1800.0)
    assert second.earliest_at == one.starts_at + 6.25 * HOUR
    assert second.latest_at == one.ends_at - HOUR
    assert second.duration_s == 600
    assert second.at.distance(one.post) == pytest.approx(220, abs=2)


def test_what_a_unit_does_not_say(tmp_path):
    (walkers,) = read(tmp_path, GOOD)
    assert (walkers.mode, walkers.officers, walkers.skills) == ("foot", 2, frozenset())
    assert (walkers.breaks, walkers.end_post) == ((), None)
    (riders,) = read(tmp_path, GOOD.replace("1.2", "5"))
    assert (riders.mode, riders.on_foot) == ("motorcycle", False)


def test_the_units_of_the_town_are_read(root):
    units = read_units(
        root / "data" / "old_town" / "units.toml",
        crs=TOWN_CRS,
        night=date(2026, 1, 3),
        timezone="Asia/Bangkok",
    )
    assert 9 <= len(units) <= 12
    assert all(one.synthetic for one in units)
    assert {one.kind for one in units} == set(KINDS)
    assert {"foot", "bicycle", "motorcycle"} <= {one.mode for one in units}
    long = [one for one in units if one.ends_at - one.starts_at > 6 * HOUR]
    assert long
    assert all(one.breaks for one in long)


def test_every_fault_is_named(tmp_path):
    text = GOOD + GOOD.replace('"Foot patrol"', '""').replace("1.2", "-1").replace(
        '"02:00"', '"25:00"'
    ).replace("98.39", "198.39").replace("synthetic = true", 'synthetic = "yes"')
    with pytest.raises(LayerError) as caught:
        read(tmp_path, text)
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        (2, "name_en"),
        (2, "speed_mps"),
        (2, "lon"),
        (2, "ends_at"),
        (2, "synthetic"),
        (2, "id"),
    ]


def test_every_fault_of_what_it_may_say_is_named(tmp_path):
    text = (
        FULL.replace('"police"', '"polcie"')
        .replace("3.5", "11")
        .replace("officers = 3", "officers = 1.5")
        .replace('"chinese"', "7")
        .replace("end_lon = 98.391", "")
        .replace('"21:00"', '"17:59"')
        .replace('"01:00"', '"00:14"')
        .replace("minutes = 10", "minutes = 0")
        .replace("lat = 7.884\n\n", "")
    )
    head, tail = text.rsplit("lat = 7.884", 1)
    with pytest.raises(LayerError) as caught:
        read(tmp_path, head + tail)
    assert [fault.field for fault in caught.value.faults] == [
        "kind",
        "speed_mps",
        "officers",
        "skills",
        "end_lon",
        "breaks 1 earliest_at",
        "breaks 1 latest_at",
        "breaks 2 latest_at",
        "breaks 2 minutes",
        "breaks 2 lat",
    ]


def test_a_mode_and_breaks_of_another_kind(tmp_path):
    text = GOOD + 'mode = "scooter"\nbreaks = [3]\n'
    with pytest.raises(LayerError) as caught:
        read(tmp_path, text)
    assert [fault.field for fault in caught.value.faults] == ["mode", "breaks"]


@pytest.mark.parametrize("text", ["[[unit", "unit = 3", "unit = [1]"])
def test_no_table_of_units(tmp_path, text):
    with pytest.raises(LayerError, match=r"units\.toml"):
        read(tmp_path, text)


def test_a_field_misspelt_is_named(tmp_path):
    text = FULL.replace("skills =", "skill =").replace("minutes = 10", "minutes = 10\nminute = 10")
    with pytest.raises(LayerError) as caught:
        read(tmp_path, text)
    assert [fault.field for fault in caught.value.faults] == ["skill", "breaks 2 minute"]
    assert all("no such field" in fault.expected for fault in caught.value.faults)


def test_tables_misspelt_are_named(tmp_path):
    with pytest.raises(LayerError, match=r"expected tables \[\[unit\]\], got units"):
        read(tmp_path, GOOD.replace("[[unit]]", "[[units]]"))


def test_true_is_no_number_of_officers(tmp_path):
    with pytest.raises(LayerError, match="`officers`: expected a whole number >= 1, got True"):
        read(tmp_path, FULL.replace("officers = 3", "officers = true"))


def test_no_file(tmp_path):
    with pytest.raises(SourceError, match=r"units\.toml"):
        read_units(tmp_path / "units.toml", crs=TOWN_CRS, night=date(2026, 1, 3), timezone="UTC")


def test_a_unit_out_of_range():
    with pytest.raises(ParameterError, match="Expected `starts_at` < `ends_at`"):
        unit(hours=0)
    with pytest.raises(ParameterError, match="Expected `speed_mps` in"):
        unit(speed_mps=0)


@pytest.mark.parametrize(
    "post", [None, shapely.Point(), shapely.Point(np.nan, 1.0), shapely.box(0, 0, 1, 1)]
)
def test_a_post_that_is_no_place(post):
    with pytest.raises(ParameterError, match="Expected `post` of walker as a finite Point, got"):
        replace(unit(), post=post)


def test_every_fault_of_a_unit_is_named():
    with pytest.raises(ParameterError) as caught:
        replace(unit(), mode="scooter", officers=0, end_post=shapely.Point())
    told = str(caught.value).splitlines()
    assert [line.split("`")[1] for line in told] == ["end_post", "mode", "officers"]


@pytest.mark.parametrize(("mode", "most"), FASTEST_MPS.items())
def test_the_fastest_of_each_mode(mode, most):
    assert replace(unit(speed_mps=most), mode=mode).mode == mode
    with pytest.raises(ParameterError, match="Expected `speed_mps` in"):
        replace(unit(speed_mps=most), mode=mode, speed_mps=most + 0.1)


def test_every_fault_of_a_break_is_named():
    with pytest.raises(ParameterError) as caught:
        Break(NIGHT + HOUR, NIGHT, 0.0, at=shapely.Point())
    told = str(caught.value).splitlines()
    assert [line.split("`")[1] for line in told] == ["earliest_at", "duration_s", "at"]
    with pytest.raises(ParameterError, match="timezone"):
        Break(NIGHT.replace(tzinfo=None), NIGHT, 60.0)
    assert Break(NIGHT, NIGHT, 60.0, at=at(0, 0)).at == at(0, 0)
