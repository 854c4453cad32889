"""What a commander reads in the terminal when the plan is done."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from api.bilingual import Both, Phrases, rows
from api.output_files import files_told
from api.plan.document import synthetic_layers
from api.plan.gpx import TOUR_FILES
from api.plan.mixture import tell_mixture
from api.plan.response import tell_response
from api.plan.result import PlanResult
from api.words import Language

_HOTSPOTS_TOLD = 5
_BLIND_SPOTS_TOLD = 3
_STOPS_TOLD = 4
_STAYS_TOLD = 5
_UNSERVED_TOLD = 3
_FILES_TOLD = {
    "map.html": "summary.map",
    "report.html": "summary.report",
    "cards.html": "summary.cards",
    "shifts.csv": "summary.shifts",
    "shifts.ics": "summary.calendar",
    TOUR_FILES: "summary.tracks",
    "layers.gpkg": "summary.layers",
    "plan.json": "summary.plan",
}


def summarise(
    plan: PlanResult, files: Mapping[str, Path], *, phrases: Phrases, language: Language
) -> str:
    """Tell the plan in a screenful.

    Parameters
    ----------
    plan
        Plan to tell.
    files
        Where its files are, by name.
    phrases
        Words to speak with.
    language
        Language to tell it in.

    Returns
    -------
    str
        Lines of text.
    """
    lines = [*_head(plan, phrases), *_findings(plan, phrases), *_patrols(plan, phrases)]
    lines += [*_stays(plan, phrases), *_unserved(plan, phrases)]
    told = [line.read(language) for line in lines]
    told += files_told(_gathered(files), _FILES_TOLD, phrases=phrases, language=language)
    return "\n".join(told)


def _head(plan: PlanResult, phrases: Phrases) -> Iterator[Both]:
    zone, day = Both(plan.name_th, plan.name_en), phrases.day(plan.tonight)
    yield phrases.say("summary.title", zone=zone, day=day)
    if synthetic_layers(plan):
        yield phrases.say("summary.synthetic")
    yield _BLANK


def _findings(plan: PlanResult, phrases: Phrases) -> Iterator[Both]:
    figures = plan.figures
    yield phrases.say(
        "summary.blind",
        blind=phrases.metres(figures.blind_m),
        total=phrases.metres(figures.street_m),
        share=phrases.percent(figures.blind_share),
    )
    if plan.cameras_inside:
        yield phrases.say("summary.inside", cameras=", ".join(plan.cameras_inside))
    for row in rows(plan.layers["blind_spots"])[:_BLIND_SPOTS_TOLD]:
        length = phrases.metres(row["length_m"])
        yield _item(phrases.say("summary.blind_spot", name=phrases.place(row), length=length))
    yield _BLANK
    yield phrases.say("summary.hotspots")
    for row in rows(plan.layers["hotspots"])[:_HOTSPOTS_TOLD]:
        told = phrases.say(
            "summary.hotspot",
            name=phrases.place(row),
            incidents=f"{row['incidents']:g}",
            share=phrases.percent(row["share"], digits=1),
        )
        yield _item(told, row["rank"])
    yield _BLANK
    yield phrases.say(
        "summary.sites",
        gain=phrases.metres(figures.sites_gain_m),
        bound=phrases.metres(figures.sites_bound_m),
    )
    for row in rows(plan.layers["camera_sites"]):
        told = phrases.say(
            "summary.site",
            name=phrases.place(row),
            facing=phrases.facing(row["azimuth_deg"]),
            gain=phrases.metres(row["gain_m"]),
        )
        yield _item(told, row["rank"])


def _patrols(plan: PlanResult, phrases: Phrases) -> Iterator[Both]:
    yield _BLANK
    yield phrases.say("summary.tours")
    yield from tell_mixture(plan, phrases)
    yield from tell_response(plan, phrases)
    stops = plan.layers["patrol_stops"]
    for row in rows(plan.layers["patrol_tours"]):
        told = phrases.say(
            "summary.tour",
            name=phrases.name(row),
            start=phrases.clock(row["starts_at"]).en,
            end=phrases.clock(row["ends_at"]),
            stops=row["stops"],
            length=phrases.metres(row["length_m"]),
        )
        yield _item(told)
        own = rows(stops[stops["unit"] == row["unit"]])
        for stop in own[:_STOPS_TOLD]:
            told = phrases.say(
                "summary.stop",
                time=phrases.clock(stop["arrives_at"]).en,
                name=phrases.name(stop),
                reason=phrases.name(stop, prefix="reason"),
            )
            yield _deeper(told)
        if len(own) > _STOPS_TOLD:
            yield _deeper(phrases.say("summary.more", count=len(own) - _STOPS_TOLD))


def _stays(plan: PlanResult, phrases: Phrases) -> Iterator[Both]:
    """Tell which units have something to say of why they stay or visit nothing, and what."""
    idle = rows(plan.duty[plan.duty["note_en"] != ""])
    for row in idle[:_STAYS_TOLD]:
        note = phrases.name(row, prefix="note")
        yield _item(phrases.say("summary.stays", name=phrases.name(row), note=note))
    if len(idle) > _STAYS_TOLD:
        yield _deeper(phrases.say("summary.more_units", count=len(idle) - _STAYS_TOLD))


def _unserved(plan: PlanResult, phrases: Phrases) -> Iterator[Both]:
    """Tell the weightiest places that nobody visits, and why."""
    count = len(plan.unserved)
    if not count:
        return
    yield _BLANK
    yield phrases.say("report.unserved", count=count)
    for row in plan.unserved.nlargest(_UNSERVED_TOLD, "weight").to_dict("records"):
        name, reason = (Both(row[f"{key}_th"], row[f"{key}_en"]) for key in ("name", "reason"))
        yield _item(phrases.say("summary.unserved", name=name, reason=reason))
    if count > _UNSERVED_TOLD:
        yield _deeper(phrases.say("summary.more_unserved", count=count - _UNSERVED_TOLD))


def _gathered(files: Mapping[str, Path]) -> dict[str, Path]:
    """Tell all tours in one line, by the pattern of their names."""
    told: dict[str, Path] = {}
    for name, path in files.items():
        tour = fnmatchcase(name, TOUR_FILES)
        told[TOUR_FILES if tour else name] = path.with_name(TOUR_FILES) if tour else path
    return told


def _deeper(told: Both) -> Both:
    return Both(f"      {told.th}", f"      {told.en}")


def _item(told: Both, rank: object = "-") -> Both:
    return Both(f"  {rank:>2} {told.th}", f"  {rank:>2} {told.en}")


_BLANK = Both("", "")
