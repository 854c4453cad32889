"""What printed maps share: discs that keep apart, names that stand once, a bar that is true."""

import math
import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from api.bilingual import Phrases
from api.drawing import Sheet
from api.words import Words
from api.zone_maps import DISC, draw_discs, framed, place_discs, street_names, zone_sheet
from tests.api.plan.sample import BANGKOK, HOSTILE, X, Y, frame, line

PHRASES = Phrases(Words.load(), BANGKOK)
SHEET = Sheet.around(box(X, Y, X + 1000, Y + 500), width=1000, margin_m=0)


def streets(**columns):
    lines = [line((0, 100), (900, 100)), line((0, 300), (300, 300)), line((0, 400), (20, 400))]
    return frame(lines, id=["a", "b", "c"], **columns)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), max_size=8))
def test_discs_never_overlap_and_are_led_to_their_places(places):
    discs = place_discs(SHEET, [Point(X + x, Y + y) for x, y in places])
    assert [disc.of for disc in discs] == [SHEET.place(X + x, Y + y) for x, y in places]
    for one, other in combinations(discs, 2):
        assert math.dist(one.at, other.at) > 2 * DISC
    drawn = [str(mark) for mark in draw_discs(discs, range(len(discs)), of="spot")]
    led = sum(disc.at != disc.of for disc in discs)
    assert sum("leader" in mark for mark in drawn) == led
    assert len(drawn) == led + len(discs)


def test_a_disc_that_is_alone_stands_on_its_place():
    (disc,) = place_discs(SHEET, [Point(X + 5, Y + 494)])
    assert disc.at == disc.of == (5.0, 6.0)
    assert disc.area.contains(Point(5, 6))


def test_names_stand_once_where_there_is_room_and_escaped():
    layer = streets(name_th=["", HOSTILE, "สั้น"], name_en=["Long Road", "", "No room at all"])
    written = [str(text) for text in street_names(SHEET, layer, taken=[], phrases=PHRASES)]
    assert len(written) == 2
    assert "Long Road" in written[0]
    assert "&lt;script&gt;" in written[1]


def test_a_name_gives_way_to_what_stands_there():
    layer = streets(name_th="", name_en=["Long Road", "", ""])
    (free,) = street_names(SHEET, layer, taken=[], phrases=PHRASES)
    (x, y) = SHEET.place(X + 450, Y + 100)
    assert f"translate({x:.1f} {y:.1f})" in str(free)
    (moved,) = street_names(SHEET, layer, taken=[Point(x, y).buffer(5)], phrases=PHRASES)
    assert str(moved) != str(free)
    full = [box(0, 0, SHEET.width, SHEET.height)]
    assert list(street_names(SHEET, layer, taken=full, phrases=PHRASES)) == []


@pytest.mark.parametrize("scale", [0.3, 1.0, 7.0])
def test_the_bar_is_as_long_as_it_says(scale):
    sheet = SHEET.scaled(scale)
    svg = str(framed(sheet, [], of="map", titled="t"))
    (units,) = re.findall(r"H([\d.]+)V-6", svg)
    (metres,) = re.findall(r">([\d,]+) m<", svg)
    assert float(units) / sheet.scale == pytest.approx(float(metres.replace(",", "")), rel=0.01)
    assert 'aria-labelledby="t"' in svg


def test_a_sheet_holds_the_zone_and_what_is_besides():
    boundary = box(X, Y, X + 100, Y + 100)
    far = streets(name_th="", name_en="")
    assert zone_sheet(boundary, far).area.contains(far.union_all())
    assert zone_sheet(boundary, far.iloc[:0]).area.bounds == pytest.approx(
        (X - 25, Y - 25, X + 125, Y + 125)
    )
