"""A walk as a document: two lines, and in words what speaks for each. Nowhere the word safe."""

from typing import Final

import geopandas as gpd
import shapely
from shapely import Point
from shapely.geometry import mapping

from api.bilingual import Both, Phrases
from api.public.towns import Town
from planning.travel_modes import WALKING_MPS
from planning.walk import MERITS, Walk, WalkParams, Walks

Document = dict[str, object]
PARAMS: Final = WalkParams()
_ROUNDED_M: Final = 10
_DECIMALS: Final = 6
_TOLD_FROM_M: Final = 5


def walk_between(
    town: Town, start: tuple[float, float], goal: tuple[float, float], *, phrases: Phrases
) -> Document:
    """Find the walks between two places and tell of them.

    Parameters
    ----------
    town
        The zone as the public walks it.
    start
        Longitude and latitude of where it begins.
    goal
        Longitude and latitude of where it ends.
    phrases
        The dictionary.

    Returns
    -------
    document
        A GeoJSON FeatureCollection of two lines, `shortest` and `calm`.

    Raises
    ------
    NotFoundError
        A place lies too far from any street, or no way leads from one to the other on foot.
    """
    crs = town.network.graph.lines.crs
    placed = gpd.GeoSeries([Point(start), Point(goal)], crs="EPSG:4326").to_crs(crs)
    walks = town.network.walks(placed.iloc[0], placed.iloc[1], params=PARAMS)
    kinds = {"shortest": walks.shortest, "calm": walks.calm}
    lines = gpd.GeoSeries([walk.line for walk in kinds.values()], crs=crs).to_crs(epsg=4326)
    return {
        "type": "FeatureCollection",
        "synthetic": town.synthetic,
        "same": walks.calm is walks.shortest,
        "cost": _cost(walks, phrases),
        "notices": [phrases.say(key)._asdict() for key in ("walk.notice", "notice.attribution")],
        "features": [
            {
                "type": "Feature",
                "id": kind,
                "geometry": mapping(shapely.transform(line, lambda xy: xy.round(_DECIMALS))),
                "properties": _told(kind, walk, walks, town, phrases),
            }
            for (kind, walk), line in zip(kinds.items(), lines, strict=True)
        ],
    }


def _told(kind: str, walk: Walk, walks: Walks, town: Town, phrases: Phrases) -> Document:
    """Tell of one walk. Lengths are rounded, as the map is no more exact."""
    label, names = phrases.say(f"walk.{kind}"), _names(walk, town, phrases)
    reasons = [
        phrases.say(f"walk.{merit}", metres=phrases.metres(rounded))
        for merit in MERITS
        if (rounded := _rounded(getattr(walk, f"{merit}_m"))) > 0
    ]
    if kind == "calm":
        reasons.append(_longer(walks, phrases))
    return {
        "label_th": label.th,
        "label_en": label.en,
        "length_m": _rounded(walk.length_m),
        "minutes": round(walk.length_m / WALKING_MPS / 60),
        **{f"{merit}_m": _rounded(getattr(walk, f"{merit}_m")) for merit in MERITS},
        "streets_th": [name.th for name in names],
        "streets_en": [name.en for name in names],
        "reasons_th": [reason.th for reason in reasons],
        "reasons_en": [reason.en for reason in reasons],
    }


def _longer(walks: Walks, phrases: Phrases) -> Both:
    """Say by how much the calm walk is longer than the shortest."""
    more_m = walks.calm.length_m - walks.shortest.length_m
    if more_m < _TOLD_FROM_M:
        return phrases.say("walk.no_better", detour=phrases.percent(PARAMS.most_detour))
    share = more_m / walks.shortest.length_m
    return phrases.say(
        "walk.longer", metres=phrases.metres(_rounded(more_m)), share=phrases.percent(share)
    )


def _names(walk: Walk, town: Town, phrases: Phrases) -> list[Both]:
    """Name the streets of a walk in turn, each stretch of one name once."""
    streets = town.layers["streets"].loc[list(walk.streets), ["name_th", "name_en"]].fillna("")
    names = [phrases.name(row) for row in streets.to_dict("records")]
    return [name for before, name in zip([None, *names], names, strict=False) if name != before]


def _cost(walks: Walks, phrases: Phrases) -> Document:
    """State what each metre costs and how far the search went."""
    return {
        "description": phrases.say(
            "walk.cost",
            most=f"{1 + PARAMS.aversion:g}",
            lit=PARAMS.lit_percent,
            watched=PARAMS.watched_percent,
            lively=PARAMS.lively_percent,
            detour=phrases.percent(PARAMS.most_detour),
        )._asdict(),
        "aversion": PARAMS.aversion,
        **{f"{merit}_percent": getattr(PARAMS, f"{merit}_percent") for merit in MERITS},
        "most_detour": PARAMS.most_detour,
        "detour_searched": round(walks.detour_searched, 3),
    }


def _rounded(metres: float) -> int:
    return int(round(metres / _ROUNDED_M) * _ROUNDED_M)
