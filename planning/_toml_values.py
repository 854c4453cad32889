"""A TOML file that people write by hand, and what its values may be."""

import math
import tomllib
from datetime import time
from pathlib import Path
from typing import Any, TypeGuard
from unicodedata import category

from geo.errors import Fault, LayerError, SourceError

_MOST_SHOWN = 60


def read_document(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    document
        Its values.

    Raises
    ------
    SourceError
        The file cannot be read.
    LayerError
        It is no TOML in UTF-8.
    """
    try:
        # Some editors of Windows begin a file in UTF-8 with a mark of its encoding.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(f"Expected to read {path.name}, got: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits is a ValueError of Python's own.
        raise LayerError([Fault(path.name, "a TOML file in UTF-8", str(error)[:200])]) from error


def shown(values: dict[str, Any], field: str) -> str:
    """Tell what stands in a field, short enough for a line.

    Parameters
    ----------
    values
        Values by field.
    field
        The field.

    Returns
    -------
    found
        At most 60 letters; "nothing" where the field is not there.
    """
    return repr(values[field])[:_MOST_SHOWN] if field in values else "nothing"


def is_text(value: object) -> bool:
    """Tell whether a value is a text of one line with something in it.

    Parameters
    ----------
    value
        What stands there.

    Returns
    -------
    text
        False for blanks alone, and for control characters, which break the files it is shown in.
    """
    return (
        isinstance(value, str)
        and bool(value.strip())
        and not any(category(letter) == "Cc" for letter in value)
    )


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a finite number.

    Parameters
    ----------
    value
        What stands there.

    Returns
    -------
    number
        False for true and false.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(float(str(value)))


def is_time(value: object) -> bool:
    """Tell whether a value is a text such as "18:00".

    Parameters
    ----------
    value
        What stands there.

    Returns
    -------
    time
        False for a time with a timezone, or of TOML's own type.
    """
    try:
        return isinstance(value, str) and time.fromisoformat(value).tzinfo is None
    except ValueError:
        return False
