"""The tables of rights, cell by cell, against tables written out by hand."""

import pytest

from api.identity import Principal
from api.rights import EDITORS, READERS, RIGHTS, may, may_edit, may_read
from api.roles import ROLES
from api.store import PUBLIC_LAYERS

COLUMNS = ("commander", "planner", "operator", "officer", "partner", "auditor", "public")

OPERATIONS = """
read_public       yes yes yes yes yes yes yes
plan_patrol       yes .   yes .   .   .   .
site_cameras      yes yes .   .   .   .   .
compute_hotspots  yes yes yes .   .   .   .
forecast          yes yes yes .   .   .   .
read_jobs         yes yes yes .   .   .   .
read_every_job    yes .   .   .   .   .   .
edit_layers       yes yes yes .   .   .   .
read_audit        .   .   .   .   .   yes .
read_metrics      yes .   yes .   .   .   .
"""

READING = """
boundary             yes yes yes yes yes yes yes
streets              yes yes yes yes yes yes yes
buildings            yes yes yes yes yes yes yes
grounds              yes yes yes yes yes yes yes
places               yes yes yes yes yes yes yes
lamps                yes yes yes yes yes yes yes
sos_points           yes yes yes yes yes yes yes
cameras              yes yes yes yes yes yes yes
safe_areas           yes yes yes yes yes yes yes
fields_of_view       yes yes yes .   .   .   .
blind_spots          yes yes yes .   .   .   .
camera_sites         yes yes yes .   .   .   .
site_fields_of_view  yes yes yes .   .   .   .
site_footprints      yes yes yes .   .   .   .
blind_before         yes yes yes .   .   .   .
blind_after          yes yes yes .   .   .   .
seen_probability     yes yes yes .   .   .   .
hotspots             yes yes yes yes .   .   .
hotspot_stretches    yes yes yes yes .   .   .
hotspot_areas        yes yes yes yes .   .   .
street_densities     yes yes yes .   .   .   .
forecast_cells       yes yes yes .   .   .   .
incidents            yes yes yes yes .   .   .
patrol_tours         yes .   yes yes .   .   .
patrol_stops         yes .   yes yes .   .   .
beats                yes .   yes yes .   .   .
"""

EDITING = """
places      yes yes .   .   .   .   .
lamps       yes yes .   .   .   .   .
sos_points  yes yes .   .   .   .   .
cameras     yes yes .   .   .   .   .
incidents   yes .   yes .   .   .   .
"""


def cells(table):
    """Return the cells of a table: row, role, and whether it says yes."""
    rows = [line.split() for line in table.strip().splitlines()]
    return [
        (name, role, said == "yes")
        for name, *told in rows
        for role, said in zip(COLUMNS, told, strict=True)
    ]


def asking(role):
    return Principal("" if role == "public" else f"{role}-1", role)


@pytest.mark.parametrize(("operation", "role", "expected"), cells(OPERATIONS))
def test_who_may_do_what(operation, role, expected):
    assert may(asking(role), operation) is expected


@pytest.mark.parametrize(("collection", "role", "expected"), cells(READING))
def test_who_may_read_what(collection, role, expected):
    assert may_read(asking(role), collection) is expected


@pytest.mark.parametrize(("collection", "role", "expected"), cells(EDITING))
def test_who_may_change_what(collection, role, expected):
    assert may_edit(asking(role), collection) is expected


@pytest.mark.parametrize(
    ("table", "written"), [(RIGHTS, OPERATIONS), (READERS, READING), (EDITORS, EDITING)]
)
def test_the_tables_here_are_whole(table, written):
    assert COLUMNS == ROLES
    assert {name for name, *_ in cells(written)} == set(table)


def test_what_no_table_names_nobody_may():
    for role in ROLES:
        for collection in ("register", "communities", "tunnels", ""):
            assert not may_read(asking(role), collection)
            assert not may_edit(asking(role), collection)
        assert not may_edit(asking(role), "streets")


def test_whoever_may_edit_may_edit_layers_and_read_what_is_edited():
    for collection, roles in EDITORS.items():
        assert roles <= READERS[collection]
        assert roles <= RIGHTS["edit_layers"]


def test_a_visitor_of_a_demo_also_reads_the_plan_and_never_more():
    visitor = Principal(demo=True)
    read = {name for name in (*READERS, *PUBLIC_LAYERS) if may_read(visitor, name)}
    assert read == set(PUBLIC_LAYERS) | {"safe_areas"}
    assert "incidents" not in read
    assert not any(may(visitor, operation) for operation in RIGHTS if operation != "read_public")
    assert not any(may_edit(visitor, collection) for collection in EDITORS)


@pytest.mark.parametrize("role", COLUMNS[:-1])
def test_in_a_zone_without_rights_every_role_is_the_public(role):
    owner = "Private owner 01" if role == "partner" else None
    principal = Principal(f"{role}-1", role, frozenset({"old_town"}), owner)
    assert principal.in_zone("old_town") == principal
    assert principal.in_zone("patong") == Principal()
    everywhere = Principal(f"{role}-1", role, None, owner)
    assert everywhere.in_zone("patong") == everywhere
