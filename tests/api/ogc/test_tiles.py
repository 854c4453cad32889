"""OGC API Tiles: documents, the tiles themselves, who sees what in them, and caching."""

import json
import threading

import httpx
import mapbox_vector_tile
import pytest
import shapely
from shapely.geometry import shape as shape_of
from starlette.middleware import Middleware

from api.identity import Principal
from api.main import create_app
from api.ogc import tiles
from api.ogc.lane import FastLane
from api.store import Store
from geo.tile_grid import GRID_NAME, grid_document, tile_at, to_mercator
from geo.vector_tiles import BUFFER, EXTENT
from tests.api.sample import PROVENANCE, ZONE, fill, zone_layers
from tests.api.serving import serving, settings_for

CENTRE = zone_layers()["streets"].to_crs(epsg=4326).union_all().centroid
ZOOM = 15
AT = tile_at(CENTRE.x, CENTRE.y, ZOOM)
ROLES = ("commander", "planner", "operator", "officer", "partner", "auditor", "public")


def path_of(collection, address=AT):
    where = f"{address.zoom}/{address.row}/{address.column}"
    return f"/ogc/collections/{collection}/tiles/{GRID_NAME}/{where}"


def features_of(answer, collection):
    if answer.status_code == 204:
        return []
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    options = {"y_coord_down": True}
    return mapbox_vector_tile.decode(answer.content, default_options=options)[collection][
        "features"
    ]


