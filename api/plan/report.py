"""The plan as one printed page, in Thai and in English."""

from importlib.metadata import version
from typing import Any

from geopandas import GeoDataFrame

from api.bilingual import Both, Phrases, Row, rows
from api.pages import report_page
from api.plan.document import synthetic_layers
from api.plan.mixture import tell_mixture
from api.plan.response import tell_response
from api.plan.result import PlanResult
from api.plan.visits import visited_places
from api.words import LANGUAGES, Language

_UNSERVED_LISTED = 8
_BLIND_SPOTS_LISTED = 4
_HASH_DIGITS = 12


def render_report(plan: PlanResult, *, phrases: Phrases, language: Language = "th") -> str:
    """Render the one-page report of a plan.

    Parameters
    ----------
    plan
        Plan to report.
    phrases
        Words to speak with.
    language
        Language the page opens in; print shows the language that is chosen.

    Returns
    -------
    str
        The page, complete: it loads nothing from anywhere.
    """
    hotspots = rows(plan.layers["hotspots"])
    return report_page("api.plan").render(
        plan=plan,
        figures=plan.figures,
        language=language,
        languages=LANGUAGES,
        p=phrases,
        zone=Both(plan.name_th, plan.name_en),
        hotspots=hotspots,
        hot_share=sum(row["share"] for row in hotspots),
        hot_street_share=sum(row["length_m"] for row in hotspots) / plan.figures.street_m,
        blind_spots=rows(plan.layers["blind_spots"])[:_BLIND_SPOTS_LISTED],
        sites=rows(plan.layers["camera_sites"]),
        mixture=list(tell_mixture(plan, phrases)),
        response=list(tell_response(plan, phrases)),
        tours=[_tour(plan, row) for row in rows(plan.layers["patrol_tours"])],
        places=rows(visited_places(plan.layers["patrol_stops"], plan.layers["patrol_tours"])),
        beats=len(plan.layers["beats"]),
        weights=plan.demand_weights.to_dict("records"),
        too_early_or_late=rows(_in_no_shift(plan.demand)),
        unserved=plan.unserved.nlargest(_UNSERVED_LISTED, "weight").to_dict("records"),
        synthetic=bool(synthetic_layers(plan)),
        version=version("smartzone"),
        inputs={name: digest[:_HASH_DIGITS] for name, digest in sorted(plan.inputs.items())},
    )


def _in_no_shift(demand: GeoDataFrame) -> GeoDataFrame:
    """Give what is wanted at hours that tonight does not have, each reason at each place once."""
    weightless = demand["weight"].eq(0)
    lost = demand[~demand["offered"] & ~weightless]
    return lost[~lost.duplicated(["name_en", "reason_en"])]


def _tour(plan: PlanResult, row: Row) -> dict[str, Any]:
    stops = plan.layers["patrol_stops"]
    return {**row, "route": rows(stops[stops["unit"] == row["unit"]])}
