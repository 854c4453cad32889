"""What a planner reads in the terminal when the sites are found."""

import math
from collections.abc import Iterator

from api.bilingual import Both, Phrases, rows
from api.sites.result import SitesResult

_BLANK = Both("", "")


def why_none(result: SitesResult, phrases: Phrases) -> Both:
    """Tell why no camera is proposed, where none is.

    Parameters
    ----------
    result
        Sites, of which there are none.
    phrases
        Words to speak with.

    Returns
    -------
    Both
        A sentence.
    """
    cheapest, budget = result.figures.cheapest, result.params.budget
    if math.isinf(cheapest):
        return phrases.say("sites.no_sites_left")
    if cheapest > budget:
        return phrases.say("sites.no_sites_cost", cost=f"{cheapest:g}", budget=f"{budget:g}")
    return phrases.say("sites.no_sites")


def summary_lines(result: SitesResult, phrases: Phrases) -> Iterator[Both]:
    """Tell the sites in a few lines.

    Parameters
    ----------
    result
        Sites to tell.
    phrases
        Words to speak with.

    Yields
    ------
    Both
        Lines of text.
    """
    figures = result.figures
    yield phrases.say("sites.title", zone=Both(result.name_th, result.name_en))
    if result.synthetic:
        yield phrases.say("summary.synthetic")
    yield _BLANK
    yield phrases.say(
        "sites_summary.blind",
        before=phrases.metres(figures.blind_before_m),
        after=phrases.metres(figures.blind_after_m),
        total=phrases.metres(figures.street_m),
    )
    for row in rows(result.layers["camera_sites"]):
        told = phrases.say(
            "summary.site",
            name=phrases.name(row),
            facing=phrases.facing(row["azimuth_deg"]),
            gain=phrases.metres(row["gain_m"]),
        )
        yield Both(f"  {row['rank']:>2} {told.th}", f"  {row['rank']:>2} {told.en}")
    wanted = result.tables.wanted
    short = int(wanted["after"].lt(wanted["needed"]).sum())
    if short:
        yield phrases.say("sites_summary.wanted", count=short, total=len(wanted))
    if result.layers["camera_sites"].empty:
        yield why_none(result, phrases)
        return
    yield phrases.say(
        "sites.gap" if figures.gap > 0 else "sites.gap_none",
        bound=phrases.metres(figures.upper_bound_m),
        gap=phrases.percent(figures.gap_told, digits=1),
    )
