"""The commander's report: one page for screen and print, in Thai and in English."""

import math
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import pandas as pd

from api.bilingual import Both, Phrases, Row, rows
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
from api.hotspots.result import FEW, FINEST_M, HotspotsResult
from api.hotspots.times import HOURS_IN_A_ROW
from api.hotspots.week import coarsened, draw_week
from api.pages import report_page
from api.words import LANGUAGES, Language

FEEDBACK_COMMAND = "python -m tests.analytics.feedback_figures"
"""Command that prints what the simulation of feedback finds."""

_HASH_DIGITS = 12
_STALE_DAYS = 7  # records older than this are spoken of
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
        stale=result.figures.age_days > _STALE_DAYS,
        listed=claims.statement in LISTED,
        stretches=[_stretch(row, phrases) for row in stretches],
        stretch_share=sum(row["share"] for row in stretches),
        stretch_street=sum(row["length_m"] for row in stretches) / result.figures.street_m,
        simulated_least=1 / (1 + result.params.simulations),
        kernel_width_m=_KERNEL_WIDTH * result.params.bandwidth_m,
        record=_record(result, phrases),
        counts=_counted(result.tables.streets),
        areas=rows(result.layers["hotspot_areas"]),
        base=base_map(result),
        stretches_map=map_stretches(result, phrases=phrases, titled="map-stretches"),
        density_edges=list(enumerate(density_edges(result.layers["street_densities"]), 1)),
        areas_map=map_areas(result, phrases=phrases, titled="areas"),
        week=_week(result, phrases),
        weekday=result.busiest and phrases.say(f"weekday.d{result.busiest.weekday}"),
        hours=_hours(result),
        repeats=[_repeat(result, row, phrases) for row in _records(result.tables.near_repeats)],
        untested=_untested(result, phrases),
        forecast=forecast_told(result, phrases),
        forecast_map=map_forecast(result, phrases=phrases, titled="map-forecast"),
        top_shares=list(enumerate(TOP_SHARES, 1)),
        audit=[_audited(row, phrases) for row in _by_weight(result.tables.streets)],
        least_difference=_LEAST_DIFFERENCE,
        few=FEW,
        finest=phrases.metres(FINEST_M),
        feedback_command=FEEDBACK_COMMAND,
        version=version("smartzone"),
        inputs={name: digest[:_HASH_DIGITS] for name, digest in sorted(result.inputs.items())},
    )


def _records(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return list(table.to_dict("records"))


def _stretch(row: Row, phrases: Phrases) -> dict[str, Any]:
    return {**row, "place": phrases.place(row), "chance": row["p_value"] > CHANCE}


def _record(result: HotspotsResult, phrases: Phrases) -> list[list[dict[str, Any]]]:
    """Give the categories with their counts, small ones withheld, in two halves."""
    told = [
        {
            "name": phrases.known("category", row["category"]),
            **{
                name: f"< {FEW}" if 0 < row[name] < FEW else f"{row[name]:,}"
                for name in ("reported", "discovered")
            },
        }
        for row in _records(result.tables.categories)
    ]
    half = (len(told) + 1) // 2
    return [part for part in (told[:half], told[half:]) if part]


def _counted(streets: pd.DataFrame) -> list[dict[Any, Any]]:
    """Give the streets on which incidents were reported, that with the most first."""
    return _records(
        streets[streets["incidents"] > 0].sort_values(
            ["incidents", "name_en"], ascending=[False, True], kind="stable"
        )
    )


def _by_weight(streets: pd.DataFrame) -> list[dict[Any, Any]]:
    """Give the streets that have patrols or incidents, by their shares of incidents."""
    some = streets[(streets["incidents"] > 0) | (streets["minutes"] > 0)]
    return _records(
        some.sort_values(["incidents", "minutes"], ascending=[False, False], kind="stable")
    )


def _audited(row: Mapping[Any, Any], phrases: Phrases) -> dict[str, Any]:
    marks = {"over": "▲", "under": "▼"}
    large = abs(row["difference"]) >= _LEAST_DIFFERENCE  # no number is not large
    return {
        **row,
        "name": phrases.name(row),
        "mark": marks.get(row["verdict"], "") if large else "",
    }


def _week(result: HotspotsResult, phrases: Phrases) -> str:
    if result.claims.times == "none":
        return ""
    week = coarsened(result.tables.week, result.claims.times)
    return draw_week(week, phrases=phrases, titled="week")


def _hours(result: HotspotsResult) -> tuple[str, str] | None:
    """Give the busiest hours of the day as the clock shows them."""
    if result.busiest is None:
        return None
    start = result.busiest.hour
    return f"{start:02}:00", f"{(start + HOURS_IN_A_ROW) % 24:02}:00"


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
    table = result.tables.categories
    left = table[~table["category"].isin(result.tables.near_repeats["category"])]
    told = [
        phrases.say("hotspots.and_few", name=phrases.known("category", category), few=FEW)
        if count < FEW
        else phrases.say(
            "hotspots.and_count", name=phrases.known("category", category), count=count
        )
        for category, count in zip(left["category"], left["reported"], strict=True)
    ]
    if not told:
        return None
    return Both(", ".join(name.th for name in told), ", ".join(name.en for name in told))
