"""What somebody sees of a layer: by which text, with which tag, and what stays hidden."""

import itertools
import json

import pytest

from api.identity import Principal
from api.ogc.sights import Sight, sight_of
from api.rights import READERS, may_read
from api.roles import ROLES
from api.store.features import fingerprint
from geo.errors import NotFoundError

CAMERA = {
    "type": "Feature",
    "id": "c1",
    "geometry": {"type": "Point", "coordinates": [98.39, 7.88]},
    "properties": {"owner_kind": "private", "owner": "a", "contact": "x", "strange": 1},
}


@pytest.mark.parametrize(("role", "collection"), [*itertools.product(ROLES, READERS)])
def test_who_may_not_read_is_told_that_there_is_nothing(role, collection):
    principal = Principal("someone-1", role, owner="a" if role == "partner" else None)
    if may_read(principal, collection):
        assert (sight_of(principal, collection, zone="z").view == "public") == (role == "public")
    else:
        with pytest.raises(NotFoundError, match=collection):
            sight_of(principal, collection, zone="z")


def test_in_demo_mode_the_public_sees_the_plan_as_the_public():
    sight = sight_of(Principal(demo=True), "hotspots", zone="z")
    assert (sight.view, sight.is_restricted) == ("public", False)


@pytest.mark.parametrize("role", ROLES)
def test_a_column_that_no_table_knows_is_shown_to_nobody(role):
    seen = Sight("cameras", "full", role, "a").shown(CAMERA)
    assert seen is None or "strange" not in seen["properties"]


def test_a_partner_sees_the_own_cameras_and_one_without_a_name_none():
    assert Sight("cameras", "full", "partner", "a").shown(CAMERA) is not None
    assert Sight("cameras", "full", "partner", "b").shown(CAMERA) is None
    assert Sight("cameras", "full", "partner", None).shown(CAMERA) is None
    nameless = CAMERA | {"properties": {"owner_kind": "private"}}
    assert Sight("cameras", "full", "partner", None).shown(nameless) is None


def test_tags_tell_whose_sight_it_is():
    tags = {
        Sight("cameras", view, role).tag("v1", "", shown="{}")
        for view in ("public", "full")
        for role in ROLES
    }
    assert len(tags) == len(ROLES) + 1
    assert Sight("cameras", "public", "public").tag("v1", "-th", shown="{}") == 'W/"v1-th"'
    assert Sight("incidents", "full", "officer").tag("v1", "", shown="{}") == 'W/"v1-full"'


@pytest.mark.parametrize("role", [role for role in ROLES if role != "public"])
def test_a_tag_cannot_be_used_to_try_what_is_hidden(role):
    sight = Sight("cameras", "full", role, "a")
    other = CAMERA | {"properties": CAMERA["properties"] | {"contact": "y"}}
    texts = [json.dumps(feature) for feature in (CAMERA, other)]
    seen = [sight.shown_text(text) for text in texts]
    first, second = (
        sight.tag(fingerprint(text), "", shown=shown or "")
        for text, shown in zip(texts, seen, strict=True)
    )
    assert (first == second) == (seen[0] == seen[1])
    assert fingerprint(texts[0]) not in first
