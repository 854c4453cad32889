"""Hotspots from a zone's folder to the commander's report, its files and a summary."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from api.bilingual import Phrases
from api.calls import Call
from api.hotspots.job import STEPS, HotspotsInputs, run_hotspots
from api.hotspots.outputs import OUTPUTS
from api.hotspots.result import HotspotsParams
from api.zone_now import ZoneNow, read_zone


def report_hotspots(call: Call, *, params: HotspotsParams, day: date | None, seed: int) -> str:
    """Find the hotspots with a bar for each step, and write the commander's files.

    Parameters
    ----------
    call
        How the command was called; in its folder the plan of a night may stand.
    params
        Parameters of the job.
    day
        Day of the report; today on the zone's calendar where none.
    seed
        Seed of every random choice.

    Returns
    -------
    str
        Closing summary.

    Raises
    ------
    ZoneError
        The zone or the plan cannot be read, or files not be written.
    """
    with call.steps(*STEPS, "report") as steps:
        steps.begin("zone")
        read = read_zone(call.settings, call.zone)
        target = call.folder(read.zone.name)
        inputs = hotspots_inputs(read, day=day, planned=target)
        result = run_hotspots(
            inputs, seed=seed, params=params, progress=steps.begin, advance=steps.advance
        )
        steps.begin("report")
        phrases = Phrases(call.words, result.timezone)
        files = OUTPUTS.write(result, target, phrases=phrases, language=call.language)
    told = OUTPUTS.summarise(result, files, phrases=phrases, language=call.language)
    return call.summary(read, told)


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
