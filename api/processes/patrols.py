"""What the documents of jobs tell of patrols, left out for whoever may not know where they are."""

import json
from typing import Final

_OF_STREETS: Final = frozenset(
    {
        *("name_th", "name_en", "length_m"),
        *("incidents", "incident_share", "share_low", "share_high"),
    }
)
"""What is told of a street beside the patrol time spent on it, and what follows from that."""


def without_patrols(document: str) -> str:
    """Leave out of a document what tells of patrols.

    Parameters
    ----------
    document
        The document of a job, as JSON text.

    Returns
    -------
    document
        The same where it compares no patrols with incidents; else without the comparison.
    """
    told = json.loads(document)
    if told.get("audit") is None:
        return document
    streets = [
        {name: value for name, value in street.items() if name in _OF_STREETS}
        for street in told["streets"]
    ]
    shown = told | {"audit": None, "streets": streets}
    return json.dumps(shown, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
