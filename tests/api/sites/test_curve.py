"""The cost curve: its marks stand where the numbers say, in both languages."""

import re

import pandas as pd
import pytest

from api.sites.curve import draw_curve
from tests.api.sites.sample import phrases, sample_result


def draw(curve=None, **options):
    curve = sample_result().tables.curve if curve is None else curve
    asked = {"budget": 2.0, "by_number": True, **options}
    return str(draw_curve(curve, phrases=phrases(), titled="curve", **asked))


def dots(svg):
    found = re.findall(r'<circle class="covered" cx="([\d.]+)" cy="([\d.]+)"', svg)
    return [(float(x), float(y)) for x, y in found]


def squares(svg):
    found = re.findall(r'class="bound-mark" d="M([\d.]+) ([\d.]+)', svg)
    return [(float(x), float(y)) for x, y in found]


def ticks(svg):
    """Give where each number of the horizontal axis stands, and each of the vertical one."""
    across = re.findall(r'class="tick" x="([\d.]+)"[^>]*>([\d,.e+]+)<', svg)
    up = re.findall(r'class="tick left"[^>]* y="([\d.]+)"[^>]*>([\d,.e+]+)<', svg)
    return [{float(n.replace(",", "")): float(at) for at, n in axis} for axis in (across, up)]


def test_marks_stand_where_the_axes_say():
    svg = draw()
    across, up = ticks(svg)
    curve = sample_result().tables.curve

    def budget_at(x):
        return (x - across[0]) / (across[2] - across[0]) * 2

    def metres_at(y):
        return (y - up[0]) / (up[100] - up[0]) * 100

    assert [budget_at(x) for x, _ in dots(svg)] == pytest.approx(list(curve["budget"]), abs=0.01)
    assert [metres_at(y) for _, y in dots(svg)] == pytest.approx(list(curve["covered_m"]), abs=0.5)
    assert [metres_at(y) for _, y in squares(svg)] == pytest.approx(
        list(curve["upper_bound_m"]), abs=0.5
    )
    (chosen,) = re.findall(r'class="chosen" d="M([\d.]+)', svg)
    assert budget_at(float(chosen)) == pytest.approx(2.0, abs=0.01)


def levels(svg, of):
    """Give the level parts of a line of steps: from, to and height, in units of the drawing."""
    (start, steps) = re.search(rf'<path class="{of}" d="M([\d. ]+)([^"]*)"', svg).groups()
    x, y = map(float, start.split())
    parts = []
    for letter, number in re.findall(r"([HV])([\d.]+)", steps):
        if letter == "H":
            parts.append((x, float(number), y))
            x = float(number)
        else:
            y = float(number)
    return parts


def test_between_two_budgets_the_smaller_is_found_and_the_larger_bounds():
    """What a cost of its own leaves open: a budget between two dots buys one, limited by the other.

    Drawn from dot to dot, a limit of 20 at 1.9 would be told as 15, which nobody has proven.
    """
    curve = pd.DataFrame(
        {"budget": [1.0, 2.0, 3.0], "covered_m": [8.0, 18.0, 20.0], "upper_bound_m": [10.0, 20, 30]}
    )
    svg = draw(curve, by_number=False)
    (first, second, third), (low, middle, high) = dots(svg), squares(svg)
    assert levels(svg, "covered") == [
        (first[0], second[0], first[1]),
        (second[0], third[0], second[1]),
    ]
    left = ticks(svg)[0][0]
    assert levels(svg, "bound") == [
        (left, low[0], low[1]),
        (low[0], middle[0], middle[1]),
        (middle[0], high[0], high[1]),
    ]


def test_a_dot_leaves_its_square_to_be_seen():
    radius = float(re.search(r'<circle class="covered"[^>]* r="([\d.]+)"', draw()).group(1))
    assert radius < 3  # within a square of 8


def test_numbers_of_cameras_are_whole_and_costs_need_not_be():
    assert all(tick == int(tick) for tick in ticks(draw())[0])
    assert "Number of new cameras" in draw()
    costs = draw(by_number=False)
    assert "Number of new cameras" not in costs
    assert "in the unit of the cameras" in costs
    assert any(tick != int(tick) for tick in ticks(costs)[0])


def test_axes_are_named_in_both_languages():
    svg = draw()
    for text in ("จำนวนกล้องใหม่", "Number of new cameras", "(m)", "(ม.)", "chosen: 2"):
        assert text in svg, text


def test_a_curve_of_nothing_is_drawn():
    flat = pd.DataFrame({"budget": [0.0], "covered_m": [0.0], "upper_bound_m": [0.0]})
    assert len(dots(draw(flat, budget=0.0))) == 1
    everything = pd.DataFrame(
        {"budget": [1.0, 1e7], "covered_m": [0.0, 1e5], "upper_bound_m": [0.0, 2e5]}
    )
    assert len(squares(draw(everything, budget=1e7))) == 2
