"""What a commander reads in the terminal when the hotspots are found."""

from collections.abc import Iterator

from api.bilingual import Both, Phrases, rows
from api.hotspots.foretold import forecast_told
from api.hotspots.record_notes import record_notes
from api.hotspots.result import HotspotsResult

_BLANK = Both("", "")
_LISTED = 5


def summary_lines(result: HotspotsResult, phrases: Phrases) -> Iterator[Both]:
    """Tell the hotspots in a few lines.

    Parameters
    ----------
    result
        Hotspots to tell.
    phrases
        Words to speak with.

    Yields
    ------
    Both
        Lines of text.
    """
    figures = result.figures
    yield phrases.say("hotspots.title", zone=Both(result.name_th, result.name_en))
    if result.synthetic:
        yield phrases.say("summary.synthetic")
    yield _BLANK
    yield phrases.say(
        "hotspots_summary.reported",
        reported=f"{figures.reported:,}",
        discovered=f"{figures.discovered:,}",
    )
    yield from record_notes(result, phrases)
    yield phrases.say(f"claim.{result.claims.statement}", incidents=f"{figures.reported:,}")
    yield from _stretches(result, phrases)
    told = forecast_told(result, phrases)
    yield told.expected
    if told.worth is not None:
        yield told.worth
    if told.verdict is not None:
        yield told.verdict
    if result.audit is None:
        yield phrases.say("hotspots_summary.audit_none")
    elif figures.reported and result.audit.minutes:
        yield phrases.say("hotspots_summary.audit", distance=phrases.percent(result.audit.distance))


def _stretches(result: HotspotsResult, phrases: Phrases) -> Iterator[Both]:
    listed = rows(result.layers["hotspot_stretches"])[:_LISTED]
    ranked = result.claims.statement == "ranked"
    if listed:
        key = "hotspots_summary.stretches"
        yield phrases.say(key if ranked else "hotspots_summary.stretches_tested")
    for row in listed:
        line = {
            "name": phrases.place(row),
            "incidents": f"{row['incidents']:,}",
            "share": phrases.percent(row["share"], digits=1),
        }
        if not ranked:
            told = phrases.say("hotspots_summary.stretch_tested", **line)
            yield Both(f"   - {told.th}", f"   - {told.en}")
            continue
        low, high = f"{row['rank_low']:.0f}", f"{row['rank_high']:.0f}"
        told = phrases.say("hotspots_summary.stretch", low=low, high=high, **line)
        yield Both(f"  {row['rank']:>2} {told.th}", f"  {row['rank']:>2} {told.en}")
