"""Camera sites from a zone's folder to the planner's report, its files and a summary."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from api.bilingual import Phrases
from api.settings import Settings
from api.sites.job import STEPS, SitesInputs, run_sites
from api.sites.outputs import write_outputs
from api.sites.result import SitesParams, SitesResult
from api.sites.summary import summarise
from api.terminal import Steps
from api.words import Language, Words
from api.zone_now import ZoneNow, read_zone


def plan_sites(
    settings: Settings,
    zone: str | None,
    *,
    params: SitesParams,
    candidates: Path | None,
    seed: int,
    out: Path | None,
    words: Words,
    language: Language,
) -> str:
    """Choose sites for new cameras with a bar for each step, and write the planner's files.

    Parameters
    ----------
    settings
        Settings of the service.
    zone
        Name or folder of a zone; the settings' own where none.
    params
        Parameters of the search.
    candidates
        File of places and facings to choose from; none where they are to be made.
    seed
        Seed of every random choice.
    out
        Folder for the files; out/<zone> where none.
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
        The zone cannot be read, sites cannot be chosen as asked, or files not be written.
    """
    with Steps(("zone", *STEPS, "report"), words=words, language=language) as steps:
        steps.begin("zone")
        result = compute_sites(
            read_zone(settings, zone),
            params=params,
            candidates=candidates,
            seed=seed,
            progress=steps.begin,
        )
        steps.begin("report")
        phrases = Phrases(words, result.timezone)
        target = out or Path("out") / result.zone
        files = write_outputs(result, target, phrases=phrases, language=language)
    return summarise(result, files, phrases=phrases, language=language)


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