class SignedIn:
    """Let a request's own header say who asks."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        headers = dict(scope.get("headers", ()))
        role = headers.get(b"x-test-role", b"").decode()
        if role:
            owner = "The Shop" if role == "partner" else None
            scope["principal"] = Principal(subject=f"{role}-1", role=role, owner=owner)
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def as_role(tmp_path_factory):
    """Return a function that gives a client of a role; the role stands where sign-in puts it."""
    path = tmp_path_factory.mktemp("tiles") / "store.sqlite"
    store = Store(path)
    fill(store)
    store.close()
    app = create_app(settings_for(path))
    lane = [middleware.cls for middleware in app.user_middleware].index(FastLane)
    app.user_middleware.insert(lane, Middleware(SignedIn))

    with serving(app) as address, httpx.Client(base_url=address, timeout=30) as client:

        def client_of(role):
            client.headers["x-test-role"] = role
            return client

        yield client_of


def test_links_lead_to_a_tile(client):
    listed = client.get("/ogc/collections/streets/tiles").json()
    (tileset,) = listed["tilesets"]
    links = {link["rel"]: link["href"] for link in tileset["links"]}
    described = client.get(links["self"]).json()
    assert described["layers"] == [{"id": "streets", "dataType": "vector"}]
    assert client.get(links["http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"]).json() == (
        json.loads(json.dumps(grid_document()))
    )
    url = links["item"].format(tileMatrix=AT.zoom, tileRow=AT.row, tileCol=AT.column)
    assert len(features_of(client.get(url), "streets")) == 3
    grids = client.get("/ogc/tileMatrixSets").json()["tileMatrixSets"]
    assert [grid["id"] for grid in grids] == [GRID_NAME]


def test_maps_read_tilejson(client):
    told = client.get(f"/ogc/collections/streets/tiles/{GRID_NAME}/tilejson.json").json()
    (template,) = told["tiles"]
    url = template.format(z=AT.zoom, x=AT.column, y=AT.row)
    found = features_of(client.get(url), "streets")
    (layer,) = told["vector_layers"]
    assert layer["id"] == "streets"
    assert set(layer["fields"]) >= {name for one in found for name in one["properties"]}
    assert "OpenStreetMap" in told["attribution"]
    assert told["bounds"][0] < CENTRE.x < told["bounds"][2]


@pytest.mark.parametrize("collection", ["streets", "buildings", "places", "lamps", "cameras"])
def test_a_tile_holds_what_the_items_are(client, collection):
    items = client.get(f"/ogc/collections/{collection}/items").json()["features"]
    found = features_of(client.get(path_of(collection)), collection)
    assert [one["properties"]["id"] for one in found] == [item["id"] for item in items]
    west, south, east, north = AT.bounds_m()
    for one, item in zip(found, items, strict=True):
        told = {k: v for k, v in item["properties"].items() if v is not None}
        assert one["properties"] == {"id": item["id"]} | told
        drawn = shapely.transform(
            shape_of(item["geometry"]),
            lambda xy: (to_mercator(xy) - (west, north)) * EXTENT / (east - west, south - north),
        )
        cut = shapely.clip_by_rect(drawn, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
        assert shapely.hausdorff_distance(shape_of(one["geometry"]), cut) < 6


@pytest.mark.parametrize("collection", ["cameras", "fields_of_view", "incidents", "patrol_tours"])
@pytest.mark.parametrize("role", ROLES)
def test_nobody_sees_in_a_tile_what_they_do_not_see_in_the_items(as_role, collection, role):
    """The oracle is the table of rights and `api.roles`, as `sight_of` reads them."""
    client = as_role(role)
    answer = client.get(path_of(collection))
    try:
        sight = tiles.sight_of(
            Principal(
                subject=f"{role}-1", role=role, owner="The Shop" if role == "partner" else None
            ),
            collection,
            zone=ZONE,
        )
    except LookupError:
        assert answer.status_code == 404
        assert client.get(f"/ogc/collections/{collection}/tiles").status_code == 404
        return
    found = features_of(answer, collection)
    for one in found:
        kind = one["properties"].get("owner_kind")
        assert all(sight.sees(name, kind) for name in set(one["properties"]) - {"id"})
        assert sight.sees("geometry", kind)
    if role == "public" and collection == "cameras":
        assert {one["properties"]["owner_kind"] for one in found} == {"programme", "municipal"}


def test_the_planner_sees_a_private_camera_that_the_public_does_not(as_role):
    seen = {
        role: {
            one["properties"]["owner_kind"]
            for one in features_of(as_role(role).get(path_of("cameras")), "cameras")
        }
        for role in ("public", "planner", "officer")
    }
    assert seen["planner"] - seen["public"] == {"private"}
    assert "private" not in seen["officer"]  # whose place it may not see
    tags = {role: as_role(role).get(path_of("cameras")).headers["etag"] for role in seen}
    assert len(set(tags.values())) == 3


def test_a_tile_that_leaked_would_be_noticed(as_role, monkeypatch):
    monkeypatch.setattr(tiles.Sight, "version", lambda _self, record: record.version)
    monkeypatch.setattr(tiles, "seen_of", lambda sight, record: (sight.collection, record.version))
    planner = features_of(as_role("planner").get(path_of("cameras")), "cameras")
    public = features_of(as_role("public").get(path_of("cameras")), "cameras")
    assert len(public) == len(planner)


def test_a_client_that_has_the_tile_is_told_so_until_the_layer_changes(tmp_path):
    path = tmp_path / "store.sqlite"
    store = Store(path)
    fill(store)
    with (
        serving(create_app(settings_for(path))) as address,
        httpx.Client(base_url=address) as client,
    ):
        first = client.get(path_of("streets"))
        given = {"If-None-Match": first.headers["etag"]}
        again = client.get(path_of("streets"), headers=given)
        assert (again.status_code, again.content) == (304, b"")
        changed = zone_layers()["streets"].assign(name_en="Renamed Road")
        store.put_layer(ZONE, "streets", changed, kind="layer", provenance=PROVENANCE)
        fresh = client.get(path_of("streets"), headers=given)
        names = {one["properties"]["name_en"] for one in features_of(fresh, "streets")}
        assert names == {"Renamed Road"}
        store.put_layer(
            ZONE, "streets", zone_layers()["streets"], kind="layer", provenance=PROVENANCE
        )
        assert client.get(path_of("streets")).content == first.content
    store.close()


def test_tiles_are_of_one_version_while_the_layer_changes(tmp_path):
    path = tmp_path / "store.sqlite"
    store = Store(path)
    fill(store)
    done = threading.Event()

    def change_once(number):
        layer = zone_layers()["streets"].assign(name_en=f"Name {number % 7}")
        store.put_layer(ZONE, "streets", layer, kind="layer", provenance=PROVENANCE)

    def change():
        for number in range(400):
            if done.is_set():
                return
            change_once(number)

    change_once(0)

    writer = threading.Thread(target=change)
    with (
        serving(create_app(settings_for(path))) as address,
        httpx.Client(base_url=address) as client,
    ):
        writer.start()
        tags = {}
        for turn in range(3000):
            if turn >= 60 and len(tags) > 1:
                break
            answer = client.get(path_of("streets"))
            if answer.status_code == 503:
                continue
            names = {one["properties"]["name_en"] for one in features_of(answer, "streets")}
            assert len(names) == 1
            assert tags.setdefault(answer.headers["etag"], names) == names
        done.set()
        writer.join()
    assert len(tags) > 1
    store.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (path_of("streets", AT._replace(row=2**ZOOM)), 404),
        (path_of("streets", AT._replace(zoom=23)), 422),
        (path_of("streets", AT._replace(row="x")), 422),
        (path_of("streets", AT._replace(row=-1)), 422),
        (path_of("nothing"), 404),
        (path_of("streets") + "?colour=red", 400),
        ("/ogc/collections/streets/tiles/OtherGrid", 404),
        ("/ogc/tileMatrixSets/OtherGrid", 404),
    ],
)
def test_what_there_is_not_is_told(client, path, status):
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_tile_in_which_nothing_lies_has_no_content(client):
    answer = client.get(path_of("streets", tile_at(-70.0, 40.0, ZOOM)))
    assert (answer.status_code, answer.content) == (204, b"")
