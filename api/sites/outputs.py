"""The files of the sites, written all or none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from api.bilingual import Phrases
from api.files import replacing_together
from api.sites.document import write_document
from api.sites.report import render_report
from api.sites.result import LAYERS, SitesResult
from api.words import Language
from geo.formats import write_layers

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
    pages = {
        "sites.html": render_report(result, phrases=phrases, language=language),
        "sites.json": write_document(result),
    }
    with replacing_together(folder, FILES) as beside:
        for name, text in pages.items():
            (beside / name).write_text(text, encoding="utf-8", newline="\n")
        write_layers(beside / "sites.gpkg", {name: result.layers[name] for name in LAYERS})
    return {name: folder / name for name in FILES}
