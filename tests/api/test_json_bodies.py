"""JSON bodies: read as every program reads them or refused with every fault, on every route."""

import json
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import json_bodies
from api.errors import UnreadableError
from api.json_bodies import read_json
from tests.api.sample import ZONE
from tests.api.signing import filled, guarded, signed_in

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
NUMBERS = st.integers(-(10**300), 10**300) | st.floats(allow_nan=False, allow_infinity=False)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(DOCUMENTS)
def test_what_json_says_is_read_as_it_is(document):
    assert read_json(json.dumps(document).encode()) == document
    assert read_json(json.dumps(document, ensure_ascii=False).encode()) == document


@given(TEXT, DOCUMENTS, DOCUMENTS)
def test_a_member_that_stands_twice_is_named_wherever_it_is(name, first, second):
    key = json.dumps(name)
    body = f'[{{"a": {{{key}: {json.dumps(first)}, {key}: {json.dumps(second)}}}}}]'
    with pytest.raises(UnreadableError) as refused:
        read_json(body.encode())
    assert f"member {name[:40]!a} of an object once, got it 2 times" in str(refused.value)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "Expected JSON, got Expecting value at line 1, column 1."),
        (b'{"a":\n}', "Expected JSON, got Expecting value at line 2, column 1."),
        (b'"\xff"', "Expected UTF-8 text, got byte 0xff."),
        (b"[" * 100_000, "Expected brackets nested at most 64 deep, got deeper ones."),
        (b"NaN", "Expected finite numbers, got NaN."),
        (b"-Infinity", "Expected finite numbers, got -Infinity."),
        (b"1e999", "Expected finite numbers, got 1e999."),
        (b"9" * 5_000, "Expected finite numbers, got one of 5,000 digits."),
        (rb'"\ud800"', "Expected text without half surrogates and NUL, got '\\ud800'."),
        (rb'{"\u0000": 1}', "Expected text without half surrogates and NUL, got '\\x00'."),
    ],
)
def test_what_is_no_json_for_everybody_is_told_in_one_sentence(body, told):
    with pytest.raises(UnreadableError) as refused:
        read_json(body)
    assert refused.value.faults == (told,)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(UnreadableError) as refused:
        read_json(rb'{"a": NaN, "b": "\ud800", "c": {"x": 1, "y": 1e999, "x": 2, "x": 3}}')
    assert len(refused.value.faults) == 4


@pytest.mark.parametrize(
    "body",
    [
        "[" + ",".join(rf'"\u0000{number:x}"' for number in range(80_000)) + "]",
        "{" + ",".join(f'"{number:x}":0,"{number:x}":0' for number in range(50_000)) + "}",
    ],
)
def test_whatever_is_wrong_a_hundred_times_over_is_refused_without_delay(body):
    """A body as large as any may be holds everybody up while it is read."""
    began = time.process_time()
    with pytest.raises(UnreadableError) as refused:
        read_json(body.encode())
    assert len(refused.value.faults) == 100
    assert time.process_time() - began < 5  # it took a minute where each was compared with all


@pytest.mark.parametrize(("begin", "end"), ["[]", ('{"a":', "}")])
@pytest.mark.parametrize("depth", [65, 300, 900])
def test_brackets_within_brackets_have_a_bound(begin, end, depth):
    assert read_json((begin * 64 + "1" + end * 64).encode())
    with pytest.raises(UnreadableError, match="nested at most 64 deep"):
        read_json((begin * depth + "1" + end * depth).encode())


def test_a_whole_pair_of_surrogates_is_a_character():
    assert read_json(rb'"\ud83d\ude00"') == "\U0001f600"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    place = filled(tmp_path_factory.mktemp("bodies") / "store.sqlite")
    with guarded(place, jobs=0) as client:
        yield client


@pytest.fixture(scope="module")
def send(service):
    """Return what sends a body to every route that takes JSON, and gives the answers by route."""
    headers = signed_in(service, "commander-1")
    paths = service.get("/openapi.json", headers=headers).json()["paths"]
    routes = [
        (method, path, media_type)
        for path, operations in paths.items()
        for method, operation in operations.items()
        for media_type in operation.get("requestBody", {}).get("content", ())
        if media_type.endswith("json")
    ]
    assert len(routes) > 4

    def call(body):
        for method, path, media_type in routes:
            address = path.format(collection="places", feature_id="p1")
            told = headers | {"Content-Type": media_type, "If-Match": '"any"'}
            answer = service.request(method, f"/zones/{ZONE}{address}", content=body, headers=told)
            yield f"{method} {path} {media_type}", answer

    return call


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"inputs": {}, "inputs": {"seed": 1}}', "'inputs'"),
        (b'{"inputs": {"seed": 1, "seed": 2}}', "'seed'"),
        (b'{"properties": {"kind": NaN}}', "NaN"),
        (rb'{"id": "\ud800"}', r"'\ud800'"),
        (b'{"id": "\xff"}', "UTF-8"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "5,000 digits"),
        (b"{", "line 1, column 2"),
        (b'{"properties": {"a": ' + b"[" * 700 + b"]" * 700 + b"}}", "64 deep"),
    ],
)
def test_every_route_that_takes_json_refuses_what_is_none(send, body, named):
    for route, answer in send(body):
        assert answer.status_code == 400, (route, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert named in answer.json()["detail"], route
        assert len(answer.json()["faults"]) == 1


def test_a_reader_that_keeps_the_last_of_two_would_be_found(send, monkeypatch):
    """Plant Python's own habit."""
    monkeypatch.setattr(json_bodies._Reading, "once", lambda _, pairs: dict(pairs))
    assert 400 not in {answer.status_code for _, answer in send(b'{"inputs": 1, "inputs": 2}')}


def test_a_body_of_another_type_is_not_read(service):
    headers = signed_in(service, "commander-1")
    for told in ({}, {"Content-Type": "text/plain"}):
        answer = service.post(
            "/ogc/processes/forecast/execution", content=b"{}", headers=headers | told
        )
        assert answer.status_code == 415
        assert answer.headers["accept-post"] == "application/json"


def test_a_request_without_a_body_is_first_told_who_may_ask(service):
    address = "/ogc/processes/site-cameras/execution"
    asked = {role: signed_in(service, f"{role}-1") for role in ("officer", "planner")}
    assert service.post(address).status_code == 401
    assert service.post(address, headers=asked["officer"]).status_code == 403
    assert service.post(address, headers=asked["planner"]).status_code == 422


def test_numbers_keep_their_value():
    assert math.isclose(read_json(b"1.5e300"), 1.5e300)
    assert read_json(b"9" * 308) == int("9" * 308)
