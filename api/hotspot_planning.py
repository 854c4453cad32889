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
from api.zones import zone_folder
from geo.zone import Zone


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
    folder = zone_folder(settings, zone)
    with Steps(("zone", *STEPS, "report"), words=words, language=language) as steps:
        steps.begin("zone")
        loaded = Zone.load(folder)
        target = out or Path("out") / loaded.name
        inputs = hotspots_inputs(loaded, folder, day=day, planned=target)
        result = run_hotspots(
            inputs, seed=seed, params=params, progress=steps.begin, advance=steps.advance
        )
        steps.begin("report")
        phrases = Phrases(words, result.timezone)
        files = write_outputs(result, target, phrases=phrases, language=language)
    return summarise(result, files, phrases=phrases, language=language)


def hotspots_inputs(
    zone: Zone, folder: Path, *, day: date | None, planned: Path | None
) -> HotspotsInputs:
    """Gather what hotspots and forecast are computed from, whoever asks for them.

    Parameters
    ----------
    zone
        The zone, as it was loaded.
    folder
        Folder it was loaded from.
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
    today = day or datetime.now(ZoneInfo(zone.timezone)).date()
    return HotspotsInputs.gather(zone, folder, day=today, planned=planned)
