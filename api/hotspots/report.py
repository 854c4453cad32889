"""The commander's report: one page for screen and print, in Thai and in English."""

import math
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame
from markupsafe import Markup

from api.bilingual import Both, Phrases, rows
from api.hotspots.foretold import forecast_told
from api.hotspots.maps import (
    TOP_SHARES,
    base_map,
    density_edges,
    map_areas,
    map_forecast,
    map_stretches,
)
from api.hotspots.places import CHANCE, LISTED
from api.hotspots.record_notes import record_notes
from api.hotspots.result import FINEST_M, HotspotsResult
from api.hotspots.week import draw_week
from api.hotspots.withheld import FEW, told_counts, withheld, without
from api.pages import report_page
from api.words import LANGUAGES, Language

FEEDBACK_COMMAND = "python -m tests.analytics.feedback_figures"
"""Command that prints what the simulation of feedback finds."""

_HASH_DIGITS = 12
_KERNEL_WIDTH = 2 * math.sqrt(math.pi)  # of an even kernel with the same peak, in bandwidths
_LEAST_DIFFERENCE = 0.005  # of shares, that the audit marks


def render_report(result: HotspotsResult, *, phrases: Phrases, language: Language = "th") -> str:
    """Render the commander's report.

    Parameters
    ----------
    result
        Hotspots to report.
    phrases
        Words to speak with.
    language
        Language the page opens in; print shows the language that is chosen.

    Returns
    -------
    str
        The page, complete: it loads nothing from anywhere and sends nothing.
    """
    claims, stretches = result.claims, rows(result.layers["hotspot_stretches"])
    return report_page("api.hotspots").render(
        result=result,
        figures=result.figures,
        params=result.params,
        claims=claims,
        claim=phrases.say(f"claim.{claims.statement}", incidents=f"{claims.incidents:,}"),
        claim_times=phrases.say(f"claim_times.{claims.times}"),
        language=language,
        languages=LANGUAGES,
        p=phrases,
        title=phrases.say("hotspots.title", zone=Both(result.name_th, result.name_en)),
        left_out=record_notes(result, phrases),
        listed=claims.statement in LISTED,
        stretches=[{**row, "place": phrases.place(row)} for row in stretches],
        stretch_share=sum(row["share"] for row in stretches),
        stretch_street=sum(row["length_m"] for row in stretches) / result.figures.street_m,
        simulated_least=1 / (1 + result.params.simulations),
        kernel_width_m=_KERNEL_WIDTH * result.params.bandwidth_m,
        record=_record(result, phrases),
        counts=_counted(result.tables.streets),
        areas=rows(result.layers["hotspot_areas"]),
        **_maps(result, phrases),
        density_edges=_drawn_bands(result.layers["street_densities"]),
        week=_week(result, phrases),
        busiest=_busiest(result, phrases),
        repeats=_repeats(result, phrases),
        untested=_untested(result, phrases),
        forecast=forecast_told(result, phrases),
        top_shares=list(enumerate(TOP_SHARES, 1)),
        audit=_by_weight(result.tables.streets),
        least_difference=_LEAST_DIFFERENCE,
        few=FEW,
        finest=phrases.metres(FINEST_M),
        feedback_command=FEEDBACK_COMMAND,
        version=version("smartzone"),
        inputs={name: digest[:_HASH_DIGITS] for name, digest in sorted(result.inputs.items())},
    )


def _maps(result: HotspotsResult, phrases: Phrases) -> dict[str, Markup]:
    return {
        "base": base_map(result),
        "stretches_map": map_stretches(result, phrases=phrases, titled="map-stretches"),
        "areas_map": map_areas(result, phrases=phrases, titled="areas"),
        "forecast_map": map_forecast(result, phrases=phrases, titled="map-forecast"),
    }


def _drawn_bands(densities: GeoDataFrame) -> list[tuple[int, float]]:
    """Give the bands of density that are on the map, each with its upper edge."""
    least = 100 * densities["density"].min()
    return [(band, most) for band, most in enumerate(density_edges(densities), 1) if most >= least]


