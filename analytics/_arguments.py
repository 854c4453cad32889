"""Arguments as they must be."""

import math
from numbers import Integral, Real

from geo.errors import ParameterError


def checked_count(name: str, value: float) -> int:
    """Make sure that a number is whole and positive.

    Parameters
    ----------
    name
        Name of the argument, for the message.
    value
        Its value.

    Returns
    -------
    count
        The same.

    Raises
    ------
    ParameterError
        If it is not.
    """
    if not (math.isfinite(value) and value == int(value) and value >= 1):
        raise ParameterError(f"Expected whole `{name}` >= 1, got {value}.")
    return int(value)


def checked_seed(seed: object) -> int:
    """Make sure that a number can seed random numbers.

    Parameters
    ----------
    seed
        The argument `seed`.

    Returns
    -------
    seed
        The same.

    Raises
    ------
    ParameterError
        If it is not whole or below 0.
    """
    if isinstance(seed, Integral) and int(seed) >= 0:
        return int(seed)
    raise ParameterError(f"Expected whole `seed` >= 0, got {seed!r}.")


def check_positive(**values: float) -> None:
    """Make sure that numbers are finite and positive.

    Parameters
    ----------
    **values
        The arguments by their names.

    Raises
    ------
    ParameterError
        If one is not.
    """
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise ParameterError(f"Expected `{name}` > 0, got {value}.")


def faults_of_confidence(confidence: object) -> list[str]:
    """Say what is wrong with the confidence of an interval.

    Parameters
    ----------
    confidence
        What was given.

    Returns
    -------
    faults
        One text, or none where it is > 0 and < 1.
    """
    if isinstance(confidence, Real) and 0 < float(confidence) < 1:
        return []
    return [f"Expected 0 < `confidence` < 1, got {confidence!r}."]
