"""Hotspots from a zone's folder to the commander's report, its files and a summary."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from api.bilingual import Phrases
from api.hotspots.job import STEPS, HotspotsInputs, run_hotspots
from api.hotspots.outputs import write_outputs
from api.hotspots.result import HotspotsParams
from api.hotspots.summary import summarise
from api.settings import Settings
from api.terminal import Steps
from api.words import Language, Words
from api.zone_now import ZoneNow, read_zone


def report_hotspots(
    settings: Settings,
    zone: str | None,
    *,
    params: HotspotsParams,
    day: date | None,
    seed: int,
    out: Path | None,
    words: Words,
    language: Language,
) -> str:
    """Find the hotspots with a bar for each step, and write the commander's files.

    Parameters
    ----------
    settings
        Settings of the service.
    zone
        Name or folder of a zone; the settings' own where none.
    params
        Parameters of the job.
    day
        Day of the report; today on the zone's calendar where none.
    seed
        Seed of every random choice.
    out
        Folder for the files, in which the plan of a night may stand; out/<zone> where none.
    words
        Words to speak with.
    language
        Language of the summary, and the one the report opens in.

    Returns
    -------
    str
        Closing summary.

    Raises
    ------
    ZoneError
        The zone or the plan cannot be read, or files not be written.
    """
    with Steps(("zone", *STEPS, "report"), words=words, language=language) as steps:
        steps.begin("zone")
        read = read_zone(settings, zone)
        target = out or Path("out") / read.zone.name
        inputs = hotspots_inputs(read, day=day, planned=target)
        result = run_hotspots(
            inputs, seed=seed, params=params, progress=steps.begin, advance=steps.advance
        )
        steps.begin("report")
        phrases = Phrases(words, result.timezone)
        files = write_outputs(result, target, phrases=phrases, language=language)
    return summarise(result, files, phrases=phrases, language=language)


def hotspots_inputs(read: ZoneNow, *, day: date | None, planned: Path | None) -> HotspotsInputs:
    """Gather what hotspots and forecast are computed from, whoever asks for them.

    Parameters
    ----------
    read
        The zone as it is now.
    day
        Day of the report; today on the zone's calendar where none.
    planned
        Folder in which the plan of a night may stand; none where no patrols are looked at.

    Returns
    -------
    HotspotsInputs
        Zone, patrols and digests.

    Raises
    ------
    ZoneError
        The plan cannot be read, or is of another zone.
    """
    today = day or datetime.now(ZoneInfo(read.zone.timezone)).date()
    return HotspotsInputs.gather(
        read.zone, read.folder, day=today, planned=planned, stored=read.stored
    )