def _records(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return list(table.to_dict("records"))


def _record(result: HotspotsResult, phrases: Phrases) -> list[list[dict[str, Any]]]:
    """Give the categories with their counts, small ones withheld, in two halves."""
    table = result.tables.categories
    told = [
        {"name": phrases.known("category", category), "reported": reported, "discovered": found}
        for category, reported, found in zip(
            table["category"],
            told_counts(table["reported"]),
            told_counts(table["discovered"]),
            strict=True,
        )
    ]
    half = (len(told) + 1) // 2
    return [part for part in (told[:half], told[half:]) if part]


def _counted(streets: pd.DataFrame) -> list[dict[Any, Any]]:
    """Give the streets on which incidents were reported, that with the most first."""
    some = streets[streets["incidents"] > 0].sort_values(
        ["incidents", "name_en"], ascending=[False, True], kind="stable"
    )
    return _records(some.assign(incidents=told_counts(some["incidents"])))


def _by_weight(streets: pd.DataFrame) -> list[dict[Any, Any]]:
    """Give the streets that have patrols or incidents, by their shares of incidents."""
    some = streets[(streets["incidents"] > 0) | (streets["minutes"] > 0)].sort_values(
        ["incidents", "minutes"], ascending=[False, False], kind="stable"
    )
    large = some["difference"].abs() >= _LEAST_DIFFERENCE  # no number is not large
    marked = some.assign(
        mark=some["verdict"].map({"over": "▲", "under": "▼"}).where(large).fillna(""),
        incidents=told_counts(some["incidents"]),
    )
    shares = ["incident_share", "share_low", "share_high", "difference"]
    return _records(without(marked, shares, where=withheld(some["incidents"])))


def _busiest(result: HotspotsResult, phrases: Phrases) -> Both | None:
    """Tell the busiest times, the hours as the clock shows them."""
    busiest = result.busiest
    if busiest is None:
        return None
    hours = {
        "start": f"{busiest.hour:02}:00",
        "end": f"{(busiest.hour + busiest.hours) % 24:02}:00",
        "hours_share": phrases.percent(busiest.hours_share),
    }
    if busiest.weekday is None or busiest.weekday_share is None:
        return phrases.say("hotspots.when_hours", **hours)
    return phrases.say(
        "hotspots.when_busiest",
        weekday=phrases.say(f"weekday.d{busiest.weekday}"),
        weekday_share=phrases.percent(busiest.weekday_share),
        **hours,
    )


def _week(result: HotspotsResult, phrases: Phrases) -> str:
    if result.tables.week.empty:
        return ""
    return draw_week(result.tables.week, phrases=phrases, titled="week")


def _counts(result: HotspotsResult) -> dict[str, str]:
    """Give the reported incidents of each category as they may be told."""
    table = result.tables.categories
    return dict(zip(table["category"], told_counts(table["reported"]), strict=True))


def _repeats(result: HotspotsResult, phrases: Phrases) -> list[dict[str, Any]]:
    counts = _counts(result)
    return [
        {**_repeat(result, row, phrases), "incidents": counts[row["category"]]}
        for row in _records(result.tables.near_repeats)
    ]


def _repeat(result: HotspotsResult, row: Mapping[Any, Any], phrases: Phrases) -> dict[str, Any]:
    found = row["q_value"] <= CHANCE and row["ratio"] > 1
    return {
        **row,
        "name": phrases.known("category", row["category"]),
        "found": found,
        "finding": phrases.say(
            "hotspots.repeats_found",
            near=phrases.metres(result.params.near_m),
            days=f"{result.params.near_days:g}",
            ratio=f"{row['ratio']:.1f}",
        )
        if found
        else phrases.say("hotspots.repeats_not"),
    }


def _untested(result: HotspotsResult, phrases: Phrases) -> Both | None:
    """Name the categories with too few incidents to test, and how many each has."""
    tested = set(result.tables.near_repeats["category"])
    told = [
        phrases.say("hotspots.and_count", name=phrases.known("category", category), count=count)
        for category, count in _counts(result).items()
        if category not in tested
    ]
    if not told:
        return None
    return Both(", ".join(name.th for name in told), ", ".join(name.en for name in told))
