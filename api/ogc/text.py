"""JSON as the service writes it."""

import json


def compact(document: object) -> str:
    """Write a document without blanks, Thai as it is.

    Parameters
    ----------
    document
        Values that JSON knows; numbers are finite.

    Returns
    -------
    text
        The document.
    """
    return _ENCODER.encode(document)


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
