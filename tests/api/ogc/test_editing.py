"""Changing features over HTTP: who may, by which contract, at once with others, and the audit."""

import json
import threading

import pytest

from api.accounts.demo import DEMO_ROLES
from api.identity import Principal
from api.ogc.bodies import MAX_BYTES, patched
from api.rights import EDITORS, may_read
from api.store import Store
from tests.api.sample import ZONE
from tests.api.signing import filled, guarded, signed_in

GEOJSON = "application/geo+json"
PATCH = "application/merge-patch+json"
PLACES = "/ogc/collections/places/items"
CAMERAS = "/ogc/collections/cameras/items"
MUSEUM = {
    "type": "Feature",
    "id": "p2",
    "geometry": {"type": "Point", "coordinates": [98.3871234, 7.8841234]},
    "properties": {"kind": "museum", "name_th": "พิพิธภัณฑ์", "name_en": "Museum"},
}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Return a store's place, a client of its service, and the headers of every role."""
    place = filled(tmp_path_factory.mktemp("editing") / "store.sqlite")
    with guarded(place) as client:
        yield place, client, {role: signed_in(client, f"{role}-1") for role in DEMO_ROLES}


@pytest.fixture
def planner(service):
    """Return a function that sends as the planner, and leaves the places as they were."""
    _, client, headers = service

    def send(method, path, *, content=None, media_type=GEOJSON, **more):
        body = content if isinstance(content, bytes | None) else json.dumps(content).encode()
        told = headers["planner"] | ({"Content-Type": media_type} if body is not None else {})
        return client.request(method, path, content=body, headers=told | more)

    yield send
    for feature in client.get(PLACES, headers=headers["planner"]).json()["features"]:
        if feature["id"] != "p1":
            path = f"{PLACES}/{feature['id']}"
            assert send("DELETE", path, **{"If-Match": "*"}).status_code == 204


def tag_of(send, path):
    return {"If-Match": send("GET", path).headers["etag"]}


def test_a_feature_is_added_read_replaced_changed_and_deleted(planner):
    added = planner("POST", PLACES, content=MUSEUM)
    assert added.status_code == 201, added.text
    path = added.headers["location"]
    assert path.endswith("/places/items/p2")
    read = planner("GET", path)
    assert read.headers["etag"] == added.headers["etag"]
    feature = read.json()
    assert feature["geometry"] == MUSEUM["geometry"]
    assert feature["properties"] == MUSEUM["properties"] | {"source": "", "grade": ""}

    moved = MUSEUM | {"geometry": {"type": "Point", "coordinates": [98.388, 7.885]}}
    replaced = planner("PUT", path, content=moved, **{"If-Match": read.headers["etag"]})
    assert replaced.status_code == 204, replaced.text
    change = {"properties": {"name_en": "New Museum", "grade": "A"}}
    tag = {"If-Match": replaced.headers["etag"]}
    changed = planner("PATCH", path, content=change, media_type=PATCH, **tag)
    assert changed.status_code == 204, changed.text
    now = planner("GET", path).json()
    assert now["geometry"]["coordinates"] == [98.388, 7.885]
    assert now["properties"]["name_en"] == "New Museum"
    assert now["properties"]["name_th"] == "พิพิธภัณฑ์"
    assert planner("DELETE", path, **tag_of(planner, path)).status_code == 204
    assert planner("GET", path).status_code == 404


def test_the_public_reads_the_change_at_once(service, planner):
    _, client, _ = service
    before = client.get(PLACES)
    known = {"If-None-Match": before.headers["etag"]}
    assert client.get(PLACES, headers=known).status_code == 304
    planner("POST", PLACES, content=MUSEUM)
    after = client.get(PLACES, headers=known)
    assert after.status_code == 200
    assert after.json()["numberMatched"] == before.json()["numberMatched"] + 1
    assert client.get(f"{PLACES}/p2").status_code == 200


