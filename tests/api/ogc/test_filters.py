"""Filters in CQL2: what they mean, what is refused, and that nothing reaches the parser's floor."""

import json
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ogc import filters
from api.ogc.crs import CRS84
from api.ogc.filters import (
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_OPERATORS,
    MAX_VALUES,
    read_filter,
    refuse_unknown,
)
from geo.errors import ParameterError

METRIC = "http://www.opengis.net/def/crs/EPSG/0/32647"
SHOP = {
    "type": "Feature",
    "id": "s1",
    "geometry": {"type": "Point", "coordinates": [98.39, 7.88]},
    "properties": {
        "kind": "shop",
        "name_th": "ร้านค้า",
        "floors": 3,
        "height_m": 9.5,
        "lit": True,
        "owner": None,
        "opened_at": "2026-03-01T13:00:00+00:00",
    },
}


def keeps(text, language="cql2-text", system=CRS84):
    return read_filter(text, language=language, system=system).matches(SHOP)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("kind = 'shop'", True),
        ("kind <> 'shop'", False),
        ("floors >= 3 AND height_m < 9.6", True),
        ("floors BETWEEN 4 AND 9 OR kind LIKE 'sh%'", True),
        ("kind NOT IN ('shop', 'house')", False),
        ("name_th LIKE 'ร้าน%'", True),
        ("CASEI(kind) = CASEI('SHOP')", True),
        ("floors * 2 = 6", True),
        ("lit", True),
        ("owner IS NULL AND kind IS NOT NULL", True),
        # What is not known is neither true nor false.
        ("owner = 'x'", False),
        ("NOT owner = 'x'", False),
        ("owner = 'x' OR floors = 3", True),
        ("NOT (owner = 'x' AND floors = 4)", True),
        ("kind > 3", False),
        ("S_INTERSECTS(geometry, POLYGON((98 7, 99 7, 99 8, 98 8, 98 7)))", True),
        ("S_INTERSECTS(geometry, BBOX(98, 7, 99, 8))", True),
        ("S_DISJOINT(geometry, POINT(1 1))", True),
        ("S_WITHIN(geometry, POLYGON((0 0, 1 0, 1 1, 0 0)))", False),
        ("T_AFTER(opened_at, TIMESTAMP('2026-03-01T19:59:59+07:00'))", True),
        ("opened_at < DATE('2026-03-01')", False),
    ],
)
def test_a_filter_is_true_or_is_not(text, kept):
    assert keeps(text) is kept
    as_json = json.dumps(filters.cql2.parse_text(text).to_json())
    assert keeps(as_json, "cql2-json") is kept


def test_a_filter_may_stand_in_another_reference_system():
    # Old Phuket Town in the axes of UTM zone 47.
    near = "S_INTERSECTS(geometry, POLYGON((432000 870000, 434000 870000, 434000 872000, "
    near += "432000 872000, 432000 870000)))"
    assert keeps(near, system=METRIC)
    assert not keeps(near.replace("43", "53"), system=METRIC)
    turned = "S_INTERSECTS(geometry, POLYGON((7 98, 8 98, 8 99, 7 99, 7 98)))"
    assert keeps(turned, system="http://www.opengis.net/def/crs/EPSG/0/4326")
    assert not keeps(turned)
    with pytest.raises(ParameterError, match="on the earth"):
        keeps("S_INTERSECTS(geometry, POINT(99999999999999 1))", system=METRIC)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected"),
        ("kind =", "expected"),
        ("kind = 'a'; DROP TABLE features", "expected"),
        ("'; DROP TABLE features; --'", "a predicate"),
        ("3", "a predicate"),
        ("floors < 1e999", "finite numbers"),
        ("S_INTERSECTS(geometry, POINT EMPTY)", "whole geometries"),
        ("load_extension('x') = 1", "'load_extension'"),
        ("pg_sleep(9) = 1", "'pg_sleep'"),
        ("kind = (SELECT 1)", "expected"),
        ("kind = 'a' UNION SELECT 1", "expected"),
        ("opened_at > DATE('2026-13-01')", "times that exist"),
        ("T_DURING(opened_at, INTERVAL('x', '..'))", "times that exist"),
        (f"kind = '{'a' * MAX_LENGTH}'", "4,096 letters"),
        ("(" * (MAX_DEPTH + 1) + "lit" + ")" * (MAX_DEPTH + 1), "24 deep"),
        ("NOT " * (MAX_DEPTH + 1) + "lit", "24 deep"),
        ("floors = " + "-" * (MAX_DEPTH + 1) + "3", "24 deep"),
        (" OR ".join(["lit"] * 2 + ["floors=3"] * MAX_OPERATORS), "64 operators"),
        (f"floors IN ({','.join(map(str, range(MAX_VALUES + 1)))})", "512 values"),
    ],
)
def test_what_is_no_filter_or_too_much_is_refused_with_its_reason(text, told):
    with pytest.raises(ParameterError, match="`filter`") as refused:
        read_filter(text, language="cql2-text")
    assert told in str(refused.value)
    assert len(str(refused.value)) < 600


