"""What auditors read over HTTP, and that every read of a restricted layer has its entry."""

import sqlite3
from contextlib import closing

import pytest

from api.store import Store
from tests.api.sample import ZONE
from tests.api.signing import filled, guarded, signed_in

TILE = "/ogc/collections/incidents/tiles/WebMercatorQuad/0/0/0"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return filled(tmp_path_factory.mktemp("audited") / "store.sqlite")


@pytest.fixture(scope="module")
def client(place):
    with guarded(place) as client:
        yield client


@pytest.fixture(scope="module")
def auditor(client):
    return signed_in(client, "auditor-1")


@pytest.fixture(scope="module")
def officer(client):
    return signed_in(client, "officer-1")


def entries(place):
    store = Store(place)
    with store.audit.whole() as whole:
        found = list(whole.entries())
    store.close()
    return found


def test_a_read_of_a_restricted_layer_is_told_and_one_of_a_public_layer_is_not(
    client, place, officer
):
    for path in ("/ogc/collections/incidents/items", "/ogc/collections/incidents/items/i1", TILE):
        before = len(entries(place))
        assert client.get(path, headers=officer).status_code in {200, 204}
        [entry] = entries(place)[before:]
        assert (entry.subject, entry.role, entry.zone) == ("officer-1", "officer", ZONE)
        assert (entry.action, entry.target) == ("read", "incidents")
    before = len(entries(place))
    assert client.get("/ogc/collections/streets/items", headers=officer).status_code == 200
    assert client.get("/ogc/collections/streets/items").status_code == 200
    assert len(entries(place)) == before


def test_an_auditor_reads_page_by_page_and_is_told_of_too(client, auditor, officer):
    client.get("/ogc/collections/incidents/items", headers=officer)
    url, seen = "/audit?limit=2", []
    while url:
        page = client.get(url, headers=auditor)
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
        seen += page.json()["entries"]
        links = {link["rel"]: link["href"] for link in page.json()["links"]}
        url = links.get("next") if len(seen) < 6 else None
    assert len({entry["seq"] for entry in seen}) == len(seen)
    newest = client.get(f"/audit?after={seen[-1]['seq']}&limit=1000", headers=auditor).json()
    assert [newest["entries"][-1][name] for name in ("subject", "action", "target")] == [
        *("auditor-1", "read", "audit")
    ]


def test_entries_of_another_zone_are_not_shown_to_the_auditor_of_this_one(client, place, auditor):
    before = len(entries(place))
    page = client.get("/audit?limit=1000", headers=auditor).json()
    assert {entry["zone"] for entry in page["entries"]} == {ZONE}
    assert "" in {entry.zone for entry in entries(place)[:before]}


def test_the_head_is_signed_with_the_key_that_the_audit_names(client, place, auditor):
    told = client.get("/audit/head", headers=auditor).json()
    store = Store(place)
    assert told["key"] == store.audit.signing_key() == told["head"]["key"]
    store.close()


@pytest.mark.parametrize("path", ["/audit", "/audit/head"])
def test_nobody_else_reads_it_and_who_tries_is_told_of(client, place, officer, path):
    assert client.get(path).status_code == 401
    assert client.get(path, headers=officer).status_code == 403
    entry = entries(place)[-1]
    assert (entry.action, entry.subject, entry.detail) == (
        "refused",
        "officer-1",
        '{"operation":"read_audit"}',
    )


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "after=-1", "after=x", f"after={2**63}"]
)
def test_bad_parameters_are_named(client, auditor, query):
    answer = client.get(f"/audit?{query}", headers=auditor)
    assert answer.status_code == 400
    assert answer.json()["parameters"][0]["parameter"] == query.split("=")[0]


def test_what_cannot_be_told_is_not_read(tmp_path):
    place = filled(tmp_path / "store.sqlite")
    with guarded(place) as client:
        officer = signed_in(client, "officer-1")
        path = "/ogc/collections/incidents/items"
        assert client.get(path, headers=officer).status_code == 200
        with closing(sqlite3.connect(place)) as connection:
            connection.execute(
                "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
            connection.commit()
        for refused in (path, TILE):
            answer = client.get(refused, headers=officer)
            assert answer.status_code == 503
            assert "features" not in answer.text
        assert client.get("/ogc/collections/streets/items").status_code == 200
        with closing(sqlite3.connect(place)) as connection:
            connection.execute("DROP TRIGGER full")
            connection.commit()
