"""How text lies along a line on a map."""

import math

import numpy as np
from shapely import LineString

_ASIDE = 0.1  # share of the line on either side by which the way of the text is told


def reading_angle(line: LineString, share: float = 0.5) -> float:
    """Give the turn that lays text along a line, upright.

    Parameters
    ----------
    line
        Line in metres.
    share
        Where along the line the middle of the text lies, in [0, 1].

    Returns
    -------
    float
        Clockwise in degrees, in [-90, 90).

    Examples
    --------
    >>> reading_angle(LineString([(0, 0), (5, 5)])), reading_angle(LineString([(5, 0), (0, 0)]))
    (-45.0, 0.0)
    """
    start, end = (
        line.interpolate(min(max(where, 0.0), 1.0), normalized=True)
        for where in (share - _ASIDE, share + _ASIDE)
    )
    angle = -math.degrees(math.atan2(end.y - start.y, end.x - start.x))
    return float(np.mod(round(angle, 9) + 90, 180) - 90)
