"""The report of the dosage: one page for screen and print, in Thai and in English."""

from importlib.metadata import version
from typing import Any

import pandas as pd

from analytics.dosage import VERDICTS
from api.bilingual import Both, Phrases
from api.dosage.maps import map_streets
from api.dosage.result import BANDS, LEAST_MIN, DosageResult, band_of
from api.pages import report_page
from api.plain import records
from api.words import LANGUAGES, Language

_DOSES = ("under_10", "from_10_to_16", "over_16")


def render_report(result: DosageResult, *, phrases: Phrases, language: Language = "th") -> str:
    """Render the report of the dosage.

    Parameters
    ----------
    result
        Dosage to report.
    phrases
        Words to speak with.
    language
        Language the page opens in; print shows the language that is chosen.

    Returns
    -------
    str
        The page, complete: it loads nothing from anywhere and sends nothing.
    """
    units = result.tables.units
    return report_page("api.dosage").render(
        result=result,
        params=result.params,
        language=language,
        languages=LANGUAGES,
        p=phrases,
        base="",
        title=phrases.say("dose.title", zone=Both(result.name_th, result.name_en)),
        planned_min=units["planned_min"].sum(),
        spent_min=units["spent_min"].sum(),
        unknown_min=units["gap_min"].sum() + units["away_min"].sum(),
        verdicts=result.tables.stops["verdict"].value_counts().reindex(VERDICTS, fill_value=0),
        stops=len(result.tables.stops),
        units=_units(result),
        hotspots=_hotspots(result, phrases),
        streets=_streets(result),
        bands=[band for band in BANDS if result.ground.streets["band"].eq(band).any()],
        street_map=map_streets(result, phrases=phrases, titled="map-streets"),
        without_track=[name.spans() for name in result.without_track.values()],
        version=version("smartzone"),
    )


def _units(result: DosageResult) -> list[dict[str, Any]]:
    """Give the units, each with the number of its stops by what became of them."""
    stops = result.tables.stops
    counts = pd.crosstab(stops["unit"], stops["verdict"]).reindex(columns=VERDICTS, fill_value=0)
    table = result.tables.units.join(counts, on="unit").fillna(dict.fromkeys(VERDICTS, 0))
    return records(table)


def _hotspots(result: DosageResult, phrases: Phrases) -> list[dict[str, Any]]:
    """Give the hotspots, all units together."""
    sums = ["planned_min", "spent_min", *_DOSES]
    names = ["rank", "name_th", "name_en", "near_th", "near_en"]
    table = result.tables.hotspots.groupby(names, dropna=False)[sums].sum().reset_index()
    return [{**row, "place": phrases.place(row), "band": _band(row)} for row in records(table)]


def _streets(result: DosageResult) -> list[dict[str, Any]]:
    """Give the streets by name, all units together, that with the greatest shortfall first."""
    sums = ["planned_min", "spent_min"]
    table = result.tables.streets.groupby(["name_th", "name_en"], dropna=False)[sums].sum()
    table = table[(table >= LEAST_MIN).any(axis=1)].reset_index()
    order = (table["spent_min"] - table["planned_min"]).argsort(kind="stable")
    return [{**row, "band": _band(row)} for row in records(table.iloc[order])]


def _band(row: dict[str, Any]) -> str:
    return band_of(row["planned_min"], row["spent_min"])
