"""What a single number among the arguments may be."""

from numbers import Integral, Real

import numpy as np

_LARGEST_SEED = 2**32 - 1


def is_finite(value: object) -> bool:
    """Tell whether an argument is a finite real number.

    Parameters
    ----------
    value
        What was given.

    Returns
    -------
    finite
        False for anything else: NaN, infinity, none, a text.
    """
    return isinstance(value, Real) and bool(np.isfinite(float(value)))


def is_above_zero(value: object) -> bool:
    """Tell whether an argument is a real number > 0, perhaps infinite.

    Parameters
    ----------
    value
        What was given.

    Returns
    -------
    above
        False for anything else: NaN, none, a text.
    """
    return isinstance(value, Real) and float(value) > 0


def is_whole(value: object, *, least: int) -> bool:
    """Tell whether an argument is a whole number from `least` on.

    Parameters
    ----------
    value
        What was given.
    least
        The smallest that is right.

    Returns
    -------
    whole
        False for anything else: 1.0, infinity, none, a text.
    """
    return isinstance(value, Integral) and int(value) >= least


def faults_of_seed(seed: object) -> list[str]:
    """Say what is wrong with a seed: NumPy takes none below 0, PyVRP none beyond 32 bits.

    Parameters
    ----------
    seed
        What was given as `seed`.

    Returns
    -------
    faults
        One text, or none where the seed is right.
    """
    if isinstance(seed, Integral) and 0 <= int(seed) <= _LARGEST_SEED:
        return []
    return [f"Expected `seed` from 0 to 2**32 - 1, got {seed!r}."]
