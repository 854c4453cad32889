"""The register of cameras: what it refuses, what it never tells, and what it means for a night."""

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from geo._privacy import WITHHELD
from geo.errors import LayerError
from geo.formats import read_layer, write_layer
from geo.layers import CONTRACTS, check_layer, empty_layer
from geo.register import (
    cameras_on,
    has_consent,
    registered,
    replaced,
    states_on,
    with_streets,
)
from geo.zone import Zone
from tests.geo.register_rows import (
    CONTACT,
    CRS,
    csv_of,
    faults_in,
    only_fault,
    register,
    row,
)

# --- what it holds


def test_the_register_is_the_cameras_and_an_agreement() -> None:
    cameras = [column.name for column in CONTRACTS["cameras"].columns]
    agreed = [column.name for column in CONTRACTS["register"].columns if column.name not in cameras]
    assert agreed == [
        *("consent", "consented_on", "consent_until", "retention_days", "contact", "audience")
    ]
    assert set(cameras) <= {column.name for column in CONTRACTS["register"].columns}


@pytest.mark.parametrize("suffix", [".csv", ".gpkg", ".geojson", ".shp"])
def test_a_register_goes_through_every_format(tmp_path: Path, suffix: str) -> None:
    whole = register(row(1, consent_until="2027-01-30"), row(2, consent="pending", consented_on=""))
    write_layer(tmp_path / f"register{suffix}", whole)
    back = read_layer(tmp_path / f"register{suffix}", "register", crs=CRS)
    assert back.drop(columns="geometry").equals(whole.drop(columns="geometry"))
    assert back.distance(whole).max() < 0.02


def test_dates_come_as_text_as_days_and_as_midnights(tmp_path: Path) -> None:
    frame = register(row(1), row(2), row(3))
    frame["consented_on"] = [
        dt.date(2026, 1, 31),
        "2026-01-31T00:00:00",
        pd.Timestamp("2026-01-31"),
    ]
    again = check_layer(frame, "register", source="register")
    assert again["consented_on"].tolist() == ["2026-01-31"] * 3
    frame["consented_on"] = pd.to_datetime(frame["consented_on"].astype("str"), format="mixed")
    frame.to_file(tmp_path / "dates.gpkg", layer="register")
    assert (
        read_layer(tmp_path / "dates.gpkg", "register", crs=CRS)["consented_on"].tolist()
        == ["2026-01-31"] * 3
    )


# --- what it refuses


@pytest.mark.parametrize(
    ("field", "value", "expected", "found"),
    [
        ("consent", "yes", "one of given, withdrawn, pending", WITHHELD),
        ("consented_on", "31/01/2026", "a date as 2026-01-31", WITHHELD),
        ("consented_on", "2569-01-31", "a date of the common era (2026, not 2569)", WITHHELD),
        ("consented_on", "2026-01-31T20:15:00", "a date without a time", WITHHELD),
        ("consented_on", "", "the date of a consent that is given", "nothing"),
        ("consent_until", "2026-01-30", "2026-01-31 or later", WITHHELD),
        ("retention_days", "0", "a number >= 1 and <= 365", "'0'"),
        ("retention_days", "366", "a number >= 1 and <= 365", "'366'"),
        ("retention_days", "7.5", "a whole number", "'7.5'"),
        ("audience", "everyone", "one of owner_only, control_room, police, public", WITHHELD),
        ("owner_kind", "", "a value", "nothing"),
        ("owner", "", "a value", "nothing"),
        ("contact", "", "a value", "nothing"),
        ("range_m", "-4", "a number > 0", "'-4'"),
    ],
)
def test_each_fault_is_named(
    tmp_path: Path, field: str, value: str, expected: str, found: str
) -> None:
    fault = only_fault(tmp_path, **{field: value})
    assert (fault.row, fault.field, fault.expected, fault.found) == (2, field, expected, found)


