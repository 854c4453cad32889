"""Who sees what, cell by cell, against a table written down a second time by hand."""

from functools import cache

import geopandas as gpd
import pandas as pd
import pytest

from api import roles
from api.roles import ROLES, SIGHTS, Sight, sees, visible_register
from api.store.exposure import public_properties
from geo.errors import ParameterError
from geo.layers import CONTRACTS
from geo.register import with_streets
from tests.geo.register_rows import register, row

KINDS = ("private", "municipal")
OWNER = "Private owner 01"

# A line a column and two letters a role: what it sees of a private camera (P) and of one of the
# programme or municipality (M). Of the cameras a role may not know of at all it sees nothing.
BY_HAND = """
                  commander planner operator officer partner auditor public
geometry          PM        PM      PM       -M      PM      --      -M
place_th          PM        PM      PM       -M      PM      --      -M
place_en          PM        PM      PM       -M      PM      --      -M
position_sd_m     PM        PM      PM       -M      PM      --      -M
street_th         PM        PM      PM       PM      PM      PM      -M
street_en         PM        PM      PM       PM      PM      PM      -M
azimuth_deg       PM        PM      PM       -M      PM      --      -M
fov_deg           PM        PM      PM       -M      PM      --      -M
range_m           PM        PM      PM       -M      PM      --      -M
height_m          PM        PM      PM       -M      PM      --      -M
tilt_deg          PM        PM      PM       -M      PM      --      -M
vfov_deg          PM        PM      PM       -M      PM      --      -M
focal_mm          PM        PM      PM       -M      PM      --      -M
sensor_width_mm   PM        PM      PM       -M      PM      --      -M
sensor_height_mm  PM        PM      PM       -M      PM      --      -M
resolution_px     PM        PM      PM       -M      PM      --      -M
azimuth_sd_deg    PM        PM      PM       -M      PM      --      -M
night_vision      PM        PM      PM       PM      PM      --      -M
status            PM        PM      PM       PM      PM      --      -M
state             PM        PM      PM       PM      PM      --      -M
owner_kind        PM        PM      PM       PM      PM      PM      -M
synthetic         PM        PM      PM       PM      PM      PM      -M
owner             PM        PM      PM       -M      PM      -M      -M
consent           PM        PM      PM       --      PM      PM      --
consented_on      PM        PM      PM       --      PM      PM      --
consent_until     PM        PM      PM       --      PM      PM      --
retention_days    PM        PM      PM       PM      PM      PM      -M
audience          PM        PM      PM       PM      PM      PM      -M
contact           PM        --      PM       --      --      --      --
remark            --        --      --       --      --      --      --
"""
HEADER, *LINES = (line.split() for line in BY_HAND.strip().splitlines())
EXPECTED = {
    (role, column, kind): cell[at] != "-"
    for column, *cells in LINES
    for role, cell in zip(HEADER, cells, strict=True)
    for at, kind in enumerate(KINDS)
}


@cache
def full_register() -> gpd.GeoDataFrame:
    """Return one camera of each kind of owner with a value in every column, and one more owner."""
    numbers = ("height_m", "tilt_deg", "vfov_deg", "focal_mm", "sensor_width_mm", "resolution_px")
    filled = {
        "place_th": "หน้าร้าน",
        "consent_until": "2027-01-30",
        "remark": "any",
        **dict.fromkeys((*numbers, "sensor_height_mm", "position_sd_m", "azimuth_sd_deg"), "5"),
    }
    frame = register(
        row(1, **filled),
        row(2, **filled, owner_kind="municipal"),
        row(3, **filled, owner_kind="programme"),
    )
    names = {"name_th": ["ถนนถลาง"], "name_en": ["Thalang Road"]}
    streets = gpd.GeoDataFrame(names, geometry=frame.geometry.iloc[:1].buffer(9).exterior.array)
    named = with_streets(frame, streets.set_crs(frame.crs, allow_override=True))
    return named.assign(state="up")


def seen_by(role: str, frame: gpd.GeoDataFrame, number: int) -> set[str]:
    """Return the columns of which a role sees the value of one camera."""
    owner = frame["owner"].iloc[number] if role == "partner" else None
    visible = visible_register(frame, role, owner=owner)
    name = frame.index[number]
    if name not in visible.index:
        return set()
    return set(visible.columns[visible.loc[name].notna()])


def differences(*asked: str) -> list[tuple[str, str, str]]:
    """Compare what roles, all if none is named, see of every cell with the table above."""
    frame = full_register()
    found = []
    for role in asked or ROLES:
        for kind in (*KINDS, "programme"):
            number = frame["owner_kind"].tolist().index(kind)
            seen = seen_by(role, frame, number)
            alike = "municipal" if kind == "programme" else kind
            found += [
                (role, column, kind)
                for column in frame.columns
                if EXPECTED[role, column, alike] != (column in seen)
            ]
    return found


