"""The hotspots as a JSON document for other programs: the same inputs give the same bytes."""

from dataclasses import asdict
from typing import Any, Final

import pandas as pd

from api.bilingual import rows
from api.hotspots.result import ForecastResult, HotspotsResult, Tables
from api.hotspots.withheld import withheld, without
from api.plain import plain, records, written
from api.result_documents import document_head

FORMAT: Final = "smartzone-hotspots/1"
FORECAST_FORMAT: Final = "smartzone-forecast/1"


def hotspots_document(result: HotspotsResult) -> dict[str, Any]:
    """Describe the hotspots by plain values.

    Parameters
    ----------
    result
        Hotspots to describe.

    Returns
    -------
    dict
        Strings, numbers, lists and objects only; null where a number is not known, or is withheld
        or would tell one that is. Lengths in metres, areas in square metres, shares in [0, 1],
        densities in incidents per metre of street, dates on the zone's calendar. `inputs` holds
        the SHA-256 of every file read.
    """
    return {
        **document_head(result, FORMAT, parameters=asdict(result.params), day=result.day),
        "synthetic": result.synthetic,
        "figures": _values(asdict(result.figures)),
        "claims": asdict(result.claims),
        "stretches": _rows(result, "hotspot_stretches"),
        "any_stretch_p_value": plain(result.any_p_value),
        "areas": _rows(result, "hotspot_areas"),
        "week": [[plain(float(count)) for count in day] for day in result.tables.week.to_numpy()],
        "busiest": result.busiest and _values(asdict(result.busiest)),
        "categories": _categories(result.tables.categories),
        "near_repeats": _repeats(result.tables),
        "forecast": {
            **_values(asdict(result.forecast)),
            "trials": records(result.tables.forecast),
        },
        "audit": result.audit and _values(asdict(result.audit)),
        "streets": _streets(result.tables.streets),
    }


def forecast_document(result: ForecastResult) -> dict[str, Any]:
    """Describe a forecast by plain values.

    Parameters
    ----------
    result
        Forecast to describe.

    Returns
    -------
    dict
        Strings, numbers, lists and objects only; null where a number is not known. Shares in
        [0, 1], dates on the zone's calendar. `inputs` holds the SHA-256 of every file read.
    """
    return {
        **document_head(result, FORECAST_FORMAT, parameters=asdict(result.params), day=result.day),
        "synthetic": result.synthetic,
        "figures": _values(asdict(result.figures)),
        "forecast": {**_values(asdict(result.forecast)), "trials": records(result.trials)},
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
    for way in ("reported", "discovered"):
        table = without(table, [way], where=withheld(table[way]))
    return records(table)


def _repeats(tables: Tables) -> list[dict[str, Any]]:
    """Give the repeats; the number of a category is withheld where it is among all categories."""
    hidden = tables.categories["category"][withheld(tables.categories["reported"])]
    repeats = tables.near_repeats
    return records(
        without(repeats, ["incidents"], where=repeats["category"].isin(hidden).to_numpy())
    )


def _streets(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the streets, small counts and the shares that tell them withheld."""
    told = ["incidents", "incident_share", "share_low", "share_high"]
    told += ["ratio", "difference", "difference_low", "difference_high"]
    return records(without(table, told, where=withheld(table["incidents"])))
