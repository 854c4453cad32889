"""Marks of pages: each goes back to its position, in its own layer alone, and tells nothing."""

import secrets
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st

from api.ogc import marks
from api.ogc.marks import is_mark, mark_of, position_of
from api.store import Store
from api.store.backup import restore_backup, write_backup
from tests.api.ogc.test_router import link
from tests.api.sample import PROVENANCE, ZONE, fill, frame, zone_layers
from tests.api.serving import client_of
from tests.api.store.conftest import NOW

POSITIONS = st.integers(1, 2**63 - 1)


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    """Return what a store knows of two layers."""
    store = Store(tmp_path_factory.mktemp("marks") / "store.sqlite")
    fill(store)
    yield store.layer(ZONE, "cameras"), store.layer(ZONE, "lamps")
    store.close()


@given(POSITIONS)
def test_a_mark_goes_back_to_its_position_in_its_own_layer_alone(layers, position):
    cameras, lamps = layers
    mark = mark_of(cameras, position)
    assert is_mark(mark)
    assert position_of(cameras, mark) == position
    assert mark_of(lamps, position) != mark
    with pytest.raises(RequestValidationError):
        position_of(lamps, mark)


@given(POSITIONS, st.integers(0, 127))
def test_a_mark_with_one_bit_turned_is_refused(layers, position, bit):
    turned = bytes.fromhex(mark_of(layers[0], position))
    turned = (int.from_bytes(turned) ^ (1 << bit)).to_bytes(16).hex()
    with pytest.raises(RequestValidationError) as refused:
        position_of(layers[0], turned)
    [fault] = refused.value.errors()
    assert fault["loc"] == ("query", "after")
    assert turned in fault["msg"]


def test_marks_without_redundancy_would_be_found(layers, monkeypatch):
    monkeypatch.setattr(marks, "_POSITIONS", 2**128)
    turned = mark_of(layers[0], 3)[:-1] + "0"
    turned = turned if turned != mark_of(layers[0], 3) else turned[:-1] + "1"
    assert position_of(layers[0], turned) != 3  # the planted fault: any mark goes


def test_marks_that_follow_each_other_have_nothing_in_common(layers):
    bits = [int(mark_of(layers[0], position), 16) for position in range(1, 1_001)]
    turned = [(one ^ other).bit_count() for one, other in pairwise(bits)]
    assert 60 < sum(turned) / len(turned) < 68  # half of 128, with a standard error of 0.2
    assert min(turned) > 30


def test_threads_share_what_enciphers_a_layer(layers):
    expected = [mark_of(layers[0], position) for position in range(1, 101)]

    def there_and_back(_):
        marks_now = [mark_of(layers[0], position) for position in range(1, 101)]
        return marks_now, [position_of(layers[0], mark) for mark in marks_now]

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(there_and_back, range(100)))
    finally:
        sys.setswitchinterval(before)
    assert all(one == (expected, list(range(1, 101))) for one in found)


def test_the_secret_is_not_told_with_the_layer(layers):
    assert len(layers[0].page_key) == 64
    assert layers[0].page_key != layers[1].page_key
    assert layers[0].page_key not in repr(layers[0])
    assert replace(layers[0], page_key=secrets.token_hex(32)) != layers[0]


@pytest.mark.parametrize("mark", ["", "0" * 31, "0" * 33, "A" * 32, "0" * 32 + "\n", "g" * 32])
def test_what_has_another_form_is_no_mark(mark):
    assert not is_mark(mark)


def rest_of(client, url):
    """Return the ids of the features from a page on, by its links."""
    seen = []
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        seen += [feature["id"] for feature in answer.json()["features"]]
        url = link(answer.json(), "next")
        url = url and url.replace(str(client.base_url).rstrip("/"), "")
    return seen


def path_of(url):
    return url[url.index("/ogc") :]


def test_a_link_leads_on_after_a_restart_a_change_and_a_restored_backup(store_place, tmp_path):
    store = Store(store_place)
    fill(store)
    with client_of(store_place) as client:
        page = client.get("/ogc/collections/buildings/items", params={"limit": 5}).json()
        url = path_of(link(page, "next"))
        first = [feature["id"] for feature in page["features"]]
    fewer = zone_layers()["buildings"].drop(index=["b4", "b7"])
    store.put_layer(ZONE, "buildings", fewer, kind="layer", provenance=PROVENANCE)
    with client_of(store_place) as client:
        rest = rest_of(client, url)
    assert first + rest == [f"b{n}" for n in range(12) if n != 7]
    write_backup(store.engine, tmp_path / "backup.gz", made_at=NOW)
    restore_backup(store.engine, tmp_path / "backup.gz", replace=True)
    store.close()
    with client_of(store_place) as client:
        assert rest_of(client, url) == rest


def test_links_of_cameras_do_not_tell_how_many_are_withheld_between(tmp_path):
    programme = zone_layers()["cameras"].iloc[[0]]
    links = []
    for withheld in (0, 1, 5):
        store = Store(tmp_path / f"{withheld}.sqlite")
        rows = [
            {"id": f"p{n}", "geometry": programme.geometry.iloc[0], "owner_kind": "private"}
            for n in range(withheld)
        ]
        layer = [row | {"id": f"c{n}"} for n, row in enumerate([programme.iloc[0].to_dict()] * 2)]
        cameras = frame([layer[0], *rows, layer[1]])
        store.put_layer(ZONE, "cameras", cameras, kind="layer", provenance=PROVENANCE)
        store.close()
        with client_of(tmp_path / f"{withheld}.sqlite") as client:
            page = client.get("/ogc/collections/cameras/items", params={"limit": 1}).json()
            links.append(path_of(link(page, "next")))
            assert rest_of(client, links[-1]) == ["c1"]
    assert len(set(map(len, links))) == 1
    assert len(set(links)) == 3  # each store has a secret of its own


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_kept_page_is_not_good_once_the_store_was_made_anew_of_the_same(tmp_path, form):
    """Its link to the next page would lead nowhere."""
    tags = []
    for name in ("first", "second"):
        store = Store(tmp_path / name)
        fill(store)
        store.close()
        with client_of(tmp_path / name) as client:
            asked = {"limit": 2} | ({"f": form} if form == "html" else {})
            headers = {"If-None-Match": ", ".join(tags)}
            for _ in range(2):
                page = client.get("/ogc/collections/streets/items", params=asked, headers=headers)
                assert page.status_code == 200
            tags.append(page.headers["etag"])
            known = {"If-None-Match": tags[-1]}
            again = client.get("/ogc/collections/streets/items", params=asked, headers=known)
            assert again.status_code == 304
    assert tags[0] != tags[1]


def test_a_forged_mark_is_refused_by_name_on_every_road(store):
    place = store.engine.place
    with client_of(place) as client:
        for query in ("", "&limit=2", "&f=html", "&filter=kind%3D'shophouse'", "&bbox=0,0,180,90"):
            for _ in range(30):  # until the layer is held in memory
                answer = client.get(f"/ogc/collections/buildings/items?after={'0' * 32}{query}")
            assert answer.status_code == 400
            if "html" in query:
                assert "after" in answer.text
            else:
                assert [one["parameter"] for one in answer.json()["parameters"]] == ["after"]