def test_an_id_is_made_where_none_is_brought_and_a_taken_one_is_refused(planner):
    bare = {name: value for name, value in MUSEUM.items() if name != "id"}
    made = planner("POST", PLACES, content=bare)
    assert made.status_code == 201
    assert planner("GET", made.headers["location"]).status_code == 200
    assert planner("POST", PLACES, content=MUSEUM).status_code == 201
    taken = planner("POST", PLACES, content=MUSEUM)
    assert (taken.status_code, "'p2'" in taken.json()["detail"]) == (409, True)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_change_names_the_version_it_changes(planner, method):
    planner("POST", PLACES, content=MUSEUM)
    path = f"{PLACES}/p2"
    media_type = PATCH if method == "PATCH" else GEOJSON
    content = None if method == "DELETE" else MUSEUM
    blind = planner(method, path, content=content, media_type=media_type)
    assert blind.status_code == 428
    assert "`If-Match`" in blind.json()["detail"]
    stale = tag_of(planner, path)
    other = {"properties": {"name_en": "Other"}}
    assert planner("PATCH", path, content=other, media_type=PATCH, **stale).status_code == 204
    late = planner(method, path, content=content, media_type=media_type, **stale)
    assert late.status_code == 412
    assert planner("GET", path).json()["properties"]["name_en"] == "Other"
    absent = planner(
        method, f"{PLACES}/none", content=content, media_type=media_type, **{"If-Match": "*"}
    )
    assert absent.status_code == 404


def test_whatever_version_there_is_stands_alone(planner):
    planner("POST", PLACES, content=MUSEUM)
    path, stale = f"{PLACES}/p2", {"If-Match": '*, "x"'}
    assert planner("DELETE", path, **stale).status_code == 412
    assert planner("DELETE", path, **{"If-Match": "*"}).status_code == 204


