"""A crawl of the running service: a stranger reaches what is public, a role what is its own."""

import httpx
import pytest

from api.main import create_app
from api.ogc import sights
from tests.api.crawl import ASKERS, STRANGER, Cell, crawl, is_success, unexpected
from tests.api.serving import serving
from tests.api.signing import account_settings, filled

COLLECTIONS = ("streets", "cameras", "hotspots", "incidents")


def crawled(place, collections=COLLECTIONS, **more):
    app = create_app(account_settings(place, jobs=0))
    with serving(app) as address, httpx.Client(base_url=address, timeout=60) as client:
        return app, list(crawl(app, client, collections=collections, **more))


@pytest.fixture(scope="module")
def crawl_of_all(tmp_path_factory):
    place = filled(tmp_path_factory.mktemp("crawl") / "store.sqlite")
    return crawled(place, other_methods=(STRANGER, "commander"))


@pytest.mark.slow
def test_every_route_answers_every_role_as_the_tables_say(crawl_of_all):
    _, cells = crawl_of_all
    assert [cell.fault for cell in cells if cell.fault] == []
    assert {cell.asker for cell in cells} == set(ASKERS)


@pytest.mark.slow
def test_a_stranger_reads_nothing_that_is_not_public(crawl_of_all):
    _, cells = crawl_of_all
    read = [cell for cell in cells if cell.asker == STRANGER and is_success(cell)]
    assert len(read) > 20
    for cell in read:
        assert cell.method == "GET", cell.path
        for hidden in ("cam-private", '"i1"', "hotspot-1", '"incidents/'):
            assert hidden not in cell.text, cell.path


def test_every_route_has_an_expectation_and_every_expectation_a_route(tmp_path):
    app = create_app(account_settings(tmp_path / "store.sqlite", jobs=0))
    assert unexpected(app) == ([], [])


def test_the_crawl_finds_a_route_that_nobody_thought_of(tmp_path):
    app = create_app(account_settings(tmp_path / "store.sqlite", jobs=0))

    @app.get("/console/everything")
    def everything():
        return {}

    assert unexpected(app) == ([("GET", "/console/everything")], [])


def test_the_crawl_finds_a_layer_that_is_shown_to_whoever_asks(tmp_path, monkeypatch):
    monkeypatch.setattr(sights, "may_read", lambda *_: True)
    place = filled(tmp_path / "store.sqlite")
    below = "/ogc/collections/{collection}/items"
    _, cells = crawled(place, collections=["incidents"], other_methods=(), below=below)
    faults = [cell.fault for cell in cells if cell.fault]
    assert "GET /ogc/collections/incidents/items as stranger: 404, got 200" in faults


@pytest.mark.parametrize(
    ("status", "allowed", "fault"),
    [
        (403, (403,), None),
        (200, (403,), "GET /audit as officer: 403, got 200"),
        (200, None, None),
        (404, None, None),
        (403, None, "officer may GET /audit, got 403"),
        (500, None, "officer may GET /audit, got 500"),
        (500, (500,), "officer may GET /audit, got 500"),
    ],
)
def test_a_cell_tells_what_is_wrong_with_it(status, allowed, fault):
    assert Cell("GET", "/audit", "officer", status, allowed, "").fault == fault