def test_every_role_and_every_column_of_the_register_is_written_down() -> None:
    assert tuple(HEADER) == ROLES
    assert set(SIGHTS) == set(ROLES)
    columns = {column.name for column in CONTRACTS["register"].columns}
    assert {line[0] for line in LINES} == columns | {
        *("geometry", "street_th", "street_en", "state", "remark")
    }
    frame = full_register()
    assert frame.notna().all().all()
    assert set(frame.columns) == {line[0] for line in LINES}


def test_every_role_sees_what_is_written_down_cell_by_cell() -> None:
    assert differences() == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("group", ["place", "owner", "contact", "consent", "street"])
@pytest.mark.parametrize("side", ["private", "others"])
def test_the_comparison_catches_a_table_that_is_wrong_for_one_role(
    monkeypatch, role, group, side
) -> None:
    sight = SIGHTS[role]
    wrong = sight._replace(**{side: getattr(sight, side) ^ {group}})
    monkeypatch.setattr(roles, "SIGHTS", {**SIGHTS, role: wrong})
    assert differences(role)


def test_the_comparison_catches_a_role_that_is_forgotten(monkeypatch) -> None:
    monkeypatch.setattr(roles, "SIGHTS", {**SIGHTS, "officer": SIGHTS["planner"]})
    assert ("officer", "geometry", "private") in differences()
    without = {role: sight for role, sight in SIGHTS.items() if role != "officer"}
    monkeypatch.setattr(roles, "SIGHTS", without)
    with pytest.raises(ParameterError, match="`role` among"):
        differences()


@pytest.mark.parametrize("kind", ["", "Private", "shop", None])
def test_an_owner_of_no_known_kind_is_taken_for_a_private_one(kind) -> None:
    frame = full_register()
    doubtful = frame.assign(owner_kind=pd.Series([kind] * len(frame), frame.index, dtype="str"))
    assert visible_register(doubtful, "public").empty
    assert visible_register(doubtful, "officer").geometry.isna().all()
    assert not sees("public", "geometry", owner_kind=kind)


def test_a_partner_sees_the_own_cameras_and_no_others() -> None:
    frame = register(row(1), row(2), row(3, owner=OWNER, owner_kind="municipal"))
    own = visible_register(frame, "partner", owner=OWNER)
    assert own.index.tolist() == ["reg-1", "reg-3"]
    assert own.geometry.notna().all()
    assert "contact" not in own.columns
    assert visible_register(frame, "partner", owner="Private owner").empty


@pytest.mark.parametrize(
    ("role", "owner", "message"),
    [
        ("partner", None, "Expected `owner` to be the name of an owner, got none"),
        ("partner", "", "Expected `owner` to be the name of an owner, got none"),
        ("planner", OWNER, "Expected `owner` to be none but for a partner, got 'Private owner 01'"),
        ("mayor", None, "Expected `role` among commander, planner, operator, officer"),
    ],
)
def test_a_role_that_is_none_or_misses_its_owner_sees_nothing(role, owner, message) -> None:
    with pytest.raises(ParameterError, match=message):
        visible_register(full_register(), role, owner=owner)


def test_the_exact_place_is_hidden_whatever_its_column_is_called() -> None:
    frame = full_register().rename_geometry("where")
    assert visible_register(frame, "auditor")["where"].isna().all()
    assert visible_register(frame, "planner")["where"].notna().all()


def test_what_is_seen_whole_keeps_its_type_and_the_frame_stays_as_it_was() -> None:
    frame = full_register()
    before = frame.copy()
    visible = visible_register(frame, "planner")
    assert visible["retention_days"].dtype == frame["retention_days"].dtype
    assert visible.crs == frame.crs
    assert frame.equals(before)
    nobody = visible_register(frame.iloc[:0], "public")
    assert nobody.empty
    assert nobody.crs == frame.crs


def test_the_store_withholds_what_the_public_may_not_see(monkeypatch) -> None:
    def shown(owner_kind):
        return public_properties("cameras", {"owner_kind": owner_kind, "contact": "extension 5"})

    owners = ["programme", "municipal", "private", "shop"]
    assert [shown(kind) is not None for kind in owners] == [True, True, False, False]
    assert "contact" not in shown("municipal")
    # One source of truth: a change of the table changes what the service hands out.
    monkeypatch.setattr(roles, "SIGHTS", {**SIGHTS, "public": Sight(frozenset(), frozenset())})
    assert [shown(kind) for kind in owners] == [None] * 4


def test_nothing_the_store_tells_of_a_public_camera_is_hidden_from_the_public() -> None:
    columns = [column.name for column in CONTRACTS["cameras"].columns]
    assert all(sees("public", column, owner_kind="municipal") for column in columns)
