"""Pixels per metre by standard and task, and the distance at which a camera still has them."""

import math

import numpy as np
import pytest

from geo.errors import ParameterError
from geo.pixel_density import STANDARDS, px_per_m, reach_m


def test_the_classes_of_both_editions():
    assert STANDARDS["EN 62676-4:2015"] == {
        "monitor": 12.5,
        "detect": 25.0,
        "observe": 62.5,
        "recognise": 125.0,
        "identify": 250.0,
        "inspect": 1000.0,
    }
    assert STANDARDS["EN 62676-4:2025"] == {
        "overview": 20.0,
        "outline": 40.0,
        "discern": 80.0,
        "perceive": 125.0,
        "characterise": 250.0,
        "validate": 500.0,
        "scrutinise": 1500.0,
    }


@pytest.mark.parametrize(
    ("spelling", "task", "density"),
    [
        ("EN 62676-4:2015", "identify", 250.0),
        ("IEC 62676-4:2015", "identify", 250.0),
        ("IEC 62676-4:2014", "observe", 62.5),
        ("IEC/EN 62676-4:2015", "detect", 25.0),
        ("IEC EN62676-4: 2015", "recognise", 125.0),
        ("EN IEC 62676-4:2025", "overview", 20.0),
        ("IEC 62676-4:2025", "scrutinise", 1500.0),
    ],
)
def test_a_standard_is_known_by_its_usual_spellings(spelling, task, density):
    assert px_per_m(spelling, task) == density


@pytest.mark.parametrize(
    "standard",
    ["", "EN 62676-4", "EN 62676-4:2016", "ISO 62676-4:2015", "EN 62676-4:2015 ", None, ["EN"]],
)
def test_an_unknown_standard_is_told_which_are_known(standard):
    with pytest.raises(ParameterError, match=r"`standard` among EN 62676-4:2015, EN 62676-4:2025"):
        px_per_m(standard, "detect")


@pytest.mark.parametrize(
    ("standard", "known"),
    [
        ("IEC 62676-4:2015", "monitor, detect, observe, recognise, identify, inspect, got 'read'"),
        ("EN 62676-4:2025", "perceive, characterise, validate, scrutinise, got 'read'"),
    ],
)
def test_an_unknown_task_is_told_which_the_standard_knows(standard, known):
    with pytest.raises(ParameterError, match=known):
        px_per_m(standard, "read")


@pytest.mark.parametrize("task", [None, ["detect"], 25.0])
def test_a_task_that_is_no_text_is_refused_as_one(task):
    with pytest.raises(ParameterError, match=r"^Expected `task` of .* got (None|\['detect'\]|25)"):
        px_per_m("EN 62676-4:2015", task)


def test_at_the_reach_a_metre_fills_its_pixels():
    """A metre, held flat across the view at that distance, in a pinhole image."""
    fov_deg = np.array([10.0, 60.0, 90.0, 170.0])
    reach = reach_m(fov_deg, 1920.0, 62.5)
    focal_px = 960.0 / np.tan(np.radians(fov_deg / 2.0))
    assert focal_px * 1.0 / reach == pytest.approx(np.full(4, 62.5))


def test_wider_than_flat_the_pixels_are_spread_over_the_angle():
    reach = reach_m([180.0, 360.0], [3600.0, 7200.0], 25.0)
    assert 2.0 * math.pi * reach * [0.5, 1.0] * 25.0 == pytest.approx([3600.0, 7200.0])


def test_the_reach_jumps_at_half_a_turn():
    """Just below, a flat image has its pixels for endless metres; from there on it is not flat."""
    reach = reach_m([170.0, 179.9, 180.0], 1920.0, 62.5)
    assert reach == pytest.approx([1.344, 0.0134, 9.778], rel=1e-3)


def test_every_wrong_argument_is_named():
    with pytest.raises(ParameterError, match=r"`fov_deg`.*`resolution_px`.*`density`"):
        reach_m([0.0, 90.0], [math.nan, 1920.0], 0.0)
    for wrong in ({"fov_deg": 361.0}, {"resolution_px": 0.5}, {"density": math.inf}):
        arguments = {"fov_deg": 90.0, "resolution_px": 1920.0, "density": 25.0} | wrong
        with pytest.raises(ParameterError, match=f"^Expected `{next(iter(wrong))}`"):
            reach_m(**arguments)
