"""The files of the dosage, written all or none."""

from typing import Final

from api.dosage.report import render_report
from api.dosage.result import DosageResult
from api.dosage.summary import summary_lines
from api.dosage.table import write_table
from api.output_files import Outputs

OUTPUTS: Final = Outputs[DosageResult](
    pages={"dosage.html": render_report},
    packages={},
    documents={"dosage.csv": write_table},
    lines=summary_lines,
    keys={"dosage.html": "dose_summary.report", "dosage.csv": "dose_summary.table"},
)
"""Report and table of the dosage."""
