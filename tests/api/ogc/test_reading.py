"""Reading layers by role, reference system, time and filter; paging while data change; forms."""

import json

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import shape

from api.accounts.demo import DEMO_ROLES, OWNER
from api.identity import Principal
from api.ogc.crs import CRS84
from api.rights import READERS, may_read
from api.roles import sees
from api.store import Store
from tests.api.ogc.test_router import link
from tests.api.sample import PROVENANCE, ZONE, fill, frame, zone_layers
from tests.api.signing import filled, guarded, signed_in

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
BUILDINGS = "/ogc/collections/buildings/items"
CAMERAS = "/ogc/collections/cameras/items"


def change(store):
    """Fill a store, with incidents at three times and cameras that tell more than is told on."""
    fill(store)
    layers = zone_layers()
    incidents = [
        {
            "id": f"i{n}",
            "geometry": shapely.Point(20 * n, 0),
            "category": "theft",
            "occurred_at": f"2026-03-0{n}T20:00:00+07:00",
            "synthetic": True,
        }
        for n in (1, 2, 3)
    ]
    cameras = layers["cameras"].assign(colour="grey", owner=["a", "b", OWNER])
    changed = {"incidents": frame(incidents), "cameras": cameras}
    store.put_layers(ZONE, changed, kind="layer", provenance=PROVENANCE)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Return the place of a store, a client of its service, and the headers of every role."""
    place = filled(tmp_path_factory.mktemp("reading") / "store.sqlite", change)
    with guarded(place) as client:
        yield place, client, {role: signed_in(client, f"{role}-1") for role in DEMO_ROLES}


@pytest.fixture
def get(service):
    """Return a function that reads as a role, or as the public."""
    _, client, headers = service

    def read(path, *, role="public", **query):
        named = {name.replace("_", "-"): value for name, value in query.items()}
        return client.get(path, params=named or None, headers=headers.get(role))

    return read


@pytest.mark.parametrize("role", [*DEMO_ROLES, "public"])
def test_each_role_finds_the_collections_that_the_table_says(get, role):
    listed = [one["id"] for one in get("/ogc/collections", role=role).json()["collections"]]
    stored = set(zone_layers()) | {"hotspots", "blind_spots", "camera_sites", "fields_of_view"}
    stored |= {"patrol_tours", "patrol_stops"}
    allowed = {name for name in stored if may_read(Principal(role=role), name)}
    assert set(listed) == allowed
    for name in READERS:
        expected = 200 if name in allowed else 404
        for path in ("", "/items", "/queryables") if role == "auditor" else ("/items",):
            answer = get(f"/ogc/collections/{name}{path}", role=role)
            assert answer.status_code == expected, (name, path)


@pytest.mark.parametrize("role", [*DEMO_ROLES, "public"])
def test_each_role_sees_its_part_of_a_camera(get, role):
    page = get(CAMERAS, role=role).json()
    features = {feature["id"]: feature for feature in page["features"]}
    assert page["numberMatched"] == len(features)
    kinds = {"cam-programme": "programme", "cam-municipal": "municipal", "cam-private": "private"}
    queryables = get("/ogc/collections/cameras/queryables", role=role).json()["properties"]
    if role == "partner":
        assert set(features) == {"cam-private"}
    if role == "public":
        assert "cam-private" not in features
    for name, feature in features.items():
        properties = feature["properties"]
        assert properties.keys() <= set(queryables)
        for column in ("colour", "owner", "azimuth_deg", "status", "owner_kind"):
            assert (column in properties) == sees(role, column, owner_kind=kinds[name])
        is_placed = sees(role, "geometry", owner_kind=kinds[name])
        assert (feature["geometry"] is not None) == is_placed
        alone = get(f"{CAMERAS}/{name}", role=role).json()
        assert alone["properties"] == properties
    for name in kinds.keys() - features.keys():
        assert get(f"{CAMERAS}/{name}", role=role).status_code == 404


def test_a_hidden_place_cannot_be_searched_for(get):
    everything = {"bbox": "-180,-90,180,90"}
    spatial = {"filter": "S_INTERSECTS(geometry, BBOX(-180,-90,180,90))"}
    for query in (everything, spatial):
        found = get(CAMERAS, role="officer", **query).json()
        assert [one["id"] for one in found["features"]] == ["cam-programme", "cam-municipal"]
        assert found["numberMatched"] == 2
    assert get(CAMERAS, role="officer").json()["numberMatched"] == 3


def test_a_hidden_property_cannot_be_asked_for(get):
    azimuth, colour = "azimuth_deg = 90", "colour = 'grey'"
    for role, asked, status in (
        ("commander", azimuth, 200),
        ("auditor", azimuth, 400),
        ("commander", colour, 400),
        ("public", colour, 400),
    ):
        answer = get(CAMERAS, role=role, filter=asked)
        assert answer.status_code == status
        if status == 400:
            assert asked.partition(" ")[0] in answer.json()["detail"]
            assert "'grey'" not in answer.text


def test_tags_of_roles_differ_and_may_be_kept_by_their_owner_alone(get, service):
    _, client, headers = service
    tags = set()
    for role in ("commander", "planner", "operator", "officer", "public"):
        answer = get(CAMERAS, role=role)
        assert {"Authorization", "Cookie", "Accept"} <= set(answer.headers["vary"].split(", "))
        assert ("private" in answer.headers["cache-control"]) == (role != "public")
        known = headers.get(role, {}) | {"If-None-Match": answer.headers["etag"]}
        assert client.get(CAMERAS, headers=known).status_code == 304
        tags.add(answer.headers["etag"])
    assert len(tags) == 5


def test_reading_what_is_restricted_stands_in_the_audit(get, service):
    store = Store(service[0])

    def last_read():
        with store.engine.reading() as session:
            sql = "SELECT seq, subject, target FROM audit WHERE action = 'read'"
            rows = session.rows(f"{sql} ORDER BY seq DESC LIMIT 1")
        return tuple(rows[0]) if rows else (0, "", "")

    before = last_read()[0]
    get("/ogc/collections/incidents/items", role="officer", limit=1)
    seq, subject, target = last_read()
    assert (seq > before, subject, target) == (True, "officer-1", "incidents")
    get(BUILDINGS, role="officer")
    get(CAMERAS)
    assert last_read()[0] == seq
    store.close()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("2026-03-02T13:00:00Z", ["i2"]),
        ("2026-03-02", ["i2"]),
        ("2026-03-02T00:00:00Z/..", ["i2", "i3"]),
        ("../2026-03-02T12:59:59Z", ["i1"]),
        ("2026-03-01/2026-03-02", ["i1", "i2"]),
        ("2027-01-01/..", []),
    ],
)
def test_incidents_are_found_by_their_time(get, text, ids):
    path = "/ogc/collections/incidents"
    told = get(path, role="officer").json()
    assert told["timeProperties"][0] == "occurred_at"
    found = get(f"{path}/items", role="officer", datetime=text).json()
    assert [feature["id"] for feature in found["features"]] == ids
    assert found["numberMatched"] == len(ids)


def test_tours_are_found_while_they_last(get):
    path = "/ogc/collections/patrol_tours/items"
    for text, count in (("2026-03-01T14:00:00Z", 2), ("2026-03-01T15:31:00Z/..", 0)):
        assert get(path, role="officer", datetime=text).json()["numberMatched"] == count


def test_pages_of_a_filter_follow_their_links(get):
    query = {"filter": "kind = 'shophouse' AND height_m > 1", "limit": 5}
    url, seen = BUILDINGS, []
    while url:
        page = get(url, **query).json()
        query = {}
        seen += [feature["id"] for feature in page["features"]]
        assert page["numberMatched"] == 12
        url = link(page, "next")
    assert seen == list(zone_layers()["buildings"].index)


def test_no_survivor_is_missed_or_seen_twice_while_the_layer_changes(get, service):
    store = Store(service[0])
    before = zone_layers()["buildings"]
    query, seen, url = {"limit": 3}, [], BUILDINGS
    for number in range(20):
        page = get(url, **query).json()
        query = {}
        seen += [feature["id"] for feature in page["features"]]
        url = link(page, "next")
        if url is None:
            break
        gone = ["b0", "b2", "b3", "b4", "b10"][: number + 1]
        now = before.drop(index=gone).iloc[::-1]
        store.put_layer(ZONE, "buildings", now, kind="layer", provenance=PROVENANCE)
    store.put_layer(ZONE, "buildings", before, kind="layer", provenance=PROVENANCE)
    store.close()
    assert len(seen) == len(set(seen))
    assert set(seen) >= {"b1", "b5", "b6", "b7", "b8", "b9", "b11"}


@pytest.mark.parametrize("code", ["4326", "3857"])
@pytest.mark.parametrize("path", [BUILDINGS, f"{BUILDINGS}/b3", "/ogc/collections/places/items"])
def test_geometries_come_in_the_system_asked_for(get, path, code):
    plain, placed = get(path), get(path, crs=EPSG + code)
    assert plain.headers["content-crs"] == f"<{CRS84}>"
    assert placed.headers["content-crs"] == f"<{EPSG}{code}>"
    turn = Transformer.from_crs("EPSG:4326", f"EPSG:{code}", always_xy=False)
    first, second = (one.get("features", [one]) for one in (plain.json(), placed.json()))
    for before, after in zip(first, second, strict=True):
        pairs = shapely.get_coordinates(shape(before["geometry"]))
        expected = np.column_stack(turn.transform(pairs[:, 1], pairs[:, 0]))
        found = shapely.get_coordinates(shape(after["geometry"]))
        assert np.abs(found - expected).max() < 1e-3
        assert before["properties"] == after["properties"]


@pytest.mark.parametrize("code", ["4326", "3857"])
def test_a_box_may_be_given_in_any_system(get, code):
    west, south, east, north = zone_layers()["buildings"].to_crs(epsg=4326).total_bounds
    middle = (west + east) / 2
    plain = get(BUILDINGS, bbox=f"{west},{south},{middle},{north}").json()
    turn = Transformer.from_crs("EPSG:4326", f"EPSG:{code}", always_xy=False)
    corners = [*turn.transform(south, west), *turn.transform(north, middle)]
    found = get(BUILDINGS, bbox=",".join(map(str, corners)), bbox_crs=EPSG + code).json()
    assert 2 < plain["numberMatched"] < 12
    assert found["numberMatched"] == plain["numberMatched"]
    assert get(link(found, "self")).json()["features"] == found["features"]


@pytest.mark.parametrize(
    "query",
    [
        {"crs": "EPSG:4326"},
        {"crs": f"{EPSG}2154"},
        {"bbox_crs": "x", "bbox": "1,2,3,4"},
        {"bbox": "1e300,0,1e301,1", "bbox_crs": f"{EPSG}3857"},
        {"bbox": "9,9,1,1", "bbox_crs": f"{EPSG}3857"},
        {"bbox": "nan,0,1,1", "bbox_crs": f"{EPSG}3857"},
        {"filter": "kind ="},
        {"filter": "kind = 'a'", "filter_lang": "sql"},
        {"filter": "kind = 'a'", "filter_crs": "x"},
        {"filter": "unknown = 'a'"},
        {"f": "xml"},
        {"lang": "de"},
        {"limit": "5", "offset": "1", "after": "0" * 32},
        {"after": "1"},
        {"after": "0" * 32},
        {"after": "x"},
    ],
)
def test_a_bad_parameter_is_refused(get, query):
    answer = get(BUILDINGS, **query)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_all_faults_of_a_query_are_told_at_once_and_doubles_are_faults(service):
    _, client, _ = service
    answer = client.get(f"{BUILDINGS}?bbox=1,2&limit=x&filter=(&colour=red&limit=2&f=xml")
    named = [fault["parameter"] for fault in answer.json()["parameters"]]
    assert sorted(named) == ["bbox", "colour", "f", "filter", "limit", "limit"]
    assert client.get("/ogc?f=json&f=json").status_code == 400


def test_of_a_query_with_thousands_of_faults_a_hundred_are_told(service):
    _, client, _ = service
    many = "&".join(f"{number:x}" for number in range(6_000))
    answer = client.get(f"{BUILDINGS}?{many}")
    assert answer.status_code == 400
    assert len(answer.json()["parameters"]) == 100


def test_a_box_across_the_antimeridian_and_one_upside_down(get):
    west, south, east, north = zone_layers()["buildings"].to_crs(epsg=4326).total_bounds
    around = get(BUILDINGS, bbox=f"{west},{south},-170,{north}").json()
    assert around["numberMatched"] == 12
    assert get(BUILDINGS, bbox=f"{east + 1},{south},-170,{north}").json()["numberMatched"] == 0
    assert get(BUILDINGS, bbox=f"{west},{north},{east},{south}").status_code == 400


PATHS = ["", "/conformance", "/collections", "/collections/streets"]
PATHS += [f"/collections/streets/{part}" for part in ("queryables", "items", "items/thalang-01")]


@pytest.mark.parametrize("path", PATHS)
def test_people_get_pages_and_programs_get_json(service, path):
    _, client, _ = service
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    url = f"/ogc{path}"
    for accept, kind in (
        (browser, "text/html"),
        ("*/*", "json"),
        ("application/geo+json,text/html;q=0.5", "json"),
        ("application/json;q=0.2,text/html", "text/html"),
    ):
        told = client.get(url, headers={"Accept": accept}).headers["content-type"]
        assert kind in told, (accept, told)
    thai = client.get(url, params={"f": "html", "lang": "th"})
    english = client.get(url, params={"f": "html", "lang": "en"})
    assert 'lang="th"' in thai.text
    assert 'lang="en"' in english.text
    assert thai.headers["etag"] != english.headers["etag"]
    known = {"If-None-Match": english.headers["etag"]}
    assert client.get(url, params={"f": "html", "lang": "en"}, headers=known).status_code == 304
    assert client.get(url, headers=known).status_code == 200
    assert (
        "json"
        in client.get(url, params={"f": "json"}, headers={"Accept": browser}).headers[
            "content-type"
        ]
    )


def test_what_is_large_is_packed(service):
    _, client, _ = service
    packed = client.get(BUILDINGS, headers={"Accept-Encoding": "gzip"})
    plain = client.get(BUILDINGS, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json()["features"] == plain.json()["features"]
    assert packed.headers["etag"] == plain.headers["etag"]


def test_the_links_carry_the_zone_of_the_path(service):
    _, client, _ = service
    page = client.get(f"/zones/{ZONE}{BUILDINGS}?limit=2").json()
    assert f"/zones/{ZONE}/ogc/collections/buildings/items?" in link(page, "next")
    assert client.get(link(page, "next")).json()["numberReturned"] == 2
    assert client.get(f"/zones/other{BUILDINGS}").status_code == 404


def test_the_api_tells_of_the_largest_page_and_of_every_parameter(service):
    _, client, _ = service
    paths = client.get("/openapi.json").json()["paths"]
    told = paths["/ogc/collections/{collection}/items"]["get"]["parameters"]
    by_name = {parameter["name"]: parameter for parameter in told}
    # More is no fault, but read as the largest page: a `maximum` would say otherwise.
    assert by_name["limit"]["schema"].keys() == {"type", "minimum", "default"}
    assert "10,000" in by_name["limit"]["description"]
    assert by_name["crs"]["schema"]["enum"][:3] == [CRS84, f"{EPSG}4326", f"{EPSG}3857"]
    taken = {"bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs"}
    assert by_name.keys() == taken | {"collection", "limit", "offset", "after", "f", "lang"}
    assert json.dumps(by_name["filter"]).count("64 operators") == 1
