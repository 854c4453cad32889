"""The files of a plan, written all or none."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from api.plan.bilingual import Phrases
from api.plan.document import write_document
from api.plan.map import render_map
from api.plan.report import render_report
from api.plan.result import PRODUCTS, PlanResult
from api.styles import Styles
from api.words import Language, Words
from geo.errors import SourceError
from geo.formats import write_layers

FILES: Final = ("map.html", "report.html", "layers.gpkg", "plan.json")
"""Files of a plan, in the order a reader wants them."""


def write_outputs(
    plan: PlanResult, folder: Path, *, words: Words, styles: Styles, language: Language = "th"
) -> Mapping[str, Path]:
    """Write map, report, layers and document of a plan.

    All four are made beside the folder and moved into it at the end: what stood there before stays
    until every file is complete, and a failure or an interruption leaves no trace.

    Parameters
    ----------
    plan
        Plan to write.
    folder
        Folder to write into; made where it is missing. Other files in it are left alone.
    words
        Words of the pages.
    styles
        Look of the map.
    language
        Language the pages open in.

    Returns
    -------
    Mapping
        Path of each file, by its name in `FILES`.

    Raises
    ------
    SourceError
        The folder cannot be written.
    """
    phrases = Phrases(words, plan.timezone)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise SourceError(f"Expected a folder to write at {folder}: {error.strerror}.") from error
    try:
        pages = {
            "map.html": render_map(plan, phrases=phrases, styles=styles, language=language),
            "report.html": render_report(plan, phrases=phrases, language=language),
            "plan.json": write_document(plan),
        }
        for name, text in pages.items():
            (beside / name).write_text(text, encoding="utf-8", newline="\n")
        write_layers(beside / "layers.gpkg", {name: plan.layers[name] for name in PRODUCTS})
        _move_in(beside, folder)
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"Expected to write the plan to {folder}: {error.strerror}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return {name: folder / name for name in FILES}


def _move_in(beside: Path, folder: Path) -> None:
    """Put new files in the place of old ones; should one fail, put the old ones back."""
    folder.mkdir(exist_ok=True)
    aside = beside / "before"
    aside.mkdir()
    moved: list[str] = []
    try:
        for name in FILES:
            if (folder / name).exists():
                (folder / name).replace(aside / name)
            moved.append(name)
            (beside / name).replace(folder / name)
    except BaseException:
        for name in moved:
            (folder / name).unlink(missing_ok=True)
            if (aside / name).exists():
                (aside / name).replace(folder / name)
        raise