def test_every_fault_of_a_file_at_once_and_ids_are_their_own(tmp_path: Path) -> None:
    rows = [
        row(1, azimuth_deg="400"),
        row(1, consent="withdrawn", consented_on=""),
        row(3, consent_until="2020-01-01"),
        row(4, retention_days="", audience=""),
    ]
    told = [(fault.row, fault.field) for fault in faults_in(tmp_path / "r.csv", csv_of(*rows))]
    assert told == [
        (2, "azimuth_deg"),
        (3, "id"),
        (3, "consented_on"),
        (4, "consent_until"),
        (5, "retention_days"),
        (5, "audience"),
    ]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"consented_on": ""}, {"consented_on"}),
        ({"consented_on": "", "consent_until": "soon"}, {"consented_on", "consent_until"}),
        ({"consent": "yes", "consent_until": "2020-01-01"}, {"consent", "consent_until"}),
        ({"consent": "yes", "consented_on": ""}, {"consent"}),
        ({"consented_on": "soon", "consent_until": "2020-01-01"}, {"consented_on"}),
        ({"lat": "north", "consented_on": ""}, {"geometry", "consented_on"}),
    ],
)
def test_consent_is_judged_whatever_else_is_wrong_with_its_row(
    tmp_path: Path, changes: dict[str, str], fields: set[str]
) -> None:
    others = {"azimuth_deg": "400", "contact": "", "retention_days": "x"}
    faults = faults_in(tmp_path / "r.csv", csv_of(row(1), row(2, **others, **changes)))
    assert {fault.row for fault in faults} == {3}
    assert {fault.field for fault in faults} == fields | set(others)
    assert len(faults) == len(fields | set(others))


def test_consent_is_judged_though_another_column_is_missing_and_a_row_is_not_whole(
    tmp_path: Path,
) -> None:
    rows = [row(number, consented_on="") for number in (1, 2)]
    without = [{key: value for key, value in one.items() if key != "contact"} for one in rows]
    text = csv_of(*without).rstrip("\n") + ",one cell more\n"
    told = [(fault.row, fault.field) for fault in faults_in(tmp_path / "r.csv", text)]
    assert told == [(None, "contact"), (2, "consented_on"), (3, None)]


# --- what it means


@pytest.mark.parametrize(
    ("changes", "day", "holds"),
    [
        ({}, dt.date(2026, 1, 30), False),
        ({}, dt.date(2026, 1, 31), True),
        ({}, dt.date(2099, 1, 1), True),
        ({"consent_until": "2026-03-01"}, dt.date(2026, 3, 1), True),
        ({"consent_until": "2026-03-01"}, dt.date(2026, 3, 2), False),
        ({"consent": "withdrawn"}, dt.date(2026, 3, 1), False),
        ({"consent": "pending"}, dt.date(2026, 3, 1), False),
        ({"consent": "pending", "consented_on": ""}, dt.date(2026, 3, 1), False),
    ],
)
def test_consent_holds_from_its_first_day_to_its_last(
    changes: dict[str, str], day: dt.date, *, holds: bool
) -> None:
    frame = register(row(**changes))
    assert has_consent(frame, on=day).tolist() == [holds]
    cameras = registered(empty_layer("cameras", crs=CRS), frame)
    assert cameras_on(cameras, frame, on=day)["status"].tolist() == ["up" if holds else "down"]


def test_a_state_is_up_down_or_without_consent() -> None:
    frame = register(
        row(1),
        row(2, status="down"),
        row(3, consent="withdrawn"),
        row(4, consent="pending", status="down"),
        row(5, consent_until="2026-03-01"),
    )
    states = {day: states_on(frame, on=dt.date(2026, 3, day)).tolist() for day in (1, 2)}
    assert states[1] == ["up", "down", "no_consent", "no_consent", "up"]
    assert states[2] == ["up", "down", "no_consent", "no_consent", "no_consent"]
    cameras = registered(empty_layer("cameras", crs=CRS), frame)
    for day, told in states.items():
        counted = cameras_on(cameras, frame, on=dt.date(2026, 3, day))["status"]
        assert counted.eq("up").tolist() == [state == "up" for state in told]


@pytest.mark.parametrize("moment", [dt.datetime, pd.Timestamp])
def test_a_moment_of_the_last_day_is_that_day(moment: type[dt.datetime]) -> None:
    frame = register(row(1, consented_on="2026-03-01", consent_until="2026-03-01"))
    held = [
        has_consent(frame, on=moment(2026, month, day, 20, 15)).item()
        for month, day in ((2, 28), (3, 1), (3, 2))
    ]
    assert held == [False, True, False]


