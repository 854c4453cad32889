"""Kernels along a line, and what of their mass lies further out, compiled by numba.

Each is symmetric with a mass of 1 and ends at a reach of its own: the quadratic (Epanechnikov) and
quartic (biweight) kernels at their half-width, the Gaussian at four standard deviations, scaled by
1 / 0.99994 so that cutting it off loses no mass.
"""

import math
from enum import IntEnum

from numba import njit


class Shape(IntEnum):
    """Kernels by the number that compiled code knows them by."""

    EPANECHNIKOV = 0
    QUARTIC = 1
    GAUSSIAN = 2


GAUSSIAN_REACH = 4.0
_GAUSSIAN_TAIL = math.erfc(GAUSSIAN_REACH / math.sqrt(2)) / 2
_GAUSSIAN_MASS = 1 - 2 * _GAUSSIAN_TAIL
_EPANECHNIKOV, _QUARTIC = int(Shape.EPANECHNIKOV), int(Shape.QUARTIC)


def reach_of(shape: Shape, bandwidth_m: float) -> float:
    """Tell how far a kernel reaches.

    Parameters
    ----------
    shape
        Which kernel.
    bandwidth_m
        Its half-width; of the Gaussian, its standard deviation.

    Returns
    -------
    reach_m
        Distance from which on it is 0.
    """
    return bandwidth_m * (GAUSSIAN_REACH if shape is Shape.GAUSSIAN else 1.0)


@njit(cache=True)
def height(shape: int, scaled: float) -> float:
    """Tell how high a kernel of reach 1 is.

    Parameters
    ----------
    shape
        Which kernel.
    scaled
        Distance from its centre as a part of its reach, 0 to 1.

    Returns
    -------
    height
        Mass per unit length there.
    """
    inner = (1.0 - scaled) * (1.0 + scaled)
    if shape == _EPANECHNIKOV:
        return 0.75 * inner
    if shape == _QUARTIC:
        return 0.9375 * inner * inner
    spread = GAUSSIAN_REACH * scaled
    return (
        GAUSSIAN_REACH
        * math.exp(-0.5 * spread * spread)
        / (math.sqrt(2.0 * math.pi) * _GAUSSIAN_MASS)
    )


@njit(cache=True)
def tail(shape: int, scaled: float) -> float:
    """Tell how much of a kernel of reach 1 lies further out on one side.

    Parameters
    ----------
    shape
        Which kernel.
    scaled
        Distance from its centre as a part of its reach, 0 to 1.

    Returns
    -------
    mass
        Mass from there to the end of the kernel, 1/2 at its centre.
    """
    left = 1.0 - scaled
    if shape == _EPANECHNIKOV:
        return 0.25 * left * left * (2.0 + scaled)
    if shape == _QUARTIC:
        return left * left * left * (8.0 + scaled * (9.0 + 3.0 * scaled)) / 16.0
    outside = 0.5 * math.erfc(GAUSSIAN_REACH * scaled / math.sqrt(2.0))
    return (outside - _GAUSSIAN_TAIL) / _GAUSSIAN_MASS
