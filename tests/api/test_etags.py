"""Whether a client has a version is told by the weak comparison."""

import pytest

from api.etags import is_known


@pytest.mark.parametrize(
    ("tag", "given", "known"),
    [
        ('W/"a"', "", False),
        ('W/"a"', 'W/"a"', True),
        ('W/"a"', '"a"', True),
        ('"a"', 'W/"a"', True),
        ('W/"a"', 'W/"b", "a"', True),
        ('W/"a"', 'W/"b","c"', False),
        ('W/"a"', "*", True),
        ('W/"a"', '"W/a"', False),
        ('W/"a"', "a", False),
    ],
)
def test_the_comparison_is_weak(tag, given, known):
    assert is_known(tag, given) is known
