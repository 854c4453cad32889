"""The files of the hotspots, written all or none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from api.bilingual import Phrases
from api.hotspots.document import write_document
from api.hotspots.report import render_report
from api.hotspots.result import LAYERS, HotspotsResult
from api.output_files import write_files
from api.words import Language

FILES: Final = ("hotspots.html", "hotspots.gpkg", "hotspots.json")
"""Files of the hotspots, in the order a reader wants them."""


def write_outputs(
    result: HotspotsResult, folder: Path, *, phrases: Phrases, language: Language = "th"
) -> Mapping[str, Path]:
    """Write report, layers and document of the hotspots.

    What stood there before stays until every file is complete.

    Parameters
    ----------
    result
        Hotspots to write.
    folder
        Folder to write into; made where it is missing. Other files in it are left alone.
    phrases
        Words to speak with.
    language
        Language the report opens in.

    Returns
    -------
    Mapping
        Path of each file, by its name in `FILES`.

    Raises
    ------
    SourceError
        The folder cannot be written.
    """
    texts = {
        "hotspots.html": render_report(result, phrases=phrases, language=language),
        "hotspots.json": write_document(result),
    }
    layers = {"hotspots.gpkg": {name: result.layers[name] for name in LAYERS}}
    return write_files(folder, FILES, texts=texts, layers=layers)
