"""How the store writes instants, so that the order of texts is that of instants."""

import datetime as dt

from geo.errors import ParameterError


def text_of(instant: dt.datetime) -> str:
    """Write an instant so that the order of texts is that of instants.

    Parameters
    ----------
    instant
        An aware instant.

    Returns
    -------
    text
        ISO 8601 in UTC, always with microseconds.

    Raises
    ------
    ParameterError
        It is not aware.
    """
    if instant.utcoffset() is None:
        raise ParameterError(f"Expected an aware instant, got {instant!r}.")
    return instant.astimezone(dt.UTC).isoformat(timespec="microseconds")