def test_cameras_that_need_no_consent_or_are_down_stay_as_they_are() -> None:
    frame = register(row(1), row(2, status="down"), row(3, consent="withdrawn"))
    others = registered(empty_layer("cameras", crs=CRS), register(row(7), row(8, status="down")))
    cameras = registered(others, frame)
    on = cameras_on(cameras, frame, on=dt.date(2026, 6, 1))
    assert on["status"].to_dict() == {
        "reg-7": "up",
        "reg-8": "down",
        "reg-1": "up",
        "reg-2": "down",
        "reg-3": "down",
    }
    assert on.drop(columns="status").equals(cameras.drop(columns="status"))
    assert on.dtypes.equals(cameras.dtypes)


def test_the_same_id_replaces_in_its_place_and_a_new_one_comes_last() -> None:
    standing = register(row(1), row(2), row(3))
    arriving = register(row(9), row(2, owner="Another owner"))
    merged = replaced(standing, arriving)
    assert merged.index.tolist() == ["reg-1", "reg-2", "reg-3", "reg-9"]
    assert merged.loc["reg-2", "owner"] == "Another owner"
    assert merged.loc["reg-1", "owner"] == "Private owner 01"
    assert merged.crs == standing.crs
    assert merged.dtypes.equals(standing.dtypes)
    assert replaced(standing, empty_layer("register", crs=CRS)).equals(standing)
    assert replaced(empty_layer("register", crs=CRS), standing).equals(standing)
    assert replaced(standing, standing).equals(standing)


def test_the_nearest_street_that_has_a_name() -> None:
    names = {"name_th": ["", "ถนนถลาง", ""], "name_en": ["", "Thalang Road", "Soi Romanee"]}
    lines = [LineString([(0, y), (100, y)]) for y in (0, 10, 90)]
    streets = gpd.GeoDataFrame(names, geometry=lines, crs=CRS)
    here = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[Point(5, 1), Point(5, 60)], crs=CRS)
    found = with_streets(here.set_index("id"), streets)
    assert found["street_en"].to_dict() == {"a": "Thalang Road", "b": "Soi Romanee"}
    assert found["street_th"].to_dict() == {"a": "ถนนถลาง", "b": ""}
    nameless = with_streets(here, streets.iloc[:1])
    assert nameless["street_th"].tolist() == nameless["street_en"].tolist() == ["", ""]


# --- in a zone


@pytest.fixture
def zone_with(root: Path, tmp_path: Path):
    folder = tmp_path / "old_town"
    shutil.copytree(root / "data" / "old_town", folder)

    def load(*rows: dict[str, object]) -> Zone:
        (folder / "register.csv").write_text(csv_of(*rows), encoding="utf-8")
        return Zone.load(folder)

    return load


def test_a_zone_takes_the_cameras_of_its_register(zone_with, root: Path) -> None:
    before = Zone.load(root / "data" / "old_town")
    zone = zone_with(row(1), row(2, id="cam-005", owner="Private owner 99", consent="pending"))
    assert zone.cameras.index.tolist() == [*before.cameras.index, "reg-1"]
    assert zone.cameras.columns.tolist() == before.cameras.columns.tolist()
    assert zone.cameras.dtypes.equals(before.cameras.dtypes)
    assert zone.cameras.crs == before.cameras.crs
    assert zone.cameras.loc["cam-005", "owner"] == "Private owner 99"
    assert not np.isin([CONTACT, "police"], zone.cameras.drop(columns="geometry")).any()
    untouched = before.cameras.index.drop("cam-005")
    assert zone.cameras.loc[untouched].equals(before.cameras.loc[untouched])
    tonight = zone.on(dt.date(2026, 6, 1)).cameras["status"]
    assert tonight["cam-005"] == "down"
    assert tonight["reg-1"] == "up"
    assert zone.on(dt.date(2026, 1, 1)).cameras.loc["reg-1", "status"] == "down"
    assert before.on(dt.date(2026, 6, 1)).cameras.equals(before.cameras)


def test_a_registered_camera_that_cannot_reach_the_zone_is_named(zone_with) -> None:
    with pytest.raises(LayerError, match=r"row 3, `geometry`: expected a camera whose range"):
        zone_with(row(1), row(2, lon="98.5"))


def test_no_register_can_enter_the_repository(root: Path) -> None:
    if not (root / ".git").exists():
        pytest.skip("this is no checkout of git")
    asked = [
        "git", "check-ignore", "data/old_town/register.csv", "data/old_town/register.gpkg",
        "data/new_zone/register.geojson", "data/old_town/.register.csv-x/register.csv",
        "geo/register.py", "data/old_town/cameras.geojson",
    ]  # fmt: skip
    done = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=False)
    assert done.stdout.split() == asked[2:6]
