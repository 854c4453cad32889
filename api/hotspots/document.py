"""The hotspots as a JSON document for other programs: the same inputs give the same bytes."""

from dataclasses import asdict
from importlib.metadata import version
from typing import Any, Final

import pandas as pd

from api.bilingual import rows
from api.hotspots.result import FEW, HotspotsResult
from api.plain import plain, records, written

FORMAT: Final = "smartzone-hotspots/1"


def hotspots_document(result: HotspotsResult) -> dict[str, Any]:
    """Describe the hotspots by plain values.

    Parameters
    ----------
    result
        Hotspots to describe.

    Returns
    -------
    dict
        Strings, numbers, lists and objects only; null where a number is not known, or is a count
        of a category below `FEW`. Lengths in metres, areas in square metres, shares in [0, 1],
        densities in incidents per metre of street, dates on the zone's calendar. `inputs` holds
        the SHA-256 of every file read.
    """
    return {
        "format": FORMAT,
        "smartzone": version("smartzone"),
        "zone": {
            "name": result.zone,
            "name_th": result.name_th,
            "name_en": result.name_en,
            "timezone": result.timezone.key,
            "crs": result.crs.to_string(),
            "boundary_approximate": result.boundary_approximate,
        },
        "day": result.day.isoformat(),
        "seed": result.seed,
        "parameters": asdict(result.params),
        "inputs": dict(sorted(result.inputs.items())),
        "synthetic": result.synthetic,
        "figures": _values(asdict(result.figures)),
        "claims": asdict(result.claims),
        "stretches": _rows(result, "hotspot_stretches"),
        "any_stretch_p_value": plain(result.any_p_value),
        "areas": _rows(result, "hotspot_areas"),
        "week": [[plain(float(count)) for count in day] for day in result.tables.week.to_numpy()],
        "busiest": result.busiest and _values(asdict(result.busiest)),
        "categories": _categories(result.tables.categories),
        "near_repeats": records(result.tables.near_repeats),
        "forecast": {
            **_values(asdict(result.forecast)),
            "trials": records(result.tables.forecast),
        },
        "audit": result.audit and _values(asdict(result.audit)),
        "streets": records(result.tables.streets),
    }


def write_document(result: HotspotsResult) -> str:
    """Write the hotspots as JSON.

    Parameters
    ----------
    result
        Hotspots to write.

    Returns
    -------
    str
        The document, indented, ending in a line break.
    """
    return written(hotspots_document(result))


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    """Give fields as JSON holds them; dates by ISO 8601."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else plain(value)
        for name, value in fields.items()
    }


def _rows(result: HotspotsResult, layer: str) -> list[dict[str, Any]]:
    return [
        {name: plain(value) for name, value in row.items()} for row in rows(result.layers[layer])
    ]


def _categories(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the counts of each category, small ones withheld."""
    return [
        {
            "category": row["category"],
            **{
                name: None if 0 < row[name] < FEW else int(row[name])
                for name in ("reported", "discovered")
            },
        }
        for row in table.to_dict("records")
    ]
