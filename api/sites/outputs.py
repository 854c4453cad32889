"""The files of the sites, written all or none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from api.bilingual import Phrases
from api.output_files import write_files
from api.sites.document import write_document
from api.sites.report import render_report
from api.sites.result import LAYERS, SitesResult
from api.words import Language

FILES: Final = ("sites.html", "sites.gpkg", "sites.json")
"""Files of the sites, in the order a reader wants them."""


def write_outputs(
    result: SitesResult, folder: Path, *, phrases: Phrases, language: Language = "th"
) -> Mapping[str, Path]:
    """Write report, layers and document of the sites.

    What stood there before stays until every file is complete.

    Parameters
    ----------
    result
        Sites to write.
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
        "sites.html": render_report(result, phrases=phrases, language=language),
        "sites.json": write_document(result),
    }
    layers = {"sites.gpkg": {name: result.layers[name] for name in LAYERS}}
    return write_files(folder, FILES, texts=texts, layers=layers)
