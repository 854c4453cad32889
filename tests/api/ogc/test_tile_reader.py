"""Tiles by the fast lane: as the routes give them, packed or not, to the public alone."""

import gzip

from hypothesis import given, settings
from hypothesis import strategies as st

from api.ogc import tile_reader
from geo.tile_grid import GRID_NAME, tile_at
from tests.api.ogc.calling import Service
from tests.api.sample import PROVENANCE, ZONE, fill, zone_layers

CENTRE = zone_layers()["streets"].to_crs(epsg=4326).union_all().centroid
TILES = "/ogc/collections/{}/tiles/" + GRID_NAME
AT = tile_at(CENTRE.x, CENTRE.y, 15)
PATH = f"{TILES.format('streets')}/15/{AT.row}/{AT.column}"


def told(answer):
    """Return an answer unpacked, without what each has of its own."""
    status, headers, body = answer
    own = {b"x-request-id", b"content-length"}
    kept = {name: value for name, value in headers.items() if name not in own}
    kept[b"vary"] = frozenset(headers.get(b"vary", b"").split(b", "))
    packed = headers.get(b"content-encoding") == b"gzip"
    return status, kept, gzip.decompress(body) if packed else body


def numbers(zoom):
    middle = tile_at(CENTRE.x, CENTRE.y, zoom)
    near = st.integers(-1, 1)
    return st.tuples(
        st.just(str(zoom)),
        near.map(lambda away: str(middle.row + away)),
        near.map(lambda away: str(middle.column + away)),
    )


STRANGE = st.tuples(*[st.sampled_from(["0", "007", "23", "99999999", "-1", "x", "1e3", ""])] * 3)
REQUESTS = st.fixed_dictionaries(
    {
        "layer": st.sampled_from(["streets", "buildings", "cameras", "incidents", "tunnels"]),
        "tile": st.one_of(numbers(12), numbers(15), numbers(18), STRANGE),
        "query": st.sampled_from(["", "", "", "f=json", "limit=3"]),
        "encoding": st.sampled_from(["identity", "gzip", "br, gzip;q=0.5"]),
        "root": st.sampled_from(["", f"/zones/{ZONE}", "/zones/nowhere"]),
    }
)


@settings(max_examples=120)
@given(REQUESTS)
def test_the_lane_gives_tiles_as_the_routes_do(services, asked):
    mine, theirs = services
    path = asked["root"] + "/".join((TILES.format(asked["layer"]), *asked["tile"]))
    headers = {"accept_encoding": asked["encoding"]}
    expected = told(theirs.get(path, asked["query"], **headers))
    for _ in range(3):  # from the routes, from the shelf, and packed before
        assert told(mine.get(path, asked["query"], **headers)) == expected
    tag = expected[1].get(b"etag")
    if tag is not None:
        for known in (tag.decode(), '"other"', f'"a", {tag.decode()}', "*"):
            both = [s.get(path, asked["query"], if_none_match=known, **headers) for s in services]
            assert told(both[0]) == told(both[1])


def test_a_tile_at_hand_is_given_at_once_and_packed_once(services, taken, monkeypatch):
    mine, _ = services
    near = tile_at(CENTRE.x, CENTRE.y, 14)
    path = f"{TILES.format('streets')}/14/{near.row}/{near.column}"
    packings = []
    original = tile_reader.pack

    def counted(body):
        packings.append(len(body))
        return original(body)

    monkeypatch.setattr(tile_reader, "pack", counted)
    monkeypatch.setattr(tile_reader, "LEAST_PACKED", 100)
    whole = [mine.get(path) for _ in range(2)]
    packed = [mine.get(path, accept_encoding="gzip") for _ in range(3)]
    assert taken[-4:] == [200] * 4
    assert len(packings) == 1
    for _, headers, body in packed:
        assert headers[b"content-encoding"] == b"gzip"
        assert headers[b"content-length"] == str(len(body)).encode()
        assert gzip.decompress(body) == whole[0][2] == whole[1][2]


def test_a_changed_layer_has_other_tiles_at_once(services, taken):
    mine, _ = services
    lamps = zone_layers()["lamps"]
    path = f"{TILES.format('lamps')}/15/{AT.row}/{AT.column}"
    seen = set()
    for count in (3, 8, 5):
        changed = lamps.iloc[:count]
        mine.store.put_layer(ZONE, "lamps", changed, kind="layer", provenance=PROVENANCE)
        answers = [mine.get(path) for _ in range(3)]
        assert len({body for _, _, body in answers}) == 1
        seen.add(answers[0][2])
        known = answers[0][1][b"etag"].decode()
        assert mine.get(path, if_none_match=known)[0] == 304
    assert len(seen) == 3
    assert {None, 200, 304} <= set(taken)


def test_a_lane_that_took_another_version_would_be_found(services, monkeypatch):
    mine, _ = services
    path = f"{TILES.format('lamps')}/15/{AT.row}/{AT.column}"
    monkeypatch.setattr(tile_reader, "seen_of", lambda sight, _: (ZONE, sight.collection))
    shelf = mine.app.state.tiles
    stale = mine.get(path)[2]
    shelf._tiles.put(((ZONE, "lamps"), AT), stale + b"old", size=1)  # the planted fault
    assert mine.get(path)[2] == stale + b"old"
    monkeypatch.undo()
    assert mine.get(path)[2] == stale


def test_whoever_signed_in_goes_the_whole_road(services, taken):
    mine, _ = services
    assert mine.get(PATH)[0] == 200
    taken.clear()
    assert mine.get(PATH, authorization="Bearer nonsense")[0] == 401
    assert not taken


def test_layers_that_the_public_may_not_read_have_no_tiles(services, taken):
    mine, _ = services
    path = f"{TILES.format('incidents')}/15/{AT.row}/{AT.column}"
    assert mine.get(path)[0] == 404
    assert not taken


def test_a_large_tile_is_left_to_the_routes(services, taken, monkeypatch):
    monkeypatch.setattr(tile_reader, "MOST_PACKED", 100)
    mine, theirs = services
    for _ in range(2):
        packed = [service.get(PATH, accept_encoding="gzip") for service in (mine, theirs)]
        assert told(packed[0]) == told(packed[1])
    assert set(taken) == {None}


def test_both_databases_have_the_lane(store_place, taken):
    service = Service(store_place)
    fill(service.store)
    answers = [service.get(PATH) for _ in range(3)]
    assert {status for status, _, _ in answers} == {200}
    assert len({body for _, _, body in answers}) == 1
    assert taken[-1] == 200
    service.store.close()
