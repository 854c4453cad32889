"""Units of a night, and every way their file can be wrong."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely

from geo.errors import LayerError, ParameterError, SourceError
from planning.units import read_units
from tests.planning.grid_town import TOWN_CRS, unit

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


def test_the_units_of_the_town_are_read(root):
    units = read_units(
        root / "data" / "old_town" / "units.toml",
        crs=TOWN_CRS,
        night=date(2026, 1, 3),
        timezone="Asia/Bangkok",
    )
    assert len(units) >= 6
    assert all(one.synthetic for one in units)
    assert {one.on_foot for one in units} == {True, False}


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


@pytest.mark.parametrize("text", ["[[unit", "unit = 3", "unit = [1]"])
def test_no_table_of_units(tmp_path, text):
    with pytest.raises(LayerError, match=r"units\.toml"):
        read(tmp_path, text)


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
