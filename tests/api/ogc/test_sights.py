"""What somebody sees of a layer: by which text, with which tag, and what stays hidden."""

import itertools
import json

import pytest

from api.accounts.demo import DEMO_ROLES
from api.identity import Principal
from api.ogc.sights import Sight, sight_of
from api.rights import READERS, may_read
from api.roles import ROLES
from api.store.features import fingerprint
from geo.errors import NotFoundError
from tests.api.sample import PROVENANCE, ZONE, fill, zone_layers
from tests.api.signing import filled, guarded, signed_in

CAMERA = {
    "type": "Feature",
    "id": "c1",
    "geometry": {"type": "Point", "coordinates": [98.39, 7.88]},
    "properties": {"owner_kind": "private", "owner": "a", "contact": "x", "strange": 1},
}


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """Return a client of a service with hotspots that a plan was made from, and its headers."""

    def change(store):
        fill(store)
        made = PROVENANCE | {"tonight": "2026-03-01", "seed": 424242}
        layer = zone_layers()["places"]
        told = {"inputs": {"file": "of-somebody.geojson", "sha256": "f00d"}}
        store.put_layer(ZONE, "places", layer, kind="layer", provenance=PROVENANCE | told)
        store.put_layer(ZONE, "hotspots", layer, kind="product", provenance=made)

    place = filled(tmp_path_factory.mktemp("sights") / "store.sqlite", change)
    with guarded(place) as client:
        yield client, {role: signed_in(client, f"{role}-1") for role in DEMO_ROLES}


@pytest.mark.parametrize(("role", "collection"), [*itertools.product(ROLES, READERS)])
def test_who_may_not_read_is_told_that_there_is_nothing(role, collection):
    principal = Principal("someone-1", role, owner="a" if role == "partner" else None)
    if may_read(principal, collection):
        assert (sight_of(principal, collection, zone="z").view == "public") == (role == "public")
    else:
        with pytest.raises(NotFoundError, match=collection):
            sight_of(principal, collection, zone="z")


@pytest.mark.parametrize("role", [role for role in ROLES if role != "public"])
@pytest.mark.parametrize("form", ["/ogc/collections/hotspots", "/ogc/collections"])
def test_the_seed_of_a_plan_is_for_who_may_read_it(planned, role, form):
    client, headers = planned
    answer = client.get(form, headers=headers[role])
    if role not in READERS["hotspots"]:
        assert "424242" not in answer.text
        return
    assert ("424242" in answer.text) == (role in READERS["patrol_tours"])
    assert "2026-03-01" in answer.text


@pytest.mark.parametrize("form", ["/ogc/collections/places", "/ogc/collections"])
def test_the_public_is_not_told_what_a_file_was_called(planned, form):
    client, headers = planned
    assert "of-somebody" in client.get(form, headers=headers["planner"]).text
    public = client.get(form).text
    assert "of-somebody" not in public
    assert "f00d" in public


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
