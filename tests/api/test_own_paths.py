"""No path leads a browser to another host, however it is written."""

from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import own_paths
from api.own_paths import HOME, own_path, path_of, sign_in_path

HOSTILE = (
    *("//evil.example", "///evil.example"),
    *("\\\\evil.example", "/\\evil.example", "\\/evil.example"),
    *("https://evil.example", "/\t/evil.example", "/\n/evil.example", "javascript:alert(1)"),
    *("evil.example", "", "@evil.example", " //evil.example", "\u2028//evil.example"),
    *(quote("//evil.example", safe=""), quote("\\\\evil.example", safe="")),
)


def host_of(path):
    """Return the host that a browser would go to: controls go, and a backslash is a slash."""
    read = "".join(c for c in path if c not in "\t\n\r").replace("\\", "/").strip()
    return urlsplit(read).netloc or ("" if read.startswith("/") else read)


def scope_of(path, query=b"", root=""):
    return {"type": "http", "path": path, "query_string": query, "root_path": root}


@given(st.text(alphabet="/\\:.@?#ahtps\t\n\r %", max_size=12))
def test_no_path_leads_to_another_host(path):
    assert host_of(own_path(path)) == ""


@pytest.mark.parametrize("path", HOSTILE)
def test_what_leads_elsewhere_leads_home(path):
    assert own_path(path) == HOME


def test_what_is_encoded_once_more_stays_a_path_of_ours():
    assert own_path("/%2F/evil.example") == "/%2F/evil.example"
    assert host_of(own_path("/%5Cevil.example")) == ""


@given(st.text(max_size=12), st.binary(max_size=12))
def test_a_request_leads_back_to_itself_or_home(path, query):
    led = path_of(scope_of(path, query))
    assert host_of(led) == ""
    if path.startswith("/") and not path.startswith("//") and led != HOME:
        assert unquote(urlsplit(led).path) == path


@pytest.mark.parametrize(("chosen", "spoken"), [("en", {"lang": ["en"]}), ("<b>", {}), ("", {})])
def test_the_way_to_the_sign_in_carries_where_it_began_and_a_chosen_language(chosen, spoken):
    query = f"limit=2&lang={chosen}"
    way = urlsplit(sign_in_path(scope_of("/zones/a/ogc/jobs", query.encode(), "/zones/a")))
    assert way.path == "/zones/a/sign-in"
    assert parse_qs(way.query) == spoken | {"next": [f"/zones/a/ogc/jobs?{query}"]}


@pytest.mark.parametrize(
    ("query", "back"),
    [
        (b"next=%2Fogc%2Fjobs", "/ogc/jobs"),
        (b"next=%2F%2Fevil.example", HOME),
        (b"next=%252F%252Fevil.example", HOME),
        (b"", HOME),
    ],
)
def test_the_sign_in_page_leads_to_where_its_reader_came_from(query, back):
    way = urlsplit(sign_in_path(scope_of("/zones/a/sign-in", query, "/zones/a")))
    assert parse_qs(way.query)["next"] == [back]


def test_the_search_for_hosts_finds_a_path_that_is_led_anywhere(monkeypatch):
    monkeypatch.setattr(own_paths, "own_path", lambda path: path)
    assert host_of(path_of(scope_of("//evil.example/x"))) == "evil.example"
