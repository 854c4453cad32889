"""What was told unchanged is told again at once, and never once it has changed."""

import json
import logging
from contextlib import closing

import pytest

from api.ogc import repeats
from api.ogc.lane import FastLane
from api.ogc.repeats import Repeats
from api.store import Store
from geo.errors import SourceError
from tests.api.ogc.calling import Service
from tests.api.sample import PROVENANCE, ZONE, fill, zone_layers

PATH = "/ogc/collections/lamps/items"
ONE = f"{PATH}/l1"


@pytest.fixture
def service(tmp_path):
    made = Service(tmp_path / "store.sqlite")
    fill(made.store)
    yield made
    made.store.close()


@pytest.fixture
def looked(monkeypatch):
    """Return the paths of the requests that came as far as the lane."""
    paths = []
    original = FastLane.__call__

    async def spied(self, scope, receive, send):
        paths.append(scope["path"])
        await original(self, scope, receive, send)

    monkeypatch.setattr(FastLane, "__call__", spied)
    return paths


def known(service, path, **headers):
    """Return the headers of somebody who has the answer to a path already."""
    _, told, _ = service.get(path, **headers)
    return {**headers, "if_none_match": told[b"etag"].decode()}


def told(answer):
    """Return an answer without what each has of its own."""
    status, headers, body = answer
    return status, {name: value for name, value in headers.items() if name != b"x-request-id"}, body


@pytest.mark.parametrize("path", [PATH, ONE])
def test_the_same_request_is_answered_alike_and_without_a_look(service, looked, path):
    headers = known(service, path)
    first = service.get(path, **headers)
    looked.clear()
    second, third = (service.get(path, **headers) for _ in range(2))
    assert not looked
    assert first[0] == 304
    assert told(first) == told(second) == told(third)
    own = [headers[b"x-request-id"] for _, headers, _ in (first, second, third)]
    assert len(set(own)) == 3


def test_a_change_by_anybody_is_seen_at_the_next_request(service):
    lamps = zone_layers()["lamps"]
    with closing(Store(service.store.engine.path)) as other:
        for count in (3, 8, 5):
            headers = known(service, PATH)
            assert [service.get(PATH, **headers)[0] for _ in range(3)] == [304] * 3
            changed = lamps.iloc[:count]
            other.put_layer(ZONE, "lamps", changed, kind="layer", provenance=PROVENANCE)
            status, _, body = service.get(PATH, **headers)
            assert (status, json.loads(body)["numberMatched"]) == (200, count)


def test_one_that_did_not_look_would_be_found(service, monkeypatch):
    headers = known(service, PATH)
    assert service.get(PATH, **headers)[0] == 304
    fewer = zone_layers()["lamps"].iloc[:2]
    service.store.put_layer(ZONE, "lamps", fewer, kind="layer", provenance=PROVENANCE)
    monkeypatch.setattr(Repeats, "_holds", lambda *_: True)
    assert service.get(PATH, **headers)[0] == 304  # the planted fault
    monkeypatch.undo()
    assert service.get(PATH, **headers)[0] == 200


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"host": "strange.example"}, 421),
        ({"authorization": "Bearer nonsense"}, 401),
        ({"if_none_match": '"another"'}, 200),
        ({"accept": "text/html"}, 200),
    ],
)
def test_any_other_request_goes_the_whole_road(service, other, status):
    headers = known(service, PATH)
    assert [service.get(PATH, **headers)[0] for _ in range(2)] == [304] * 2
    assert service.get(PATH, **headers | other)[0] == status


def test_a_request_for_another_page_zone_or_root_is_another(service):
    headers = known(service, PATH)
    assert [service.get(PATH, **headers)[0] for _ in range(2)] == [304] * 2
    assert service.get(PATH, "limit=x", **headers)[0] == 400
    assert service.get("/zones/nowhere" + PATH, **headers)[0] == 404
    assert service.get(PATH.replace("lamps", "streets"), **headers)[0] == 200


@pytest.mark.parametrize("more", [{"content_length": "0"}, {"x_long": "x" * 3_000}])
def test_requests_with_bodies_and_long_heads_are_not_remembered(service, looked, more):
    headers = known(service, PATH) | more
    looked.clear()
    assert [service.get(PATH, **headers)[0] for _ in range(3)] == [304] * 3
    assert len(looked) == 3


def test_what_is_remembered_has_a_bound(service, looked, monkeypatch):
    monkeypatch.setattr(repeats, "_MOST_HEADS", 8)
    headers = known(service, PATH)
    looked.clear()
    for number in range(20):
        for _ in range(2):
            assert service.get(PATH, **headers, x_number=str(number))[0] == 304
    assert len(looked) == 20
    [kept] = [held for held in _stack(service.app.middleware_stack) if isinstance(held, Repeats)]
    assert len(kept._told) <= 8


def _stack(outermost):
    while outermost is not None:
        yield outermost
        outermost = getattr(outermost, "_app", getattr(outermost, "app", None))


def test_a_store_that_fails_is_told_by_the_routes(service, monkeypatch):
    headers = known(service, PATH)
    assert service.get(PATH, **headers)[0] == 304

    def fails(_):
        raise SourceError("The store does not answer.")

    monkeypatch.setattr(type(service.store.engine), "revision", fails)
    assert service.get(PATH, **headers)[0] in {304, 503}  # as the routes find it
    monkeypatch.undo()
    assert service.get(PATH, **headers)[0] == 304


def test_the_log_and_the_figures_tell_of_each_alike(service, caplog):
    headers = known(service, PATH)
    caplog.clear()
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert service.get(PATH, **headers)[0] == 304
    facts = [record._facts for record in caplog.records if record.msg == "request"]
    own = {"request", "duration_ms"}
    shown = [{name: fact[name] for name in fact if name not in own} for fact in facts]
    assert (
        shown
        == [
            {
                "method": "GET",
                "route": "/ogc/collections/{collection}/items",
                "status": 304,
                "role": "public",
                "zone": ZONE,
            }
        ]
        * 3
    )
    counted = [
        line
        for line in service.app.state.metrics.text().decode().splitlines()
        if "collection}/items" in line and '"3xx"' in line and "requests_total" in line
    ]
    assert counted[0].endswith(" 3.0"), counted


def test_a_store_on_a_server_is_asked_each_time(postgres, looked):
    made = Service(postgres.new())
    fill(made.store)
    headers = known(made, PATH)
    looked.clear()
    assert [made.get(PATH, **headers)[0] for _ in range(3)] == [304] * 3
    assert len(looked) == 3
    made.store.close()