def test_ten_thousand_parts_are_refused_before_they_are_parsed():
    began = time.perf_counter()
    for text in (
        " OR ".join(f"floors = {n}" for n in range(10_000)),
        "(" * 10_000 + "lit" + ")" * 10_000,
        "NOT " * 10_000 + "lit",
    ):
        with pytest.raises(ParameterError):
            read_filter(text, language="cql2-text")
    assert time.perf_counter() - began < 1


def test_the_parser_alone_would_take_the_process_with_it():
    code = "import cql2; cql2.parse_text('(' * 100_000 + 'lit' + ')' * 100_000)"
    alone = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert alone.returncode < 0


def test_properties_that_are_not_seen_are_refused_by_name():
    asked = read_filter("contact = 'a' AND kind = 'b' AND secret IS NULL", language="cql2-text")
    with pytest.raises(ParameterError, match="got contact, secret"):
        refuse_unknown(asked, ["geometry", "id", "kind"])
    refuse_unknown(asked, ["contact", "kind", "secret"])
    dotted = read_filter("properties.contact = 'a'", language="cql2-text")
    with pytest.raises(ParameterError, match=r"properties\.contact"):
        refuse_unknown(dotted, ["contact"])


WORDS = st.sampled_from(
    [
        *("kind", "floors", "owner", "geometry", "lit", "3", "-1.5", "'a'", "'it''s'", "NULL"),
        *("(", ")", ",", "=", "<>", "<", "NOT", "AND", "OR", "IN", "LIKE", "BETWEEN", "IS"),
        *("+", "*", "^", "div", "CASEI(", "S_INTERSECTS(", "T_AFTER(", "DATE('2026-01-01')"),
        *("POINT(1 2)", "POLYGON((0 0, 1 1))", "BBOX(1,2,3,4)", "INTERVAL('..','..')", "\x00"),
    ]
)


@given(st.one_of(st.lists(WORDS, max_size=30).map(" ".join), st.text(max_size=80)))
def test_whatever_is_written_is_read_or_refused(text):
    for language in ("cql2-text", "cql2-json"):
        try:
            read = read_filter(text, language=language)
        except ParameterError:
            continue
        assert read.matches(SHOP) in {True, False}


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=3))
OPERATORS = st.sampled_from([*filters._PREDICATES, *filters._FUNCTIONS, "avg", ""])
TREES = st.recursive(
    st.one_of(SCALARS, st.builds(dict, property=st.sampled_from(["kind", "floors", "geometry"]))),
    lambda parts: st.one_of(
        st.fixed_dictionaries({"op": OPERATORS, "args": st.lists(parts, max_size=3)}),
        st.fixed_dictionaries({"type": st.just("Polygon"), "coordinates": st.lists(parts)}),
        st.fixed_dictionaries({"bbox": st.lists(parts)}),
        st.fixed_dictionaries({"interval": st.lists(parts)}),
        st.lists(parts, max_size=3),
    ),
    max_leaves=12,
)


@given(TREES)
def test_whatever_tree_is_sent_is_read_or_refused(tree):
    for system in (CRS84, METRIC):
        try:
            read = read_filter(json.dumps(tree), language="cql2-json", system=system)
        except ParameterError:
            continue
        assert read.matches(SHOP) in {True, False}
