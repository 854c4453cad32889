"""What a reader must know of the record before its figures: how old it is, and what is left out."""

from api.bilingual import Both, Phrases
from api.hotspots.result import HotspotsResult

_STALE_DAYS = 7  # records older than this are spoken of


def record_notes(result: HotspotsResult, phrases: Phrases) -> list[Both]:
    """Tell how old the record is and what of it is left out.

    Parameters
    ----------
    result
        Hotspots to tell of.
    phrases
        Words to speak with.

    Returns
    -------
    list of Both
        A sentence each; nothing where the record is fresh and whole.
    """
    figures = result.figures
    counts = {"later": figures.later, "outside": figures.outside}
    told = [
        phrases.say(f"hotspots.{name}", count=f"{count:,}")
        for name, count in counts.items()
        if count
    ]
    if figures.age_days > _STALE_DAYS:
        told.insert(0, phrases.say("hotspots.stale", days=f"{figures.age_days:,}"))
    return told
