"""The files of a plan, written all or none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from api.bilingual import Phrases
from api.output_files import write_files
from api.plan.document import write_document
from api.plan.map import render_map
from api.plan.report import render_report
from api.plan.result import PRODUCTS, PlanResult
from api.styles import Styles
from api.words import Language, Words

FILES: Final = ("map.html", "report.html", "layers.gpkg", "plan.json")
"""Files of a plan, in the order a reader wants them."""


def write_outputs(
    plan: PlanResult, folder: Path, *, words: Words, styles: Styles, language: Language = "th"
) -> Mapping[str, Path]:
    """Write map, report, layers and document of a plan.

    What stood there before stays until every file is complete.

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
    texts = {
        "map.html": render_map(plan, phrases=phrases, styles=styles, language=language),
        "report.html": render_report(plan, phrases=phrases, language=language),
        "plan.json": write_document(plan),
    }
    layers = {"layers.gpkg": {name: plan.layers[name] for name in PRODUCTS}}
    return write_files(folder, FILES, texts=texts, layers=layers)
