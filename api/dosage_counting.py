"""The dosage of a night from its plan and the tracks of its units to the files and a summary."""

from collections.abc import Sequence
from pathlib import Path

from api.bilingual import Phrases
from api.dosage.job import STEPS, run_dosage
from api.dosage.outputs import write_outputs
from api.dosage.plan import read_plan
from api.dosage.summary import summarise
from api.dosage.tracks import read_tracks
from api.settings import Settings
from api.terminal import Steps
from api.words import Language, Words
from api.zone_now import read_zone


def count_dosage(
    settings: Settings,
    zone: str | None,
    *,
    planned: Path,
    tracks: Sequence[Path],
    out: Path | None,
    words: Words,
    language: Language,
) -> str:
    """Count the minutes of tracks with a bar for each step, and write the files.

    Parameters
    ----------
    settings
        Settings of the service.
    zone
        Name or folder of a zone; the settings' own where none.
    planned
        Folder of the plan of the night.
    tracks
        GPX files of its units.
    out
        Folder for the files; that of the plan where none.
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
        Zone, plan or tracks cannot be read or do not fit each other, or files not be written.
    """
    with Steps(("zone", "tracks", *STEPS, "files"), words=words, language=language) as steps:
        steps.begin("zone")
        loaded = read_zone(settings, zone).zone
        plan = read_plan(planned, zone=loaded.name, crs=loaded.crs)
        steps.begin("tracks")
        read = read_tracks(tracks, units=list(plan.units), crs=loaded.crs)
        result = run_dosage(loaded, plan, read, progress=steps.begin)
        steps.begin("files")
        phrases = Phrases(words, result.timezone)
        files = write_outputs(result, out or planned, phrases=phrases, language=language)
    return summarise(result, files, phrases=phrases, language=language)
