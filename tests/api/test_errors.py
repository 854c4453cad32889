"""Every error becomes problem details with the status of one table, and nothing leaks."""

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from api import errors as api_errors
from api.errors import (
    STATUS_BY_ERROR,
    NotKnownError,
    TooManyError,
    UnreadableError,
    add_error_handlers,
)
from geo import errors
from geo.errors import Fault, LayerError, ZoneError
from tests.api.serving import serving

LAYER = LayerError([Fault("a.csv", "a number", "x", row=3, field="fov_deg")])


class Body(BaseModel):
    size: int


def broken_app():
    app = FastAPI()
    add_error_handlers(app)

    @app.get("/raise/{name}")
    def fail(name: str):
        if name == "LayerError":
            raise LAYER
        raise getattr(errors, name, KeyError)("the secret detail")

    @app.get("/stranger")
    def stranger():
        raise NotKnownError

    @app.get("/unreadable")
    def unreadable():
        raise UnreadableError(["Expected a.", "Expected b."])

    @app.get("/crowd")
    def crowd():
        raise TooManyError("Expected fewer.", retry_after_s=12.1)

    @app.get("/number")
    def number(size: int):
        return size

    @app.post("/body")
    def body(body: Body):
        return body.size

    return app


@pytest.fixture(scope="module")
def broken():
    # uvicorn closes the connection after an unexpected error; the next request must not reuse it.
    fresh = httpx.Limits(max_keepalive_connections=0)
    with (
        serving(broken_app()) as address,
        httpx.Client(base_url=address, limits=fresh) as client,
    ):
        yield client


def problem(answer, status):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    content = answer.json()
    assert content["status"] == status
    assert content["title"]
    return content


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ParameterError", 422),
        ("NotFoundError", 404),
        ("InfeasiblePlanError", 409),
    ],
)
def test_an_error_of_ours_has_its_status_and_message(broken, name, status):
    assert problem(broken.get(f"/raise/{name}"), status)["detail"] == "the secret detail"


def test_a_source_that_fails_tells_strangers_neither_machine_nor_file(broken, caplog):
    assert "secret" not in problem(broken.get("/raise/SourceError"), 503)["detail"]
    assert "the secret detail" in caplog.text


def test_a_layer_error_lists_every_fault(broken):
    faults = problem(broken.get("/raise/LayerError"), 422)["faults"]
    assert faults == ["a.csv, row 3, `fov_deg`: expected a number, got x"]


@pytest.mark.parametrize("name", ["ZoneError", "KeyError"])
def test_anything_else_is_500_and_tells_nothing(broken, name, caplog):
    content = problem(broken.get(f"/raise/{name}"), 500)
    assert "secret" not in content["detail"]
    assert "the secret detail" in caplog.text


def test_every_error_of_the_tree_is_in_the_table():
    tree = {
        kind
        for kind in (*vars(errors).values(), *vars(api_errors).values())
        if isinstance(kind, type) and issubclass(kind, ZoneError)
    }
    assert set(STATUS_BY_ERROR) == tree - {ZoneError}


def test_a_query_that_does_not_fit_is_400_and_named(broken):
    content = problem(broken.get("/number", params={"size": "big"}), 400)
    assert content["parameters"][0]["parameter"] == "size"
    assert "`size`" in content["detail"]


@pytest.mark.parametrize("body", [b'{"size": "big"}', b"{"])
def test_a_body_that_does_not_fit_is_422(broken, body):
    headers = {"content-type": "application/json"}
    problem(broken.post("/body", content=body, headers=headers), 422)


def test_a_body_that_cannot_be_read_is_400_with_every_fault(broken):
    content = problem(broken.get("/unreadable"), 400)
    assert content["detail"] == "Expected a. Expected b."
    assert content["faults"] == ["Expected a.", "Expected b."]


def test_unknown_paths_and_methods_are_problems_too(broken):
    assert "/nowhere" in problem(broken.get("/nowhere"), 404)["detail"]
    answer = broken.delete("/number")
    assert "DELETE" in problem(answer, 405)["detail"]
    assert answer.headers["allow"] == "GET"


def test_whoever_is_not_known_is_told_how_to_be(broken):
    answer = broken.get("/stranger")
    problem(answer, 401)
    assert answer.headers["www-authenticate"] == 'Bearer realm="smartzone"'


def test_whoever_comes_too_often_is_told_when_to_come_back(broken):
    answer = broken.get("/crowd")
    assert problem(answer, 429)["detail"] == "Expected fewer."
    assert answer.headers["retry-after"] == "13"
