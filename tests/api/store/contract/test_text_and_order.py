"""Texts and their order: all come back as they were, and names are told apart by their bytes."""

import json

import numpy as np
import pandas as pd
import pytest

from geo.errors import NotFoundError, ParameterError
from tests.api.store.contract.features import dots, found, lamp, put

TEXTS = [
    *("ถนนถลาง", "ซอยรมณีย์", "น้ำ", "ก็", "พิพิธภัณฑ์ภูเก็ตไทยหัว", "กำ", "กํา"),
    *("", " ", "a'b", 'a"b', "a%sb", ":layer", "; DROP TABLE features; --", "\\", "%", "_"),
    *("\u00e9", "e\u0301", "𝕏", "🚓", "ｱ", "null", "1", "line\nbreak", "tab\t"),
    *("\u200b", "\x01", "\ufeff"),
]


def test_texts_come_back_as_they_were(kept, zone):
    put(kept, zone, "places", dots([str(n) for n in range(len(TEXTS))], name=TEXTS))
    page = kept.items(zone, "places", limit=100)
    assert [json.loads(text)["properties"]["name"] for text in page.features] == TEXTS
    assert kept.frame(zone, "places")["name"].tolist() == TEXTS


def test_texts_serve_as_ids_and_are_told_apart(kept, zone):
    names = [text for text in TEXTS if text]
    put(kept, zone, "lamps", dots(names))
    assert found(kept, zone, "lamps") == names
    for name in names:
        assert json.loads(kept.item(zone, "lamps", name)[1])["id"] == name
    for absent in ("É", "ถนน", "NULL", "a", "x\0y", "" if "" not in names else "none"):
        with pytest.raises(NotFoundError):
            kept.item(zone, "lamps", absent)


def test_layers_are_listed_by_the_bytes_of_their_names(kept, zone):
    names = ["zebra", "Zebra", "apple", "Äpfel", "ถนน", "ก", "_x", "10", "9"]
    for name in names:
        put(kept, zone, name, dots(["a"]))
    listed = [record.name for record in kept.layers(zone)]
    assert listed == sorted(names, key=str.encode)
    for absent in ("ZEBRA", "apfel", "a\0b"):
        with pytest.raises(NotFoundError):
            kept.layer(zone, absent)


def test_zones_are_told_apart_by_their_bytes(kept, zone):
    put(kept, zone, "lamps", dots(["a"]))
    assert kept.layers(zone.upper()) == []
    assert kept.layers(f"{zone}%") == kept.layers("") == []


def test_text_that_is_no_unicode_is_refused(kept, zone):
    put(kept, zone, "lamps", dots(["a"]))
    for bad in (lamp("b", name="\ud800"), lamp("\udfff"), lamp("x\0y")):
        with pytest.raises(ParameterError):
            kept.put_feature(zone, "lamps", bad, if_version=None)
    with pytest.raises(ParameterError):
        put(kept, zone, "lamps", dots(["b"], name=["\ud800"]))
    assert found(kept, zone, "lamps") == ["a"]


def test_values_of_every_kind_come_back(kept, zone):
    values = [1, -(2**62), 0.1, 1e300, 5e-324, True, None, [1, ["ก", None]], {"ข": {"a": [1.5]}}]
    kept.put_layer(zone, "lamps", dots([]), kind="layer", provenance={"created_at": AT})
    for number, value in enumerate(values):
        kept.put_feature(zone, "lamps", lamp(str(number), value=value), if_version=None)
        back = json.loads(kept.item(zone, "lamps", str(number))[1])["properties"]["value"]
        assert (back, type(back)) == (value, type(value))
    frame = dots(["a", "b"], value=pd.Series([np.nan, np.inf]), at=pd.Timestamp(AT))
    put(kept, zone, "streets", frame.set_index(pd.Index(["a", "b"], name="id")))
    (first, _) = map(json.loads, kept.items(zone, "streets", limit=9).features)
    assert first["properties"] == {"value": None, "at": AT}


AT = "2026-03-01T12:00:00+00:00"


def test_provenance_comes_back(kept, zone):
    told = {"created_at": AT, "seed": 2**60, "inputs": {"ถนน": ["ก", None, 1.5]}}
    record = kept.put_layer(zone, "hotspots", dots(["a"]), kind="product", provenance=told)
    assert record.provenance == told
    assert kept.layer(zone, "hotspots") == record


def test_a_layer_keeps_the_order_in_which_its_features_came(kept, zone):
    put(kept, zone, "lamps", dots(["c", "a", "b"]))
    assert found(kept, zone, "lamps") == ["c", "a", "b"]
    put(kept, zone, "lamps", dots(["x", "b", "c", "a"]))
    assert found(kept, zone, "lamps") == ["c", "a", "b", "x"]
    kept.put_feature(zone, "lamps", lamp("d"), if_version=None)
    version = kept.item(zone, "lamps", "a", view="full")[2]
    kept.put_feature(zone, "lamps", lamp("a", new=1), if_version=version)
    assert found(kept, zone, "lamps") == ["c", "a", "b", "x", "d"]
    put(kept, zone, "lamps", dots(["d", "e"]))
    put(kept, zone, "lamps", dots(["a", "d", "e"]))
    assert found(kept, zone, "lamps") == ["d", "e", "a"]


def test_versions_follow_content_and_not_the_order_given(kept, zone):
    first = put(kept, zone, "lamps", dots(["a", "b"], lit=[True, False]))
    frame = dots(["a", "b"], lit=[True, False]).iloc[::-1]
    assert put(kept, zone, "lamps", frame).version == first.version
    changed = put(kept, zone, "lamps", dots(["a", "b"], lit=[True, True]))
    assert changed.version != first.version
    again = put(kept, zone, "lamps", dots(["a", "b"], lit=[True, False]))
    assert (again.version, again.public_version) == (first.version, first.public_version)


def test_what_the_public_does_not_see_does_not_change_its_version(kept, zone):
    owners = ["municipal", "private"]
    first = put(kept, zone, "cameras", dots(["a", "b"], owner_kind=owners, colour="1"))
    hidden = put(kept, zone, "cameras", dots(["a", "b"], owner_kind=owners, colour="2"))
    assert hidden.version != first.version
    assert hidden.public_version == first.public_version
    (text,) = kept.items(zone, "cameras", limit=9).features
    assert json.loads(text)["properties"] == {"owner_kind": "municipal"}
    whole = kept.items(zone, "cameras", limit=9, view="full")
    assert [json.loads(text)["properties"]["colour"] for text in whole.features] == ["2", "2"]
    assert (whole.number_matched, hidden.count, hidden.public_count) == (2, 2, 1)
    assert kept.item(zone, "cameras", "a")[2] != kept.item(zone, "cameras", "a", view="full")[2]
    opened = put(kept, zone, "cameras", dots(["a", "b"], owner_kind="municipal", colour="2"))
    assert opened.public_version != first.public_version
    assert opened.public_count == 2