def test_of_many_who_change_at_once_one_is_told_to_have_done_it(planner):
    planner("POST", PLACES, content=MUSEUM)
    path = f"{PLACES}/p2"
    tag, answers = tag_of(planner, path), []

    def change(number):
        patch = {"properties": {"name_en": f"Museum {number}"}}
        answer = planner("PATCH", path, content=patch, media_type=PATCH, **tag)
        answers.append((answer.status_code, number))

    threads = [threading.Thread(target=change, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [winner] = [number for status, number in answers if status == 204]
    assert sorted(status for status, _ in answers) == [204, *[412] * 7]
    assert planner("GET", path).json()["properties"]["name_en"] == f"Museum {winner}"


def test_each_role_changes_what_the_table_says(service):
    _, client, headers = service
    for collection in ("places", "cameras", "incidents", "streets", "hotspots", "nothing"):
        for role in [*DEMO_ROLES, "public"]:
            told = headers.get(role, {}) | {"Content-Type": GEOJSON}
            answer = client.post(
                f"/ogc/collections/{collection}/items", content=b"{}", headers=told
            )
            if not may_read(Principal(role=role), collection):
                expected = 404
            elif role == "public":
                expected = 401
            else:
                expected = 422 if role in EDITORS.get(collection, ()) else 403
            assert answer.status_code == expected, (collection, role)


def test_what_a_role_does_not_see_it_neither_writes_nor_loses(service, planner):
    place, _, _ = service
    store = Store(place)
    camera, version = json.loads(store.item(ZONE, "cameras", "cam-municipal", view="full")[1]), None
    version = store.item(ZONE, "cameras", "cam-municipal", view="full")[2]
    camera["properties"]["colour"] = "grey"
    store.put_feature(ZONE, "cameras", camera, if_version=version)
    path = f"{CAMERAS}/cam-municipal"
    assert "colour" not in planner("GET", path).json()["properties"]
    change = {"properties": {"status": "up"}}
    done = planner("PATCH", path, content=change, media_type=PATCH, **tag_of(planner, path))
    assert done.status_code == 204, done.text
    kept = json.loads(store.item(ZONE, "cameras", "cam-municipal", view="full")[1])["properties"]
    assert (kept["colour"], kept["status"]) == ("grey", "up")
    sneaky = {"properties": {"colour": "mine"}}
    refused = planner("PATCH", path, content=sneaky, media_type=PATCH, **tag_of(planner, path))
    assert refused.status_code == 422
    assert any("`colour`" in fault and "hidden" in fault for fault in refused.json()["faults"])
    store.close()


def test_every_fault_is_told_at_once_and_nothing_is_stored(planner):
    bad = {
        "type": "Feature",
        "id": "p3",
        "geometry": {"type": "Point", "coordinates": [7.88, 98.38]},
        "properties": {"kind": "casino", "grade": "Z"},
        "colour": "red",
    }
    answer = planner("POST", PLACES, content=bad)
    assert answer.status_code == 422
    told = "\n".join(answer.json()["faults"])
    for part in ("`kind`", "`grade`", "`geometry`", "`colour`", "look swapped"):
        assert part in told
    assert planner("GET", f"{PLACES}/p3").status_code == 404


def ring(vertices):
    return [[98 + n / vertices, 7.8] for n in range(vertices)] + [[98, 8], [98, 7.8]]


UNREADABLE = {
    "no JSON": b"{",
    "no UTF-8": b'{"a":"\xff"}',
    "NaN": json.dumps(MUSEUM).replace("98.3871234", "NaN").encode(),
    "beyond all numbers": json.dumps(MUSEUM).replace("98.3871234", "1e999").encode(),
    "digits without end": json.dumps(MUSEUM).replace("98.3871234", "9" * 5000).encode(),
    "a member twice": json.dumps(MUSEUM)[:-1].encode() + b',"id":"p9"}',
    "deep": b'{"type":"Feature","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a broken surrogate": json.dumps(MUSEUM | {"id": "\ud800"}).encode(),
    "NUL in the id": json.dumps(MUSEUM | {"id": "p\0"}).encode(),
    "NUL in a property": json.dumps(MUSEUM).replace('"Museum"', '"Mus\\u0000eum"').encode(),
    "a broken surrogate in a property": json.dumps(MUSEUM)
    .replace('"Museum"', '"Mus\\ud800eum"')
    .encode(),
    "NUL in a property's name": json.dumps(MUSEUM)
    .replace('"kind"', '"k\\u0000": 1, "kind"')
    .encode(),
    "a broken surrogate in a property's name": json.dumps(MUSEUM)
    .replace('"kind"', '"k\\udfff": 1, "kind"')
    .encode(),
    "broken text in a list": json.dumps(MUSEUM)
    .replace('"kind"', '"k": ["\\ud800"], "kind"')
    .encode(),
    "NUL in an object": json.dumps(MUSEUM)
    .replace('"kind"', '"k": {"a": "\\u0000"}, "kind"')
    .encode(),
    "a number beyond all": json.dumps(MUSEUM).replace("98.3871234", "9" * 400).encode(),
    "nothing": b"",
    "deep in a property": json.dumps(MUSEUM).replace('"museum"', "[" * 900 + "]" * 900).encode(),
    "deep in a property of any kind": json.dumps(MUSEUM)
    .replace('"kind"', f'"k": {"[" * 700 + "]" * 700}, "kind"')
    .encode(),
}

BODIES = {
    "a list": b"[]",
    "another id": json.dumps(MUSEUM | {"id": 7}).encode(),
    "an object as id": json.dumps(MUSEUM | {"id": {}}).encode(),
    "a list as id": json.dumps(MUSEUM | {"id": [7]}).encode(),
    "a slash in the id": json.dumps(MUSEUM | {"id": "a/b"}).encode(),
    "a step up as id": json.dumps(MUSEUM | {"id": ".."}).encode(),
    "a text for properties": json.dumps(MUSEUM | {"properties": "none"}).encode(),
    "a list as geometry": json.dumps(MUSEUM | {"geometry": []}).encode(),
    "coordinates of text": json.dumps(MUSEUM).replace("98.3871234", '"98.4"').encode(),
    "many vertices": json.dumps(
        MUSEUM | {"geometry": {"type": "Polygon", "coordinates": [ring(40_000)]}}
    ).encode(),
    "a list as the type of a geometry": json.dumps(
        MUSEUM | {"geometry": {"type": ["Point"], "coordinates": [98.38, 7.88]}}
    ).encode(),
    "a list for properties": json.dumps(MUSEUM | {"properties": []}).encode(),
    "more properties than any layer has": json.dumps(
        MUSEUM | {"properties": MUSEUM["properties"] | {f"p{n}": n for n in range(10_000)}}
    ).encode(),
    "no geometry": json.dumps(MUSEUM | {"geometry": None}).encode(),
    "a property of the name id": json.dumps(
        MUSEUM | {"properties": MUSEUM["properties"] | {"id": "x"}}
    ).encode(),
}


@pytest.mark.parametrize("body", [*UNREADABLE, *BODIES])
def test_a_bomb_is_a_problem_and_never_more(planner, body):
    answer = planner("POST", PLACES, content=(UNREADABLE | BODIES)[body])
    assert answer.status_code == (400 if body in UNREADABLE else 422), answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["faults"]


def test_a_body_that_is_too_large_or_of_another_type_is_not_read(planner):
    million = MUSEUM | {
        "geometry": {"type": "LineString", "coordinates": [[98.1, 7.1]] * 1_000_000}
    }
    body = json.dumps(million).encode()
    assert len(body) > MAX_BYTES
    assert planner("POST", PLACES, content=body).status_code == 413
    for media_type in ("text/plain", "application/xml", "", "application/merge-patch+json"):
        answer = planner("POST", PLACES, content=MUSEUM, media_type=media_type)
        assert answer.status_code == 415
        assert GEOJSON in answer.headers["accept-post"]
    placed = {"Content-Crs": "<http://www.opengis.net/def/crs/EPSG/0/3857>"}
    assert planner("POST", PLACES, content=MUSEUM, **placed).status_code == 422


def test_the_audit_has_every_change_and_no_place(service, planner):
    place, _, _ = service
    store = Store(place)
    before = store.audit.last()
    planner("POST", PLACES, content=MUSEUM)
    change = {"properties": {"name_en": "A"}}
    tag = tag_of(planner, f"{PLACES}/p2")
    planner("PATCH", f"{PLACES}/p2", content=change, media_type=PATCH, **tag)
    planner("PATCH", f"{PLACES}/p2", content=change, media_type=PATCH, **tag)  # stale: undone
    with store.engine.reading() as session:
        rows = session.rows(
            "SELECT subject, action, target, detail FROM audit WHERE seq > :seq ORDER BY seq",
            seq=before.seq,
        )
        changes = [row for row in rows if row["action"] == "change"]
        assert [row["target"] for row in changes] == ["places/p2"] * 2
        assert {row["subject"] for row in changes} == {"planner-1"}
        assert "98.38" not in "".join(row["detail"] for row in rows)
        assert "Museum" not in "".join(row["detail"] for row in rows)
    store.close()


def test_merge_patches_do_as_the_examples_of_the_standard():
    # RFC 7396, appendix A, those whose patch is an object.
    assert patched({"a": "b"}, {"a": "c"}) == {"a": "c"}
    assert patched({"a": "b"}, {"b": "c"}) == {"a": "b", "b": "c"}
    assert patched({"a": "b", "b": "c"}, {"a": None}) == {"b": "c"}
    assert patched({"a": ["b"]}, {"a": "c"}) == {"a": "c"}
    assert patched({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}) == {"a": {"b": "d"}}
    assert patched({"a": "foo"}, {"a": {"bb": {"ccc": None}}}) == {"a": {"bb": {}}}
    assert patched({"e": None}, {"a": 1}) == {"e": None, "a": 1}
