"""The dosage of a night from its plan and the tracks of its units to the files and a summary."""

from collections.abc import Sequence
from pathlib import Path

from api.bilingual import Phrases
from api.calls import Call
from api.dosage.job import STEPS, run_dosage
from api.dosage.outputs import OUTPUTS
from api.dosage.plan import read_plan
from api.dosage.tracks import read_tracks
from api.zone_now import read_zone


def count_dosage(call: Call, *, planned: Path, tracks: Sequence[Path]) -> str:
    """Count the minutes of tracks with a bar for each step, and write the files.

    Parameters
    ----------
    call
        How the command was called; its own folder for the files is that of the plan.
    planned
        Folder of the plan of the night.
    tracks
        GPX files of its units.

    Returns
    -------
    str
        Closing summary.

    Raises
    ------
    ZoneError
        Zone, plan or tracks cannot be read or do not fit each other, or files not be written.
    """
    with call.steps("tracks", *STEPS, "files") as steps:
        steps.begin("zone")
        now = read_zone(call.settings, call.zone)
        loaded = now.zone
        plan = read_plan(planned, zone=loaded.name, crs=loaded.crs)
        steps.begin("tracks")
        read = read_tracks(tracks, units=list(plan.units), crs=loaded.crs)
        result = run_dosage(loaded, plan, read, progress=steps.begin)
        steps.begin("files")
        phrases, target = Phrases(call.words, result.timezone), call.out or planned
        files = OUTPUTS.write(result, target, phrases=phrases, language=call.language)
    told = OUTPUTS.summarise(result, files, phrases=phrases, language=call.language)
    return call.summary(now, told)
