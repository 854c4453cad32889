"""What a commander reads in the terminal when the tracks are counted."""

from collections.abc import Iterator

from analytics.dosage import VERDICTS
from api.bilingual import Both, Phrases
from api.dosage.result import DosageResult
from api.plain import records

_BLANK = Both("", "")


def summary_lines(result: DosageResult, phrases: Phrases) -> Iterator[Both]:
    """Tell the dosage in a few lines.

    Parameters
    ----------
    result
        Dosage to tell.
    phrases
        Words to speak with.

    Yields
    ------
    Both
        Lines of text.
    """
    yield phrases.say("dose.title", zone=Both(result.name_th, result.name_en))
    yield phrases.say("dose.subtitle", day=phrases.day(result.night))
    if result.synthetic:
        yield phrases.say("summary.synthetic")
    yield _BLANK
    verdicts = result.tables.stops.groupby("unit")["verdict"].value_counts()
    for row in records(result.tables.units):
        yield phrases.say(
            "dose_summary.unit",
            name=phrases.name(row),
            planned=f"{row['planned_min']:,.0f}",
            spent=f"{row['spent_min']:,.0f}",
            unknown=f"{row['gap_min'] + row['away_min']:,.0f}",
            **{name: int(verdicts.get((row["unit"], name), 0)) for name in VERDICTS},
        )
        if row["outside_min"] >= 1:
            yield phrases.say("dose_summary.outside", minutes=f"{row['outside_min']:,.0f}")
    for name in result.without_track.values():
        yield phrases.say("dose_summary.without_track", name=name)
