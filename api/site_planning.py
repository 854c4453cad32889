"""Camera sites from a zone's folder to the planner's report, its files and a summary."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from api.bilingual import Phrases
from api.calls import Call
from api.sites.job import STEPS, SitesInputs, run_sites
from api.sites.outputs import OUTPUTS
from api.sites.result import SitesParams, SitesResult
from api.zone_now import ZoneNow, read_zone


def plan_sites(call: Call, *, params: SitesParams, candidates: Path | None, seed: int) -> str:
    """Choose sites for new cameras with a bar for each step, and write the planner's files.

    Parameters
    ----------
    call
        How the command was called.
    params
        Parameters of the search.
    candidates
        File of places and facings to choose from; none where they are to be made.
    seed
        Seed of every random choice.

    Returns
    -------
    str
        Closing summary.

    Raises
    ------
    ZoneError
        The zone cannot be read, sites cannot be chosen as asked, or files not be written.
    """
    with call.steps(*STEPS, "report") as steps:
        steps.begin("zone")
        read = read_zone(call.settings, call.zone)
        result = compute_sites(
            read,
            params=params,
            candidates=candidates,
            seed=seed,
            progress=steps.begin,
        )
        steps.begin("report")
        phrases, target = Phrases(call.words, result.timezone), call.folder(result.zone)
        files = OUTPUTS.write(result, target, phrases=phrases, language=call.language)
    told = OUTPUTS.summarise(result, files, phrases=phrases, language=call.language)
    return call.summary(read, told)


def compute_sites(
    read: ZoneNow,
    *,
    params: SitesParams,
    candidates: Path | None = None,
    seed: int,
    progress: Callable[[str], None],
) -> SitesResult:
    """Choose sites for new cameras by the zone as it is today, whoever asks for them.

    Parameters
    ----------
    read
        The zone as it is now.
    params
        Parameters of the search.
    candidates
        File of places and facings to choose from; none where they are to be made.
    seed
        Seed of every random choice.
    progress
        Called with the name of each of `api.sites.job.STEPS` as it begins.

    Returns
    -------
    SitesResult
        The sites.

    Raises
    ------
    ZoneError
        Sites cannot be chosen as asked.
    """
    day = datetime.now(ZoneInfo(read.zone.timezone)).date()
    inputs = SitesInputs.gather(
        read.zone.on(day), read.folder, day=day, candidates=candidates, stored=read.stored
    )
    return run_sites(inputs, seed=seed, params=params, progress=progress)
