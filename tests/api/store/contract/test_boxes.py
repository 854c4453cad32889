"""Searches by bounding box: the same features on every database, told by hand."""

import pytest
import shapely
from shapely.geometry import LineString, Point, box

from api.store import Box
from tests.api.store.contract.features import found, layer, put

SHAPES = {
    "dot": Point(10, 10),
    "far-dot": Point(40, 10),
    "line": LineString([(20, 0), (30, 10)]),
    "square": box(50, 10, 60, 20),
    "ring": box(100, 0, 120, 20).difference(box(105, 5, 115, 15)),
    "north": Point(0, 90),
    "south": LineString([(-10, -90), (10, -80)]),
    "east": box(175, -5, 180, 5),
    "west": box(-180, -5, -175, 5),
    "nothing": None,
    "hollow": Point(),
}
CASES = {
    "around one": (Box(9, 9, 11, 11), ["dot"]),
    "its own place": (Box(10, 10, 10, 10), ["dot"]),
    "a corner on it": (Box(10, 10, 12, 12), ["dot"]),
    "an edge through it": (Box(5, 10, 15, 20), ["dot"]),
    "just beside it": (Box(10.00000001, 9, 11, 11), []),
    "bounds met, shape missed": (Box(20, 6, 23, 10), []),
    "a corner on a line": (Box(20, 5, 25, 10), ["line"]),
    "a line across": (Box(24, 0, 26, 10), ["line"]),
    "within a square": (Box(54, 14, 56, 16), ["square"]),
    "touching a square's edge": (Box(60, 12, 70, 14), ["square"]),
    "touching a square's corner": (Box(60, 20, 70, 30), ["square"]),
    "over an edge": (Box(45, 15, 52, 25), ["square"]),
    "around a square": (Box(45, 5, 65, 25), ["square"]),
    "within a hole": (Box(107, 7, 113, 13), []),
    "touching a hole's edge": (Box(105, 7, 113, 13), ["ring"]),
    "from a hole outwards": (Box(107, 7, 117, 13), ["ring"]),
    "at the north pole": (Box(-180, 85, 180, 90), ["north"]),
    "the pole alone": (Box(-1, 90, 1, 90), ["north"]),
    "at the south pole": (Box(-180, -90, 180, -85), ["south"]),
    "across the antimeridian": (Box(170, -10, -170, 10), ["east", "west"]),
    "only its east": (Box(178, -1, -180, 1), ["east", "west"]),
    "the meridian itself": (Box(180, 0, -180, 0), ["east", "west"]),
    "from one side": (Box(170, -10, 180, 10), ["east"]),
    "from the other": (Box(-180, -10, -170, 10), ["west"]),
    "all but a gap": (
        Box(62, -90, 45, 90),
        [name for name in SHAPES if name not in ("square", "nothing", "hollow")],
    ),
    "a flat box on a line": (Box(25, 5, 25, 5), ["line"]),
    "a thin box across a square": (Box(49, 15, 61, 15), ["square"]),
    "empty sea": (Box(-60, -40, -50, -30), []),
    "the whole earth": (
        Box(-180, -90, 180, 90),
        [name for name in SHAPES if name not in ("nothing", "hollow")],
    ),
}


@pytest.fixture
def shapes(kept, zone):
    put(kept, zone, "streets", layer(SHAPES))
    return zone


@pytest.mark.parametrize("case", CASES)
def test_a_box_finds_what_meets_it(kept, shapes, case):
    bbox, expected = CASES[case]
    page = kept.items(shapes, "streets", bbox=bbox, limit=100)
    assert found(kept, shapes, "streets", bbox=bbox) == expected
    assert page.number_matched == len(expected)


def test_features_without_place_are_listed_but_meet_no_box(kept, shapes):
    assert found(kept, shapes, "streets") == list(SHAPES)
    assert kept.layer(shapes, "streets").count == len(SHAPES)


def test_pages_of_a_box_follow_each_other(kept, shapes):
    whole = Box(-180, -90, 180, 90)
    expected = found(kept, shapes, "streets", bbox=whole)
    after, seen = 0, []
    while after is not None:
        page = kept.items(shapes, "streets", bbox=whole, limit=2, after=after)
        assert page.number_matched == len(expected)
        seen += found(kept, shapes, "streets", bbox=whole, limit=2, after=after)
        after = page.next_after
    assert seen == expected
    assert found(kept, shapes, "streets", bbox=whole, limit=3, offset=4) == expected[4:7]


KINDS = {
    "point": "POINT (1 1)",
    "points": "MULTIPOINT ((1 1), (2 2))",
    "line": "LINESTRING (1 1, 2 2)",
    "lines": "MULTILINESTRING ((1 1, 2 2), (3 3, 4 4))",
    "area": "POLYGON ((1 1, 2 1, 2 2, 1 1))",
    "areas": "MULTIPOLYGON (((1 1, 2 1, 2 2, 1 1)), ((5 5, 6 5, 6 6, 5 5)))",
    "bow tie": "POLYGON ((1 1, 3 3, 3 1, 1 3, 1 1))",
    "collection": "GEOMETRYCOLLECTION (POINT (1 1), LINESTRING (7 7, 8 8))",
    "ring": "LINEARRING (1 1, 2 1, 2 2, 1 1)",
    "big": "LINESTRING (-180 -90, 180 90)",
    "fine": "POINT (1.00000001 1.00000001)",
    "high": "POINT Z (1 1 99)",
}


def test_geometries_of_every_kind_come_back_and_are_found(kept, zone):
    shapes = {name: shapely.from_wkt(text) for name, text in KINDS.items()}
    put(kept, zone, "streets", layer(shapes))
    back = kept.frame(zone, "streets")
    for name, shape in shapes.items():
        flat = shapely.force_2d(shape)
        if name == "ring":
            flat = LineString(flat.coords)
        assert back.geometry[name].equals_exact(flat), name
    near = Box(0.5, 0.5, 1.5, 1.5)
    assert found(kept, zone, "streets", bbox=near) == list(shapes)
    assert found(kept, zone, "streets", bbox=Box(7, 7, 7.5, 7.5)) == ["collection"]
    assert found(kept, zone, "streets", bbox=Box(179, 89, 180, 90)) == ["big"]


def test_the_bounds_of_a_layer_are_those_of_what_the_public_sees(kept, zone):
    shapes = {"a": Point(1, 2), "b": Point(3, 4), "c": Point(90, 80)}
    owners = ["municipal", "programme", "private"]
    assert put(kept, zone, "cameras", layer(shapes, owner_kind=owners)).bounds == (1, 2, 3, 4)
    assert put(kept, zone, "incidents", layer(shapes)).bounds is None
    assert put(kept, zone, "lamps", layer({"a": None})).bounds is None
    for name, box_ in (("cameras", Box(80, 70, 100, 90)), ("incidents", Box(0, 0, 100, 90))):
        assert found(kept, zone, name, bbox=box_) == []
        assert found(kept, zone, name, bbox=box_, view="full")[-1] == "c"
