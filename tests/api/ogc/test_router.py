"""OGC API Features: documents, links, paging, boxes, caching, and what is not served."""

import re

import pytest
from httpx import URL

from api.ogc.conformance import CONFORMS_TO
from api.store import PUBLIC_LAYERS
from tests.api.sample import products, zone_layers

EVERYTHING = set(zone_layers()) | set(products())


def link(document, relation):
    found = [link["href"] for link in document["links"] if link["rel"] == relation]
    return found[0] if found else None


def test_links_lead_from_the_landing_page_to_a_feature(client):
    landing = client.get("/ogc").json()
    classes = client.get(link(landing, "conformance")).json()["conformsTo"]
    assert set(CONFORMS_TO) <= set(classes)
    assert client.get(link(landing, "service-desc")).json()["openapi"].startswith("3.1")
    listed = client.get(link(landing, "data")).json()
    streets = next(c for c in listed["collections"] if c["id"] == "streets")
    assert streets == client.get(link(streets, "self")).json()
    items = client.get(link(streets, "items"))
    assert items.headers["content-type"] == "application/geo+json"
    feature = items.json()["features"][1]
    alone = client.get(f"{link(streets, 'items')}/{feature['id']}").json()
    assert alone.pop("links")[0]["href"].endswith("/items/thalang-02")
    assert alone == feature


def test_the_collections_are_the_public_layers_and_no_others(client):
    listed = [c["id"] for c in client.get("/ogc/collections").json()["collections"]]
    assert listed == [name for name in PUBLIC_LAYERS if name in EVERYTHING]
    assert "incidents" in EVERYTHING
    assert "incidents" not in listed


@pytest.mark.parametrize("path", ["", "/items", "/items/i1"])
@pytest.mark.parametrize("layer", ["incidents", "tunnels"])
def test_a_withheld_layer_is_answered_like_one_that_does_not_exist(client, layer, path):
    answer = client.get(f"/ogc/collections/{layer}{path}")
    assert answer.status_code == 404
    assert layer in answer.json()["detail"]


def test_private_cameras_are_nowhere_in_any_answer(client):
    for layer in PUBLIC_LAYERS:
        text = client.get(f"/ogc/collections/{layer}/items").text
        assert "cam-private" not in text
    assert client.get("/ogc/collections/cameras/items/cam-private").status_code == 404
    cameras = client.get("/ogc/collections/cameras").json()
    assert "Private cameras are not shown" in cameras["description"]
    assert cameras["extent"]["spatial"]["bbox"][0][2] < 98.38125


def test_titles_are_bilingual_and_streets_are_attributed(client):
    streets = client.get("/ogc/collections/streets").json()
    assert streets["title"] == "Streets · ถนน"
    assert "OpenStreetMap" in streets["description"]


def test_pages_follow_their_links_without_gap(client):
    url, seen, pages = "/ogc/collections/buildings/items?limit=5", [], []
    while url:
        page = client.get(url).json()
        assert page["numberMatched"] == 12
        assert page["numberReturned"] == len(page["features"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", page["timeStamp"])
        seen += [feature["id"] for feature in page["features"]]
        pages.append(page)
        url = link(page, "next")
    assert seen == list(zone_layers()["buildings"].index)
    assert [page["numberReturned"] for page in pages] == [5, 5, 2]
    skipped = client.get("/ogc/collections/buildings/items?limit=5&offset=10").json()
    assert skipped["features"] == pages[2]["features"]
    assert client.get(link(skipped, "prev")).json()["features"] == pages[1]["features"]
    assert link(pages[0], "prev") is None
    assert client.get(link(pages[1], "self")).json()["features"] == pages[1]["features"]


def test_the_links_of_a_page_keep_the_box(client):
    west, south, east, north = zone_layers()["buildings"].to_crs(epsg=4326).total_bounds
    middle = (west + east) / 2
    page = client.get(
        "/ogc/collections/buildings/items",
        params={"bbox": f"{west},{south},{middle},{north}", "limit": 2},
    ).json()
    assert 2 < page["numberMatched"] < 12
    follow = link(page, "next")
    assert URL(follow).params["bbox"].startswith(f"{west},")
    assert client.get(follow).json()["numberMatched"] == page["numberMatched"]


def test_a_page_beyond_the_end_is_empty(client):
    page = client.get("/ogc/collections/buildings/items?offset=500&limit=5").json()
    assert (page["features"], page["numberMatched"], link(page, "next")) == ([], 12, None)


def test_a_limit_above_the_largest_is_read_as_the_largest(client):
    page = client.get("/ogc/collections/buildings/items?limit=9999999").json()
    assert "limit=10000" in link(page, "self")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("bbox", text)
            for text in ("1,2,3", "a,b,c,d", "98,8,99,7", "200,7,201,8", "98,7,nan,8")
        ),
        *(("limit", text) for text in ("0", "-1", "x", "1.5", "")),
        *(("offset", text) for text in ("-1", "x", str(2**63), "٣", "")),
        *(("datetime", text) for text in ("yesterday", "../..", "/", "", "..")),
        ("datetime", "2026-03-02T00:00:00Z/2026-03-01T00:00:00Z"),
        ("datetime", "2026-03-01T00:00:00Z/2026-03-02T00:00:00Z/2026-03-03T00:00:00Z"),
        ("colour", "red"),
    ],
)
def test_a_bad_parameter_is_named(client, name, value):
    answer = client.get("/ogc/collections/streets/items", params={name: value})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert [fault["parameter"] for fault in problem["parameters"]] == [name]
    assert f"`{name}`" in problem["detail"]


@pytest.mark.parametrize(
    "text", ["2026-03-01T00:00:00Z", "2026-03-01", "../2026-03-01", "2026-03-01T00:00:00+07:00/"]
)
def test_features_without_time_match_every_time(client, text):
    page = client.get("/ogc/collections/streets/items", params={"datetime": text})
    assert page.json()["numberMatched"] == 3


def test_a_known_version_is_not_sent_again(client):
    for path in ("items", "items?limit=2", "items/thalang-01"):
        url = f"/ogc/collections/streets/{path}"
        tag = client.get(url).headers["etag"]
        assert tag.startswith('W/"')
        for given in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            answer = client.get(url, headers={"If-None-Match": given})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == tag
        assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
    absent = client.get("/ogc/collections/streets/items/none", headers={"If-None-Match": "*"})
    assert absent.status_code == 404
