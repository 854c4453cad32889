"""The fast lane: it answers as the routes do, to the public alone, and never what is no more so."""

import gzip
import json
import re
import sqlite3
from contextlib import closing

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.middleware.gzip import GZipMiddleware

from api.ogc import item_reader, lane, tile_reader
from api.ogc.marks import mark_of
from api.store import Store
from tests.api.ogc.calling import Service
from tests.api.sample import PROVENANCE, ZONE, fill, zone_layers

LAYERS = ("streets", "buildings", "cameras", "lamps", "incidents", "fields_of_view", "tunnels")
WEST, SOUTH, EAST, NORTH = zone_layers()["boundary"].to_crs(epsg=4326).total_bounds


SHARES = st.floats(-0.2, 1.2)
BOXES = st.builds(
    lambda x, y, dx, dy: ",".join(
        f"{value:.7f}"
        for value in (
            WEST + x * (EAST - WEST),
            SOUTH + y * (NORTH - SOUTH),
            WEST + (x + dx) * (EAST - WEST),
            SOUTH + (y + dy) * (NORTH - SOUTH),
        )
    ),
    *(SHARES, SHARES, SHARES, SHARES),
)
QUERIES = st.lists(
    st.one_of(
        BOXES.map("bbox={}".format),
        st.integers(0, 200).map("limit={}".format),
        st.integers(0, 30).map(lambda position: f"after=<{position}>"),
        st.text("0123456789abcdefg", min_size=31, max_size=33).map("after={}".format),
        st.sampled_from(["f=html", "f=json", "offset=1", "bbox=1,2", "limit=x", "colour=red", ""]),
    ),
    max_size=3,
).map("&".join)
IDS = [*zone_layers()["buildings"].index[:3], *zone_layers()["cameras"].index, "none"]
ACCEPTS = st.sampled_from(
    ["*/*", "application/geo+json", "text/html", "TEXT/HTML", "text/html,*/*;q=0.1"]
)


def alike(one, other):
    def told(answer):
        status, headers, body = answer
        own = {b"x-request-id", b"content-length", b"set-cookie"}
        kept = {name: value for name, value in headers.items() if name not in own}
        kept[b"vary"] = frozenset(headers.get(b"vary", b"").split(b", "))
        if headers.get(b"content-encoding") == b"gzip":
            body = gzip.decompress(body)
        if headers.get(b"content-type") == b"application/geo+json" and body:
            document = json.loads(body)
            document.pop("timeStamp", None)
            return status, kept, document
        return status, kept, body

    (status, headers, body), (expected, fuller, document) = told(one), told(other)
    assert (status, headers, body) == (expected, fuller, document), headers.items() ^ fuller.items()


REQUESTS = st.fixed_dictionaries(
    {
        "layer": st.sampled_from(LAYERS),
        "item": st.one_of(st.none(), st.sampled_from(IDS)),
        "query": QUERIES,
        "accept": ACCEPTS,
        "encoding": st.sampled_from(["identity", "gzip"]),
    }
)


def marked(service, layer, query):
    """Write the positions in a query as the layer's marks."""
    if layer not in LAYERS[:-1]:
        return query
    record = service.store.layer(ZONE, layer)
    return re.sub("<([0-9]+)>", lambda found: mark_of(record, int(found[1])), query)


@settings(max_examples=150)
@given(REQUESTS)
def test_the_lane_answers_as_the_routes_do(services, asked):
    layer, item, query = asked["layer"], asked["item"], asked["query"]
    path = f"/ogc/collections/{layer}/items" + (f"/{item}" if item else "")
    query = marked(services[0], layer, query)
    headers = {"accept": asked["accept"], "accept_encoding": asked["encoding"]}
    mine, theirs = (service.get(path, query, **headers) for service in services)
    alike(mine, theirs)
    tag = mine[1].get(b"etag")
    if tag is not None:
        for known in (tag.decode(), '"other"', f'"a", {tag.decode()}', "*"):
            told = headers | {"if_none_match": known}
            alike(*(service.get(path, query, **told) for service in services))


def test_a_layer_in_memory_answers_as_the_database_does(services, taken):
    mine, theirs = services
    box = f"bbox={WEST},{SOUTH},{(WEST + EAST) / 2},{NORTH}&limit=3"
    snapshots = mine.app.state.snapshots
    for _ in range(60):
        mine.get("/ogc/collections/buildings/items", box)
    snapshots._builder.submit(lambda: None).result()
    held = [snapshot.layer.name for snapshot in snapshots._kept.values()]
    assert "buildings" in held
    taken.clear()
    beyond = marked(mine, "buildings", box + "&after=<3>")
    for query in (box, beyond, "limit=100", "bbox=170,-10,-170,10&limit=2"):
        alike(*(s.get("/ogc/collections/buildings/items", query) for s in (mine, theirs)))
    for item in IDS:
        alike(*(s.get(f"/ogc/collections/buildings/items/{item}") for s in (mine, theirs)))
    assert 200 in taken


