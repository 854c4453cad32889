"""Pixels per metre: what the standards ask for each task, and how far a camera delivers it.

At the distance d, an image of W pixels over the horizontal angle a shows 2 d tan(a / 2) metres, and
so has W / (2 d tan(a / 2)) pixels per metre: the formula of the standards, for a flat image. A lens
of half a turn or more cannot make one flat image: its pixels are counted as spread evenly over the
angle, W / (a d). The two do not meet: towards half a turn a flat image becomes endlessly wide, and
the density falls to nothing.

The classes are those of EN 62676-4:2015 (the European edition of IEC 62676-4:2014: monitor, detect,
observe, recognise, identify, inspect) and of IEC 62676-4:2025 (overview, outline, discern,
perceive, characterise, validate, scrutinise).
"""

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import ParameterError

STANDARDS: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "EN 62676-4:2015": MappingProxyType(
            {
                "monitor": 12.5,
                "detect": 25.0,
                "observe": 62.5,
                "recognise": 125.0,
                "identify": 250.0,
                "inspect": 1000.0,
            }
        ),
        "EN 62676-4:2025": MappingProxyType(
            {
                "overview": 20.0,
                "outline": 40.0,
                "discern": 80.0,
                "perceive": 125.0,
                "characterise": 250.0,
                "validate": 500.0,
                "scrutinise": 1500.0,
            }
        ),
    }
)
"""Least pixels per metre of each task, by standard; from coarse to fine."""

_SPELLING: Final = re.compile(r"(?:(?:IEC|EN)[ /]*){1,2}62676-4: ?(\d{4})")
# The edition of 2015 took over the text that IEC published in 2014.
_NAME_OF_YEAR: Final = {
    "2014": "EN 62676-4:2015",
    "2015": "EN 62676-4:2015",
    "2025": "EN 62676-4:2025",
}


def px_per_m(standard: str, task: str) -> float:
    """Return the pixels per metre that a standard asks for a task.

    Parameters
    ----------
    standard
        Name in `STANDARDS`; "IEC 62676-4:2025", "IEC/EN 62676-4:2015" and the like mean the same.
    task
        Name of a task of that standard.

    Returns
    -------
    density
        Pixels per metre, > 0.

    Raises
    ------
    ParameterError
        The standard, or the task in that standard, is not known; the error lists those that are.

    Examples
    --------
    >>> px_per_m("IEC/EN 62676-4:2015", "recognise")
    125.0
    """
    spelt = _SPELLING.fullmatch(str(standard))
    name = _NAME_OF_YEAR.get(spelt[1]) if spelt else None
    if name is None:
        known = ", ".join(STANDARDS)
        raise ParameterError(f"Expected `standard` among {known}, got {standard!r}.")
    tasks = STANDARDS[name]
    density = tasks.get(str(task))
    if density is None:
        known = ", ".join(tasks)
        raise ParameterError(f"Expected `task` of {name} among {known}, got {task!r}.")
    return density


def reach_m(fov_deg: ArrayLike, resolution_px: ArrayLike, density: float) -> NDArray[np.float64]:
    """Return how far cameras deliver at least so many pixels per metre.

    Below 180 degrees the image is taken for flat, as the standards do, and the reach falls towards
    0 as the angle nears 180; from 180 on the pixels are spread evenly over the angle, and the reach
    jumps up. For a lens that wide but below 180, the maker's projection tells more than this.

    Parameters
    ----------
    fov_deg
        Horizontal angles of view, in (0, 360].
    resolution_px
        Widths of the images in pixels, >= 1.
    density
        Pixels per metre, > 0.

    Returns
    -------
    reach
        Distances in metres, of the shape of both; at them the density is just `density`.

    Raises
    ------
    ParameterError
        An argument is out of its range; the error names each that is.

    Examples
    --------
    >>> reach_m([90.0], 1920.0, 125.0).round(6)
    array([7.68])

    At half a turn the image ceases to be flat, and the reach jumps.

    >>> reach_m([170.0, 179.9, 180.0], 1920.0, 62.5).round(2)
    array([1.34, 0.01, 9.78])
    """
    angle = np.radians(np.asarray(fov_deg, np.float64))
    width = np.asarray(resolution_px, np.float64)
    wrong = []
    if not ((angle > 0.0) & (angle <= 2.0 * math.pi)).all():
        wrong.append(f"Expected `fov_deg` > 0 and <= 360, got {fov_deg!r}.")
    if not ((width >= 1.0) & np.isfinite(width)).all():
        wrong.append(f"Expected `resolution_px` >= 1, got {resolution_px!r}.")
    if not (math.isfinite(density) and density > 0.0):
        wrong.append(f"Expected `density` > 0, got {density}.")
    if wrong:
        raise ParameterError(" ".join(wrong))
    flat = angle < math.pi
    across = np.where(flat, 2.0 * np.tan(np.where(flat, angle, 0.0) / 2.0), angle)
    return np.asarray(width / (density * across), np.float64)
