"""How the JSON documents of all results begin: what they are, and what they were computed from."""

from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from typing import Any

from api.zone_results import SeededResult


def document_head(
    result: SeededResult, form: str, *, parameters: Mapping[str, Any], **dates: date
) -> dict[str, Any]:
    """Begin the document of a result.

    Parameters
    ----------
    result
        Result to describe.
    form
        Name and version of the document's format.
    parameters
        Parameters of the job.
    **dates
        Day that it was computed for, on the zone's calendar, by the name that the format gives it.

    Returns
    -------
    dict
        Strings, numbers, lists and objects only. `inputs` holds the SHA-256 of every file read.
    """
    return {
        "format": form,
        "smartzone": version("smartzone"),
        "zone": {
            "name": result.zone,
            "name_th": result.name_th,
            "name_en": result.name_en,
            "timezone": result.timezone.key,
            "crs": result.crs.to_string(),
            "boundary_approximate": result.boundary_approximate,
        },
        **{name: day.isoformat() for name, day in dates.items()},
        "seed": result.seed,
        "parameters": parameters,
        "inputs": dict(sorted(result.inputs.items())),
    }
