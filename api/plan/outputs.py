"""The files of a plan, written all or none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from api.bilingual import Phrases
from api.output_files import write_files
from api.plan.cards import render_cards
from api.plan.document import write_document
from api.plan.gpx import tours_found, write_tours
from api.plan.ics import write_calendar
from api.plan.map import render_map
from api.plan.report import render_report
from api.plan.result import PRODUCTS, PlanResult
from api.plan.shifts import write_shift_table
from api.styles import Styles
from api.words import Language, Words

FILES: Final = (
    *("map.html", "report.html", "cards.html", "shifts.csv", "shifts.ics"),
    *("layers.gpkg", "plan.json"),
)
"""Files of every plan, in the order a reader wants them; a GPX file for each tour joins them."""


def write_outputs(
    plan: PlanResult, folder: Path, *, words: Words, styles: Styles, language: Language = "th"
) -> Mapping[str, Path]:
    """Write map, report, beat cards, shifts, tours, layers and document of a plan.

    What stood there before stays until every file is complete. Tours that an earlier plan left
    there go with it: a unit that is not on duty tonight has none.

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
        Path of each file, by its name: those of `FILES`, then the tours.

    Raises
    ------
    SourceError
        The folder cannot be written.
    """
    phrases = Phrases(words, plan.timezone)
    tours = write_tours(plan, phrases=phrases)
    texts = {
        **tours,
        "map.html": render_map(plan, phrases=phrases, styles=styles, language=language),
        "report.html": render_report(plan, phrases=phrases, language=language),
        "cards.html": render_cards(plan, phrases=phrases, language=language),
        "shifts.csv": write_shift_table(plan),
        "shifts.ics": write_calendar(plan, phrases=phrases),
        "plan.json": write_document(plan),
    }
    layers = {"layers.gpkg": {name: plan.layers[name] for name in PRODUCTS}}
    outdated = [name for name in tours_found(folder) if name not in tours]
    return write_files(folder, (*FILES, *tours), texts=texts, layers=layers, outdated=outdated)
