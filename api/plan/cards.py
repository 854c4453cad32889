"""Beat cards: a sheet a unit, in Thai and in English, with its map, its stops and what to do there.

A card names places, units and times. No incident and no person is on it.
"""

from datetime import datetime
from typing import Any, Final

from geopandas import GeoDataFrame

from api.bilingual import Both, Phrases, Row, rows
from api.pages import report_page
from api.plan.beats import NO_BEAT
from api.plan.card_maps import base_map, map_unit
from api.plan.company import Company
from api.plan.document import synthetic_layers
from api.plan.result import PlanResult
from api.plan.tactics import TACTICS, letter_of, tactics_for
from api.words import LANGUAGES, Language

_MINUTE_S: Final = 60.0
# With more lines of stops a card takes two sheets, and has room for larger type.
_ON_ONE_SHEET: Final = 37
# Letters of a place and of a reason that a line holds.
_LINE: Final = (42, 62)


def render_cards(plan: PlanResult, *, phrases: Phrases, language: Language = "th") -> str:
    """Render the beat cards of a plan.

    Parameters
    ----------
    plan
        Plan whose units get cards.
    phrases
        Words to speak with.
    language
        Language the page opens in; print shows the language that is chosen.

    Returns
    -------
    str
        The page, complete: it loads nothing from anywhere. Each card begins on a sheet of its own.
    """
    telling = _Telling(plan, phrases)
    return report_page("api.plan", name="cards.html").render(
        result={"synthetic": bool(synthetic_layers(plan))},
        language=language,
        languages=LANGUAGES,
        p=phrases,
        title=phrases.say("card.title", zone=Both(plan.name_th, plan.name_en)),
        day=phrases.day(plan.tonight),
        base=base_map(plan),
        cards=[telling.card(unit) for unit in rows(plan.duty)],
        approximate=plan.boundary_approximate,
    )


class _Telling:
    """What is told of the units of one plan."""

    def __init__(self, plan: PlanResult, phrases: Phrases) -> None:
        self.plan = plan
        self.phrases = phrases
        self.company = Company(plan, phrases)
        self.beats = {beat["beat"]: beat for beat in rows(plan.layers["beats"])}
        self.tours = {tour["unit"]: tour for tour in rows(plan.layers["patrol_tours"])}

    def card(self, unit: Row) -> dict[str, Any]:
        all_stops = self.plan.layers["patrol_stops"]
        stops = all_stops[all_stops["unit"] == unit["unit"]]
        titled = f"map-of-{unit['id']}"
        tactics = {name for purpose in stops["purpose"] for name in tactics_for(purpose)}
        told = [self.stop(row, unit) for row in rows(stops)]
        return {
            "name": self.phrases.name(unit),
            "synthetic": unit["synthetic"] or bool(stops["synthetic"].any()),
            "note": self.phrases.name(unit, prefix="note") if unit["note_en"] else None,
            "beat": unit["beat"],
            "facts": self.facts(unit, stops),
            "titled": titled,
            "map": map_unit(self.plan, unit, stops, phrases=self.phrases, titled=titled),
            "long": sum(map(_lines, told)) > _ON_ONE_SHEET,
            "stops": told,
            "tactics": [
                {"letter": letter_of(name), "text": self.phrases.say(f"tactic.{name}")}
                for name in TACTICS
                if name in tactics
            ],
        }

    def facts(self, unit: Row, stops: GeoDataFrame) -> list[tuple[Both, Both]]:
        say = self.phrases.say
        told = [(say("card.shift"), self.span(unit))]
        tour = self.tours.get(unit["unit"])
        if tour and tour["length_m"] > 0:
            length = self.phrases.metres(tour["length_m"])
            out = say("card.out_length", span=self.span(tour), length=length)
            told.append((say("card.out"), out))
        mode = self.phrases.known("mode", unit["mode"])
        strength = say("card.strength_mode", count=unit["officers"], mode=mode)
        told.append((say("card.strength"), strength))
        if unit["skills"]:
            told.append((say("card.skills"), self.listed(*unit["skills"], section="skill")))
        for company in unit["company"]:
            others = self.company.names(company["units"])
            with_them = say("card.with_when", units=others, span=self.span(company))
            told.append((say("card.with"), with_them))
        if unit["beat"] != NO_BEAT:
            told.append((say("card.beat"), self.beat(unit["beat"], stops)))
        return told

    def beat(self, number: int, stops: GeoDataFrame) -> Both:
        visits = stops[stops["kind"] == "visit"]
        spent = (visits["leaves_at"] - visits["arrives_at"]).dt.total_seconds() / _MINUTE_S
        beat = self.beats[number]
        return self.phrases.say(
            "card.beat_where",
            beat=number,
            between=self.phrases.name(beat, prefix="between"),
            inside=f"{spent[visits['beat'] == number].sum():.0f}",
            minutes=f"{spent.sum():.0f}",
        )

    def stop(self, row: Row, unit: Row) -> dict[str, Any]:
        # Whom a unit moves with stands above the stops.
        known = {
            name
            for company in unit["company"]
            if company["starts_at"] <= row["arrives_at"] < company["ends_at"]
            for name in company["units"]
        }
        dwell_s = (row["leaves_at"] - row["arrives_at"]).total_seconds()
        return {
            "kind": row["kind"],
            "place": row["place"],
            "start": self.phrases.clock(row["arrives_at"]).en,
            "end": self.phrases.clock(row["leaves_at"]).en,
            "minutes": f"{dwell_s / _MINUTE_S:.0f}",
            "name": self.phrases.name(row),
            "company": self.company.at(row, known=known),
            "reason": self.phrases.name(row, prefix="reason"),
            "letters": " ".join(letter_of(name) for name in tactics_for(row["purpose"])),
        }

    def span(self, row: Row) -> Both:
        start, end = (self.clock(row[name]) for name in ("starts_at", "ends_at"))
        return self.phrases.say("demand.hours", start=start, end=end)

    def clock(self, instant: datetime) -> str:
        return self.phrases.clock(instant).en

    def listed(self, *values: str, section: str) -> Both:
        told = [self.phrases.known(section, value) for value in values]
        return Both(", ".join(word.th for word in told), ", ".join(word.en for word in told))


def _lines(stop: dict[str, Any]) -> int:
    """Tell about how many lines a stop takes in the language that takes more."""
    company = stop["company"] or Both("", "")
    return max(
        -(-len(text) // line)
        for language in LANGUAGES
        for text, line in zip(
            (stop["name"].read(language) + company.read(language), stop["reason"].read(language)),
            _LINE,
            strict=True,
        )
    )
