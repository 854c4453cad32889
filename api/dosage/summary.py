"""What a commander reads in the terminal when the tracks are counted."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from analytics.dosage import VERDICTS
from api.bilingual import Both, Phrases
from api.dosage.result import DosageResult
from api.output_files import files_told
from api.plain import records
from api.words import Language

_FILES_TOLD = {"dosage.html": "dose_summary.report", "dosage.csv": "dose_summary.table"}
_BLANK = Both("", "")


def summarise(
    result: DosageResult, files: Mapping[str, Path], *, phrases: Phrases, language: Language
) -> str:
    """Tell the dosage in a few lines.

    Parameters
    ----------
    result
        Dosage to tell.
    files
        Where the files are, by name.
    phrases
        Words to speak with.
    language
        Language to tell it in.

    Returns
    -------
    str
        Lines of text.
    """
    told = [line.read(language) for line in _lines(result, phrases)]
    told += files_told(files, _FILES_TOLD, phrases=phrases, language=language)
    return "\n".join(told)


def _lines(result: DosageResult, phrases: Phrases) -> Iterator[Both]:
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
