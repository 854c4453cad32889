"""The sites as a JSON document for other programs: the same inputs give the same bytes."""

from dataclasses import asdict
from typing import Any, Final

from api.bilingual import rows
from api.plain import plain, records, written
from api.result_documents import document_head
from api.sites.result import SitesResult

FORMAT: Final = "smartzone-sites/1"
_DEGREE_DECIMALS: Final = 7


def sites_document(result: SitesResult) -> dict[str, Any]:
    """Describe the sites by plain values.

    Parameters
    ----------
    result
        Sites to describe.

    Returns
    -------
    dict
        Strings, numbers, lists and objects only; null where a number is not known. Lengths in
        metres, areas in square metres, shares in [0, 1], positions in EPSG:4326. `inputs` holds
        the SHA-256 of every file read.
    """
    figures = result.figures
    return {
        **document_head(result, FORMAT, parameters=asdict(result.params), day=result.day),
        "synthetic": result.synthetic,
        "cameras_inside_buildings": list(result.cameras_inside),
        "figures": {
            name: plain(value)
            for name, value in {
                **asdict(figures),
                "newly_seen_m": figures.newly_seen_m,
                "gap": figures.gap,
            }.items()
        },
        "survey": {name: plain(value) for name, value in asdict(result.survey).items()},
        "camera_sites": _sites(result),
        "coverage": records(result.tables.coverage),
        "grounds": records(result.tables.grounds),
        "sos_points": records(result.tables.wanted),
        "communities": records(result.tables.communities),
        "cost_curve": records(result.tables.curve),
    }


def write_document(result: SitesResult) -> str:
    """Write the sites as JSON.

    Parameters
    ----------
    result
        Sites to write.

    Returns
    -------
    str
        The document, indented, ending in a line break.
    """
    return written(sites_document(result))


def _sites(result: SitesResult) -> list[dict[str, Any]]:
    sites = result.layers["camera_sites"]
    points = sites.geometry.to_crs(4326)
    sites = sites.assign(lon=points.x.round(_DEGREE_DECIMALS), lat=points.y.round(_DEGREE_DECIMALS))
    tasks = result.tables.tasks
    return [
        {
            **{name: plain(value, name) for name, value in row.items()},
            "tasks": records(tasks[tasks["site"] == row["id"]].drop(columns="site")),
        }
        for row in rows(sites)
    ]
