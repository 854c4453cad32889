"""What a measure did, told in the terminal: counts, differences, one sentence and its limits.

What is told never says that a measure worked: counts before and after cannot tell why they differ.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.table import Table

from analytics.impact import AREAS, Difference
from api.bilingual import Both, Phrases
from api.impact import ImpactFound
from api.periods import Days, same_season
from api.words import Language, Words

_FEW: Final = 5  # incidents of each area and period below which a normal sum is a rough guess
_UNLIKE: Final = 2.0  # times as many incidents before in one of the areas as in the other
_OUTSIDE: Final = 0.005  # share outside the zone from which it is told: what rounds to 1 %


def tell_impact(found: ImpactFound, *, words: Words, language: Language) -> list[str | Table]:
    """Tell what was found: the counts, the differences, one sentence, and what it cannot tell.

    Parameters
    ----------
    found
        What was found.
    words
        Words to speak with.
    language
        Language to speak.

    Returns
    -------
    list of str or Table
        Lines and tables, in order.
    """
    phrases = Phrases(words, found.timezone)
    return [
        *(line.read(language) for line in _heading(found, phrases)),
        _counts(found, phrases, language),
        _differences(found, phrases, language),
        *(line.read(language) for line in _closing(found, phrases)),
    ]


def _heading(found: ImpactFound, phrases: Phrases) -> Iterator[Both]:
    yield phrases.say("impact.title", zone=found.name)
    if found.synthetic:
        yield phrases.say("summary.synthetic")
    yield phrases.say(
        "impact.periods", before=_days(found.before, phrases), after=_days(found.after, phrases)
    )
    if found.categories:
        names = [phrases.known("category", category) for category in found.categories]
        yield phrases.say("impact.categories", names=_joined(names))


def _counts(found: ImpactFound, phrases: Phrases, language: Language) -> Table:
    headings = ("impact.area", "impact.before", "impact.after")
    table = Table(*(phrases.say(heading).read(language) for heading in headings))
    for area in AREAS if found.buffer_m > 0 else AREAS[:2]:
        before, after = found.impact.counts.loc[area]
        name = _area(area, found, phrases).read(language)
        table.add_row(name, f"{before:,}", f"{after:,}")
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _differences(found: ImpactFound, phrases: Phrases, language: Language) -> Table:
    level = phrases.percent(found.impact.confidence)
    headings = (
        phrases.say("impact.difference"),
        phrases.say("impact.estimate"),
        phrases.say("impact.interval", level=level),
    )
    table = Table(*(heading.read(language) for heading in headings))
    parts = ("local", "displacement", "total") if found.buffer_m > 0 else ("local",)
    for part in parts:
        difference: Difference = getattr(found.impact, part)
        name = phrases.say(f"impact.{part}").read(language)
        interval = phrases.say(
            "impact.from_to", low=f"{difference.low:+,.1f}", high=f"{difference.high:+,.1f}"
        )
        table.add_row(name, f"{difference.estimate:+,.1f}", interval.read(language))
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _closing(found: ImpactFound, phrases: Phrases) -> Iterator[Both]:
    yield _verdict(found, phrases)
    yield phrases.say("impact.cannot")
    yield phrases.say("impact.discovered", count=f"{found.discovered:,}")
    compared = AREAS if found.buffer_m > 0 else AREAS[:2]
    if found.before.length_days != found.after.length_days:
        yield phrases.say("impact.scaled")
    if found.impact.counts.loc[list(compared)].to_numpy().min() < _FEW:
        yield phrases.say("impact.few", few=_FEW)
    if _are_unlike(*found.impact.counts["before"].iloc[:2]):
        yield phrases.say("impact.unlike")
    if not same_season(found.before, found.after):
        yield phrases.say("impact.season")
    record = found.record
    if found.before.first < record.first or found.after.last > record.last:
        first, last = (phrases.day(day) for day in record)
        yield phrases.say("impact.record", first=first, last=last)
    sticking = [area for area in compared if found.outside[area] >= _OUTSIDE]
    if sticking:
        names = [
            phrases.say(
                "impact.area_share",
                area=_area(area, found, phrases),
                share=phrases.percent(found.outside[area]),
            )
            for area in sticking
        ]
        yield phrases.say("impact.outside", names=_joined(names))


def _are_unlike(one: int, other: int) -> bool:
    """Tell whether counts differ so much that they hardly change by as many incidents."""
    return max(one, other) > _UNLIKE * min(one, other)


def _verdict(found: ImpactFound, phrases: Phrases) -> Both:
    """Say which way the weighted displacement difference points, if chance allows it to."""
    total = found.impact.total
    level = phrases.percent(found.impact.confidence)
    if total.high < 0 or total.low > 0:
        nearer, farther = sorted((abs(total.low), abs(total.high)))
        told = {"count": abs(total.estimate), "low": nearer, "high": farther}
        key = "impact.fewer" if total.high < 0 else "impact.more"
        return phrases.say(key, level=level, **{name: f"{n:,.1f}" for name, n in told.items()})
    told = {"count": total.estimate, "low": total.low, "high": total.high}
    signed = {name: f"{number:+,.1f}" for name, number in told.items()}
    return phrases.say("impact.chance", level=level, **signed)


def _area(area: str, found: ImpactFound, phrases: Phrases) -> Both:
    width = phrases.say("unit.metres", value=f"{found.buffer_m:g}")
    return phrases.say(f"impact.{area}", width=width)


def _days(days: Days, phrases: Phrases) -> Both:
    first, last = (phrases.day(day) for day in days)
    return phrases.say("impact.days", first=first, last=last, count=f"{days.length_days:,}")


def _joined(names: Sequence[Both]) -> Both:
    return Both(*(", ".join(texts) for texts in zip(*names, strict=True)))
