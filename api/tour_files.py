"""How the file of a unit's tour is called, so that its track can be told by its name."""

import hashlib
import re
from typing import Final

_LETTERS_KEPT: Final = 40
_HASH_DIGITS: Final = 12


def tour_file(unit: str) -> str:
    """Name the file of a unit's tour.

    Parameters
    ----------
    unit
        Id of the unit, any text.

    Returns
    -------
    str
        A name of small letters, digits, hyphens and at most one underscore, which is the same for
        the unit in every plan. Other ids never share it: where letters had to be left out, a hash
        of the whole id follows the underscore.

    Examples
    --------
    >>> tour_file("police-foot-1")
    'tour-police-foot-1.gpx'
    >>> tour_file("../Foot 1")
    'tour-foot-1_49417ff60659.gpx'
    """
    kept = re.sub(r"[^a-z0-9]+", "-", unit.lower()).strip("-")[:_LETTERS_KEPT]
    if kept == unit:
        return f"tour-{unit}.gpx"
    digest = hashlib.sha256(unit.encode("utf-8", "surrogatepass")).hexdigest()
    return f"tour-{kept}_{digest[:_HASH_DIGITS]}.gpx"
