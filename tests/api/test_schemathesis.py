"""What schemathesis finds in a running service, and that it finds what is wrong."""

import pytest
from starlette.responses import JSONResponse

from tests.api.schemathesis_run import STRANGER, ask, fill_town, serving_town


@pytest.fixture(scope="module")
def place(tmp_path_factory, root):
    return fill_town(tmp_path_factory.mktemp("schemathesis") / "store.sqlite", root)


def only(*paths):
    return [word for path in paths for word in ("--include-path", path)]


@pytest.mark.slow
def test_nothing_that_schemathesis_thinks_of_is_answered_wrongly(place):
    with serving_town(place) as address:
        run = ask(address, "commander", "--exclude-path-regex", "^/auth/", seed=1, examples=2)
    assert run.failures == [], run.shown
    assert run.operations >= 40
    assert run.accepted > 200


@pytest.mark.slow
def test_nothing_that_it_thinks_of_as_a_stranger_is_answered_wrongly(place):
    paths = only("/auth/token", "/auth/session", "/auth/me", "/public/v1/walk", "/audit")
    with serving_town(place) as address:
        run = ask(address, STRANGER, *paths, seed=1, examples=5)
    assert run.failures == [], run.shown


@pytest.mark.slow
def test_it_finds_an_answer_that_is_not_described(place):
    def change(app):
        @app.get("/planted")
        def planted(number: int):
            return JSONResponse({}, status_code=418 if number == 0 else 200)

    with serving_town(place, change) as address:
        run = ask(address, STRANGER, *only("/planted"), seed=1, examples=20)
    assert any("Undocumented status code" in failure for failure in run.failures)
