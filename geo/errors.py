"""Errors of smartzone.

ZoneError
├── LayerError (ValueError)             a file or layer breaks its contract; carries every fault
├── ParameterError (ValueError)         an argument is out of its range
├── NotFoundError (LookupError)         a zone, layer or item does not exist
├── InfeasiblePlanError (RuntimeError)  no plan obeys the rules
├── SourceError (OSError)               a file or remote source cannot be read
└── ConflictError (RuntimeError)        somebody else changed it meanwhile
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_NUMBER: Final = re.compile(r"\[Errno -?\d+\] ")


class ZoneError(Exception):
    """The root of every error that smartzone raises on purpose."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one layer.

    Attributes
    ----------
    source
        File or layer the fault was found in.
    expected
        What the contract asks for.
    found
        What stood there instead.
    row
        Line of a CSV (the header is line 1) or number of a feature (the first is 1); none where
        the whole file is meant.
    field
        Column the fault was found in; none where the whole row is meant.
    """

    source: str
    expected: str
    found: str
    row: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = [self.source]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.field is not None:
            place.append(f"`{self.field}`")
        return f"{', '.join(place)}: expected {self.expected}, got {self.found}"


class LayerError(ZoneError, ValueError):
    """A file or layer breaks its contract.

    Parameters
    ----------
    faults
        Every fault found, in the order of the file.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ParameterError(ZoneError, ValueError):
    """An argument is out of its range."""


class NotFoundError(ZoneError, LookupError):
    """A zone, layer or item does not exist."""


class InfeasiblePlanError(ZoneError, RuntimeError):
    """No plan obeys the rules."""


class SourceError(ZoneError, OSError):
    """A file or remote source cannot be read."""


class ConflictError(ZoneError, RuntimeError):
    """What is to be changed has been changed by somebody else meanwhile."""


def reason_of(error: Exception) -> str:
    """Tell why the system or a library refused, as a part of a sentence.

    Parameters
    ----------
    error
        What it raised.

    Returns
    -------
    reason
        One line without the number of the error and without the file, which the sentence names.

    Examples
    --------
    >>> reason_of(FileNotFoundError(2, "No such file or directory", "town.gpkg"))
    'no such file or directory'
    """
    told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    line = " ".join(_NUMBER.sub("", told).split()).rstrip(".?")
    return line[:1].lower() + line[1:] if line[1:2].islower() else line
