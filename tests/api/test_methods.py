"""HEAD, OPTIONS and refused methods, on every kind of route."""

import logging

import pytest

ITEMS = "/ogc/collections/streets/items"
CHANGED = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "path",
    ["/ogc", "/ogc/collections", ITEMS, f"{ITEMS}?limit=1", f"{ITEMS}/thalang-01", "/healthz"],
)
def test_head_is_get_without_its_body(client, path):
    plain = {"Accept-Encoding": "identity"}
    get, head = client.get(path, headers=plain), client.head(path, headers=plain)
    assert (head.status_code, head.content) == (get.status_code, b"")
    same = ("content-type", "content-length", "etag", "vary", "cache-control")
    assert [head.headers.get(name) for name in same] == [get.headers.get(name) for name in same]


def test_head_tells_of_faults_as_get_does(client):
    for path in (f"{ITEMS}?limit=0", "/ogc/collections/tunnels"):
        assert client.head(path).status_code == client.get(path).status_code
        assert client.head(path).content == b""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (ITEMS, "GET, POST, HEAD, OPTIONS"),
        (f"{ITEMS}/thalang-01", CHANGED),
        ("/ogc", "GET, HEAD, OPTIONS"),
        ("/zones/sample" + ITEMS, "GET, POST, HEAD, OPTIONS"),
    ],
)
def test_options_and_a_refused_method_name_what_a_path_takes(client, path, allowed):
    options = client.options(path)
    assert (options.status_code, options.headers["allow"]) == (204, allowed)
    refused = client.request("TRACE", path)
    assert (refused.status_code, refused.headers["allow"]) == (405, allowed)


def test_options_of_nothing_is_not_found(client):
    assert client.options("/nowhere").status_code == 404


@pytest.mark.parametrize("path", ["/ogc/collections", ITEMS, "/healthz", "/nowhere"])
def test_the_log_tells_of_head_by_the_route_of_get(client, caplog, path):
    with caplog.at_level(logging.INFO):
        for method in ("GET", "HEAD"):
            client.request(method, f"/zones/sample{path}")
        client.options(f"/zones/sample{ITEMS}")
    facts = [record._facts for record in caplog.records if record.msg == "request"]
    assert [fact["method"] for fact in facts] == ["GET", "HEAD", "OPTIONS"]
    assert facts[0]["route"] == facts[1]["route"]
    assert (facts[1]["route"] == "-") == (path == "/nowhere")
    assert {fact["zone"] for fact in facts} == {"sample"}
