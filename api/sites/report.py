"""The planner's report: one page for screen and print, in Thai and in English."""

import math
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import pandas as pd

from api.bilingual import Both, Phrases, Row, rows
from api.pages import report_page
from api.sites.curve import draw_curve
from api.sites.maps import base_map, close_up, map_after, map_before, map_survey
from api.sites.result import PROPOSED, SitesResult, SurveyFigures
from api.sites.summary import why_none
from api.words import LANGUAGES, Language

_HASH_DIGITS = 12
_OWNERS = ("programme", "municipal", "private", PROPOSED)
_CORNER = "corner"  # a kind of site, which stands at a junction
_QUESTIONS = (
    *("purpose", "necessity", "homes", "retention", "access"),
    *("notice", "consultation", "complaints", "review", "signoff"),
)


def render_report(result: SitesResult, *, phrases: Phrases, language: Language = "th") -> str:
    """Render the planner's report.

    Parameters
    ----------
    result
        Sites to report.
    phrases
        Words to speak with.
    language
        Language the page opens in; print shows the language that is chosen.

    Returns
    -------
    str
        The page, complete: it loads nothing from anywhere and sends nothing.
    """
    sites = [_site(result, row, phrases) for row in rows(result.layers["camera_sites"])]
    return report_page("api.sites").render(
        result=result,
        figures=result.figures,
        params=result.params,
        language=language,
        languages=LANGUAGES,
        p=phrases,
        title=phrases.say("sites.title", zone=Both(result.name_th, result.name_en)),
        sites=sites,
        fixed=[site for site in sites if site["fixed"]],
        reason=why_none(result, phrases),
        base=base_map(result),
        before=map_before(result, phrases=phrases, titled="before"),
        after=map_after(result, phrases=phrases, titled="after"),
        survey=result.survey,
        survey_map=map_survey(result, phrases=phrases, titled="survey-map"),
        survey_bands=_survey_bands(result.survey, phrases),
        target_height=phrases.say(
            "sites.target_height", height=f"{result.params.target_height_m:g}"
        ),
        curve=_curve(result, phrases),
        curve_rows=result.tables.curve.to_dict("records"),
        coverage=_coverage(result, phrases),
        owners=[_owner(owner, phrases) for owner in _OWNERS],
        grounds=[_ground(row, phrases) for row in result.tables.grounds.to_dict("records")],
        wanted=result.tables.wanted.to_dict("records"),
        communities=result.tables.communities.to_dict("records"),
        questions=[_question(result, name, phrases) for name in _QUESTIONS],
        version=version("smartzone"),
        inputs={name: digest[:_HASH_DIGITS] for name, digest in sorted(result.inputs.items())},
    )


def _site(result: SitesResult, row: Row, phrases: Phrases) -> dict[str, Any]:
    tasks = result.tables.tasks
    own = tasks[tasks["site"] == row["id"]].to_dict("records")
    title = f"view-{row['rank']}"
    place = phrases.place(row)
    if row["kind"] != _CORNER and math.isfinite(row["junction_m"]):
        away = phrases.metres(row["junction_m"])
        place = phrases.say("sites.from_junction", place=place, away=away)
    kind = phrases.say(f"site_kind.{row['kind']}") if row["kind"] else Both("–", "–")
    return {
        **row,
        "place": place,
        "mounted": kind,
        "camera": Both(row["camera_type_th"] or "–", row["camera_type"] or "–"),
        "fixed": row["candidate"] in result.params.fixed,
        "tasks": [{**task, "name": phrases.say(f"task.{task['task']}")} for task in own],
        "title": title,
        "drawing": close_up(result, row["id"], phrases=phrases, titled=title),
    }


def _curve(result: SitesResult, phrases: Phrases) -> str:
    return draw_curve(
        result.tables.curve,
        budget=result.params.budget,
        by_number=result.figures.by_number,
        phrases=phrases,
        titled="curve",
    )


def _coverage(result: SitesResult, phrases: Phrases) -> list[dict[str, Any]]:
    """Give a row per task: its name and density, what anyone sees, and what each owner does."""
    table = result.tables.coverage
    listed = []
    for task in table["task"].drop_duplicates():
        by_owner = table[table["task"] == task].set_index("owner")
        if task and result.figures.sites_unjudged == len(result.layers["camera_sites"]):
            by_owner = by_owner.drop(index=PROPOSED, errors="ignore")  # nothing is known of them
        owners = by_owner.reindex(list(_OWNERS)).to_dict("records")
        density = by_owner["px_per_m"].iloc[0]
        name = phrases.say(f"task.{task}") if task else phrases.say("sites.in_view")
        listed.append(
            {
                "name": name,
                "px_per_m": None if pd.isna(density) else density,
                "anyone": by_owner.loc[""].to_dict(),
                "owners": [None if pd.isna(row["after_m"]) else row for row in owners],
            }
        )
    return listed


def _survey_bands(survey: SurveyFigures, phrases: Phrases) -> list[tuple[str, Both, float]]:
    """Give each band with its name and the length of street in it."""
    return [
        ("nearly_always", phrases.say("sites.survey_nearly_always"), survey.nearly_always_m),
        ("in_doubt", phrases.say("sites.survey_in_doubt"), survey.in_doubt_m),
        ("nearly_never", phrases.say("sites.survey_nearly_never"), survey.nearly_never_m),
    ]


def _owner(owner: str, phrases: Phrases) -> Both:
    return phrases.say("sites.owner_new" if owner == PROPOSED else f"owner_kind.{owner}")


def _ground(row: Mapping[Any, Any], phrases: Phrases) -> dict[str, Any]:
    return {
        **row,
        "name": phrases.say(f"ground_kind.{row['kind']}"),
        "rule": phrases.say(f"sites.role_{row['role']}"),
    }


def _question(result: SitesResult, name: str, phrases: Phrases) -> dict[str, Any]:
    hint = phrases.say(f"privacy.{name}_hint")
    communities = result.tables.communities
    if name == "consultation" and len(communities):
        names = [
            Both(th or en, en or th)
            for th, en in zip(communities["name_th"], communities["name_en"], strict=True)
        ]
        joined = Both(" และ".join(n.th for n in names), " and ".join(n.en for n in names))
        hint = phrases.say("privacy.consultation_named", names=joined)
    return {"name": name, "text": phrases.say(f"privacy.{name}"), "hint": hint}
