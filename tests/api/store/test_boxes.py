"""Bounding boxes: what is read, what is refused and why."""

import pytest

from api.store import Box
from geo.errors import ParameterError


def test_heights_are_set_aside():
    assert Box.parse("98,7,-5,99,8,20") == Box.parse("98,7,99,8") == Box(98, 7, 99, 8)


@pytest.mark.parametrize(
    "text",
    [
        *("", "1,2,3", "1,2,3,4,5", "a,b,c,d", "98;7;99;8"),
        *("98,7,99,nan", "98,7,inf,8", "98,7,nan,99,8,nan"),
        *("181,7,182,8", "98,-91,99,8", "98,9,99,8"),
    ],
)
def test_what_is_no_box_is_refused_by_name(text):
    with pytest.raises(ParameterError, match="`bbox`"):
        Box.parse(text)


def test_a_box_across_the_antimeridian_has_two_parts():
    assert Box(170, -5, -170, 5).parts() == ((170, -5, 180, 5), (-180, -5, -170, 5))
    assert Box(98, 7, 99, 8).parts() == ((98, 7, 99, 8),)