def test_a_change_by_anybody_is_seen_at_the_next_request(services, taken):
    mine, _ = services
    path = "/ogc/collections/lamps/items"
    for _ in range(60):
        mine.get(path, "limit=10")
    mine.app.state.snapshots._builder.submit(lambda: None).result()
    lamps = zone_layers()["lamps"]
    with closing(Store(mine.store.engine.path)) as other:
        for count in (3, 8, 5):
            status, headers, _ = mine.get(path, "limit=10")
            known = {"if_none_match": headers[b"etag"].decode()}
            assert (status, mine.get(path, "limit=10", **known)[0]) == (200, 304)
            one = mine.get(f"{path}/l1")[1][b"etag"].decode()
            assert mine.get(f"{path}/l1", if_none_match=one)[0] == 304
            changed = lamps.iloc[:count].assign(lit=count % 2 == 0)
            other.put_layer(ZONE, "lamps", changed, kind="layer", provenance=PROVENANCE)
            status, _, body = mine.get(path, "limit=10", **known)
            assert (status, json.loads(body)["numberMatched"]) == (200, count)
            assert mine.get(f"{path}/l1", if_none_match=one)[0] == 200
        other.put_layer(ZONE, "lamps", lamps, kind="layer", provenance=PROVENANCE)
    assert {200, 304} <= set(taken)


def test_both_databases_tell_the_lane_of_changes(store_place, taken):
    service = Service(store_place)
    fill(service.store)
    path, lamps = "/ogc/collections/lamps/items", zone_layers()["lamps"]
    for count in (8, 3, 5):
        fewer = lamps.iloc[:count]
        service.store.put_layer(ZONE, "lamps", fewer, kind="layer", provenance=PROVENANCE)
        for _ in range(25):
            status, headers, body = service.get(path, "limit=10")
        assert (status, json.loads(body)["numberMatched"]) == (200, count)
        assert service.get(path, if_none_match=headers[b"etag"].decode())[0] == 304
        assert service.get(f"{path}/l4")[0] == (200 if count > 4 else 404)
    assert {200, 304} <= set(taken)
    service.store.close()


def test_a_lane_that_forgets_to_look_would_be_found(services, monkeypatch):
    mine, _ = services
    path = "/ogc/collections/lamps/items"
    tag = mine.get(path, "limit=10")[1][b"etag"].decode()
    monkeypatch.setattr(lane._Memory, "refresh", lambda _: None)
    lamps = zone_layers()["lamps"]
    mine.store.put_layer(ZONE, "lamps", lamps.iloc[:2], kind="layer", provenance=PROVENANCE)
    assert mine.get(path, "limit=10", if_none_match=tag)[0] == 304  # the planted fault
    monkeypatch.undo()
    assert mine.get(path, "limit=10", if_none_match=tag)[0] == 200
    mine.store.put_layer(ZONE, "lamps", lamps, kind="layer", provenance=PROVENANCE)


def test_whoever_signed_in_goes_the_whole_road(services, taken):
    mine, _ = services
    path = "/ogc/collections/streets/items"
    assert mine.get(path, "limit=1")[0] == 200
    assert taken == [200]
    assert mine.get(path, "limit=1", authorization="Bearer nonsense")[0] == 401
    assert taken == [200]


def test_a_store_that_fails_is_told_by_the_routes(tmp_path, taken):
    place = tmp_path / "store.sqlite"
    service = Service(place)
    fill(service.store)
    assert service.get("/ogc/collections/streets/items", "limit=1")[0] == 200
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("DROP TABLE features")
    status, headers, _ = service.get("/ogc/collections/streets/items", "limit=1")
    assert (status, headers[b"content-type"]) == (503, b"application/problem+json")
    service.store.close()


def test_large_answers_are_packed_beside_other_work(services, taken, monkeypatch):
    monkeypatch.setattr(item_reader, "MOST_PACKED", 1_500)
    mine, theirs = services
    path = "/ogc/collections/buildings/items"
    for query, status in (("limit=1", 200), ("limit=100", None)):
        packed = [one.get(path, query, accept_encoding="gzip") for one in (mine, theirs)]
        alike(*packed)
        assert taken.pop() == status
    [packer] = [one for one in mine.app.user_middleware if one.cls is GZipMiddleware]
    assert packer.cls(None, **packer.kwargs).thread_minimum_size <= 128 * 1024


def test_the_lane_does_not_remember_paths_without_end(services):
    mine, _ = services
    readings = (item_reader._asked, tile_reader._named)
    for reading in readings:
        reading.cache_clear()
    for letters in range(640, 650):
        mine.get("/ogc/" + letters * "a" + "\U0001f600")
        mine.get("/ogc/collections/lamps/items", "bbox=" + letters * "1")
    assert [reading.cache_info().currsize for reading in readings] == [0, 0]
    mine.get("/ogc/collections/lamps/items")
    assert readings[0].cache_info().currsize == 1


def test_a_mark_of_another_layer_is_refused_by_whatever_is_known(services):
    path, strange = "/ogc/collections/lamps/items", f"after={'0' * 32}"
    for service in services:
        assert service.get(path, strange, if_none_match="*")[0] == 400
