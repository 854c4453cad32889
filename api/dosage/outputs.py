"""The files of the dosage, written all or none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from api.bilingual import Phrases
from api.dosage.report import render_report
from api.dosage.result import DosageResult
from api.dosage.table import write_table
from api.output_files import write_files
from api.words import Language

FILES: Final = ("dosage.html", "dosage.csv")
"""Files of the dosage, in the order a reader wants them."""


def write_outputs(
    result: DosageResult, folder: Path, *, phrases: Phrases, language: Language = "th"
) -> Mapping[str, Path]:
    """Write report and table of the dosage.

    What stood there before stays until every file is complete.

    Parameters
    ----------
    result
        Dosage to write.
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
        "dosage.html": render_report(result, phrases=phrases, language=language),
        "dosage.csv": write_table(result),
    }
    return write_files(folder, FILES, texts=texts, layers={})
