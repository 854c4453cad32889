"""Arguments as they must be."""

import math

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
