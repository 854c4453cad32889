"""Shapes on paper: read back from their paths they are the shapes that were drawn."""

import re

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from api.bilingual import Both
from api.drawing import Sheet, label, round_step

SHEET = Sheet.around(box(1000, 2000, 1200, 2100), width=400, margin_m=0)


def read_back(path, sheet=SHEET):
    """Give the polygons or lines of a path, in metres."""
    (data,) = re.findall(r' d="([^"]*)"', str(path))
    shapes = []
    for stroke in data.split("M")[1:]:
        numbers = [float(n) for n in stroke.removesuffix("Z").split()]
        xy = [
            (sheet.west + x / sheet.scale, sheet.north - y / sheet.scale)
            for x, y in zip(numbers[::2], numbers[1::2], strict=True)
        ]
        shapes.append(Polygon(xy) if stroke.endswith("Z") else LineString(xy))
    return shapes


def test_a_sheet_lies_around_its_shape_north_up():
    assert (SHEET.width, SHEET.height, SHEET.scale) == (400, 200, 2)
    assert SHEET.area.equals(box(1000, 2000, 1200, 2100))
    assert SHEET.place(1000, 2100) == (0, 0)
    assert SHEET.place(1200, 2000) == (400, 200)
    assert Sheet.around(Point(0, 0), width=10, margin_m=5).scale == 1


def test_a_scaled_sheet_shows_the_same_ground():
    half = SHEET.scaled(0.5)
    assert (half.width, half.height, half.scale) == (200, 100, 1)
    assert half.area.equals(SHEET.area)
    assert half.place(1200, 2000) == (200, 100)


def test_areas_with_holes_are_read_back():
    outer = Point(1100, 2050).buffer(40)
    holed = outer.difference(Point(1100, 2050).buffer(10))
    shell, hole = read_back(SHEET.path([holed], of="x"))
    assert shell.difference(hole).symmetric_difference(holed).area < 0.03 * holed.length


def test_shapes_are_cut_to_the_sheet_and_nothing_gives_nothing():
    (cut,) = read_back(SHEET.path([box(900, 2040, 1010, 2060)], of="x"))
    assert cut.area == pytest.approx(200, rel=0.02)
    assert str(SHEET.path([box(0, 0, 1, 1), Polygon()], of="x")) == ""
    assert str(SHEET.path([], of="x")) == ""
    touching = LineString([(900, 2050), (1000, 2050)])
    assert str(SHEET.path([touching], of="x")) == ""


def test_parts_of_collections_are_drawn():
    two = MultiPolygon([box(1010, 2010, 1020, 2020), box(1030, 2010, 1040, 2020)])
    both = shapely.GeometryCollection([two, LineString([(1050, 2050), (1100, 2090)])])
    kinds = sorted(shape.geom_type for shape in read_back(SHEET.path([both], of="x")))
    assert kinds == ["LineString", "Polygon", "Polygon"]


@given(
    st.lists(
        st.tuples(st.floats(1000, 1200), st.floats(2000, 2100)), min_size=2, max_size=12
    ).filter(lambda xy: LineString(xy).is_simple and LineString(xy).length > 5)
)
def test_lines_are_read_back_to_a_tenth_of_a_unit(xy):
    line = LineString(xy)
    drawn = read_back(SHEET.path([line], of="x"))
    assert shapely.union_all(drawn).hausdorff_distance(line) < 0.1


def test_a_name_is_escaped_and_said_in_both_languages():
    written = str(label(Both("<ก>", "<b>"), of="name", at=(1, 2), angle_deg=30))
    assert written.count("<text") == 2
    assert 'lang="th"' in written
    assert "&lt;b&gt;" in written
    assert "<b>" not in written
    assert str(label(Both("1", "1"), of="x", at=(0, 0))).count("<text") == 1


@given(st.floats(1e-3, 1e6), st.integers(1, 20))
def test_steps_are_round_and_few(span, most):
    step = round_step(span, most=most)
    assert step * most >= span
    assert f"{step:e}"[0] in "125"
    assert step <= 2.5 * span / most * (1 + 1e-9) or f"{step:e}"[0] == "1"
